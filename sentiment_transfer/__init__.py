"""A sentiment classifier from a heap of unlabelled reviews and a handful of labels."""

from sentiment_transfer.classification import HiddenLayerClassifier
from sentiment_transfer.corpus import read_labelled, read_texts
from sentiment_transfer.encoding import AveragingEncoder, LSTMEncoder
from sentiment_transfer.errors import SentimentTransferError
from sentiment_transfer.experiments import compare
from sentiment_transfer.model import SentimentClassifier, load
from sentiment_transfer.pretraining import SkipGram, WordVectors

__all__ = [
    "AveragingEncoder",
    "HiddenLayerClassifier",
    "LSTMEncoder",
    "SentimentClassifier",
    "SentimentTransferError",
    "SkipGram",
    "WordVectors",
    "compare",
    "load",
    "read_labelled",
    "read_texts",
]
