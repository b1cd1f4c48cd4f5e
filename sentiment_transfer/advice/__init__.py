"""Advice on the difficulties of transfer learning: what was found, how sure, what to do next."""

from sentiment_transfer.advice.audit import LabelAudit, Suspect, audit_labels
from sentiment_transfer.advice.choice import VectorCandidate, VectorChoice, choose_vectors
from sentiment_transfer.advice.closeness import Closeness
from sentiment_transfer.advice.corpora import CorpusReport, describe_corpus
from sentiment_transfer.advice.corpus_forecast import CorpusForecast, CorpusPart, forecast_corpus
from sentiment_transfer.advice.diagnosis import Diagnosis, diagnose
from sentiment_transfer.advice.flips import Flip, PredictionChanges, compare_models
from sentiment_transfer.advice.forecast import LabelForecast, forecast_accuracy
from sentiment_transfer.advice.head_size import HeadSize, HeadSizing
from sentiment_transfer.advice.label_free import LabelFreeScore, label_free_score
from sentiment_transfer.advice.measuring import (
    AccuracyEstimate,
    MeasuringSet,
    estimate_accuracy,
    texts_to_measure,
)
from sentiment_transfer.advice.rollback import previous_path, replace_model, roll_back
from sentiment_transfer.advice.sizing import size_head
from sentiment_transfer.advice.snapshots import Snapshot
from sentiment_transfer.advice.stopping import StoppedPretraining, pretrain_until
from sentiment_transfer.advice.suggestion import Suggestion, suggest_texts
from sentiment_transfer.advice.updating import ModelUpdate, update_model
from sentiment_transfer.advice.verdict import Verdict

__all__ = [
    "AccuracyEstimate",
    "Closeness",
    "CorpusForecast",
    "CorpusPart",
    "CorpusReport",
    "Diagnosis",
    "Flip",
    "HeadSize",
    "HeadSizing",
    "LabelAudit",
    "LabelForecast",
    "LabelFreeScore",
    "MeasuringSet",
    "ModelUpdate",
    "PredictionChanges",
    "Snapshot",
    "StoppedPretraining",
    "Suggestion",
    "Suspect",
    "VectorCandidate",
    "VectorChoice",
    "Verdict",
    "audit_labels",
    "choose_vectors",
    "compare_models",
    "describe_corpus",
    "diagnose",
    "estimate_accuracy",
    "forecast_accuracy",
    "forecast_corpus",
    "label_free_score",
    "pretrain_until",
    "previous_path",
    "replace_model",
    "roll_back",
    "size_head",
    "suggest_texts",
    "texts_to_measure",
    "update_model",
]
