"""Default stages: polarity features without labels, and a classifier that uses both."""

from sentiment_transfer.polarity.classifier import PolarityClassifier
from sentiment_transfer.polarity.encoder import PolarityEncoder

__all__ = ["PolarityClassifier", "PolarityEncoder"]
