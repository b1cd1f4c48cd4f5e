"""Skip-gram in large batches by torch, on a GPU or a CPU.

The objective is that of `kernel_numba`, the schedule that of `schedule`; the order of the
arithmetic differs: a batch of some hundred or thousand centres takes all its gradients at one
point. Three things keep that close to one centre after another; what each is worth is in
``scripts/results/scale-torch.md``.

- Within a block of centres, gradients are corrected for the steps of the centres before: `ascent`.
- The sum of a frequent word's steps in a batch is scaled, since it overshoots: `step_scale`.
- Batches start small, since the first vectors that grow shape all others: `batch_size`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn.functional import embedding, softplus

from sentiment_transfer.pretraining.blocks_torch import Blocks, Round
from sentiment_transfer.pretraining.engine import Step
from sentiment_transfer.pretraining.schedule import Schedule
from sentiment_transfer.pretraining.shards import Weights, split_long
from sentiment_transfer.text import TokenIds

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray
    from torch import Tensor

    from sentiment_transfer.pretraining.engine import Settings, Start

__all__ = ["Trainer", "add_rows", "ascent", "batch_size", "step_scale", "train_with_torch"]

SMALLEST, LARGEST = 64, 4096
"""Centres of a batch at the start, and later."""

GROWTH = 512
"""A batch has at most this fraction of the centres before it."""

STEPS_TO_SETTLE = 10.0
"""Occurrences after which a word's vectors have settled; see `step_scale`."""

MAX_STEP = 4.0
"""Most that the weights of a centre's terms times the rate may sum to; see `kernel_numba`."""

LARGEST_TERM = 15.8
"""Most that a term of the loss counts, as in the reference."""


def batch_size(seen: float, block: int) -> int:
    """Return the number of centres of a batch after ``seen`` centres: 1, 2, 4 … blocks."""
    most = min(LARGEST, max(SMALLEST, seen / GROWTH))
    return block << max(0, int(math.log2(most / block)))


def step_scale(occurrences: NDArray[np.float64], alpha: float) -> NDArray[np.float32]:
    """Weight of the summed steps of each word's vectors, float32 ``(n_words, 1)``.

    If a step closes a fraction 1 / s of the gap to the point where a vector settles, n steps one
    after the other close ``1 - exp(-n / s)`` of it, and n steps from one point n / s. The weight is
    the ratio: about 1 for words of few ``occurrences`` n in a batch, s / n for very frequent ones.
    s is `STEPS_TO_SETTLE`, less for learning rates above 0.025. See `rounds.merge_scale`.
    """
    x = np.maximum(occurrences, 1e-6) / (STEPS_TO_SETTLE * min(1.0, 0.025 / alpha))
    scale: NDArray[np.float64] = -np.expm1(-x) / x
    return scale.astype(np.float32)[:, None]


def ascent(
    v: Tensor, u: Tensor, weight: Tensor, step: Tensor, target: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the steps of centres and rows, and the sum of the loss.

    With ``S = V U'``, the loss of a block is the sum of ``-w log sigmoid(s)`` over words around it,
    where ``target`` is 1, and of ``-w log sigmoid(-s)`` over negatives, where it is 0. Its descent
    is ``E U`` in V and ``E' V`` in U, with ``E = step (target - sigmoid(S))``.

    One after the other, centre i would see the rows as the centres before it left them,
    ``U + sum_k<i E_k' V_k``. So E is computed from S, and again from ``S + tril(V V') E``, without
    the diagonal; and the steps of V are ``E U + tril(E E') V``. What remains is of third order in
    the learning rate, and what words that occur twice in a block would see of themselves.

    Parameters
    ----------
    v, u
        float32, input vectors of the centres, ``(n_blocks, T, columns)``, and output vectors of the
        rows of each block, ``(n_blocks, R, columns)``.
    weight, step, target
        Weights w, 0 for no term, and w times the learning rate, ``(n_blocks, T, R)``; ``(R,)``.
    """
    dots = torch.bmm(v, u.mT)
    errors = (target - dots.sigmoid()) * step
    dots = torch.baddbmm(dots, torch.bmm(v, v.mT).tril(-1), errors)
    errors = (target - dots.sigmoid()) * step
    losses = softplus(dots * (1 - 2 * target)).clamp(max=LARGEST_TERM) * weight
    before = torch.bmm(errors, errors.mT).tril(-1)
    toward_v = torch.baddbmm(torch.bmm(errors, u), before, v)
    return toward_v, torch.bmm(errors.mT, v), losses.sum(dtype=torch.float64)


def add_rows(matrix: Tensor, rows: Tensor, steps: Tensor) -> None:
    """Add ``(..., columns)`` steps to rows, which may repeat, in the same order in every run."""
    rows, steps = rows.reshape(-1), steps.reshape(-1, matrix.shape[1])
    if matrix.is_cuda:  # index_add_ adds in any order there; this sorts the rows first
        matrix.index_put_((rows,), steps, accumulate=True)
    else:
        matrix.index_add_(0, rows, steps)


class Trainer:
    """Trains weights on a device, ``"cpu"`` or ``"cuda"``.

    Attributes
    ----------
    weights
        On the CPU: those given, trained in place, or copies of theirs that `copy` updates.
    blocks
        Reads rounds for this trainer.
    """

    def __init__(
        self, weights: Weights, counts: NDArray[np.int64], settings: Settings, device: str
    ) -> None:
        self.blocks = Blocks(counts, settings, device)
        self._settings, self._device = settings, device
        host = [torch.from_numpy(part) for part in weights]
        if device == "cuda":  # the GPU copies to pinned memory several times faster
            host = [part.pin_memory() for part in host]
        self._input, self._output = (part.to(device) for part in host)
        self._host, self.weights = host, Weights(*(part.numpy() for part in host))
        self._scales: dict[int, list[Tensor]] = {}

    def copy(self) -> None:
        """Copy the weights from the device, if it is another."""
        if self._device == "cuda":
            for host, part in zip(self._host, (self._input, self._output), strict=True):
                host.copy_(part)

    def train(
        self, round_: Round, rates: tuple[float, float], seen: float = math.inf
    ) -> tuple[float, float]:
        """Train on a round after ``seen`` centres; return the sum of the loss, and the pairs.

        The learning rate falls linearly from the first of ``rates`` to the second.
        """
        sums = torch.zeros(2, dtype=torch.float64, device=self._device)
        first, n_blocks, size = 0, len(round_.centres), self.blocks.size
        while first < n_blocks:
            batch = batch_size(seen + first * size, size)
            part = slice(first, first + batch // size)
            rate = rates[0] + (rates[1] - rates[0]) * first / n_blocks
            sums += self._step(Round(*(each[part] for each in round_)), rate, self._scale(batch))
            first = part.stop
        loss, pairs = sums.tolist()
        return loss, pairs

    def _scale(self, batch: int) -> list[Tensor]:
        """Return `step_scale` for a batch of this size, of input and of output vectors.

        An output vector has a step for each occurrence of its word, and ``negative`` for each time
        that it would be drawn.
        """
        if batch not in self._scales:
            frequencies = self.blocks.kept, self.blocks.noise
            own, noise = (batch * part / max(1e-9, part.sum()) for part in frequencies)
            negative = self._settings.negative
            self._scales[batch] = [
                torch.from_numpy(step_scale(occurrences, self._settings.alpha)).to(self._device)
                for occurrences in (own, (own + negative * noise) / (1 + negative))
            ]
        return self._scales[batch]

    def _step(self, batch: Round, rate: float, scales: list[Tensor]) -> Tensor:
        """Train on a batch; return its loss and its number of pairs, float64 ``(2,)``."""
        weight, pairs = self.blocks.weigh(batch)
        limit = MAX_STEP / (1 + self._settings.negative)
        step = weight * (limit / pairs.clamp(min=1)).clamp(max=rate)
        v, u = embedding(batch.centres, self._input), embedding(batch.rows, self._output)
        toward_v, toward_u, loss = ascent(v, u, weight, step, self.blocks.target)
        add_rows(self._input, batch.centres, toward_v * embedding(batch.centres, scales[0]))
        add_rows(self._output, batch.rows, toward_u * embedding(batch.rows, scales[1]))
        return torch.stack([loss, pairs.sum(dtype=torch.float64)])


def train_with_torch(
    corpus: TokenIds, counts: NDArray[np.int64], settings: Settings, start: Start | None = None
) -> Generator[Step, None, None]:
    """Train on a GPU, if torch finds one, or on the CPU. An engine.

    Starts and resumes as `rounds.train_with_numba` does, and treats an empty corpus as it does. The
    same seed gives the same bytes on the same device and version of torch; a GPU draws other random
    numbers than a CPU. For one worker only.
    """
    weights, position = _start(len(counts), settings, start)
    del start  # the arrays were copied
    corpus = TokenIds(corpus.ids, split_long(corpus.offsets))
    schedule = Schedule(corpus.offsets, settings)
    trainer = Trainer(weights, counts, settings, "cuda" if torch.cuda.is_available() else "cpu")
    weights = trainer.weights
    matrix = weights.input[:, : settings.vector_size]
    end = (settings.epochs - 1, schedule.rounds - 1)
    if position > end:
        yield Step(*end, True, 0, 0.0, 0, schedule.alpha(settings.epochs, 0), matrix, weights)
    for epoch, round_ in schedule.positions(position):
        (shard,) = schedule.shards(epoch, round_)
        read = trainer.blocks.read(corpus, shard)
        before = epoch + schedule.tokens[:round_].sum() / max(1, len(corpus.ids))
        seen = float(before * trainer.blocks.kept.sum())
        loss, pairs = trainer.train(read, shard.rates, seen) if read else (0.0, 0.0)
        trainer.copy()
        tokens, last = int(schedule.tokens[round_]), round_ == end[1]
        yield Step(epoch, round_, last, tokens, loss, pairs, shard.rates[1], matrix, weights)


def _start(
    n_words: int, settings: Settings, start: Start | None
) -> tuple[Weights, tuple[int, int]]:
    """Return the weights, and the epoch and round to begin with."""
    if start is None:
        return Weights.initial(n_words, settings.vector_size, settings.seed), (0, 0)
    return Weights.from_vectors(start.input, start.output), start.position
