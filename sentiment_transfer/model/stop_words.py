"""Stop words among the words of texts, which show at once that they are in a language."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentiment_transfer.text import Tokenizer

__all__ = ["MIN_STOP_WORDS", "has_stop_words"]

MIN_STOP_WORDS = 0.15
"""Share of stop words in texts of the tokenizer's language: at least 0.25 of 20 texts of any kind,
at most 0.06 in another language."""
LONGEST = 1_000
"""Characters of a text that are looked at."""


def has_stop_words(texts: Iterable[str], tokenizer: Tokenizer) -> bool | None:
    """Return whether 15 % of the words of texts are stop words; None if they have no word."""
    words = [w for text in texts for w in tokenizer.prepare(text[:LONGEST]).split() if w.isalpha()]
    own = tokenizer.language_data.stop_words
    return sum(word in own for word in words) >= MIN_STOP_WORDS * len(words) if words else None
