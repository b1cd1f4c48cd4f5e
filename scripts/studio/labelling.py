"""Labelling in the studio, simulated: the labels of a review set answer, without HTTP and threads.

A run labels texts in the order in which the studio asks for them: first those that measure, then
those that teach, ten at a time by one model. At some numbers of labels it notes what the page shows
and what is true.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.accuracy.taught import untaught
from scripts.corpora import CHINESE, read_set
from sentiment_transfer.corpus import Labelled as Texts
from sentiment_transfer.studio.choosing import BATCH, Teacher, draw_to_measure, n_to_measure
from sentiment_transfer.studio.learning import FittedPool, fit_pool
from sentiment_transfer.studio.learning_curve import Labelled, LearningCurve
from sentiment_transfer.studio.pool import Pool
from sentiment_transfer.studio.view import estimate_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

__all__ = ["CHOOSING", "REPORTING", "Doubts", "Forecasts", "Shown", "as_records", "label"]

CHOOSING = ("mr", "uci_amazon", "amazon/dvd", "amazon/kitchen_housewares", "zh_waimai")
REPORTING = ("imdb", "uci_yelp", "uci_imdb", "amazon/books", "amazon/electronics", "zh_hotel")
MOST = 2_000
"""Texts of a project."""
MOST_LONG = 1_000
"""The same of long reviews, which take several times as long."""
SHOWN_AT = (10, 20, 40, 64, 100, 200)
DOUBTED_AT = (8, 20, 64, 100, 200)
FORECAST_AT = (50, 100)
TIMES = (2, 4)
TRIALS = 60
"""Of the learning curve: as many as it holds, which three answers take in the studio."""


@dataclass(frozen=True)
class Shown:
    """The estimate at a number of labels, and the accuracies that it may be held against.

    ``everywhere`` is the accuracy on all texts of the project, those with a label judged by models
    without it; ``others`` that on the texts without a label.
    """

    n: int
    estimate: float
    low: float
    high: float
    everywhere: float
    others: float


@dataclass(frozen=True)
class Forecasts:
    """The forecast with more labels, and the accuracy that was reached with them."""

    n: int
    times: int
    expected: float
    low: float
    high: float
    unchanged: float
    reached: float


@dataclass(frozen=True)
class Doubts:
    """Probabilities of labels by the others: of those that were asked for in one way."""

    n: int
    wrong: list[float]
    right: list[float]
    n_listed: int
    n_listed_wrong: int


@cache
def project(name: str) -> tuple[Pool, NDArray[np.str_]]:
    """Return texts of a set, encoded as the studio does, and their labels."""
    source = read_set(name)
    both = Texts([*source.pool.texts, *source.test.texts], source.pool.labels + source.test.labels)
    different = np.array([*{text: row for row, text in enumerate(both.texts)}.values()])
    most = MOST_LONG if name == "imdb" else MOST
    rows = np.random.default_rng(0).permutation(different)[:most]
    model = untaught("reviews-zh" if name in CHINESE else "reviews-en")
    pool = Pool.of(model, [both.texts[row] for row in rows])
    return pool, np.array([both.labels[row] for row in rows], np.str_)


def label(
    name: str, seed: int, most: int, wrong: float = 0.0
) -> Iterator[Shown | Forecasts | Doubts]:
    """Label up to ``most`` texts, a share ``wrong`` of them falsely; yield what is noted."""
    pool, truth = project(name)
    run = _Run(pool, truth, seed, wrong)
    noted = {*SHOWN_AT, *DOUBTED_AT, *FORECAST_AT} | {k * n for k in TIMES for n in FORECAST_AT}
    waiting: list[tuple[int, dict[str, Any]]] = []
    while run.n < most:
        run.label_until(min([n for n in noted if n > run.n] + [most]))
        if run.n in DOUBTED_AT:
            yield run.doubts()
        if wrong:
            continue
        shown = run.shown()
        if run.n in SHOWN_AT:
            yield shown
        for at, forecast in waiting:
            if at == run.n:
                yield Forecasts(**forecast, reached=shown.everywhere)
        if run.n in FORECAST_AT:
            waiting += run.forecasts(shown)


class _Run:
    def __init__(self, pool: Pool, truth: NDArray[np.str_], seed: int, wrong: float) -> None:
        self._pool, self._truth, self._seed = pool, truth, seed
        self._classes = np.unique(truth).tolist()
        rng = np.random.default_rng([seed, 1])
        self._flipped = rng.random(len(truth)) < wrong
        other = np.where(truth == self._classes[0], self._classes[1], self._classes[0])
        self._answers = np.where(self._flipped, other, truth)
        self._drawn = draw_to_measure(pool, (), seed)
        self._n_measured = n_to_measure(len(self._drawn), len(pool.different))
        self._teacher = Teacher(pool, seed)
        self._rows: list[int] = []
        self._fitted = self._learn()

    @property
    def n(self) -> int:
        return len(self._rows)

    def label_until(self, n: int) -> None:
        """Label texts, and fit a model to each ten of them that teach."""
        measured = self._drawn.rows[: min(n, self._n_measured)].tolist()
        if self.n < len(measured):
            self._rows = measured
            self._fitted = self._learn()
        while self.n < n:
            taken = [*self._rows, *self._drawn.rows.tolist()]
            chosen = self._teacher.next(self._fitted, taken, min(BATCH, n - self.n))
            self._rows += chosen
            self._fitted = self._learn()

    def _learn(self) -> FittedPool:
        rows = np.array(self._rows, np.intp)
        return fit_pool(self._pool, self._classes, rows, self._answers[rows].tolist())

    def _given(self) -> Labelled:
        """Return the labels as `Record.labelled` does."""
        n = min(self.n, self._n_measured)
        rest = np.zeros(self.n - n)
        rows = np.array(self._rows, np.intp)
        return Labelled(
            rows,
            self._answers[rows],
            np.concatenate([self._drawn.strata[:n], rest.astype(np.intp)]),
            np.concatenate([self._drawn.shares[:n], rest]),
        )

    def shown(self) -> Shown:
        fitted, found = self._fitted, estimate_of(self._fitted, self._given())
        right = fitted.classes[fitted.proba.argmax(axis=1)] == self._truth
        others = np.delete(right, self._rows).mean()
        right[self._rows] = fitted.right
        nothing = float("nan")
        interval = (found.accuracy, found.low, found.high) if found else (nothing,) * 3
        return Shown(self.n, *interval, float(right.mean()), float(others))

    def forecasts(self, shown: Shown) -> list[tuple[int, dict[str, Any]]]:
        """Return at how many labels each forecast is due, and the forecast."""
        curve, given = LearningCurve(self._pool, self._seed), self._given()
        for _ in range(TRIALS):
            curve.try_one(given)
        found = curve.forecast(given)
        return [
            (
                each.n_labels,
                {
                    "n": self.n,
                    "times": each.n_labels // self.n,
                    "expected": each.accuracy,
                    "low": each.low,
                    "high": each.high,
                    "unchanged": shown.estimate,
                },
            )
            for each in found.forecasts
        ]

    def doubts(self) -> Doubts:
        fitted = self._fitted
        flipped = self._flipped[self._rows]
        teaches = self.n > self._n_measured
        last = slice(self._n_measured, None) if teaches else slice(None)
        order = np.argsort(fitted.of_given, kind="stable")
        doubtful = order[(fitted.of_given < 0.5)[order] & ~fitted.right[order]][:5]
        return Doubts(
            self.n,
            fitted.of_given[last][flipped[last]].tolist(),
            fitted.of_given[last][~flipped[last]].tolist(),
            len(doubtful),
            int(flipped[doubtful].sum()),
        )


def as_records(name: str, seed: int, most: int, wrong: float) -> list[dict[str, Any]]:
    """Return what a run notes, for a file."""
    shared = {"set": name, "seed": seed, "flipped": wrong}
    found = label(name, seed, most, wrong)
    return [{"kind": type(each).__name__, **shared, **asdict(each)} for each in found]
