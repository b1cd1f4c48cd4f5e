"""Directions of the strength of polarity: how much of either sign a text has.

Neutral texts differ from a balance of praise and blame: they hold few polar words of either sign.
Two directions tell them apart, without labels:

- ``mean(unit(v[P])) + mean(unit(v[N]))``, where the seed direction has the difference;
- the least squares fit of ``|z|``, the polarity of words regardless of sign, to their vectors,
  where a word counts as often as texts hold it.

Both use vectors less their mean. On tweets, their sum separates neutral texts with an area under
the curve of 0.68, the absolute value of the polarity score with 0.59 (``scripts/LOG.md``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.text.bag_of_words import unit_rows

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["joined_direction", "strength_directions"]

ROUNDING = 1e-6
"""Relative spread of values that are equal but for rounding, of float32 vectors."""


def strength_directions(
    vectors: NDArray[np.float32],
    word_scores: NDArray[np.float32],
    signs: NDArray[np.int8],
    frequency: NDArray[np.integer],
) -> NDArray[np.float32]:
    """Return both directions, float32 ``(2, d)``, of any length.

    Parameters
    ----------
    vectors, word_scores, signs
        Word vectors ``(n_words, d)``, and ``z`` and the seed words' signs of a `Polarity`,
        ``(n_words,)``; each sign occurs.
    frequency
        Number of texts that hold each word, ``(n_words,)``.
    """
    unit = unit_rows(vectors - vectors.mean(axis=0)).astype(np.float64)
    seeds = unit[signs > 0].mean(axis=0) + unit[signs < 0].mean(axis=0)
    strength, weight = np.abs(word_scores.astype(np.float64)), frequency / frequency.mean()
    target = strength - np.average(strength, weights=weight)
    weighted = unit.T * weight
    ridge = np.eye(vectors.shape[1])  # so that few words determine it as well
    fitted = np.linalg.solve(weighted @ unit + ridge, weighted @ target)
    return np.array([seeds, fitted], dtype=np.float32)


def joined_direction(
    directions: NDArray[np.float32], along: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the direction of the standardised sum over directions, float32 ``(d,)``.

    ``along`` holds the values of texts along each of them, ``(n_texts, k)``; one that is constant
    is not scaled.
    """
    scales = _spreads(along)
    spread = _spreads((along / scales).sum(axis=1, keepdims=True))
    joined: NDArray[np.float64] = (directions / (scales[:, None] * spread)).sum(axis=0)
    return joined.astype(np.float32)


def _spreads(along: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the standard deviation of each column, or 1 where it is no more than rounding."""
    spreads = along.std(axis=0)
    return np.where(spreads > ROUNDING * np.abs(along).max(axis=0), spreads, 1.0)
