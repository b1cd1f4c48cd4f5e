"""Words and word pairs of texts as TF-IDF features, without a vocabulary of strings.

Word vectors say what a text is like; single words say what labels were about. Logistic regression
on TF-IDF is strong from some hundred labels on, so the informed head reads both.

A gram is known by a 64-bit number. That of a word is a hash of its letters, that of a pair
``a b`` is ``number(a) * K + number(b)`` modulo 2^64. So a corpus of token ids becomes grams by
array arithmetic, and a model file holds numbers. With a million grams learnt, a foreign gram is
taken for one of them once in 10^13 times.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import NotFittedError

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csr_array, csr_matrix


__all__ = [
    "NO_FREQUENCIES",
    "GramFrequencies",
    "GramTfidf",
    "Grams",
    "gram_number",
    "squared_log_count_ratio",
    "word_number",
]

LEAST_SQUARED_RATIO = 1e-4
"""A prior cannot be of variance 0."""

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, made odd


def word_number(word: str) -> int:
    """Number of a word: the first 64 bits of its BLAKE2b hash."""
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")


def gram_number(*words: str) -> int:
    """Number of a word or of a pair of words."""
    first, *second = (word_number(word) for word in words)
    return (first * int(_MULTIPLIER) + second[0]) % 2**64 if second else first


@dataclass(frozen=True, eq=False)
class Grams:
    """Words and neighbouring pairs of texts, in any order within a text.

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
        """Put each word's pair with its right neighbour beside it: ``a b c`` gives ``a ab b bc c``.

        ``words`` are numbers of words, ``offsets`` those of the texts among them.
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

    def __getitem__(self, rows: NDArray[np.intp]) -> Grams:
        lengths = np.diff(self.offsets)[rows]
        offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        starts = np.repeat(self.offsets[:-1][rows] - offsets[:-1], lengths)
        return Grams(self.numbers[starts + np.arange(offsets[-1])], offsets)


@dataclass(frozen=True, eq=False)
class GramFrequencies:
    """In how many of ``n_texts`` unlabelled texts the commonest grams stand.

    A handful of labelled texts cannot tell common words from telling ones; unlabelled texts can.
    At 8 labels that is worth half a point to a point.

    Attributes
    ----------
    numbers
        uint64, rising.
    counts
        int32, for each of them.
    n_texts
        Texts counted; 0 if there were none.
    """

    numbers: NDArray[np.uint64]
    counts: NDArray[np.int32]
    n_texts: int

    @classmethod
    def of(cls, grams: Grams, most: int = 20_000) -> GramFrequencies:
        """Count the ``most`` frequent grams of some texts, once a text."""
        texts = np.repeat(np.arange(len(grams)), np.diff(grams.offsets))
        order = np.lexsort((texts, grams.numbers))
        numbers, texts = grams.numbers[order], texts[order]
        first = np.ones(len(numbers), dtype=bool)
        first[1:] = (numbers[1:] != numbers[:-1]) | (texts[1:] != texts[:-1])
        distinct, counts = np.unique(numbers[first], return_counts=True)
        kept = np.sort(np.argsort(-counts, kind="stable")[:most])
        return cls(distinct[kept], counts[kept].astype(np.int32), len(grams))

    def lookup(self, numbers: NDArray[np.uint64]) -> NDArray[np.int64]:
        """In how many texts each gram stands; 0 for one that is not among the commonest."""
        if not len(self.numbers):
            return np.zeros(len(numbers), dtype=np.int64)
        places = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        return np.where(self.numbers[places] == numbers, self.counts[places], 0)


NO_FREQUENCIES = GramFrequencies(np.zeros(0, np.uint64), np.zeros(0, np.int32), 0)


class GramTfidf:
    """TF-IDF as scikit-learn's ``TfidfVectorizer(sublinear_tf=True)`` has it, over `Grams`.

    ``(1 + log tf) * (log((1 + n) / (1 + df)) + 1)``, rows scaled to length one. The ``n`` texts of
    which ``df`` hold a gram are those it is fitted on and, if given, unlabelled ones. From 1,000
    texts on a gram has to stand in two of them.

    Attributes
    ----------
    numbers_
        Grams known, uint64, rising, ``(m,)``; column ``j`` is gram ``j``.
    idf_
        float32 ``(m,)``.
    """

    numbers_: NDArray[np.uint64]
    idf_: NDArray[np.float32]

    def fit(self, grams: Grams, unlabelled: GramFrequencies = NO_FREQUENCIES) -> Self:
        """Learn which grams there are and in how many texts; no text gives no columns."""
        n = len(grams)
        self.numbers_, columns = np.unique(grams.numbers, return_inverse=True)
        counts = self._counts(columns, grams.offsets)
        frequency = np.bincount(counts.indices, minlength=len(self.numbers_))
        kept = frequency >= (2 if n >= 1_000 else 1)
        self.numbers_ = self.numbers_[kept]
        df = frequency[kept] + unlabelled.lookup(self.numbers_)
        self.idf_ = (np.log((1 + n + unlabelled.n_texts) / (1 + df)) + 1).astype(np.float32)
        return self

    def transform(self, grams: Grams) -> csr_array:
        """Weigh the known grams of each text: float32 CSR ``(n_texts, m)``."""
        columns, known = self._columns(grams)
        kept_before = np.concatenate([np.zeros(1, np.int64), np.cumsum(known)])
        weighted = self._counts(columns[known], kept_before[grams.offsets])
        weighted.data = (1 + np.log(weighted.data)) * self.idf_[weighted.indices]
        rows = np.repeat(np.arange(len(grams)), np.diff(weighted.indptr))
        lengths = np.sqrt(np.bincount(rows, weights=weighted.data**2, minlength=len(grams)))
        weighted.data /= lengths.astype(np.float32)[rows]
        return weighted

    def transform_few(self, grams: Grams) -> NDArray[np.float32]:
        """The same as a full matrix, for a few texts, before scipy is even imported."""
        columns, known = self._columns(grams)
        rows = np.repeat(np.arange(len(grams)), np.diff(grams.offsets))
        counts = np.zeros((len(grams), len(self.numbers_)), np.float32)
        np.add.at(counts, (rows[known], columns[known]), 1)
        damped = np.where(counts > 0, 1 + np.log(np.maximum(counts, 1)), np.float32(0))
        weighted: NDArray[np.float32] = damped * self.idf_
        lengths = np.linalg.norm(weighted.astype(np.float64), axis=1, keepdims=True)
        weighted /= np.where(lengths > 0, lengths, 1).astype(np.float32)
        return weighted

    def _columns(self, grams: Grams) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
        """Place of each gram among the known ones, and whether it is one of them."""
        if not hasattr(self, "numbers_"):
            raise NotFittedError("GramTfidf is not fitted yet; call fit first")
        m = len(self.numbers_)
        columns = np.searchsorted(self.numbers_, grams.numbers)
        if not m:
            return columns, np.zeros(len(columns), dtype=bool)
        known: NDArray[np.bool_] = self.numbers_[np.minimum(columns, m - 1)] == grams.numbers
        return columns, known

    def _counts(self, columns: NDArray[np.integer], offsets: NDArray[np.int64]) -> csr_array:
        from scipy.sparse import csr_array

        shape = (len(offsets) - 1, len(self.numbers_))
        # copies, for sum_duplicates works in place
        indices, indptr = columns.astype(np.int64), offsets.astype(np.int64)
        counts = csr_array((np.ones(len(columns), np.float32), indices, indptr), shape=shape)
        counts.sum_duplicates()
        return counts


def squared_log_count_ratio(
    words: NDArray[np.floating] | csr_array | csr_matrix, y: ArrayLike, weight: ArrayLike
) -> NDArray[np.float64]:
    """How much the share of texts with a word differs between two classes: ``r^2``, ``(m,)``.

    ``r = log(p / |p|) - log(q / |q|)``, with ``p`` and ``q`` one more than the number of texts of
    either class that hold the word (Wang & Manning 2012, *Baselines and Bigrams*, eq. 3). They
    scale features by ``r``; that is the same as a prior variance in proportion to ``r^2``.

    Parameters
    ----------
    words
        Above 0 where a text holds a word, ``(n_texts, m)``.
    y, weight
        Labels 0 or 1, and what each text counts for, ``(n_texts,)``.
    """
    ones, counted = np.asarray(y) > 0, np.asarray(weight, dtype=np.float64)
    p, q = (1 + (words > 0).T @ np.where(side, counted, 0) for side in (ones, ~ones))
    ratio = np.log(p / p.sum()) - np.log(q / q.sum())
    square: NDArray[np.float64] = np.maximum(ratio**2, LEAST_SQUARED_RATIO)
    return square
