"""Advice on the difficulties of transfer learning: what was found, how sure, what to do next."""

from sentiment_transfer.advice.audit import LabelAudit, Suspect, audit_labels
from sentiment_transfer.advice.flips import Flip, PredictionChanges, compare_models
from sentiment_transfer.advice.forecast import LabelForecast, forecast_accuracy
from sentiment_transfer.advice.measuring import (
    AccuracyEstimate,
    MeasuringSet,
    estimate_accuracy,
    texts_to_measure,
)
from sentiment_transfer.advice.rollback import previous_path, replace_model, roll_back
from sentiment_transfer.advice.snapshots import Snapshot
from sentiment_transfer.advice.stopping import StoppedPretraining, pretrain_until
from sentiment_transfer.advice.suggestion import Suggestion, suggest_texts
from sentiment_transfer.advice.updating import ModelUpdate, update_model
from sentiment_transfer.advice.verdict import Verdict

__all__ = [
    "AccuracyEstimate",
    "Flip",
    "LabelAudit",
    "LabelForecast",
    "MeasuringSet",
    "ModelUpdate",
    "PredictionChanges",
    "Snapshot",
    "StoppedPretraining",
    "Suggestion",
    "Suspect",
    "Verdict",
    "audit_labels",
    "compare_models",
    "estimate_accuracy",
    "forecast_accuracy",
    "pretrain_until",
    "previous_path",
    "replace_model",
    "roll_back",
    "suggest_texts",
    "texts_to_measure",
    "update_model",
]
