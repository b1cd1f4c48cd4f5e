"""The share of positive texts in groups: over time, or by the values of a column."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from sentiment_transfer.errors import InputError, shown
from sentiment_transfer.overview.times import periods_of, times_of
from sentiment_transfer.polarity.prevalence import SLOPE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.model.prevalence import PrevalenceEstimate, ShareEvidence

__all__ = [
    "ColumnUse",
    "Group",
    "Grouping",
    "grouping_of",
    "groups_of",
    "log_odds_variance",
    "usable_columns",
]

MIN_TEXTS = 20
"""Texts with a known word from which a group has a share."""
MOST_GROUPS = 12
"""Categories with a group of their own; the rest are one group."""
MOST_VALUES = 0.5
"""Most different values a text, on average: with more, values are names of texts, not groups."""
LONGEST_VALUE = 100
"""Characters of a value."""
OTHERS, MISSING = "others", "no value"
SPREAD = 0.2
"""Standard deviation of the error of a group, in log odds, that other groups do not have, apart
from that of the counts: its texts are worded differently. The smallest value with which at most 5 %
of groups with equal shares are said to differ (``scripts/results/overview.md``)."""
CLEAR = 2.0
"""Standard deviations by which a group clearly differs from the rest."""

Kind = Literal["time", "category"]


class ColumnUse(NamedTuple):
    """A column that texts can be grouped by: its name, kind and number of different values."""

    name: str
    kind: Kind
    n_values: int


@dataclass(frozen=True, eq=False)
class Grouping:
    """Which texts belong together.

    Attributes
    ----------
    column
        Name of the column.
    kind
        ``"time"`` or ``"category"``.
    unit
        Length of the periods, as ``"month"``; empty for categories.
    names
        Name of each group, in the order of time, of size, or of numbers.
    starts
        First day of each period; empty texts for other groups.
    rows
        Rows of the texts of each group, those without a value last.
    """

    column: str
    kind: Kind
    unit: str
    names: list[str]
    starts: list[str]
    rows: list[NDArray[np.intp]]


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
    difference: Literal["", "above", "below"] = ""


def as_value(value: object) -> str:
    """Return a value of a column as text of at most 100 characters, empty if it is missing."""
    if value is None or value != value or type(value).__name__ in {"NAType", "NaTType"}:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # 3.0, as pandas reads whole numbers beside missing ones
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def usable_columns(columns: Mapping[str, Sequence[object]]) -> list[ColumnUse]:
    """Return the columns that texts can be grouped by: times first, then as they come.

    A column of times has two periods at least, one of categories 2 to 12 different values.
    """
    found = []
    for name, given in columns.items():
        values = [as_value(value) for value in given]
        counts = Counter(value for value in values if value)
        if len(counts) < 2:
            continue
        times = times_of(values)
        if times is not None and periods_of(times) is not None:
            found.append(ColumnUse(name, "time", len(counts)))
        elif len(counts) <= min(MOST_GROUPS, MOST_VALUES * len(values)):
            found.append(ColumnUse(name, "category", len(counts)))
    return sorted(found, key=lambda use: use.kind != "time")


def grouping_of(column: str, given: Sequence[object]) -> Grouping:
    """Group texts by a column.

    Times become days, weeks, months, quarters or years (`periods_of`). Of other values the 12 most
    frequent have a group of their own, the rest are ``others``; numbers stay in their order.
    Texts without a value are the last group.

    Raises
    ------
    InputError
        All values are missing or equal, or nearly all differ.
    """
    values = [as_value(value) for value in given]
    counts = Counter(value for value in values if value)
    if len(counts) < 2:
        only = f"all values are {shown(next(iter(counts)))}" if counts else "it has no value"
        raise InputError(f"texts cannot be grouped by the column {shown(column)}: {only}")
    times = times_of(values)
    periods = None if times is None else periods_of(times)
    if periods is not None:
        starts, names = [*periods.starts, ""], [*periods.names, MISSING]
        return _grouping(column, "time", periods.unit, names, starts, periods.places)
    if len(counts) > max(MOST_GROUPS, MOST_VALUES * counts.total()):
        raise InputError(
            f"texts cannot be grouped by the column {shown(column)}: it has {len(counts):,} "
            f"different values in {counts.total():,} texts"
        )
    names = _in_order([value for value, _ in counts.most_common(MOST_GROUPS)])
    place = {name: i for i, name in enumerate(names)}
    places = np.array([place.get(value, len(names)) if value else -1 for value in values], np.intp)
    n_others = len(counts) - len(names)
    names += [f"{OTHERS} ({n_others:,} values)", MISSING]
    return _grouping(column, "category", "", names, [""] * len(names), places)


def _in_order(names: list[str]) -> list[str]:
    """Return names in the order of the numbers that they are, if all are numbers."""
    try:
        return sorted(names, key=float)
    except ValueError:
        return names


def _grouping(
    column: str, kind: Kind, unit: str, names: list[str], starts: list[str],
    places: NDArray[np.intp],
) -> Grouping:  # fmt: skip
    """Collect the rows of each group; the last name is that of rows without one.

    Groups without a text are left out, unless they are periods.
    """
    places = np.where(places < 0, len(names) - 1, places)
    order = np.argsort(places, kind="stable")
    ends = np.cumsum(np.bincount(places, minlength=len(names)))
    rows = np.split(order, ends[:-1])
    kept = [i for i, own in enumerate(rows) if len(own) or (starts[i] != "")]
    return Grouping(
        column, kind, unit, [names[i] for i in kept], [starts[i] for i in kept],
        [rows[i] for i in kept],
    )  # fmt: skip


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
) -> Literal["", "above", "below"]:
    """Compare a group with all other texts; nothing if these are too few."""
    rest = np.delete(np.arange(len(evidence)), rows)
    if int((evidence.coverage[rest] > 0).sum()) < MIN_TEXTS:
        return ""
    lead = lead_over(own, evidence.estimate(rest))
    return "" if abs(lead) < CLEAR else "above" if lead > 0 else "below"


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
