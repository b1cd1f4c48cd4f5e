"""Learn one hidden layer: mini-batch gradient descent on the weighted cross-entropy.

An epoch visits every training row once, in a new random order. For a batch ``B`` of rows with
weights ``w`` (mean 1 over the training rows)::

    loss = sum_{i in B} w_i * -log softmax(act(x_i W1 + b1) * mask @ W2 + b2)[y_i] / |B|
    W   <- W * (1 - learning_rate * weight_decay / n)        weights only, not biases
    W, b <- Adam or momentum step on the gradient of the loss

Shrinking the weights apart from the gradient is Loshchilov and Hutter's decoupled decay (2019).
Dividing by the number ``n`` of training rows makes it a prior that weighs as much as so many
examples: strong at 8 labels, weak at 8,000. ``mask`` is inverted dropout (Srivastava et al. 2014),
the start is Glorot and Bengio's uniform one (2010) with biases at 0.

When to stop is decided by a held-out share of the rows; where that would be too few, all rows train
for all epochs.

This module imports torch, and is imported only by ``fit``. All randomness comes from one
``torch.Generator`` on the CPU; torch's global one is neither read nor changed.
"""

from __future__ import annotations

import math
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

import numpy as np
import torch

from sentiment_transfer.base.progress import Progress
from sentiment_transfer.classification.network_torch import Examples, Network
from sentiment_transfer.classification.settings import Epoch
from sentiment_transfer.encoding.common_torch import one_thread
from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import Generator, Tensor

    from sentiment_transfer.classification.hidden_layer import HiddenLayerClassifier
    from sentiment_transfer.classification.settings import Training

__all__ = [
    "Examples",
    "Network",
    "batch_loss",
    "improves",
    "range_losses",
    "split",
    "train",
]

FEWEST_HELD_OUT = 20
"""A validation loss over fewer rows says too little to stop by."""


@one_thread()
def train(
    head: HiddenLayerClassifier,
    X: NDArray[np.float32],
    y: NDArray[np.int64],
    weight: NDArray[np.float64],
    kind: Callable[..., Network] = Network,
) -> tuple[list[NDArray[np.float32]], list[Epoch]]:
    """Learn class numbers ``y`` (0 to ``k - 1``) from ``X`` as the settings of ``head`` say.

    Returns ``[W1, W2, b1, b2]`` and an `Epoch` for each epoch run. With rows held out the
    parameters are those of the epoch with the lowest validation loss, and learning stops
    ``patience`` epochs after it; without, they are those of the last epoch.
    """
    training = head.training
    device = "cuda" if head.device == "auto" and torch.cuda.is_available() else "cpu"
    rng = torch.Generator().manual_seed(int(head.seed))
    sizes = (X.shape[1], int(head.hidden_units), int(y.max()) + 1)
    network = kind(sizes, head.activation, rng, device)
    optimizer = _optimizer(network, training)
    examples = _examples(X, y, weight, device)
    fitting, validation = split(examples, training, rng)
    history: list[Epoch] = []
    best, start = 0, time.perf_counter()
    for epoch in range(training.epochs):
        _run_epoch(network, optimizer, fitting, training, rng)
        history.append(_measure(network, fitting, validation, training))
        progress = _progress(history, training, time.perf_counter() - start)
        for callback in head.callbacks:
            callback(progress)
        if epoch == 0 or improves(history[-1], history[best]):
            best, arrays = epoch, network.arrays()
        elif epoch - best >= training.patience:
            break
    return arrays, history


@one_thread()
def range_losses(
    head: HiddenLayerClassifier,
    X: NDArray[np.float32],
    y: NDArray[np.int64],
    weight: NDArray[np.float64],
    rates: NDArray[np.float64],
    seed: int,
) -> NDArray[np.float64]:
    """Return the loss of a mini-batch before each step, the steps taken at the given rates.

    From where the loss is beyond all bounds it is not finite.
    """
    training = head.training
    rng = torch.Generator().manual_seed(seed)
    sizes = (X.shape[1], int(head.hidden_units), int(y.max()) + 1)
    network = Network(sizes, head.activation, rng)
    optimizer = _optimizer(network, training)
    examples, losses = _examples(X, y, weight, "cpu"), np.full(len(rates), np.nan)
    order = torch.zeros(0, dtype=torch.int64)
    for step, rate in enumerate(rates):
        if not len(order):
            order = torch.randperm(len(examples), generator=rng)
        rows, order = order[: training.batch_size], order[training.batch_size :]
        optimizer.param_groups[0]["lr"] = float(rate)
        optimizer.zero_grad()
        loss = batch_loss(network, examples[rows], training, rng)
        losses[step] = float(loss.detach())
        if not math.isfinite(losses[step]):
            break
        torch.autograd.backward(loss)
        optimizer.step()
    return losses


def _optimizer(network: Network, training: Training) -> torch.optim.Optimizer:
    rate = training.learning_rate
    if training.optimizer == "adam":
        return torch.optim.Adam(network.parameters, lr=rate)
    return torch.optim.SGD(network.parameters, lr=rate, momentum=training.momentum)


def _examples(
    X: NDArray[np.float32], y: NDArray[np.int64], weight: NDArray[np.float64], device: str
) -> Examples:
    return Examples(
        torch.tensor(X, device=device),
        torch.tensor(y, device=device),
        torch.tensor(weight, dtype=torch.float32, device=device),
    )


def split(
    examples: Examples, training: Training, rng: Generator
) -> tuple[Examples, Examples | None]:
    """Return training rows and, if it is large enough, a held-out share of every class."""
    held_out = torch.zeros(len(examples), dtype=torch.bool)
    for label in range(int(examples.y.max()) + 1):
        rows = (examples.y.cpu() == label).nonzero().flatten()
        share = int(len(rows) * training.validation_fraction)
        held_out[rows[torch.randperm(len(rows), generator=rng)[:share]]] = True
    if held_out.sum() < FEWEST_HELD_OUT:
        return examples.rescaled(), None
    return examples[~held_out].rescaled(), examples[held_out].rescaled()


def _run_epoch(
    network: Network,
    optimizer: torch.optim.Optimizer,
    examples: Examples,
    training: Training,
    rng: Generator,
) -> None:
    kept_share = max(0.0, 1 - training.learning_rate * training.weight_decay / len(examples))
    order = torch.randperm(len(examples), generator=rng)
    for start in range(0, len(order), training.batch_size):
        rows = order[start : start + training.batch_size]
        optimizer.zero_grad()
        torch.autograd.backward(batch_loss(network, examples[rows], training, rng))
        with torch.no_grad():
            for weight in network.weights:
                weight.mul_(kept_share)
        optimizer.step()


def batch_loss(network: Network, batch: Examples, training: Training, rng: Generator) -> Tensor:
    """Return the loss of a batch under dropout."""
    return network.loss(batch, _dropout_mask(len(batch), network, training.dropout, rng))


def _dropout_mask(rows: int, network: Network, dropout: float, rng: Generator) -> Tensor | None:
    """Return ``(rows, h)`` of 0 and ``1 / (1 - dropout)``, drawn from ``rng``."""
    if dropout == 0:
        return None
    hidden = network.biases[0]
    kept = torch.rand(rows, len(hidden), generator=rng) >= dropout
    return kept.to(hidden) / (1 - dropout)


def _measure(
    network: Network, fitting: Examples, validation: Examples | None, training: Training
) -> Epoch:
    loss, error = network.evaluate(fitting)
    if not math.isfinite(loss):
        raise SettingError(
            f"the loss became {loss} in training; learning_rate={training.learning_rate} is too "
            "high for vectors of this length: lower it, or scale the vectors to unit length"
        )
    held_out = (None, None) if validation is None else network.evaluate(validation)
    return Epoch(loss, error, held_out[0], held_out[1], training.learning_rate)


def improves(epoch: Epoch, best: Epoch) -> bool:
    """Compare validation losses; with nothing held out every epoch counts as better."""
    if epoch.validation_loss is None or best.validation_loss is None:
        return True
    return epoch.validation_loss < best.validation_loss


def _progress(history: list[Epoch], training: Training, seconds: float) -> Progress:
    figures = asdict(history[-1])
    metrics = {name: figure for name, figure in figures.items() if figure is not None}
    return Progress("hidden layer", len(history), training.epochs, "epochs", metrics, seconds)
