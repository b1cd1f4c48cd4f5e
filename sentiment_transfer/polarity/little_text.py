"""Polarity with word vectors learnt from little text: seed words count for more.

The fewer tokens the vectors are learnt from, the less they show of a text's polarity, and the more
the balance of its seed words must decide. A seed word that occurs too rarely to have a vector gets
the mean vector of the other seed words of its polarity, so that it counts in every text.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.polarity.learning import SEED_BALANCE
from sentiment_transfer.pretraining.vectors import WordVectors
from sentiment_transfer.text import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.encoding import PretrainingTexts

__all__ = ["balance_weight", "with_seed_words"]

LARGEST_SEED_BALANCE = 2.0
ENOUGH_TOKENS = 300_000
"""Number of tokens from which the weight stays at its least."""


def balance_weight(vectors: WordVectors) -> float:
    """Return the weight of the seed words' balance, in standard deviations of the directions' sum.

    It is ``0.35 sqrt(300,000 / n)`` for vectors learnt from ``n`` tokens, between 0.35 and 2. The
    weight is 0.35 if the counts of the words are unknown, so that all are 1.
    """
    if vectors.counts.max(initial=0) <= 1:
        return SEED_BALANCE
    n_tokens = int(vectors.counts.sum())
    return min(LARGEST_SEED_BALANCE, SEED_BALANCE * math.sqrt(max(1, ENOUGH_TOKENS / n_tokens)))


def with_seed_words(
    vectors: WordVectors, texts: PretrainingTexts
) -> tuple[WordVectors, PretrainingTexts]:
    """Add the seed words of the language that have no vector, with a count of 0.

    An added word has the mean vector of the known seed words of its polarity. If there are none,
    this is the mean of the other polarity reflected at the mean of all words, or without known seed
    words at all, a place at the words' mean distance from their mean.

    Returns the vectors and ``texts`` over their words. Both are returned as they are if all seed
    words have vectors, or if no text holds a seed word, as in another language.
    """
    added = _missing_seed_words(vectors)
    if not added:
        return vectors, texts
    counts = np.concatenate([vectors.counts, np.zeros(len(added), np.int64)])
    matrix = np.concatenate([vectors.matrix, np.array([*added.values()], np.float32)])
    vocabulary = Vocabulary((*vectors.words, *added), counts)
    extended = WordVectors(vocabulary, matrix, vectors.tokenizer, vectors.metadata)
    ids = texts.ids
    if len(texts.sample) == len(ids):  # in more texts, a word without a vector is negligible
        ids = extended.encode(texts.sample)
    language = vectors.tokenizer.language_data
    none_known = len(added) == len(language.positive_seeds) + len(language.negative_seeds)
    if none_known and ids.ids.max(initial=-1) < len(vectors):
        return vectors, texts
    return extended, replace(texts, ids=ids)


def _missing_seed_words(vectors: WordVectors) -> dict[str, NDArray[np.float32]]:
    """Return the seed words that have no vector, each with the one to add, ``(d,)``."""
    language = vectors.tokenizer.language_data
    positive, negative = language.positive_seeds, language.negative_seeds
    encode = vectors.vocabulary.encode
    added: dict[str, NDArray[np.float32]] = {}
    for side, other, sign in ((positive, negative, 1), (negative, positive, -1)):
        mean = _mean_vector(vectors.matrix, encode(side), encode(other), sign)
        added |= {word: mean for word in side if word not in vectors}
    return added


def _mean_vector(
    matrix: NDArray[np.float32], own: Sequence[int], other: Sequence[int], sign: int
) -> NDArray[np.float32]:
    """Return the vector of added seed words of one polarity, ``(d,)``."""
    centre: NDArray[np.float32] = matrix.mean(axis=0)
    if own or other:
        mean: NDArray[np.float32] = matrix[own or other].mean(axis=0)
        return mean if own else 2 * centre - mean
    distance = float(np.linalg.norm(matrix - centre, axis=1).mean())
    return centre + np.float32(sign * distance / math.sqrt(len(centre)))
