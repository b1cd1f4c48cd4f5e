"""Where pure functions run: in this thread, in threads, in processes, or on a cluster.

The interface is ``map(function, items, retries)``. A call depends on its item alone, so it may be
repeated: after an error of the system, or when the process that ran it died. Errors of this package
are raised at once. `cluster` adds Dask; another system needs these few lines only.
"""

from __future__ import annotations

import os
import signal
from abc import ABC, abstractmethod
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from sentiment_transfer.base.estimator import is_integer_from
from sentiment_transfer.errors import SentimentTransferError, SettingError, WorkerLostError, shown

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
        SentimentTransferError
            That of a call, which is not repeated: it would be the same again.
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
        except SentimentTransferError:
            raise
        except Exception:  # noqa: S112  (the last attempt raises)
            continue
    return function(item)


class _PoolExecutor(ABC):
    """Calls in a pool of the standard library, which is replaced when it breaks."""

    def __init__(self, workers: int) -> None:
        if not is_integer_from(workers, 1):
            raise SettingError(
                f"workers={shown(workers)} is not allowed; it must be an integer of at least 1"
            )
        self.workers = workers
        self._pool: Pool | None = None

    @abstractmethod
    def _new_pool(self) -> Pool:
        """Return a pool of the workers."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            if isinstance(error[1], BaseException) and not isinstance(error[1], Exception):
                self._end_calls()  # Ctrl-C, or the system asks to end
            self._pool.shutdown(cancel_futures=True)
            self._pool = None

    @abstractmethod
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
        calls = [_Call(item) for item in items]
        self._start(function, calls)
        return self._results(function, calls, retries)

    def _start(self, function: Callable[[Any], Any], calls: Sequence[_Call]) -> None:
        for call in calls:
            if call.future is None:
                call.future = self._submit(function, call.item)
                call.pool = self._pool

    def _results(
        self, function: Callable[[Any], Result], calls: list[_Call], retries: int
    ) -> Iterator[Result]:
        try:
            for number, call in enumerate(calls):
                while call.future is None or call.future.exception() is not None:
                    error = None if call.future is None else call.future.exception()
                    if error is not None:
                        _note_failure(error, call, calls[number:], retries, self.workers)
                    alone = call.n_suspected > retries
                    self._start(function, [call] if alone else calls[number:])
                yield call.future.result()
        finally:
            for call in calls:
                if call.future is not None:
                    call.future.cancel()


@dataclass
class _Call:
    """A call, and what became of it so far.

    Attributes
    ----------
    future, pool
        The latest attempt and where it runs; None if it has to be started.
    n_failed
        Number of attempts that failed for certain.
    n_suspected
        Number of those that ended with the process of this call or of another one.
    """

    item: Any
    future: Future[Any] | None = None
    pool: Pool | None = None
    n_failed: int = 0
    n_suspected: int = 0

    def is_lost(self, pool: Pool | None) -> bool:
        """Whether it ended because this pool broke."""
        future = self.future if self.pool is pool else None
        return future is not None and isinstance(future.exception(), BrokenExecutor)


def _note_failure(
    error: BaseException, call: _Call, calls: Sequence[_Call], retries: int, workers: int
) -> None:
    """Note the failed attempt of the first of some calls; raise if it was the last one.

    Where a process died, all calls of the pool have ended. A pool begins them in their order, so it
    died in one of the first of them: as many as there are workers, and one whose result was under
    way. Which of them it was is known only if there is no other. So a call that was suspected too
    often is run alone, and given up when it fails too often by itself.
    """
    broken = isinstance(error, BrokenExecutor)
    lost = [call]
    if broken and call.pool is not None:
        call.pool.shutdown()  # waits until all its calls have ended
        lost = [each for each in calls if each.is_lost(call.pool)]
    if len(lost) == 1:
        call.n_failed += 1
    else:
        for each in lost[: workers + 1]:
            each.n_suspected += 1
    if call.n_failed > retries or retries == 0 or isinstance(error, SentimentTransferError):
        raise _lost(call.item) if broken else error
    for each in lost:
        each.future = None


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

    def _end_calls(self) -> None:
        """Do nothing: threads cannot be ended."""


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
