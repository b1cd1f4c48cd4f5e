"""Answers of a model to texts, computed batch by batch."""

from __future__ import annotations

from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.cli.models import labels_of
from sentiment_transfer.model.coverage import CoverageWatch
from sentiment_transfer.model.inputs import as_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sentiment_transfer.corpus.rows import Record
    from sentiment_transfer.model import SentimentClassifier

__all__ = ["Answer", "Answers"]


class Answer(NamedTuple):
    """The answer to one text; ``probabilities`` are those of all labels."""

    label: str
    probability: float
    coverage: float
    text: str
    probabilities: list[float]
    record: Record


class Answers:
    """Answers, computed while they are read; ``n`` and the other counts are complete at the end.

    Attributes
    ----------
    labels, names
        The labels of the model, and all labels of answers: with ``unsure`` if it may abstain.
    n, n_unknown, n_unsure
        Numbers of texts, of those without a known word, and of those on which it abstained.
    counts
        Number of texts with each label of ``names``, ``(n_names,)``.
    """

    def __init__(
        self,
        classifier: SentimentClassifier,
        batches: Iterable[list[tuple[str, Record]]],
        abstain_below: float | None,
        unsure: str,
    ) -> None:
        self._classifier = classifier
        self._abstain_below = abstain_below
        self._watch = CoverageWatch(classifier.vectors_, classifier.training_summary_.coverage)
        self.labels: list[str] = labels_of(classifier).tolist()
        self.names = self.labels if abstain_below is None else [*self.labels, unsure]
        self.n = self.n_unknown = self.n_unsure = 0
        self.counts = np.zeros(len(self.names), np.int64)
        answers = chain.from_iterable(map(self._answer, batches))
        # what fails at once fails before a header is written
        self._answers = chain(list(islice(answers, 1)), answers)

    def __iter__(self) -> Iterator[Answer]:
        return self._answers

    def _answer(self, batch: list[tuple[str, Record]]) -> Iterator[Answer]:
        texts, records = zip(*batch, strict=True)
        p, coverage = self._classifier.stages_.answer(as_texts(texts))
        self._watch.see(texts, coverage)
        best, best_label = p.max(axis=1), p.argmax(axis=1)
        if self._abstain_below is not None:
            unsure = (best < self._abstain_below) | (coverage == 0)
            best_label[unsure] = len(self.labels)
            self.n_unsure += int(unsure.sum())
        self.n += len(texts)
        self.counts += np.bincount(best_label, minlength=len(self.names))
        self.n_unknown += int((coverage == 0).sum())
        labels = [self.names[i] for i in best_label.tolist()]
        rounded = (values.astype(np.float64).round(6).tolist() for values in (best, coverage, p))
        best_p, shares, all_p = rounded
        return map(Answer, labels, best_p, shares, texts, all_p, records)
