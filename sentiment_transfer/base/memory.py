"""Memory that was freed goes back to the system."""

from __future__ import annotations

import ctypes
import gc
import sys
from contextlib import suppress
from typing import Any

__all__ = ["release_memory"]


def release_memory() -> None:
    """Return freed memory to the system, where it can be asked for: glibc, and pyarrow if loaded.

    The C library and pyarrow keep freed blocks for later use. After a corpus has been read these
    are some 80 MB, which training has no use for.
    """
    gc.collect()
    arrow: Any = sys.modules.get("pyarrow")
    if arrow is not None:
        arrow.default_memory_pool().release_unused()
    with suppress(OSError, AttributeError, TypeError):  # another C library, or Windows
        ctypes.CDLL(None).malloc_trim(0)
