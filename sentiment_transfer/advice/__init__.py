"""Advice on the difficulties of transfer learning: what was found, how sure, what to do next."""

from sentiment_transfer.advice.corpora import (
    Closeness,
    CorpusForecast,
    CorpusPart,
    CorpusReport,
    LabelFreeScore,
    describe_corpus,
    forecast_corpus,
    label_free_score,
)
from sentiment_transfer.advice.diagnosis import Diagnosis, diagnose
from sentiment_transfer.advice.drafting import Draft, Proposal, draft_language
from sentiment_transfer.advice.labels import (
    AccuracyEstimate,
    LabelAudit,
    LabelForecast,
    MeasuringSet,
    Suggestion,
    Suspect,
    audit_labels,
    estimate_accuracy,
    forecast_accuracy,
    suggest_texts,
    texts_to_measure,
)
from sentiment_transfer.advice.sizing import HeadSize, HeadSizing, size_head
from sentiment_transfer.advice.stopping import Snapshot, StoppedPretraining, pretrain_until
from sentiment_transfer.advice.updating import (
    Flip,
    ModelUpdate,
    PredictionChanges,
    compare_models,
    previous_path,
    replace_model,
    roll_back,
    update_model,
)
from sentiment_transfer.advice.vectors import VectorCandidate, VectorChoice, choose_vectors
from sentiment_transfer.advice.verdict import Verdict

__all__ = [
    "AccuracyEstimate",
    "Closeness",
    "CorpusForecast",
    "CorpusPart",
    "CorpusReport",
    "Diagnosis",
    "Draft",
    "Flip",
    "HeadSize",
    "HeadSizing",
    "LabelAudit",
    "LabelForecast",
    "LabelFreeScore",
    "MeasuringSet",
    "ModelUpdate",
    "PredictionChanges",
    "Proposal",
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
    "draft_language",
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
