"""Measurements of pretraining in many shares."""
