"""Checks of what a draft is made from: seed words, and the texts that are kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sentiment_transfer.base.estimator import is_integer_from
from sentiment_transfer.corpus.sampling import Reservoir
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.text.inputs import as_iterable_of_texts

if TYPE_CHECKING:
    from sentiment_transfer.text import Tokenizer

    Words = tuple[list[str], list[str]]

__all__ = ["FEWEST_TEXTS", "MOST_TEXTS", "checked_seeds", "sampled_texts", "whole_words"]

FEWEST_TEXTS, MOST_TEXTS = 100, 50_000
"""Texts that a draft needs, and most that are used."""


def checked_seeds(seeds: tuple[Iterable[str], Iterable[str]]) -> Words:
    """Return the seed words of both sides; raises ``SettingError`` for another form."""
    sides = [_listed(side) for side in _listed(seeds)]
    if len(sides) != 2 or not all(side and all(map(_is_text, side)) for side in sides):
        raise SettingError(
            f"seeds={seeds!r} is not allowed; it must be a pair of lists of words, "
            "(positive, negative), with a word in each"
        )
    return sides[0], sides[1]


def _listed(given: object) -> list[Any]:
    """Return what is iterable as a list, and an empty one for text and anything else."""
    return [*given] if isinstance(given, Iterable) and not _is_text(given) else []


def _is_text(given: object) -> bool:
    return isinstance(given, str)


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
    """Return the different texts, of many a random sample.

    Raises ``InputError`` for few, or for one that is no text, and ``SettingError`` for a seed that
    is no integer from 0 on.
    """
    if not is_integer_from(seed, 0):
        raise SettingError(f"seed={seed!r} is not allowed; it must be an integer of at least 0")
    reservoir = Reservoir(MOST_TEXTS, seed)
    for i, text in enumerate(reservoir.through(as_iterable_of_texts(texts))):
        if not isinstance(text, str):
            raise InputError(f"text {i} is {text!r}, not a str; leave such rows out")
    kept = [text for text in dict.fromkeys(reservoir.texts) if text.strip()]
    if len(kept) < FEWEST_TEXTS:
        raise InputError(
            f"{len(kept):,} different texts are too few for a draft, which needs {FEWEST_TEXTS}, "
            "better 2,000 and more; give more texts, or begin from the file of another language "
            "(language show CODE --format json)"
        )
    return kept
