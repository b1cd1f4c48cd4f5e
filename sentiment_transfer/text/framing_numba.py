"""Texts of a batch as one array of bytes, in lower case, for the compiled splitter.

`Tokenizer.prepare` in Python takes longer than all the rest, and changes few texts. So ASCII texts
are lower-cased together, and a compiled search marks those that may need more than that.

Import this module late, as `pieces_numba`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.base.compiled import compiled, inlined
from sentiment_transfer.text.utf8 import Utf8Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Offsets = NDArray[np.int64]

__all__ = ["framed"]

# Places are unsigned: numba wraps signed ones, as Python does below 0.
_1, _2, _3, _4, _5 = (np.uint64(i) for i in range(1, 6))
_AHEAD = "\0" * 5


@inlined
def _begins_code(a: int, b: int) -> bool:
    r"""Match what a character code, an escape or a typed apostrophe begins with."""
    return (
        ((a == ord("&")) & ((b == ord("#")) | ((b >= ord("a")) & (b <= ord("z")))))
        | ((a == ord("#")) & ((b == ord("0")) | (b == ord("3")) | (b == ord("8"))))
        | ((a == ord("%")) & ((b == ord("2")) | (b == ord("e"))))
        | (a == ord("\\"))
        | (a == ord("`"))
    )


@inlined
def _begins_tag(a: int, b: int, c: int, d: int, e: int, f: int) -> bool:
    """Match ``[``, ``]]``, and ``<`` before a letter or mark other than ``<br>`` or ``<br />``."""
    is_name = ((b >= ord("a")) & (b <= ord("z"))) | (b == ord("/")) | (b == ord("!"))
    is_break = (b == ord("b")) & (c == ord("r"))
    is_break &= (d == ord(">")) | ((d == ord(" ")) & (e == ord("/")) & (f == ord(">")))
    return (
        ((a == ord("<")) & (is_name | (b == ord("?"))) & (is_break ^ True))
        | (a == ord("["))
        | ((a == ord("]")) & (b == ord("]")))
    )


@inlined
def _begins_link(a: int, b: int, c: int, d: int, e: int) -> bool:
    """Match ``@``, ``://``, ``ww.`` and the endings of sites, such as ``.com``."""
    is_site = (b == ord("c")) & (c == ord("o")) & (d == ord("m"))
    is_site |= (b == ord("o")) & (c == ord("r")) & (d == ord("g"))
    is_site |= (b == ord("n")) & (c == ord("e")) & (d == ord("t"))
    is_site |= (b == ord("e")) & (c == ord("d")) & (d == ord("u"))
    is_site |= (b == ord("g")) & (c == ord("o")) & (d == ord("v"))
    is_site &= (e < ord("a")) | (e > ord("z"))
    return (
        (a == ord("@"))
        | ((a == ord(".")) & is_site)
        | ((a == ord(":")) & (b == ord("/")) & (c == ord("/")))
        | ((a == ord("w")) & (b == ord("w")) & (c == ord(".")))
    )


@inlined
def _begins_sign(a: int, b: int) -> bool:
    """Match what a hashtag begins with, and every two characters of which an emoticon has some.

    A smile that is a piece in any case, ``:)`` or ``:(``, is not looked for.
    """
    is_plain = (b <= ord(" ")) | (b == ord("(")) | (b == ord(")"))
    is_word = (
        (b >= ord("a")) & (b <= ord("z")) & (b != ord("d")) & (b != ord("p")) & (b != ord("c"))
    )
    is_mouth = (a == ord("(")) | (a == ord(")"))
    is_eyes = (a == ord(":")) | (a == ord(";")) | (a == ord("="))
    return (
        (is_eyes & ((is_plain | is_word) ^ True))
        | ((a == ord("=")) & (b > ord(" ")) & is_plain)
        | (is_mouth & ((b == ord(":")) | (b == ord("=")) | (b == ord("'")) | (b == a)))
        | ((a == ord("d")) & (b == ord(":")))
        | ((a == ord("<")) & (b == ord("3")))
        | ((a == ord(">")) & ((b == ord(".")) | (b == ord(":")) | (b == ord("_"))))
        | (a == ord("^"))
        | ((a == ord("_")) & ((b == ord("-")) | (b == ord(";")) | (b == ord("t"))))
        | ((a == ord("-")) & (b == ord(".")))
        | ((a == ord("x")) & (b == ord("d")))
        | ((a == ord("8")) & (b == ord(")")))
        | ((a == ord("q")) & (b == ord("a")))
        | (a == ord("#"))
    )


@inlined
def _begins_empty_line(a: int, b: int) -> bool:
    """Match a line end before white space, but not between the two characters of one line end."""
    is_white = (b > 0) & (b <= ord(" "))
    return ((a == ord("\n")) & is_white) | ((a == ord("\r")) & is_white & (b != ord("\n")))


@compiled
def lower(data: Bytes, lowered: Bytes) -> None:
    """Write bytes in lower case."""
    for at in range(len(data)):
        is_capital = (data[at] >= ord("A")) & (data[at] <= ord("Z"))
        lowered[at] = data[at] | np.uint8(is_capital) << np.uint8(5)


@compiled
def lower_utf8(data: Bytes, offsets: Offsets, lowered: Bytes, is_ascii: NDArray[np.bool_]) -> None:
    """Write texts in lower case, each followed by a NUL and without one of its own.

    ``lowered`` holds zeros. Of letters, those of ASCII alone become small; whether a text has no
    others is written to ``is_ascii``.
    """
    shift = np.uint64(0)
    for text in range(len(offsets) - 1):
        begin, end = np.uint64(offsets[text]), np.uint64(offsets[text + 1])
        to = begin - np.uint64(offsets[0]) + shift
        high = np.uint8(0)
        for at in range(end - begin):
            byte = data[begin + at]
            is_capital = (byte >= ord("A")) & (byte <= ord("Z"))
            lowered[to + at] = byte | np.uint8(is_capital) << np.uint8(5) | np.uint8(byte == 0)
            high |= byte
        is_ascii[text] = high < 0x80
        shift += _1


@compiled
def mark(data: Bytes, ends: Offsets, signs: bool, marked: NDArray[np.bool_]) -> None:
    """Mark the texts that a match of the functions above begins in, of signs only if asked.

    Text ``i`` ends before ``data[ends[i]]``, and at least five bytes follow the last. The loop over
    a text has no branch, so that it is compiled to work on 16 or 32 bytes at once.
    """
    begin = np.uint64(0)
    for text in range(len(ends)):
        end = np.uint64(ends[text])
        found = False
        for at in range(begin, end):
            a, b, c, d, e = data[at], data[at + _1], data[at + _2], data[at + _3], data[at + _4]
            found |= _begins_code(a, b) | _begins_tag(a, b, c, d, e, data[at + _5])
            found |= _begins_link(a, b, c, d, e) | _begins_empty_line(a, b)
            found |= signs & _begins_sign(a, b)
        marked[text] = found
        begin = end + _1


def framed(
    texts: Sequence[str],
    prepare: Callable[[str], str],
    *,
    signs: bool = False,
    prepares_all: bool = False,
) -> Bytes:
    r"""Return texts as UTF-8 in lower case, prepared where needed, each followed by a NUL.

    With ``signs``, emoticons and hashtags need it; with ``prepares_all`` every text is prepared. A
    NUL of a text's own becomes another control character, which separates pieces just as well.

    >>> from sentiment_transfer.text import Tokenizer
    >>> bytes(framed(["Not <b>GOOD</b>", "\0"], Tokenizer().prepare))
    b'not good\x00\x01\x00'
    """
    if prepares_all:
        parts = [prepare(text).replace("\0", "\1") for text in texts]
        data, _ = _joined(parts)
        return data[: len(data) - len(_AHEAD)]
    if isinstance(texts, Utf8Texts):
        data, ends, is_ascii = _joined_utf8(texts)
        marked = np.zeros(len(texts), dtype=np.bool_)
        mark(data, ends, signs, marked)
        rest = np.flatnonzero(marked | ~is_ascii)
    else:
        parts = [text if text.isascii() else prepare(text) for text in texts]
        data, ends = _joined(parts)
        if len(ends) != len(texts):
            data, ends = _joined([part.replace("\0", "\1") for part in parts])
        marked = np.zeros(len(texts), dtype=np.bool_)
        mark(data, ends, signs, marked)
        found = np.flatnonzero(marked).tolist()
        rest = np.array([i for i in found if texts[i].isascii()], np.intp)
    begins = np.concatenate([np.zeros(1, np.int64), ends + 1])
    chunks: list[Bytes] = []
    last = 0
    for text in rest.tolist():
        chunks += data[last : begins[text]], _bytes(prepare(texts[text]).replace("\0", "\1"))
        last = ends[text]
    return np.concatenate([*chunks, data[last : begins[-1]]]) if chunks else data[: begins[-1]]


def _joined(texts: list[str]) -> tuple[Bytes, Offsets]:
    """Return texts in lower case, each followed by a NUL, and the places of all NULs."""
    data = _bytes("\0".join([*texts, _AHEAD]))
    lowered = np.empty_like(data)
    lower(data, lowered)
    return lowered, np.flatnonzero(lowered[: -len(_AHEAD)] == 0)


def _joined_utf8(texts: Utf8Texts) -> tuple[Bytes, Offsets, NDArray[np.bool_]]:
    """Return the same of UTF-8, with another control character for NULs, and which are ASCII."""
    lowered = np.zeros(texts.n_bytes + len(texts) + len(_AHEAD), np.uint8)
    is_ascii = np.zeros(len(texts), np.bool_)
    lower_utf8(texts.data, texts.offsets, lowered, is_ascii)
    ends = texts.offsets[1:] - texts.offsets[0] + np.arange(len(texts))
    return lowered, ends, is_ascii


def _bytes(text: str) -> Bytes:
    return np.frombuffer(text.encode(), dtype=np.uint8)
