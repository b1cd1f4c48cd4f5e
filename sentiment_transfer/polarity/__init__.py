"""What is known of polarity before a label, and labels on top of it."""

from sentiment_transfer.polarity.classifier import PolarityClassifier
from sentiment_transfer.polarity.encoder import PolarityEncoder

__all__ = ["PolarityClassifier", "PolarityEncoder"]
