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

from sentiment_transfer.pretraining.memory_and_disk import (
    INDEXED_WORD,
    KEPT_WORD,
    READER,
    ROUND_TEXT,
    tables_bytes,
    weights_bytes,
)
from sentiment_transfer.pretraining.schedule import PIECES, rounds_of

if TYPE_CHECKING:
    from sentiment_transfer.base.seconds import Seconds
    from sentiment_transfer.pretraining.estimate import PretrainingEstimate

__all__ = ["ClusterEstimate", "bytes_a_round", "store_bytes", "worker_bytes"]

STATES = 4
"""Weights in the store apart from those of the shares: the first, two states, and a new one."""

OFFSET = 8
"""Bytes of the offset of a text."""

STORED_TEXT = 3 * OFFSET
"""Most bytes of a text in the store, ids apart: offsets of its part as counted and as ranked, and
of the whole corpus. After the words are ranked, those of the part as counted are removed."""


def bytes_a_round(weights: int, ids: int, shares: int) -> int:
    """Return the bytes that a worker reads and writes in a round."""
    merged = weights + 2 * weights // shares if shares > 1 else 0
    return 2 * weights + ids + merged


def store_bytes(n_read: int, n_tokens: int, n_texts: int, weights: int, shares: int) -> int:
    """Return the most bytes in the store, while the words are ranked or while it is trained.

    ``n_read`` are the tokens with rare words, ``n_tokens`` those without.
    """
    ranking = 4 * (n_read + n_tokens) + STORED_TEXT * n_texts
    training = 4 * n_tokens + (STORED_TEXT - OFFSET) * n_texts + weights * (STATES + shares)
    return max(ranking, training)


def worker_bytes(
    n_words: int, n_distinct: int, n_tokens: int, n_texts: int, weights: int, shares: int
) -> int:
    """Return the most memory of a worker beyond that of its process, in bytes.

    It counts words, merges the counts of all parts, ranks words, trains its share or merges a
    slice of the weights, one at a time. ``n_distinct`` are all words of the corpus, which the last
    counts have, ``n_words`` those of the vocabulary, a dict of which stays after ranking.

    The offsets of all texts are mapped where the store is a folder, and in memory where it is a
    URL; they are counted in both cases.
    """
    rounds = rounds_of(n_tokens, shares)
    texts, ids = n_texts // rounds, 4 * n_tokens // rounds
    piece = ids // max(1, min(PIECES, texts))
    counting = INDEXED_WORD * n_distinct + READER
    ranking = KEPT_WORD * (n_words + n_distinct) + OFFSET * n_texts // shares
    # a share has its ids, and those of a piece twice: as read, and put together of several files
    own = ids // shares + 2 * piece + ROUND_TEXT * (texts + texts // shares)
    training = weights + weights // shares + own
    merging = weights + 2 * weights // shares if shares > 1 else 0
    opening = offsets = OFFSET * n_texts  # twice while they are read
    later = tables_bytes(n_words) + offsets + max(opening, training, merging)
    return max(counting, ranking, later)


@dataclass(frozen=True)
class ClusterEstimate:
    """Pretraining by one-thread workers that share a store; not compared with a run.

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
        n_distinct: int,
    ) -> Self:
        """Estimate from what one machine takes, and the seconds of one thread for a token.

        ``own_memory`` is that of a process before it has read anything, ``n_distinct`` the number
        of all words.
        """
        settings, n_tokens = estimate.settings, estimate.n_tokens
        weights = weights_bytes(estimate.n_words, settings.vector_size)
        in_epoch = rounds_of(n_tokens, shares)
        a_round = bytes_a_round(weights, 4 * n_tokens // in_epoch, shares)
        rounds = in_epoch * settings.epochs
        texts = n_tokens, estimate.n_texts
        store = store_bytes(estimate.n_read, *texts, weights, shares)
        moved_for_ids = (8 * estimate.n_read + 4 * n_tokens) / shares
        seconds = {
            "reading": estimate.seconds["reading"].clock / shares,
            "training": token.clock * n_tokens * settings.epochs / shares,
            "network": (rounds * a_round + moved_for_ids) / bandwidth,
        }
        worker = worker_bytes(estimate.n_words, n_distinct, *texts, weights, shares)
        memory = own_memory + worker
        return cls(shares, rounds, a_round, store, memory, seconds, bandwidth)
