"""Labels: how good a model is, whether more would help, which are wrong, which come next."""

from sentiment_transfer.advice.labels.audit import LabelAudit, Suspect, audit_labels
from sentiment_transfer.advice.labels.forecast import LabelForecast, forecast_accuracy
from sentiment_transfer.advice.labels.measuring import (
    AccuracyEstimate,
    MeasuringSet,
    estimate_accuracy,
    texts_to_measure,
)
from sentiment_transfer.advice.labels.suggestion import Suggestion, suggest_texts

__all__ = [
    "AccuracyEstimate",
    "LabelAudit",
    "LabelForecast",
    "MeasuringSet",
    "Suggestion",
    "Suspect",
    "audit_labels",
    "estimate_accuracy",
    "forecast_accuracy",
    "suggest_texts",
    "texts_to_measure",
]
