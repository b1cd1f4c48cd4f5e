"""Stage three: sentence vectors to labels."""

from sentiment_transfer.classification.hidden_layer import Epoch, HiddenLayerClassifier, Training
from sentiment_transfer.classification.learning_curve import Diagnosis, diagnose
from sentiment_transfer.classification.learning_rate import RateRange, find_rate
from sentiment_transfer.classification.linear import LinearHead

__all__ = [
    "Diagnosis",
    "Epoch",
    "HiddenLayerClassifier",
    "LinearHead",
    "RateRange",
    "Training",
    "diagnose",
    "find_rate",
]
