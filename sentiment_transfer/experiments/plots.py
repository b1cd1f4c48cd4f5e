"""Comparisons as pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.figures import COLOURS, save_figure

if TYPE_CHECKING:
    from pathlib import Path

    from sentiment_transfer.experiments.comparison import Comparison

__all__ = ["MARKERS", "plot_comparison"]

MARKERS = "osD^vPX"


def plot_comparison(comparison: Comparison, path: str | Path) -> None:
    """Draw mean accuracy against the number of labels, with one standard deviation up and down.

    Budgets stand at even distances, so that 0 has its place and none covers another. Narrow, with
    the names under the picture, to be read on a phone.
    """
    from matplotlib.figure import Figure

    table = comparison.table
    budgets = sorted(table["budget"].unique())
    names = list(dict.fromkeys(comparison.runs["arm"]))
    figure = Figure(figsize=(5, 4.4 + 0.22 * len(names)), layout="constrained")
    axes = figure.add_subplot()
    for i, name in enumerate(names):
        rows = table[table["arm"] == name]
        shift = 0.04 * (i - (len(names) - 1) / 2)  # so that the bars stand side by side
        axes.errorbar(
            np.searchsorted(budgets, rows["budget"]) + shift,
            100 * rows["mean"],
            yerr=100 * rows["std"].fillna(0),
            label=name,
            color=COLOURS[i % len(COLOURS)],
            marker=MARKERS[(i + i // len(COLOURS)) % len(MARKERS)],
            markersize=6,
            linestyle="-" if i < len(COLOURS) else "--",
            elinewidth=1.2,
        )
    axes.set_xticks(range(len(budgets)), [f"{budget:,}" for budget in budgets])
    axes.set_xlim(-0.5, len(budgets) - 0.5)
    axes.set_xlabel("labelled texts")
    axes.set_ylabel("accuracy, %")
    axes.set_title(_title(comparison), fontsize=10)
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.legend(loc="outside lower center", frameon=False, fontsize=10, ncols=1)
    save_figure(figure, path)


def _title(comparison: Comparison) -> str:
    draws = int(comparison.runs["draw"].max()) + 1
    tested = f"{comparison.n_test:,} test texts"
    return tested if draws == 1 else f"{tested}; mean ± sd of {draws} draws of labels"
