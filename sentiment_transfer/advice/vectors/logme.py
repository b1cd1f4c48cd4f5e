"""The logarithm of maximum evidence of labels given features (LogME)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["log_maximum_evidence"]

STEPS = 11
TOLERANCE = 1e-3
LEAST = 1e-5


def log_maximum_evidence(X: NDArray[np.floating[Any]], labels: NDArray[np.generic]) -> float:
    """Compute LogME: how well linear models of features explain labels, without overfitting.

    Each class against the others is a linear regression with Gaussian prior and noise, whose
    precisions maximise the evidence. Higher is better. The value has no absolute scale: it only
    compares features of the same texts (You et al. 2021, *LogME: Practical assessment of
    pre-trained models for transfer learning*, algorithm 1 and equation 2).

    Parameters
    ----------
    X
        Features, ``(n, d)``.
    labels
        Of two classes or more, ``(n,)``.

    Returns
    -------
    The mean over classes of the log evidence of a label. NaN for one class.
    """
    classes = np.unique(labels)
    if len(classes) < 2:
        return float("nan")
    u, s, _ = np.linalg.svd(np.asarray(X, np.float64), full_matrices=False)
    targets = (labels == classes[:, None]).astype(np.float64)
    return float(np.mean([_evidence(u, s**2, target, X.shape[1]) for target in targets]))


def _evidence(
    u: NDArray[np.float64], sigma: NDArray[np.float64], y: NDArray[np.float64], d: int
) -> float:
    """Maximise the log evidence of one target by fixed-point steps; see equation 2."""
    n, z = len(y), (u.T @ y) ** 2
    outside = float(y @ y - z.sum())
    alpha = beta = 1.0
    for _ in range(STEPS):
        ratio = alpha / beta
        gamma = float((sigma / (sigma + ratio)).sum())
        weights = float((sigma * z / (ratio + sigma) ** 2).sum())
        residual = float((z / (1 + sigma / ratio) ** 2).sum()) + outside
        alpha = max(gamma, LEAST) / (weights + LEAST)  # features may be zeros, and fits exact
        beta = (n - gamma) / (residual + LEAST)
        if abs(alpha / beta - ratio) <= TOLERANCE * ratio:
            break
    ratio = alpha / beta
    weights = float((sigma * z / (ratio + sigma) ** 2).sum())
    residual = float((z / (1 + sigma / ratio) ** 2).sum()) + outside
    evidence = d * np.log(alpha) + n * np.log(beta) - n * np.log(2 * np.pi)
    evidence -= np.log(alpha + beta * sigma).sum() + (d - len(sigma)) * np.log(alpha)
    evidence -= beta * residual + alpha * weights
    return float(evidence) / (2 * n)
