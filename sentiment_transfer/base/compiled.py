"""Decorators that compile functions with numba, for the modules named ``*_numba``.

Import those modules late: numba takes longer to import than a few hundred texts to label.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compiled", "inlined"]


def inlined(function: Callable[..., Any]) -> Any:  # noqa: ANN401
    """Compile a function whose body is inlined into compiled callers."""
    import numba as nb

    return nb.njit(inline="always")(function)


def compiled(function: Callable[..., Any], **options: Any) -> Any:  # noqa: ANN401
    """Compile on the first call and cache the result on disk, if a folder is writable.

    The cache detects changes in the file of ``function`` only, so its callees must be there too.
    """
    import numba as nb

    try:
        return nb.njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:  # numba found neither the package's nor the user's cache folder writable
        return nb.njit(nogil=True, **options)(function)
