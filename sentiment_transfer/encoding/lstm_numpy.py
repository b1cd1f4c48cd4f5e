"""An LSTM forward pass with NumPy alone, for prediction.

At each step, with the gates ``i, f, g, o = W x + U h + b`` (Hochreiter & Schmidhuber 1997; Gers et
al. 2000 for ``f``), in torch's order::

    c <- sigmoid(f) * c + sigmoid(i) * tanh(g)
    h <- sigmoid(o) * tanh(c)

A step computes only the texts that have a token there, so no state is updated after its text ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Pooling", "pool_states"]

Pooling = Literal["mean", "max", "last"]


def pool_states(
    x: NDArray[np.float32],
    sizes: NDArray[np.int64],
    weights: tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]],
    pooling: Pooling,
    *,
    backward: bool,
) -> NDArray[np.float32]:
    """Return the mean, maximum or last of the states of each text.

    Parameters
    ----------
    x
        Word vectors, ``(n_tokens, d)``, in the order of `Steps.packed`.
    sizes
        Number of texts at each step (`Steps.sizes`).
    weights
        ``W`` ``(4 h, d)``, ``U`` ``(4 h, h)`` and ``b`` ``(4 h,)``.
    pooling
        ``"mean"``, ``"max"`` or ``"last"``.
    backward
        Whether to read each text from its last token to its first; the last state is then that of
        the first token.

    Returns
    -------
    NDArray[np.float32]
        ``(n_texts, h)``, in the order of `Steps.order`.
    """
    W, U, b = weights
    h, n = U.shape[1], int(sizes[0])
    begins = np.cumsum(sizes) - sizes
    # sigmoid(x) = (1 + tanh(x / 2)) / 2: with inputs halved, one tanh computes all four gates
    halves = np.repeat(np.array([0.5, 0.5, 1, 0.5], np.float32), h)
    gates = x @ (W.T * halves) + b * halves
    recurrent = np.ascontiguousarray(U.T * halves)
    state, cell = np.zeros((n, h), np.float32), np.zeros((n, h), np.float32)
    pooled = np.full((n, h), -np.inf if pooling == "max" else 0, np.float32)
    steps = range(len(sizes))
    for t in reversed(steps) if backward else steps:
        m = sizes[t]
        opened = np.tanh(gates[begins[t] : begins[t] + m] + state[:m] @ recurrent)
        i, f, g, o = (opened[:, k * h : (k + 1) * h] for k in range(4))
        cell[:m] = ((1 + f) * cell[:m] + (1 + i) * g) / 2
        state[:m] = (1 + o) * np.tanh(cell[:m]) / 2
        if pooling == "mean":
            pooled[:m] += state[:m]
        elif pooling == "max":
            np.maximum(pooled[:m], state[:m], out=pooled[:m])
    if pooling == "last":
        return state
    lengths = np.searchsorted(-sizes, -np.arange(n), side="left").astype(np.float32)
    return pooled / lengths[:, None] if pooling == "mean" else pooled
