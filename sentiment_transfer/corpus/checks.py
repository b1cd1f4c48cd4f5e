"""Checks of rows: which are good, and what happens to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from sentiment_transfer.corpus.rows import OR_SKIP
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentiment_transfer.corpus.rows import Row, Source

__all__ = ["LabelledRows", "SkippedRows", "good_rows", "text_of"]

MESSAGES_KEPT = 1000

T = TypeVar("T")


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
    """Return the text of a row, or the error of a row without text."""
    place, value, _ = row
    if isinstance(value, str):
        return value
    return source.error(place, f"text {_described(value)}; it must be a string, {OR_SKIP}")


class LabelledRows:
    """Checks rows, and that the labels of one source have one type."""

    def __init__(self) -> None:
        self._first: tuple[Source, int | str, object, str] | None = None

    def __call__(self, source: Source, row: Row) -> tuple[str, str] | InputError:
        """Return text and label, or the error of a bad row; raises for labels of two types."""
        place, _, label = row
        text = text_of(source, row)
        if isinstance(text, InputError):
            return text
        if not text or text.isspace():
            return source.error(place, f"text is empty; drop the row {OR_SKIP}")
        if isinstance(label, str) and (not label or label.isspace()):
            message = f"label is empty; every labelled row needs one; drop the row {OR_SKIP}"
            return source.error(place, message)
        kind = _label_type(label)
        if kind is None:
            message = f"label {_described(label)}; write labels as strings or integers, {OR_SKIP}"
            return source.error(place, message)
        self._check_type(source, place, label, kind)
        return text, str(label)

    def _check_type(self, source: Source, place: int | str, label: object, kind: str) -> None:
        if self._first is None or self._first[0] is not source:
            self._first = (source, place, label, kind)
        _, first_place, first_label, first_kind = self._first
        if kind != first_kind:
            raise source.error(
                place,
                f"label {label!r} is {kind}, but label {first_label!r} of {source.unit} "
                f"{first_place} is {first_kind}; make all labels strings",
            )


def _label_type(label: object) -> str | None:
    if isinstance(label, str):
        return "a string"
    if isinstance(label, bool | np.bool_):
        return "a boolean"
    return "an integer" if isinstance(label, int | np.integer) else None


def _described(value: object) -> str:
    kind = type(value).__name__
    nan = isinstance(value, float) and value != value
    if value is None or nan or kind in {"NAType", "NaTType"}:
        return "is missing"
    return f"is the {kind} {value!r:.80}"
