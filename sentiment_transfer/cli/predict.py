"""``sentiment-transfer predict``."""

import sys
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import chain, islice
from typing import Annotated, Any, TextIO

import typer

from sentiment_transfer.cli.messages import Skips, printable, say
from sentiment_transfer.cli.options import ModelFile, Output, SkipBad, TextColumn
from sentiment_transfer.cli.reading import open_classifier, texts_of
from sentiment_transfer.cli.writing import (
    check_place,
    format_for,
    opened,
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
    """Forms of the answer."""

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
            help="Files, folders or URLs of texts, or - for standard input, a text a line.",
            show_default=False,
        ),
    ] = None,
    string: Annotated[
        list[str] | None,
        typer.Option(metavar="TEXT", help="A text itself, in place of TEXTS. May be repeated."),
    ] = None,
    format: Annotated[  # noqa: A002  (the option's name)
        Format | None,
        typer.Option(
            help="Form of the answer; by the ending of -o FILE, or else table. "
            "The table cuts long texts; JSON has the probability of every label."
        ),
    ] = None,
    abstain_below: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, metavar="P", help="Answer --unsure where no label is so probable."
        ),
    ] = None,
    unsure: Annotated[str, typer.Option(metavar="NAME", help="What is answered there.")] = "unsure",
    output: Output = None,
    text: TextColumn = "text",
    skip_bad: SkipBad = False,
) -> None:
    """Print label, probability, coverage and text.

    Coverage is the share of a text's words that the model knows. At 0 the answer is only the
    share of each label in training, and with --abstain-below it is none. What abstaining gains,
    evaluate tells.
    """
    if texts and string:
        raise SettingError("TEXTS and --string cannot stand together; give one of them")
    if not texts and not string:
        raise SettingError("give texts to predict: TEXTS, - for standard input, or --string")
    form = format_for(format, output, Format)
    check_place(output)
    classifier = open_classifier(model)
    if abstain_below is not None and unsure in classifier.classes_.tolist():
        raise SettingError(f"--unsure {unsure} is a label of this model; choose another name")
    with Skips() as on_skip, opened(output) as file:
        if string:
            batches: Iterable[list[str]] = [string]
        else:
            stream = texts_of(texts or [], text=text, skip_bad=skip_bad, on_skip=on_skip)
            batches = stream.batches(1 if texts == ["-"] and sys.stdin.isatty() else BATCH_TEXTS)
        answers = AnswerRows(classifier, batches, abstain_below, unsure)
        rows = _begun(answers)  # what fails at once fails before a header is written
        WRITERS[form](rows, answers.names, file)
    _say_what_is_no_answer(answers, abstain_below)


def _begun(rows: Iterable[Row]) -> Iterator[Row]:
    """The same rows, the first of them made already."""
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
            answers = self._classifier.predict_proba_with_coverage(batch)
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


def _say_what_is_no_answer(answers: AnswerRows, abstain_below: float | None) -> None:
    if abstain_below is not None:
        say(
            f"answered: {answers.n - answers.n_unsure:,} of {answers.n:,}; unsure, no label "
            f"reaches {abstain_below:g}: {answers.n_unsure - answers.n_unknown:,}; unsure, no word "
            f"is known: {answers.n_unknown:,}"
        )
    elif answers.n_unknown:
        say(
            f"texts without any word that the model knows (coverage 0): {answers.n_unknown:,}; "
            "their answer is the share of each label in training"
        )


def _write_table(rows: Iterable[Row], names: list[str], file: TextIO) -> None:
    width = max(len(label) for label in ["label", *map(printable, names)])
    file.write(f"{'label':<{width}}  probability  coverage  text\n")
    for row in rows:
        text = row["text"]
        shown = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
        file.write(
            f"{printable(row['label']):<{width}}  {row['probability']:11.3f}  "
            f"{row['coverage']:8.2f}  {printable(shown)}\n"
        )


COLUMNS = ["label", "probability", "coverage", "text"]

WRITERS: dict[Format, Callable[[Iterable[Row], list[str], TextIO], None]] = {
    Format.table: _write_table,
    Format.json: lambda rows, _, file: write_json_array(rows, file),
    Format.csv: lambda rows, _, file: write_csv(rows, file, COLUMNS),
    Format.jsonl: lambda rows, _, file: write_json_lines(rows, file),
}
