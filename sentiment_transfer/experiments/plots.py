"""Comparisons as pictures."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_transfer.atomic import atomic_write
from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sentiment_transfer.experiments.comparison import Comparison

__all__ = ["plot_comparison", "save_figure"]

_FORMATS = ("png", "svg", "pdf")


def save_figure(figure: Figure, path: str | Path) -> None:
    """Write a figure in the format its path ends in; the same figure gives the same bytes."""
    import matplotlib as mpl

    suffix = Path(path).suffix.lstrip(".").lower()
    if suffix not in _FORMATS:
        raise SettingError(f"a plot cannot be written to {path}; end it in .png, .svg or .pdf")
    buffer = io.BytesIO()
    date = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {}}[suffix]
    with mpl.rc_context({"svg.hashsalt": "sentiment_transfer", "svg.fonttype": "none"}):
        figure.savefig(buffer, format=suffix, dpi=150, metadata=date)
    with atomic_write(path) as file:
        file.write(buffer.getvalue())


def plot_comparison(comparison: Comparison, path: str | Path) -> None:
    """Draw mean accuracy against the number of labels, with the range of the draws."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.add_subplot()
    for name, rows in comparison.table.groupby("arm", sort=False):
        budgets = rows["budget"].to_numpy()
        line = axes.plot(budgets, 100 * rows["mean"], marker="o", markersize=4, label=str(name))[0]
        spread = 100 * rows["std"].fillna(0)
        mean = 100 * rows["mean"]
        axes.fill_between(budgets, mean - spread, mean + spread, color=line.get_color(), alpha=0.15)
    budgets = sorted(comparison.runs["budget"].unique())
    axes.set_xscale("symlog", linthresh=1)
    axes.set_xticks(budgets, [f"{budget:,}" for budget in budgets])
    axes.minorticks_off()
    axes.set_xlabel("labelled texts")
    axes.set_ylabel("accuracy on test texts, %")
    draws = comparison.runs["draw"].nunique()
    axes.set_title(f"mean ± one standard deviation of {draws} draws", fontsize=10)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False, fontsize=9)
    save_figure(figure, path)
