"""Accuracy by number of labels, kept up to date while labels come.

A point is a model that is fitted to some of the labels and judged by others, those of the measuring
set. A few are computed after each label, in place of the oldest, rather than the whole curve.
"""

from __future__ import annotations

import warnings
from collections import deque
from copy import copy
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.advice.labels.forecast import (
    LARGEST,
    MIN_LABELS,
    MIN_POINTS,
    N_SIZES,
    SMALLEST,
    LabelForecast,
    Point,
    forecasts,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.studio.pool import Pool

__all__ = ["Labelled", "LearningCurve"]

MOST_TRIALS = 60
"""Trials that make the curve, the latest ones."""
TIMES = (2, 4)
THRESHOLD = 0.01
"""Least gain of twice the labels for which they are worth it."""


class Labelled(NamedTuple):
    """Texts with a label, and which of them may judge a model.

    Attributes
    ----------
    rows, labels
        Rows of the pool, and labels, ``(m,)``.
    strata, share
        Stratum of each text of the measuring set, and the share of all texts that is in it; the
        share of a text that may not judge is 0, ``(m,)``.
    """

    rows: NDArray[np.intp]
    labels: NDArray[np.str_]
    strata: NDArray[np.intp]
    share: NDArray[np.float64]

    @property
    def judges(self) -> NDArray[np.intp]:
        """Places of the texts that may judge."""
        return np.flatnonzero(self.share > 0)

    @property
    def stands_for(self) -> NDArray[np.float64]:
        """Share of all texts that each judge stands for; they sum to 1 if no stratum is empty."""
        strata, share = self.strata[self.judges], self.share[self.judges]
        return share / np.bincount(strata)[strata] if len(strata) else share


class _Trial(NamedTuple):
    size: int
    judged: NDArray[np.intp]  # rows of the pool
    predicted: NDArray[np.str_]


class LearningCurve:
    """The latest trials, of parts of six sizes in turn."""

    def __init__(self, pool: Pool, seed: int) -> None:
        self._pool = pool
        self._seed = seed
        self._rng = np.random.default_rng(seed)
        self._trials: deque[_Trial] = deque(maxlen=MOST_TRIALS)
        self._turn = 0

    def __len__(self) -> int:
        return len(self._trials)

    @property
    def is_full(self) -> bool:
        """Whether a new trial takes the place of an older one."""
        return len(self._trials) == MOST_TRIALS

    def try_one(self, given: Labelled) -> None:
        """Fit a model to a part of the labels, and judge it by others that measure."""
        n = len(given.rows)
        if n < MIN_LABELS or not len(given.judges):
            return
        size = self._size(n)
        order = self._rng.permutation(n)
        part, rest = order[:size], order[size:]
        held = rest[given.share[rest] > 0]
        if not len(held) or len(np.unique(given.labels[part])) < 2:
            return
        encoded, rows = self._pool.encoded, given.rows
        with warnings.catch_warnings():  # of contradicted seed words, in some part
            warnings.simplefilter("ignore")
            model = copy(self._pool.model).fit_encoded(encoded[rows[part]], given.labels[part])
        predicted = model.predict_encoded(encoded[rows[held]]).astype(np.str_)
        self._trials.append(_Trial(size, rows[held], predicted))

    def _size(self, n: int) -> int:
        sizes = np.geomspace(max(SMALLEST, n / 12), LARGEST * n, N_SIZES).round()
        self._turn += 1
        return int(sizes[-self._turn % N_SIZES])

    def forecast(self, given: Labelled) -> LabelForecast:
        """Return the points and what is expected from more labels."""
        n = len(given.rows)
        judges = given.judges
        column = {row: i for i, row in enumerate(given.rows[judges].tolist())}
        right = np.full((len(self._trials), len(judges)), np.nan)
        truth = given.labels[judges]
        for i, trial in enumerate(self._trials):
            kept = [
                (k, column[row]) for k, row in enumerate(trial.judged.tolist()) if row in column
            ]
            if kept:
                places, columns = np.array(kept).T
                right[i, columns] = trial.predicted[places] == truth[columns]
        sizes = np.array([trial.size for trial in self._trials], np.intp)
        share = given.stands_for
        points = _points(sizes, right, share)
        if n < MIN_LABELS or len(points) < MIN_POINTS:
            return LabelForecast(n, points, (), THRESHOLD)
        rng = np.random.default_rng(self._seed)  # the same for the same trials
        expected = forecasts(sizes, right[None], n, TIMES, rng, share)
        return LabelForecast(n, points, expected, THRESHOLD)


def _points(
    sizes: NDArray[np.intp], right: NDArray[np.float64], share: NDArray[np.float64]
) -> tuple[Point, ...]:
    """Return the mean accuracy of up to six groups of trials of similar size."""
    points = []
    order = np.argsort(sizes, kind="stable")
    for group in np.array_split(order, min(N_SIZES, len(order))) if len(order) else []:
        judged = ~np.isnan(right[group])
        weight = judged * share
        if weight.sum():
            accuracy = float((np.where(judged, right[group], 0) * weight).sum() / weight.sum())
            points.append(Point(round(float(sizes[group].mean())), accuracy))
    return tuple(points)
