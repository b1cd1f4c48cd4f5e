"""Advice on the difficulties of transfer learning: what was found, how sure, what to do next."""

from sentiment_transfer.advice.audit import LabelAudit, Suspect, audit_labels
from sentiment_transfer.advice.verdict import Verdict

__all__ = ["LabelAudit", "Suspect", "Verdict", "audit_labels"]
