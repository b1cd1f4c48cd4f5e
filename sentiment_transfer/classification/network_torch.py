"""One hidden layer with gradients, and the rows it is trained on."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Generator, Tensor

    from sentiment_transfer.classification.hidden_layer import HiddenLayerClassifier
    from sentiment_transfer.classification.settings import Training

__all__ = ["Examples", "Network", "device_of", "make_optimizer"]

ACTIVATIONS = {"relu": torch.relu, "tanh": torch.tanh}


@dataclass(frozen=True)
class Examples:
    """Vectors, float32 ``(n, d)``; class numbers, int64 ``(n,)``; weights, float32 ``(n,)``."""

    x: Tensor
    y: Tensor
    weight: Tensor

    def __len__(self) -> int:
        return len(self.y)

    def __getitem__(self, rows: Tensor) -> Examples:
        return Examples(self.x[rows], self.y[rows], self.weight[rows])

    def rescaled(self) -> Examples:
        """Return the same rows with weights of mean 1."""
        return Examples(self.x, self.y, self.weight / self.weight.mean())


class Network:
    """``act(x W1 + b1) W2 + b2`` with gradients; ``sizes`` are ``(d, h, k)``.

    ``tasks`` names the task of each output, ``(k,)``, by default the same. An example's softmax is
    over the outputs of the task of its class only, so it does not train the others.
    """

    def __init__(
        self,
        sizes: tuple[int, int, int],
        activation: str,
        rng: Generator,
        device: str = "cpu",
        tasks: Sequence[str] | None = None,
    ) -> None:
        self.activation = ACTIVATIONS[activation]
        weights = [_glorot(rows, columns, rng) for rows, columns in pairwise(sizes)]
        self.weights = [weight.to(device).requires_grad_() for weight in weights]
        self.biases = [torch.zeros(n, device=device, requires_grad=True) for n in sizes[1:]]
        number = np.unique(tasks or [""] * sizes[-1], return_inverse=True)[1]
        foreign = torch.tensor(number[:, None] != number, device=device)
        self.foreign = foreign if foreign.any() else None

    @property
    def parameters(self) -> list[Tensor]:
        """W1, W2, b1, b2."""
        return [*self.weights, *self.biases]

    def logits(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return ``(n, k)`` scores before the softmax; ``mask`` multiplies the hidden layer."""
        hidden = self.activation(x @ self.weights[0] + self.biases[0])
        hidden = hidden if mask is None else hidden * mask
        return hidden @ self.weights[1] + self.biases[1]

    def scores(self, examples: Examples, mask: Tensor | None = None) -> Tensor:
        """Return the scores of each example, minus infinity for outputs of other tasks."""
        logits = self.logits(examples.x, mask)
        if self.foreign is None:
            return logits
        return logits.masked_fill(self.foreign[examples.y], -torch.inf)

    def loss(self, examples: Examples, mask: Tensor | None = None) -> Tensor:
        """Return ``mean_i w_i * -log p(y_i | x_i)``, a scalar."""
        each = cross_entropy(self.scores(examples, mask), examples.y, reduction="none")
        return (each * examples.weight).mean()

    @torch.no_grad()
    def decay(self, training: Training, n: int) -> None:
        """Shrink the weights, but not the biases, for one step on ``n`` training rows."""
        for weight in self.weights:
            weight.mul_(max(0.0, 1 - training.learning_rate * training.weight_decay / n))

    @torch.no_grad()
    def evaluate(self, examples: Examples) -> tuple[float, float]:
        """Return the loss and the weighted share of wrong answers, without dropout."""
        wrong = self.scores(examples).argmax(1) != examples.y
        return float(self.loss(examples)), float((wrong * examples.weight).mean())

    def arrays(self) -> list[NDArray[np.float32]]:
        """Return copies of the parameters as they are now."""
        return [parameter.detach().cpu().numpy().copy() for parameter in self.parameters]


def _glorot(rows: int, columns: int, rng: Generator) -> Tensor:
    bound = math.sqrt(6 / (rows + columns))
    return (torch.rand(rows, columns, generator=rng) * 2 - 1) * bound


def device_of(head: HiddenLayerClassifier) -> str:
    """Return the device that the setting of a classifier means on this machine."""
    return "cuda" if head.device == "auto" and torch.cuda.is_available() else "cpu"


def make_optimizer(parameters: list[Any], training: Training) -> torch.optim.Optimizer:
    """Return the optimizer of the settings, for tensors or groups of them with their own rate."""
    if training.optimizer == "adam":
        return torch.optim.Adam(parameters, lr=training.learning_rate)
    return torch.optim.SGD(parameters, lr=training.learning_rate, momentum=training.momentum)
