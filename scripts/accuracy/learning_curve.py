"""Draw the README's learning curve, light and dark, from the table of a comparison.

    python -m scripts.accuracy.learning_curve    reads results/compare-imdb.md, measures nothing

A line is the mean over draws of labels, its band one standard deviation to each side.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scripts.reports import RESULTS
from sentiment_transfer.base.figures import save_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["ARMS", "THEMES", "Point", "Theme", "draw", "read_table"]

TABLE = RESULTS / "compare-imdb.md"
CHANCE = 50.0

# as in the table: as in the picture, and how far its label is moved off the line's end, in points
ARMS = {
    "pretrained model": ("this package", 8),
    "pretrained, hidden layer": ("hidden layer,\npretrained", -6),
    "TF-IDF + logistic regression": ("TF-IDF", -18),
    "random vectors, hidden layer": ("hidden layer,\nrandom vectors", 0),
}


class Point(NamedTuple):
    """Accuracy in % with a number of labels; ``sd`` is 0 where there is one draw."""

    labels: int
    mean: float
    sd: float


class Theme(NamedTuple):
    """Colours on a page: text, lines of the grid, and the arms in order."""

    page: str
    text: str
    grid: str
    arms: tuple[str, ...]


THEMES = {
    "light": Theme("#ffffff", "#1f2328", "#d1d9e0", ("#0067A3", "#B84A00", "#007A59", "#9A4A7E")),
    "dark": Theme("#0d1117", "#e6edf3", "#3d444d", ("#56B4E9", "#F0883E", "#2FC79A", "#E39BC6")),
}
"""The hues are those of Okabe & Ito 2008, made darker or lighter until text in them is legible."""


def read_table(markdown: str) -> dict[str, list[Point]]:
    """Return the points of every arm of a table that ``compare --format md`` wrote."""
    curves: dict[str, list[Point]] = {}
    for line in markdown.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        found = re.match(r"(\d+) labels?\b", cells[0])
        if found:
            point = Point(int(found[1]), float(cells[2]), float(cells[3] or 0))
            curves.setdefault(cells[1], []).append(point)
    return curves


def draw(curves: dict[str, list[Point]], theme: Theme) -> Figure:
    """Draw the arms in `ARMS`; the figure has no background, so that the page shows through."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.4, 3.9), facecolor="none", layout="constrained")
    axes = figure.add_subplot(facecolor="none")
    axes.axhline(CHANCE, color=theme.text, linewidth=1, linestyle=(0, (2, 3)))
    axes.text(0, CHANCE - 0.8, "guessing", color=theme.text, fontsize=11, va="top")
    for (arm, (title, lift)), colour in zip(ARMS.items(), theme.arms, strict=True):
        labels, mean, sd = zip(*curves[arm], strict=True)
        low, high = ([m + side * s for m, s in zip(mean, sd, strict=True)] for side in (-1, 1))
        axes.fill_between(labels, low, high, color=colour, alpha=0.2, linewidth=0)
        axes.plot(labels, mean, color=colour, linewidth=2.2, marker="o", markersize=4.5)
        axes.annotate(
            *(title, (labels[-1], mean[-1])),
            xytext=(9, lift),
            textcoords="offset points",
            va="center",
            color=colour,
            fontsize=12,
            annotation_clip=False,
        )
    _dress(axes, [point.labels for point in curves[next(iter(ARMS))]], theme)
    return figure


def _dress(axes: Axes, ticks: list[int], theme: Theme) -> None:
    """A logarithmic axis that has a place for 0 labels, faint lines and no box."""
    axes.set_xscale("symlog", linthresh=ticks[1], linscale=0.45)
    axes.set_xticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_xlim(-0.8, 1.08 * ticks[-1])
    axes.set_ylim(45, 92)
    axes.set_yticks(range(50, 91, 10))
    axes.grid(axis="y", color=theme.grid, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    axes.tick_params(colors=theme.text, labelsize=12, length=0)
    axes.set_xlabel("labelled reviews", color=theme.text, fontsize=12)
    axes.set_title("% of test reviews right", color=theme.text, fontsize=12, loc="left")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the pictures")
    parser.add_argument("--suffix", choices=["svg", "png"], default="svg")
    options = parser.parse_args()
    curves = read_table(TABLE.read_text(encoding="utf-8"))
    for name, theme in THEMES.items():
        save_figure(draw(curves, theme), options.out / f"learning-curve-{name}.{options.suffix}")


if __name__ == "__main__":
    main()
