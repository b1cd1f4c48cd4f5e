"""How a network learns, and where learning stood after each epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sentiment_transfer.base.settings import SettingsGroup, in_range, is_integer_from, require

__all__ = ["END_TO_END", "Epoch", "Training"]


@dataclass(frozen=True)
class Training(SettingsGroup):
    """How the network learns; as a part of the classifier, ``training__epochs`` names a field.

    Attributes
    ----------
    epochs
        Passes over the training rows, at most.
    batch_size
        Rows a step.
    optimizer
        ``"adam"`` or ``"sgd"``.
    learning_rate
        Step size.
    momentum
        Of ``"sgd"``; Adam keeps its own.
    dropout
        Share of hidden units dropped at random in each step.
    weight_decay
        Pull of the weights to 0, in examples: each step takes off ``learning_rate * weight_decay
        / n`` of them, so the fewer labels, the stronger it is.
    validation_fraction
        Share of each class, rounded down, held out to stop early. If that is fewer than 20 rows in
        all, nothing is held out: all rows train, for all epochs. 0 never holds out.
    patience
        Epochs without a lower validation loss after which learning stops.

    Raises
    ------
    SettingError
        A value cannot work.
    """

    epochs: int = 100
    batch_size: int = 32
    optimizer: Literal["adam", "sgd"] = "adam"
    learning_rate: float = 0.003
    momentum: float = 0.9
    dropout: float = 0.0
    weight_decay: float = 10.0
    validation_fraction: float = 0.2
    patience: int = 10

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "patience"):
            require(is_integer_from(getattr(self, name), 1), self, name, "an integer of at least 1")
        require(self.optimizer in ("adam", "sgd"), self, "optimizer", "'adam' or 'sgd'")
        positive = in_range(self.learning_rate, np.inf) and self.learning_rate > 0
        require(positive, self, "learning_rate", "a number above 0")
        require(in_range(self.weight_decay, np.inf), self, "weight_decay", "a number of at least 0")
        for name in ("momentum", "dropout", "validation_fraction"):
            require(
                in_range(getattr(self, name), 1), self, name, "a number of at least 0 and below 1"
            )


END_TO_END = Training(epochs=30, learning_rate=0.002, patience=3)
"""Default of a head that is trained together with its encoder."""


@dataclass(frozen=True)
class Epoch:
    """Where learning stood after an epoch, measured without dropout on what it learned from.

    Losses are mean cross-entropies in nats, errors shares of wrong answers, both weighted as in
    learning (``sample_weight``, ``class_weight``); None where nothing was held out.
    """

    loss: float
    error: float
    validation_loss: float | None
    validation_error: float | None
    learning_rate: float
