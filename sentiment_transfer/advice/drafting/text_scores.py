"""Scores of texts from seed words, and what single words and their neighbours add to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.polarity.learning import polarity_from_seeds
from sentiment_transfer.text.bag_of_words import unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.advice.drafting.pieces import Pieces
    from sentiment_transfer.polarity.polarity import Polarity

__all__ = ["FEWEST_OF_WORD", "TextScores", "WordScores", "likeness"]

SHRINKAGE = 10
"""Texts that a word's effect is shrunk by: with 10 texts it counts half."""
FEWEST_OF_WORD = 5
"""Texts a word must be in to be proposed."""


@dataclass(frozen=True, eq=False)
class WordScores:
    """Scores of the words of a vocabulary, float64 ``(n_words,)`` each.

    Attributes
    ----------
    along
        Along the polarity direction of the seeds, in standard deviations (`Polarity.word_scores`).
    effect
        Mean score of the texts that hold the word, less that of all, in standard deviations.
    n_texts
        In how many texts the word is.
    """

    along: NDArray[np.float64]
    effect: NDArray[np.float64]
    n_texts: NDArray[np.int64]

    @property
    def polarity(self) -> NDArray[np.float64]:
        """Both together; the effect is shrunk, so that frequent words are preferred."""
        sure = self.n_texts / (self.n_texts + SHRINKAGE)
        return self.along + 3 * self.effect * sure


class TextScores:
    """Scores of texts from seed words, linear in the words of a text.

    Parameters
    ----------
    vectors
        Word vectors, ``(n_words, d)``.
    pieces
        The texts, with the words of the vectors.
    positive, negative
        Ids of the seed words.
    """

    def __init__(
        self,
        vectors: NDArray[np.float32],
        pieces: Pieces,
        positive: Sequence[int],
        negative: Sequence[int],
    ) -> None:
        sides = (np.array(sorted(side), np.intp) for side in (positive, negative))
        self.pieces = pieces
        self.polarity: Polarity = polarity_from_seeds(vectors, pieces.words, *sides)
        along = self.polarity.along[:-1]
        self._weights = self.polarity.pooling.astype(np.float64)
        self._values = self._weights * (vectors.astype(np.float64) @ along)
        texts, words = pieces.occurrences
        n = len(pieces.ids)
        self._summed = np.bincount(texts, self._values[words], n)
        self._weight = np.bincount(texts, self._weights[words], n)
        scores = self._summed / np.maximum(self._weight, 1e-9)
        known = scores[self._weight > 0]
        self._middle, self._spread = float(np.median(known)), float(known.std()) or 1.0

    def without(self, texts: NDArray[np.int64], *words: NDArray[np.int64]) -> NDArray[np.float64]:
        """Compute scores of texts without some of their words, in standard deviations.

        ``texts`` and each of ``words`` have the same length; a text without other words has 0.
        """
        summed = self._summed[texts] - sum(self._values[each] for each in words)
        weight = self._weight[texts] - sum(self._weights[each] for each in words)
        scores = (summed / np.maximum(weight, 1e-9) - self._middle) / self._spread
        return np.where(weight > 1e-6, scores, 0.0)

    @cached_property
    def words(self) -> WordScores:
        """Scores of the words, from the other words of their texts."""
        texts, words = self.pieces.occurrences
        n_words, n_texts = len(self.pieces.vocabulary), self.pieces.n_texts_of
        sums = np.bincount(words, self.without(texts, words), n_words)
        effect = sums / np.maximum(n_texts, 1)
        return WordScores(self.polarity.word_scores.astype(np.float64), effect, n_texts)


def likeness(pieces: Pieces, seeds: Sequence[int]) -> NDArray[np.float64]:
    """Compute how much words are used as the seed words of both sides are, ``(n_words,)``.

    The cosine of their `Pieces.usage` with the mean of the seeds', for a seed with that of the
    others; in standard deviations over the words of five texts or more.
    """
    usage = pieces.usage()
    total = usage[list(seeds)].sum(axis=0)
    cosines: NDArray[np.float64] = usage @ unit_rows(total[None])[0]
    for seed in seeds:
        cosines[seed] = usage[seed] @ unit_rows((total - usage[seed])[None])[0]
    usual = cosines[pieces.is_word & (pieces.n_texts_of >= FEWEST_OF_WORD)]
    scaled: NDArray[np.float64] = (cosines - usual.mean()) / (float(usual.std()) or 1.0)
    return scaled
