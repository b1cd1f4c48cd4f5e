"""Which texts belong together: by the periods of a column of times, or by other values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from sentiment_transfer.errors import InputError, shown
from sentiment_transfer.overview.times import periods_of, times_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

__all__ = ["ColumnUse", "Grouping", "as_value", "grouping_of", "usable_columns"]

MOST_GROUPS = 12
"""Categories with a group of their own; the rest are one group."""
MOST_VALUES = 0.5
"""Most different values a text, on average: with more, values are names of texts, not groups."""
LONGEST_VALUE = 100
"""Characters of a value."""
OTHERS, MISSING = "others", "no value"

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
