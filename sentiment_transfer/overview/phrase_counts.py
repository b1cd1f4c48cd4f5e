"""Counts of the words and pairs of words of texts, and sums of a value over the texts of each.

The number of a word is its row in the vocabulary, that of a pair ``a b`` is
``(a + 1) * n_words + b``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.text.bag_of_words import distinct_counts
from sentiment_transfer.text.vocabulary import chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sentiment_transfer.text.vocabulary import TokenIds

    Numbers = NDArray[np.int64]

__all__ = ["PhraseCounts", "count_phrases"]

BUCKETS = 1 << 22
"""Pairs are first counted in this many groups; rare pairs are in rare groups, and are left out."""


class PhraseCounts(NamedTuple):
    """Frequent words and pairs of ``n_texts`` texts.

    Attributes
    ----------
    numbers
        Their numbers, int64 ``(m,)``, words first.
    n
        Number of texts that hold each, int64 ``(m,)``.
    sums
        Sum of the values of these texts, float64 ``(m, n_values)``.
    """

    numbers: Numbers
    n: Numbers
    sums: NDArray[np.float64]


def count_phrases(
    ids: TokenIds, n_words: int, values: NDArray[np.float64], least: int
) -> PhraseCounts:
    """Count the words and pairs that are in some number of texts at least.

    Parameters
    ----------
    ids
        Rows of the tokens of each text, -1 for a word that is not known.
    n_words
        Number of words in the vocabulary.
    values
        Of each text, ``(n_texts, n_values)``.
    least
        Number of texts that hold a word or a pair.

    Notes
    -----
    A pair is two different words next to each other, each of them frequent. A text with a phrase
    twice counts once. Memory grows with the number of frequent pairs, not with the texts.
    """
    words = _words(ids, n_words, values)
    frequent = words.n >= least
    pairs = _pairs(ids, frequent, values, least)
    kept = np.flatnonzero(frequent)
    return PhraseCounts(
        np.concatenate([kept, pairs.numbers]),
        np.concatenate([words.n[kept], pairs.n]),
        np.concatenate([words.sums[kept], pairs.sums]),
    )


def _parts(
    ids: TokenIds, values: NDArray[np.float64]
) -> Iterator[tuple[TokenIds, NDArray[np.float64]]]:
    """Yield chunks of texts with their values."""
    read = 0
    for chunk in chunks(ids):
        yield chunk, values[read : read + len(chunk)]
        read += len(chunk)


def _words(ids: TokenIds, n_words: int, values: NDArray[np.float64]) -> PhraseCounts:
    n, sums = np.zeros(n_words, np.int64), np.zeros((n_words, values.shape[1]))
    for chunk, own in _parts(ids, values):
        counts = distinct_counts(chunk.where(chunk.ids >= 0), n_words)
        texts = np.repeat(np.arange(len(chunk)), np.diff(counts.indptr))
        n += np.bincount(counts.indices, minlength=n_words)
        sums += _summed(counts.indices, own[texts], n_words)
    return PhraseCounts(np.arange(n_words), n, sums)


def _pairs(
    ids: TokenIds, frequent: NDArray[np.bool_], values: NDArray[np.float64], least: int
) -> PhraseCounts:
    in_bucket = np.zeros(BUCKETS, np.int64)
    for chunk, _ in _parts(ids, values):
        in_bucket += np.bincount(_pairs_of(chunk, frequent)[1] % BUCKETS, minlength=BUCKETS)
    none = np.zeros(0, np.int64)
    total = PhraseCounts(none, none, np.zeros((0, values.shape[1])))
    base = (len(frequent) + 1) * len(frequent)
    for chunk, own in _parts(ids, values):
        texts, numbers = _pairs_of(chunk, frequent)
        kept = in_bucket[numbers % BUCKETS] >= least
        texts, numbers = np.divmod(np.unique(texts[kept] * base + numbers[kept]), base)
        total = _added(total, numbers, own[texts])
    kept = total.n >= least
    return PhraseCounts(total.numbers[kept], total.n[kept], total.sums[kept])


def _pairs_of(ids: TokenIds, frequent: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Return the text and the number of each pair of neighbouring frequent words."""
    text, a, b = ids.text_index, ids.ids[:-1].astype(np.int64), ids.ids[1:]
    kept = (text[:-1] == text[1:]) & (a >= 0) & (b >= 0) & (a != b)
    kept[kept] = frequent[a[kept]] & frequent[b[kept]]
    return text[:-1][kept], (a[kept] + 1) * len(frequent) + b[kept]


def _added(total: PhraseCounts, numbers: Numbers, values: NDArray[np.float64]) -> PhraseCounts:
    """Add the pairs of a chunk, each with the values of its text, to counts."""
    both, places = np.unique(np.concatenate([total.numbers, numbers]), return_inverse=True)
    n = np.concatenate([total.n, np.ones(len(numbers), np.int64)])
    sums = np.concatenate([total.sums, values])
    counts = np.bincount(places, n, len(both)).astype(np.int64)
    return PhraseCounts(both, counts, _summed(places, sums, len(both)))


def _summed(
    places: NDArray[np.integer], values: NDArray[np.float64], size: int
) -> NDArray[np.float64]:
    """Add up rows of values by their places, ``(size, n_values)``."""
    return np.column_stack([np.bincount(places, column, size) for column in values.T])
