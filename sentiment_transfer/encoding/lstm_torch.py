"""The LSTM in torch, with gradients.

Each direction reads texts from their own start, the backward one reversed texts, so that shorter
texts of a batch are padded at the end of the reading alone. No state of a text comes after its
padding, and none of the padding's is used: states and gradients are those of torch's packed
sequences, which take four times as long on a CPU.

This module imports torch, and is imported only where something is learned.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn.functional import embedding

from sentiment_transfer.encoding.common_torch import inverted_dropout
from sentiment_transfer.encoding.sequences import Padded

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray
    from torch import Generator, Tensor

    from sentiment_transfer.encoding.lstm_numpy import Pooling
    from sentiment_transfer.text import TokenIds

__all__ = ["LSTMLayers"]

_TORCH_NAMES = {"input": "weight_ih_l0", "recurrent": "weight_hh_l0", "bias": "bias_ih_l0"}


class LSTMLayers:
    """torch's LSTM in one direction or two, and pooling.

    Parameters
    ----------
    weights
        Those of `LSTMEncoder`, by name.
    pooling
        ``"mean"``, ``"max"`` or ``"last"``.
    device
        Where to compute.
    """

    def __init__(
        self, weights: Mapping[str, NDArray[np.float32]], pooling: Pooling, device: str = "cpu"
    ) -> None:
        self.pooling = pooling
        learns: dict[str, Tensor] = {}
        self.lstms: dict[str, torch.nn.LSTM] = {}
        for name in dict.fromkeys(key.partition(".")[0] for key in weights):
            d, units = weights[f"{name}.input"].shape[1], weights[f"{name}.recurrent"].shape[1]
            # made without values: drawing some to overwrite would change torch's global generator
            lstm = torch.nn.LSTM(d, units, device="meta").to_empty(device=device)
            own = dict(lstm.named_parameters())
            for part, torch_name in _TORCH_NAMES.items():
                own[torch_name].data.copy_(torch.from_numpy(weights[f"{name}.{part}"]))
                learns[f"{name}.{part}"] = own[torch_name]
            own["bias_hh_l0"].requires_grad_(False).zero_()  # torch has two; one is enough
            lstm.flatten_parameters()  # as GPUs want them
            self.lstms[name] = lstm
        self.parameters: Mapping[str, Tensor] = learns

    @property
    def size(self) -> int:
        """Length of a sentence vector."""
        return sum(lstm.hidden_size for lstm in self.lstms.values())

    def encode(self, rows: Tensor, places: TokenIds, dropout: float, rng: Generator) -> Tensor:
        """Sentence vectors, ``(n_texts, size)``; zeros for a text without a token."""
        encoded = torch.zeros(len(places), self.size, device=rows.device)
        parts = []
        for name, lstm in self.lstms.items():
            padded = Padded.of(places, backward=name == "backward")
            if not len(padded.order):
                return encoded
            ids = torch.from_numpy(padded.ids).to(rows.device)
            states, _ = lstm(embedding(ids, rows))
            parts.append(self._pooled(states, torch.from_numpy(padded.lengths).to(rows.device)))
        pooled = inverted_dropout(torch.cat(parts, 1), dropout, rng)
        return encoded.index_copy(0, torch.from_numpy(padded.order).to(rows.device), pooled)

    def _pooled(self, states: Tensor, lengths: Tensor) -> Tensor:
        """States ``(steps, n, h)`` of texts of these lengths to ``(n, h)``."""
        steps = torch.arange(len(states), device=states.device)
        if self.pooling == "last":
            last = (lengths - 1)[None, :, None].expand(1, -1, states.shape[2])
            return states.gather(0, last)[0]
        beyond = (steps[:, None] >= lengths)[:, :, None]
        if self.pooling == "max":
            return states.masked_fill(beyond, -torch.inf).amax(0)
        return states.masked_fill(beyond, 0).sum(0) / lengths[:, None]
