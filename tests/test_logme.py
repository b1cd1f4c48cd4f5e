"""LogME is the log evidence of a Bayesian linear regression, at its maximum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from sentiment_transfer.advice.vectors.logme import log_maximum_evidence

LABELS = np.array(["a", "b"] * 20)


def features(seed: int, signal: float, d: int = 6) -> np.ndarray:
    X = np.random.default_rng(seed).normal(size=(40, d))
    X[:, 0] += signal * (LABELS == "a")
    return X


def evidence(X: np.ndarray, y: np.ndarray, alpha: float, beta: float) -> float:
    """The density of the targets without the weights: N(0, I / beta + X X' / alpha)."""
    covariance = np.eye(len(y)) / beta + X @ X.T / alpha
    return float(multivariate_normal(np.zeros(len(y)), covariance).logpdf(y)) / len(y)


@pytest.mark.parametrize("d", [3, 6, 60])  # fewer and more features than texts
def test_it_is_the_largest_evidence_over_both_precisions(d: int) -> None:
    X = features(0, 2.0, d)
    best = []
    for label in ("a", "b"):
        y = (label == LABELS).astype(float)
        found = minimize(
            lambda p, y=y: -evidence(X, y, *np.exp(p)), [0.0, 0.0], method="Nelder-Mead"
        )
        best.append(-found.fun)
    assert log_maximum_evidence(X, LABELS) == pytest.approx(np.mean(best), abs=2e-3)


def test_better_features_have_more_evidence() -> None:
    values = [log_maximum_evidence(features(1, signal), LABELS) for signal in (0.0, 1.0, 3.0)]
    assert values == sorted(values)


def test_more_classes_than_two_have_a_mean_and_one_class_none() -> None:
    three = np.array(["a", "b", "c", "b"] * 10)
    X = np.random.default_rng(0).normal(size=(40, 5))
    assert np.isfinite(log_maximum_evidence(X, three))
    assert np.isnan(log_maximum_evidence(X, np.array(["a"] * 40)))


def test_features_of_zeros_and_copies_are_no_error() -> None:
    assert np.isfinite(log_maximum_evidence(np.zeros((40, 5)), LABELS))
    assert np.isfinite(log_maximum_evidence(np.ones((8, 3)), np.array(["a", "b"] * 4)))
