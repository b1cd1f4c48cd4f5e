"""Advice on the difficulties of transfer learning: what was found, how sure, what to do next."""

from sentiment_transfer.advice.audit import LabelAudit, Suspect, audit_labels
from sentiment_transfer.advice.closeness import Closeness
from sentiment_transfer.advice.corpora import CorpusReport, describe_corpus
from sentiment_transfer.advice.corpus_forecast import CorpusForecast, CorpusPart, forecast_corpus
from sentiment_transfer.advice.label_free import LabelFreeScore, label_free_score
from sentiment_transfer.advice.verdict import Verdict

__all__ = [
    "Closeness",
    "CorpusForecast",
    "CorpusPart",
    "CorpusReport",
    "LabelAudit",
    "LabelFreeScore",
    "Suspect",
    "Verdict",
    "audit_labels",
    "describe_corpus",
    "forecast_corpus",
    "label_free_score",
]
