"""Words and rows as a reader of another program's file finds them: checked, counted, bounded."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.errors import InputError
from sentiment_transfer.pretraining.precision import MAX_VALUE

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["LONGEST_VECTOR", "WordRows", "check_rows"]

LONGEST_VECTOR = MAX_VALUE
"""Vectors that are longer are refused."""

BLOCK_ROWS = 4096
NOT_UTF8 = "not UTF-8"
MAX_NOT_UTF8 = 0.1
"""A file with a larger share of such words is in another encoding, not damaged in a few places."""


def check_rows(rows: NDArray[np.float32]) -> tuple[int, str] | None:
    """Return the first row that is not finite or too long, with what is wrong; None if all fit."""
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
    wrong = ~(lengths <= LONGEST_VECTOR)  # NaN is wrong too
    if not wrong.any():
        return None
    row = int(np.argmax(wrong))
    if np.isfinite(rows[row]).all():
        return row, f"is {lengths[row]:.2g} long; the limit is {LONGEST_VECTOR:g}"
    return row, "holds NaN or infinite values; all values must be finite"


@dataclass
class WordRows:
    """Takes the words of a file one by one, and keeps what can be used.

    The first row of a word counts. Words that occur again, are empty or not UTF-8 are skipped, and
    `finish` reports all of them in one warning. The matrix grows with the rows that arrive,
    whatever a header promises.

    Attributes
    ----------
    path, format
        For messages.
    limit
        Number of words to keep; None for all.
    unit
        What ``place`` counts: ``"line"``, or ``"word"`` in a binary file.
    promised
        Number of words by the file's header; None without one.
    """

    path: str
    format: str
    limit: int | None = None
    unit: str = "line"
    promised: int | None = None
    index: dict[str, int] = field(default_factory=dict)
    counts: list[int] = field(default_factory=list)
    _matrix: NDArray[np.float32] = field(default_factory=lambda: np.empty((0, 0), np.float32))
    _places: list[int] = field(default_factory=list)  # of the rows not yet checked
    _skipped: dict[str, list[int]] = field(default_factory=dict)  # count, first place
    _notes: list[str] = field(default_factory=list)

    @property
    def full(self) -> bool:
        """Whether the limit is reached."""
        return self.limit is not None and len(self.index) >= self.limit

    @property
    def seen(self) -> int:
        """Number of words so far, with those that were skipped."""
        return len(self.index) + sum(count for count, _ in self._skipped.values())

    def error(self, reason: str, place: int | None = None) -> InputError:
        """Return the error that refuses the file."""
        line = place if self.unit == "line" else None
        where = f"word {place:,}: " if place is not None and line is None else ""
        message = f"is not a {self.format} file ({where}{reason})"
        return InputError(message, path=self.path, line=line)

    def note(self, text: str) -> None:
        """Add to the warning."""
        self._notes.append(text)

    def skip(self, reason: str, place: int) -> None:
        """Count a word that is left out."""
        self._skipped.setdefault(reason, [0, place])[0] += 1

    def add(self, word: bytes, row: Any, place: int, count: int = 1) -> None:  # noqa: ANN401
        """Keep a word with its row, ``(d,)`` of numbers, or count it as skipped."""
        try:
            text = word.decode()
        except UnicodeDecodeError:
            return self.skip(NOT_UTF8, place)
        if not text or text.isspace():
            return self.skip("empty", place)
        n = len(self.index)
        if self.index.setdefault(text, n) != n:
            return self.skip("repeated", place)
        if n == len(self._matrix):
            self._grow(n, len(row))
        self._matrix[n] = row
        self._places.append(place)
        self.counts.append(count)
        if len(self._places) == BLOCK_ROWS:
            self._check_block()
        return None

    def finish(self) -> tuple[tuple[str, ...], NDArray[np.float32], NDArray[np.int64]]:
        """Return words, matrix ``(n_words, d)`` and counts, and warn of all that was skipped."""
        self._check_block()
        self._check_promise()
        broken, first = self._skipped.get(NOT_UTF8, (0, 0))
        if broken > MAX_NOT_UTF8 * self.seen:
            raise self.error(
                f"{broken:,} of {self.seen:,} words are not UTF-8; convert it, for example with: "
                "iconv -f cp1252 -t utf-8",
                first,
            )
        if not self.index:
            raise self.error("it holds no words with vectors")
        if self._skipped:
            total = sum(count for count, _ in self._skipped.values())
            parts = (
                f"{count:,} {reason} (first in {self.unit} {place:,})"
                for reason, (count, place) in self._skipped.items()
            )
            self.note(f"{total:,} of {self.seen:,} words are skipped: {', '.join(parts)}")
        if self._notes:
            warnings.warn(f"{self.path}: {'; '.join(self._notes)}", stacklevel=4)
        self._matrix.resize((len(self.index), self._matrix.shape[1]), refcheck=False)
        return tuple(self.index), self._matrix, np.array(self.counts, np.int64)

    def _grow(self, n: int, d: int) -> None:
        """Make room for half as many rows more, or a megabyte of them."""
        rows = n + max(n // 2, 2**18 // d, 1)
        if self.limit is not None:
            rows = min(rows, self.limit)
        self._matrix.resize((rows, d), refcheck=False)

    def _check_block(self) -> None:
        n = len(self.index)
        found = check_rows(self._matrix[n - len(self._places) : n])
        if found is not None:
            row, reason = found
            word = list(self.index)[n - len(self._places) + row]
            raise self.error(f"the vector of {word[:40]!r} {reason}", self._places[row])
        self._places.clear()

    def _check_promise(self) -> None:
        if self.promised is None or self.seen == self.promised:
            return
        promise = f"its header promises {self.promised:,} words"
        if self.seen > self.promised:
            self.note(f"{promise}, but it holds more: {self.seen:,} are read")
        elif not self.full:
            raise self.error(
                f"{promise}, but it holds {self.seen:,}; it is cut short: get it again, or pass "
                f"limit={len(self.index)} for the words that it holds"
            )
