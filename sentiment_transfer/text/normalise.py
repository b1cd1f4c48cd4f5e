"""Unicode normalisation, the first step of tokenising, and the classes of characters.

The classes are defined once, as ``regex`` patterns. The readable tokenizer uses them directly; the
fast scanner builds a table from them.
"""

from __future__ import annotations

import unicodedata

import regex

__all__ = ["APOSTROPHES", "BREAK", "SYMBOL", "WORD", "normalise"]

WORD = r"[\p{L}\p{M}\p{N}]"
"""Characters of words: letters, combining marks, digits."""

BREAK = r"[.,;:()\[\]\n\r\u3001\u3002\p{Ps}\p{Pe}]"
"""Punctuation that ends a clause, and with it the reach of a negator."""

SYMBOL = r"[\p{So}--[\x00-\x7f\xa0-\xff]]"
"""Emoji and other pictures; each is a token of its own. The Latin-1 signs are not."""

APOSTROPHES = "\u2019\u2018\u02bc\u00b4"
_DROPPED = regex.compile(r"[\p{Cf}\p{Cs}\ufe0e\ufe0f]+")
_NOT_ASCII = regex.compile(r"[^\x00-\x7f]+")


def normalise(text: str) -> str:
    """Return a text in lower-case NFKC with plain apostrophes.

    Format characters (soft hyphens, zero-width joiners, direction marks), variation selectors and
    lone surrogates are dropped: they are invisible, and each would split or double a word. A text
    in ASCII is only lower-cased.

    >>> normalise("Ｄｉｄｎ’t  work\u00adshop")
    "didn't  workshop"
    """
    if text.isascii():
        return text.lower()
    if _DROPPED.search("".join(_NOT_ASCII.findall(text))):  # far quicker than to search all of it
        text = _DROPPED.sub("", text)
    for apostrophe in APOSTROPHES:
        text = text.replace(apostrophe, "'")
    text = unicodedata.normalize("NFKC", text).lower()
    return unicodedata.normalize(
        "NFKC", text
    )  # some letters compose only in lower case: J and caron
