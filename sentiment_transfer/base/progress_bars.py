"""Progress as a line of text, and as bars on a terminal or in a notebook."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentiment_transfer.base.progress import Callback, OptionalCallback, Progress

__all__ = ["progress_bars", "progress_line", "shown_progress"]

PATIENCE = 3.0
"""Seconds of work after which bars appear by themselves."""

MANY = 10_000
"""Units of work from which progress is a percentage instead of a count."""

HIDDEN = ("alpha",)
NAMES = {"held_out_loss": "held out"}
"""Metrics that a line leaves out, and short names for others."""


@contextmanager
def shown_progress(callback: OptionalCallback) -> Iterator[Callback | None]:
    """Yield a callback as it is, and for ``"auto"`` one that shows bars where someone may look.

    These are terminals and notebooks; the bars appear after three seconds of work.
    """
    if callback != "auto":
        yield callback
    elif not (sys.stderr is not None and sys.stderr.isatty()) and not _in_notebook():
        yield None
    else:
        with ExitStack() as stack:
            began, bars = time.monotonic(), None

            def show(progress: Progress) -> None:
                nonlocal bars
                if bars is None and time.monotonic() - began >= PATIENCE:
                    bars = stack.enter_context(progress_bars())
                if bars is not None:
                    bars(progress)

            yield show


def _in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    return "ipykernel" in sys.modules


@contextmanager
def progress_bars() -> Iterator[Callback]:
    """Yield a callback that shows a bar and a line for each stage, in the width of the terminal."""
    from rich import progress as rich
    from rich.console import Console
    from rich.table import Column

    bar = rich.BarColumn(10)
    rest = Column(ratio=1, no_wrap=True)  # takes what the bar leaves, and is cut to it
    line = rich.TextColumn("{task.description}", markup=False, table_column=rest)
    tasks: dict[str, rich.TaskID] = {}
    with rich.Progress(bar, line, console=Console(stderr=True), expand=True) as bars:

        def show(progress: Progress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = bars.add_task(progress.stage)
            bars.update(
                tasks[progress.stage],
                completed=progress.done,
                total=progress.total,
                description=progress_line(progress),
            )

        yield show


def progress_line(progress: Progress) -> str:
    """Return a line such as ``pretrain 25 %, 0:00:09 left, epoch 2, loss 0.31, 5,000 words/s``.

    What matters least is last, where a narrow terminal cuts the line.
    """
    parts = [f"{progress.stage} {_done(progress)}"]
    if progress.eta is not None:
        parts.append(f"{timedelta(seconds=round(progress.eta))} left")
    metrics = {name: value for name, value in progress.metrics.items() if name not in HIDDEN}
    parts += [f"{NAMES.get(name, name)} {value:.3g}" for name, value in metrics.items()]
    if progress.rate >= 1:
        parts.append(f"{progress.rate:,.0f} {progress.unit}/s")
    return ", ".join(parts)


def _done(progress: Progress) -> str:
    if progress.total >= MANY:
        return f"{100 * progress.done / progress.total:.0f} %"
    return f"{progress.done:,} of {progress.total:,} {progress.unit}"
