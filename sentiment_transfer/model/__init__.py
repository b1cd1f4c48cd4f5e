"""The three stages as one estimator."""

from sentiment_transfer.model.classifier import SentimentClassifier
from sentiment_transfer.model.encoded import Encoded, Unlabelled
from sentiment_transfer.model.loading import load, model_path

__all__ = ["Encoded", "SentimentClassifier", "Unlabelled", "load", "model_path"]
