"""Names of columns: those that are wanted, usual ones, and those a model was trained on."""

from __future__ import annotations

import difflib
import re
import warnings
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from sentiment_transfer.base.notice import Notice, level_of_caller
from sentiment_transfer.errors import InputError, NoLabelsError, shortened, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

__all__ = [
    "COLUMNS_LISTED",
    "LABEL_NAMES",
    "TEXT_NAMES",
    "ColumnNames",
    "Columns",
    "column_places",
    "guessed",
    "has_usual_name",
    "no_column",
    "usual",
]

TEXT_NAMES = (
    *("text", "review", "comment", "body", "content", "sentence", "tweet", "message"),
    *("评论", "评价", "内容"),
)
LABEL_NAMES = ("label", "sentiment", "polarity", "rating", "stars", "标签", "情感")
"""Usual names of columns; the first ones are the defaults."""

COLUMNS_LISTED = 20
"""Columns that a message names."""

LONGEST_NAME = 40
"""Characters; a longer name of a column may be a text."""

_NAME = re.compile(r"[^\W\d][\w-]{0,29}")


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
    found
        The columns of the first table or record, at most 20.
    """

    text: str | None = None
    label: str | None = None
    read: dict[str, str] = field(default_factory=dict)
    on_found: Callable[[str], None] | None = None
    found: tuple[str, ...] = ()

    def __getstate__(self) -> dict[str, Any]:
        """Leave out the function: another process has nobody to tell."""
        return self.__dict__ | {"on_found": None}

    def preferred(self, columns: Columns, found: Collection[str], name: str) -> Columns:
        """Return the columns with these names where a table has them, and no other was named."""
        text, label = self.instead(columns, found)
        for what, default, chosen in zip(("texts", "labels"), columns, (text, label), strict=False):
            if chosen != default and self.on_found is not None:
                said = f"{name}: {what} are read from {shown(chosen)}, as in training"
                self.on_found(said)
        return columns._replace(text=text, label=label)

    def instead(self, columns: Columns, found: Collection[str]) -> tuple[str, str | None]:
        """Return the names of text and label, in place of defaults where ``found`` has them."""
        text, label = columns.text, columns.label
        if text == TEXT_NAMES[0]:
            text = _as_in(found, self.text) or text
        if label == LABEL_NAMES[0]:
            label = _as_in(found, self.label) or label
        return text, label

    def keep(self, columns: Columns, found: Collection[str]) -> None:
        """Keep the names of columns that are there; the first ones stay."""
        self.found = self.found or tuple(islice(found, COLUMNS_LISTED))
        for what, column in zip(("text", "label"), columns.wanted, strict=False):
            if column in found:
                self.read.setdefault(what, column)


def _as_in(found: Collection[str], name: str | None) -> str | None:
    """Return a name as a table has it: readers of text files drop the white space around it."""
    forms = [] if name is None else [name, name.strip()]
    return next((form for form in forms if form in found), None)


class Columns(NamedTuple):
    """Names of the columns to read; ``label`` is None if only texts are wanted.

    With ``keep``, texts are wanted together with all columns: the third part of a row is a
    `Record`, if the source has columns. With ``blanks``, rows without a label are wanted too.
    """

    text: str
    label: str | None
    names: ColumnNames | None = None
    keep: bool = False
    blanks: bool = False

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


def no_column(name: str, argument: str, found: Sequence[str]) -> str:
    """Return the message for a missing column: which there are, and which may be meant."""
    by_lower = {column.lower(): column for column in found[:1000] if len(column) < 100}
    near = difflib.get_close_matches(name.lower(), by_lower, n=1)
    meant = f" (did you mean {by_lower[near[0]]!r}?)" if near else ""
    listed = ", ".join(shown(column) for column in found[:COLUMNS_LISTED])
    listed = shortened(listed, 400) + (", ..." if len(found) > COLUMNS_LISTED else "")
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
    chosen = usual(columns, found)
    for what, wanted, here in zip(("texts", "labels"), columns, chosen, strict=False):
        if here != wanted:
            warnings.warn(
                f"{name} has no column {wanted!r}; {what} are read from {shown(here)}",
                Notice,
                stacklevel=level_of_caller(),
            )
    return chosen.within(found, name)


def usual(columns: Columns, found: Sequence[str]) -> Columns:
    """Return the columns as `guessed` does, but without a warning, and without keeping them."""
    text, label = columns.text, columns.label
    if columns.names is not None:
        text, label = columns.names.instead(columns, found)
    if text == TEXT_NAMES[0] not in found:
        alone = len(found) == 1 and _NAME.fullmatch(found[0])
        text = found[0] if alone else _only(TEXT_NAMES, found) or text
    if label == LABEL_NAMES[0] not in found:
        label = _only(LABEL_NAMES, found) or label
    return columns._replace(text=text, label=label)


def has_usual_name(found: Iterable[str]) -> bool:
    """Whether one of some columns has a usual name."""
    return any(column.strip().lower() in {*TEXT_NAMES, *LABEL_NAMES} for column in found)


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
            kind = NoLabelsError if argument == "label" else InputError
            raise kind(no_column(column, argument, found) + _hint(found), path=name)
    return [list(found).index(column) for column in columns.wanted]


def _hint(found: Sequence[str]) -> str:
    """Return a hint if a single column has a separator in its name, or if the names are texts."""
    seen = [mark for mark in ",;|\t" if len(found) == 1 and mark in found[0]]
    if seen:
        return f". The fields seem to be separated by {seen[0]!r}; pass sep={seen[0]!r}"
    if any(len(column) > LONGEST_NAME or column.count(" ") > 3 for column in found):
        return ". The first line seems to be a row; put a line with the names of columns above it"
    return ""
