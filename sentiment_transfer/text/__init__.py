"""Texts to tokens, and tokens to ids."""

from sentiment_transfer.text.normalise import normalise
from sentiment_transfer.text.tokenizer import Tokenizer
from sentiment_transfer.text.vocabulary import TokenIds, Vocabulary

__all__ = ["TokenIds", "Tokenizer", "Vocabulary", "normalise"]
