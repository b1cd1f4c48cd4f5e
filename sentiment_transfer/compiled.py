"""How functions are compiled here.

Import this module late: numba takes longer to import than a few hundred texts to label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numba as nb

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compiled", "inlined"]


def inlined(function: Callable[..., Any]) -> Any:  # noqa: ANN401
    """Write a function out where it is called, as if it stood there."""
    return nb.njit(inline="always")(function)


def compiled(function: Callable[..., Any], **options: Any) -> Any:  # noqa: ANN401
    """Compile on the first call and keep the result on disk, if there is a folder to write to.

    The cache notices changes in the file of ``function`` alone, so what it calls stands there too.
    """
    try:
        return nb.njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:  # numba found neither the package's nor the user's cache folder writable
        return nb.njit(nogil=True, **options)(function)
