"""Measuring models, and what pretraining is worth."""

from sentiment_transfer.experiments.comparison import Comparison, compare
from sentiment_transfer.experiments.evaluation import Evaluation, evaluate

__all__ = ["Comparison", "Evaluation", "compare", "evaluate"]
