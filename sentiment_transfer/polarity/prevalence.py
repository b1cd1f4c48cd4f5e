"""Estimates of the share of positive texts, without labels.

An estimate is a normal distribution of the log odds of the share. Independent estimates are
averaged by their inverse variances.

Seed words: with ``n+`` and ``n-`` texts of a positive and a negative balance (`seed_balance`), the
log odds are ``-1 + 1.4 log((n+ + 1) / (n- + 1))``. So at a share of a half, twice as many texts
have a positive balance as a negative one. The constants, and the standard deviations of what the
counts do not explain, are fitted to development sets of shares from 0.1 to 0.9.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["ShareEstimate", "combined", "share_by_counting", "share_by_seeds"]

SEEDS_MEAN, SEEDS_SLOPE = -1.0, 1.4
SEEDS_SD = 0.45
"""Standard deviation of the log odds between sets of texts, apart from that of the counts."""
COUNTING_SD = 0.45
"""The same, for the share of texts that a model of other texts calls positive."""
Z_95 = 1.959964


@dataclass(frozen=True)
class ShareEstimate:
    """Mean and standard deviation of the log odds of a share."""

    log_odds: float
    sd: float

    @property
    def share(self) -> float:
        """The share at the mean of the log odds, between 0 and 1."""
        return logistic(self.log_odds)

    @property
    def interval(self) -> tuple[float, float]:
        """Ends of the 95 % interval of the share."""
        reach = Z_95 * self.sd
        return logistic(self.log_odds - reach), logistic(self.log_odds + reach)


def logistic(log_odds: float) -> float:
    """Compute ``1 / (1 + exp(-log_odds))`` without overflow."""
    return 0.5 * (1 + math.tanh(log_odds / 2))


def log_odds_of(n_positive: float, n_negative: float) -> float:
    """Compute the log odds of counts, finite for 0 as well: half a text is added to each."""
    return math.log((n_positive + 0.5) / (n_negative + 0.5))


def combined(estimates: Sequence[ShareEstimate]) -> ShareEstimate:
    """Average independent estimates, at least one, by their inverse variances."""
    precisions = np.array([estimate.sd**-2 for estimate in estimates])
    means = np.array([estimate.log_odds for estimate in estimates])
    total = float(precisions.sum())
    return ShareEstimate(float(precisions @ means) / total, total**-0.5)


def share_by_seeds(balance: NDArray[np.floating]) -> ShareEstimate | None:
    """Estimate the share from the balances of texts ``(n,)``; None if all of them are 0."""
    n_positive, n_negative = int((balance > 0).sum()), int((balance < 0).sum())
    if not n_positive + n_negative:
        return None
    log_odds = SEEDS_MEAN + SEEDS_SLOPE * math.log((n_positive + 1) / (n_negative + 1))
    of_counts = SEEDS_SLOPE**2 * (1 / (n_positive + 1) + 1 / (n_negative + 1))
    return ShareEstimate(log_odds, math.sqrt(SEEDS_SD**2 + of_counts))


def share_by_counting(positive: NDArray[np.bool_]) -> ShareEstimate | None:
    """Estimate the share from the answers of a model to texts ``(n,)``; None without texts."""
    n, n_positive = len(positive), int(positive.sum())
    if not n:
        return None
    of_counts = 1 / (n_positive + 0.5) + 1 / (n - n_positive + 0.5)
    sd = math.sqrt(COUNTING_SD**2 + of_counts)
    return ShareEstimate(log_odds_of(n_positive, n - n_positive), sd)
