"""Values in messages."""

from __future__ import annotations

import reprlib
from typing import Any

__all__ = ["shown"]

LONGEST = 80


def shown(value: Any) -> str:  # noqa: ANN401  (whatever the caller passed)
    """Return the ``repr`` of a value, cut to a line; of NumPy's scalars Python's."""
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        value = value.item()
    short = reprlib.Repr()
    short.maxstring = short.maxother = short.maxlong = LONGEST
    try:
        return short.repr(value)
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return "an integer of thousands of digits"
