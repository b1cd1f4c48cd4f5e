"""What a file holds of the encoders of this folder; word vectors are a part of their own."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from sentiment_transfer.base.schema import INCREASING, Count, Facts, Index, Tensor, settings_group
from sentiment_transfer.encoding.trainable import Tuning
from sentiment_transfer.pretraining.precision import MAX_VALUE

__all__ = ["AveragingFacts", "LSTMFacts", "TrainableFacts", "TunedAveragingFacts"]

_CENTRE = Tensor("f4", ("d",), -MAX_VALUE, MAX_VALUE)


class AveragingFacts(Facts):
    """Facts of an `AveragingEncoder`.

    Files written until 2026-11-28 also hold ``weighting`` and ``a``, which are ignored.
    """

    distinct: bool
    center: bool
    normalize: bool
    weighting: str | None = None
    a: float = 0.0

    def sizes(self) -> dict[str, int | str]:
        """Return the length of a sentence vector."""
        return {"size": "d"}

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations of the centre, and of the weights of words."""
        return {"mean": _CENTRE, "weights": Tensor("f4", ("n_words",), low=0)}


class TrainableFacts(Facts):
    """Base of the facts of a `TrainableEncoder`: its training, and the vectors that it changed."""

    tuning: dict[str, Any]

    def __post_init__(self) -> None:
        settings_group(Tuning, self.tuning)


def _trained(weights: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the declarations of initial and current weights, and of changed word vectors."""
    return {
        "moved.words": Tensor("i4", ("n_moved",), 0, np.inf, INCREASING, "n_words"),
        "moved.vectors": Tensor("f4", ("n_moved", "d"), -MAX_VALUE, MAX_VALUE),
        **weights,
        **{f"start.{name}": tensor for name, tensor in weights.items()},
    }


class TunedAveragingFacts(TrainableFacts):
    """Facts of a `TunedAveragingEncoder`; files until 2026-11-28 also hold a seed."""

    seed: Index = 0

    def sizes(self) -> dict[str, int | str]:
        """Return the length of a sentence vector."""
        return {"size": "d"}

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations of the centre, and of what training changed."""
        return _trained({"mean": _CENTRE})


class LSTMFacts(TrainableFacts):
    """Facts of an `LSTMEncoder`.

    Files written until 2026-11-28 also hold ``language_model``, which is ignored.
    """

    units: Count
    bidirectional: bool
    pooling: Literal["mean", "max", "last"]
    max_tokens: Count
    seed: Index
    language_model: Any = None

    def sizes(self) -> dict[str, int | str]:
        """Return the size of the state, and the length of a sentence vector."""
        return {"units": self.units, "size": self.units * (1 + self.bidirectional)}

    def tensors(self) -> dict[str, Tensor]:
        """Return the declarations of the four gates of each direction, and of what changed."""
        parts = {
            "input": Tensor("f4", ("4*units", "d")),
            "recurrent": Tensor("f4", ("4*units", "units")),
            "bias": Tensor("f4", ("4*units",)),
        }
        ways = ("forward", "backward") if self.bidirectional else ("forward",)
        weights = {f"{way}.{name}": tensor for way in ways for name, tensor in parts.items()}
        return _trained(weights)
