"""Decorators that compile functions with numba, for the modules named ``*_numba``.

Import those modules late: numba takes longer to import than a few hundred texts to label.
"""

from __future__ import annotations

import hashlib
import pickle
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

    A cache that is damaged or full is reported once and done without; damage is found by a sha256
    of the code. The cache detects changes in the file of ``function`` only, so its callees must be
    there too.
    """
    import numba as nb

    dispatcher = nb.njit(nogil=True, **options)(function)
    with suppress(RuntimeError, OSError):  # neither the package's nor the user's is writable
        dispatcher.enable_caching()
        _add_sha256(dispatcher._cache._impl)  # numba has no public way
        _forgive(dispatcher._cache)
    return dispatcher


def _add_sha256(stored: Any) -> None:  # noqa: ANN401  (of numba)
    """Store compiled code with its sha256: running code with a zeroed block ends the process."""
    from numba.core import serialize

    reduce, rebuild = stored.reduce, stored.rebuild
    dumps: Any = serialize.dumps

    def reduce_with_sha256(code: Any) -> tuple[bytes, bytes]:  # noqa: ANN401
        content = dumps(reduce(code))
        return hashlib.sha256(content).digest(), content

    def check_and_rebuild(context: Any, payload: tuple[Any, ...]) -> Any:  # noqa: ANN401
        if len(payload) != 2:  # written without a sha256, by numba alone: compile again
            return None
        if hashlib.sha256(payload[1]).digest() != payload[0]:
            raise ValueError("the sha256 of the code differs")
        return rebuild(context, pickle.loads(payload[1]))  # noqa: S301  (numba would do the same)

    stored.reduce, stored.rebuild = reduce_with_sha256, check_and_rebuild


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
