"""Learn the layer of ``hidden_on_map``: mini-batch gradient descent on the weighted log loss.

For a batch ``B`` of texts with weights ``c`` (mean 1)::

    f    = offset + tanh(x W + b) . v
    loss = sum_{i in B} c_i log(1 + exp(-(2 y_i - 1) f_i)) / |B|
    W, v <- (1 - rate * decay / n) * (W, v), then Adam's step on all

``v`` and ``b`` start at 0, ``W`` at Glorot and Bengio's uniform draw (2010); shrinking apart from
the gradient is Loshchilov and Hutter's decoupled decay (2019).

This module imports torch, and is imported only by ``fit_hidden``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.nn.functional import binary_cross_entropy_with_logits

from sentiment_transfer.encoding.on_torch import one_thread

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    Layer = tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]

__all__ = ["EPOCHS", "Problem", "learn"]

EPOCHS = 20
BATCH = 64
RATE = 0.01
DECAY = 20.0


@dataclass(frozen=True, eq=False)
class Problem:
    """Labelled texts: ``x``, float32 ``(n, d)``; offsets, labels 0 or 1 and weights, ``(n,)``."""

    x: NDArray[np.float32]
    offset: NDArray[np.float64]
    y: NDArray[np.float64]
    weight: NDArray[np.float64]

    def rows(self, chosen: NDArray[np.bool_]) -> Problem:
        """Take some of the texts."""
        return Problem(self.x[chosen], self.offset[chosen], self.y[chosen], self.weight[chosen])


@one_thread()
def learn(problem: Problem, hidden_units: int, epochs: int, seed: int) -> list[Layer]:
    """``(W, b, v)`` after each epoch; the same seed and texts give the same bytes."""
    rng = torch.Generator().manual_seed(seed)
    x, offset, y, weight = (
        torch.tensor(part, dtype=torch.float32)
        for part in (problem.x, problem.offset, problem.y, problem.weight / problem.weight.mean())
    )
    bound = math.sqrt(6 / (x.shape[1] + hidden_units))
    W = ((torch.rand(x.shape[1], hidden_units, generator=rng) * 2 - 1) * bound).requires_grad_()
    b, v = (torch.zeros(hidden_units, requires_grad=True) for _ in range(2))
    optimizer = torch.optim.Adam([W, b, v], lr=RATE)
    kept = 1 - min(1.0, RATE * DECAY / len(y))
    layers = []
    for _ in range(epochs):
        order = torch.randperm(len(y), generator=rng)
        for start in range(0, len(y), BATCH):
            rows = order[start : start + BATCH]
            optimizer.zero_grad()
            f = offset[rows] + torch.tanh(x[rows] @ W + b) @ v
            torch.autograd.backward(
                binary_cross_entropy_with_logits(f, y[rows], weight=weight[rows])
            )
            with torch.no_grad():
                W.mul_(kept)
                v.mul_(kept)
            optimizer.step()
        layers.append((_array(W), _array(b), _array(v)))
    return layers


def _array(parameter: Tensor) -> NDArray[np.float32]:
    return parameter.detach().numpy().copy()
