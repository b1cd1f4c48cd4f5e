"""The kind of warning that is no sign of a mistake, and the place that a warning is shown at."""

from __future__ import annotations

import sys

__all__ = ["Notice", "level_of_caller"]

_PACKAGE = __name__.partition(".")[0]


class Notice(UserWarning):
    """What was decided where an argument was left out; no sign that something is wrong."""


def level_of_caller() -> int:
    """Return the ``stacklevel`` with which a warning names the line that called the package.

    It is for ``warnings.warn`` in the function that calls this one.
    """
    level, frame = 1, sys._getframe(1)
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == _PACKAGE:
        level, frame = level + 1, frame.f_back
    return level
