"""Answers of a model to the texts of files, written beside the columns of the input."""

from sentiment_transfer.scoring.files import Scoring, score_files
from sentiment_transfer.scoring.shards import ScoringOptions

__all__ = ["Scoring", "ScoringOptions", "score_files"]
