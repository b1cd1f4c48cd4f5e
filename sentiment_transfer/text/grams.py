"""Words and word pairs of texts as TF-IDF features, without a vocabulary of strings.

Logistic regression on TF-IDF is strong from some hundred labels on, so `PolarityClassifier` uses it
beside word vectors.

A gram is represented by a 64-bit number: a word by a hash of its letters, a pair ``a b`` by
``number(a) * K + number(b)`` modulo 2^64. Grams of a corpus are thus computed by array arithmetic,
and a model file holds numbers. Of a million known grams, another gram equals one with a
probability of 10^-13.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Self

import numpy as np

from sentiment_transfer.errors import NotFittedError
from sentiment_transfer.text.vocabulary import places_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csr_array, csr_matrix


__all__ = [
    "NO_FREQUENCIES",
    "GramFrequencies",
    "GramTfidf",
    "Grams",
    "find_grams",
    "gram_number",
    "squared_log_count_ratio",
    "word_number",
]

LEAST_SQUARED_RATIO = 1e-4
"""Lower bound, since the variance of a prior is above 0."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, made odd


def word_number(word: str) -> int:
    """Return the number of a word: the first 64 bits of its BLAKE2b hash."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")


def gram_number(*words: str) -> int:
    """Return the number of a word or of a pair of words."""
    first, *second = (word_number(word) for word in words)
    return (first * int(_MULTIPLIER) + second[0]) % 2**64 if second else first


@dataclass(frozen=True, eq=False)
class Grams:
    """Words and neighbouring pairs of texts: of a text ``a b c``, ``a ab b bc c``.

    Attributes
    ----------
    numbers
        uint64, shape ``(n_grams,)``.
    offsets
        int64, shape ``(n_texts + 1,)``.
    """

    numbers: NDArray[np.uint64]
    offsets: NDArray[np.int64]

    @classmethod
    def of_words(cls, words: NDArray[np.uint64], offsets: NDArray[np.int64]) -> Grams:
        """Build from the numbers of words: ``a b c`` gives ``a ab b bc c``.

        ``offsets`` are those of the texts among the words.
        """
        grams = np.empty(2 * len(words), dtype=np.uint64)
        grams[0::2] = words
        grams[1:-1:2] = words[:-1] * _MULTIPLIER + words[1:]
        inside = np.ones(len(grams), dtype=bool)
        lengths = np.diff(offsets)
        inside[2 * offsets[1:][lengths > 0] - 1] = False  # last words have no right neighbour
        ends = np.cumsum(2 * lengths - (lengths > 0))
        return cls(grams[inside], np.concatenate([np.zeros(1, np.int64), ends]))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, texts: NDArray[np.intp]) -> Grams:
        """Return the chosen texts."""
        places, offsets = places_of(self.offsets, texts)
        return Grams(self.numbers[places], offsets)

    def weighted(self, known: NDArray[np.uint64], idf: NDArray[np.float32]) -> csr_array:
        """Return ``(1 + log tf) idf`` of known grams, scaled to rows of length 1.

        ``known`` is sorted, ``(m,)``, and so ordered is ``idf``. Returns float32 ``(n_texts, m)``.
        """
        columns, found = find_grams(self, known)
        found_before = np.concatenate([np.zeros(1, np.int64), np.cumsum(found)])
        weighted = _counts(columns[found], found_before[self.offsets], len(known))
        weighted.data = (1 + np.log(weighted.data)) * idf[weighted.indices]
        rows = np.repeat(np.arange(len(self)), np.diff(weighted.indptr))
        lengths = np.sqrt(np.bincount(rows, weights=weighted.data**2, minlength=len(self)))
        weighted.data /= lengths.astype(np.float32)[rows]
        return weighted


@dataclass(frozen=True, eq=False)
class GramFrequencies:
    """Document frequencies of the most frequent grams in unlabelled texts.

    A few labelled texts do not show which words are frequent; unlabelled texts do. At 8 labels this
    gains half a point to a point.

    Attributes
    ----------
    numbers
        Grams, uint64, sorted.
    counts
        Number of texts with each, int32.
    n_texts
        Number of all texts, which may be 0.
    """

    numbers: NDArray[np.uint64]
    counts: NDArray[np.int32]
    n_texts: int

    @classmethod
    def of(cls, grams: Grams, most: int = 20_000) -> GramFrequencies:
        """Count the texts with each of the ``most`` frequent grams."""
        texts = np.repeat(np.arange(len(grams)), np.diff(grams.offsets))
        order = np.lexsort((texts, grams.numbers))
        numbers, texts = grams.numbers[order], texts[order]
        first = np.ones(len(numbers), dtype=bool)
        first[1:] = (numbers[1:] != numbers[:-1]) | (texts[1:] != texts[:-1])
        distinct, counts = np.unique(numbers[first], return_counts=True)
        kept = np.sort(np.argsort(-counts, kind="stable")[:most])
        return cls(distinct[kept], counts[kept].astype(np.int32), len(grams))

    def lookup(self, numbers: NDArray[np.uint64]) -> NDArray[np.int64]:
        """Return the number of texts with each gram; 0 for a gram that was not counted."""
        places, known = _find(numbers, self.numbers)
        found = np.zeros(len(numbers), dtype=np.int64)
        found[known] = self.counts[places[known]]
        return found


NO_FREQUENCIES = GramFrequencies(np.zeros(0, np.uint64), np.zeros(0, np.int32), 0)


class GramTfidf:
    """TF-IDF of `Grams`, as scikit-learn's ``TfidfVectorizer(sublinear_tf=True)`` computes it.

    ``(1 + log tf) * (log((1 + n) / (1 + df)) + 1)``, with rows scaled to unit length. ``n`` and
    ``df`` count the texts of `fit` and, if given, unlabelled ones. With 1,000 texts or more, a gram
    has to be in two of them.

    Attributes
    ----------
    numbers_
        Known grams, uint64, sorted, ``(m,)``; column ``j`` is gram ``j``.
    idf_
        float32 ``(m,)``.
    """

    numbers_: NDArray[np.uint64]
    idf_: NDArray[np.float32]

    def fit(self, grams: Grams, unlabelled: GramFrequencies = NO_FREQUENCIES) -> Self:
        """Learn the grams and their document frequencies; no texts give no columns."""
        n = len(grams)
        self.numbers_, columns = np.unique(grams.numbers, return_inverse=True)
        counts = _counts(columns, grams.offsets, len(self.numbers_))
        frequency = np.bincount(counts.indices, minlength=len(self.numbers_))
        kept = frequency >= (2 if n >= 1_000 else 1)
        self.numbers_ = self.numbers_[kept]
        df = frequency[kept] + unlabelled.lookup(self.numbers_)
        self.idf_ = (np.log((1 + n + unlabelled.n_texts) / (1 + df)) + 1).astype(np.float32)
        return self

    def transform(self, grams: Grams) -> csr_array:
        """Return the TF-IDF of the known grams of each text: float32 ``(n_texts, m)``."""
        self._require_fitted()
        return grams.weighted(self.numbers_, self.idf_)

    def transform_few(self, grams: Grams) -> NDArray[np.float32]:
        """Return the same as a dense matrix, for a few texts, without importing scipy."""
        self._require_fitted()
        columns, known = find_grams(grams, self.numbers_)
        rows = np.repeat(np.arange(len(grams)), np.diff(grams.offsets))
        counts = np.zeros((len(grams), len(self.numbers_)), np.float32)
        np.add.at(counts, (rows[known], columns[known]), 1)
        damped = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), np.float32(0))
        weighted: NDArray[np.float32] = damped * self.idf_
        lengths = np.linalg.norm(weighted.astype(np.float64), axis=1, keepdims=True)
        weighted /= np.where(lengths > 0, lengths, 1).astype(np.float32)
        return weighted

    def _require_fitted(self) -> None:
        if not hasattr(self, "numbers_"):
            raise NotFittedError("GramTfidf is not fitted yet; call fit first")


def _counts(columns: NDArray[np.integer], offsets: NDArray[np.int64], m: int) -> csr_array:
    """Count columns ``0 .. m - 1`` of texts, float32 ``(n_texts, m)``."""
    from scipy.sparse import csr_array

    # copies, since sum_duplicates works in place
    indices, indptr = columns.astype(np.int64), offsets.astype(np.int64)
    parts = np.ones(len(columns), np.float32), indices, indptr
    counts = csr_array(parts, shape=(len(offsets) - 1, m))
    counts.sum_duplicates()
    return counts


def find_grams(
    grams: Grams, known: NDArray[np.uint64]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the place of each gram among the known ones, and whether it is one of them.

    A pair is known if its words are too: it is in no more texts than its words, so only a file can
    hold one without them. ``known`` is sorted; the place of an unknown gram is arbitrary.
    """
    places, found = _find(grams.numbers, known)
    first = np.repeat(grams.offsets[:-1], np.diff(grams.offsets))
    pairs = np.flatnonzero((np.arange(len(found)) - first) & 1)
    found[pairs] &= found[pairs - 1] & found[pairs + 1]
    return places, found


def _find(
    numbers: NDArray[np.uint64], known: NDArray[np.uint64]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the place of each number among the sorted ones, and whether it is one of them."""
    places = np.searchsorted(known, numbers)
    inside = places < len(known)
    inside[inside] = known[places[inside]] == numbers[inside]
    return places, inside


def squared_log_count_ratio(
    words: NDArray[np.floating] | csr_array | csr_matrix, y: ArrayLike, weight: ArrayLike
) -> NDArray[np.float64]:
    """Return the squared log-count ratio of each word between two classes, ``r^2``, ``(m,)``.

    ``r = log(p / |p|) - log(q / |q|)``, with ``p`` and ``q`` one more than the number of texts of
    each class that contain the word (Wang & Manning 2012, *Baselines and Bigrams*, eq. 3). They
    scale features by ``r``, which is equivalent to a prior variance proportional to ``r^2``.

    Parameters
    ----------
    words
        Above 0 where a text contains a word, ``(n_texts, m)``.
    y, weight
        Labels 0 or 1, and weights of the texts, ``(n_texts,)``.
    """
    ones, counted = np.asarray(y) > 0, np.asarray(weight, dtype=np.float64)
    p, q = (1 + (words > 0).T @ np.where(side, counted, 0) for side in (ones, ~ones))
    ratio = np.log(p / p.sum()) - np.log(q / q.sum())
    square: NDArray[np.float64] = np.maximum(ratio**2, LEAST_SQUARED_RATIO)
    return square
