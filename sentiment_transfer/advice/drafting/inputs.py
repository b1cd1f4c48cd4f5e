"""Checks of what a draft is made from: seed words, and the texts that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_transfer.corpus.sampling import Reservoir
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.text.inputs import as_iterable_of_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentiment_transfer.text import Tokenizer

    Words = tuple[list[str], list[str]]

__all__ = ["FEWEST_TEXTS", "MOST_TEXTS", "checked_seeds", "sampled_texts", "whole_words"]

FEWEST_TEXTS, MOST_TEXTS = 100, 50_000
"""Texts that a draft needs, and most that are used."""


def checked_seeds(seeds: tuple[Sequence[str], Sequence[str]]) -> Words:
    """Return the seed words of both sides; raises ``SettingError`` for another form."""
    sides = list(seeds) if not isinstance(seeds, str) else []
    if len(sides) != 2 or any(isinstance(side, str) or not len(side) for side in sides):
        raise SettingError(
            f"seeds={seeds!r} is not allowed; it must be a pair of lists of words, "
            "(positive, negative), with a word in each"
        )
    return [*sides[0]], [*sides[1]]


def whole_words(seeds: Words, tokenizer: Tokenizer) -> Words:
    """Return the seed words as the tokenizer reads them, each once.

    Raises ``SettingError`` for one that is not one word, or is on both sides.
    """
    positive, negative = (list(dict.fromkeys(_one(tokenizer, w) for w in side)) for side in seeds)
    both = sorted({*positive} & {*negative})
    if both:
        listed = ", ".join(map(repr, both))
        raise SettingError(f"seed words are given as positive and as negative: {listed}")
    return positive, negative


def _one(tokenizer: Tokenizer, seed: str) -> str:
    pieces = tokenizer(seed)
    if len(pieces) == 1:
        return pieces[0]
    parts = " | ".join(pieces) or "nothing"
    raise SettingError(
        f"the seed {seed!r} is read as {parts}; give single words (negated words are found by the "
        "draft, or added to its file)"
    )


def sampled_texts(texts: Iterable[str], seed: int) -> list[str]:
    """Return the different texts, of many a random sample; raises ``InputError`` for few."""
    reservoir = Reservoir(MOST_TEXTS, seed)
    for _ in reservoir.through(as_iterable_of_texts(texts)):
        pass
    kept = [text for text in dict.fromkeys(reservoir.texts) if text.strip()]
    if len(kept) < FEWEST_TEXTS:
        raise InputError(
            f"{len(kept):,} different texts are too few for a draft, which needs {FEWEST_TEXTS}, "
            "better 2,000 and more; give more texts, or begin from the file of another language "
            "(language show CODE --format json)"
        )
    return kept
