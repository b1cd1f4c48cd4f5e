"""Grams of fixed texts, indexed for classifiers that are fitted again and again.

To weigh the grams of 10,000 reviews again takes 340 ms, most of it to look each gram up among those
that a classifier knows. The other way round, the few thousand grams of a classifier are looked up
among those of the texts, in 20 ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import numpy as np

from sentiment_transfer.text.grams import Grams
from sentiment_transfer.text.vocabulary import places_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array

__all__ = ["IndexedGrams"]

PART = 1 << 17
"""Places of grams that are weighed at once."""


@dataclass(frozen=True, eq=False)
class IndexedGrams(Grams):
    """Grams with an index: which texts contain a gram, and how often.

    Attributes
    ----------
    distinct
        The different grams, uint64, sorted, ``(m,)``.
    texts
        Texts of each of them, one after the other, int32.
    damped
        ``1 + log tf`` of each of these places, float32.
    starts
        Places of gram ``j`` are ``starts[j]`` to ``starts[j + 1]``, int64 ``(m + 1,)``.
    """

    distinct: NDArray[np.uint64]
    texts: NDArray[np.int32]
    damped: NDArray[np.float32]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, grams: Grams) -> Self:
        """Index grams; no texts have an empty index."""
        from scipy.sparse import csr_array

        distinct, columns = np.unique(grams.numbers, return_inverse=True)
        shape = (len(grams), len(distinct))
        parts = (np.ones(len(columns), np.float32), columns, grams.offsets)
        counts = csr_array(parts, shape=shape).tocsc()
        counts.sum_duplicates()
        damped = 1 + np.log(counts.data)
        texts, starts = counts.indices.astype(np.int32), counts.indptr.astype(np.int64)
        return cls(grams.numbers, grams.offsets, distinct, texts, damped, starts)

    def weighted(  # type: ignore[override]  # only products are made of it
        self, known: NDArray[np.uint64], idf: NDArray[np.float32]
    ) -> csc_array:
        """Return the same as `Grams.weighted`, up to rounding, for a fitted TF-IDF.

        It is in columns and in float64, so that products with the weights of classifiers convert
        nothing.
        """
        from scipy.sparse import csc_array

        column = np.searchsorted(self.distinct, known)
        here = column < len(self.distinct)
        here[here] = self.distinct[column[here]] == known[here]
        lengths = np.zeros(len(known), np.int64)
        lengths[here] = np.diff(self.starts)[column[here]]
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        texts, data = np.empty(starts[-1], np.int32), np.empty(starts[-1])
        squares = np.zeros(len(self))
        parts = [slice(*ends) for ends in pairwise(self._ends(starts))]
        for part in parts:
            these = slice(starts[part.start], starts[part.stop])
            places, _ = places_of(self.starts, column[part][here[part]])
            texts[these] = self.texts[places]
            weights = self.damped[places] * np.repeat(idf[part], lengths[part])
            squares += np.bincount(texts[these], weights**2, len(self))
            data[these] = weights
        norms = np.sqrt(squares)
        for part in parts:
            these = slice(starts[part.start], starts[part.stop])
            data[these] /= norms[texts[these]]
        return csc_array((data, texts, starts), shape=(len(self), len(known)))

    @staticmethod
    def _ends(starts: NDArray[np.int64]) -> list[int]:
        """Return where to divide grams, so that what is computed of a part stays in the cache."""
        n_parts = max(1, int(starts[-1]) // PART)
        ends = np.searchsorted(starts, np.linspace(0, starts[-1], n_parts + 1)[1:-1])
        return [0, *np.unique(ends).tolist(), len(starts) - 1]
