"""Rows, the common form of all formats: a place, a text and a label.

A format is a generator of items. It *yields* what concerns one row (the row itself, the error of a
bad row, a blank line), so that reading can go on, and *raises* what concerns the whole file.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = [
    "LONGEST_ROW",
    "OR_SKIP",
    "Columns",
    "Item",
    "Row",
    "Source",
    "column_places",
    "decoded",
    "no_column",
]

LONGEST_ROW = 10_000_000
"""A line, a row of a table in a file, or a file of a folder with more bytes is a bad row."""

OR_SKIP = "or pass skip_bad=True (--skip-bad)"

Row = tuple[int | str, object, object]
"""Place (line from 1, row from 0, or path), text, label; the label is ignored for texts."""

Item = Row | InputError | str | None
"""A row, a bad row, a message about something left out, or None for a blank line."""


class Columns(NamedTuple):
    """Names of the columns to read; ``label`` is None if only texts are wanted."""

    text: str
    label: str | None

    @property
    def wanted(self) -> list[str]:
        """The names in the order of a row."""
        return [self.text] if self.label is None else [self.text, self.label]


@dataclass(frozen=True)
class Source:
    """One file, folder or object in memory.

    Attributes
    ----------
    name
        Name in messages.
    rows
        Function that starts a pass over the items.
    unit
        Unit of its places: lines from 1, rows from 0, or paths of files.
    """

    name: str
    rows: Callable[[], Iterator[Item]]
    unit: Literal["line", "row", "file"]

    def error(self, place: int | str, message: str) -> InputError:
        """Return an error for the row at a place."""
        if self.unit == "line":
            return InputError(message, path=self.name, line=int(place))
        if self.unit == "row":
            return InputError(f"row {place}: {message}", path=self.name)
        return InputError(message, path=str(place))


def decoded(raw: bytes, name: str, line: int | None = None) -> str | InputError:
    """Decode one line or one small file, or return an error that names the invalid byte."""
    if len(raw) > LONGEST_ROW:
        return InputError(
            f"longer than {LONGEST_ROW:,} bytes; split it into several texts, {OR_SKIP}",
            path=name,
            line=line,
        )
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return InputError(
            f"byte {error.start + 1} ({raw[error.start]:#04x}) is not UTF-8; convert the file "
            f"with: iconv -f latin1 -t utf-8 (or the encoding it has), {OR_SKIP}",
            path=name,
            line=line,
        )


def no_column(name: str, argument: str, found: Sequence[str]) -> str:
    """Return the message for a missing column: which there are, and which may be meant."""
    by_lower = {column.lower(): column for column in found}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    meant = f" (did you mean {by_lower[near[0]]!r}?)" if near else ""
    listed = ", ".join(repr(column) for column in found[:20]) + (", ..." if len(found) > 20 else "")
    return (
        f"no column {name!r}{meant}; found: {listed or 'none'}. "
        f"Name the column with {argument}=... (--{argument} ...)"
    )


def column_places(columns: Columns, found: Sequence[str], name: str) -> list[int]:
    """Return the index of each wanted column; raises for a missing or a duplicate one."""
    for argument, column in zip(("text", "label"), columns.wanted, strict=False):
        count = list(found).count(column)
        if count > 1:
            raise InputError(f"the column {column!r} occurs {count} times; rename one", path=name)
        if not count:
            raise InputError(no_column(column, argument, found) + _separator(found), path=name)
    return [list(found).index(column) for column in columns.wanted]


def _separator(found: Sequence[str]) -> str:
    """Return a hint if a single column has a separator in its name."""
    seen = [mark for mark in ",;|\t" if len(found) == 1 and mark in found[0]]
    return f". The fields seem to be separated by {seen[0]!r}, unlike the suffix" if seen else ""
