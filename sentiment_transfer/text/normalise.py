"""Unicode normalisation, the first step of tokenising, and the classes of characters.

The classes are defined once, as ``regex`` patterns. The readable tokenizer uses them directly; the
fast scanner builds a table from them.
"""

from __future__ import annotations

import unicodedata

import regex

__all__ = ["BREAK", "QUICK", "REPLACED", "SYMBOL", "WORD", "normalise", "normalised_spans"]

WORD = r"[\p{L}\p{M}\p{N}]"
"""Characters of words: letters, combining marks, digits."""

BREAK = r"[.,;:()\[\]\u2029\u3001\u3002\p{Ps}\p{Pe}]"
"""Punctuation that ends a clause, and with it the reach of a negator."""

SYMBOL = r"[\p{So}--[\x00-\x7f\xa0-\xff]]"
"""Emoji and other pictures; each is a token of its own. The Latin-1 signs are not."""

_APOSTROPHES = (
    "\u2019\u2018\u02bc\u00b4\u201b\u2032\u2035\u02b9\u02bb\u02bd\u02be\u02bf\u02c8\u02ca\u02cb"
    "\u0374\u055a\u05f3\u1fef\ua78c\uff40\x91\x92"
)
"""Characters outside ASCII that are typed for an apostrophe; U+0091 and U+0092 are cp1252's."""

_CP1252 = {chr(i): bytes([i]).decode("cp1252", "replace") for i in range(0x80, 0xA0)}
REPLACED = {
    **_CP1252,
    **dict.fromkeys(_APOSTROPHES, "'"),
    "\ua78b": "'",  # the capital of U+A78C
    "\u0149": "'n",
    "\u1e9a": "a'",
    **dict.fromkeys("\u2033\u2034\u2036\u2037\u2057", "''"),
    **dict.fromkeys("\x85\u2026", "..."),
    **dict.fromkeys("\xa0\u200b", " "),
}
_STABLE = frozenset(map(chr, range(0xC0, 0x100))) | set("\xa1\xa3\xab\xb0\xbb\xbf–—“”„€")
"""Characters whose lower case is in NFKC, whatever stands next to them; the most frequent ones."""

QUICK = _STABLE | {old for old, new in REPLACED.items() if new.isascii() or new in _STABLE}
_LOST_APOSTROPHE = regex.compile(r"(?<=\p{L})\ufffd(?=(?:t|s|re|ve|ll|d|m)\b)", regex.IGNORECASE)
_DROPPED = regex.compile(r"[\p{Cf}\p{Cs}\ufe0e\ufe0f]+")
_MARKS = regex.compile(r"\p{M}{31,}")  # no language needs 31 on a letter; see UAX 15, D3
_NOT_ASCII = regex.compile(r"[^\x00-\x7f]+")
_CLUSTER = regex.compile(r"\X")  # a character with the marks, vowel signs or jamo that join it


def normalise(text: str) -> str:
    """Return a text in lower-case NFKC with plain apostrophes.

    Format characters (soft hyphens, zero-width joiners, direction marks), variation selectors and
    lone surrogates are dropped: they are invisible, and each would split or double a word. A
    zero-width space parts words, so it becomes a space. The control characters U+0080 to U+009F
    are read as the characters of cp1252, since only a wrong encoding gives them. A character that
    was lost (U+FFFD) is an apostrophe in ``didn�t``, and else a space. Of more than 30 marks
    in a row the rest is dropped, as ordering them takes time that grows with the square of their
    number.

    Parameters
    ----------
    text
        Any text, also an empty one.

    Returns
    -------
    str
        Of another length where characters are dropped or put together.

    Examples
    --------
    >>> normalise("Ｄｉｄｎ’t  work­shop")
    "didn't  workshop"
    """
    if text.isascii():
        return text.replace("`", "'").lower()
    rest = "".join(_NOT_ASCII.findall(text))  # far quicker to search than all of it
    characters = set(rest)
    text = _replaced(text, characters)
    if characters <= QUICK:
        return text.lower()
    if _DROPPED.search(rest):
        text, rest = _DROPPED.sub("", text), _DROPPED.sub("", rest)
    if _MARKS.search(rest):
        text = _MARKS.sub(lambda run: run[0][:30], text)
    text = unicodedata.normalize("NFKC", text).lower()
    return unicodedata.normalize("NFKC", text)  # J and a caron compose only in lower case


def _replaced(text: str, characters: set[str]) -> str:
    """Replace apostrophes, and what wrong encodings left; ``characters`` has all beyond ASCII."""
    for old in [character for character in characters if character in REPLACED]:
        text = text.replace(old, REPLACED[old])
    if "\ufffd" in text and not text.isascii():
        text = _LOST_APOSTROPHE.sub("'", text).replace("\ufffd", " ")
    return text.replace("`", "'")


def normalised_spans(text: str) -> list[tuple[int, int]]:
    """Return where each character of ``normalise(text)`` comes from, as ``text[start:end]``.

    Characters that are composed, expanded or reordered together share one span. Dropped characters
    belong to the span that they are within, if any.

    >>> text = "e\u0301 \u2026"  # e and an acute accent, a space, an ellipsis
    >>> normalise(text), normalised_spans(text)
    ('é ...', [(0, 2), (2, 3), (3, 4), (3, 4), (3, 4)])
    """
    if text.isascii():
        return [(i, i + 1) for i in range(len(text))]
    text = "".join(new if len(new := REPLACED.get(c, c)) == 1 else c for c in text)
    kept = [i for i, character in enumerate(text) if not _DROPPED.match(character)]
    for run in reversed([*_MARKS.finditer("".join(text[i] for i in kept))]):
        del kept[run.start() + 30 : run.end()]
    # jamo of other widths join only once they are normalised
    bases = "".join(unicodedata.normalize("NFKC", text[i])[0] for i in kept)
    spans: list[tuple[int, int]] = []
    for cluster in _CLUSTER.finditer(bases):
        places = kept[slice(*cluster.span())]
        length = len(normalise("".join(text[i] for i in places)))
        if length == len(places):
            spans += [(i, i + 1) for i in places]
        else:
            spans += [(places[0], places[-1] + 1)] * length
    return spans
