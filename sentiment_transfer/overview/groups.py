"""The share of positive texts in groups: over time, or by the values of a column."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from sentiment_transfer.polarity.prevalence import SLOPE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.model.prevalence import PrevalenceEstimate, ShareEvidence
    from sentiment_transfer.overview.grouping import Grouping

__all__ = ["Group", "Trend", "groups_of", "lead_over", "log_odds_variance", "trend_of"]

MIN_TEXTS = 20
"""Texts with a known word from which a group has a share."""
SPREAD = 0.2
"""Standard deviation of the error of a group, in log odds, that other groups do not have, apart
from that of the counts: its texts are worded differently. The smallest value with which at most 5 %
of groups with equal shares are said to differ (``scripts/results/overview.md``)."""
CLEAR = 2.0
"""Standard deviations by which a group clearly differs from the rest."""

Difference = Literal["", "above", "below"]


@dataclass(frozen=True)
class Group:
    """The share of positive texts in a group.

    Attributes
    ----------
    name, start
        Its name, and the first day of a period, as ``2024-03-01``.
    n
        Number of its texts.
    counts
        Number of its texts with a known word that the model gives each label.
    share, low, high
        The estimated share, and the ends of its 95 % interval; None if it has too few texts, or if
        the model has no positive label.
    difference
        ``"above"`` or ``"below"`` if the share clearly differs from that of the other groups.
    """

    name: str
    start: str
    n: int
    counts: dict[str, int]
    share: float | None = None
    low: float | None = None
    high: float | None = None
    difference: Difference = ""


@dataclass(frozen=True)
class Trend:
    """The share of positive texts in the first and in the second half of the texts in time.

    Attributes
    ----------
    until, since
        Name of the last period of the first half, and of the first one of the second.
    before, after
        Shares of the two halves.
    difference
        ``"above"`` or ``"below"`` if the second half clearly differs from the first.
    """

    until: str
    since: str
    before: float
    after: float
    difference: Difference


def groups_of(
    grouping: Grouping, labels: Sequence[str], predicted: NDArray[np.intp],
    evidence: ShareEvidence | None,
) -> list[Group]:  # fmt: skip
    """Return the share of each group.

    Parameters
    ----------
    grouping
        Which texts belong together.
    labels, predicted
        The labels, and which of them each text is given, ``(n,)``; -1 without a known word.
    evidence
        Of the texts, ``(n,)``; None if the model has no positive label.
    """
    found = []
    for name, start, rows in zip(grouping.names, grouping.starts, grouping.rows, strict=True):
        known = predicted[rows][predicted[rows] >= 0]
        of_labels = np.bincount(known, minlength=len(labels)).tolist()
        group = Group(name, start, len(rows), dict(zip(labels, of_labels, strict=True)))
        if evidence is not None and len(known) >= MIN_TEXTS:
            own = evidence.estimate(rows)
            side = _difference(own, evidence, rows)
            group = replace(group, share=own.share, low=own.low, high=own.high, difference=side)
        found.append(group)
    return found


def _difference(
    own: PrevalenceEstimate, evidence: ShareEvidence, rows: NDArray[np.intp]
) -> Difference:
    """Compare a group with all other texts; nothing if these are too few."""
    rest = np.delete(np.arange(len(evidence)), rows)
    if int((evidence.coverage[rest] > 0).sum()) < MIN_TEXTS:
        return ""
    return _named(lead_over(own, evidence.estimate(rest)))


def _named(lead: float) -> Difference:
    return "" if abs(lead) < CLEAR else "above" if lead > 0 else "below"


def trend_of(grouping: Grouping, evidence: ShareEvidence | None) -> Trend | None:
    """Compare the second half of the texts in time with the first.

    None without times or a positive label, or if a half has too few texts with a known word.
    """
    periods = [i for i, start in enumerate(grouping.starts) if start]
    if evidence is None or len(periods) < 2:
        return None
    n_known = np.array([(evidence.coverage[grouping.rows[i]] > 0).sum() for i in periods])
    before = np.cumsum(n_known)[:-1]
    cut = int(np.argmin(np.abs(before - n_known.sum() / 2))) + 1
    if min(before[cut - 1], n_known.sum() - before[cut - 1]) < MIN_TEXTS:
        return None
    first, second = (
        evidence.estimate(np.concatenate([grouping.rows[i] for i in half]))
        for half in (periods[:cut], periods[cut:])
    )
    names = grouping.names[periods[cut - 1]], grouping.names[periods[cut]]
    return Trend(*names, first.share, second.share, _named(lead_over(second, first)))


def lead_over(own: PrevalenceEstimate, other: PrevalenceEstimate) -> float:
    """Return how far two estimates by one model differ in log odds, in standard deviations.

    The error that a model makes on all texts alike is in both, and so is not in their difference.
    """
    variance = 2 * SPREAD**2 + log_odds_variance(own) + log_odds_variance(other)
    return (_log_odds(own.share) - _log_odds(other.share)) / math.sqrt(variance)


def _log_odds(share: float) -> float:
    inside = min(max(share, 1e-6), 1 - 1e-6)
    return math.log(inside / (1 - inside))


def log_odds_variance(found: PrevalenceEstimate) -> float:
    """Return the variance of the log odds of a share because its texts are a sample."""
    n = found.n - found.n_unknown
    return SLOPE**2 * (1 / (n * found.share + 0.5) + 1 / (n * (1 - found.share) + 0.5))
