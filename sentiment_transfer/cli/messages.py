"""Messages and progress on standard error."""

from __future__ import annotations

import re
import sys
import time
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import TYPE_CHECKING

from sentiment_transfer.errors import LONGEST_MESSAGE, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentiment_transfer.base.progress import Callback, Progress

__all__ = ["plain_progress", "printable", "progress_shown", "say"]

# Control characters, line and paragraph separators, marks that change the direction of writing (all
# can make a terminal show or do something that is not in the text), and lone surrogates.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)

MANY = 10_000
"""Units of work from which progress is a percentage instead of a count."""

HIDDEN = ("alpha",)
NAMES = {"held_out_loss": "held out"}
"""Metrics that a line leaves out, and short names for others."""


def printable(text: str) -> str:
    r"""Escape what could drive a terminal or break a line: an ESC becomes ``\x1b``."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def say(message: str) -> None:
    """Print one line on standard error; work goes on if nobody can read it there."""
    with suppress(OSError):
        sys.stderr.write(f"{printable(shortened(message, LONGEST_MESSAGE))}\n")


@contextmanager
def progress_shown(quiet: bool) -> Iterator[Callback | None]:
    """Yield a callback that shows progress: bars on a terminal, otherwise occasional lines."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bars() as show:
            yield show
    else:
        yield plain_progress()


def plain_progress(seconds: float = 5, clock: Callable[[], float] = time.monotonic) -> Callback:
    """Return a callback that prints a line every few seconds, and nothing for shorter work.

    If there is a loss on held-out texts, the end of each epoch has a line too.
    """
    last = clock()
    epoch: tuple[str, float | None] | None = None

    def show(progress: Progress) -> None:
        nonlocal last, epoch
        now, held_out = clock(), progress.metrics.get("held_out_loss")
        this = None if held_out is None else (progress.stage, progress.metrics.get("epoch"))
        if now - last >= seconds or (this is not None and this != epoch):
            last, epoch = now, this or epoch
            say(_line(progress))

    return show


@contextmanager
def _bars() -> Iterator[Callback]:
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
                description=_line(progress),
            )

        yield show


def _line(progress: Progress) -> str:
    """Return a line such as ``pretrain 25 %, 0:00:09 left, epoch 2, loss 0.31, 5,000 words/s``.

    What matters least is last, where a narrow terminal cuts the line.
    """
    done, total, unit = progress.done, progress.total, progress.unit
    few = total < MANY
    parts = [
        f"{progress.stage} " + (f"{done:,} of {total:,} {unit}" if few else _percent(progress))
    ]
    if progress.eta is not None:
        parts.append(f"{timedelta(seconds=round(progress.eta))} left")
    shown = {n: value for n, value in progress.metrics.items() if n not in HIDDEN}
    parts += [f"{NAMES.get(name, name)} {value:.3g}" for name, value in shown.items()]
    if progress.rate >= 1:
        parts.append(f"{progress.rate:,.0f} {unit}/s")
    return ", ".join(parts)


def _percent(progress: Progress) -> str:
    return f"{100 * progress.done / progress.total:.0f} %"
