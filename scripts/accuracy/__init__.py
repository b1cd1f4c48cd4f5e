"""Accuracy with few labels or none, compared with what others use."""
