"""Skip-gram on one or several threads: epochs of rounds, rounds of shards, one merge a round.

An epoch is cut into rounds of about `ROUND_TOKENS`. A round reads `PIECES` of the corpus, spaced
evenly over it; their texts are put in random order and dealt out, one shard to each worker. Texts
read last have the most weight, and files are often sorted (by label, by product, by source). This
way the order of the corpus hardly matters, only one round at a time is shuffled, and ids kept in a
file are read from few places at once.

With several workers, each trains a replica of the weights on its shard; then the changes of all
replicas are summed in a fixed order, and every replica starts the next round from the sum.

A round depends only on the weights before it and on ``(epoch, round)``: random numbers and learning
rates are functions of the position. So a checkpoint between rounds is the weights and the position.
"""

from __future__ import annotations

import itertools
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.pretraining.engine import Step
from sentiment_transfer.pretraining.kernel_numba import merge
from sentiment_transfer.pretraining.shards import (
    LossSum,
    Weights,
    aligned_zeros,
    build_tables,
    random_state,
    split_long,
    train_shard,
)
from sentiment_transfer.text import TokenIds
from sentiment_transfer.text.vocabulary import select

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.engine import Settings, Start
    from sentiment_transfer.pretraining.shards import Tables

__all__ = ["Schedule", "Shard", "loss_on", "merge_replicas", "train_with_numba"]

ROUND_TOKENS = 500_000
"""Approximate number of tokens between two merges."""

FEWEST_ROUNDS = 5
"""Fewest rounds of an epoch."""

STEPS_TO_SETTLE = 30.0
"""Occurrences after which a word's vectors have settled; see `merge_scale`."""

PIECES = 64
"""Most places of the corpus that a round reads from."""


class Shard(NamedTuple):
    """Texts for one worker in the order they are read, learning rates at the ends, random state."""

    texts: NDArray[np.int64]
    rates: tuple[float, float]
    state: np.uint64


@dataclass(frozen=True)
class Schedule:
    """Which texts are trained on when, at what rate and with which random numbers.

    Text numbers refer to ``offsets``; for training these are the offsets from `split_long`.
    """

    offsets: NDArray[np.int64]
    settings: Settings

    @cached_property
    def rounds(self) -> int:
        """Rounds of an epoch."""
        return max(FEWEST_ROUNDS, math.ceil(int(self.offsets[-1]) / ROUND_TOKENS))

    @cached_property
    def cuts(self) -> NDArray[np.int64]:
        """First text of each piece of the corpus, and the number of texts; int64."""
        pieces = self.rounds * max(1, min(PIECES, (len(self.offsets) - 1) // self.rounds))
        places = np.ceil(np.linspace(0, self.offsets[-1], pieces + 1))
        # looking for floats would turn all offsets into floats first
        cuts = np.searchsorted(self.offsets, places.astype(np.int64))
        cuts[-1] = len(self.offsets) - 1
        return cuts

    @cached_property
    def pieces(self) -> NDArray[np.int64]:
        """Pieces that each round reads, one from each part of the corpus; int64 ``(rounds, n)``.

        The first round reads the first piece of the first part, the second piece of the second:
        where long and short texts alternate, no round gets all the long ones.
        """
        parts = np.arange((len(self.cuts) - 1) // self.rounds)
        return parts * self.rounds + (np.arange(self.rounds)[:, None] + parts) % self.rounds

    @cached_property
    def tokens(self) -> NDArray[np.int64]:
        """Tokens that each round reads; int64 ``(rounds,)``."""
        tokens: NDArray[np.int64] = np.diff(self.offsets[self.cuts])[self.pieces].sum(axis=1)
        return tokens

    def alpha(self, epoch: int, round_: int) -> float:
        """Learning rate at the start of a round; falls linearly over all epochs."""
        done = (epoch + round_ / self.rounds) / self.settings.epochs
        return self.settings.alpha + (self.settings.min_alpha - self.settings.alpha) * done

    def shards(self, epoch: int, round_: int) -> list[Shard]:
        """Deal out the texts of a round in random order, about as many tokens to every worker."""
        seed, workers = self.settings.seed, self.settings.workers
        pieces = self.pieces[round_]
        ranges = zip(self.cuts[pieces], self.cuts[pieces + 1], strict=True)
        texts = np.concatenate([np.arange(first, last) for first, last in ranges])
        texts = np.random.default_rng((seed, epoch, round_, workers)).permutation(texts)
        lengths = self.offsets[texts + 1] - self.offsets[texts]
        middles = np.cumsum(lengths) - lengths / 2
        ends = np.arange(1, workers) * self.tokens[round_] / workers
        rates = self.alpha(epoch, round_), self.alpha(epoch, round_ + 1)
        return [
            Shard(part, rates, random_state(seed, epoch, round_, worker))
            for worker, part in enumerate(np.split(texts, np.searchsorted(middles, ends)))
        ]


def merge_scale(
    occurrences: NDArray[np.float64], replicas: int, alpha: float
) -> NDArray[np.float32]:
    """Weight of the summed changes of each word's vectors, float32 ``(n_words,)``.

    A rare word's changes are small steps that add up: weight 1. A frequent word's vectors reach the
    same point in every replica: weight ``1 / replicas``. In between, with n ``occurrences`` in a
    shard, each of which closes a fraction 1 / s of the gap to that point, R shards one after the
    other close ``1 - a^R`` of it and one alone ``1 - a``, where ``a = exp(-n / s)``: the weight is
    ``(1 - a^R) / (R (1 - a))``. A plain sum diverged from four replicas on, a plain mean is slow
    to learn rare words. s is `STEPS_TO_SETTLE`, less for more than four replicas and for learning
    rates ``alpha`` above 0.025, because words are not independent and their overshoots add up.
    """
    settled = STEPS_TO_SETTLE * min(1.0, 4 / replicas) * min(1.0, 0.025 / alpha)
    a = np.exp(-np.maximum(occurrences, 1e-6) / settled)
    scale: NDArray[np.float64] = (1 - a**replicas) / (replicas * (1 - a))
    return scale.astype(np.float32)


def merge_replicas(
    weights: Weights,
    replicas: Weights,
    scale: NDArray[np.float32],
    pool: ThreadPoolExecutor,
    workers: int,
) -> None:
    """Merge replicas, each matrix ``(n_replicas, n_words, columns)``, into ``weights``, in place.

    Each row becomes ``base + scale * sum_r (replica_r - base)``, summed in the order of r, and the
    replicas become copies of the result. The bytes do not depend on the number of threads.
    """
    rows = np.linspace(0, len(weights.input), workers + 1).astype(int).tolist()
    jobs = [
        pool.submit(merge, base, copies, scale, first, last)
        for base, copies in zip(weights, replicas, strict=True)
        for first, last in itertools.pairwise(rows)
    ]
    for job in jobs:
        job.result()


def train_with_numba(
    corpus: TokenIds, counts: NDArray[np.int64], settings: Settings, start: Start | None = None
) -> Generator[Step, None, None]:
    """Train from ``start``, or from word2vec's initial weights. An engine.

    Training from a copy of the weights of a step, at the position after it, gives the bytes of an
    uninterrupted run. If nothing is left to do, yields one step of no tokens, which carries the
    weights. An empty corpus gives steps of no tokens and leaves the weights unchanged.
    """
    if start is None:
        weights = Weights.initial(len(counts), settings.vector_size, settings.seed)
        position = (0, 0)
    else:
        weights, position = Weights.from_vectors(start.input, start.output), start.position
        del start  # the arrays were copied
    matrix = weights.input[:, : settings.vector_size]
    corpus = TokenIds(corpus.ids, split_long(corpus.offsets))
    schedule = Schedule(corpus.offsets, settings)
    end = (settings.epochs - 1, schedule.rounds - 1)
    if position > end:
        yield Step(*end, True, 0, 0.0, 0, schedule.alpha(settings.epochs, 0), matrix, weights)
        return
    tables = _tables(counts, settings)
    replicas = _replicas(weights, settings.workers) if settings.workers > 1 else None
    occurrences = counts * (tables.keep / 2**32) / (schedule.rounds * settings.workers)
    scale = merge_scale(occurrences, settings.workers, settings.alpha)

    def work(worker: int, shard: Shard) -> LossSum:
        own = Weights(*(copies[worker] for copies in replicas)) if replicas else weights
        read = select(corpus, shard.texts)
        return train_shard(
            own, read.ids, read.offsets, tables, rates=shard.rates, state=shard.state
        )

    with ThreadPoolExecutor(settings.workers) as pool:
        for epoch, round_ in itertools.product(range(settings.epochs), range(schedule.rounds)):
            if (epoch, round_) < position:
                continue
            sums = list(pool.map(work, itertools.count(), schedule.shards(epoch, round_)))
            if replicas:
                merge_replicas(weights, replicas, scale, pool, settings.workers)
            loss = sum(one.loss for one in sums)
            pairs = sum(one.pairs for one in sums)
            tokens, alpha = int(schedule.tokens[round_]), schedule.alpha(epoch, round_ + 1)
            last = round_ == end[1]
            yield Step(epoch, round_, last, tokens, loss, pairs, alpha, matrix, weights)


def _replicas(weights: Weights, workers: int) -> Weights:
    """Return a copy of the weights for each worker: matrices ``(workers, n_words, columns)``."""
    replicas = Weights(*(aligned_zeros((workers, *matrix.shape)) for matrix in weights))
    for copies, matrix in zip(replicas, weights, strict=True):
        copies[:] = matrix
    return replicas


def loss_on(
    corpus: TokenIds, counts: NDArray[np.int64], settings: Settings
) -> Callable[[Step], float | None]:
    """Return a function that computes the mean loss per pair on texts that are not trained on.

    Every call subsamples the same words and draws the same noise, so that steps are comparable.
    """
    tables = _tables(counts, settings)
    offsets = split_long(corpus.offsets)
    state = random_state(settings.seed)

    def loss(step: Step) -> float | None:
        weights = Weights(*step.weights)
        loss_sum = train_shard(weights, corpus.ids, offsets, tables, rates=(0.0, 0.0), state=state)
        return loss_sum.loss / loss_sum.pairs if loss_sum.pairs else None

    return loss


def _tables(counts: NDArray[np.int64], settings: Settings) -> Tables:
    return build_tables(
        counts,
        sample=settings.sample,
        window=settings.window,
        negative=settings.negative,
        seed=settings.seed,
    )
