"""Grams of fixed texts, indexed for classifiers that are fitted again and again.

To weigh the grams of 10,000 reviews anew takes 340 ms, most of it to look each gram up among those
that a classifier knows. The other way round, the few thousand grams of a classifier are looked up
among those of the texts, in 20 ms.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from sentiment_transfer.text.grams import Grams
from sentiment_transfer.text.vocabulary import places_of

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csc_array

__all__ = ["IndexedGrams"]


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
        places, starts = places_of(self.starts, column[here])
        lengths = np.zeros(len(known), np.int64)
        lengths[here] = np.diff(starts)
        data, texts = self.damped[places] * np.repeat(idf, lengths), self.texts[places]
        norms = np.sqrt(np.bincount(texts, weights=data**2, minlength=len(self)))
        data /= norms.astype(np.float32)[texts]
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        return csc_array((data.astype(np.float64), texts, starts), shape=(len(self), len(known)))
