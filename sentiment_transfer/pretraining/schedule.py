"""The schedule of training: epochs of rounds, rounds of shards.

An epoch is cut into rounds of about `ROUND_TOKENS`, of a large corpus into `USUAL_ROUNDS` larger
ones. A round reads `PIECES` of the corpus, spaced evenly over it; their texts are put in random
order and dealt out, one shard to each worker. Texts read last have the most weight, and files are
often sorted (by label, by product, by source). This way the order of the corpus hardly matters,
only one round at a time is shuffled, and ids kept in a file are read from few places at once.

A round depends only on the weights before it and on ``(epoch, round)``: random numbers and learning
rates are functions of the position. So a checkpoint between rounds is the weights and the position.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.pretraining.shards import random_state

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.engine import Settings

__all__ = ["Schedule", "Shard", "rate_factor", "rounds_of"]

ROUND_TOKENS = 500_000
"""Approximate number of tokens of a round of one worker, in a small corpus."""

FEWEST_ROUNDS, USUAL_ROUNDS = 5, 20
"""Fewest rounds of an epoch; and those of several workers, which merge after each, or of a large
corpus: with fewer, several workers lose accuracy, with more they gain none."""

LARGEST_SHARD = 32_000_000
"""Most tokens of a worker in a round, which are in its memory: 128 MB."""

MAX_RATE_FACTOR = 4.0

PIECES = 64
"""Most places of the corpus that a round reads from."""


def rate_factor(shards: int) -> float:
    """Return the factor of the learning rate inside shards: the root of their number.

    Inside a shard a high rate corrects itself, where a sum of changes of several does not. At most
    4: above, the kernel would shorten most steps (`kernel_numba.MAX_STEP`).
    """
    return min(MAX_RATE_FACTOR, math.sqrt(shards))


def rounds_of(n_tokens: int, workers: int) -> int:
    """Return the number of rounds of an epoch of ``n_tokens``."""
    few = math.ceil(n_tokens / ROUND_TOKENS) if workers == 1 else USUAL_ROUNDS
    usual = min(USUAL_ROUNDS, few)
    return max(FEWEST_ROUNDS, usual, math.ceil(n_tokens / (LARGEST_SHARD * workers)))


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
        return rounds_of(int(self.offsets[-1]), self.settings.workers)

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
        """Learning rate of one shard at the start of a round; falls linearly over all epochs."""
        done = (epoch + round_ / self.rounds) / self.settings.epochs
        return self.settings.alpha + (self.settings.min_alpha - self.settings.alpha) * done

    def ranges(self, round_: int) -> list[tuple[int, int]]:
        """Return the first text of each piece of a round, and the one after its last."""
        pieces = self.pieces[round_]
        firsts, lasts = self.cuts[pieces].tolist(), self.cuts[pieces + 1].tolist()
        return list(zip(firsts, lasts, strict=True))

    def positions(self, start: tuple[int, int] = (0, 0)) -> Iterator[tuple[int, int]]:
        """Yield the epoch and the round of all rounds from ``start`` on."""
        for position in product(range(self.settings.epochs), range(self.rounds)):
            if position >= start:
                yield position

    def shards(self, epoch: int, round_: int) -> list[Shard]:
        """Deal out the texts of a round in random order, about as many tokens to every worker."""
        seed, workers = self.settings.seed, self.settings.workers
        texts = np.concatenate([np.arange(first, last) for first, last in self.ranges(round_)])
        texts = np.random.default_rng((seed, epoch, round_, workers)).permutation(texts)
        lengths = self.offsets[texts + 1] - self.offsets[texts]
        middles = np.cumsum(lengths) - lengths / 2
        ends = np.arange(1, workers) * self.tokens[round_] / workers
        factor = rate_factor(workers)
        rates = factor * self.alpha(epoch, round_), factor * self.alpha(epoch, round_ + 1)
        return [
            Shard(part, rates, random_state(seed, epoch, round_, worker))
            for worker, part in enumerate(np.split(texts, np.searchsorted(middles, ends)))
        ]
