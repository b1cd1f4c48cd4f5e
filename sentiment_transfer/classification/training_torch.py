"""Train one hidden layer by mini-batch gradient descent on the weighted cross-entropy.

An epoch visits every training row once, in a new random order. For a batch ``B`` of rows with
weights ``w`` (mean 1 over the training rows)::

    loss = sum_{i in B} w_i * -log softmax(act(x_i W1 + b1) * mask @ W2 + b2)[y_i] / |B|
    W   <- W * (1 - learning_rate * weight_decay / n)        weights only, not biases
    W, b <- Adam or momentum step on the gradient of the loss

The weight decay is decoupled from the gradient (Loshchilov & Hutter 2019). Divided by the number
``n`` of training rows, it is a prior worth a fixed number of examples: strong at 8 labels, weak at
8,000. ``mask`` is inverted dropout (Srivastava et al. 2014); weights are initialised uniformly as
by Glorot & Bengio (2010), biases at 0.

All randomness comes from one ``torch.Generator`` on the CPU; torch's global one is neither read nor
changed.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from functools import partial
from itertools import chain, repeat
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import torch

from sentiment_transfer.base.progress import Reporter
from sentiment_transfer.classification.network_torch import (
    Examples,
    Network,
    device_of,
    make_optimizer,
)
from sentiment_transfer.classification.settings import Epoch
from sentiment_transfer.encoding.layers_torch import inverted_dropout, one_thread
from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray
    from torch import Generator, Tensor

    from sentiment_transfer.classification.hidden_layer import HiddenLayerClassifier
    from sentiment_transfer.classification.settings import Training

__all__ = ["Examples", "Network", "batch_loss", "range_losses", "run_epochs", "split", "train"]

FEWEST_HELD_OUT = 20
"""With fewer held-out rows the validation loss is too noisy for early stopping."""

State = TypeVar("State")


@one_thread()
def train(
    head: HiddenLayerClassifier,
    X: NDArray[np.float32],
    y: NDArray[np.int64],
    weight: NDArray[np.float64],
    tasks: Sequence[str] | None = None,
) -> tuple[list[NDArray[np.float32]], list[Epoch]]:
    """Fit class numbers ``y`` (0 to ``k - 1``) to ``X`` with the settings of ``head``.

    ``tasks`` are those of `Network`. Returns ``[W1, W2, b1, b2]`` and an `Epoch` for each epoch
    run, both as `run_epochs` does.
    """
    training, device = head.training, device_of(head)
    rng = torch.Generator().manual_seed(int(head.seed))
    network = Network(_sizes(head, X, y), head.activation, rng, device, tasks)
    optimizer = make_optimizer(network.parameters, training)
    fitting, validation = split(_examples(X, y, weight, device), training, rng)

    def learn() -> None:
        for batch in _batches(fitting, training, rng):
            optimizer.zero_grad()
            torch.autograd.backward(batch_loss(network, batch, training, rng))
            network.decay(training, len(fitting))
            optimizer.step()

    reporter = Reporter("hidden layer", training.epochs, "epochs", head.callbacks)
    parts, report = (fitting, validation), partial(reporter.emit, done=1)
    return run_epochs(training, learn, network.evaluate, parts, network.arrays, report)


def run_epochs(
    training: Training,
    learn: Callable[[], object],
    evaluate: Callable[[Examples], tuple[float, float]],
    parts: tuple[Examples, Examples | None],
    snapshot: Callable[[], State],
    report: Callable[[dict[str, float]], object],
) -> tuple[State, list[Epoch]]:
    """Train for the epochs of the settings, with early stopping if rows are held out.

    ``learn`` runs one epoch, ``evaluate`` returns loss and error of rows, ``snapshot`` a copy of
    what is trained; ``report`` is called with the figures of each epoch. ``parts`` are the rows
    whose training loss is measured, and the held-out rows, if any.

    Returns the snapshot of the epoch with the lowest validation loss, ``patience`` epochs after
    which training stops, or of the last epoch if no rows are held out; and the epochs run. Raises
    ``SettingError`` if the training loss is not finite.
    """
    history: list[Epoch] = []
    best, rate = 0, training.learning_rate
    for epoch in range(training.epochs):
        learn()
        loss, error = evaluate(parts[0])
        if not math.isfinite(loss):
            raise SettingError(
                f"training diverged to a loss of {loss}; learning_rate={rate} is too high for "
                "vectors of this length: lower it, or scale the vectors to unit length"
            )
        held_out = (None, None) if parts[1] is None else evaluate(parts[1])
        history.append(Epoch(loss, error, held_out[0], held_out[1], rate))
        figures = asdict(history[-1]).items()
        report({name: figure for name, figure in figures if figure is not None})
        lowest = history[best].validation_loss
        if epoch == 0 or held_out[0] is None or lowest is None or held_out[0] < lowest:
            best, state = epoch, snapshot()
        elif epoch - best >= training.patience:
            break
    return state, history


@one_thread()
def range_losses(
    head: HiddenLayerClassifier,
    X: NDArray[np.float32],
    y: NDArray[np.int64],
    weight: NDArray[np.float64],
    rates: NDArray[np.float64],
    seed: int,
) -> NDArray[np.float64]:
    """Return the loss of a mini-batch before each step, with one step at each of the rates.

    Once the loss is not finite, the rest are NaN.
    """
    training = head.training
    rng = torch.Generator().manual_seed(seed)
    network = Network(_sizes(head, X, y), head.activation, rng)
    optimizer = make_optimizer(network.parameters, training)
    examples, losses = _examples(X, y, weight, "cpu"), np.full(len(rates), np.nan)
    batches = chain.from_iterable(_batches(one, training, rng) for one in repeat(examples))
    for step, rate in enumerate(rates.tolist()):
        optimizer.param_groups[0]["lr"] = rate
        optimizer.zero_grad()
        loss = batch_loss(network, next(batches), training, rng)
        losses[step] = float(loss.detach())
        if not math.isfinite(losses[step]):
            break
        torch.autograd.backward(loss)
        optimizer.step()
    return losses


def _sizes(
    head: HiddenLayerClassifier, X: NDArray[np.float32], y: NDArray[np.int64]
) -> tuple[int, int, int]:
    return X.shape[1], int(head.hidden_units), int(y.max()) + 1


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
    """Return the training rows, and a held-out share of every class if it is large enough."""
    held_out = torch.zeros(len(examples), dtype=torch.bool)
    for label in range(int(examples.y.max()) + 1):
        rows = (examples.y.cpu() == label).nonzero().flatten()
        share = int(len(rows) * training.validation_fraction)
        held_out[rows[torch.randperm(len(rows), generator=rng)[:share]]] = True
    if held_out.sum() < FEWEST_HELD_OUT:
        return examples.rescaled(), None
    return examples[~held_out].rescaled(), examples[held_out].rescaled()


def _batches(examples: Examples, training: Training, rng: Generator) -> Iterator[Examples]:
    """Yield the mini-batches of an epoch."""
    order = torch.randperm(len(examples), generator=rng)
    for rows in torch.split(order, int(training.batch_size)):
        yield examples[rows]


def batch_loss(network: Network, batch: Examples, training: Training, rng: Generator) -> Tensor:
    """Return the loss of a batch under dropout."""
    ones = torch.ones(len(batch), len(network.biases[0]), device=batch.y.device)
    return network.loss(batch, inverted_dropout(ones, training.dropout, rng))
