"""Token ids as input of trainable encoders: cut, selected by rows, batched, laid out by steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.text.vocabulary import TokenIds, select

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch import Generator

__all__ = [
    "Sequences",
    "Steps",
    "distinct",
    "head_and_tail",
    "length_buckets",
    "longest_first",
]


@dataclass(frozen=True, eq=False)
class Sequences:
    """Texts as token ids, indexed by rows: the features of a `TrainableEncoder`.

    Attributes
    ----------
    ids
        Token ids of ``n_texts`` texts.

    Examples
    --------
    >>> from sentiment_transfer.text import TokenIds
    >>> import numpy as np
    >>> sequences = Sequences(TokenIds.from_lists([[4, 0], [], [2]]))
    >>> sequences.lengths, sequences[np.array([2, 0])].lengths
    (array([2, 0, 1]), array([1, 2]))
    """

    ids: TokenIds

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, rows: NDArray[np.integer]) -> Sequences:
        return Sequences(select(self.ids, rows))

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Number of tokens of each text, ``(n_texts,)``."""
        return np.diff(self.ids.offsets)


def head_and_tail(ids: TokenIds, most: int) -> TokenIds:
    """Cut texts of more than ``most`` tokens: a quarter from the start, the rest from the end.

    ``[7, 8, 9, 1, 2, 3]`` with ``most=4`` gives ``[7, 1, 2, 3]``. Reviews often open with the topic
    and close with the verdict (Sun et al. 2019, head and tail).
    """
    lengths = np.diff(ids.offsets)
    kept = np.minimum(lengths, most)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept)])
    places = np.arange(offsets[-1]) - np.repeat(offsets[:-1], kept)
    skipped = np.repeat(lengths - kept, kept)
    starts = np.repeat(ids.offsets[:-1], kept)
    return TokenIds(ids.ids[starts + places + np.where(places < most // 4, 0, skipped)], offsets)


def distinct(ids: TokenIds, n_words: int) -> TokenIds:
    """Keep each word of a text once, in order of the ids: ``[[2, 0, 2]]`` gives ``[[0, 2]]``."""
    keys = np.unique(ids.text_index * n_words + ids.ids)
    counts = np.bincount(keys // n_words, minlength=len(ids))
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    return TokenIds((keys % n_words).astype(np.int32), offsets)


def longest_first(lengths: NDArray[np.int64], tokens: int) -> Iterator[NDArray[np.intp]]:
    """Yield the rows that have a token, the longest first, in batches of about ``tokens`` tokens.

    Texts of similar length share a batch, so a batch takes few steps for its size.
    """
    order = np.argsort(-lengths, kind="stable")
    order = order[lengths[order] > 0]
    first = 0
    while first < len(order):
        size = max(1, tokens // int(lengths[order[first]]))
        yield order[first : first + size]
        first += size


def length_buckets(
    lengths: NDArray[np.int64], batch_size: int, rng: Generator
) -> Iterator[NDArray[np.intp]]:
    """Yield all rows in random batches of texts of similar length.

    Rows for fifty batches are drawn at a time and sorted by length; then the batches are shuffled.
    """
    import torch

    order = torch.randperm(len(lengths), generator=rng).numpy()
    batches = []
    for first in range(0, len(order), 50 * batch_size):
        drawn = order[first : first + 50 * batch_size]
        drawn = drawn[np.argsort(-lengths[drawn], kind="stable")]
        batches += [drawn[i : i + batch_size] for i in range(0, len(drawn), batch_size)]
    for i in torch.randperm(len(batches), generator=rng).tolist():
        yield batches[i]


@dataclass(frozen=True, eq=False)
class Steps:
    """A batch of texts step by step: first tokens, second tokens, ..., the longest text first.

    ``[[5], [7, 8, 9]]`` gives ``order = [1, 0]``, ``ids = [[7, 5], [8, 0], [9, 0]]``, backward
    ``[[9, 5], [8, 0], [7, 0]]``, and packed ``[7, 5, 8, 9]`` with ``sizes = [2, 1, 1]``.

    Attributes
    ----------
    order
        Rows with a token, by decreasing length, ``(n_rows,)``; rows without one are left out.
    ids
        int32 ``(n_steps, n_rows)``, padded with 0 after the end of each text.
    lengths
        int64 ``(n_rows,)``.
    """

    order: NDArray[np.intp]
    ids: NDArray[np.int32]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, ids: TokenIds, *, backward: bool = False) -> Steps:
        """Lay out texts, or reversed texts."""
        lengths = np.diff(ids.offsets)
        order = np.argsort(-lengths, kind="stable")[: np.count_nonzero(lengths)]
        lengths = lengths[order]
        steps = np.arange(lengths.max(initial=0))[:, None]
        within = steps < lengths
        places = ids.offsets[:-1][order] + np.where(backward, lengths - 1 - steps, steps)
        padded = np.where(within, ids.ids[np.where(within, places, 0)], np.int32(0))
        return cls(order, padded, lengths)

    @property
    def packed(self) -> NDArray[np.int32]:
        """All tokens step by step without padding, ``(n_tokens,)``."""
        return self.ids[self._within]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Number of texts that have a token at each step, ``(n_steps,)``."""
        sizes: NDArray[np.int64] = np.count_nonzero(self._within, axis=1)
        return sizes

    @property
    def _within(self) -> NDArray[np.bool_]:
        return np.arange(len(self.ids))[:, None] < self.lengths
