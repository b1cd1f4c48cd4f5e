"""Advice on the difficulties of transfer learning: what was found, how sure, what to do next."""

from sentiment_transfer.advice.audit import LabelAudit, Suspect, audit_labels
from sentiment_transfer.advice.flips import Flip, PredictionChanges, compare_models
from sentiment_transfer.advice.rollback import previous_path, replace_model, roll_back
from sentiment_transfer.advice.snapshots import Snapshot
from sentiment_transfer.advice.stopping import StoppedPretraining, pretrain_until
from sentiment_transfer.advice.updating import ModelUpdate, update_model
from sentiment_transfer.advice.verdict import Verdict

__all__ = [
    "Flip",
    "LabelAudit",
    "ModelUpdate",
    "PredictionChanges",
    "Snapshot",
    "StoppedPretraining",
    "Suspect",
    "Verdict",
    "audit_labels",
    "compare_models",
    "pretrain_until",
    "previous_path",
    "replace_model",
    "roll_back",
    "update_model",
]
