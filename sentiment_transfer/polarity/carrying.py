"""A polarity over other word vectors of the same space, such as those of an update."""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.polarity.seeds import known_seeds
from sentiment_transfer.text.indexing import ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.polarity.encoder import PolarityEncoder
    from sentiment_transfer.polarity.polarity import Polarity
    from sentiment_transfer.pretraining.vectors import WordVectors

__all__ = ["blended", "over_vectors"]

AVERAGED = (
    *("directions", "word_scores", "pooling", "centre", "scales", "seed_weight", "cut", "spread"),
    *("taught_weight", "taught_mean", "strength_direction"),
)
NEUTRAL_POOLING = 0.3
"""Weight in a text's average of a word of polarity 0 (see `polarity`)."""


def over_vectors(encoder: PolarityEncoder, vectors: WordVectors) -> PolarityEncoder:
    """Return a copy of a fitted encoder over other vectors of the same space.

    Directions, centre and cut stay. Words keep their polarity, and words that the encoder did not
    know have none until `fit_unlabelled` learns them, with this encoder as its ``before``.
    """
    other = copy.copy(encoder)
    other.vectors = vectors
    polarity = encoder.polarity_
    if polarity is None:
        return other
    rows = ranks(list(vectors.words), encoder.vectors.vocabulary)

    def carried(values: NDArray[Any], of_others: float) -> NDArray[Any]:
        return np.where(rows >= 0, values[rows], values.dtype.type(of_others))

    signs = carried(polarity.seed_signs, 0)
    for sign, side in zip((1, -1), known_seeds(encoder.seeds, vectors) or (), strict=False):
        signs[side] = sign
    other.polarity_ = replace(
        polarity,
        word_scores=carried(polarity.word_scores, 0),
        pooling=carried(polarity.pooling, NEUTRAL_POOLING),
        seed_signs=signs,
    )
    return other


def blended(old: Polarity, new: Polarity, share: float) -> Polarity:
    """Return the average of two polarities over the same vectors, all that is linear in a score.

    ``share`` is that of ``new``, between 0 and 1. Without a pivot classifier on one side, there is
    no average, and ``new`` is returned.
    """
    if old.directions.shape != new.directions.shape:
        return new
    mixed: dict[str, Any] = {}
    for name in AVERAGED:
        first, second = getattr(old, name), getattr(new, name)
        if first is None or second is None:
            continue
        value = (1 - share) * first + share * second
        mixed[name] = value.astype(second.dtype) if isinstance(second, np.ndarray) else value
    return replace(new, **mixed)
