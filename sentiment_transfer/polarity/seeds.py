"""Seed words: those of the language or of the user, as tokens and as ids of word vectors."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from sentiment_transfer.base.notice import level_of_caller
from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.vectors import WordVectors
    from sentiment_transfer.text import Vocabulary

    Seeds: TypeAlias = Literal["language"] | tuple[Sequence[str], Sequence[str]] | None

__all__ = ["known_seeds", "seed_ids", "seed_tokens"]


def seed_tokens(seeds: Seeds, vectors: WordVectors) -> tuple[list[str], list[str]] | None:
    """Return the positive and the negative seed words as tokens; None without seeds.

    A phrase is its rarest token with a vector. Where texts are stemmed, seed words of the language
    are as well, and those that are then equal on both sides are left out.

    Raises
    ------
    SettingError
        ``seeds`` is not a pair of lists of words.
    """
    if seeds is None:
        return None
    if seeds == "language":
        tokenizer, language = vectors.tokenizer, vectors.tokenizer.language_data
        listed = list(language.positive_seeds), list(language.negative_seeds)
        return _stemmed(*listed, vectors) if tokenizer.stemmer else listed
    sides = list(seeds) if not isinstance(seeds, str) else []
    if len(sides) != 2 or any(isinstance(side, str) for side in sides):
        raise SettingError(
            f"seeds={seeds!r} is not allowed; it must be 'language', None, or a pair of "
            "lists of words, (positive, negative)"
        )
    positive, negative = ([_token(seed, vectors) for seed in side] for side in sides)
    return positive, negative


def _stemmed(
    positive: list[str], negative: list[str], vectors: WordVectors
) -> tuple[list[str], list[str]]:
    """Return the tokens of seed words, without those that are equal on both sides."""
    tokens = [[_token(seed, vectors) for seed in side] for side in (positive, negative)]
    both = set(tokens[0]) & set(tokens[1])
    positive, negative = ([token for token in side if token not in both] for side in tokens)
    return positive, negative


def _token(seed: str, vectors: WordVectors) -> str:
    """Return the rarest token of a word or phrase; ``not_good`` for ``"not good"``."""
    tokenizer, marker = vectors.tokenizer, vectors.tokenizer.language_data.marker
    tokens = tokenizer(seed.removeprefix(marker))
    if seed.startswith(marker):
        tokens = [marker + token for token in tokens] if tokenizer.stemmer else [seed]
    marked = [token for token in tokens if token.startswith(marker)]
    known = vectors.vocabulary.encode(marked or tokens)
    return vectors.words[max(known)] if known else seed


def known_seeds(
    seeds: Seeds, vectors: WordVectors
) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Return the ids of the seed words; None without seeds or if the language's have no vector.

    A warning says that the language's have none, or names those of the user's own that have none.

    Raises
    ------
    SettingError
        See `seed_tokens`, and `seed_ids` for seed words of the user's own.
    """
    words = seed_tokens(seeds, vectors)
    if words is None:
        return None
    try:
        found = seed_ids(vectors.vocabulary, *words)
    except SettingError as error:
        if seeds != "language":
            raise
        warnings.warn(f"{error}; the model has no polarity prior", stacklevel=level_of_caller())
        return None
    unknown = [word for side in words for word in side if word not in vectors.vocabulary]
    if unknown and seeds != "language":
        listed = ", ".join(map(repr, unknown))
        warnings.warn(
            f"seed words without a vector are left out: {listed}", stacklevel=level_of_caller()
        )
    return found


def seed_ids(
    vocabulary: Vocabulary, positive: Sequence[str], negative: Sequence[str]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the ids of the seed words in the vocabulary, each once.

    Raises
    ------
    SettingError
        No word of one side is in the vocabulary, or a word is on both sides.
    """
    both = sorted(set(positive) & set(negative))
    if both:
        raise SettingError(f"the seed words {both} are given as positive and as negative")
    found = []
    for side, seeds in (("positive", positive), ("negative", negative)):
        known = sorted(set(vocabulary.encode(seeds)))
        if not known:
            raise SettingError(
                f"the word vectors know none of the {side} seed words ({_first(seeds)}); check "
                "that language= is that of the texts, give seeds= that occur in them, lower the "
                "vectors' min_count, or set seeds=None"
            )
        found.append(np.array(known, dtype=np.intp))
    return found[0], found[1]


def _first(words: Sequence[str], n: int = 5) -> str:
    if not words:
        return "there are none"
    return ", ".join(map(repr, words[:n])) + (", …" if len(words) > n else "")
