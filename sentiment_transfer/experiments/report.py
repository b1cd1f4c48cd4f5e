"""Results as text and pictures: comparisons, and the course of training."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.atomic import atomic_write
from sentiment_transfer.base.extras import require_matplotlib
from sentiment_transfer.base.figures import COLOURS, save_figure
from sentiment_transfer.base.tables import format_table
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.experiments.statistics import wilson_interval

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    from matplotlib.figure import Figure

    from sentiment_transfer.classification.learning_rate import RateRange
    from sentiment_transfer.classification.settings import Epoch
    from sentiment_transfer.experiments.comparison import Comparison

__all__ = [
    "MARKERS",
    "comparison_json",
    "comparison_markdown",
    "comparison_table",
    "plot_comparison",
    "plot_history",
    "plot_rate_range",
    "save_comparison",
]

HEADER = ("arm", "mean %", "sd", "worst", "macro F1", "against the first [95 %]")
NAME_CELLS = 42
"""Width of an arm's title at which a table is at most 100 wide."""

MARKERS = "osD^vPX"
TRAINING, VALIDATION, CHOSEN = COLOURS[:3]


def comparison_table(comparison: Comparison) -> str:
    """Return aligned columns, at most 100 wide, with a block of rows for each budget."""
    blocks = _by_budget(comparison)
    cells = [(_shortened(name), *others) for _, rows in blocks for name, *others in rows]
    header, *lines = format_table(HEADER, cells).splitlines()
    table = [header]
    for title, rows in blocks:
        table += ["", title, *lines[: len(rows)]]
        lines = lines[len(rows) :]
    table += ["", *_explanation(comparison)]
    for name, reason in comparison.left_out.items():
        table += wrap(f"left out: {name} ({reason})", 100, subsequent_indent="  ")
    return "\n".join(table)


def _explanation(comparison: Comparison) -> list[str]:
    """Return what the columns mean, and how uncertain an accuracy on so few texts is."""
    n, rows = comparison.n_test, comparison.table
    mean = rows.loc[rows["arm"] == comparison.reference, "mean"].iloc[-1]
    low, high = wilson_interval(round(mean * n), n)
    spread = f"{100 * mean:.1f} % may be {100 * low:.0f} to {100 * high:.0f} %"
    return [
        "mean, sd and worst of the accuracy over random draws of labels, the same for every arm;",
        f"[95 %] for other draws, on these {n:,} test texts: on other texts {spread}",
    ]


def _shortened(name: str) -> str:
    from rich.cells import cell_len, set_cell_size

    if cell_len(name) <= NAME_CELLS:
        return name
    return set_cell_size(name, NAME_CELLS - 1).rstrip() + "…"


def comparison_markdown(comparison: Comparison) -> str:
    """Return a Markdown table below a comment with the settings."""
    left_out = {f"left out {name}:": reason for name, reason in comparison.left_out.items()}
    settings = {**comparison.settings, **left_out}
    facts = "; ".join(f"{name} {str(fact).strip('[]')}" for name, fact in settings.items())
    rule = ["---", "---"] + ["---:"] * (len(HEADER) - 1)
    table = [("labels", *HEADER), rule]
    for title, rows in _by_budget(comparison):
        table += [(title, *(cell.replace("|", "\\|") for cell in row)) for row in rows]
    return f"<!-- {facts} -->\n\n" + "\n".join(f"| {' | '.join(row)} |" for row in table) + "\n"


def comparison_json(comparison: Comparison) -> str:
    """Return ``settings``, ``left_out``, ``reference``, ``table`` and ``runs``; NaN is null."""
    content: dict[str, Any] = {
        "settings": dict(comparison.settings),
        "left_out": dict(comparison.left_out),
        "reference": comparison.reference,
    }
    for name, rows in (("table", comparison.table), ("runs", comparison.runs)):
        content[name] = json.loads(rows.to_json(orient="records", double_precision=15))
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def save_comparison(comparison: Comparison, path: str | Path) -> None:
    """Write ``.csv``, ``.md`` or ``.json``, atomically."""
    formats: dict[str, Callable[[Comparison], str]] = {
        ".csv": lambda this: this.table.to_csv(index=False, lineterminator="\n"),
        ".md": comparison_markdown,
        ".json": comparison_json,
    }
    suffix = Path(path).suffix.lower()
    if suffix not in formats:
        raise SettingError(f"path={str(path)!r} is not allowed; it must end in .csv, .md or .json")
    with atomic_write(path) as file:
        file.write(formats[suffix](comparison).encode())


def _by_budget(comparison: Comparison) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Group the rows of the table, as cells, under titles such as ``8 labels, 20 draws``."""
    groups = []
    for budget, rows in comparison.table.groupby("budget"):
        draws = int(rows["draws"].max())
        title = f"{budget:,} label" + ("" if budget == 1 else "s")
        cells = [_cells(row, comparison.reference) for row in rows.to_dict("records")]
        groups.append((title if draws == 1 else f"{title}, {draws} draws", cells))
    return groups


def _cells(row: Mapping[Any, Any], reference: str) -> tuple[str, ...]:
    """Format figures in per cent; the spread of a single draw is empty."""
    several = row["draws"] > 1
    gain = ""
    if row["arm"] != reference and row["gain"] == row["gain"]:
        gain = f"{100 * row['gain']:+.1f}"
        if several and row["gain_low"] < row["gain_high"]:  # equal draws have no interval
            gain += f" [{100 * row['gain_low']:+.1f}, {100 * row['gain_high']:+.1f}]"
    mean, sd, worst, f1 = (
        f"{100 * row[name]:.1f}" for name in ("mean", "std", "worst", "macro_f1")
    )
    return row["arm"], mean, sd if several else "", worst if several else "", f1, gain


def plot_comparison(comparison: Comparison, path: str | Path) -> None:
    """Draw the mean accuracy of each arm; see `plot_means`."""
    names = list(dict.fromkeys(comparison.runs["arm"]))
    draws = int(comparison.runs["draw"].max()) + 1
    plot_means(comparison.table, names, draws, comparison.n_test, path)


def plot_means(
    table: pd.DataFrame, names: Sequence[str], draws: int, n_test: int, path: str | Path
) -> None:
    """Draw mean accuracy against the number of labels, with one standard deviation up and down.

    ``table`` has ``budget``, ``arm``, ``mean`` and ``std``, accuracies from 0 to 1; ``names`` are
    the arms in order. Budgets are evenly spaced, so that 0 can be shown and none overlap. The
    picture is narrow, with the names below it, to be read on a phone.
    """
    budgets = sorted(table["budget"].unique())
    figure, (axes,) = _figure(4.4 + 0.22 * len(names))
    for i, name in enumerate(names):
        rows = table[table["arm"] == name]
        shift = 0.04 * (i - (len(names) - 1) / 2)  # so that bars do not overlap
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
    axes.set(xlim=(-0.5, len(budgets) - 0.5), xlabel="labelled texts", ylabel="accuracy, %")
    spread = "" if draws == 1 else f"; mean ± sd of {draws} draws of labels"
    axes.set_title(f"{n_test:,} test texts{spread}", fontsize=10)
    _save(figure, path)


def plot_history(history: Sequence[Epoch], path: str | Path) -> None:
    """Draw training and validation loss and error per epoch, to SVG, PNG or PDF.

    A line marks the epoch of the lowest validation loss, whose parameters were kept. Without
    validation there are only the training curves. An empty history raises ``InputError``.
    """
    if not history:
        raise InputError("the history is empty; fit the network first")
    figure, panels = _figure(6, 2)
    epochs = range(1, len(history) + 1)
    few = "o" if len(history) < 3 else ""  # a line needs two points
    validated = [epoch.validation_loss for epoch in history if epoch.validation_loss is not None]
    for axes, name, scale in zip(panels, ("loss", "error"), (1, 100), strict=True):
        training = [scale * getattr(epoch, name) for epoch in history]
        axes.plot(epochs, training, color=TRAINING, marker=few, label="training")
        if validated:
            held_out = [scale * getattr(epoch, f"validation_{name}") for epoch in history]
            axes.plot(epochs, held_out, "--", color=VALIDATION, marker=few, label="validation")
    panels[0].set(ylabel="loss, nats")
    panels[1].set(ylabel="wrong answers, %", xlabel="epochs")
    panels[1].xaxis.get_major_locator().set_params(integer=True)
    if validated:
        best = validated.index(min(validated)) + 1
        for axes in panels:
            label = f"lowest validation loss, epoch {best}"
            axes.axvline(best, color=CHOSEN, linestyle=":", label=label)
    _save(figure, path)


def plot_rate_range(found: RateRange, path: str | Path) -> None:
    """Draw the loss over the learning rates of a range test, the suggested one marked."""
    figure, (axes,) = _figure(4)
    axes.semilogx(found.rates, found.losses, color=TRAINING, label="loss of mini-batches, smoothed")
    if found.suggested is not None:
        suggested = f"suggested rate, {found.suggested:.2g}"
        axes.axvline(found.suggested, color=CHOSEN, linestyle=":", label=suggested)
    axes.set(xlabel="learning rate", ylabel="loss, nats")
    _save(figure, path)


def _figure(height: float, panels: int = 1) -> tuple[Figure, Any]:
    require_matplotlib()
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, height), layout="constrained")
    every = figure.subplots(panels, sharex=True, squeeze=False)[:, 0]
    for axes in every:
        axes.grid(axis="y", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    return figure, every


def _save(figure: Figure, path: str | Path) -> None:
    """Write a figure with one legend below it."""
    names = figure.axes[0].get_legend_handles_labels()
    figure.legend(*names, loc="outside lower center", frameon=False, fontsize=10, ncols=1)
    save_figure(figure, path)
