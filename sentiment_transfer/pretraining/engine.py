"""The seam between the estimator and what does the arithmetic.

An engine is a generator function: it trains on token ids and yields a `Step` whenever it has done
a share of the work. The estimator around it counts, reports and saves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from sentiment_transfer.text import TokenIds

__all__ = ["Engine", "Settings", "Step"]


@dataclass(frozen=True)
class Settings:
    """What decides the result; the names are gensim's. See `SkipGram`."""

    vector_size: int
    window: int
    negative: int
    sample: float
    alpha: float
    min_alpha: float
    epochs: int
    workers: int
    seed: int
    deterministic: bool


@dataclass(frozen=True, eq=False)
class Step:
    """Where training stands.

    Attributes
    ----------
    epoch
        The epoch that this share of the work belongs to, from 0.
    tokens
        Tokens read in this step, before subsampling.
    loss, pairs
        Sum of the loss over the pairs trained on in this step, and their number.
    alpha
        Learning rate at the end of the step.
    matrix
        float32 ``(n_words, vector_size)``, the input vectors: the engine's own array, which the
        next step changes.
    """

    epoch: int
    tokens: int
    loss: float
    pairs: float
    alpha: float
    matrix: NDArray[np.float32]


Engine = Callable[["TokenIds", "NDArray[np.int64]", Settings], Iterator[Step]]
