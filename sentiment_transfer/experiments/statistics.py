"""Figures with their spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pandas import DataFrame

__all__ = ["accuracy", "macro_f1", "paired_interval", "summarise"]


def accuracy(truth: NDArray[np.str_], predicted: NDArray[np.str_]) -> float:
    """Share of texts with the right label."""
    return float(np.mean(truth == predicted))


def macro_f1(truth: NDArray[np.str_], predicted: NDArray[np.str_]) -> float:
    """Mean over the true classes of ``2 TP / (2 TP + FP + FN)``."""
    scores = []
    for label in np.unique(truth):
        hit = np.sum((truth == label) & (predicted == label))
        scores.append(2 * hit / (np.sum(truth == label) + np.sum(predicted == label)))
    return float(np.mean(scores))


def paired_interval(
    first: NDArray[np.float64], second: NDArray[np.float64], confidence: float = 0.95
) -> tuple[float, float, float]:
    """Mean of ``first - second`` over the same draws, and the ends of its t interval.

    It speaks of other draws of labels from the same texts, tested on the same test texts; not of
    other test sets. One draw gives an interval without ends (NaN).
    """
    from scipy.stats import t

    difference = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    n = len(difference)
    mean = float(difference.mean())
    if n < 2:
        return mean, float("nan"), float("nan")
    half = float(t.ppf((1 + confidence) / 2, n - 1) * difference.std(ddof=1) / np.sqrt(n))
    return mean, mean - half, mean + half


def summarise(runs: DataFrame, reference: str) -> DataFrame:
    """One row an arm and budget: mean, spread, worst, and the difference to the reference arm.

    Parameters
    ----------
    runs
        Columns ``arm``, ``budget``, ``draw``, ``accuracy``, ``macro_f1``, ``seconds``.
    reference
        Name of the arm that ``gain`` is measured from, draw by draw.
    """
    import pandas as pd

    by_draw = runs.pivot_table(index=["budget", "draw"], columns="arm", values="accuracy")
    rows = []
    for (arm, budget), group in runs.groupby(["arm", "budget"], sort=False):
        at = by_draw.loc[budget]
        gain = paired_interval(at[arm].to_numpy(), at[reference].to_numpy())
        rows.append(
            {
                "arm": arm,
                "budget": budget,
                "draws": len(group),
                "mean": group["accuracy"].mean(),
                "std": group["accuracy"].std(ddof=1),
                "worst": group["accuracy"].min(),
                "macro_f1": group["macro_f1"].mean(),
                "gain": gain[0],
                "gain_low": gain[1],
                "gain_high": gain[2],
                "seconds": group["seconds"].mean(),
            }
        )
    return pd.DataFrame(rows)
