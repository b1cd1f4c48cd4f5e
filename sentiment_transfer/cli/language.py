"""``sentiment-transfer language``: check a language file, show what one holds, and list them."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TextIO

from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.output import Writers, table, write_json, writer_for
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.errors import InputError, SettingError, shown
from sentiment_transfer.languages import Language, available_languages, load_language
from sentiment_transfer.languages.files import language_file
from sentiment_transfer.pretraining.bank import bank_names
from sentiment_transfer.text.language_check import Finding, check_language

__all__ = ["check", "show"]

EXTRAS = {"jieba": "zh", "fugashi": "ja"}
"""The extra that installs a segmenter."""
SHOWN = 8
"""Words of a list that are shown."""


def _write_findings(found: list[Finding], file: TextIO) -> None:
    rows = [
        ["error" if one.is_error else "note", one.code, one.place, f"{one.message}; {one.remedy}"]
        for one in found
    ]
    if rows:
        file.write(table(["", "check", "place", "finding"], rows, align="llll"))


def _write_parts(parts: dict[str, Any], file: TextIO) -> None:
    file.write(table([], [[name, _shown(value)] for name, value in parts.items()], align="ll"))


def _shown(value: object) -> str:
    """Return how many words a list has, and the first ones; of another value its text."""
    if not isinstance(value, list | dict):
        return "none" if value is None else str(value)
    words = [" < ".join(one) if isinstance(one, list) else str(one) for one in value]
    if isinstance(value, dict):
        words = [word if value[word] == word else f"{word}: {value[word]}" for word in value]
    more = f", … ({len(words)})" if len(words) > SHOWN else ""
    return ", ".join(words[:SHOWN]) + more if words else "none"


FINDINGS: Writers = {
    "table": _write_findings,
    "json": lambda found, file: write_json([asdict(one) for one in found], file),
}
PARTS: Writers = {"table": _write_parts, "json": write_json}


def _write_list(languages: list[dict[str, Any]], file: TextIO) -> None:
    rows = [[_cell(value) for value in one.values()] for one in languages]
    file.write(table([*languages[0]], rows, align="llrlrrrrrl"))


def _cell(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value)


LISTS: Writers = {"table": _write_list, "json": write_json}


def check(
    file: Annotated[
        str, options.argument("FILE", "A language file (.json), or the code of a shipped language.")
    ],
    texts: Annotated[
        list[str] | None,
        options.texts("Texts, to find seed words and negators that none of them holds"),
    ] = None,
    form: Annotated[str | None, options.form(FINDINGS)] = None,
    output: options.Output = None,
    text: options.TextColumn = None,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
) -> None:
    """Check a language file.

    Finds breaks of its form, words that the tokenizer splits, changes or reads in another role,
    stop words and negators among the seed words, words on both sides, and names of labels that
    clash; with TEXTS, also seed words and negators that are in none of them. Each finding has its
    place and a remedy. Errors make the exit code 3; notes do not.
    """
    write = writer_for(form, output, FINDINGS)
    try:
        content = _content(file, "FILE")
    except SettingError as error:
        raise InputError(str(error)) from error
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    with Reader(text, skip_bad=skip_bad, files=files) as read:
        found = check_language(content, read.texts(texts) if texts else None)
    write(found)
    n_errors = sum(one.is_error for one in found)
    if n_errors:
        errors = options.errors_in_words(n_errors)
        raise InputError(f"{file}: {errors}; correct the file and check it again")
    notes = f", {len(found)} to look at" if found else ""
    say(f"{file}: no errors{notes}")


def show(
    language: Annotated[
        str | None,
        options.argument(
            "LANGUAGE",
            f"{options.LANGUAGES}. Without one, the languages of the package are listed.",
        ),
    ] = None,
    form: Annotated[str | None, options.form(PARTS)] = None,
    output: options.Output = None,
) -> None:
    """Show what the file of a language holds, or list the languages.

    The list has the segmenter that a language needs, how many stop words, negators and seed words
    it has, and the models that ship. The table of one language has the first words of each list and
    their number; with --format json it is the whole content, which is a language file itself: a
    start for one's own.
    """
    if language is None:
        writer_for(form, output, LISTS)([_summary(load_language(c)) for c in available_languages()])
        return
    write = writer_for(form, output, PARTS)
    content = _content(language, "LANGUAGE")
    if form == "json" or (form is None and output is not None and output.suffix == ".json"):
        write(content)
    else:
        write(_parts(content))


def _content(given: str, argument: str) -> dict[str, Any]:
    """Return the content of the file that an argument names, unchecked."""
    if given not in available_languages() and not Path(given).exists():
        raise SettingError(
            f"{argument} {shown(given)} is not there; give the path of a language file (.json), or "
            f"one of: {', '.join(available_languages())}"
        )
    return language_file(given)


def _summary(language: Language) -> dict[str, Any]:
    """Return what a list of languages shows of one."""
    needs = None
    if language.segmenter is not None:
        needs = f"{language.segmenter} (sentiment-transfer[{EXTRAS[language.segmenter]}])"
    return {
        "code": language.code,
        "name": language.name,
        "version": language.version,
        "segmenter": needs,
        "stop words": len(language.stop_words),
        "negators": len(language.negators) + len(language.negator_affixes),
        "positive seeds": len(language.positive_seeds),
        "negative seeds": len(language.negative_seeds),
        "patterns": len(language.grammar.patterns),
        "shipped models": [*bank_names(language.code)],
    }


def _parts(content: dict[str, Any]) -> dict[str, Any]:
    """Return the lists of a file by short names; what is not there is left out."""
    parts: dict[str, Any] = {}
    for name, value in content.items():
        if name == "grammar" and isinstance(value, dict):
            parts["grammar"] = f"{len(value.get('patterns', ()))} patterns"
        elif name in ("scope", "seeds", "label_names", "sources") and isinstance(value, dict):
            parts |= {f"{name}.{part}": inner for part, inner in value.items()}
        else:
            parts[name] = value
    return parts
