"""The tokens of a round in blocks, for training in batches; see `skipgram_torch`.

The texts of a round, without the words that subsampling drops, stand in one row of tokens, which is
cut into blocks of centres. The centres of a block share their negatives, so that their dot products
with the words around the block, and with the negatives, are one matrix product. Windows and the
ends of texts are weights of its elements.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch.nn.functional import pad

from sentiment_transfer.pretraining.shards import (
    keep_thresholds,
    negative_table,
    shared_negatives,
)
from sentiment_transfer.text.vocabulary import select

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Generator, Tensor

    from sentiment_transfer.pretraining.engine import Settings
    from sentiment_transfer.pretraining.schedule import Shard
    from sentiment_transfer.text import TokenIds

__all__ = ["Blocks", "Round"]

BLOCK = 32
"""Centres of a block; as many as the window if that is more."""

SHARING = 8
"""Centres for which `shared_negatives` are drawn; a block draws in proportion."""


class Round(NamedTuple):
    """Blocks of T centres; after the last centre, ids and reach are 0.

    Attributes
    ----------
    centres, reach
        Ids, and the largest distance of a context word; int64 ``(n_blocks, T)``.
    rows
        Ids of the words from ``window`` before a block to ``window`` after it, then of its K
        negatives; int64 ``(n_blocks, T + 2 * window + K)``.
    texts
        Numbers of the texts of these words, -1 outside; int64 ``(n_blocks, T + 2 * window)``.
    """

    centres: Tensor
    reach: Tensor
    rows: Tensor
    texts: Tensor


class Blocks:
    """Makes the blocks of rounds, on a device.

    Attributes
    ----------
    size, negatives
        Centres of a block, and negatives that they share.
    kept, noise
        Expected occurrences of each word in an epoch after subsampling, and the weights that
        negatives are drawn by; float64 ``(n_words,)``.
    target
        1 for each word around a block, 0 for each negative; float32 ``(T + 2 * window + K,)``.
    """

    def __init__(self, counts: NDArray[np.int64], settings: Settings, device: str) -> None:
        self._settings, self._device = settings, device
        window = settings.window
        self.size = max(BLOCK, window)
        self.negatives = math.ceil(self.size * shared_negatives(settings.negative) / SHARING)
        keep = keep_thresholds(counts, settings.sample)
        self.kept, self.noise = counts * ((keep + 1.0) / 2**32), counts**0.75
        self._keep = torch.from_numpy(keep.astype(np.int64)).to(device)
        self._table = torch.from_numpy(negative_table(counts, settings.seed)).to(device)
        places = torch.arange(-window, self.size + window, device=device)
        distance = (places - torch.arange(self.size, device=device)[:, None]).abs()
        self._distance = distance.where(distance > 0, window + 1)
        self.target = pad(torch.ones(len(places), device=device), (0, self.negatives))

    def read(self, corpus: TokenIds, shard: Shard) -> Round | None:
        """Subsample the texts of a round, draw reaches and negatives; None if no word is left."""
        chosen = select(corpus, shard.texts)
        words = torch.from_numpy(chosen.ids).to(self._device).long()
        lengths = torch.from_numpy(np.diff(chosen.offsets)).to(self._device)
        numbers = torch.arange(len(lengths), device=self._device)
        texts = torch.repeat_interleave(numbers, lengths, output_size=len(words))
        generator = torch.Generator(self._device).manual_seed(int(shard.state))
        bits = self._random(generator, 2**32, len(words))
        left = (bits <= self._keep[words]).nonzero()[:, 0]
        return self._cut(words[left], texts[left], generator) if len(left) else None

    def _cut(self, words: Tensor, texts: Tensor, generator: Generator) -> Round:
        n_blocks, window = -(-len(words) // self.size), self._settings.window
        reach = 1 + self._random(generator, window, len(words))
        noise = self._table[self._random(generator, len(self._table), n_blocks, self.negatives)]
        end, wide = n_blocks * self.size - len(words), self.size + 2 * window
        around = pad(words, (window, end + window)).unfold(0, wide, self.size)
        return Round(
            pad(words, (0, end)).view(n_blocks, self.size),
            pad(reach, (0, end)).view(n_blocks, self.size),
            torch.cat([around, noise], dim=1),
            pad(texts, (window, end + window), value=-1).unfold(0, wide, self.size),
        )

    def _random(self, generator: Generator, below: int, *shape: int) -> Tensor:
        return torch.randint(below, shape, generator=generator, device=self._device)

    def weigh(self, batch: Round) -> tuple[Tensor, Tensor]:
        """Return the weights of all terms, float32 ``(n_blocks, T, R)``, and the pairs of centres.

        The weight is 1 for a word of the same text within reach, 0 for others around the block, and
        for a negative ``pairs * negative / K``; pairs are float32 ``(n_blocks, T, 1)``.
        """
        own = batch.texts[:, self._settings.window :][:, : self.size, None]
        around = self._distance <= batch.reach[:, :, None]
        around &= own == batch.texts[:, None, :]
        pairs = around.sum(-1, keepdim=True, dtype=torch.float32)
        noise = (pairs * (self._settings.negative / self.negatives)).expand(-1, -1, self.negatives)
        return torch.cat([around, noise], dim=-1), pairs
