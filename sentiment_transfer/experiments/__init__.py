"""Measuring what pretraining is worth."""

from sentiment_transfer.experiments.comparison import Comparison, compare

__all__ = ["Comparison", "compare"]
