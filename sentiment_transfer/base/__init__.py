"""Shared foundations: the estimator contract, atomic writes, progress, figures."""
