"""Dates and times in a column, and the periods that they are grouped into."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from pandas import DatetimeIndex, Period, PeriodIndex

__all__ = ["Periods", "periods_of", "times_of"]

READABLE = 0.9
"""Share of the values that must be times for a column to be one of times."""
LOOKED_AT = 1_000
"""Values by which the form of a column is recognised."""
EARLIEST, LATEST = 1900, 2100
"""Years; other numbers of four digits are no years."""
DAYS = (
    *("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%y", "%m/%d/%y"),
    *("%m %d, %Y", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%Y年%m月%d日"),
)
CLOCKS = (" %H:%M", " %H:%M:%S")
FORMATS = (
    *DAYS,
    *("%B %Y", "%b %Y", "%Y年%m月", "%a %b %d %H:%M:%S %z %Y", "%a, %d %b %Y %H:%M:%S %z"),
)
"""Forms other than ISO 8601. The first that reads most values is taken, so 03/04/2024 is of April
unless other values show that months come first."""
LONGEST = 40
"""Characters of a time."""
SECONDS, MILLISECONDS = (10**8, 10**10), (10**11, 10**13)
"""Ranges of whole numbers that are seconds or milliseconds since 1970."""
UNITS = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q", "year": "Y"}
"""Periods, the shortest first, each with the name that pandas has for it."""
MIN_PERIODS, MOST_PERIODS = 4, 24
ENOUGH = 30
"""Texts that half of the periods should have at least, so that their shares mean something."""


class Periods(NamedTuple):
    """Times in periods of one length.

    Attributes
    ----------
    unit
        ``"day"``, ``"week"``, ``"month"``, ``"quarter"`` or ``"year"``.
    starts
        First day of each period, from the first to the last one, as ``2024-03-01``.
    names
        Name of each period, as ``Mar 2024``; with more than 24 years the first is ``up to 1999``.
    places
        Period of each time, ``(n,)``; -1 for a time that is missing.
    """

    unit: str
    starts: list[str]
    names: list[str]
    places: NDArray[np.intp]


def times_of(values: Sequence[str]) -> DatetimeIndex | None:
    """Return the times that values are, ``(n,)``, or None if they are no times.

    Read are ISO 8601, usual forms with a month and a year, and seconds or milliseconds since 1970.
    A value that cannot be read is ``NaT``; if they are more than one in ten of those that are not
    empty, the column is not one of times.
    """
    import pandas as pd

    sample = [value for value in values if value][:LOOKED_AT]
    read = _reader(sample)
    if read is None:
        return None
    times = read(values)
    inside = (times.year >= EARLIEST) & (times.year <= LATEST)
    return pd.DatetimeIndex(times.where(inside)).tz_localize(None)


def _reader(sample: list[str]) -> Callable[[Sequence[str]], DatetimeIndex] | None:
    """Return what reads most values of a sample, or None if nothing reads enough of them."""
    plausible = [len(value) <= LONGEST and any(map(str.isdigit, value)) for value in sample]
    if sum(plausible) < max(1, READABLE * len(sample)):
        return None
    if all(value.isdigit() and len(value) != 8 for value in sample):
        return _reader_of_numbers(sample)
    best, most = None, READABLE * len(sample) - 1e-9
    for form in ("ISO8601", *FORMATS, *(form + clock for form in DAYS for clock in CLOCKS)):
        read = partial(_parsed, form)
        n_read = int(np.count_nonzero(read(sample).notna()))
        if n_read == len(sample):
            return read
        if n_read > most:
            best, most = read, n_read
    return best


def _parsed(form: str, values: Sequence[str]) -> DatetimeIndex:
    import pandas as pd

    return pd.DatetimeIndex(pd.to_datetime([*values], errors="coerce", format=form, utc=True))


def _reader_of_numbers(sample: list[str]) -> Callable[[Sequence[str]], DatetimeIndex] | None:
    """Return what reads years, seconds or milliseconds, if the numbers of a sample are these."""
    numbers = np.array([float(value) for value in sample if len(value) < 16])
    if len(numbers) < len(sample):
        return None
    if ((numbers >= EARLIEST) & (numbers <= LATEST)).all():
        return partial(_parsed, "%Y")
    for unit, (low, high) in (("s", SECONDS), ("ms", MILLISECONDS)):
        if ((numbers >= low) & (numbers < high)).all():
            return partial(_since_1970, unit)
    return None


def _since_1970(unit: str, values: Sequence[str]) -> DatetimeIndex:
    import pandas as pd

    numbers = pd.to_numeric(pd.Series([*values], dtype=object), errors="coerce")
    seconds = numbers / (1_000 if unit == "ms" else 1)
    return pd.DatetimeIndex(pd.to_datetime(seconds.where(seconds < SECONDS[1]), unit="s", utc=True))


def periods_of(times: DatetimeIndex) -> Periods | None:
    """Divide times into 4 to 24 periods, the shortest of which half have 30 texts or more.

    Where no length is like that, the longest that makes two periods or more. None if all times are
    missing or within one day.
    """
    periods = {unit: times.to_period(code) for unit, code in UNITS.items()}
    chosen = _unit(periods)
    if chosen is None:
        return None
    found = periods[chosen]
    first, last = found[found.notna()].min(), found[found.notna()].max()
    n = (last - first).n + 1
    cut = max(0, n - MOST_PERIODS)
    spanned = [first + i for i in range(cut, n)]
    missing = np.asarray(found.isna())
    places = np.full(len(found), -1, np.intp)
    ordinals = np.asarray(found[~missing].astype("int64"))
    places[~missing] = np.maximum(ordinals - first.ordinal - cut, 0)
    names = [_name(chosen, period) for period in spanned]
    if cut:
        names[0] = f"up to {names[0]}"
    return Periods(chosen, [str(one.start_time.date()) for one in spanned], names, places)


def _unit(periods: dict[str, PeriodIndex]) -> str | None:
    """Return the best length of the periods; None if all make a single period."""
    possible = []
    for unit, found in periods.items():
        ordinals = np.asarray(found[found.notna()].astype("int64"))
        n = int(np.ptp(ordinals)) + 1 if len(ordinals) else 0
        if n < 2 or (n > MOST_PERIODS and unit != "year"):
            continue
        possible.append(unit)
        counts = np.bincount(ordinals - ordinals.min(), minlength=n)
        if n >= MIN_PERIODS and 2 * int((counts >= ENOUGH).sum()) >= n:
            return unit
    return possible[-1] if possible else None


def _name(unit: str, period: Period) -> str:
    """Name a period: ``4 Mar 2024``, ``Mar 2024``, ``2024 Q1``, ``2024``."""
    start = period.start_time
    if unit in ("day", "week"):
        return f"{start.day} {start:%b} {start.year}"
    if unit == "month":
        return f"{start:%b} {start.year}"
    return f"{start.year} Q{period.quarter}" if unit == "quarter" else str(start.year)
