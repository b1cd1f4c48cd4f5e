"""``sentiment-transfer predict``."""

import sys
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import partial
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

BATCH_TEXTS = 1024
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
    output: Output = None,
    text: TextColumn = "text",
    skip_bad: SkipBad = False,
) -> None:
    """Print label, probability, coverage and text.

    Coverage is the share of a text's words that the model knows. At 0 the answer is only the
    share of each label in training.
    """
    if bool(texts) == bool(string):
        raise SettingError("give texts to predict: TEXTS, - for standard input, or --string")
    form = format_for(format, output, Format)
    check_place(output)
    classifier = open_classifier(model)
    with Skips() as on_skip, opened(output) as file:
        if string:
            batches: Iterable[list[str]] = [string]
        else:
            stream = texts_of(texts or [], text=text, skip_bad=skip_bad, on_skip=on_skip)
            batches = stream.batches(1 if texts == ["-"] and sys.stdin.isatty() else BATCH_TEXTS)
        answers = Answers(classifier, batches)
        WRITERS[form](answers, file)
    if answers.n_unknown:
        say(
            f"texts without any word that the model knows (coverage 0): {answers.n_unknown:,}; "
            "their answer is the share of each label in training"
        )


class Answers:
    """Rows of label, probability, coverage, text and all probabilities, batch by batch."""

    def __init__(self, classifier: SentimentClassifier, batches: Iterable[list[str]]) -> None:
        self._classifier = classifier
        self._batches = batches
        self.labels = [str(label) for label in classifier.classes_]
        self.n_unknown = 0

    def __iter__(self) -> Iterator[Row]:
        for batch in self._batches:
            probabilities = self._classifier.predict_proba(batch).tolist()
            coverage = self._classifier.coverage(batch).tolist()
            self.n_unknown += coverage.count(0)
            for row in zip(batch, probabilities, coverage, strict=True):
                yield self._row(*row)

    def _row(self, text: str, probabilities: list[float], coverage: float) -> Row:
        best = max(probabilities)
        return {
            "label": self.labels[probabilities.index(best)],
            "probability": round(best, 6),
            "coverage": round(coverage, 6),
            "text": text,
            "probabilities": {
                label: round(probability, 6)
                for label, probability in zip(self.labels, probabilities, strict=True)
            },
        }


def _write_table(answers: Answers, file: TextIO) -> None:
    width = max(len(label) for label in ["label", *map(printable, answers.labels)])
    file.write(f"{'label':<{width}}  probability  coverage  text\n")
    for row in answers:
        text = row["text"]
        shown = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
        file.write(
            f"{printable(row['label']):<{width}}  {row['probability']:11.3f}  "
            f"{row['coverage']:8.2f}  {printable(shown)}\n"
        )


WRITERS: dict[Format, Callable[[Answers, TextIO], None]] = {
    Format.table: _write_table,
    Format.json: write_json_array,
    Format.csv: partial(write_csv, columns=["label", "probability", "coverage", "text"]),
    Format.jsonl: write_json_lines,
}
