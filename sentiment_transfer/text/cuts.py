"""Cuts within words, as a language's file lists them: a space is put where a word is divided.

The cut ``지|않`` makes ``좋지 않아요`` of ``좋지않아요``, and ``^l'|`` makes ``l' histoire`` of
``l'histoire``; ``^`` stands for the beginning of a word. Words before and after the mark are plain
letters, so a file holds no program.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import regex

from sentiment_transfer.text.normalise import WORD

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["cut_pattern", "cutter"]

INSIDE = rf"[{WORD[1:-1]}']"
"""Characters of words, and the apostrophe between them."""


def cut_pattern(cuts: tuple[str, ...]) -> str:
    """Return the pattern of what stands before a cut; JavaScript reads it as Python does.

    >>> cut_pattern(("지|않",))
    "(?:지(?=않))"
    """
    parts = []
    for cut in cuts:
        before, _, after = cut.removeprefix("^").partition("|")
        begin = f"(?<!{INSIDE})" if cut.startswith("^") else ""
        parts.append(f"{begin}{before}(?={after or WORD})")
    return f"(?:{'|'.join(parts)})"


@cache
def cutter(cuts: tuple[str, ...]) -> Callable[[str], str]:
    """Return a function that puts a space at the cuts of a normalised text.

    The first cut of the list that matches at a place applies.
    """
    pattern = regex.compile(cut_pattern(cuts), regex.VERSION1)
    return lambda text: pattern.sub(r"\g<0> ", text)
