"""Cuts within words, as a language's file lists them: a space is put where a word is divided.

The cut ``지|않`` makes ``좋지 않아요`` of ``좋지않아요``, and ``^l'|`` makes ``l' histoire`` of
``l'histoire``; ``^`` stands for the beginning of a word. The cut ``|재밌|`` divides a word on both
sides of these letters, wherever they stand: ``정말 재밌 다`` of ``정말재밌다``. Words before and
after the mark are plain letters, so a file holds no program.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import regex

from sentiment_transfer.text.normalise import WORD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["cut_pattern", "cutter"]

INSIDE = rf"[{WORD[1:-1]}']"
"""Characters of words, and the apostrophe between them."""


def cut_pattern(cuts: tuple[str, ...]) -> str:
    """Return the pattern of what stands before a cut; JavaScript reads it as Python does.

    >>> cut_pattern(("지|않",))
    '(?:지(?=않))'
    """
    both_sides = [cut.strip("|") for cut in cuts if cut.startswith("|")]
    parts = []
    for cut in cuts:
        before, _, after = cut.removeprefix("^").partition("|")
        begin = f"(?<!{INSIDE})" if cut.startswith("^") else ""
        if before:
            parts.append(f"{begin}{before}(?={after or WORD})")
    return f"(?:{'|'.join([*parts, *_around(both_sides)])})"


def _around(stems: Sequence[str]) -> list[str]:
    """Return the patterns of stems that are divided on both sides, and of a letter before one.

    Of stems that begin alike the longest matches. Most places are left by their first character.
    """
    if not stems:
        return []
    first = "".join(sorted({stem[0] for stem in stems}))
    longest_first = sorted(stems, key=lambda stem: (-len(stem), stem))
    found = f"(?=[{first}])(?:{'|'.join(longest_first)})"
    return [found, f"{WORD}(?={found})"]


@cache
def cutter(cuts: tuple[str, ...]) -> Callable[[str], str]:
    """Return a function that puts a space at the cuts of a normalised text.

    The first cut of the list that matches at a place applies; those on both sides come last.
    """
    pattern = regex.compile(cut_pattern(cuts), regex.VERSION1)
    return lambda text: pattern.sub(r"\g<0> ", text)
