"""Splitting texts into numbered pieces, compiled by numba; all fast readers build on it.

Texts become UTF-8 bytes in lower case, each ended by a NUL (`framed`). ``split`` cuts the bytes
into pieces, as the tokenizer's pattern does, and numbers each piece through a hash table:
``"bad, bad plot"`` gives ``[0, 1, 0, 2]``. The role of a piece depends on the piece alone, so a
reader looks it up once per distinct piece, not once per token.

Import this module late: numba takes longer to import than a few hundred texts to tokenise.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import regex

from sentiment_transfer.base.compiled import compiled, inlined
from sentiment_transfer.text.framing_numba import framed
from sentiment_transfer.text.normalise import BREAK, SYMBOL, WORD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Ids = NDArray[np.int32]
    Offsets = NDArray[np.int64]

__all__ = ["Splitter"]

# Classes of characters; 0 is all that belongs to no piece.
_WORD, _BREAK, _SYMBOL, _EXCLAMATION = 1, 2, 3, 4
_CLASS_PATTERNS = {_WORD: WORD, _BREAK: BREAK, _SYMBOL: SYMBOL, _EXCLAMATION: "[!?]"}

_FREE = -1

_SPACE, _APOSTROPHE = ord(" "), ord("'")  # numba would look up a call to ord each time

# Places are unsigned where every byte counts: numba wraps signed ones, as Python does below 0.
_ONE = np.uint64(1)
_BASIS, _PRIME = np.uint64(14695981039346656037), np.uint64(1099511628211)


@cache
def character_classes(limit: int) -> Bytes:
    """Class of each code point below ``limit``: uint8, shape ``(limit,)``."""
    characters = np.arange(limit, dtype="<u4").tobytes().decode("utf-32-le", "surrogatepass")
    classes = np.zeros(limit, dtype=np.uint8)
    for number, pattern in _CLASS_PATTERNS.items():
        for run in regex.finditer(f"{pattern}+", characters, regex.VERSION1):
            classes[run.start() : run.end()] = number
    return classes


class Pieces(NamedTuple):
    """The distinct pieces seen so far, and the hash table that finds them.

    Piece ``i`` is ``arena[starts[i]:starts[i + 1]]``. The table is open: a piece is in the slot
    given by its hash or, if that is taken, in the next free one. It is at most half full.
    """

    slots: Ids
    hashes: NDArray[np.uint64]
    starts: Offsets
    arena: Bytes

    @classmethod
    def empty(cls) -> Pieces:
        """Return an empty table with room for some thousands of pieces."""
        return cls(
            np.full(1 << 13, _FREE, dtype=np.int32),
            np.zeros(1 << 12, dtype=np.uint64),
            np.zeros((1 << 12) + 1, dtype=np.int64),
            np.zeros(1 << 15, dtype=np.uint8),
        )

    def with_room(self, count: int) -> Pieces:
        """Double the arrays that are too small for one more piece than ``count``."""
        slots, hashes, starts, arena = self
        if count < len(hashes):
            return Pieces(slots, hashes, starts, np.concatenate([arena, np.zeros_like(arena)]))
        slots = np.full(2 * len(slots), _FREE, dtype=np.int32)
        enter_all(hashes, slots)
        starts = np.concatenate([starts, np.zeros(count, dtype=np.int64)])
        return Pieces(slots, np.concatenate([hashes, np.zeros_like(hashes)]), starts, arena)

    def decoded(self, first: int, last: int) -> list[str]:
        """Return the pieces with numbers from ``first`` to below ``last``."""
        bounds = (self.starts[first : last + 1] - self.starts[first]).tolist()
        arena = self.arena[self.starts[first] : self.starts[last]].tobytes()
        return [arena[i:j].decode() for i, j in pairwise(bounds)]


@inlined
def _character(data: Bytes, at: int) -> tuple[np.int64, int]:
    """Return the code point of the UTF-8 character at ``at``, and its number of bytes."""
    first = np.int64(data[at])
    if first < 0x80:
        return first, 1
    second = np.int64(data[at + 1]) & 0x3F
    if first < 0xE0:
        return (first & 0x1F) << 6 | second, 2
    third = np.int64(data[at + 2]) & 0x3F
    if first < 0xF0:
        return (first & 0x0F) << 12 | second << 6 | third, 3
    fourth = np.int64(data[at + 3]) & 0x3F
    return (first & 0x07) << 18 | second << 12 | third << 6 | fourth, 4


@inlined
def _end_of_run(data: Bytes, at: int, classes: Bytes, kind: int) -> int:
    """Return the end of the longest run of one class of characters, or ``at`` if there is none."""
    while True:
        code, width = _character(data, at)
        if classes[code] != kind:
            return at
        at += width


@inlined
def _end_of_word(data: Bytes, at: int, classes: Bytes) -> int:
    """Match ``WORD+(?:'{1,2}WORD+)*``."""
    end: int = _end_of_run(data, at, classes, _WORD)
    while data[end] == ord("'"):
        begin = end + 2 if data[end + 1] == ord("'") else end + 1
        further = _end_of_run(data, begin, classes, _WORD)
        if further == begin:
            break
        end = further
    return end


@inlined
def _end_of_line_break(data: Bytes, at: int) -> int:
    """Match ``<br[ /]*>``; ``at`` itself if it does not."""
    if data[at + 1] != ord("b") or data[at + 2] != ord("r"):
        return at
    end = at + 3
    while data[end] == ord(" ") or data[end] == ord("/"):
        end += 1
    return end + 1 if data[end] == ord(">") else at


@inlined
def _end_of_emoticon(data: Bytes, at: int) -> int:
    """Match ``[:;=]-?[()]`` behind its eyes; ``at`` itself if it does not."""
    mouth = at + 2 if data[at + 1] == ord("-") else at + 1
    return mouth + 1 if data[mouth] == ord("(") or data[mouth] == ord(")") else at


@inlined
def _next_piece(data: Bytes, at: int, classes: Bytes) -> tuple[bool, int]:
    """Return whether a piece begins at ``at``, and the end of it or else of the character there."""
    code, width = _character(data, at)
    kind = classes[code]
    if kind == _WORD:
        return True, _end_of_word(data, at, classes)
    end = at
    if code == ord("<"):
        end = _end_of_line_break(data, at)
    elif code == ord(":") or code == ord(";") or code == ord("="):
        end = _end_of_emoticon(data, at)
    elif kind == _EXCLAMATION:
        end = _end_of_run(data, at, classes, _EXCLAMATION)
    if end > at:
        return True, end
    return kind != 0, at + width


@inlined
def _mixed(value: np.uint64) -> np.uint64:
    """Fold the high bits of a hash into the low ones, which choose the slot."""
    return value ^ value >> np.uint64(32)


@inlined
def _hash(data: Bytes, begin: np.uint64, end: np.uint64) -> np.uint64:
    """FNV-1a (Fowler, Noll, Vo)."""
    value = _BASIS
    at = begin
    while at < end:
        value = (value ^ np.uint64(data[at])) * _PRIME
        at += _ONE
    mixed: np.uint64 = _mixed(value)
    return mixed


@inlined
def _plain_word(data: Bytes, at: np.uint64, classes: Bytes) -> tuple[np.uint64, np.uint64]:
    """Return end and hash of a word of ASCII letters and digits; the end is ``at`` if it is none.

    Nearly all pieces are. This reads them once, and leaves the rest to `_next_piece` and `_hash`.
    """
    value = _BASIS
    end = at
    byte = data[end]
    while byte < 0x80 and classes[byte] == _WORD:
        value = (value ^ np.uint64(byte)) * _PRIME
        end += _ONE
        byte = data[end]
    if byte >= 0x80 or byte == _APOSTROPHE:
        end = at
    return end, _mixed(value)


@inlined
def _slot(
    data: Bytes,
    begin: np.uint64,
    end: np.uint64,
    value: np.uint64,
    slots: Ids,
    hashes: NDArray[np.uint64],
    starts: Offsets,
    arena: Bytes,
) -> np.uint64:
    """Return the slot of a piece, or the free slot where it belongs."""
    last = np.uint64(len(slots) - 1)
    slot = value & last
    while True:
        number = slots[slot]
        if number == _FREE:
            return slot
        piece = np.uint64(number)
        if hashes[piece] == value:
            start = np.uint64(starts[piece])
            length = np.uint64(starts[piece + _ONE]) - start
            same = np.uint64(0)
            if length == end - begin:
                while same < length and arena[start + same] == data[begin + same]:
                    same += _ONE
            if same == length:
                return slot
        slot = (slot + _ONE) & last


@compiled
def enter_all(hashes: NDArray[np.uint64], slots: Ids) -> None:
    """Enter distinct pieces into an empty table."""
    last = np.uint64(len(slots) - 1)
    for piece in range(len(hashes)):
        slot = hashes[piece] & last
        while slots[slot] != _FREE:
            slot = (slot + _ONE) & last
        slots[slot] = piece


@compiled
def split(
    data: Bytes, classes: Bytes, pieces: Pieces, numbers: Ids, offsets: Offsets, state: Offsets
) -> None:
    """Cut texts into pieces and number them, until all texts are done or ``pieces`` is full.

    ``data`` is UTF-8 with a NUL behind each text and no other; as a NUL belongs to no piece,
    nothing looks past the end. ``numbers`` takes the number of each piece, ``offsets`` the place
    of each text among them. ``state`` holds four counts, kept from call to call: bytes read,
    texts read, numbers written, distinct pieces.
    """
    slots, hashes, starts, arena = pieces
    at, text, n, count = np.uint64(state[0]), state[1], state[2], state[3]
    size = np.uint64(len(data))
    while at < size:
        if data[at] == _SPACE:
            at += _ONE
            continue
        end, value = _plain_word(data, at, classes)
        begins = end > at
        if not begins:
            begins, place = _next_piece(data, np.int64(at), classes)
            end = np.uint64(place)
            if begins:
                value = _hash(data, at, end)
        if begins:
            slot = _slot(data, at, end, value, slots, hashes, starts, arena)
            if slots[slot] == _FREE:
                length = np.int64(end - at)
                if count == len(hashes) or starts[count] + length > len(arena):
                    break
                slots[slot] = count
                hashes[count] = value
                starts[count + 1] = starts[count] + length
                arena[starts[count] : starts[count + 1]] = data[at:end]
                count += 1
            numbers[n] = slots[slot]
            n += 1
        elif data[at] == 0:
            text += 1
            offsets[text] = n
        at = end
    state[0], state[1], state[2], state[3] = at, text, n, count


class Splitter:
    """Cut texts into pieces, batch by batch, and number them in the order first seen.

    Not to be shared between threads. ``prepare`` removes markup and normalises a text
    (``Tokenizer.prepare``), and with ``signs`` also replaces emoticons and hashtags. With
    ``prepares_all`` it is called for ASCII texts as well that need neither.
    """

    def __init__(
        self, prepare: Callable[[str], str], *, signs: bool = False, prepares_all: bool = False
    ) -> None:
        self._prepare = prepare
        self._prepares_all = prepares_all
        self._signs = signs
        self._pieces = Pieces.empty()
        self._numbers = np.empty(0, dtype=np.int32)
        self._count = 0

    def __len__(self) -> int:
        """Return the number of distinct pieces seen so far."""
        return self._count

    @property
    def n_bytes(self) -> int:
        """Bytes of the distinct pieces, and of the longest batch, for which there is room."""
        return int(self._pieces.starts[self._count]) + len(self._numbers)

    def from_number(self, first: int, last: int | None = None) -> list[str]:
        """Return the pieces from number ``first`` on, to below ``last`` if it is given."""
        return self._pieces.decoded(first, self._count if last is None else last)

    def split(self, texts: Sequence[str]) -> tuple[Ids, Offsets]:
        """Return the numbers of all pieces, and the offsets of the texts among them.

        The array of numbers is overwritten by the next call.
        """
        data = framed(texts, self._prepare, signs=self._signs, prepares_all=self._prepares_all)
        classes = character_classes(0x80 if data.max(initial=0) < 0x80 else 0x110000)
        if len(self._numbers) < len(data):
            self._numbers = np.empty(len(data), dtype=np.int32)
        offsets = np.zeros(len(texts) + 1, dtype=np.int64)
        state = np.array([0, 0, 0, self._count], dtype=np.int64)
        while True:
            split(data, classes, self._pieces, self._numbers, offsets, state)
            if state[0] == len(data):
                break
            self._pieces = self._pieces.with_room(int(state[3]))
        self._count = int(state[3])
        return self._numbers[: state[2]], offsets
