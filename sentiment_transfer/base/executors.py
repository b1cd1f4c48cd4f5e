"""Where pure functions run: in this thread, in threads, in processes, or on a cluster.

The interface is ``map(function, items, retries)``. A call depends on its item alone, so it may be
repeated: after an error, or when the process that ran it died. `cluster` adds Dask; another system
needs these few lines only.
"""

from __future__ import annotations

import os
import signal
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from sentiment_transfer.base.estimator import is_integer_from
from sentiment_transfer.errors import SettingError, WorkerLostError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

    Pool = ProcessPoolExecutor | ThreadPoolExecutor

__all__ = ["Executor", "Processes", "Serial", "Threads"]

Item = TypeVar("Item")
Result = TypeVar("Result")


class Executor(Protocol):
    """Runs calls of a function; a context manager that ends its workers."""

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], retries: int = 0
    ) -> Iterator[Result]:
        """Yield ``function(item)`` for every item, in the order of the items.

        All calls are started before the first result is awaited; no items give no results. The
        function must be pure, and importable by name where the workers are other processes. A
        call that fails is repeated up to ``retries`` times; then its error is raised, and calls
        that have not begun are cancelled.

        Raises
        ------
        WorkerLostError
            The process of a call died more than ``retries`` times.
        """
        ...

    def __enter__(self) -> Self:
        """Return itself."""
        ...

    def __exit__(self, *_: object) -> None:
        """End the workers."""
        ...


class Serial:
    """Runs one call after the other, in this thread."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], retries: int = 0
    ) -> Iterator[Result]:
        """Run the calls when their results are asked for; see `Executor.map`."""
        for item in items:
            yield _attempt(function, item, retries)


def _attempt(function: Callable[[Item], Result], item: Item, retries: int) -> Result:
    for _ in range(retries):
        try:
            return function(item)
        except Exception:  # noqa: S112  (the last attempt raises)
            continue
    return function(item)


class _PoolExecutor:
    """Calls in a pool of the standard library, which is replaced when it breaks."""

    def __init__(self, workers: int) -> None:
        if not is_integer_from(workers, 1):
            raise SettingError(
                f"workers={shown(workers)} is not allowed; it must be an integer of at least 1"
            )
        self.workers = workers
        self._pool: Pool | None = None

    def _new_pool(self) -> Pool:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            if isinstance(error[1], BaseException) and not isinstance(error[1], Exception):
                self._end_calls()  # Ctrl-C, or the system asks to end
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    def _end_calls(self) -> None:
        """End calls that run, where that can be done."""

    def _submit(self, function: Callable[[Any], Any], item: object) -> Future[Any]:
        self._pool = self._pool or self._new_pool()
        try:
            return self._pool.submit(function, item)
        except BrokenExecutor:
            self._pool.shutdown()
            self._pool = self._new_pool()
            return self._pool.submit(function, item)

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], retries: int = 0
    ) -> Iterator[Result]:
        """Start all calls and return an iterator over their results; see `Executor.map`."""
        futures = [self._submit(function, item) for item in items]
        return self._results(function, items, futures, [retries] * len(items))

    def _results(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        futures: list[Future[Result]],
        left: list[int],
    ) -> Iterator[Result]:
        try:
            for number in range(len(items)):
                while (error := futures[number].exception()) is not None:
                    broken = isinstance(error, BrokenExecutor)
                    if left[number] == 0:
                        raise _lost(items[number]) if broken else error
                    for again in range(number, len(items)) if broken else [number]:
                        if not broken or _is_broken(futures[again]):
                            left[again] = max(0, left[again] - 1)
                            futures[again] = self._submit(function, items[again])
                yield futures[number].result()
        finally:
            for future in futures:
                future.cancel()


def _is_broken(future: Future[Any]) -> bool:
    return future.done() and isinstance(future.exception(), BrokenExecutor)


def _lost(item: object) -> WorkerLostError:
    return WorkerLostError(
        f"the process that worked on {shown(item)} died again and again: it was killed, or memory "
        "ran out; use fewer workers or a machine with more memory"
    )


class Threads(_PoolExecutor):
    """Runs calls in threads of this process.

    Parameters
    ----------
    workers
        Number of threads, at least 1.
    """

    def _new_pool(self) -> Pool:
        return ThreadPoolExecutor(self.workers)


class Processes(_PoolExecutor):
    """Runs calls in processes of this machine, which are replaced when they die.

    They are started afresh, not forked: a script that uses them needs the usual
    ``if __name__ == "__main__":``.

    Parameters
    ----------
    workers
        Number of processes, at least 1.
    """

    def _new_pool(self) -> Pool:
        context = get_context("spawn")
        return ProcessPoolExecutor(self.workers, mp_context=context, initializer=_follow_parent)

    def _end_calls(self) -> None:
        processes = getattr(self._pool, "_processes", None) or {}  # public from Python 3.14 on
        for process in list(processes.values()):
            process.terminate()


def _follow_parent() -> None:
    """End this process when that which started it is gone; leave Ctrl-C to that one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        Thread(target=_end_after, args=[parent.sentinel], daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
