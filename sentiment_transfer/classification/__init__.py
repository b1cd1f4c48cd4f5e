"""Stage three: sentence vectors to labels."""

from sentiment_transfer.classification.hidden_layer import Epoch, HiddenLayerClassifier, Training
from sentiment_transfer.classification.informed import InformedClassifier
from sentiment_transfer.classification.linear import LinearHead
from sentiment_transfer.classification.polarity_encoder import PolarityEncoder
from sentiment_transfer.classification.rate_range import RateRange, find_rate
from sentiment_transfer.classification.reading import Reading, read_history

__all__ = [
    "Epoch",
    "HiddenLayerClassifier",
    "InformedClassifier",
    "LinearHead",
    "PolarityEncoder",
    "RateRange",
    "Reading",
    "Training",
    "find_rate",
    "read_history",
]
