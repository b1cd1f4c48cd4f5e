"""``sentiment-transfer report``."""

import warnings
from pathlib import Path
from typing import Annotated, NamedTuple

from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader, shown_name
from sentiment_transfer.cli.messages import printable, say
from sentiment_transfer.cli.models import open_classifier
from sentiment_transfer.cli.output import Writers, write_json, writer_for
from sentiment_transfer.corpus.formats import MODELS
from sentiment_transfer.corpus.records import Header
from sentiment_transfer.corpus.sources import FileOptions, suffixes
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.languages.detection import LANGUAGE_NAMES
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.coverage import UnknownWordsWarning, guessed_language
from sentiment_transfer.model.evidence import MIN_TO_ADAPT
from sentiment_transfer.overview import Overview, describe_opinions, overview_page
from sentiment_transfer.overview.grouping import as_value
from sentiment_transfer.overview.summary import summary_of
from sentiment_transfer.pretraining.bank import bank_names, general_name

__all__ = ["report"]

BATCH_TEXTS = 4_096

WRITERS: Writers = {
    "table": lambda made, file: file.write(f"{printable_lines(summary_of(made.overview))}\n"),
    "html": lambda made, file: file.write(overview_page(made.overview, made.title, made.about)),
    "json": lambda made, file: write_json(made.overview.as_dict(), file),
}


class Report(NamedTuple):
    """An overview, its title, and what is to be said of how it was made."""

    overview: Overview
    title: str
    about: list[str]


def report(
    data: Annotated[list[str], options.texts("Texts to describe", "DATA")],
    output: options.Output = None,
    form: Annotated[
        str | None,
        options.form(WRITERS, " The table is a summary of some lines."),
    ] = None,
    model: Annotated[
        Path | None,
        options.value(
            "MODEL",
            "A model, used as it is. By default the general one of the language, adapted to the "
            "texts if these are 100 or more.",
        ),
    ] = None,
    by: Annotated[
        str | None,
        options.value(
            "COLUMN",
            "Column to group by: dates, or values that texts share; none for no groups. By default "
            "the first column of dates, if there is one.",
        ),
    ] = None,
    text: options.TextColumn = None,
    language: Annotated[
        str | None,
        options.value(
            "CODE",
            "Language of the texts, one with a shipped model (see bank list); by default it is "
            "guessed.",
        ),
    ] = None,
    sentence_encoder: options.SentenceEncoder = None,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
    quiet: options.Quiet = False,
) -> None:
    """Describe what texts say, as a page to keep.

    With -o FILE.html, the page has the share of positive texts with its 95 % interval, over time or
    by a column, the words and phrases that speak for either side with examples, and the surest and
    the most doubtful texts. It is one file that needs no network. Labels among the data are not
    used, but --by may name their column; to use them, fit a model to them and give it as --model.
    """
    write = writer_for(form, output, WRITERS)
    _check_no_model(data)
    if model is not None and language is not None:
        raise SettingError("--language is for the default model; leave it out with --model")
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    given = None if model is None else open_classifier(model, sentence_encoder)
    with Reader(text, skip_bad=skip_bad, files=files, model=given) as read:
        texts, columns = _read(read, data)
    classifier, about = (
        (given, f"The model is {model}, as it is.") if given else _default(texts, language, quiet)
    )

    def part(name: str) -> None:
        if not quiet:
            say(f"{PARTS.index(name) + 1} of {len(PARTS)}: {name}")

    overview = describe_opinions(classifier, texts, columns, by, on_part=part)
    for note in overview.notes:
        say(f"warning: {note}")
    names = ", ".join(use.name for use in overview.columns)
    if overview.groups is None and by is None and names:
        say(f"the texts are not grouped; --by COLUMN groups them by one of: {names}")
    name = ", ".join(Path(shown_name(argument)).name or argument for argument in data)
    write(Report(overview, f"Opinions in {name}", [about]))
    if output is not None and str(output) != "-":
        say(f"{output}: {summary_of(overview).splitlines()[0]}")
        if output.suffix.lower() == ".html":
            say(f"{output}: open it in a browser")


def _check_no_model(data: list[str]) -> None:
    """Raise a ``SettingError`` if a model is among the texts, as other commands have it there."""
    for argument in data:
        shipped = argument in bank_names() and not Path(argument).exists()
        if shipped or suffixes(argument)[0] in MODELS:
            raise SettingError(f"{argument} is a model, not texts; give it as --model {argument}")


PARTS = ("texts", "groups", "phrases", "texts to read")


def _read(read: Reader, data: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Read texts and the other columns of their rows; equal values are one object."""
    records = read.records(data)
    header = Header(records.headers().values())
    texts: list[str] = []
    columns: dict[str, list[str]] = {name: [] for name in header.different_names}
    known: dict[str, str] = {}
    for batch in records.batches(BATCH_TEXTS):
        for text, record in batch:
            texts.append(text)
            for name, value in zip(columns, header.values(record), strict=True):
                plain = "" if value is text else as_value(value)
                columns[name].append(known.setdefault(plain, plain))
    columns.pop(read.columns.get("text", "text"), None)
    return texts, columns


def _default(
    texts: list[str], language: str | None, quiet: bool
) -> tuple[SentimentClassifier, str]:
    """Return the general model of the language, adapted to enough texts, and a sentence on it."""
    if language is None:
        language = guessed_language(texts)
        if not quiet:
            named = LANGUAGE_NAMES[language]
            say(f"the texts are taken to be in {named}; --language names another")
    name = general_name(language)
    if name not in bank_names():
        raise SettingError(
            f"language={language!r} has no shipped model; fit one and give it as --model"
        )
    model = open_classifier(Path(name))
    said = [text for text in texts if text.strip()]
    if len(said) < MIN_TO_ADAPT:
        return (
            model,
            f"The model is {name}, not adapted: there are fewer than {MIN_TO_ADAPT} texts.",
        )
    with warnings.catch_warnings():  # what is unknown is said of the texts that it judges
        warnings.simplefilter("ignore", UnknownWordsWarning)
        try:
            return model.adapt(said), f"The model is {name}, adapted to these texts without labels."
        except InputError:  # no known word
            return model, f"The model is {name}, not adapted."


def printable_lines(lines: str) -> str:
    """Escape what could drive a terminal, but for the ends of lines."""
    return "\n".join(map(printable, lines.split("\n")))
