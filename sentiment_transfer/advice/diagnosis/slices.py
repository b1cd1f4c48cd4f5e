"""Accuracy in parts of the labelled texts: negated, short, long, with unknown words, ...

A part differs from the rest only if Fisher's exact test says so after correction for the number of
parts (Holm 1979).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.experiments.statistics import wilson_interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining import WordVectors

__all__ = ["Slice", "accuracy_by_slice", "slices_of"]

MIN_TEXTS = 10
"""Texts inside and outside a part that are needed to compare them."""
SIGNIFICANT = 0.05
FULL_COVERAGE = 0.8
"""Share of known words below which a text counts as partly unknown."""


@dataclass(frozen=True)
class Slice:
    """Accuracy in a part of the texts and in the others.

    Attributes
    ----------
    name
        Of the part.
    n
        Number of its texts.
    accuracy, low, high
        Share of right answers, with the ends of Wilson's 95 % interval.
    others
        Share of right answers in the other texts.
    p
        That of a difference as large by chance, corrected for the number of parts.
    """

    name: str
    n: int
    accuracy: float
    low: float
    high: float
    others: float
    p: float

    @property
    def differs(self) -> bool:
        """Whether the difference is significant at 5 %."""
        return self.p < SIGNIFICANT


def slices_of(vectors: WordVectors, texts: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """Return which texts are in each part, ``(n,)``; parts overlap."""
    tokens = [vectors.tokenizer(text) for text in texts]
    marker = vectors.tokenizer.language_data.marker
    lengths = np.array([len(one) for one in tokens])
    short, long = np.quantile(lengths, [1 / 3, 2 / 3]) if len(lengths) else (0, 0)
    return {
        "negated": np.array([any(t.startswith(marker) for t in one) for one in tokens], bool),
        "short": lengths <= short,
        "long": lengths > long,
        "unknown words": vectors.coverage(texts) < FULL_COVERAGE,
    }


def accuracy_by_slice(
    parts: Mapping[str, NDArray[np.bool_]], right: NDArray[np.bool_]
) -> tuple[Slice, ...]:
    """Compare each part with the other texts; parts of fewer than 10 texts are left out."""
    from scipy.stats import fisher_exact

    sizes = {name: (int(part.sum()), int((~part).sum())) for name, part in parts.items()}
    kept = {name: part for name, part in parts.items() if min(sizes[name]) >= MIN_TEXTS}
    tables = {name: [_counts(right[part]), _counts(right[~part])] for name, part in kept.items()}
    raw = np.array([fisher_exact(np.array(two)).pvalue for two in tables.values()])
    found = []
    for (name, (inside, outside)), p in zip(tables.items(), holm(raw), strict=True):
        n = sum(inside)
        low, high = wilson_interval(inside[0], n)
        others = outside[0] / sum(outside)
        found.append(Slice(name, n, inside[0] / n, low, high, others, float(p)))
    return tuple(found)


def _counts(right: NDArray[np.bool_]) -> tuple[int, int]:
    """Return the numbers of right and wrong answers."""
    return int(right.sum()), int((~right).sum())


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return p-values corrected for their number by Holm's method.

    ``[0.01, 0.04, 0.03]`` becomes ``[0.03, 0.06, 0.06]``.
    """
    order = np.argsort(p, kind="stable")
    scaled = p[order] * np.arange(len(p), 0, -1)
    corrected = np.empty(len(p))
    corrected[order] = np.minimum(np.maximum.accumulate(scaled), 1)
    return corrected
