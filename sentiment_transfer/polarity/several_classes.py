"""More than two classes as several binary problems, each with a `LogisticMixture`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import InputError
from sentiment_transfer.polarity.mixture import Features, LogisticMixture

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import ArrayLike, NDArray

    Problem = tuple[NDArray[np.bool_], float]

__all__ = ["CumulativeBinary", "OneVsRest", "SeveralClasses"]

UNIFORM_SHARE = 0.01
"""Share of the probability of ordered classes that is spread evenly, so that crossing steps never
give a class probability 0."""


class SeveralClasses(ABC):
    """Base of classifiers by several binary problems; equal probabilities without labels.

    Attributes
    ----------
    mixtures_
        The mixture of each binary problem.
    """

    mixtures_: tuple[LogisticMixture, ...]
    _reads_score = True

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
        if not self._reads_score:
            features = replace(features, score=None)
        self.mixtures_ = tuple(
            LogisticMixture(bias_mean=float(np.log(share / (1 - share)))).fit(
                features, target, sample_weight
            )
            for target, share in self._problems(labels, n_classes)
        )
        return self

    def predict_proba(self, features: Features) -> NDArray[np.float64]:
        """Compute class probabilities, float64 ``(n, n_classes)``; rows sum to 1."""
        members = [member for mixture in self.mixtures_ for member in mixture.members_]
        return self.average(np.column_stack([member.decision(features) for member in members]))

    def average(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compute class probabilities from the log odds of all members, ``(n, n_members)``."""
        ends = np.cumsum([len(mixture.members_) for mixture in self.mixtures_])
        parts = np.split(log_odds, ends[:-1], axis=1)
        pairs = zip(self.mixtures_, parts, strict=True)
        p = self._combine(np.column_stack([mix.average(part)[:, 1] for mix, part in pairs]))
        shares: NDArray[np.float64] = p / p.sum(axis=1, keepdims=True)
        return shares

    @abstractmethod
    def _problems(self, labels: NDArray[np.integer], n_classes: int) -> list[Problem]:
        """Return the binary labels ``(n,)`` of each problem, and the prior probability of 1."""

    @abstractmethod
    def _combine(self, p: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn the problems' probabilities ``(n, n_problems)`` into shares of the classes."""


class OneVsRest(SeveralClasses):
    """One binary problem per class, this class against the others.

    The polarity score is not used, because its direction means nothing here. The probabilities are
    divided by their sum.
    """

    _reads_score = False

    def _problems(self, labels: NDArray[np.integer], n_classes: int) -> list[Problem]:
        return [(labels == k, 1 / n_classes) for k in range(n_classes)]

    def _combine(self, p: NDArray[np.float64]) -> NDArray[np.float64]:
        return p


class CumulativeBinary(SeveralClasses):
    """One binary problem per step between ordered classes such as stars: is the class above ``k``.

    Classes are numbered from the most negative to the most positive, and each problem uses the
    polarity score. Class probabilities are the differences between steps (Frank & Hall 2001, *A
    Simple Approach to Ordinal Classification*), which are first made non-increasing.
    """

    def _problems(self, labels: NDArray[np.integer], n_classes: int) -> list[Problem]:
        return [(labels > k, (n_classes - 1 - k) / n_classes) for k in range(n_classes - 1)]

    def _combine(self, p: NDArray[np.float64]) -> NDArray[np.float64]:
        falling: NDArray[np.float64] = np.minimum.accumulate(p, axis=1)
        shares: NDArray[np.float64] = -np.diff(falling, axis=1, prepend=1.0, append=0.0)
        if len(shares.T) == 2:  # a single step crosses no other
            return shares
        return (1 - UNIFORM_SHARE) * shares + UNIFORM_SHARE / len(shares.T)
