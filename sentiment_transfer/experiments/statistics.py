"""Figures with their spread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray
    from pandas import DataFrame

__all__ = ["accuracy", "macro_f1", "paired_interval", "summarise"]


def accuracy(truth: NDArray[np.str_], predicted: NDArray[np.str_]) -> float:
    """Share of texts with the right label."""
    return float(np.mean(truth == predicted))


def macro_f1(truth: NDArray[np.str_], predicted: NDArray[np.str_]) -> float:
    """Mean over the true classes of ``2 TP / (2 TP + FP + FN)``.

    A class that is predicted but stands nowhere in ``truth`` has no score of its own.
    """
    scores = []
    for label in np.unique(truth):
        hits = np.sum((truth == label) & (predicted == label))
        scores.append(2 * hits / (np.sum(truth == label) + np.sum(predicted == label)))
    return float(np.mean(scores))


def paired_interval(
    first: ArrayLike, second: ArrayLike, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Mean of ``first - second`` over the same draws, and the ends of its t interval.

    It speaks of other draws of labels from the same texts, tested on the same test texts; not of
    other test texts. Accuracies differ by 1 at most, and so the ends lie within -1 and 1. One draw
    gives an interval without ends, and a pair that is missing on one side gives no figure at all
    (NaN).
    """
    from scipy.stats import t

    difference = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    n = len(difference)
    mean = float(difference.mean())
    if n < 2:
        return mean, float("nan"), float("nan")
    half = float(t.ppf((1 + confidence) / 2, n - 1) * difference.std(ddof=1) / np.sqrt(n))
    return mean, *np.clip([mean - half, mean + half], -1, 1).tolist()


def summarise(runs: DataFrame, reference: str) -> DataFrame:
    """One row for each budget and arm: mean, spread, worst draw, and the gain over the reference.

    Parameters
    ----------
    runs
        Columns ``arm``, ``budget``, ``draw``, ``accuracy``, ``macro_f1``, ``seconds``.
    reference
        Name of the arm that ``gain`` is measured from, draw by draw.

    Returns
    -------
    DataFrame
        Columns ``budget``, ``arm``, ``draws``, ``mean``, ``std``, ``worst`` (of the accuracy),
        ``macro_f1``, ``gain``, ``gain_low``, ``gain_high`` (see `paired_interval`), ``seconds``;
        budgets rising, arms in the order of ``runs``. ``std`` is NaN for one draw, ``gain`` where
        the reference was not measured.
    """
    import pandas as pd

    accuracies = runs.set_index(["budget", "arm", "draw"])["accuracy"].to_dict()
    arms = list(dict.fromkeys(runs["arm"]))
    order = runs.assign(arm=pd.Categorical(runs["arm"], arms))
    rows = []
    for (budget, arm), group in order.groupby(["budget", "arm"], observed=True):
        draws = group["draw"].tolist()
        base = [accuracies.get((budget, reference, draw), float("nan")) for draw in draws]
        gain, low, high = paired_interval(group["accuracy"], base)
        rows.append(
            {
                "budget": budget,
                "arm": arm,
                "draws": len(group),
                "mean": group["accuracy"].mean(),
                "std": group["accuracy"].std(ddof=1),
                "worst": group["accuracy"].min(),
                "macro_f1": group["macro_f1"].mean(),
                "gain": gain,
                "gain_low": low,
                "gain_high": high,
                "seconds": group["seconds"].mean(),
            }
        )
    return pd.DataFrame(rows)
