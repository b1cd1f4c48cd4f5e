"""Measure the forecasts of `forecast_accuracy`, and when they stop labelling.

    python -m scripts.advice.forecast          half an hour; writes results/advice-forecast.md

Labels are drawn from a pool. The accuracy with 2 and 4 times as many, and these among them, is the
mean over three draws of the others, on all texts whose labels were not drawn.
"""

from __future__ import annotations

import argparse
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scripts.advice.sets import CHOOSING, REPORTING, Prepared, prepared
from scripts.reports import RESULTS, markdown_table
from sentiment_transfer.advice.labels.forecast import forecasts as forecasts_of
from sentiment_transfer.advice.labels.forecast import right_by_size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

N_LABELS = (50, 100, 200)
TIMES = (2, 4)
MOST = 0.8
"""Share of a pool that is labelled at most."""
MORE_DRAWS, CURVE_DRAWS, STOP_DRAWS = 3, 10, 5
STEPS = (250, 500)
"""Numbers of labels at which labelling may stop, and the last."""
THRESHOLD = 0.01
NOTE = """# Would more labels help?

Written by `scripts/advice/forecast.py`. From 50, 100 and 200 labels, {draws} draws each, the
accuracy with twice and four times as many is forecast. **Error**: mean absolute error in points,
most of which is that of the accuracy on so few labels; for comparison that of "no change", the
accuracy measured on labels left out with 80 % of the labels. **Band**: share of accuracies in the
band, which should be 80 %. **Gain**: mean forecast and true gain in points, and the mean absolute
error of the gain, beside that of no gain. The sets did not choose anything: the exponent 1/2
(free ones, 1/4 and 1 were tried, each with four weights of a penalty) and the ends of the band are
from other sets: {chosen_on}.

"""
STOPPING = f"""
## When to stop

Labels come at random, and labelling stops at {STEPS[0]} if the forecast gain of twice as many is
below {100 * THRESHOLD:.0f} point. **Saved**: share of {STEPS[-1]} labels, in %. **Lost**: points of
accuracy behind all {STEPS[-1]}. Means of {{draws}} draws; pools with fewer than {STEPS[-1]} texts
besides are left out. Stopping at the first flat forecast from 32 labels on, which was tried first,
saves 92 to 94 % and loses 1.1 to 2.8 points with seed words, 54 to 85 % and 2.3 to 7.4 without.

"""


@dataclass(frozen=True)
class Trial:
    """A forecast and what came true, in points of accuracy."""

    times: int
    error: float
    unchanged: float
    held: bool
    gain: float
    true_gain: float


def measure(found: Prepared, draws: int) -> Iterator[Trial]:
    """Yield trials of a set: each number of labels, draw and multiple."""
    for n in N_LABELS:
        times = [k for k in TIMES if k * n <= MOST * len(found.labels)]
        for draw in range(draws) if times else ():
            rng = np.random.default_rng([n, draw])
            rows = rng.permutation(len(found.labels))[:n]
            sizes, right = curve(found, rows, rng)
            now = _accuracy(found, rows)
            for k, each in zip(times, forecasts_of(sizes, right, n, times, rng), strict=True):
                truth = _with_more(found, rows, k * n, rng)
                unchanged = float(np.nanmean(right[:, -1]))
                yield Trial(
                    k,
                    100 * abs(each.accuracy - truth),
                    100 * abs(unchanged - truth),
                    each.low <= truth <= each.high,
                    100 * each.gain,
                    100 * (truth - now),
                )


def curve(
    found: Prepared, rows: NDArray[np.intp], rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Return `right_by_size` of these labels."""
    return right_by_size(found.model, found.pool[rows], found.labels[rows], CURVE_DRAWS, rng)


def _accuracy(found: Prepared, rows: NDArray[np.intp]) -> float:
    fitted = copy(found.model).fit_encoded(found.pool[rows], found.labels[rows])
    rest = np.setdiff1d(np.arange(len(found.labels)), rows)
    right = [
        fitted.predict_encoded(found.test) == found.truth,
        fitted.predict_encoded(found.pool[rest]) == found.labels[rest],
    ]
    return float(np.mean(np.concatenate(right)))


def _with_more(found: Prepared, rows: NDArray[np.intp], n: int, rng: np.random.Generator) -> float:
    others = np.setdiff1d(np.arange(len(found.labels)), rows)
    more = [rng.choice(others, n - len(rows), replace=False) for _ in range(MORE_DRAWS)]
    return float(np.mean([_accuracy(found, np.concatenate([rows, each])) for each in more]))


def stop(found: Prepared, draws: int) -> list[tuple[float, float]]:
    """Return what is saved and lost in each draw, in %; nothing for a small pool."""
    if len(found.labels) < STEPS[-1]:
        return []
    outcomes = []
    for draw in range(draws):
        rng = np.random.default_rng([1, draw])
        order = rng.permutation(len(found.labels))[: STEPS[-1]]
        n = _stops_at(found, order, rng)
        lost = _accuracy(found, order) - _accuracy(found, order[:n])
        outcomes.append((100 * (1 - n / STEPS[-1]), 100 * lost))
    return outcomes


def _stops_at(found: Prepared, order: NDArray[np.intp], rng: np.random.Generator) -> int:
    for n in STEPS[:-1]:
        sizes, right = curve(found, order[:n], rng)
        if forecasts_of(sizes, right, n, (2,), rng)[0].gain < THRESHOLD:
            return n
    return STEPS[-1]


def table(rows: dict[str, Sequence[Trial]]) -> list[str]:
    """Return lines of Markdown: a set each, and the means over sets."""
    columns: dict[str, Callable[[Sequence[Trial]], float]] = {
        "error": lambda of: float(np.mean([t.error for t in of])),
        "no change": lambda of: float(np.mean([t.unchanged for t in of])),
        "band": lambda of: 100 * float(np.mean([t.held for t in of])),
        "gain": lambda of: float(np.mean([t.gain for t in of])),
        "true": lambda of: float(np.mean([t.true_gain for t in of])),
        "off": lambda of: float(np.mean([abs(t.gain - t.true_gain) for t in of])),
        "no gain": lambda of: float(np.mean([abs(t.true_gain) for t in of])),
    }
    cells = {}
    for name, trials in rows.items():
        by_times = [[t for t in trials if t.times == k] for k in TIMES]
        cells[name] = [[get(of) if of else np.nan for get in columns.values()] for of in by_times]
    means = np.nanmean([*cells.values()], axis=0)
    lines = []
    for name, figures in (*cells.items(), ("mean", means)):
        for k, (error, unchanged, band, gain, true, off, none) in zip(TIMES, figures, strict=True):
            if not np.isnan(error):
                gains = f"{gain:+.1f}", f"{true:+.1f}", f"{off:.1f} ({none:.1f})"
                lines.append(
                    [name, f"{k}×", f"{error:.1f}", f"{unchanged:.1f}", f"{band:.0f}", *gains]
                )
    return markdown_table(["set", "", *list(columns)[:6]], lines, left=2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=12)
    parser.add_argument("--choosing", action="store_true", help="print those of the other sets")
    options = parser.parse_args()
    chosen_on = ", ".join(CHOOSING)
    parts = [NOTE.format(draws=options.draws, chosen_on=chosen_on)]
    stops = []
    for title, seeds in (("With seed words", True), ("Without seed words", False)):
        rows = {}
        for name in CHOOSING if options.choosing else REPORTING:
            found = prepared(name, seeds=seeds)
            rows[name] = list(measure(found, options.draws))
            outcomes = stop(found, STOP_DRAWS)
            if outcomes:
                saved, lost = np.mean(outcomes, axis=0)
                stops.append([name, title.lower(), f"{saved:.0f}", f"{lost:+.1f}"])
            print(*table({name: rows[name]})[2:], stops[-1:], flush=True)
        parts += [f"## {title}\n", *table(rows), ""]
    parts += [STOPPING.format(draws=STOP_DRAWS)]
    parts += [*markdown_table(["set", "", "saved", "lost"], stops, left=2), ""]
    if not options.choosing:
        (RESULTS / "advice-forecast.md").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
