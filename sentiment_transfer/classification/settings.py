"""Settings of the training of a network, and the figures of an epoch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sentiment_transfer.base.estimator import SettingsGroup, in_range, is_integer_from, require

__all__ = ["END_TO_END", "Epoch", "Training"]


@dataclass(frozen=True)
class Training(SettingsGroup):
    """Settings of the training; within a classifier, ``training__epochs`` names a field.

    Attributes
    ----------
    epochs
        Maximum number of passes over the training rows.
    batch_size
        Number of rows for each step.
    optimizer
        ``"adam"`` or ``"sgd"``.
    learning_rate
        Step size.
    momentum
        Momentum of ``"sgd"``; not used by Adam.
    dropout
        Share of hidden units dropped at random in each step.
    weight_decay
        Decoupled weight decay: each step multiplies the weights by ``1 - learning_rate *
        weight_decay / n`` for ``n`` training rows, so it is stronger with fewer labels.
    validation_fraction
        Share of each class, rounded down, held out for early stopping. If that is fewer than 20
        rows in total, or the value is 0, all rows train for all epochs.
    patience
        Epochs without a lower validation loss after which training stops.

    Raises
    ------
    SettingError
        A value is not allowed.

    Examples
    --------
    >>> Training(epochs=20).patience
    10
    >>> try:
    ...     Training(dropout=1.0)
    ... except ValueError as error:
    ...     print(error)
    Training: dropout=1.0 is not allowed; it must be a number of at least 0 and below 1
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
    """Figures after an epoch, measured without dropout on training and held-out rows.

    Losses are mean cross-entropies in nats, errors shares of wrong predictions, both weighted as in
    training (``sample_weight``, ``class_weight``); None if no rows are held out.

    Attributes
    ----------
    loss, error
        On the training rows: nats, and a share between 0 and 1.
    validation_loss, validation_error
        On the held-out rows.
    learning_rate
        Step size of the epoch.

    Examples
    --------
    >>> Epoch(0.6, 0.3, 0.65, 0.35, learning_rate=0.003).validation_loss
    0.65
    """

    loss: float
    error: float
    validation_loss: float | None
    validation_error: float | None
    learning_rate: float
