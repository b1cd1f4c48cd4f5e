"""More than two classes as several binary problems, each with a `LogisticMixture`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Self

import numpy as np

from sentiment_transfer.errors import InputError
from sentiment_transfer.polarity.mixture import Features, LogisticMixture

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["SeveralClasses"]

UNIFORM_SHARE = 0.01
"""Share of the probability of ordered classes that is spread evenly, so that crossing steps never
give a class probability 0."""


class SeveralClasses:
    """Classifier by several binary problems; without labels all classes are equally probable.

    Parameters
    ----------
    ordered
        If True, the classes are numbered from the most negative to the most positive, and there is
        one problem per step between them: is the class above ``k``. Class probabilities are the
        differences between steps (Frank & Hall 2001, *A Simple Approach to Ordinal
        Classification*), which are first made non-increasing.

        If False, there is one problem per class: this class against the others. The polarity score
        is not used, because its direction means nothing here. The probabilities are divided by
        their sum.

    Attributes
    ----------
    mixtures_
        The mixture of each problem.
    """

    mixtures_: tuple[LogisticMixture, ...]

    def __init__(self, *, ordered: bool) -> None:
        self.ordered = ordered

    def fit(
        self,
        features: Features,
        y: ArrayLike,
        n_classes: int,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Fit to labels ``0 .. n_classes - 1``, ``(n,)``; ``n`` may be 0."""
        labels, k = np.asarray(y), n_classes
        if k < 2 or (len(labels) and not 0 <= labels.min() <= labels.max() < k):
            raise InputError(f"labels must be 0 to {k - 1}, of at least two classes")
        if self.ordered:
            problems = [(labels > i, (k - 1 - i) / k) for i in range(k - 1)]
        else:
            problems = [(labels == i, 1 / k) for i in range(k)]
            features = replace(features, score=None)
        self.mixtures_ = tuple(
            LogisticMixture(bias_mean=float(np.log(share / (1 - share)))).fit(
                features, target, sample_weight
            )
            for target, share in problems
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
        p = np.column_stack([mixture.average(part)[:, 1] for mixture, part in pairs])
        if self.ordered:
            p = -np.diff(np.minimum.accumulate(p, axis=1), axis=1, prepend=1.0, append=0.0)
            if len(p.T) > 2:  # a single step crosses no other
                p = (1 - UNIFORM_SHARE) * p + UNIFORM_SHARE / len(p.T)
        p = np.maximum(p, np.finfo(float).tiny)  # avoids 0 / 0
        shares: NDArray[np.float64] = p / p.sum(axis=1, keepdims=True)
        return shares
