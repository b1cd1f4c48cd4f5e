"""Stop words: frequent, spread evenly over the texts, beside any word, and without polarity."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.advice.drafting.text_scores import TextScores

__all__ = ["StopWord", "find_stop_words"]

RANKED, MOST = 400, 150
"""Most frequent words that are compared with each other, and most that are proposed."""
LEAST_TEXTS, LEAST_SHARE = 10, 0.005
"""Fewest texts that a stop word is in, and their least share."""
LEAST_RANK = 0.5
"""Least mean rank among the compared words, where 1 is the best."""
POLAR, POLAR_LIKE_SEEDS = 0.6, 0.25
"""Effect from which a word is polar, in standard deviations of the scores of texts and by its upper
bound (one standard error); and that of a word which is used as seed words are."""
LIKE_SEEDS = 1.0
"""Likeness in use of such a word, in standard deviations."""
POLAR_OF_FREQUENT, FREQUENT = 0.3, 0.02
"""Effect from which a word of this share of the texts is no stop word: it may be a negator."""
KINDS = 12
"""Groups of similar texts, over which words are to be spread evenly."""


class StopWord(NamedTuple):
    """A proposed word: its mean rank, unevenness (0 to 1) and variety of neighbours (0 to 1).

    A word with ``is_polar`` is shown, and no stop word.
    """

    word: int
    rank: float
    unevenness: float
    variety: float
    is_polar: bool = False


def find_stop_words(
    scores: TextScores,
    vectors: NDArray[np.float32],
    alike: NDArray[np.float64],
    excluded: set[int],
    seed: int = 0,
) -> tuple[list[StopWord], list[StopWord]]:
    """Return the stop words of texts, the surest first, at most 150, and polar words among them.

    The 400 most frequent words are ranked by the number of their texts, by how evenly they are
    spread over twelve kinds of texts (k-means of text vectors; deviation of proportions, Gries
    2008), by the variety of their neighbours and by their small effect on polarity. The mean of
    the four ranks decides.
    """
    pieces, words = scores.pieces, scores.words
    usual = words.n_texts >= max(LEAST_TEXTS, LEAST_SHARE * len(pieces.ids))
    compared = np.flatnonzero(pieces.is_word & usual)
    compared = compared[np.argsort(-words.n_texts[compared], kind="stable")][:RANKED]
    if not len(compared):
        return [], []
    uneven = _unevenness(scores, vectors, seed)
    variety = pieces.variety() / 2
    effect = np.abs(words.effect) + 1 / np.sqrt(np.maximum(1, words.n_texts))
    measures: tuple[NDArray[np.number], ...] = (words.n_texts, -uneven, variety, -effect)
    rank = np.mean([_ranks(measure[compared]) for measure in measures], axis=0)
    polar = (effect > POLAR) | ((alike > LIKE_SEEDS) & (effect > POLAR_LIKE_SEEDS))
    order = np.argsort(-rank, kind="stable")
    may_negate = (np.abs(words.effect) >= POLAR_OF_FREQUENT) & (
        words.n_texts >= FREQUENT * len(pieces.ids)
    )
    found = [
        StopWord(word, float(rank[i]), float(uneven[word]), float(variety[word]), may_negate[word])
        for i, word in zip(order, compared[order].tolist(), strict=True)
        if rank[i] >= LEAST_RANK and not polar[word] and word not in excluded
    ]
    stop_words = [one for one in found if not one.is_polar][:MOST]
    return stop_words, [one for one in found if one.is_polar]


def _ranks(values: NDArray[np.number]) -> NDArray[np.float64]:
    """Return ranks from 0 to 1, equal ones for equal values."""
    from scipy.stats import rankdata

    ranks: NDArray[np.float64] = rankdata(values) / len(values)
    return ranks


def _unevenness(scores: TextScores, vectors: NDArray[np.float32], seed: int) -> NDArray[np.float64]:
    """Compute the deviation of proportions over kinds of texts, ``(n_words,)``; 0 is even."""
    kinds = _kinds_of_texts(scores, vectors, seed)
    pieces = scores.pieces
    texts, n = pieces.words.text_index, len(pieces.vocabulary)
    counts = np.zeros((n, kinds.max() + 1))
    np.add.at(counts, (pieces.words.ids, kinds[texts]), 1)
    expected = counts.sum(axis=0) / counts.sum()
    shares = (counts + 5 * expected) / (counts.sum(axis=1, keepdims=True) + 5)
    deviation: NDArray[np.float64] = np.abs(shares - expected).sum(axis=1) / 2
    return deviation


def _kinds_of_texts(
    scores: TextScores, vectors: NDArray[np.float32], seed: int
) -> NDArray[np.int64]:
    from sklearn.cluster import KMeans

    encoded = scores.polarity.encode(scores.pieces.words, vectors)[:, :-1]
    n = min(KINDS, len(np.unique(encoded, axis=0)))
    kinds: NDArray[np.int64] = KMeans(n, n_init=2, random_state=seed).fit_predict(encoded)
    return kinds.astype(np.int64)
