"""A picture of snapshots of pretraining: what was measured by the number of epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.base.extras import require_matplotlib
from sentiment_transfer.base.figures import COLOURS, save_figure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sentiment_transfer.advice.stopping.snapshots import Snapshot

__all__ = ["plot_snapshots"]

PANELS = {
    "loss": "held-out loss",
    "seed_words": "hidden seed words,\narea under the curve",
    "neighbours": "neighbours kept",
}


def plot_snapshots(snapshots: Sequence[Snapshot], chosen: int, path: str | Path) -> None:
    """Draw each measure by epochs, with a line at the chosen number, as PNG, SVG or PDF.

    A measure that is not known for any snapshot is left out.
    """
    require_matplotlib()
    from matplotlib.figure import Figure

    epochs = [one.epochs for one in snapshots]
    columns = {name: [getattr(one, name) for one in snapshots] for name in PANELS}
    known = {name: values for name, values in columns.items() if not np.isnan(values).all()}
    figure = Figure(figsize=(6.4, 0.5 + 1.5 * len(known)), layout="constrained")
    axes = figure.subplots(len(known), 1, sharex=True, squeeze=False)[:, 0]
    for axis, colour, (name, values) in zip(axes, COLOURS, known.items(), strict=False):
        axis.plot(epochs, values, "o-", color=colour, markersize=4)
        axis.axvline(chosen, color="black", linewidth=0.8, linestyle=":")
        axis.set_ylabel(PANELS[name], fontsize=8)
        axis.set_xscale("log", base=2)
        axis.set_xticks(epochs, [str(n) for n in epochs])
        axis.minorticks_off()
        axis.spines[["top", "right"]].set_visible(False)
    axes[-1].set_xlabel(f"epochs (dotted: {chosen} are chosen)")
    save_figure(figure, path)
