"""The kind of warning that is no sign of a mistake."""

from __future__ import annotations

__all__ = ["Notice"]


class Notice(UserWarning):
    """What was decided where an argument was left out; no sign that something is wrong."""
