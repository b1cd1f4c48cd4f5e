"""Stage three: sentence vectors to labels."""

from sentiment_transfer.classification.hidden_layer import HiddenLayerClassifier, Training
from sentiment_transfer.classification.linear import LinearHead

__all__ = ["HiddenLayerClassifier", "LinearHead", "Training"]
