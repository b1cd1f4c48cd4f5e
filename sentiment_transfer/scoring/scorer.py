"""Answers to batches of texts, rounded as they are written, with their counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.model.coverage import CoverageWatch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.model import FittedStages

__all__ = ["DIGITS", "Scored", "Scorer"]

DIGITS = 6
"""Decimal places of probabilities and coverage."""


class Scored(NamedTuple):
    """Answers to ``n`` texts.

    Attributes
    ----------
    names
        Places of the labels in `Scorer.names`, int64 ``(n,)``.
    probability, coverage
        Highest probability, and share of known words, float64 ``(n,)``.
    probabilities
        Those of all labels, float64 ``(n, n_labels)``.
    """

    names: NDArray[np.intp]
    probability: NDArray[np.float64]
    coverage: NDArray[np.float64]
    probabilities: NDArray[np.float64]


class Scorer:
    """Answers with a model, and counts; warns once of texts whose words it does not know.

    Attributes
    ----------
    labels, names
        The labels of the model, and all labels of answers: with ``unsure`` if it may abstain.
    n, n_unknown, n_unsure
        Numbers of texts, of those without a known word, and of those on which it abstained.
    counts
        Number of texts with each label of ``names``, int64 ``(n_names,)``.
    """

    def __init__(
        self, stages: FittedStages, abstain_below: float | None = None, unsure: str = "unsure"
    ) -> None:
        self._stages = stages
        self._abstain_below = abstain_below
        self._watch = CoverageWatch(stages.vectors, stages.summary.coverage)
        self.labels: list[str] = stages.classes.astype(np.str_).tolist()
        self.names = self.labels if abstain_below is None else [*self.labels, unsure]
        self.n = self.n_unknown = self.n_unsure = 0
        self.counts = np.zeros(len(self.names), np.int64)

    def score(self, texts: list[str]) -> Scored:
        """Answer a batch of texts."""
        p, coverage = self._stages.answer(texts)
        self._watch.see(texts, coverage)
        best, names = p.max(axis=1, initial=0), p.argmax(axis=1)
        if self._abstain_below is not None:
            unsure = (best < self._abstain_below) | (coverage == 0)
            names[unsure] = len(self.labels)
            self.n_unsure += int(unsure.sum())
        self.n += len(texts)
        self.counts += np.bincount(names, minlength=len(self.names))
        self.n_unknown += int((coverage == 0).sum())
        rounded = (values.astype(np.float64).round(DIGITS) for values in (best, coverage, p))
        return Scored(names, *rounded)
