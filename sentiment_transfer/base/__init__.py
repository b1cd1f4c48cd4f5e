"""Shared foundations: the estimator contract, settings, atomic writes, progress, figures."""
