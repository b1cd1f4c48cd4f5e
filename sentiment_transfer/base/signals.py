"""Ends that come from outside: Ctrl-C, a stop by the system, a terminal that is closed."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["describe_end", "end_like_ctrl_c"]

ENDS = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "hung up"}  # HUP: not Windows
_NAMES = {getattr(signal, name): said for name, said in ENDS.items() if hasattr(signal, name)}


def end_like_ctrl_c() -> None:
    """Let the signals that end a process raise ``KeyboardInterrupt``, so that files are removed.

    Those that are ignored or handled already stay so. A second signal ends the process at once.
    """
    for number in _NAMES:
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _raise)


def _raise(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_DFL)
    raise KeyboardInterrupt(number)


def describe_end(error: KeyboardInterrupt) -> tuple[str, int]:
    """Return what to say of an end from outside, and the exit code, as shells have it."""
    number = error.args[0] if error.args and error.args[0] in _NAMES else signal.SIGINT
    return _NAMES[number], 128 + number
