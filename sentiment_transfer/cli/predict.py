"""``sentiment-transfer predict``."""

import sys
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import chain, islice
from typing import Annotated, Any, TextIO

import typer

from sentiment_transfer.cli.inputs import open_classifier, texts_of
from sentiment_transfer.cli.messages import Skips, printable, say
from sentiment_transfer.cli.options import ModelFile, Output, SkipBad, TextColumn
from sentiment_transfer.cli.output import (
    check_writable,
    format_for,
    open_output,
    table,
    write_csv,
    write_json_array,
    write_json_lines,
)
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model import SentimentClassifier

__all__ = ["predict"]

BATCH_TEXTS = 4096
LONGEST_SHOWN = 100

Row = dict[str, Any]


class Format(StrEnum):
    """Output formats."""

    table = "table"
    json = "json"
    csv = "csv"
    jsonl = "jsonl"


def predict(
    model: ModelFile,
    texts: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TEXTS",
            help="Texts to label: files, folders or URLs, or - for standard input, one text per "
            "line.",
            show_default=False,
        ),
    ] = None,
    string: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="A text to label, instead of TEXTS. Can be repeated."),
    ] = None,
    format: Annotated[  # noqa: A002  (the option's name)
        Format | None,
        typer.Option(
            metavar="FORMAT",
            help="table, json, csv or jsonl; the default is the suffix of -o, else table. The "
            "table truncates long texts. json and jsonl have the probability of every label.",
        ),
    ] = None,
    abstain_below: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, metavar="P", help="Abstain if no label reaches this probability."
        ),
    ] = None,
    unsure: Annotated[
        str, typer.Option(metavar="NAME", help="Label of texts on which the model abstains.")
    ] = "unsure",
    output: Output = None,
    text: TextColumn = "text",
    skip_bad: SkipBad = False,
) -> None:
    """Predict the labels of texts.

    Prints label, probability, coverage and text. Coverage is the share of a text's words that the
    model knows. At coverage 0 the probabilities are the shares of the labels in training, and with
    --abstain-below the model abstains. evaluate shows how accurate the remaining answers are.
    """
    if texts and string:
        raise SettingError("TEXTS and --string cannot be combined; give one of them")
    if not texts and not string:
        raise SettingError("no texts given; give TEXTS, - for standard input, or --string")
    form = format_for(format, output, Format)
    check_writable(output)
    classifier = open_classifier(model)
    if abstain_below is not None and unsure in classifier.classes_.tolist():
        raise SettingError(f"--unsure {unsure} is not allowed; it is a label of this model")
    with Skips() as on_skip, open_output(output) as file:
        if string:
            batches: Iterable[list[str]] = [string]
        else:
            stream = texts_of(texts or [], text=text, skip_bad=skip_bad, on_skip=on_skip)
            batches = stream.batches(1 if texts == ["-"] and sys.stdin.isatty() else BATCH_TEXTS)
        answers = AnswerRows(classifier, batches, abstain_below, unsure)
        rows = _begun(answers)  # what fails at once fails before a header is written
        WRITERS[form](rows, answers.names, file)
    _report_unanswered(answers, abstain_below)


def _begun(rows: Iterable[Row]) -> Iterator[Row]:
    """Return the same rows after computing the first of them."""
    rest = iter(rows)
    return chain(list(islice(rest, 1)), rest)


class AnswerRows:
    """Rows of label, probability, coverage, text and all probabilities, batch by batch."""

    def __init__(
        self,
        classifier: SentimentClassifier,
        batches: Iterable[list[str]],
        abstain_below: float | None = None,
        unsure: str = "unsure",
    ) -> None:
        self._classifier = classifier
        self._batches = batches
        self._abstain_below = abstain_below
        self._unsure = unsure
        self.labels = [str(label) for label in classifier.classes_]
        self.names = self.labels if abstain_below is None else [*self.labels, unsure]
        self.n = self.n_unknown = self.n_unsure = 0

    def __iter__(self) -> Iterator[Row]:
        for batch in self._batches:
            answers = self._classifier.answer(batch)
            probabilities, coverage = (column.tolist() for column in answers)
            self.n += len(batch)
            self.n_unknown += coverage.count(0)
            for row in zip(batch, probabilities, coverage, strict=True):
                yield self._row(*row)

    def _row(self, text: str, probabilities: list[float], coverage: float) -> Row:
        best = max(probabilities)
        label = self.labels[probabilities.index(best)]
        if self._abstain_below is not None and (best < self._abstain_below or coverage == 0):
            label = self._unsure
            self.n_unsure += 1
        return {
            "label": label,
            "probability": round(best, 6),
            "coverage": round(coverage, 6),
            "text": text,
            "probabilities": {
                label: round(probability, 6)
                for label, probability in zip(self.labels, probabilities, strict=True)
            },
        }


def _report_unanswered(answers: AnswerRows, abstain_below: float | None) -> None:
    if abstain_below is not None:
        say(
            f"answered: {answers.n - answers.n_unsure:,} of {answers.n:,}; abstained because no "
            f"label reaches {abstain_below:g}: {answers.n_unsure - answers.n_unknown:,}; abstained "
            f"because no word is known: {answers.n_unknown:,}"
        )
    elif answers.n_unknown:
        say(
            f"texts without a known word (coverage 0): {answers.n_unknown:,}; their probabilities "
            "are the shares of the labels in training"
        )


def _write_table(rows: Iterable[Row], names: list[str], file: TextIO) -> None:
    """Write each row at once; the widths of all columns but the last are known in advance."""
    header, *lines = table(["label", "|"], [[name, "|"] for name in names], align="ll").splitlines()
    labels = {name: line[:-1] for name, line in zip(names, lines, strict=True)}
    file.write(f"{header[:-1]}probability  coverage  text\n")
    for row in rows:
        text = row["text"]
        shown = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
        file.write(
            f"{labels[row['label']]}{row['probability']:11.3f}  "
            f"{row['coverage']:8.2f}  {printable(shown)}\n"
        )


COLUMNS = ["label", "probability", "coverage", "text"]

WRITERS: dict[Format, Callable[[Iterable[Row], list[str], TextIO], None]] = {
    Format.table: _write_table,
    Format.json: lambda rows, _, file: write_json_array(rows, file),
    Format.csv: lambda rows, _, file: write_csv(rows, file, COLUMNS),
    Format.jsonl: lambda rows, _, file: write_json_lines(rows, file),
}
