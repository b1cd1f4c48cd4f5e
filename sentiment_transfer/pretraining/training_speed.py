"""The speed of training, measured on a sample of a corpus with weights of full size."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.base.seconds import Seconds, Stopwatch
from sentiment_transfer.pretraining.rounds import merge_replicas, tables_for
from sentiment_transfer.pretraining.shards import (
    Weights,
    aligned_zeros,
    random_state,
    split_long,
    train_shard,
)
from sentiment_transfer.text import TokenIds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.engine import Settings
    from sentiment_transfer.pretraining.shards import Tables

__all__ = ["TrainingSpeed", "measure_training"]

SHARD_TOKENS = 100_000
"""Tokens that a thread trains on between two looks at the clock."""


@dataclass(frozen=True)
class TrainingSpeed:
    """Seconds for a token, with all threads at work, and for the merge at the end of a round."""

    token: Seconds
    merge: Seconds
    matrix: NDArray[np.float32]
    """Some of the vectors that were trained, float32 ``(n_words, vector_size)``."""

    def seconds(self, n_tokens: int, n_rounds: int) -> Seconds:
        """Return the seconds for the tokens of all epochs, in a number of rounds."""
        return self.token.times(n_tokens).plus(self.merge.times(n_rounds))


def measure_training(
    corpus: TokenIds, counts: NDArray[np.int64], settings: Settings, seconds: float
) -> TrainingSpeed:
    """Train on a sample for about ``seconds``.

    Parameters
    ----------
    corpus
        The sample, with ids of all ``counts``.
    counts
        int64 ``(n_words,)``: of all words that the whole corpus will have, as the speed depends on
        the size of the weights. The most frequent words come first.
    """
    corpus = TokenIds(corpus.ids, split_long(corpus.offsets))
    tables = tables_for(counts, settings)
    base = Weights.initial(len(counts), settings.vector_size, settings.seed)
    copies = settings.workers if settings.workers > 1 else 0
    replicas = Weights(*(aligned_zeros((copies, *matrix.shape)) for matrix in base))
    for each, matrix in zip(replicas, base, strict=True):
        each[:] = matrix
    owners = [Weights(*(each[i] for each in replicas)) for i in range(copies)] or [base]
    with ThreadPoolExecutor(settings.workers) as pool:
        _train(pool, owners, corpus, tables, settings, 0.0)  # compiles
        token = _train(pool, owners, corpus, tables, settings, seconds)
        merge = Seconds()
        if copies:
            scale = np.full(len(counts), 1 / copies, np.float32)
            merging = partial(merge_replicas, base, replicas, scale, pool, settings.workers)
            merging()
            with Stopwatch() as watch:
                merging()
            merge = watch.seconds
    return TrainingSpeed(token, merge, owners[0].input[:, : settings.vector_size])


def _train(
    pool: ThreadPoolExecutor,
    owners: list[Weights],
    corpus: TokenIds,
    tables: Tables,
    settings: Settings,
    seconds: float,
) -> Seconds:
    """Train each of the weights on shards of the sample; return the seconds for a token."""
    a_text = max(1.0, len(corpus.ids) / max(1, len(corpus)))
    size = min(len(corpus), max(1, round(SHARD_TOKENS / a_text)))
    rates = settings.alpha, settings.min_alpha

    def work(worker: int) -> int:
        generator, n_tokens = np.random.default_rng((settings.seed, worker)), 0
        most = len(corpus.ids) * settings.epochs / len(owners)  # a small corpus takes no longer
        while not n_tokens or (n_tokens < most and watch.so_far().clock < seconds):
            texts = generator.choice(len(corpus), size, replace=False)
            state = random_state(settings.seed, worker, n_tokens)
            read = corpus.ids, corpus.offsets
            train_shard(owners[worker], *read, tables, rates=rates, state=state, texts=texts)
            n_tokens += max(1, int((corpus.offsets[1:] - corpus.offsets[:-1])[texts].sum()))
        return n_tokens

    with Stopwatch() as watch:
        n_tokens = sum(pool.map(work, range(len(owners))))
    return watch.seconds.times(1 / n_tokens)
