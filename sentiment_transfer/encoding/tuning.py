"""How the stages below the head learn, with labels and before them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sentiment_transfer.settings import SettingsGroup, in_range, is_integer_from, require

__all__ = ["LanguageModel", "Tuning"]


@dataclass(frozen=True)
class Tuning(SettingsGroup):
    """How an encoder learns together with its head; ``tuning__l2_sp`` names a field.

    Attributes
    ----------
    vectors_rate, layers_rate
        Learning rates of the word vectors, and of what lies between them and the head, as shares
        of the head's: small ones for what is pretrained (Howard & Ruder 2018, discriminative
        fine-tuning). At 0 they stay as they are. With ``"sgd"`` the vectors have no momentum:
        a word would go on moving in batches that it is not in.
    unfreeze_every
        So many epochs the head learns alone, so many more with the layer below it, and so on down
        to the word vectors (Howard & Ruder 2018, gradual unfreezing); 0: all learn from the start.
    l2_sp
        Pull back to the starting point, so that what was pretrained is not forgotten (Li et al.
        2018, L2-SP): each step takes off ``rate * l2_sp / n`` of the way from there, with ``n``
        training rows. A word's vector is pulled in the steps that it learns in.
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
    unfreeze_every: int = 0
    l2_sp: float = 0.0
    word_dropout: float = 0.2
    dropout: float = 0.3
    clip: float | None = 1.0

    def __post_init__(self) -> None:
        for name in ("vectors_rate", "layers_rate", "l2_sp"):
            require(in_range(getattr(self, name), np.inf), self, name, "a number from 0")
        for name in ("word_dropout", "dropout"):
            require(in_range(getattr(self, name), 1), self, name, "from 0 to below 1")
        require(
            is_integer_from(self.unfreeze_every, 0), self, "unfreeze_every", "a whole number from 0"
        )
        if self.clip is not None:
            positive = in_range(self.clip, np.inf) and self.clip > 0
            require(positive, self, "clip", "a number above 0, or None")


@dataclass(frozen=True)
class LanguageModel(SettingsGroup):
    """How an LSTM learns to predict the next word of unlabelled texts (see `language_model`).

    Attributes
    ----------
    epochs
        Passes over the texts.
    batch_size
        Texts read side by side.
    window
        Words of each after which the weights learn; the state goes on, its gradient does not.
    negatives
        Words drawn for each window, of which every true next word is to be told apart.
    learning_rate
        Adam's step size at the start; it falls to 0 linearly.
    device
        ``"auto"`` learns on a GPU if there is one, ``"cpu"`` gives the same bytes for a seed.

    Raises
    ------
    SettingError
        A value cannot work.
    """

    epochs: int = 1
    batch_size: int = 64
    window: int = 32
    negatives: int = 1000
    learning_rate: float = 0.002
    device: Literal["auto", "cpu"] = "auto"

    def __post_init__(self) -> None:
        require(self.device in ("cpu", "auto"), self, "device", "'cpu' or 'auto'")
        for name in ("epochs", "batch_size", "window", "negatives"):
            require(is_integer_from(getattr(self, name), 1), self, name, "a whole number from 1")
        positive = in_range(self.learning_rate, np.inf) and self.learning_rate > 0
        require(positive, self, "learning_rate", "a number above 0")
