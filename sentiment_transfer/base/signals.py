"""Ends that come from outside: Ctrl-C, a stop by the system, a terminal that is closed."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["describe_end", "ignore_signals", "leave_at_signals", "unwind_at_signals"]

ENDS = {"SIGINT": "interrupted", "SIGTERM": "terminated", "SIGHUP": "hung up"}  # HUP: not Windows
_SAID = {getattr(signal, name): said for name, said in ENDS.items() if hasattr(signal, name)}


class Ended(KeyboardInterrupt):
    """A signal came; its argument is the signal's number.

    If a plain ``KeyboardInterrupt`` passes through an ``exec``, as of a dataclass that is imported
    late, Python ends with a signal, whatever the exit code should be.
    """


def leave_at_signals() -> None:
    """Let signals end this process with one line, at once: for the time before any work.

    Signals that are ignored or handled already stay so.
    """
    for number in _SAID:
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
            signal.signal(number, _leave)


def unwind_at_signals() -> None:
    """Let the signals of `leave_at_signals` raise a ``KeyboardInterrupt``: files are removed.

    A second signal of a kind other than Ctrl-C ends the process at once.
    """
    for number in _SAID:
        if signal.getsignal(number) is _leave:
            signal.signal(number, _unwind)
            sys.unraisablehook = _repeat_or_show


def ignore_signals() -> None:
    """Ignore the signals of `unwind_at_signals`: the work is done, and Python is about to end.

    While it ends, Python would let them kill the process, with exit code -15 for finished work.
    """
    for number in _SAID:
        if signal.getsignal(number) is _unwind:
            signal.signal(number, signal.SIG_IGN)


def describe_end(error: KeyboardInterrupt) -> tuple[str, int]:
    """Return what to say of an end from outside, and the exit code, which is that of shells."""
    number = signal.Signals(error.args[0]) if isinstance(error, Ended) else signal.SIGINT
    return _SAID[number], 128 + number


def _unwind(number: int, _frame: FrameType | None) -> NoReturn:
    if number != signal.SIGINT:
        signal.signal(number, signal.SIG_DFL)
    sys.unraisablehook = _repeat  # destructors of partly built objects may fail
    raise Ended(number)


def _repeat(unraisable: sys.UnraisableHookArgs) -> None:
    """Send a signal again whose exception came in a destructor or callback, which swallow it."""
    if isinstance(unraisable.exc_value, Ended):
        from threading import Timer, main_thread

        (number,) = unraisable.exc_value.args
        signal.signal(number, _unwind)
        if os.name == "posix":  # the main thread may wait in the system
            Timer(0.05, signal.pthread_kill, [main_thread().ident, number]).start()
        else:
            Timer(0.05, signal.raise_signal, [number]).start()


def _repeat_or_show(unraisable: sys.UnraisableHookArgs) -> None:
    """Before a signal comes, show other exceptions as Python does."""
    _repeat(unraisable)
    if not isinstance(unraisable.exc_value, Ended):
        sys.__unraisablehook__(unraisable)


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """Leave without an exception, which imports and destructors may swallow."""
    with suppress(OSError):
        os.write(2, f"{_SAID[signal.Signals(number)]}\n".encode())
    os._exit(128 + number)
