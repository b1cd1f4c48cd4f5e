"""The three stages as one estimator."""

from sentiment_transfer.model.classifier import (
    Encoded,
    SentimentClassifier,
    Unlabelled,
    load,
    model_path,
)

__all__ = ["Encoded", "SentimentClassifier", "Unlabelled", "load", "model_path"]
