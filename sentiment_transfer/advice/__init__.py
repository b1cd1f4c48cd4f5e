"""Advice on the difficulties of transfer learning: what was found, how sure, what to do next."""

from sentiment_transfer.advice.audit import LabelAudit, Suspect, audit_labels
from sentiment_transfer.advice.diagnosis import Diagnosis, diagnose
from sentiment_transfer.advice.head_size import HeadSize, HeadSizing
from sentiment_transfer.advice.sizing import size_head
from sentiment_transfer.advice.verdict import Verdict

__all__ = [
    "Diagnosis",
    "HeadSize",
    "HeadSizing",
    "LabelAudit",
    "Suspect",
    "Verdict",
    "audit_labels",
    "diagnose",
    "size_head",
]
