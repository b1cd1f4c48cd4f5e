"""Options that several commands share: one meaning, one default, one help text."""

from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.output import check_model, check_picture, check_writable, model_path_of
from sentiment_transfer.cli.sentence_encoders import NAMES
from sentiment_transfer.errors import SettingError
from sentiment_transfer.languages import available_languages


def argument(metavar: str, use: str) -> Any:  # noqa: ANN401  (as in typer)
    """Return an argument with this name and help."""
    return typer.Argument(metavar=metavar, help=use, show_default=False)


def value(metavar: str, use: str, *declared: str, **settings: Any) -> Any:  # noqa: ANN401
    """Return an option with a value, for which the help shows this name."""
    return typer.Option(*declared, metavar=metavar, help=use, **settings)


def number(use: str, *declared: str, least: int = 1) -> Any:  # noqa: ANN401
    """Return an option that takes an integer of at least ``least``."""
    return value("N", use, *declared, min=least)


def texts(use: str, metavar: str = "TEXTS") -> Any:  # noqa: ANN401
    """Return an argument of TEXTS, perhaps by another name."""
    places = (
        "files, folders or URLs, or - for standard input, one text per line without "
        "--input-format. An empty or missing text of a table (an empty field, null) is an empty "
        "text; NA is a word. Of a folder, each .txt file is one text. A name such as "
        "catalogue:nsmc is a public corpus; see advise catalogue."
    )
    return argument(metavar, f"{use}: {places}")


def picture(use: str) -> Any:  # noqa: ANN401
    """Return an option that names a picture to write."""
    return value("FILE", f"{use}. FILE ends in .svg, .png or .pdf.", callback=check_picture)


def split(listed: str) -> list[str]:
    """Return the parts of a value that are separated by commas."""
    return [part.strip() for part in listed.split(",")]


def choice(names: Collection[str], metavar: str, use: str, *declared: str) -> Any:  # noqa: ANN401
    """Return an option that takes one of these names."""

    def check(name: str | None) -> str | None:
        if name is not None and name not in names:
            raise typer.BadParameter(f"{name!r} is not one of {', '.join(map(repr, names))}.")
        return name

    return value(metavar, use, *declared, callback=check)


def form(names: Collection[str], more: str = "") -> Any:  # noqa: ANN401
    """Return the option ``--format``."""
    *first, last = names
    default = "the default is the suffix of -o, else table."
    use = f"{', '.join(first)} or {last}; {default}{more}"
    return choice(names, "FORMAT", use, "--format")


LANGUAGES = f"{', '.join(available_languages())}, or the path of a language file (.json)"
SEE_LANGUAGES = "see language show, and language check for a file"


def errors_in_words(n_errors: int) -> str:
    """Return the number of errors as messages have it: ``1 error``."""
    return "1 error" if n_errors == 1 else f"{n_errors} errors"


def check_language_option(language: str | None) -> str | None:
    """Warn of a language file that can be read and has errors, by the number of them.

    Also of a code that ships, where a file of this name lies in the folder.
    """
    own = f"{language}.json"
    if language in available_languages() and Path(own).is_file():
        say(f"note: {language} is the language that ships; for the file here, give {own}")
    if language is None or not language.lower().endswith(".json"):
        return language
    from sentiment_transfer.languages.files import language_file
    from sentiment_transfer.languages.schema import LanguageFile
    from sentiment_transfer.text.language_check import check_language

    with suppress(SettingError):  # which the command raises
        content = language_file(language)
        LanguageFile.from_dict(content)
        n_errors = sum(finding.is_error for finding in check_language(content))
        if n_errors:
            say(
                f"warning: {language} has {errors_in_words(n_errors)}, so some of its words "
                f"do nothing; `sentiment-transfer language check {language}` lists them"
            )
    return language


def language(use: str, *declared: str) -> Any:  # noqa: ANN401
    """Return an option that takes a language; a file of one is checked."""
    return value("LANGUAGE", f"{use}; {SEE_LANGUAGES}.", *declared, callback=check_language_option)


COLUMN = "by default that which the model was trained on, {}, or one of a usual name."
TextColumn = Annotated[
    str | None,
    value("COLUMN", f"Column of the texts, in tables; {COLUMN.format('text')}", "--text"),
]
LabelColumn = Annotated[
    str | None,
    value("COLUMN", f"Column of the labels, in tables; {COLUMN.format('label')}", "--label"),
]
Sep = Annotated[
    str | None,
    value("MARK", "Separator in CSV files, such as ';', or tab. By default it is recognised."),
]
Encoding = Annotated[
    str | None,
    value(
        "NAME",
        "Encoding of files of text, such as cp1252 or gb18030. By default UTF-8; UTF-16, cp1252 "
        "and GB18030 are recognised, which a message says.",
    ),
]
Sheet = Annotated[
    str | None, value("NAME", "Sheet of an Excel workbook, by default the first one.")
]
InputFormat = Annotated[
    str | None,
    choice(
        ["csv", "tsv", "xlsx", "json", "jsonl", "parquet", "txt", "ft"],
        "FORMAT",
        "Format of all inputs, in place of that of their suffix: csv, tsv, xlsx, json, jsonl, "
        "parquet, txt or ft. For standard input, it is txt by default, one text per line.",
    ),
]
MapLabels = Annotated[
    str | None,
    value(
        "MAP",
        "Rename labels: 1,2=negative,4,5=positive makes 1 and 2 negative, and 4 and 5 positive. "
        "Other labels are kept.",
    ),
]
Language = Annotated[
    str | None,
    language(f"Language of the texts: {LANGUAGES}; by default that of --vectors, else en"),
]
Host = Annotated[
    str, value("HOST", "Host to listen on. Other than this machine needs --token-file.")
]
Port = Annotated[int, value("N", "Port to listen on, 0 for a free one.", min=0, max=65535)]
AllowHost = Annotated[
    list[str] | None,
    value("NAME", "A name by which clients may call this machine. Can be repeated."),
]
TextLanguage = Annotated[str, language(f"Language of the texts: {LANGUAGES}", "--language")]
Vectors = Annotated[
    Path | None,
    value(
        "FILE",
        "Word vectors: a file written by pretrain, a model, or the name of a shipped model "
        "such as reviews-en. With auto, the one that suits the texts is chosen; see bank judge.",
    ),
]
Unlabelled = Annotated[
    list[str] | None,
    value(
        "TEXTS",
        "Texts to pretrain on: a file, folder, URL or quoted glob pattern, or - for standard "
        "input. Can be repeated. With --vectors, only the encoder is fitted on these texts.",
    ),
]
ModelFile = Annotated[
    Path,
    argument(
        "MODEL",
        "A model file written by fit, a folder with one, the name of a shipped model such as "
        "reviews-en, or hf://owner/name for one on the Hugging Face Hub.",
    ),
]
Output = Annotated[
    Path | None,
    value(
        "FILE",
        "Write to this file, atomically; it may be none of the inputs. By default, or with -, "
        "write to standard output.",
        "--output",
        "-o",
        callback=check_writable,
    ),
]
ModelOutput = Annotated[
    Path,
    value(
        "FILE",
        "File to write.",
        *("--output", "-o"),
        parser=model_path_of,
        callback=check_model,
    ),
]
Cluster = Annotated[
    str | None,
    value(
        "ADDRESS",
        "Work on a Dask cluster: the address of its scheduler, such as tls://host:8786, or local:N "
        "for N processes of this machine. By default, with --checkpoint, that of the environment "
        "variable DASK_SCHEDULER_ADDRESS, if it is set.",
    ),
]
SentenceEncoder = Annotated[
    str | None,
    value(
        "NAME",
        f"Sentence encoder: {NAMES}. The first two are installed with the extras of their names, "
        "with their weights; FOLDER is that of a model on this machine.",
    ),
]
Seed = Annotated[int, number("Seed of all random numbers.", least=0)]
SkipBad = Annotated[
    bool, typer.Option("--skip-bad", help="Skip and report invalid rows instead of stopping.")
]
Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", help="Do not show progress on standard error.")
]
