"""Which part of a model fails."""

from sentiment_transfer.advice.diagnosis.diagnosis import Diagnosis, diagnose

__all__ = ["Diagnosis", "diagnose"]
