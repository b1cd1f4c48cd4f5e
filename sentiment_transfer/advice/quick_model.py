"""A model pretrained quickly, to compare corpora by: fewer epochs than usual, nothing else."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.inputs import LittleTextWarning
from sentiment_transfer.model.own_vectors import quick_skipgram

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["quick_model"]


def quick_model(texts: Sequence[str], language: str, seed: int) -> SentimentClassifier:
    """Pretrain on texts, with the seed words of the language; there is no label."""
    skipgram = quick_skipgram(texts, language, seed)
    model = SentimentClassifier(language, skipgram=skipgram, seed=seed)
    with warnings.catch_warnings():  # how much text there is, is what is looked at
        warnings.simplefilter("ignore", LittleTextWarning)
        return model.pretrain(texts, callback=None)
