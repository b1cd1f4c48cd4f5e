"""How an encoder learns together with its head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.estimator import SettingsGroup, in_range, require

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

__all__ = ["Tuning"]


@dataclass(frozen=True)
class Tuning(SettingsGroup):
    """How an encoder learns together with its head; ``tuning__dropout`` names a field.

    Attributes
    ----------
    vectors_rate, layers_rate
        Learning rates of the word vectors, and of what lies between them and the head, as shares
        of the head's: small ones for what is pretrained (Howard & Ruder 2018, discriminative
        fine-tuning). At 0 they stay as they are. With ``"sgd"`` the vectors have no momentum:
        a word would go on moving in batches that it is not in.
    word_dropout
        Share of words that are dropped at random in each step, in all its texts at once.
    dropout
        Share of the sentence vector's places dropped at random in each step.
    clip
        A longer gradient is scaled to this length; None leaves it.

    Raises
    ------
    SettingError
        A value cannot work.
    """

    vectors_rate: float = 0.1
    layers_rate: float = 1.0
    word_dropout: float = 0.2
    dropout: float = 0.3
    clip: float | None = 1.0

    def __post_init__(self) -> None:
        for name in ("vectors_rate", "layers_rate"):
            require(in_range(getattr(self, name), np.inf), self, name, "a number of at least 0")
        for name in ("word_dropout", "dropout"):
            require(
                in_range(getattr(self, name), 1), self, name, "a number of at least 0 and below 1"
            )
        if self.clip is not None:
            positive = in_range(self.clip, np.inf) and self.clip > 0
            require(positive, self, "clip", "a number above 0, or None")

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Self:
        """Build from the fields in a model file; ``TypeError`` for one that is not known.

        Files until 2026-11-28 also name ``unfreeze_every`` and ``l2_sp``, which only learning used.
        """
        former = ("unfreeze_every", "l2_sp")
        return cls(**{name: value for name, value in facts.items() if name not in former})
