"""More than two classes as several questions with two answers, each a `LogisticMixture`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import InputError
from sentiment_transfer.polarity.mixture import Features, LogisticMixture

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from numpy.typing import ArrayLike, NDArray

__all__ = ["CumulativeBinary", "OneVsRest", "SeveralClasses"]

UNIFORM_SHARE = 0.01
"""Share of the probability of ordered classes that all have alike: where steps cross, the class
between them would have none, and would be ruled out by no more than noise."""


class SeveralClasses(ABC):
    """Several questions with two answers. Before any label all classes are equally likely.

    Attributes
    ----------
    mixtures_
        One for each question.
    """

    mixtures_: tuple[LogisticMixture, ...]

    def fit(
        self,
        features: Features,
        y: ArrayLike,
        n_classes: int,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Fit to labels ``0 .. n_classes - 1``, ``(n,)``; ``n`` may be 0."""
        labels = np.asarray(y)
        if n_classes < 2 or (len(labels) and not 0 <= labels.min() <= labels.max() < n_classes):
            raise InputError(f"labels must be 0 to {n_classes - 1}, of at least two classes")
        seen = self._seen(features)
        self.mixtures_ = tuple(
            LogisticMixture(bias_mean=float(np.log(share / (1 - share)))).fit(
                seen, target, sample_weight
            )
            for target, share in self._questions(labels, n_classes)
        )
        return self

    def predict_proba(self, features: Features) -> NDArray[np.float64]:
        """Probabilities of the classes, float64 ``(n, n_classes)``; rows sum to 1."""
        return self._combined(m.predict_proba(features) for m in self.mixtures_)

    def average(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities from the log odds of all mixtures' members, ``(n, n_members)``."""
        ends = np.cumsum([len(mixture.members_) for mixture in self.mixtures_])
        parts = np.split(log_odds, ends[:-1], axis=1)
        pairs = zip(self.mixtures_, parts, strict=True)
        return self._combined(mixture.average(part) for mixture, part in pairs)

    def _combined(self, answers: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
        p = self._class_shares(np.column_stack([answer[:, 1] for answer in answers]))
        shares: NDArray[np.float64] = p / p.sum(axis=1, keepdims=True)
        return shares

    def _seen(self, features: Features) -> Features:
        """What the mixtures see of the features."""
        return features

    @abstractmethod
    def _questions(
        self, labels: NDArray[np.integer], n_classes: int
    ) -> list[tuple[NDArray[np.bool_], float]]:
        """For each question which labels say yes, and how likely that is before any label."""

    @abstractmethod
    def _class_shares(self, p: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn the probabilities of yes, ``(n, n_questions)``, into shares of the classes."""


class OneVsRest(SeveralClasses):
    """One question for each class: is it this one, or another.

    Without the polarity score, whose direction means nothing here. The probabilities of yes are
    divided by their sum.
    """

    def _seen(self, features: Features) -> Features:
        return replace(features, score=None)

    def _questions(
        self, labels: NDArray[np.integer], n_classes: int
    ) -> list[tuple[NDArray[np.bool_], float]]:
        return [(labels == k, 1 / n_classes) for k in range(n_classes)]

    def _class_shares(self, p: NDArray[np.float64]) -> NDArray[np.float64]:
        return p


class CumulativeBinary(SeveralClasses):
    """One question for each step between ordered classes such as stars: is it above ``k``.

    Classes are numbered from the most negative to the most positive, and the polarity score tells
    of every step. Class probabilities are the differences between steps (Frank & Hall 2001, *A
    Simple Approach to Ordinal Classification*), which are first made to fall; no class is ruled
    out.
    """

    def _questions(
        self, labels: NDArray[np.integer], n_classes: int
    ) -> list[tuple[NDArray[np.bool_], float]]:
        return [(labels > k, (n_classes - 1 - k) / n_classes) for k in range(n_classes - 1)]

    def _class_shares(self, p: NDArray[np.float64]) -> NDArray[np.float64]:
        falling: NDArray[np.float64] = np.minimum.accumulate(p, axis=1)
        shares: NDArray[np.float64] = -np.diff(falling, axis=1, prepend=1.0, append=0.0)
        if len(shares.T) == 2:  # one step crosses none
            return shares
        return (1 - UNIFORM_SHARE) * shares + UNIFORM_SHARE / len(shares.T)
