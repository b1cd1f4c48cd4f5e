"""Is a corpus big, clean and close enough, and would more text help."""

from sentiment_transfer.advice.corpora.closeness import Closeness
from sentiment_transfer.advice.corpora.description import CorpusReport, describe_corpus
from sentiment_transfer.advice.corpora.forecast import CorpusForecast, CorpusPart, forecast_corpus
from sentiment_transfer.advice.corpora.label_free import LabelFreeScore, label_free_score

__all__ = [
    "Closeness",
    "CorpusForecast",
    "CorpusPart",
    "CorpusReport",
    "LabelFreeScore",
    "describe_corpus",
    "forecast_corpus",
    "label_free_score",
]
