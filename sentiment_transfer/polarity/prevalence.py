"""Estimates of the share of positive texts, without labels and with some.

An estimate is a normal distribution of the log odds of the share. Independent estimates are
averaged by their inverse variances.

Seed words: with ``n+`` and ``n-`` texts of a positive and a negative balance (`seed_balance`), the
log odds are ``-1 + 1.4 log((n+ + 1) / (n- + 1))``. So at a share of a half, twice as many texts
have a positive balance as a negative one. Answers: with ``n+`` texts that a model calls positive,
the log odds are ``1.4 log((n+ + 0.5) / (n- + 0.5))``, because errors draw the counts towards each
other. The constants, and the standard deviations of what the counts do not explain, are fitted to
development sets of shares from 0.1 to 0.9.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "LeftOut",
    "ShareEstimate",
    "combined",
    "estimate_share",
    "log_odds_of",
    "logistic",
    "share_by_counting",
    "share_by_seeds",
]

SEEDS_MEAN, SLOPE = -1.0, 1.4
OWN_SD = 0.45
"""Standard deviation of either estimate between sets of texts, apart from that of the counts."""
SHARED_SD = 0.45
"""Standard deviation of the error that both have in common, such as texts that are worded alike."""
LABELS_SD = 0.4
"""Standard deviation of the log odds because labelled texts differ from others in more than the
share."""
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
    log_odds = SEEDS_MEAN + SLOPE * math.log((n_positive + 1) / (n_negative + 1))
    of_counts = SLOPE**2 * (1 / (n_positive + 1) + 1 / (n_negative + 1))
    return ShareEstimate(log_odds, math.sqrt(OWN_SD**2 + of_counts))


def share_by_counting(positive: NDArray[np.bool_]) -> ShareEstimate | None:
    """Estimate the share from the answers of a model to texts ``(n,)``; None without texts."""
    n, n_positive = len(positive), int(positive.sum())
    if not n:
        return None
    log_odds = SLOPE * log_odds_of(n_positive, n - n_positive)
    of_counts = SLOPE**2 * (1 / (n_positive + 0.5) + 1 / (n - n_positive + 0.5))
    return ShareEstimate(log_odds, math.sqrt(OWN_SD**2 + of_counts))


class LeftOut(NamedTuple):
    """Probabilities of the positive class that models gave to labelled texts left out of them.

    Attributes
    ----------
    means, variances
        Of the negative texts, then of the positive ones; means of the probability, and variances of
        these means.
    """

    means: tuple[float, float]
    variances: tuple[float, float]

    @classmethod
    def of(
        cls, p: NDArray[np.float64], y: NDArray[np.bool_], weight: NDArray[np.float64]
    ) -> Self | None:
        """Summarise probabilities ``(n,)`` of labelled texts; None with fewer than 2 of a class."""
        if min(int(y.sum()), int((~y).sum())) < 2:
            return None
        means, variances = [], []
        for side in (~y, y):
            w = weight[side] / weight[side].sum()
            mean = float(w @ p[side])
            effective = 1 / float((w**2).sum())
            means.append(mean)
            variances.append(float(w @ (p[side] - mean) ** 2) / max(1.0, effective - 1))
        return cls((means[0], means[1]), (variances[0], variances[1]))

    def share_in(self, p: NDArray[np.float64], near: float) -> ShareEstimate | None:
        """Estimate the share in texts from probabilities ``(n,)`` that the fitted model gives them.

        Probabilistic adjusted count (Bella et al. 2010; González et al. 2017, *ACM Computing
        Surveys* 50): ``(mean p - m-) / (m+ - m-)`` with the means ``m`` of left-out texts. Its
        variance, and the log odds, are linearised at the share ``near``. None if left-out texts of
        the two classes have equal probabilities.
        """
        distance = self.means[1] - self.means[0]
        near = min(max(near, 0.02), 0.98)
        if distance < 0.05 or not len(p):
            return None
        share = (float(p.mean()) - self.means[0]) / distance
        negative, positive = self.variances
        variance = near**2 * positive + (1 - near) ** 2 * negative + float(p.var()) / len(p)
        slope = near * (1 - near)
        log_odds = math.log(near / (1 - near)) + (share - near) / slope
        sd = math.sqrt(variance) / distance / slope
        return ShareEstimate(log_odds, math.hypot(sd, LABELS_SD))


def estimate_share(
    positive: NDArray[np.bool_],
    balance: NDArray[np.floating] | None = None,
    p: NDArray[np.float64] | None = None,
    left_out: LeftOut | None = None,
) -> ShareEstimate:
    """Estimate the share of positive texts from answers with and without labels.

    Parameters
    ----------
    positive
        Whether each text is positive by its polarity score, ``(n,)``, of at least one text.
        Answers that labels moved would carry the share of the labels into the estimate.
    balance
        Balances of their seed words, ``(n,)``, if these are evidence.
    p, left_out
        Probabilities that a model fitted to labels gives the texts, ``(n,)``, and those that it
        gave to labelled texts that were left out.

    Notes
    -----
    The standard deviation includes that of a share of ``n`` texts.
    """
    found = [share_by_counting(positive), None if balance is None else share_by_seeds(balance)]
    by_words = combined([estimate for estimate in found if estimate is not None])
    total = without_labels = replace(by_words, sd=math.hypot(by_words.sd, SHARED_SD))
    for _ in range(3):
        adjusted = None
        if p is not None and left_out is not None:
            adjusted = left_out.share_in(p, total.share)
        if adjusted is not None:
            total = combined([without_labels, adjusted])
    n_positive = total.share * len(positive)
    of_texts = 1 / (n_positive + 0.5) + 1 / (len(positive) - n_positive + 0.5)
    return replace(total, sd=math.sqrt(total.sd**2 + of_texts))
