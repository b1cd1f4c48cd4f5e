"""What training on a cluster moves and stores, by the calls of `shared_rounds`.

In a round of R shares, with weights of W bytes and I bytes of token ids:

- `train_share` reads the weights, W, and the ids of the round, I, and writes its weights, W;
- `merge_slice`, of which there are R, reads a slice of the weights before the round, W / R, and the
  same slice after each share, W, and writes it, W / R.

So a worker moves 3 W + 2 W / R + I in a round; with one share nothing is merged, and it moves
2 W + I.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from sentiment_transfer.pretraining.memory_and_disk import training_bytes, weights_bytes
from sentiment_transfer.pretraining.schedule import rounds_of

if TYPE_CHECKING:
    from sentiment_transfer.base.seconds import Seconds
    from sentiment_transfer.pretraining.estimate import PretrainingEstimate

__all__ = ["ClusterEstimate", "bytes_a_round"]

STATES = 4
"""Weights in the store apart from those of the shares: the first, two states, and a new one."""


def bytes_a_round(weights: int, ids: int, shares: int) -> int:
    """Return the bytes that a worker reads and writes in a round."""
    merged = weights + 2 * weights // shares if shares > 1 else 0
    return 2 * weights + ids + merged


@dataclass(frozen=True)
class ClusterEstimate:
    """Pretraining by one-thread workers that share a store.

    Attributes
    ----------
    shares
        Number of workers.
    rounds
        Rounds of all epochs; the workers wait for one another at the end of each.
    round_bytes
        Bytes that a worker reads and writes in a round.
    store
        Most bytes in the store.
    memory
        Most bytes of memory of a worker.
    seconds
        Of reading, training and moving bytes; workers on the machines of this one's kind.
    bandwidth
        Bytes a second between a worker and the store.
    """

    shares: int
    rounds: int
    round_bytes: int
    store: int
    memory: int
    seconds: dict[str, float]
    bandwidth: float

    @property
    def network_bytes(self) -> int:
        """Bytes that all workers move in all rounds."""
        return self.rounds * self.shares * self.round_bytes

    @classmethod
    def of(
        cls,
        estimate: PretrainingEstimate,
        shares: int,
        token: Seconds,
        bandwidth: float,
        own_memory: int,
    ) -> Self:
        """Estimate from what one machine takes, and the seconds of one thread for a token.

        ``own_memory`` is that of a process before it has read anything.
        """
        settings, n_tokens = estimate.settings, estimate.n_tokens
        weights = weights_bytes(estimate.n_words, settings.vector_size)
        in_epoch = rounds_of(n_tokens, shares)
        a_round = bytes_a_round(weights, 4 * n_tokens // in_epoch, shares)
        rounds = in_epoch * settings.epochs
        ids = 4 * (estimate.n_read + n_tokens) + 24 * estimate.n_texts
        store = max(ids, 4 * n_tokens + 16 * estimate.n_texts + weights * (STATES + shares))
        moved_for_ids = (8 * estimate.n_read + 4 * n_tokens) / shares
        seconds = {
            "reading": estimate.seconds["reading"].clock / shares,
            "training": token.clock * n_tokens * settings.epochs / shares,
            "network": (rounds * a_round + moved_for_ids) / bandwidth,
        }
        size = estimate.n_words, settings.vector_size
        # it holds the ids of its share, and when it merges a slice of the weights of each share
        share = 4 * n_tokens // in_epoch // shares
        training = training_bytes(*size, 1, n_tokens, estimate.n_texts)
        memory = own_memory + training + share + weights
        return cls(shares, rounds, a_round, store, memory, seconds, bandwidth)
