"""Vectors of a sentence encoder on the scale of the other features.

The vectors of some encoders are all alike but for small differences (anisotropy, Ethayarajh 2019,
*EMNLP*), those of others are not; lengths differ as well. So each is divided by its length, the
mean of the labelled texts is subtracted, and the rest is divided by its root mean square length:
``z = (x / |x| - m) / s``, ``s^2 = sum_i |x_i / |x_i| - m|^2 / (n - 1)``. No label is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from sentiment_transfer.errors import SettingError
from sentiment_transfer.text.bag_of_words import unit_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SentenceScaling"]

LEAST_SCALE = 1e-6
"""Texts that differ by less have the same vector but for rounding; they are not scaled."""


@dataclass(frozen=True, eq=False)
class SentenceScaling:
    """The mean of labelled texts and their distance from it.

    Attributes
    ----------
    mean
        ``m``, float32 ``(width,)``.
    scale
        ``s``; 1 if all texts have the same vector.
    """

    mean: NDArray[np.float32]
    scale: float

    @classmethod
    def of(cls, vectors: NDArray[np.float32]) -> Self:
        """Compute it from the vectors of labelled texts, ``(n, width)``, ``n`` at least 1."""
        unit = unit_rows(vectors)
        mean = unit.mean(axis=0, dtype=np.float64)
        square = float(((unit - mean) ** 2).sum()) / max(1, len(unit) - 1)
        return cls(mean.astype(np.float32), square**0.5 if square > LEAST_SCALE**2 else 1.0)

    def transform(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return ``z`` of each vector, float32 ``(n, width)``."""
        if not len(vectors):
            return np.zeros((0, len(self.mean)), np.float32)
        if vectors.shape[1] != len(self.mean):
            raise SettingError(
                f"the sentence encoder returned {vectors.shape[1]} numbers a text, and "
                f"{len(self.mean)} when the model was fitted; give the same encoder"
            )
        scaled: NDArray[np.float32] = (unit_rows(vectors) - self.mean) / np.float32(self.scale)
        return scaled
