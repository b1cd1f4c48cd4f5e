"""A picture of the label-free score against the size of a corpus, with the forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.advice.corpora.forecast import TIMES, growth_of
from sentiment_transfer.base.extras import require_matplotlib
from sentiment_transfer.base.figures import COLOURS, save_figure
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from sentiment_transfer.advice.corpora.forecast import CorpusForecast

__all__ = ["corpus_figure", "plot_forecast"]

SURE = 1.28
"""Standard errors on either side of a band of 80 %."""


def plot_forecast(forecast: CorpusForecast, path: str | Path) -> None:
    """Draw the score of each part, the curve through them to three times the texts, and its band.

    Writes SVG, PNG or PDF. Without a forecast there are only the parts; raises ``InputError`` if
    there is no part, and ``MissingExtraError`` without matplotlib.
    """
    save_figure(corpus_figure(forecast), path)


def corpus_figure(forecast: CorpusForecast) -> Figure:
    """Return the picture; see `plot_forecast`."""
    require_matplotlib()
    from matplotlib.figure import Figure

    parts = forecast.parts
    if not parts:
        raise InputError("there is no part of the corpus to draw; give more texts")
    figure = Figure((4.5, 3.6), layout="constrained")
    axes = figure.add_subplot()
    sizes = np.array([part.n_texts for part in parts])
    areas, spreads = (np.array([getattr(p, name) for p in parts]) for name in ("area", "spread"))
    axes.errorbar(sizes, areas, yerr=spreads, fmt="o", color=COLOURS[0], label="measured")
    if forecast.growth is not None:
        times = np.geomspace(sizes[0] / sizes[-1], TIMES, 60)
        grown = [growth_of(parts, forecast.draws, float(each)) for each in times]
        middle = np.array([one.area for one in grown])
        error = SURE * np.array([one.area_error for one in grown])
        axes.plot(times * sizes[-1], middle, color=COLOURS[1], label="curve")
        axes.fill_between(
            times * sizes[-1], middle - error, middle + error, color=COLOURS[1], alpha=0.2,
            linewidth=0, label="80 %",
        )  # fmt: skip
    axes.axhline(0.5, color="grey", linewidth=0.8, linestyle=":")
    axes.set(xscale="log", xlabel="texts", ylabel="hidden seed words: area under the curve")
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes], rotation=30)
    axes.minorticks_off()
    axes.set_title(forecast.verdict.found, fontsize=10)
    axes.legend(frameon=False, loc="lower right")
    return figure
