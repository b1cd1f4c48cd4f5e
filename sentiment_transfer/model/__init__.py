"""The three stages as one estimator."""

from sentiment_transfer.model.card import ModelCard
from sentiment_transfer.model.choice import MemberChoice, choose_member
from sentiment_transfer.model.classifier import SentimentClassifier, load
from sentiment_transfer.model.files import model_path
from sentiment_transfer.model.fitted import Answers, FittedStages

__all__ = [
    "Answers",
    "FittedStages",
    "MemberChoice",
    "ModelCard",
    "SentimentClassifier",
    "choose_member",
    "load",
    "model_path",
]
