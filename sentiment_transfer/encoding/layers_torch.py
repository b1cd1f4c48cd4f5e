"""Encoders in torch, with gradients. Imported only where something learns."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn.functional import embedding, embedding_bag, normalize

from sentiment_transfer.encoding.sequences import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray
    from torch import Generator, Tensor

    from sentiment_transfer.encoding.lstm_numpy import Pooling
    from sentiment_transfer.text import TokenIds

__all__ = ["AveragingLayers", "LSTMLayers", "inverted_dropout", "one_thread"]

_TORCH_NAMES = {"input": "weight_ih_l0", "recurrent": "weight_hh_l0", "bias": "bias_ih_l0"}


@contextmanager
def one_thread() -> Iterator[None]:
    """Run on one thread: these products are small, and synchronising threads costs far more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def inverted_dropout(x: Tensor, dropout: float, rng: Generator) -> Tensor:
    """Apply inverted dropout (Srivastava et al. 2014), drawn from ``rng`` on the CPU."""
    if dropout == 0:
        return x
    kept = torch.rand(x.shape, generator=rng) >= dropout
    return x * kept.to(x) / (1 - dropout)


class AveragingLayers:
    """``unit(mean of word vectors - centre)``; only the word vectors learn."""

    def __init__(self, centre: NDArray[np.float32], device: str = "cpu") -> None:
        self.centre = torch.tensor(centre, device=device)
        self.parameters: Mapping[str, Tensor] = {}

    def encode(self, rows: Tensor, places: TokenIds, dropout: float, rng: Generator) -> Tensor:
        """Return sentence vectors; see `Layers.encode`."""
        ids = torch.from_numpy(places.ids.astype(np.int64)).to(rows.device)
        begins = torch.from_numpy(places.offsets[:-1]).to(rows.device)
        means = embedding_bag(ids, rows, begins, mode="mean")
        known = torch.from_numpy(np.diff(places.offsets) > 0).to(rows.device)
        encoded = normalize((means - self.centre) * known[:, None], dim=1)
        return inverted_dropout(encoded, dropout, rng)


class LSTMLayers:
    """torch's LSTM in one direction or two, and pooling.

    The backward direction reads reversed texts, so that padding always follows the last token that
    is read. States and gradients equal those of torch's packed sequences, which take four times as
    long on a CPU.

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
            lstm.flatten_parameters()  # required by cuDNN
            self.lstms[name] = lstm
        self.parameters: Mapping[str, Tensor] = learns

    def encode(self, rows: Tensor, places: TokenIds, dropout: float, rng: Generator) -> Tensor:
        """Return sentence vectors; see `Layers.encode`."""
        size = sum(lstm.hidden_size for lstm in self.lstms.values())
        encoded = torch.zeros(len(places), size, device=rows.device)
        parts = []
        for name, lstm in self.lstms.items():
            steps = Steps.of(places, backward=name == "backward")
            if not len(steps.order):
                return encoded
            ids = torch.from_numpy(steps.ids.astype(np.int64)).to(rows.device)
            states, _ = lstm(embedding(ids, rows))
            parts.append(self._pooled(states, torch.from_numpy(steps.lengths).to(rows.device)))
        pooled = inverted_dropout(torch.cat(parts, 1), dropout, rng)
        return encoded.index_copy(0, torch.from_numpy(steps.order).to(rows.device), pooled)

    def _pooled(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Pool the states ``(n_steps, n, h)`` of texts of these lengths to ``(n, h)``."""
        steps = torch.arange(len(states), device=states.device)
        if self.pooling == "last":
            last = (lengths - 1)[None, :, None].expand(1, -1, states.shape[2])
            return states.gather(0, last)[0]
        beyond = (steps[:, None] >= lengths)[:, :, None]
        if self.pooling == "max":
            return states.masked_fill(beyond, -torch.inf).amax(0)
        return states.masked_fill(beyond, 0).sum(0) / lengths[:, None]
