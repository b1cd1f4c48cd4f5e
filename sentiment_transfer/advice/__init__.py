"""Advice on the difficulties of transfer learning: what was found, how sure, what to do next."""

from sentiment_transfer.advice.audit import LabelAudit, Suspect, audit_labels
from sentiment_transfer.advice.choice import VectorCandidate, VectorChoice, choose_vectors
from sentiment_transfer.advice.forecast import LabelForecast, forecast_accuracy
from sentiment_transfer.advice.measuring import (
    AccuracyEstimate,
    MeasuringSet,
    estimate_accuracy,
    texts_to_measure,
)
from sentiment_transfer.advice.suggestion import Suggestion, suggest_texts
from sentiment_transfer.advice.verdict import Verdict

__all__ = [
    "AccuracyEstimate",
    "LabelAudit",
    "LabelForecast",
    "MeasuringSet",
    "Suggestion",
    "Suspect",
    "VectorCandidate",
    "VectorChoice",
    "Verdict",
    "audit_labels",
    "choose_vectors",
    "estimate_accuracy",
    "forecast_accuracy",
    "suggest_texts",
    "texts_to_measure",
]
