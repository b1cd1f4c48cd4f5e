"""Measurements of scale."""
