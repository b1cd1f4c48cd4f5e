"""Stage three: sentence vectors to labels."""

from sentiment_transfer.classification.hidden_layer import Epoch, HiddenLayerClassifier, Training
from sentiment_transfer.classification.informed import InformedClassifier, PolarityEncoder
from sentiment_transfer.classification.linear import LinearHead

__all__ = [
    "Epoch",
    "HiddenLayerClassifier",
    "InformedClassifier",
    "LinearHead",
    "PolarityEncoder",
    "Training",
]
