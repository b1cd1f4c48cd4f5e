"""Advice on the difficulties of transfer learning: what was found, how sure, what to do next."""

from sentiment_transfer.advice.audit import LabelAudit, Suspect, audit_labels

__all__ = ["LabelAudit", "Suspect", "audit_labels"]
