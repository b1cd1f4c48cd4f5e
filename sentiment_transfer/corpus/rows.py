"""Rows, the common form of all formats (a place, a text and a label), and their checks.

A format is a generator of items. It *yields* what concerns one row (the row itself, the error of a
bad row, a blank line), so that reading can go on, and *raises* what concerns the whole file.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar

import numpy as np

from sentiment_transfer.base.notice import Notice, level_of_caller
from sentiment_transfer.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentiment_transfer.corpus.sources import Location

__all__ = [
    "LONGEST_ROW",
    "OR_SKIP",
    "Item",
    "LabelledRows",
    "NoValue",
    "Record",
    "Row",
    "SkippedNotice",
    "SkippedRows",
    "Source",
    "Unanswered",
    "good_rows",
    "text_of",
]

LONGEST_ROW = 10_000_000
"""A line, a row of a table in a file, or a file of a folder with more bytes is a bad row."""

OR_SKIP = "or pass skip_bad=True"
_KEEP_BLANKS = (
    'pass blank="unlabelled" to read the texts of such rows as unlabelled ones, drop the row '
    f"{OR_SKIP}"
)

MESSAGES_KEPT = 1000

T = TypeVar("T")


class Record(NamedTuple):
    """All columns of a row: names, values in the same order.

    ``varies`` if other rows of the source may have other names, as in JSON lines.
    """

    names: tuple[str, ...]
    values: Sequence[object]
    varies: bool = False


Row = tuple[int | str, object, object]
"""Place, text, label; for texts a `Record` of all columns, or ignored.

A place is a line from 1, a row from 0, the path of a file, or a phrase such as "record 3".
"""

Item = Row | InputError | str | None
"""A row, a bad row, a message about something left out, or None for a blank line."""


@dataclass(frozen=True)
class NoValue:
    """What a cell holds in place of a value, as a phrase: an error of a formula."""

    what: str


@dataclass(frozen=True)
class Unanswered:
    """Stands in place of a label where annotators gave none: the text is an unlabelled one."""


@dataclass(frozen=True)
class Source:
    """One file, folder or object in memory.

    ``name`` is its name in messages, ``rows`` a function that starts a pass over the items,
    ``unit`` the unit of their places: lines from 1, rows from 0, or paths of files, and
    ``location`` its place, if it is one file.
    """

    name: str
    rows: Callable[[], Iterator[Item]]
    unit: Literal["line", "row", "file"]
    location: Location | None = None

    def place(self, place: int | str) -> str:
        """Return a place as messages name it."""
        phrase = isinstance(place, str) and self.unit != "file"
        return str(place) if phrase else f"{self.unit} {place}"

    def place_in_words(self, place: int | str) -> str:
        """Return the name of the source and a place: ``"labelled.csv, line 7"``."""
        return str(place) if self.unit == "file" else f"{self.name}, {self.place(place)}"

    def error(self, place: int | str, message: str) -> InputError:
        """Return an error for the row at a place."""
        if isinstance(place, str) and self.unit != "file":
            return InputError(f"{place}: {message}", path=self.name)
        if self.unit == "line":
            return InputError(message, path=self.name, line=int(place))
        if self.unit == "row":
            return InputError(f"row {place}: {message}", path=self.name)
        return InputError(message, path=str(place))


class SkippedNotice(Notice):
    """Bad rows were left out, and the caller gave no ``on_skip``."""


class SkippedRows:
    """Rows left out in one pass over the sources, as messages and a count."""

    def __init__(self, skip_bad: bool, on_skip: Callable[[str], None] | None) -> None:
        self.messages: list[str] = []
        self.n_bad = 0
        self._skip_bad = skip_bad
        self._on_skip = on_skip
        self._first_bad = ""

    def bad(self, error: InputError) -> None:
        """Raise the error of a bad row, or count the row."""
        if not self._skip_bad:
            raise error
        self.n_bad += 1
        self._first_bad = self._first_bad or str(error)
        self.remark(str(error))

    def remark(self, message: str) -> None:
        """Keep a message, up to a limit, and pass it to ``on_skip``."""
        if len(self.messages) < MESSAGES_KEPT:
            self.messages.append(message)
        if self._on_skip is not None:
            self._on_skip(message)

    def warn(self, kept: int) -> None:
        """Warn of bad rows, unless ``on_skip`` was called with each; ``kept`` rows were good."""
        if self.n_bad and self._on_skip is None:
            warnings.warn(
                f"bad rows left out: {self.n_bad:,}; rows kept: {kept:,}. The first: "
                f"{self._first_bad.removesuffix(OR_SKIP).rstrip(' ,;')} (on_skip=print shows all)",
                SkippedNotice,
                stacklevel=level_of_caller(),
            )


def good_rows(
    sources: Sequence[Source],
    parse: Callable[[Source, Row], T | InputError | None],
    skipped: SkippedRows,
    *,
    may_be_empty: bool = False,
) -> Iterator[T]:
    """Yield the result of ``parse`` for each good row; add the others to ``skipped``.

    None is the result for a row that counts as a blank line. Raises ``InputError`` if no row is
    left, unless there ``may_be`` none.
    """
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
                if row is None:
                    blank += 1
                elif isinstance(row, InputError):
                    skipped.bad(row)
                else:
                    total += 1
                    yield row
        if blank:
            skipped.remark(f"{source.name}: blank lines left out: {blank}")
        if total == before:
            skipped.bad(InputError("holds no usable row; pass a file with texts", path=source.name))
    if not total and not may_be_empty:
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
    """Checks rows, and that the labels of one source have one type.

    With ``blanks``, a row without a label has the label None, and one without text as well counts
    as a blank line; the same holds for `Unanswered` in any case.
    """

    def __init__(self, *, blanks: bool = False) -> None:
        self._blanks = blanks
        self._first: tuple[Source, int | str, object, str] | None = None
        self._known: dict[str, str] = {}  # equal labels are one object
        self.found_empty = False
        """Whether a row had a label and no text."""

    def __call__(self, source: Source, row: Row) -> tuple[str, str | None] | InputError | None:
        """Return text and label, or the error of a bad row; raises for labels of two types."""
        place, _, label = row
        text = text_of(source, row)
        if isinstance(text, InputError):
            return text
        blank = _is_missing(label) or (isinstance(label, str) and not label.strip())
        if isinstance(label, Unanswered) or (self._blanks and blank):
            return (text, None) if text and not text.isspace() else None
        if not text or text.isspace():
            self.found_empty = True
            return source.error(place, f"text is empty or missing; drop the row {OR_SKIP}")
        if isinstance(label, str) and (not label or label.isspace()):
            message = f"label is empty; every labelled row needs one; {_KEEP_BLANKS}"
            return source.error(place, message)
        kind = _label_type(label)
        if kind is None:
            remedy = _KEEP_BLANKS if blank else f"write labels as strings or integers, {OR_SKIP}"
            message = f"label {_described(label)}; {remedy}"
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
                f"{shown(first_label)} of {source.place(first_place)} is {first_kind}; make all "
                "labels strings",
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
    if isinstance(value, NoValue):
        return f"is {value.what}"
    return "is missing" if _is_missing(value) else f"is the {type(value).__name__} {shown(value)}"
