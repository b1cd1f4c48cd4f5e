"""Whole corpora to numbered tokens: what ``Tokenizer`` does text by text, compiled by numba.

A batch of texts goes through four steps:

1. The texts, prepared where they are not ASCII, become UTF-8 bytes in lower case, each text ended
   by a NUL.
2. ``split`` cuts the bytes into pieces, as the tokenizer's pattern does, and numbers each piece
   through a hash table: ``"bad, bad plot"`` gives ``[0, 1, 0, 2]``.
3. ``Tokenizer.entry`` is asked what each new piece is. An entry depends on nothing but its piece,
   so the question is put once for each distinct piece, not for each token.
4. ``mark`` drops stop words and follows the reach of negators over the piece numbers. A piece
   leaves as ``2 * number``, or ``2 * number + 1`` if it is negated; these are then numbered again
   by the token they stand for, as two pieces may share one (``movie``, ``movie's``).

Import this module late: numba takes longer to import than a few hundred texts to tokenise.
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numba as nb
import numpy as np
import regex

from sentiment_transfer.text.normalise import BREAK, SYMBOL, WORD
from sentiment_transfer.text.tokenizer import Role
from sentiment_transfer.text.vocabulary import TokenIds

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.text.tokenizer import Tokenizer

    Bytes = NDArray[np.uint8]
    Ids = NDArray[np.int32]
    Offsets = NDArray[np.int64]

__all__ = ["Scanner"]

# Classes of characters; 0 is all that belongs to no piece.
_WORD, _BREAK, _SYMBOL, _EXCLAMATION = 1, 2, 3, 4
_CLASS_PATTERNS = {_WORD: WORD, _BREAK: BREAK, _SYMBOL: SYMBOL, _EXCLAMATION: "[!?]"}

# Roles as plain integers, which numba takes as constants.
_ROLE_WORD, _ROLE_STOP, _ROLE_NEGATOR = int(Role.WORD), int(Role.STOP), int(Role.NEGATOR)
_ROLE_INTENSIFIER, _ROLE_BREAK = int(Role.INTENSIFIER), int(Role.BREAK)

_UNSEEN = -1
_FREE = -1

_inlined = nb.njit(inline="always")


def compiled(function: Callable[..., Any]) -> Any:  # noqa: ANN401  (numba's dispatcher has no type)
    """Compile on first call and keep the result on disk, if there is a folder to write to."""
    try:
        return nb.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found neither the package's nor the user's cache folder writable
        return nb.njit(nogil=True)(function)


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
    """The distinct pieces met so far, and the hash table that finds them.

    Piece ``i`` is ``arena[starts[i]:starts[i + 1]]``. The table is open: a piece stands in the slot
    its hash names or, where that is taken, in the next one free. It is at most half full.
    """

    slots: Ids
    hashes: NDArray[np.uint64]
    starts: Offsets
    arena: Bytes

    @classmethod
    def empty(cls) -> Pieces:
        """No pieces, and room for some thousands."""
        return cls(
            np.full(1 << 13, _FREE, dtype=np.int32),
            np.zeros(1 << 12, dtype=np.uint64),
            np.zeros((1 << 12) + 1, dtype=np.int64),
            np.zeros(1 << 15, dtype=np.uint8),
        )

    def with_room(self, count: int) -> Pieces:
        """Double what is too small for one more piece than ``count``."""
        slots, hashes, starts, arena = self
        if count < len(hashes):
            return Pieces(slots, hashes, starts, np.concatenate([arena, np.zeros_like(arena)]))
        slots = np.full(2 * len(slots), _FREE, dtype=np.int32)
        enter_all(hashes, slots)
        starts = np.concatenate([starts, np.zeros(count, dtype=np.int64)])
        return Pieces(slots, np.concatenate([hashes, np.zeros_like(hashes)]), starts, arena)

    def decoded(self, first: int, last: int) -> list[str]:
        """Return the pieces from number ``first`` up to and without ``last``."""
        bounds = self.starts[first : last + 1].tolist()
        arena = self.arena[: bounds[-1]].tobytes()
        return [arena[i:j].decode() for i, j in pairwise(bounds)]


@_inlined
def _character(data: Bytes, at: int) -> tuple[np.int64, int]:
    """Code point of the UTF-8 character at a place, and how many bytes it takes."""
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


@_inlined
def _end_of_run(data: Bytes, at: int, classes: Bytes, kind: int) -> int:
    """End of the longest run of one class of characters; ``at`` itself if there is none."""
    while True:
        code, width = _character(data, at)
        if classes[code] != kind:
            return at
        at += width


@_inlined
def _end_of_word(data: Bytes, at: int, classes: Bytes) -> int:
    """Match ``WORD+(?:'WORD+)*``."""
    end = _end_of_run(data, at, classes, _WORD)
    while data[end] == ord("'"):
        further = _end_of_run(data, end + 1, classes, _WORD)
        if further == end + 1:
            break
        end = further
    return end


@_inlined
def _end_of_line_break(data: Bytes, at: int) -> int:
    """Match ``<br[ /]*>``; ``at`` itself if it does not."""
    if data[at + 1] != ord("b") or data[at + 2] != ord("r"):
        return at
    end = at + 3
    while data[end] == ord(" ") or data[end] == ord("/"):
        end += 1
    return end + 1 if data[end] == ord(">") else at


@_inlined
def _end_of_emoticon(data: Bytes, at: int) -> int:
    """Match ``[:;=]-?[()]`` behind its eyes; ``at`` itself if it does not."""
    mouth = at + 2 if data[at + 1] == ord("-") else at + 1
    return mouth + 1 if data[mouth] == ord("(") or data[mouth] == ord(")") else at


@_inlined
def _next_piece(data: Bytes, at: int, classes: Bytes) -> tuple[bool, int]:
    """Tell whether a piece begins at a place, and where it or else the character there ends."""
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


@_inlined
def _hash(data: Bytes, begin: int, end: int) -> np.uint64:
    """FNV-1a (Fowler, Noll, Vo), its high bits folded into the low ones."""
    value = np.uint64(14695981039346656037)
    for at in range(begin, end):
        value = (value ^ np.uint64(data[at])) * np.uint64(1099511628211)
    return value ^ value >> np.uint64(32)


@_inlined
def _slot(data: Bytes, begin: int, end: int, value: np.uint64, pieces: Pieces) -> np.uint64:
    """Slot of a piece: where it stands, or the free one where it belongs."""
    last = np.uint64(len(pieces.slots) - 1)
    slot = value & last
    while True:
        piece = pieces.slots[slot]
        if piece == _FREE:
            return slot
        if pieces.hashes[piece] == value:
            start = pieces.starts[piece]
            length = pieces.starts[piece + 1] - start
            same = 0
            if length == end - begin:
                while same < length and pieces.arena[start + same] == data[begin + same]:
                    same += 1
            if same == length:
                return slot
        slot = (slot + np.uint64(1)) & last


@compiled
def enter_all(hashes: NDArray[np.uint64], slots: Ids) -> None:
    """Enter distinct pieces into an empty table."""
    last = np.uint64(len(slots) - 1)
    for piece in range(len(hashes)):
        slot = hashes[piece] & last
        while slots[slot] != _FREE:
            slot = (slot + np.uint64(1)) & last
        slots[slot] = piece


@compiled
def split(
    data: Bytes, classes: Bytes, pieces: Pieces, numbers: Ids, offsets: Offsets, state: Offsets
) -> None:
    """Cut texts into pieces and number them, until all is done or ``pieces`` is full.

    ``data`` is UTF-8 with a NUL behind each text and no other; as a NUL belongs to no piece,
    nothing looks past the end. ``numbers`` takes the number of each piece, ``offsets`` the place
    of each text among them. ``state`` holds four counts, kept from call to call: bytes read,
    texts read, numbers written, distinct pieces.
    """
    slots, hashes, starts, arena = pieces
    at, text, n, count = state
    while at < len(data):
        begins, end = _next_piece(data, at, classes)
        if begins:
            value = _hash(data, at, end)
            slot = _slot(data, at, end, value, pieces)
            if slots[slot] == _FREE:
                if count == len(hashes) or starts[count] + end - at > len(arena):
                    break
                slots[slot] = count
                hashes[count] = value
                starts[count + 1] = starts[count] + end - at
                arena[starts[count] : starts[count + 1]] = data[at:end]
                count += 1
            numbers[n] = slots[slot]
            n += 1
        elif data[at] == 0:
            text += 1
            offsets[text] = n
        at = end
    state[0], state[1], state[2], state[3] = at, text, n, count


@compiled
def mark(
    pieces: Ids, offsets: Offsets, roles: Bytes, window: int, drop_stop_words: bool, numbers: Ids
) -> tuple[Ids, Offsets, Ids]:
    """Drop stop words and mark negated words: ``Tokenizer.tokens`` on piece numbers.

    Returns the variants that stay (twice the piece, plus 1 if negated), the offsets of the texts
    among them, and the variants that ``numbers`` holds as unseen, in the order first seen; they
    are entered there by their place in that list.
    """
    variants = np.empty(len(pieces), np.int32)
    kept = np.zeros(len(offsets), np.int64)
    fresh = np.empty(min(len(pieces), len(numbers)), np.int32)
    n, n_fresh = 0, 0
    for text in range(len(offsets) - 1):
        reach = 0
        for piece in pieces[offsets[text] : offsets[text + 1]]:
            role = roles[piece]
            if role == _ROLE_BREAK:
                reach = 0
                continue
            if role != _ROLE_STOP or not drop_stop_words:
                variant = 2 * piece + (1 if reach > 0 and role == _ROLE_WORD else 0)
                if numbers[variant] == _UNSEEN:
                    numbers[variant] = n_fresh
                    fresh[n_fresh] = variant
                    n_fresh += 1
                variants[n] = variant
                n += 1
            if role == _ROLE_NEGATOR:
                reach = window
            else:
                reach = reach - 1 if role in (_ROLE_STOP, _ROLE_INTENSIFIER) else 0
        kept[text + 1] = n
    return variants[:n], kept, fresh[:n_fresh]


class Scanner:
    """Number the tokens of texts, batch by batch, in the order first seen.

    What was learned of a piece is kept, so one scanner serves all batches of a corpus. It is not
    to be shared between threads.

    Parameters
    ----------
    tokenizer
        Says what the tokens are. One with a ``splitter`` of another package has pieces that are
        not known here, and cannot be used.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._ids: dict[str, int] = {}
        self._pieces = Pieces.empty()
        self._tokens: list[str] = []
        self._roles = np.zeros(0, dtype=np.uint8)
        self._numbers = np.zeros(0, dtype=np.int32)

    @property
    def words(self) -> list[str]:
        """The tokens met so far; the id of each is its place."""
        return list(self._ids)

    def scan(self, texts: Sequence[str]) -> TokenIds:
        """Ids of the tokens of each text, among ``words``."""
        piece_ids, offsets = self._split(self._framed(texts), len(texts))
        tokenizer = self._tokenizer
        variants, offsets, fresh = mark(
            piece_ids,
            offsets,
            self._roles,
            tokenizer.knowledge.window,
            bool(tokenizer.stop_words),
            self._numbers,
        )
        self._number(fresh)
        return TokenIds(self._numbers[variants], offsets)

    def _framed(self, texts: Sequence[str]) -> bytes:
        """Prepare texts and join them, in lower case and each ended by a NUL."""
        prepare = self._tokenizer.prepare
        parts = [(text if text.isascii() else prepare(text)).encode() for text in texts]
        data = b"\0".join([*parts, b""])
        if data.count(0) != len(parts):
            # a NUL of a text's own; another control character separates pieces just as well
            data = b"\0".join([*(part.replace(b"\0", b"\1") for part in parts), b""])
        return data.lower()

    def _split(self, data: bytes, n_texts: int) -> tuple[Ids, Offsets]:
        """Split framed texts into numbered pieces, and give the offsets of the texts among them."""
        characters = np.frombuffer(data, dtype=np.uint8)
        classes = character_classes(0x80 if data.isascii() else 0x110000)
        numbers = np.empty(len(data), dtype=np.int32)
        offsets = np.zeros(n_texts + 1, dtype=np.int64)
        state = np.array([0, 0, 0, len(self._tokens)], dtype=np.int64)
        while True:
            split(characters, classes, self._pieces, numbers, offsets, state)
            if state[0] == len(data):
                break
            self._pieces = self._pieces.with_room(int(state[3]))
        self._enter_pieces(int(state[3]))
        return numbers[: state[2]], offsets

    def _enter_pieces(self, count: int) -> None:
        """Ask the tokenizer what the new pieces are, up to ``count`` in all."""
        new = self._pieces.decoded(len(self._tokens), count)
        entries = [self._tokenizer.entry(piece) for piece in new]
        self._tokens += [entry.token for entry in entries]
        roles = np.fromiter((entry.role for entry in entries), np.uint8, len(entries))
        self._roles = np.concatenate([self._roles, roles])
        unseen = np.full(2 * len(entries), _UNSEEN, dtype=np.int32)
        self._numbers = np.concatenate([self._numbers, unseen])

    def _number(self, variants: Ids) -> None:
        """Give the tokens that new variants stand for their ids."""
        tokenizer, ids = self._tokenizer, self._ids
        marker = tokenizer.knowledge.marker if tokenizer.mark_negation else ""
        for variant in variants.tolist():
            token = self._tokens[variant >> 1]
            word = marker + token if variant & 1 else token
            self._numbers[variant] = ids.setdefault(word, len(ids))
