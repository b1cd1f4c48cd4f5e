"""How a network learned, as pictures: loss and error per epoch, loss over learning rates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentiment_transfer.errors import InputError
from sentiment_transfer.figures import COLOURS, save_figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sentiment_transfer.classification.rate_range import RateRange
    from sentiment_transfer.classification.recipe import Epoch

__all__ = ["plot_history", "plot_rate_range"]

TRAINING, VALIDATION, CHOSEN = COLOURS[0], COLOURS[1], COLOURS[2]


def plot_history(history: Sequence[Epoch], path: str | Path) -> None:
    """Draw training and validation loss and error per epoch, to SVG, PNG or PDF.

    A line marks the epoch of the lowest validation loss, whose parameters were kept; without
    validation there is none, nor its curves. An empty history raises ``InputError``.
    """
    from matplotlib.figure import Figure

    if not history:
        raise InputError("the history is empty; fit the network first")
    figure = Figure(figsize=(5, 6), layout="constrained")
    panels = figure.subplots(2, sharex=True)
    losses = [epoch.loss for epoch in history]
    _draw_course(panels[0], losses, [epoch.validation_loss for epoch in history])
    panels[0].set_ylabel("loss, nats")
    errors = [100 * epoch.error for epoch in history]
    shares = [epoch.validation_error for epoch in history]
    _draw_course(panels[1], errors, [None if share is None else 100 * share for share in shares])
    panels[1].set_ylabel("wrong answers, %")
    panels[1].set_xlabel("epochs")
    panels[1].xaxis.get_major_locator().set_params(integer=True)
    validated = [epoch.validation_loss for epoch in history if epoch.validation_loss is not None]
    if validated:
        best = validated.index(min(validated)) + 1
        for axes in panels:
            label = f"lowest validation loss, epoch {best}"
            axes.axvline(best, color=CHOSEN, linestyle=":", label=label)
    names = panels[0].get_legend_handles_labels()
    figure.legend(*names, loc="outside lower center", frameon=False, fontsize=10, ncols=1)
    save_figure(figure, path)


def _draw_course(axes: Any, training: Sequence[float], validation: Sequence[float | None]) -> None:  # noqa: ANN401  (matplotlib's)
    epochs = range(1, len(training) + 1)
    few = "o" if len(training) < 3 else ""  # a line needs two points
    axes.plot(epochs, training, color=TRAINING, marker=few, label="training")
    if None not in validation:
        axes.plot(
            epochs, validation, color=VALIDATION, marker=few, linestyle="--", label="validation"
        )
    _tidy(axes)


def plot_rate_range(found: RateRange, path: str | Path) -> None:
    """Draw the loss over the learning rates of a range test, the suggested one marked."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.semilogx(found.rates, found.losses, color=TRAINING, label="loss of mini-batches, smoothed")
    if found.suggested is not None:
        suggested = f"suggested rate, {found.suggested:.2g}"
        axes.axvline(found.suggested, color=CHOSEN, linestyle=":", label=suggested)
    axes.set_xlabel("learning rate")
    axes.set_ylabel("loss, nats")
    _tidy(axes)
    figure.legend(loc="outside lower center", frameon=False, fontsize=10, ncols=1)
    save_figure(figure, path)


def _tidy(axes: Any) -> None:  # noqa: ANN401  (matplotlib's)
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
