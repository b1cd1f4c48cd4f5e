"""Rows, the common form of all formats (a place, a text and a label), and their checks.

A format is a generator of items. It *yields* what concerns one row (the row itself, the error of a
bad row, a blank line), so that reading can go on, and *raises* what concerns the whole file.
"""

from __future__ import annotations

import difflib
import re
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

import numpy as np

from sentiment_transfer.base.notice import Notice
from sentiment_transfer.errors import InputError, shortened, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

__all__ = [
    "LONGEST_ROW",
    "OR_SKIP",
    "ColumnNames",
    "Columns",
    "Item",
    "LabelledRows",
    "Row",
    "SkippedRows",
    "Source",
    "column_places",
    "decoded",
    "good_rows",
    "guessed",
    "no_column",
    "text_of",
]

LONGEST_ROW = 10_000_000
"""A line, a row of a table in a file, or a file of a folder with more bytes is a bad row."""

OR_SKIP = "or pass skip_bad=True"

ENCODINGS = (
    "open the file in an editor with the encoding it has (often cp1252, for Chinese gb18030, from "
    "Excel perhaps utf-16) and save it as UTF-8"
)
"""latin1 is not advised: it turns every byte into some character, so it is never found wrong."""

TEXT_NAMES = ("text", "review", "comment", "body", "content", "sentence", "评论", "评价", "内容")
LABEL_NAMES = ("label", "sentiment", "polarity", "rating", "stars", "标签", "情感")
"""Usual names of columns; the first ones are the defaults."""

_NAME = re.compile(r"[^\W\d][\w-]{0,29}")

MESSAGES_KEPT = 1000

T = TypeVar("T")

Row = tuple[int | str, object, object]
"""Place (line from 1, row from 0, or path), text, label; the label is ignored for texts."""

Item = Row | InputError | str | None
"""A row, a bad row, a message about something left out, or None for a blank line."""


@dataclass
class ColumnNames:
    """Names that take the place of the defaults in tables that have them, such as a model's own.

    Attributes
    ----------
    text, label
        The names, if there are any.
    read
        The columns that were read first, by what they hold, ``"text"`` and ``"label"``.
    on_found
        Called with a message about each table in which a name took the place of a default.
    """

    text: str | None = None
    label: str | None = None
    read: dict[str, str] = field(default_factory=dict)
    on_found: Callable[[str], None] | None = None

    def preferred(self, columns: Columns, found: Collection[str], name: str) -> Columns:
        """Return the columns with these names where a table has them, and no other was named."""
        text, label, _ = columns
        if text == TEXT_NAMES[0] and self.text in found:
            text = self._said(text, str(self.text), "texts", name)
        if label == LABEL_NAMES[0] and self.label in found:
            label = self._said(label, str(self.label), "labels", name)
        return Columns(text, label, self)

    def _said(self, default: str, chosen: str, what: str, name: str) -> str:
        if chosen != default and self.on_found is not None:
            self.on_found(f"{name}: {what} are read from {shown(chosen)}, as in training")
        return chosen

    def keep(self, columns: Columns, found: Collection[str]) -> None:
        """Keep the names of columns that are there; the first ones stay."""
        for what, column in zip(("text", "label"), columns.wanted, strict=False):
            if column in found:
                self.read.setdefault(what, column)


class Columns(NamedTuple):
    """Names of the columns to read; ``label`` is None if only texts are wanted."""

    text: str
    label: str | None
    names: ColumnNames | None = None

    def within(self, found: Collection[str], name: str) -> Columns:
        """Return the columns to read of a table or a record with these fields."""
        if self.names is None:
            return self
        columns = self.names.preferred(self, found, name)
        self.names.keep(columns, found)
        return columns

    @property
    def wanted(self) -> list[str]:
        """The names in the order of a row."""
        return [self.text] if self.label is None else [self.text, self.label]


@dataclass(frozen=True)
class Source:
    """One file, folder or object in memory.

    ``name`` is its name in messages, ``rows`` a function that starts a pass over the items, and
    ``unit`` the unit of their places: lines from 1, rows from 0, or paths of files.
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
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return InputError(
            f"byte {error.start + 1} ({raw[error.start]:#04x}) is not UTF-8; {ENCODINGS}, "
            f"{OR_SKIP}",
            path=name,
            line=line,
        )
    if "\0" not in text:
        return text
    message = f"byte {raw.index(0) + 1} is NUL, which no text holds; {ENCODINGS}, {OR_SKIP}"
    return InputError(message, path=name, line=line)


def no_column(name: str, argument: str, found: Sequence[str]) -> str:
    """Return the message for a missing column: which there are, and which may be meant."""
    by_lower = {column.lower(): column for column in found[:1000] if len(column) < 100}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    meant = f" (did you mean {by_lower[near[0]]!r}?)" if near else ""
    listed = ", ".join(shown(column) for column in found[:20])
    listed = shortened(listed, 400) + (", ..." if len(found) > 20 else "")
    return (
        f"no column {shown(name)}{meant}; found: {listed or 'none'}. "
        f"Name the column with {argument}=..."
    )


def guessed(columns: Columns, found: Sequence[str], name: str) -> Columns:
    """Return the columns, with a usual name of a table in place of ``"text"`` and ``"label"``.

    Only where such a column is missing and the table has one candidate: a column of a usual name,
    or for texts its only column, unless the name of that may be a text itself. A warning names it.
    The names of a `ColumnNames` come first.
    """
    columns = columns.within(found, name)
    text, label, names = columns
    if text == TEXT_NAMES[0] not in found:
        alone = len(found) == 1 and _NAME.fullmatch(found[0])
        text = found[0] if alone else _only(TEXT_NAMES, found) or text
    if label == LABEL_NAMES[0] not in found:
        label = _only(LABEL_NAMES, found) or label
    for what, wanted, here in zip(("texts", "labels"), columns, (text, label), strict=False):
        if here != wanted:
            warnings.warn(
                f"{name} has no column {wanted!r}; {what} are read from {shown(here)}",
                Notice,
                stacklevel=2,
            )
    return Columns(text, label, names).within(found, name)


def _only(names: Sequence[str], found: Sequence[str]) -> str | None:
    """Return the column that has one of these names, in any case, if there is just one."""
    here = [column for column in found if column.strip().lower() in names]
    return here[0] if len(here) == 1 else None


def column_places(columns: Columns, found: Sequence[str], name: str) -> list[int]:
    """Return the index of each wanted column; raises for a missing or a duplicate one."""
    for argument, column in zip(("text", "label"), columns.wanted, strict=False):
        count = list(found).count(column)
        if count > 1:
            raise InputError(
                f"the column {shown(column)} occurs {count} times; rename one", path=name
            )
        if not count:
            raise InputError(no_column(column, argument, found) + _separator(found), path=name)
    return [list(found).index(column) for column in columns.wanted]


def _separator(found: Sequence[str]) -> str:
    """Return a hint if a single column has a separator in its name."""
    seen = [mark for mark in ",;|\t" if len(found) == 1 and mark in found[0]]
    return f". The fields seem to be separated by {seen[0]!r}, unlike the suffix" if seen else ""


class SkippedRows:
    """Rows left out in one pass over the sources, as messages and a count."""

    def __init__(self, skip_bad: bool, on_skip: Callable[[str], None] | None) -> None:
        self.messages: list[str] = []
        self.n_bad = 0
        self._skip_bad = skip_bad
        self._on_skip = on_skip

    def bad(self, error: InputError) -> None:
        """Raise the error of a bad row, or count the row."""
        if not self._skip_bad:
            raise error
        self.n_bad += 1
        self.remark(str(error))

    def remark(self, message: str) -> None:
        """Keep a message, up to a limit, and pass it to ``on_skip``."""
        if len(self.messages) < MESSAGES_KEPT:
            self.messages.append(message)
        if self._on_skip is not None:
            self._on_skip(message)


def good_rows(
    sources: Sequence[Source], parse: Callable[[Source, Row], T | InputError], skipped: SkippedRows
) -> Iterator[T]:
    """Yield the result of ``parse`` for each good row; add the others to ``skipped``."""
    total = 0
    for source in sources:
        before, blank = total, 0
        for item in source.rows():
            if item is None:
                blank += 1
            elif isinstance(item, str):
                skipped.remark(item)
            else:
                row = item if isinstance(item, InputError) else parse(source, item)
                if isinstance(row, InputError):
                    skipped.bad(row)
                else:
                    total += 1
                    yield row
        if blank:
            skipped.remark(f"{source.name}: blank lines left out: {blank}")
        if total == before:
            skipped.bad(InputError("holds no usable row; pass a file with texts", path=source.name))
    if not total:
        raise InputError(
            f"nothing is left to read: {'; '.join(skipped.messages[:3]) or 'no source'}"
        )


def text_of(source: Source, row: Row) -> str | InputError:
    """Return the text of a row, empty if it is missing, or the error of a row of another type."""
    place, value, _ = row
    if isinstance(value, str):
        return value
    if _is_missing(value):
        return ""
    return source.error(place, f"text {_described(value)}; it must be a string, {OR_SKIP}")


class LabelledRows:
    """Checks rows, and that the labels of one source have one type."""

    def __init__(self) -> None:
        self._first: tuple[Source, int | str, object, str] | None = None
        self._known: dict[str, str] = {}  # equal labels are one object

    def __call__(self, source: Source, row: Row) -> tuple[str, str] | InputError:
        """Return text and label, or the error of a bad row; raises for labels of two types."""
        place, _, label = row
        text = text_of(source, row)
        if isinstance(text, InputError):
            return text
        if not text or text.isspace():
            return source.error(place, f"text is empty or missing; drop the row {OR_SKIP}")
        if isinstance(label, str) and (not label or label.isspace()):
            message = f"label is empty; every labelled row needs one; drop the row {OR_SKIP}"
            return source.error(place, message)
        kind = _label_type(label)
        if kind is None:
            message = f"label {_described(label)}; write labels as strings or integers, {OR_SKIP}"
            return source.error(place, message)
        if isinstance(label, str) and label.endswith("\0"):
            return source.error(place, f"label ends with NUL; take that off {OR_SKIP}")
        self._check_type(source, place, label, kind)
        try:
            name = str(label)
        except ValueError:  # Python writes no integer of more than 4,300 digits
            return source.error(place, f"label is {shown(label)}; {OR_SKIP}")
        return text, self._known.setdefault(name, name)

    def _check_type(self, source: Source, place: int | str, label: object, kind: str) -> None:
        if self._first is None or self._first[0] is not source:
            self._first = (source, place, label, kind)
        _, first_place, first_label, first_kind = self._first
        if kind != first_kind:
            raise source.error(
                place,
                f"label {shown(label)} is {kind}, but label "
                f"{shown(first_label)} of {source.unit} "
                f"{first_place} is {first_kind}; make all labels strings",
            )


def _label_type(label: object) -> str | None:
    if isinstance(label, str):
        return "a string"
    if isinstance(label, bool | np.bool_):
        return "a boolean"
    return "an integer" if isinstance(label, int | np.integer) else None


def _is_missing(value: object) -> bool:
    nan = isinstance(value, float) and value != value
    return value is None or nan or type(value).__name__ in {"NAType", "NaTType"}


def _described(value: object) -> str:
    return "is missing" if _is_missing(value) else f"is the {type(value).__name__} {shown(value)}"
