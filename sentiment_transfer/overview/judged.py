"""Texts with the answers of a model, read once, from which all parts of an overview are made."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.model.prevalence import ShareEvidence, share_evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.classification.labels import Label
    from sentiment_transfer.model.fitted import FittedStages

__all__ = ["Judged", "Side", "judge"]

BATCH_TEXTS = 4_096
MOST_SIDES = 6
"""Labels without an order that are looked at one by one."""


class Side(NamedTuple):
    """A label that texts speak for, and how far each text does, float64 ``(n,)`` from 0 to 1."""

    label: Label
    values: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Judged:
    """The answers of a model to ``n`` texts.

    Attributes
    ----------
    stages, texts
        The model and the texts.
    labels
        The labels, the most negative first if that is known.
    probabilities
        Of each label, in that order, float64 ``(n, n_labels)``.
    coverage
        Share of each text's tokens that have a vector, float64 ``(n,)``.
    evidence
        Of the share of positive texts; None if no label is positive, and ``missing`` says why.
    """

    stages: FittedStages
    texts: Sequence[str]
    labels: list[Label]
    probabilities: NDArray[np.float64]
    coverage: NDArray[np.float64]
    evidence: ShareEvidence | None
    missing: str = ""

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Whether a text has a known word, ``(n,)``."""
        return self.coverage > 0

    @cached_property
    def predicted(self) -> NDArray[np.intp]:
        """Which label each text is given, ``(n,)``; -1 without a known word."""
        return np.where(self.known, self.probabilities.argmax(axis=1), -1)

    @cached_property
    def distinct(self) -> NDArray[np.intp]:
        """Rows of the different texts with a known word, the first of each, regardless of case."""
        first: dict[str, int] = {}
        for row in np.flatnonzero(self.known).tolist():
            first.setdefault(" ".join(self.texts[row].casefold().split()), row)
        return np.array([*first.values()], np.intp)

    @cached_property
    def sides(self) -> list[Side]:
        """The labels that texts are shown for: both ends of an order, or all if there is none."""
        return sides_of(self.stages, self.labels, self.probabilities)

    def values_of(self, texts: list[str], side: int) -> NDArray[np.float64]:
        """Judge other texts: how far each speaks for a side, ``(n,)``."""
        p = self.stages.answer(texts).probabilities
        columns = [self.stages.classes.tolist().index(label) for label in self.labels]
        return sides_of(self.stages, self.labels, p[:, columns])[side].values


def sides_of(stages: FittedStages, labels: list[Label], p: NDArray[np.float64]) -> list[Side]:
    """Return the sides of texts with these probabilities, ``(n, n_labels)``.

    Of ordered labels, a text speaks for the last one by its mean place between the first and that.
    """
    if stages.known_order is None:
        return [Side(label, p[:, i]) for i, label in enumerate(labels[:MOST_SIDES])]
    place = p @ np.linspace(0, 1, len(labels))
    return [Side(labels[0], 1 - place), Side(labels[-1], place)]


def judge(stages: FittedStages, texts: Sequence[str]) -> Judged:
    """Read and judge texts.

    Raises
    ------
    InputError
        There is no text, all are blank, or none has a known word.
    """
    if not texts:
        raise InputError("there is no text to describe; give at least one")
    evidence, missing = None, ""
    try:
        evidence = share_evidence(stages, texts)
    except SettingError as error:
        missing = str(error)
        p, coverage = _answers(stages, texts)
        labels = stages.order.tolist()
        p = p[:, [stages.classes.tolist().index(label) for label in labels]]
    else:
        other = next(label for label in stages.classes.tolist() if label != evidence.label)
        labels = [other, evidence.label]
        p, coverage = np.column_stack([1 - evidence.p, evidence.p]), evidence.coverage
    if not (coverage > 0).any():
        n_blank = sum(not text.strip() for text in texts)
        raise InputError(
            f"all {len(texts):,} texts are blank"
            if n_blank == len(texts)
            else f"none of {len(texts) - n_blank:,} texts holds a known word; are they in the "
            f"language of the model, {stages.vectors.tokenizer.language!r}?"
        )
    return Judged(stages, texts, labels, p, coverage, evidence, missing)


def _answers(
    stages: FittedStages, texts: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the probabilities and the coverage of texts, computed batch by batch."""
    starts = range(0, len(texts), BATCH_TEXTS)
    answers = [stages.answer([*texts[start : start + BATCH_TEXTS]]) for start in starts]
    p, coverage = zip(*answers, strict=True)
    return np.concatenate(p), np.concatenate(coverage)
