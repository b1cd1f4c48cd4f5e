"""``sentiment-transfer predict``."""

import sys
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Annotated, Any, TextIO

import numpy as np

from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader, labels_of, open_classifier
from sentiment_transfer.cli.messages import printable, say
from sentiment_transfer.cli.output import (
    Writers,
    table,
    write_csv,
    write_json_array,
    write_json_lines,
    writer_for,
)
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.coverage import CoverageWatch
from sentiment_transfer.model.inputs import as_texts

__all__ = ["predict"]

BATCH_TEXTS = 4096
LONGEST_SHOWN = 100
COLUMNS = ["label", "probability", "coverage", "text"]

WRITERS: Writers = {
    "table": lambda answers, file: _write_table(answers, file),
    "json": lambda answers, file: write_json_array(answers.records(), file),
    "csv": lambda answers, file: write_csv(COLUMNS, (row[:4] for row in answers), file),
    "jsonl": lambda answers, file: write_json_lines(answers.records(), file),
}


def predict(
    model: options.ModelFile,
    texts: Annotated[list[str] | None, options.texts("Texts to label")] = None,
    string: Annotated[
        list[str] | None,
        options.value("TEXT", "A text to label, instead of TEXTS. Can be repeated."),
    ] = None,
    form: Annotated[
        str | None,
        options.form(
            WRITERS,
            " The table truncates long texts. json and jsonl have the probability of every label. "
            "csv has an apostrophe before a text that a spreadsheet would run as a formula "
            "(=1+1, @SUM(A1)), never before a label; reading such a file here takes it off.",
        ),
    ] = None,
    abstain_below: Annotated[
        float | None,
        options.value("P", "Abstain if no label reaches this probability.", min=0, max=1),
    ] = None,
    unsure: Annotated[
        str, options.value("NAME", "Label of texts on which the model abstains.")
    ] = "unsure",
    output: options.Output = None,
    text: options.TextColumn = None,
    skip_bad: options.SkipBad = False,
) -> None:
    """Predict the labels of texts.

    Prints label, probability, coverage and text. Coverage is the share of a text's words that the
    model knows. At coverage 0 the probabilities are the shares of the labels in training, and with
    --abstain-below the model abstains. evaluate shows how accurate the remaining answers are. A
    warning says if coverage is far below that of the texts that the model learnt from, as in
    another language.
    """
    if texts and string:
        raise SettingError("TEXTS and --string cannot be combined; give one of them")
    if not texts and not string:
        raise SettingError("no texts given; give TEXTS, - for standard input, or --string")
    write = writer_for(form, output, WRITERS)
    classifier = open_classifier(model)
    if abstain_below is not None and unsure in labels_of(classifier):
        raise SettingError(f"--unsure {unsure} is not allowed; it is a label of this model")
    with Reader(text, skip_bad=skip_bad, model=classifier) as read:
        if string:
            batches: Iterable[list[str]] = [string]
        else:
            typed = texts == ["-"] and sys.stdin.isatty()
            batches = read.texts(texts or []).batches(1 if typed else BATCH_TEXTS)
        answers = Answers(classifier, batches, abstain_below, unsure)
        write(answers)
    _report_unanswered(answers, abstain_below)


Row = tuple[str, float, float, str, list[float]]
"""A label, its probability, coverage, the text, and the probabilities of all labels."""


class Answers:
    """Rows of answers, computed batch by batch while they are read."""

    def __init__(
        self,
        classifier: SentimentClassifier,
        batches: Iterable[list[str]],
        abstain_below: float | None,
        unsure: str,
    ) -> None:
        self._classifier = classifier
        self._abstain_below = abstain_below
        usual = classifier.training_summary_.coverage
        self._watch = CoverageWatch(classifier.vectors_, usual)
        self.labels = labels_of(classifier).tolist()
        self.names = self.labels if abstain_below is None else [*self.labels, unsure]
        self.n = self.n_unknown = self.n_unsure = 0
        rows = chain.from_iterable(map(self._answer, batches))
        # what fails at once fails before a header is written
        self._rows = chain(list(islice(rows, 1)), rows)

    def __iter__(self) -> Iterator[Row]:
        return self._rows

    def _answer(self, texts: list[str]) -> Iterator[Row]:
        p, coverage = self._classifier.stages_.answer(as_texts(texts))
        self._watch.see(texts, coverage)
        best, best_label = p.max(axis=1), p.argmax(axis=1)
        if self._abstain_below is not None:
            unsure = (best < self._abstain_below) | (coverage == 0)
            best_label[unsure] = len(self.labels)
            self.n_unsure += int(unsure.sum())
        self.n += len(texts)
        self.n_unknown += int((coverage == 0).sum())
        labels = [self.names[i] for i in best_label.tolist()]
        rounded = (values.astype(np.float64).round(6).tolist() for values in (best, coverage, p))
        best_p, shares, all_p = rounded
        return zip(labels, best_p, shares, texts, all_p, strict=True)

    def records(self) -> Iterator[dict[str, Any]]:
        """Return rows as values for JSON."""
        for *row, p in self:
            by_label = dict(zip(self.labels, p, strict=True))
            yield dict(zip(COLUMNS, row, strict=True), probabilities=by_label)


def _report_unanswered(answers: Answers, abstain_below: float | None) -> None:
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


def _write_table(answers: Answers, file: TextIO) -> None:
    """Write each row at once; the widths of all columns but the last are known in advance."""
    names = [[name, "|"] for name in answers.names]
    header, *lines = table(["label", "|"], names, align="ll").splitlines()
    labels = {name: line[:-1] for name, line in zip(answers.names, lines, strict=True)}
    file.write(f"{header[:-1]}probability  coverage  text\n")
    for label, probability, coverage, text, _ in answers:
        shown = text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 1]}…"
        file.write(f"{labels[label]}{probability:11.3f}  {coverage:8.2f}  {printable(shown)}\n")
