"""Skip-gram on one or several threads, in the rounds of a `Schedule`, with one merge a round.

With several workers, each trains a replica of the weights on its shard; then the changes of all
replicas are summed in a fixed order, and every replica starts the next round from the sum.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.pretraining.engine import Step
from sentiment_transfer.pretraining.kernel_numba import merge
from sentiment_transfer.pretraining.schedule import Schedule, rate_factor
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

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.engine import Settings, Start
    from sentiment_transfer.pretraining.schedule import Shard
    from sentiment_transfer.pretraining.shards import Tables

__all__ = [
    "loss_on",
    "merge_replicas",
    "merge_scale",
    "scale_for",
    "tables_for",
    "train_with_numba",
]

STEPS_TO_SETTLE = 60.0
"""Occurrences at a rate of 0.025 after which a word's vectors have settled; see `merge_scale`."""

SETTLED_SHARDS = 16
"""With more replicas, words count as settled earlier."""


def merge_scale(
    occurrences: NDArray[np.float64], replicas: int, alpha: float
) -> NDArray[np.float32]:
    """Weight of the summed changes of each word's vectors, float32 ``(n_words,)``.

    The replicas learn at the rate ``alpha * rate_factor(replicas)``; ``alpha`` is that of one
    shard. A step at the rate 0.025 closes a fraction 1 / s of the gap between a word's vectors and
    the point where they settle. With n ``occurrences`` in a shard and ``q = alpha / 0.025``, R
    shards one after the other would close ``1 - exp(-n R q / s)`` of it, and each replica, at a
    rate raised by f, closes ``1 - exp(-n f q / s)``. The weight is the first divided by R times the
    second: ``1 / f`` for a rare word, whose changes add up, and ``1 / R`` for a frequent one, which
    reaches the same point in every replica. s is `STEPS_TO_SETTLE`, less for more than
    `SETTLED_SHARDS` replicas, because the overshoots of words together add up.
    """
    settled = STEPS_TO_SETTLE * min(1.0, SETTLED_SHARDS / replicas)
    all_shards = np.maximum(occurrences, 1e-6) * replicas * (alpha / 0.025) / settled
    one_shard = all_shards * rate_factor(replicas) / replicas
    scale: NDArray[np.float64] = np.expm1(-all_shards) / (replicas * np.expm1(-one_shard))
    return scale.astype(np.float32)


def scale_for(counts: NDArray[np.int64], tables: Tables, schedule: Schedule) -> NDArray[np.float32]:
    """Return the `merge_scale` of each word in a round of the schedule, float32 ``(n_words,)``."""
    settings = schedule.settings
    occurrences = counts * (tables.keep / 2**32) / (schedule.rounds * settings.workers)
    return merge_scale(occurrences, settings.workers, settings.alpha)


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
    tables = tables_for(counts, settings)
    replicas = _replicas(weights, settings.workers) if settings.workers > 1 else None
    scale = scale_for(counts, tables, schedule)

    def work(worker: int, shard: Shard) -> LossSum:
        own = Weights(*(copies[worker] for copies in replicas)) if replicas else weights
        read = corpus.ids, corpus.offsets
        return train_shard(
            own, *read, tables, rates=shard.rates, state=shard.state, texts=shard.texts
        )

    with ThreadPoolExecutor(settings.workers) as pool:
        for epoch, round_ in schedule.positions(position):
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
    tables = tables_for(counts, settings)
    offsets = split_long(corpus.offsets)
    state = random_state(settings.seed)

    def loss(step: Step) -> float | None:
        weights = Weights(*step.weights)
        loss_sum = train_shard(weights, corpus.ids, offsets, tables, rates=(0.0, 0.0), state=state)
        return loss_sum.loss / loss_sum.pairs if loss_sum.pairs else None

    return loss


def tables_for(counts: NDArray[np.int64], settings: Settings) -> Tables:
    """Build the tables of a vocabulary for these settings."""
    return build_tables(
        counts,
        sample=settings.sample,
        window=settings.window,
        negative=settings.negative,
        seed=settings.seed,
    )
