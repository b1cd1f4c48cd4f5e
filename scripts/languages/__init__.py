"""Measurements of languages and of what their files need."""
