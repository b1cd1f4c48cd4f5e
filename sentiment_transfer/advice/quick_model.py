"""A model pretrained quickly, to compare corpora by: fewer epochs than usual, nothing else."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.inputs import LittleTextWarning
from sentiment_transfer.pretraining import SkipGram
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["estimated_tokens", "quick_model"]

TRAINED_TOKENS = 10_000_000
"""Tokens to train on in all epochs together: some seconds. Usual are 200 million."""
LEAST_EPOCHS, MOST_EPOCHS = 3, 100
COUNTED_TEXTS = 500
"""Texts whose tokens are counted to estimate those of all."""


def quick_model(texts: Sequence[str], language: str, seed: int) -> SentimentClassifier:
    """Pretrain on texts, with the seed words of the language; there is no label.

    Epochs are as many as make 10 million tokens in total, from 3 to 100.
    """
    epochs = TRAINED_TOKENS / max(1.0, estimated_tokens(texts, language))
    skipgram = SkipGram(epochs=int(np.clip(epochs, LEAST_EPOCHS, MOST_EPOCHS)), seed=seed)
    model = SentimentClassifier(language, skipgram=skipgram, seed=seed)
    with warnings.catch_warnings():  # how much text there is, is what is looked at
        warnings.simplefilter("ignore", LittleTextWarning)
        return model.pretrain(texts, callback=None)


def estimated_tokens(texts: Sequence[str], language: str) -> float:
    """Return the number of tokens of texts, estimated from 500 of them."""
    tokenizer = Tokenizer(language)
    rows = np.linspace(0, max(0, len(texts) - 1), min(len(texts), COUNTED_TEXTS)).astype(int)
    counted = sum(len(tokenizer(texts[row])) for row in rows)
    return counted / max(1, len(rows)) * len(texts)
