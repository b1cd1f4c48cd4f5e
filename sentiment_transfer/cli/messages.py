"""Messages and progress on standard error."""

from __future__ import annotations

import re
import sys
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sentiment_transfer.base.progress_bars import progress_bars, progress_line
from sentiment_transfer.errors import LONGEST_MESSAGE, shortened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentiment_transfer.base.progress import Callback, Progress

__all__ = ["plain_progress", "printable", "progress_shown", "say", "say_lines"]

# Control characters, line and paragraph separators, marks that change the direction of writing (all
# can make a terminal show or do something that is not in the text), and lone surrogates.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""Escape what could drive a terminal or break a line: an ESC becomes ``\x1b``."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def say(message: str) -> None:
    """Print one line on standard error; work goes on if nobody can read it there."""
    with suppress(OSError):
        sys.stderr.write(f"{printable(shortened(message, LONGEST_MESSAGE))}\n")


def say_lines(message: str) -> None:
    """Print a message of several lines, such as a verdict, on standard error."""
    for line in message.splitlines():
        say(line)


@contextmanager
def progress_shown(quiet: bool) -> Iterator[Callback | None]:
    """Yield a callback that shows progress: bars on a terminal, otherwise occasional lines."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with progress_bars() as show:
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
            say(progress_line(progress))

    return show
