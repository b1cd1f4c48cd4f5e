"""Accuracy, macro-F1, and their spread over draws."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from pandas import DataFrame

    from sentiment_transfer.experiments.draws import Labels

__all__ = ["accuracy", "macro_f1", "paired_interval", "summarise", "wilson_interval"]


def accuracy(truth: Labels, predicted: Labels) -> float:
    """Share of texts with the right label."""
    return float(np.mean(truth == predicted))


def macro_f1(truth: Labels, predicted: Labels) -> float:
    """Mean F1 score over the classes in ``truth``; one that is only predicted is not counted."""
    from sklearn.metrics import f1_score

    return float(f1_score(truth, predicted, labels=np.unique(truth), average="macro"))


def wilson_interval(right: int, n: int) -> list[float]:
    """Ends of Wilson's interval of 95 % for the accuracy of ``right`` of ``n`` answers."""
    from scipy.stats import binomtest

    interval = binomtest(right, n).proportion_ci(0.95, method="wilson")
    return [float(interval.low), float(interval.high)]


def paired_interval(
    first: ArrayLike, second: ArrayLike, confidence: float = 0.95
) -> tuple[float, float, float]:
    """Mean of ``first - second`` over the same draws, and the ends of its t interval.

    The interval is for other draws of labels from the same texts, tested on the same test texts,
    not for other test texts. Accuracies differ by 1 at most, so the ends are within -1 and 1. They
    are NaN for one draw, and all three are NaN if a value is missing on one side.
    """
    from scipy.stats import ttest_rel

    first, second = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    mean = float((first - second).mean())
    if len(first) < 2:
        return mean, float("nan"), float("nan")
    with warnings.catch_warnings():  # equal differences: no test, but an interval of no width
        warnings.simplefilter("ignore", RuntimeWarning)
        ends = ttest_rel(first, second).confidence_interval(confidence)
    low, high = np.clip(ends, -1, 1).tolist()
    return mean, low, high


def summarise(runs: DataFrame, reference: str) -> DataFrame:
    """One row for each budget and arm: mean, spread, worst draw, and the gain over the reference.

    Columns are ``budget``, ``arm``, ``draws``, ``mean``, ``std``, ``worst`` (of the accuracy),
    ``macro_f1``, ``gain``, ``gain_low``, ``gain_high`` (see `paired_interval`), ``seconds``;
    budgets rise, arms are in the order of ``runs`` (see `Comparison`). ``gain`` is measured from
    the arm named ``reference``, draw by draw; it is NaN where that was not measured, and ``std``
    for one draw.
    """
    import pandas as pd

    order = pd.Categorical(runs["arm"], runs["arm"].unique())
    base = runs[runs["arm"] == reference].set_index(["budget", "draw"])["accuracy"]
    paired = runs.assign(arm=order).join(base.rename("base"), on=["budget", "draw"])
    groups = paired.groupby(["budget", "arm"], observed=True)
    gains = [paired_interval(group["accuracy"], group["base"]) for _, group in groups]
    table = groups["accuracy"].agg(draws="size", mean="mean", std="std", worst="min")
    table["macro_f1"] = groups["macro_f1"].mean()
    table[["gain", "gain_low", "gain_high"]] = gains
    table["seconds"] = groups["seconds"].mean()
    return table.reset_index().astype({"arm": runs["arm"].dtype})
