"""Pictures of advice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_transfer.base.extras import require_matplotlib
from sentiment_transfer.base.figures import COLOURS, save_figure
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.figure import Figure

    from sentiment_transfer.advice.labels.forecast import LabelForecast

__all__ = ["forecast_figure", "plot_forecast"]

SIZE = (6.0, 3.4)
"""Of a picture, in inches."""


def plot_forecast(forecast: LabelForecast, path: str | Path) -> None:
    """Draw a forecast of the accuracy by number of labels to a file.

    Raises ``InputError`` if nothing was measured.
    """
    save_figure(forecast_figure(forecast), path)


def forecast_figure(forecast: LabelForecast) -> Figure:
    """Return the picture of a forecast: measured points, the law beyond them, and its band."""
    if not forecast.points:
        raise InputError(f"{forecast.n_labels} labels are too few to draw a curve")
    require_matplotlib()
    from matplotlib.figure import Figure

    figure = Figure(SIZE, layout="constrained")
    axes = figure.subplots()
    sizes, accuracies = zip(*forecast.points, strict=True)
    axes.plot(sizes, [100 * a for a in accuracies], "o-", color=COLOURS[0], label="measured")
    if forecast.forecasts:
        at = [each.n_labels for each in forecast.forecasts]
        low = [100 * each.low for each in forecast.forecasts]
        high = [100 * each.high for each in forecast.forecasts]
        middle = [100 * each.accuracy for each in forecast.forecasts]
        axes.plot(at, middle, "s--", color=COLOURS[1], label="forecast")
        axes.fill_between(at, low, high, color=COLOURS[1], alpha=0.2, linewidth=0, label="80 %")
    axes.axvline(forecast.n_labels, color="0.6", linewidth=1)
    axes.set_xscale("log")
    axes.set_xlabel("labels")
    axes.set_ylabel("accuracy in %")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
