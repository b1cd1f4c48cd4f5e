"""Train an encoder and a hidden layer together, by mini-batches of texts of similar length.

The loss is that of `training_torch`, on the encoder's sentence vectors of a batch; its gradient
continues into the encoder and the word vectors. Head, layers below it and word vectors have a
learning rate each (`Tuning`)::

    head, layers: Adam or momentum step
    vectors:      the same for the words of the batch only (SparseAdam; SGD without momentum)

The gradients of a step are clipped together. Early stopping and randomness are those of
`training_torch`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_

from sentiment_transfer.base.progress import Reporter
from sentiment_transfer.classification.network_torch import (
    Examples,
    Network,
    device_of,
    make_optimizer,
)
from sentiment_transfer.classification.training_torch import batch_loss, run_epochs, split
from sentiment_transfer.encoding.layers_torch import one_thread
from sentiment_transfer.encoding.sequences import length_buckets
from sentiment_transfer.text.vocabulary import TokenIds

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import Tensor

    from sentiment_transfer.classification.hidden_layer import HiddenLayerClassifier
    from sentiment_transfer.classification.settings import Epoch
    from sentiment_transfer.encoding import Sequences, TrainableEncoder

    Weights: TypeAlias = dict[str, NDArray[np.float32]]
    Trained: TypeAlias = tuple[list[NDArray[np.float32]], Weights, NDArray[np.float32]]

__all__ = ["EmbeddingTable", "JointTrainer", "train_jointly"]

EVALUATED = 256
"""Number of texts that are evaluated at a time."""
MEASURED = 1_000
"""Number of training texts that the training loss of an epoch is measured on."""


@one_thread()
def train_jointly(
    encoder: TrainableEncoder,
    head: HiddenLayerClassifier,
    texts: Sequences,
    y: NDArray[np.int64],
    weight: NDArray[np.float64],
) -> tuple[Weights, Trained, list[Epoch]]:
    """Fit class numbers ``y`` (0 to ``k - 1``) to texts with the settings of encoder and head.

    Returns the initial weights of the layers, `JointTrainer.arrays` of the best epoch, and the
    epochs run, as `run_epochs` does.
    """
    trainer = JointTrainer(encoder, head, int(y.max()) + 1)
    training, rows = head.training, torch.arange(len(texts))
    examples = Examples(rows, torch.tensor(y), torch.tensor(weight, dtype=torch.float32))
    fitting, validation = split(examples, training, trainer.rng)
    some = np.random.default_rng(int(head.seed)).permutation(len(fitting))[:MEASURED]
    parts = fitting[torch.from_numpy(some)].rescaled(), validation
    n_texts = len(fitting) * training.epochs
    report = Reporter("encoder and head", n_texts, "texts", head.callbacks)
    learn = partial(trainer.run_epoch, texts, fitting, report.add)
    evaluate = partial(trainer.evaluate, texts)
    arrays, history = run_epochs(training, learn, evaluate, parts, trainer.arrays, report.emit)
    return trainer.weights, arrays, history


class EmbeddingTable:
    """Word vectors, initially ``matrix``, ``(n_words, d)``, trained by the optimizer of ``head``.

    A step changes those of the words in its batch. A ``rate`` of 0 freezes all.
    """

    def __init__(
        self, matrix: NDArray[np.float32], head: HiddenLayerClassifier, rate: float, device: str
    ) -> None:
        self.matrix = matrix
        self.learns = bool(rate > 0)
        self.now = torch.tensor(matrix, device=device)
        self.optimizer: torch.optim.Optimizer | None = None
        if self.learns and head.training.optimizer == "adam":
            self.optimizer = torch.optim.SparseAdam([self.now], lr=rate)
        elif self.learns:
            self.optimizer = torch.optim.SGD([self.now], lr=rate)

    def rows(self, words: Tensor, *, learning: bool) -> Tensor:
        """Return a copy of the vectors of words, ``(n, d)``, that may collect a gradient."""
        return self.now[words].requires_grad_(learning)

    def array(self) -> NDArray[np.float32]:
        """Return a copy of the current vectors, or the initial ones themselves if frozen."""
        return self.now.detach().cpu().numpy().copy() if self.learns else self.matrix

    def step(self, words: Tensor, gradient: Tensor) -> None:
        """Update the vectors of ``words``, which are all different, by their gradient."""
        if self.optimizer is None:
            return
        self.now.grad = torch.sparse_coo_tensor(
            words[None], gradient, self.now.shape, is_coalesced=True, check_invariants=False
        )
        self.optimizer.step()


class JointTrainer:
    """An encoder and a head for ``k`` classes in training; the encoder has the initial weights."""

    def __init__(self, encoder: TrainableEncoder, head: HiddenLayerClassifier, k: int) -> None:
        self.training, self.tuning = head.training, encoder.tuning
        self.device, rate = device_of(head), head.training.learning_rate
        self.rng = torch.Generator().manual_seed(int(head.seed))
        self.weights = encoder.start_for(int(head.seed))
        self.layers = encoder.layers(self.weights, self.device)
        for parameter in self.layers.parameters.values():
            parameter.requires_grad_(bool(self.tuning.layers_rate > 0))
        sizes = (encoder.size, int(head.hidden_units), k)
        self.network = Network(sizes, head.activation, self.rng, self.device)
        matrix, vectors_rate = encoder.known_vectors.matrix, rate * self.tuning.vectors_rate
        self.table = EmbeddingTable(matrix, head, vectors_rate, self.device)
        groups: list[dict[str, Any]] = [
            {"params": self.network.parameters},
            {"params": [*self.layers.parameters.values()], "lr": rate * self.tuning.layers_rate},
        ]
        self.optimizer = make_optimizer([one for one in groups if one["params"]], self.training)

    def run_epoch(
        self, texts: Sequences, examples: Examples, report: Callable[[int, float], None]
    ) -> None:
        """Train on all rows once; ``report`` is called with size and mean loss of each batch."""
        lengths = texts.lengths[examples.x.numpy()]
        for rows in length_buckets(lengths, self.training.batch_size, self.rng):
            report(len(rows), self.step(texts, examples[torch.from_numpy(rows)], len(lengths)))

    def step(self, texts: Sequences, batch: Examples, n: int) -> float:
        """Take a step on a batch of the ``n`` training rows, and return its loss."""
        words, rows, encoded = self.encode(texts, batch, learning=True)
        loss = batch_loss(self.network, encoded, self.training, self.rng)
        self.optimizer.zero_grad()
        torch.autograd.backward(loss)
        if self.tuning.clip is not None:
            learning = [*self.network.parameters, *self.layers.parameters.values(), rows]
            clip_grad_norm_(learning, self.tuning.clip)
        self.network.decay(self.training, n)
        self.optimizer.step()
        if rows.grad is not None:
            self.table.step(words, rows.grad)
        return float(loss.detach())

    def encode(
        self, texts: Sequences, batch: Examples, *, learning: bool
    ) -> tuple[Tensor, Tensor, Examples]:
        """Return the different words of a batch, their vectors, and its texts encoded."""
        ids = texts[batch.x.numpy()].ids
        unique, inverse = np.unique(ids.ids, return_inverse=True)
        places = TokenIds(inverse.astype(np.int32), ids.offsets)
        words = torch.from_numpy(unique.astype(np.int64)).to(self.device)
        rows = self.table.rows(words, learning=learning and self.table.learns)
        shown = self._word_dropout(rows) if learning else rows
        dropout = self.tuning.dropout if learning else 0.0
        x = self.layers.encode(shown, places, dropout, self.rng)
        return words, rows, Examples(x, batch.y.to(self.device), batch.weight.to(self.device))

    def _word_dropout(self, rows: Tensor) -> Tensor:
        """Drop whole words and rescale the rest (Gal & Ghahramani 2016)."""
        share = self.tuning.word_dropout
        if share == 0:
            return rows
        kept = torch.rand(len(rows), 1, generator=self.rng) >= share
        return rows * kept.to(rows) / (1 - share)

    @torch.no_grad()
    def evaluate(self, texts: Sequences, examples: Examples) -> tuple[float, float]:
        """Return the loss and the weighted share of wrong answers, without dropout."""
        order = np.argsort(texts.lengths[examples.x.numpy()], kind="stable")
        loss = error = 0.0
        for rows in torch.split(torch.from_numpy(order), EVALUATED):
            _, _, encoded = self.encode(texts, examples[rows], learning=False)
            part_loss, part_error = self.network.evaluate(encoded)
            loss += part_loss * len(rows) / len(order)
            error += part_error * len(rows) / len(order)
        return loss, error

    def arrays(self) -> Trained:
        """Return copies of ``[W1, W2, b1, b2]``, the layers' weights and the word vectors."""
        layers = {
            name: parameter.detach().cpu().numpy().copy()
            for name, parameter in self.layers.parameters.items()
        }
        return self.network.arrays(), self.weights | layers, self.table.array()
