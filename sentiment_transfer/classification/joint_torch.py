"""One step of learning an encoder and a hidden layer together.

The loss is that of `training`, on the sentence vectors that the encoder makes of a batch; its
gradient goes on into the encoder and the word vectors. Head, layers below it and word vectors have
a rate each (`Tuning`)::

    head, layers: Adam or momentum step
    vectors:      the same for the words of the batch alone (SparseAdam; SGD without momentum)

All gradients of a step together are clipped.

This module imports torch.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn.utils import clip_grad_norm_

from sentiment_transfer.classification.network_torch import Examples, Network
from sentiment_transfer.classification.training_torch import batch_loss
from sentiment_transfer.encoding.sequences import length_buckets
from sentiment_transfer.errors import SettingError
from sentiment_transfer.text.vocabulary import TokenIds

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from torch import Tensor

    from sentiment_transfer.classification.hidden_layer import HiddenLayerClassifier
    from sentiment_transfer.encoding import Sequences, TrainableEncoder

__all__ = ["EmbeddingTable", "JointTrainer"]

EVALUATED = 256
"""Texts that are evaluated at a time."""


class EmbeddingTable:
    """Word vectors, of which a step changes those of its batch.

    Parameters
    ----------
    matrix
        Where they start, ``(n_words, d)``.
    head
        For the optimizer's settings.
    rate
        Their learning rate; at 0 nothing is kept that learning would need.
    device
        Where to compute.
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
        """Vectors of words, ``(n, d)``, a copy that may collect a gradient."""
        return self.now[words].requires_grad_(learning)

    def array(self) -> NDArray[np.float32]:
        """The vectors as they are now: a copy, or where they do not learn what they started as."""
        return self.now.detach().cpu().numpy().copy() if self.learns else self.matrix

    def step(self, words: Tensor, gradient: Tensor) -> None:
        """Move the vectors of different words along their gradient."""
        if self.optimizer is None:
            return
        self.now.grad = torch.sparse_coo_tensor(
            words[None], gradient, self.now.shape, is_coalesced=True, check_invariants=False
        )
        self.optimizer.step()


class JointTrainer:
    """Encoder and head in training.

    Parameters
    ----------
    encoder, head
        Where they start, and how they learn.
    k
        Number of classes.
    """

    def __init__(self, encoder: TrainableEncoder, head: HiddenLayerClassifier, k: int) -> None:
        self.training, self.tuning = head.training, encoder.tuning
        gpu = head.device == "auto" and torch.cuda.is_available()
        self.device = "cuda" if gpu else "cpu"
        self.rng = torch.Generator().manual_seed(int(head.seed))
        self.weights = encoder.start_for(int(head.seed))
        self.layers = encoder.layers(self.weights, self.device)
        for parameter in self.layers.parameters.values():
            parameter.requires_grad_(bool(encoder.tuning.layers_rate > 0))
        sizes = (encoder.size, int(head.hidden_units), k)
        self.network = Network(sizes, head.activation, self.rng, self.device)
        rate, tuning = self.training.learning_rate, self.tuning
        matrix = encoder.known_vectors.matrix
        self.table = EmbeddingTable(matrix, head, rate * tuning.vectors_rate, self.device)
        self.optimizer = self._optimizer()

    def _optimizer(self) -> torch.optim.Optimizer:
        training = self.training
        groups = [
            {"params": self.network.parameters, "lr": training.learning_rate},
            {
                "params": list(self.layers.parameters.values()),
                "lr": training.learning_rate * self.tuning.layers_rate,
            },
        ]
        groups = [group for group in groups if group["params"]]
        if training.optimizer == "adam":
            return torch.optim.Adam(groups)
        return torch.optim.SGD(groups, momentum=training.momentum)

    def run_epoch(
        self, texts: Sequences, examples: Examples, report: Callable[[int, float], None]
    ) -> None:
        """Learn from all rows once; ``report`` is told of the rows and mean loss of each batch."""
        lengths = texts.lengths[examples.x.numpy()]
        for rows in length_buckets(lengths, self.training.batch_size, self.rng):
            report(len(rows), self.step(texts, examples[torch.from_numpy(rows)], len(lengths)))

    def step(self, texts: Sequences, batch: Examples, n: int) -> float:
        """Learn from a batch of ``n`` rows in all; its loss."""
        words, rows, encoded = self.encode(texts, batch, learning=True)
        loss = batch_loss(self.network, encoded, self.training, self.rng)
        if not math.isfinite(float(loss.detach())):
            raise SettingError(
                f"the loss became {float(loss.detach())} in training; "
                f"learning_rate={self.training.learning_rate} is too high: lower it"
            )
        self.optimizer.zero_grad()
        torch.autograd.backward(loss)
        self._clip(rows)
        self._decay(n)
        self.optimizer.step()
        if rows.grad is not None:
            self.table.step(words, rows.grad)
        return float(loss.detach())

    def encode(
        self, texts: Sequences, batch: Examples, *, learning: bool
    ) -> tuple[Tensor, Tensor, Examples]:
        """The words of a batch, their vectors, and what becomes of its texts."""
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
        """Word dropout: whole rows at 0, the others larger for it (Gal & Ghahramani 2016)."""
        share = self.tuning.word_dropout
        if share == 0:
            return rows
        kept = torch.rand(len(rows), 1, generator=self.rng) >= share
        return rows * kept.to(rows) / (1 - share)

    def _clip(self, rows: Tensor) -> None:
        if self.tuning.clip is not None:
            learning = [*self.network.parameters, *self.layers.parameters.values(), rows]
            clip_grad_norm_(learning, self.tuning.clip)

    @torch.no_grad()
    def _decay(self, n: int) -> None:
        """Decay of the head's weights (`training`)."""
        rate = self.training.learning_rate
        for weight in self.network.weights:
            weight.mul_(max(0.0, 1 - rate * self.training.weight_decay / n))

    @torch.no_grad()
    def evaluate(self, texts: Sequences, examples: Examples) -> tuple[float, float]:
        """Loss and weighted share of wrong answers, without dropout."""
        order = np.argsort(texts.lengths[examples.x.numpy()], kind="stable")
        loss = error = 0.0
        for first in range(0, len(order), EVALUATED):
            rows = torch.from_numpy(order[first : first + EVALUATED])
            _, _, encoded = self.encode(texts, examples[rows], learning=False)
            part_loss, part_error = self.network.evaluate(encoded)
            loss += part_loss * len(rows) / len(order)
            error += part_error * len(rows) / len(order)
        return loss, error

    def arrays(
        self,
    ) -> tuple[list[NDArray[np.float32]], dict[str, NDArray[np.float32]], NDArray[np.float32]]:
        """Copies of head, layers and word vectors as they are now."""
        layers = {
            name: parameter.detach().cpu().numpy().copy()
            for name, parameter in self.layers.parameters.items()
        }
        return self.network.arrays(), self.weights | layers, self.table.array()
