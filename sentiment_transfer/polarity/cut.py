"""Where polarity scores are cut into negative and positive texts.

With a given share of positive texts, the cut is a quantile of the scores. Without it the share is
estimated. If 2-means explains at least 0.8 of the variance of the scores, there are two distinct
groups, and the share is that of the upper one. Up to 0.7 (one normal distribution has 0.64), the
split is no evidence of the share; seed words are, and so is the polarity that was learnt before, if
there is one (`prevalence`). In between, the log odds of both are averaged. The cut is then the
quantile of a normal distribution with the mean and the standard deviation of the scores.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.base.estimator import in_range
from sentiment_transfer.errors import SettingError
from sentiment_transfer.polarity.prevalence import (
    ShareEstimate,
    combined,
    log_odds_of,
    logistic,
    share_by_seeds,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TwoMeans", "check_prevalence", "choose_cut", "two_means_cut"]

INDISTINCT, DISTINCT = 0.70, 0.80
"""Share of the variance that 2-means explains, up to which the groups do not count, and from which
they alone do."""


class TwoMeans(NamedTuple):
    """A split of values into two groups."""

    cut: float
    """Midpoint of the means of the groups."""
    explained: float
    """Share of the variance that is between the groups, 0 to 1; 0 for equal values."""


def check_prevalence(prevalence: float | None) -> None:
    """Raise ``SettingError`` unless this is None or a share between 0 and 1."""
    if prevalence is not None and not (in_range(prevalence, 1) and prevalence > 0):
        raise SettingError(
            f"prevalence={prevalence!r} is not allowed; it must be a number between 0 and 1, or "
            "None"
        )


def two_means_cut(values: NDArray[np.float64]) -> TwoMeans:
    """Compute exact 2-means of at least one value.

    The best of the ``n - 1`` splits of the sorted values minimises the squared distances to the
    group means, so it maximises those between the groups, ``n (S_k - k mean)^2 / (k (n - k))`` with
    ``S_k`` the sum of the ``k`` smallest. ``[0, 1, 8, 9]`` is cut at ``(0.5 + 8.5) / 2``, which
    explains 64 / 65 of the variance; equal values are cut at their value.
    """
    ordered = np.sort(values)
    n = len(ordered)
    if ordered[0] == ordered[-1]:
        return TwoMeans(float(ordered[0]), 0.0)
    k = np.arange(1, n)
    between = n * (np.cumsum(ordered)[:-1] - k * ordered.mean()) ** 2 / (k * (n - k))
    best = int(np.argmax(between)) + 1
    cut = float(ordered[:best].mean() + ordered[best:].mean()) / 2
    return TwoMeans(cut, float(between[best - 1] / (n * ordered.var())))


def choose_cut(
    scores: NDArray[np.float64],
    balance: NDArray[np.floating],
    *,
    prevalence: float | None = None,
    earlier: ShareEstimate | None = None,
) -> float:
    """Return the cut between negative and positive scores ``(n,)``, of at least one text.

    Parameters
    ----------
    scores, balance
        Polarity of the texts before the cut, and the balances of their seed words.
    prevalence
        Share of positive texts, if known.
    earlier
        Estimate of the share by a polarity that was learnt before from other texts.

    Notes
    -----
    Without any estimate, as if no text has seed words, the scores are cut by 2-means.
    """
    if prevalence is not None:
        return float(np.quantile(scores, 1 - prevalence))
    groups = two_means_cut(scores)
    estimates = [found for found in (share_by_seeds(balance), earlier) if found is not None]
    if not estimates:
        return groups.cut
    weight = float(np.clip((groups.explained - INDISTINCT) / (DISTINCT - INDISTINCT), 0, 1))
    n_above = int((scores > groups.cut).sum())
    of_groups = log_odds_of(n_above, len(scores) - n_above)
    share = logistic(weight * of_groups + (1 - weight) * combined(estimates).log_odds)
    return float(scores.mean() + scores.std() * NormalDist().inv_cdf(1 - share))
