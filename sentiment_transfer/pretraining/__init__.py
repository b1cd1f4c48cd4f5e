"""Stage one: word vectors from unlabelled texts."""

from sentiment_transfer.pretraining.skipgram import SkipGram
from sentiment_transfer.pretraining.vectors import WordVectors

__all__ = ["SkipGram", "WordVectors"]
