"""Counts of the words of each text, and averages of their vectors.

A corpus is read in chunks of about a million tokens, so memory does not grow with its size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.text.vocabulary import chunks

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from sentiment_transfer.text.vocabulary import TokenIds

__all__ = [
    "distinct_counts",
    "mean_of_texts",
    "mean_vectors",
    "text_counts",
    "unit_rows",
    "word_counts",
]

FEW_TEXTS = 8
"""Up to this many texts are averaged faster than scipy is imported."""


def word_counts(ids: TokenIds, n_words: int) -> csr_array:
    """Count the words of each text: float32 CSR ``(n_texts, n_words)``.

    ``[[2, 0, 2], []]`` with three words gives ``[[1, 0, 2], [0, 0, 0]]``.
    """
    from scipy.sparse import csr_array

    ones = np.ones(len(ids.ids), dtype=np.float32)
    # copies, since sum_duplicates works in place and these may be the corpus on disk
    indices, indptr = ids.ids.copy(), ids.offsets.copy()
    counts = csr_array((ones, indices, indptr), shape=(len(ids), n_words))
    counts.sum_duplicates()
    return counts


def distinct_counts(ids: TokenIds, n_words: int) -> csr_array:
    """Mark the words of each text: float32 CSR ``(n_texts, n_words)``, 1 where a word occurs.

    ``[[2, 0, 2], []]`` with three words gives ``[[1, 0, 1], [0, 0, 0]]``.
    """
    counts = word_counts(ids, n_words)
    counts.data[:] = 1
    return counts


def text_counts(ids: TokenIds, n_words: int) -> NDArray[np.int64]:
    """Count the texts that hold each word, ``(n_words,)``.

    ``[[2, 0, 2], []]`` with three words gives ``[1, 0, 1]``.
    """
    counts = np.zeros(n_words, np.int64)
    for chunk in chunks(ids):
        counts += np.bincount(distinct_counts(chunk, n_words).indices, minlength=n_words)
    return counts


def mean_vectors(
    ids: TokenIds,
    vectors: NDArray[np.float32],
    weights: NDArray[np.float32] | None = None,
    *,
    distinct: bool = True,
    token_weights: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Average the vectors of each text's words.

    Parameters
    ----------
    ids, vectors
        Texts over the words of ``vectors``, ``(n_words, d)``.
    weights
        Weight of each word, ``(n_words,)``, not negative; all 1 by default.
    distinct
        Whether a word counts once per text, or each time it occurs.
    token_weights
        Weight of each token besides, ``(n_tokens,)``, for distinct words: of a word's weights in
        a text the largest counts.

    Returns
    -------
    NDArray[np.float32]
        ``(n_texts, d)``; zeros for a text without words of positive weight.
    """
    if 0 < len(ids) <= FEW_TEXTS:
        ends = ids.offsets[1:-1]
        own = [None] * len(ids) if token_weights is None else np.split(token_weights, ends)
        texts = zip(np.split(ids.ids, ends), own, strict=True)
        return np.stack([_mean_vector(text, vectors, weights, distinct, w) for text, w in texts])
    means = [np.zeros((0, vectors.shape[1]), np.float32)]
    read = 0
    for chunk in chunks(ids):
        counts = (distinct_counts if distinct else word_counts)(chunk, len(vectors))
        if token_weights is not None:
            of_chunk = token_weights[read : read + len(chunk.ids)]
            counts.data *= _largest_weights(chunk, of_chunk)
            read += len(chunk.ids)
        if weights is not None:
            counts.data *= weights[counts.indices]
        totals = (counts @ np.ones(len(vectors))).astype(np.float32)[:, None]
        sums = counts @ vectors
        means.append(np.divide(sums, np.where(totals > 0, totals, 1), dtype=np.float32))
    return np.concatenate(means)


def mean_of_texts(
    ids: TokenIds,
    vectors: NDArray[np.float32],
    weights: NDArray[np.float32] | None = None,
    *,
    distinct: bool = True,
) -> NDArray[np.float32]:
    """Return the mean of `mean_vectors` over the texts that have a word of positive weight.

    float32 ``(d,)``; zeros if there is no such text. Memory does not grow with the corpus.
    """
    total, count = np.zeros(vectors.shape[1]), 0
    for chunk in chunks(ids):
        means = mean_vectors(chunk, vectors, weights, distinct=distinct)
        total += means.sum(axis=0, dtype=np.float64)
        count += int(means.any(axis=1).sum())
    return (total / max(count, 1)).astype(np.float32)


def _mean_vector(
    text: NDArray[np.int32],
    vectors: NDArray[np.float32],
    weights: NDArray[np.float32] | None,
    distinct: bool,
    token_weights: NDArray[np.float32] | None,
) -> NDArray[np.float32]:
    """Average one text's words, added in the order in which a sparse matrix holds them."""
    words, inverse, counts = np.unique(text, return_inverse=True, return_counts=True)
    shares = np.ones(len(words), np.float32) if distinct else counts.astype(np.float32)
    if token_weights is not None:
        shares = np.zeros(len(words), np.float32)
        np.maximum.at(shares, inverse, token_weights)
    if weights is not None:
        shares *= weights[words]
    total = shares.sum(dtype=np.float64).astype(np.float32)
    mean: NDArray[np.float32] = (shares[:, None] * vectors[words]).sum(axis=0)
    return mean / (total if total > 0 else np.float32(1))


def _largest_weights(ids: TokenIds, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the largest weight of each distinct word of each text, in the order of a CSR."""
    text = ids.text_index
    order = np.lexsort((ids.ids, text))
    text, word = text[order], ids.ids[order]
    first = np.ones(len(word), np.bool_)
    first[1:] = (text[1:] != text[:-1]) | (word[1:] != word[:-1])
    if not len(word):
        return weights
    largest: NDArray[np.float32] = np.maximum.reduceat(weights[order], np.flatnonzero(first))
    return largest


def unit_rows(X: NDArray[np.float32]) -> NDArray[np.float32]:
    """Divide each row by its length; a row of zeros stays."""
    lengths = np.linalg.norm(X, axis=1, keepdims=True)
    small = np.flatnonzero(lengths < 1e-15)  # their squares are no normal float32 numbers
    lengths[small, 0] = np.linalg.norm(X[small].astype(np.float64), axis=1)
    return np.divide(X, np.where(lengths > 0, lengths, 1), dtype=np.float32)
