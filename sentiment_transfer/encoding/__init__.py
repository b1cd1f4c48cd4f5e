"""Stage two: texts to sentence vectors."""

from sentiment_transfer.encoding.averaging import AveragingEncoder
from sentiment_transfer.encoding.encoder import EncodedTexts, Encoder, PretrainingTexts
from sentiment_transfer.encoding.lstm import LSTMEncoder
from sentiment_transfer.encoding.sequences import Sequences
from sentiment_transfer.encoding.trainable import TrainableEncoder, Tuning
from sentiment_transfer.encoding.tuned_averaging import TunedAveragingEncoder

__all__ = [
    "AveragingEncoder",
    "EncodedTexts",
    "Encoder",
    "LSTMEncoder",
    "PretrainingTexts",
    "Sequences",
    "TrainableEncoder",
    "TunedAveragingEncoder",
    "Tuning",
]
