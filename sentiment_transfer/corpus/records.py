"""Texts with all columns of the rows that they are from, for results that keep these columns."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from sentiment_transfer.corpus.columns import no_column
from sentiment_transfer.corpus.rows import Record, SkippedRows, good_rows, text_of
from sentiment_transfer.errors import InputError, SettingError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sentiment_transfer.corpus.rows import Item, Row, Source

__all__ = ["Header", "Records"]

TEXT_ALONE = ("text",)
"""The columns of a source without columns, such as lines of text."""

LOOKED_AT = 4096
"""Rows in which the columns are looked for of a source that can be read only once."""

MOST_ORDERS = 1000

Key = tuple[str, int]
"""The name of a column, and how many columns before it have that name."""


class Records:
    """A stream of texts and their records; see `Texts`, which has the texts alone.

    Parameters
    ----------
    sources
        Their formats have read `Columns` with ``keep``. Rows of other sources are records of the
        column ``text``.
    once
        Whether the sources can be read only once, as standard input.
    skip_bad, on_skip
        As for `read_texts`.
    skipped
        Counts bad rows, in place of these two.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        once: bool = False,
        skip_bad: bool = False,
        on_skip: Callable[[str], None] | None = None,
        skipped: SkippedRows | None = None,
    ) -> None:
        self._sources = list(sources)
        self._once = once
        self._skipped = skipped or SkippedRows(skip_bad, on_skip)

    def headers(self) -> dict[str, tuple[str, ...]]:
        """Return the columns of each source, by its name.

        If rows may have different columns, as in JSON lines, a source is read to the end, or its
        first 4,096 rows if it can be read only once.
        """
        headers = {}
        for place, source in enumerate(self._sources):
            rows: Iterable[Item] = source.rows()
            if self._once:
                unread = iter(rows)
                rows = list(islice(unread, LOOKED_AT))
                again = partial(chain, rows, unread)
                self._sources[place] = replace(source, rows=again)
            headers[source.name] = _columns(rows)
        return headers

    def batches(self, size: int) -> Iterator[list[tuple[str, Record]]]:
        """Yield lists of ``size`` texts with their records, the last one perhaps shorter."""
        rows = good_rows(self._sources, _text_and_record, self._skipped)
        while batch := list(islice(rows, size)):
            yield batch


def _columns(rows: Iterable[Item]) -> tuple[str, ...]:
    """Return the columns of rows, in the order in which they first occur."""
    seen: set[tuple[str, ...]] = set()
    union: dict[str, None] = {}
    for row in rows:
        if isinstance(row, tuple):
            if not isinstance(row[2], Record):
                return TEXT_ALONE
            if not row[2].varies:
                return row[2].names
            if row[2].names not in seen:
                seen.add(row[2].names)
                union |= dict.fromkeys(row[2].names)
    return tuple(union)


def _text_and_record(source: Source, row: Row) -> tuple[str, Record] | InputError:
    text = text_of(source, row)
    if isinstance(text, InputError):
        return text
    return text, row[2] if isinstance(row[2], Record) else Record(TEXT_ALONE, (text,))


class Header:
    """The columns of several headers: all, in the order in which they occur, or some of them.

    Parameters
    ----------
    headers
        The columns of each source. A name that occurs in several of them is one column; one that
        occurs twice in the same is two.
    keep
        Names of the columns to keep, in this order; all if None.

    Raises
    ------
    SettingError
        A name of ``keep`` is in no header.
    """

    def __init__(
        self, headers: Iterable[tuple[str, ...]], keep: Sequence[str] | None = None
    ) -> None:
        union: dict[Key, None] = {}
        for names in headers:
            union |= dict.fromkeys(_keys(names))
        self._required = union if keep is None else None
        columns = list(union)
        if keep is not None:
            found = [name for name, _ in union]
            for name in keep:
                if name not in found:
                    raise SettingError(no_column(name, "keep", found))
            columns = [key for name in dict.fromkeys(keep) for key in union if key[0] == name]
        self.names = [name for name, _ in columns]
        self.different_names = _different(self.names)
        self._columns = columns
        self._orders: dict[tuple[str, ...], list[int | None] | None] = {}

    def values(self, record: Record) -> Sequence[object]:
        """Return the value of each column; None if the record does not have it."""
        order = self._order(record.names)
        if order is None:
            return record.values
        return [None if place is None else record.values[place] for place in order]

    def fields(self, record: Record) -> dict[str, object]:
        """Return the columns that the record has, by name; a second ``a`` is named ``a_2``."""
        order = self._order(record.names)
        if order is None:
            return dict(zip(self.different_names, record.values, strict=True))
        return {
            name: record.values[place]
            for name, place in zip(self.different_names, order, strict=True)
            if place is not None
        }

    def _order(self, names: tuple[str, ...]) -> list[int | None] | None:
        """Return the place of each column in a record; None if these are the columns."""
        if names in self._orders:
            return self._orders[names]
        keys = _keys(names)
        for key in keys:
            if self._required is not None and key not in self._required:
                raise InputError(
                    f"the column {shown(key[0])} is in none of the first {LOOKED_AT:,} rows; "
                    "save the input as a file and name that, or choose columns with keep=..."
                )
        places = {key: place for place, key in enumerate(keys)}
        order = None if keys == self._columns else [places.get(key) for key in self._columns]
        if len(self._orders) >= MOST_ORDERS:
            self._orders.clear()
        self._orders[names] = order
        return order


def _keys(names: Sequence[str]) -> list[Key]:
    count: dict[str, int] = {}
    keys = []
    for name in names:
        keys.append((name, count.get(name, 0)))
        count[name] = count.get(name, 0) + 1
    return keys


def _different(names: Sequence[str]) -> list[str]:
    """Return the names, with a number behind each that occurred before."""
    taken = set(names)
    different = []
    for name, count in _keys(names):
        number, new = count + 1, name
        while count and new in taken:
            new = f"{name}_{number}"
            number += 1
        taken.add(new)
        different.append(new)
    return different
