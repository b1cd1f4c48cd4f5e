"""Decorators that compile functions with numba, for the modules named ``*_numba``.

Import those modules late: numba takes longer to import than a few hundred texts to label.
"""

from __future__ import annotations

import warnings
from contextlib import suppress
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

    A cache that is damaged or full is reported once and done without. The cache detects changes in
    the file of ``function`` only, so its callees must be there too.
    """
    import numba as nb

    dispatcher = nb.njit(nogil=True, **options)(function)
    with suppress(RuntimeError, OSError):  # neither the package's nor the user's is writable
        dispatcher.enable_caching()
        _forgive(dispatcher._cache)  # numba has no public way
    return dispatcher


def _forgive(cached: Any) -> None:  # noqa: ANN401  (of numba)
    """Turn errors of a function's cache, which numba lets through, into a miss and a warning."""
    load, save = cached.load_overload, cached.save_overload

    def load_or_miss(*arguments: Any) -> Any:  # noqa: ANN401
        try:
            return load(*arguments)
        except Exception as error:  # whatever damaged bytes raise
            _report(cached.cache_path, error)
            with suppress(Exception):
                cached.flush()  # so that the next run finds what is saved now
            return None

    def save_or_not(*arguments: Any) -> None:  # noqa: ANN401
        try:
            save(*arguments)
        except Exception as error:
            _report(cached.cache_path, error)

    cached.load_overload, cached.save_overload = load_or_miss, save_or_not


_reported: list[str] = []


def _report(folder: str, error: Exception) -> None:
    """Warn of the first error only: each of a dozen functions would have one."""
    if not _reported:
        _reported.append(folder)
        warnings.warn(
            f"numba's cache in {folder} cannot be used ({error!r}), so functions are compiled "
            "again, which takes seconds; free space there, delete the folder, or name another in "
            "the environment variable NUMBA_CACHE_DIR",
            stacklevel=2,
        )
