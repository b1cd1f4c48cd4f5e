"""An executor on Dask, https://distributed.dask.org: the same calls, on many machines.

Dask runs a call again when its worker died, and when a result was lost with its worker, which is
right for pure functions only. Its scheduler keeps in memory all that passes through it, and loses
that when it dies: items and results have to be small, such as names of files on shared storage.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

from sentiment_transfer.cluster.environment import check_versions, versions_here
from sentiment_transfer.errors import SentimentTransferError, WorkerLostError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from distributed import Client, Future

__all__ = ["DaskExecutor"]

Item = TypeVar("Item")
Result = TypeVar("Result")

PATIENCE = 10.0
"""Seconds of waiting after which the scheduler is asked whether it is still there."""
NO_ANSWER = 30.0
"""Seconds that it has for the answer."""


class DaskExecutor:
    """Runs calls on the workers of a Dask cluster; see `cluster.connect`.

    Parameters
    ----------
    client
        Connection to the scheduler, which the executor closes at its end.
    without_workers
        Seconds to wait for a worker when the cluster has none.

    Examples
    --------
    >>> from distributed import Client
    >>> with DaskExecutor(Client(processes=False, dashboard_address=None)) as executor:
    ...     print(list(executor.map(len, ["great", "dull"])))
    [5, 4]
    """

    def __init__(self, client: Client, *, without_workers: float = 300) -> None:
        self.client = client
        self.without_workers = without_workers
        self._read: list[Future[Any]] = []

    @property
    def workers(self) -> int:
        """Number of calls that the cluster runs at the same time, as of now."""
        return sum(self.client.nthreads().values())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the connection; the cluster stays."""
        self.client.close()

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], retries: int = 0
    ) -> Iterator[Result]:
        """Start all calls and return an iterator over their results; see `Executor.map`.

        Dask itself repeats a call whose worker died, three times unless the scheduler's setting
        ``distributed.scheduler.allowed-failures`` is another; ``retries`` are deaths as well, so
        the larger of both counts. A worker with other versions than this process refuses to work.

        Parameters
        ----------
        function
            Takes an item; a worker has to be able to import it.
        items
            Any number of items.
        retries
            How often a call is repeated whose worker died.

        Yields
        ------
        Result
            In the order of the items.

        Raises
        ------
        SentimentTransferError
            That of a call, which is not repeated.
        SettingError
            A worker has other versions of Python, of NumPy, of Numba or of this package.
        WorkerLostError
            A call's worker died too often, the scheduler is gone, or the cluster has had no worker
            for ``without_workers`` seconds.
        """
        call = partial(_checked, function, versions_here())
        return self._results(call, items, self._submit(call, items, retries), retries)

    def _submit(
        self, call: Callable[[Item], Result | _Refused], items: Sequence[Item], retries: int
    ) -> list[Future[Result | _Refused]]:
        if not items:
            return []
        with self._scheduler_needed():
            # pure=False, or equal calls would be answered with the results of earlier ones
            futures = self.client.map(call, items, pure=False, retries=retries, key="call")
        self._release()  # after the calls are sent: Dask waits 10 ms between two messages
        return futures

    def _release(self) -> None:
        """Let the scheduler forget results that were read."""
        while self._read:
            self._read.pop().release()

    def _results(
        self,
        call: Callable[[Item], Result | _Refused],
        items: Sequence[Item],
        futures: list[Future[Result | _Refused]],
        retries: int,
    ) -> Iterator[Result]:
        try:
            for number, item in enumerate(items):
                yield self._result(call, item, futures, number, retries)
        finally:
            self._read += futures
            if any(not future.done() for future in futures):
                self._release()  # cancels calls that have not begun

    def _result(
        self,
        call: Callable[[Item], Result | _Refused],
        item: Item,
        futures: list[Future[Result | _Refused]],
        number: int,
        retries: int,
    ) -> Result:
        from distributed import KilledWorker

        result: Result | _Refused
        deaths = 0
        error, result = self._outcome(futures[number])
        while isinstance(error, KilledWorker):
            deaths += error.allowed_failures + 1
            if deaths > retries:
                raise _lost(item, deaths) from error
            [futures[number]] = self._submit(call, [item], retries)
            error, result = self._outcome(futures[number])
        if error is not None:
            raise error
        if isinstance(result, _Refused):
            raise result.error
        return result

    def _outcome(self, future: Future[Any]) -> tuple[BaseException | None, Any]:
        """Wait for a call, and return its error and its result; notice if the cluster is gone.

        A result whose worker dies before it is read is computed again: reading waits as well.
        """
        since, patience = time.monotonic(), PATIENCE
        while True:
            with self._scheduler_needed():
                with suppress(TimeoutError):
                    if (error := future.exception(PATIENCE)) is not None:
                        return error.with_traceback(future.traceback(PATIENCE)), None
                    was_read, result = _read(future, patience)
                    if was_read:
                        return None, result
                    patience *= 2  # a large result takes longer, and begins again each time
                if self._has_workers():
                    since = time.monotonic()
            if time.monotonic() - since > self.without_workers:
                raise WorkerLostError(
                    f"the cluster at {self._address} has had no worker for "
                    f"{self.without_workers:.0f} seconds; start some, and run this again"
                )

    def _has_workers(self) -> bool:
        scheduler = self.client.scheduler
        return bool(scheduler and self.client.sync(scheduler.ncores, callback_timeout=NO_ANSWER))

    @property
    def _address(self) -> str:
        return str(self.client.scheduler.address) if self.client.scheduler else "its address"

    @contextmanager
    def _scheduler_needed(self) -> Iterator[None]:
        """Raise ``WorkerLostError`` if the scheduler does not answer."""
        from distributed import CancelledError
        from distributed.client import ClosedClientError

        try:
            yield
        except (CancelledError, ClosedClientError, OSError) as error:  # a TimeoutError as well
            # Dask's own error of a time limit has a text or none, whichever limit comes first
            nameless = "timed out" if isinstance(error, TimeoutError) else type(error).__name__
            why = getattr(error, "reason", None) or str(error) or nameless
            raise WorkerLostError(
                f"the scheduler at {self._address} is gone ({why}); "
                "start it and its workers, and run this again"
            ) from error


@dataclass(frozen=True)
class _Refused:
    """An error as a result, since Dask repeats a call that raises one."""

    error: SentimentTransferError


def _checked(
    function: Callable[[Item], Result], versions: Mapping[str, str], item: Item
) -> Result | _Refused:
    """Call the function on a worker, which may have joined since `connect` looked at all.

    Other versions raise an error, so that the call is repeated, perhaps by another worker.
    """
    check_versions(versions)
    try:
        return function(item)
    except SentimentTransferError as error:
        return _Refused(error)


def _read(future: Future[Any], patience: float) -> tuple[bool, Any]:
    """Return whether a result was read, and the result.

    It was not if time ran out, or if its worker died before, and the repeated call failed: its own
    error, which may be an ``OSError``, would look like one of the connection.
    """
    try:
        return True, future.result(patience)
    except Exception as error:
        if future.status == "error" or isinstance(error, TimeoutError):
            return False, None
        raise


def _lost(item: object, deaths: int) -> WorkerLostError:
    return WorkerLostError(
        f"{deaths} workers died, one after the other, while they worked on {shown(item)}: they "
        "were killed, or memory ran out; use fewer workers on a machine, or more memory"
    )
