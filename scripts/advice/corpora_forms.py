"""Forms of the label-free score that were tried, and how they rank runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import spearmanr

from sentiment_transfer.polarity.masked import areas_under_curve

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from scripts.advice.corpora_runs import Run


def area(run: Run) -> float:
    """Area under the curve of hidden seed words, the label-free score."""
    used = run.positive != run.negative
    positive = (run.positive > run.negative)[used]
    return float(areas_under_curve(positive, run.scores[used][None]).areas[0])


def _area_where(run: Run, used: NDArray[np.bool_]) -> float:
    positive = (run.positive > run.negative)[used]
    return float(areas_under_curve(positive, run.scores[used][None]).areas[0])


def area_of_clear(run: Run) -> float:
    """The same, of texts with at least two seed words more of one side."""
    return _area_where(run, np.abs(run.positive - run.negative) >= 2)


def area_of_pure(run: Run) -> float:
    """The same, of texts with seed words of one side alone."""
    return _area_where(run, (run.positive > 0) != (run.negative > 0))


def balanced_at_cut(run: Run) -> float:
    """Mean of the shares of texts of either side on the right side of the cut."""
    above, positive, negative = (
        run.scores > 0,
        run.positive > run.negative,
        run.positive < run.negative,
    )
    return float(above[positive].mean() + (~above)[negative].mean()) / 2


def correlation(run: Run) -> float:
    """Correlation of the score with the balance of the seed words, of texts that have some."""
    used = run.positive != run.negative
    balance = (run.positive - run.negative)[used] / (run.positive + run.negative)[used]
    return float(np.corrcoef(run.scores[used], balance)[0, 1])


FORMS: dict[str, Callable[[Run], float]] = {
    "area under the curve": area,
    "of clear texts": area_of_clear,
    "of pure texts": area_of_pure,
    "balanced accuracy at the cut": balanced_at_cut,
    "correlation with the balance": correlation,
}


def accuracy(run: Run) -> float:
    """In %, without a label."""
    return run.accuracy


def rank_correlation(
    runs: Iterable[Run], form: Callable[[Run], float], of: Callable[[Run], float] = accuracy
) -> float:
    """Spearman correlation of a form of the score with the accuracy."""
    pairs = [(form(run), of(run)) for run in runs]
    return float(spearmanr(*zip(*pairs, strict=True)).statistic)
