"""Checks of what a draft is made from: seed words, and the texts that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_transfer.corpus.sampling import Reservoir
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.text.inputs import as_iterable_of_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["FEWEST_TEXTS", "MOST_TEXTS", "checked_seeds", "sampled_texts"]

FEWEST_TEXTS, MOST_TEXTS = 100, 50_000
"""Texts that a draft needs, and most that are used."""


def checked_seeds(seeds: tuple[Sequence[str], Sequence[str]]) -> tuple[list[str], list[str]]:
    """Return the seed words of both sides, each once; raises ``SettingError``."""
    sides = list(seeds) if not isinstance(seeds, str) else []
    if len(sides) != 2 or any(isinstance(side, str) or not len(side) for side in sides):
        raise SettingError(
            f"seeds={seeds!r} is not allowed; it must be a pair of lists of words, "
            "(positive, negative), with a word in each"
        )
    positive, negative = (list(dict.fromkeys(side)) for side in sides)
    both = sorted({*positive} & {*negative})
    if both:
        listed = ", ".join(map(repr, both))
        raise SettingError(f"seed words are given as positive and as negative: {listed}")
    return positive, negative


def sampled_texts(texts: Iterable[str], seed: int) -> list[str]:
    """Return the different texts, of many a random sample; raises ``InputError`` for few."""
    reservoir = Reservoir(MOST_TEXTS, seed)
    for _ in reservoir.through(as_iterable_of_texts(texts)):
        pass
    kept = [text for text in dict.fromkeys(reservoir.texts) if text.strip()]
    if len(kept) < FEWEST_TEXTS:
        raise InputError(
            f"{len(kept):,} different texts are too few for a draft, which needs {FEWEST_TEXTS}, "
            "better 1,000 and more; give more texts, or begin from the file of another language "
            "(language show CODE --format json)"
        )
    return kept
