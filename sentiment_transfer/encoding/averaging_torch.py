"""The mean of word vectors in torch, with gradients.

This module imports torch, and is imported only where something is learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn.functional import embedding_bag, normalize

from sentiment_transfer.encoding.common_torch import inverted_dropout

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray
    from torch import Generator, Tensor

    from sentiment_transfer.text import TokenIds

__all__ = ["AveragingLayers"]


class AveragingLayers:
    """``unit(mean of word vectors - centre)``; nothing between word vectors and head learns."""

    def __init__(self, centre: NDArray[np.float32], device: str = "cpu") -> None:
        self.centre = torch.tensor(centre, device=device)
        self.parameters: Mapping[str, Tensor] = {}

    def encode(self, rows: Tensor, places: TokenIds, dropout: float, rng: Generator) -> Tensor:
        """Sentence vectors, ``(n_texts, d)``; zeros for a text without a token."""
        ids = torch.from_numpy(places.ids.astype(np.int64)).to(rows.device)
        begins = torch.from_numpy(places.offsets[:-1]).to(rows.device)
        means = embedding_bag(ids, rows, begins, mode="mean")
        known = torch.from_numpy(np.diff(places.offsets) > 0).to(rows.device)
        encoded = normalize((means - self.centre) * known[:, None], dim=1)
        return inverted_dropout(encoded, dropout, rng)
