"""``sentiment-transfer advise report``."""

from pathlib import Path
from typing import Annotated

from sentiment_transfer.advice.report import QUESTIONS, ReportData, report_page
from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.output import check_writable, open_output
from sentiment_transfer.cli.wording import in_options
from sentiment_transfer.corpus.sources import FileOptions
from sentiment_transfer.languages import available_languages
from sentiment_transfer.languages.detection import LANGUAGE_NAMES
from sentiment_transfer.model.coverage import guessed_language

__all__ = ["report"]


def report(
    data: Annotated[
        str,
        options.argument(
            "DATA",
            "Texts, of which some may have a label: a file, folder or URL. Rows without a label "
            "are unlabelled texts.",
        ),
    ],
    output: Annotated[
        Path,
        options.value("FILE", "HTML file to write.", "--output", "-o", callback=check_writable),
    ],
    unlabelled: Annotated[
        list[str] | None,
        options.value("TEXTS", "More texts without a label. Can be repeated.", "--unlabelled"),
    ] = None,
    text: options.TextColumn = None,
    label: options.LabelColumn = None,
    map_labels: options.MapLabels = None,
    language: Annotated[
        str | None,
        options.language(f"Language of the texts: {options.LANGUAGES}; by default it is guessed"),
    ] = None,
    seed: options.Seed = 0,
    sep: options.Sep = None,
    encoding: options.Encoding = None,
    sheet: options.Sheet = None,
    input_format: options.InputFormat = None,
    skip_bad: options.SkipBad = False,
    quiet: options.Quiet = False,
) -> None:
    """Write all advice that the data allow as one page.

    The page is HTML that needs no network: whether the text is enough and clean, which vectors to
    take, how good the model is, whether more text or labels would help, which labels are wrong,
    which part fails, how big the head must be and what to label next. At most 500 labels are looked
    at. Takes some minutes.
    """
    files = FileOptions(sep=sep, encoding=encoding, sheet=sheet, format=input_format)
    with Reader(text, label, map_labels, skip_bad=skip_bad, files=files) as read:
        found = _read(read, data, unlabelled or [], language, seed)

    def asked(question: str) -> None:
        if not quiet:
            say(f"{[*QUESTIONS].index(question) + 1} of {len(QUESTIONS)}: {question}")

    page = report_page(found, asked, in_options)
    with open_output(output) as file:
        file.write(page)
    say(f"{output}: open it in a browser")


def _read(
    read: Reader, argument: str, others: list[str], language: str | None, seed: int
) -> ReportData:
    """Read texts and labels, or texts alone where there are no labels, which is said."""
    more = list(read.texts(others)) if others else []
    name = Path(argument).name or argument
    rows = read.labelled_or_texts(argument, with_places=True)
    places = [place.removeprefix(f"{argument}, ") for place in rows.places]
    unlabelled = [*rows.unlabelled, *more]
    if language is None:
        language = guessed_language([*rows.texts, *unlabelled], available_languages())
        called = LANGUAGE_NAMES.get(language, language)
        say(f"the texts are taken to be in {called}; --language names another")
    return ReportData(name, unlabelled, rows.texts, rows.labels, places, language, seed)
