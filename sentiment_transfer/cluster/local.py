"""A Dask cluster of this machine, whose processes end with the one that started it."""

from __future__ import annotations

import logging
import signal
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, TypeVar

from sentiment_transfer.cluster.dask_executor import DaskExecutor
from sentiment_transfer.errors import SettingError, WorkerLostError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from distributed import Client, LocalCluster

__all__ = ["LocalDask", "start", "workers_of"]

Item = TypeVar("Item")
Result = TypeVar("Result")

LOOPBACK = "127.0.0.1"
MAX_WORKERS = 1024
"""On one machine."""
LOCAL_SETTINGS = {
    "distributed.scheduler.http.routes": [],  # no pages: nothing to see for others of this machine
    "distributed.worker.http.routes": [],
    "distributed.scheduler.active-memory-manager.start": False,  # there are no large results
    "distributed.worker.profile.enabled": False,
    "distributed.diagnostics.nvml": False,
}


class LocalDask(DaskExecutor):
    """Runs calls in processes of this machine, which are replaced when they die.

    Dask itself does not replace one that dies while it takes the place of another.
    """

    def __init__(self, client: Client, cluster: LocalCluster) -> None:
        super().__init__(client, without_workers=60)
        self.cluster = cluster

    def __exit__(self, *_: object) -> None:
        """End the connection, the workers and the scheduler."""
        try:
            super().__exit__()
        finally:
            self.cluster.close()

    def map(
        self, function: Callable[[Item], Result], items: Sequence[Item], retries: int = 0
    ) -> Iterator[Result]:
        """Start all calls and return an iterator over their results; see `DaskExecutor.map`."""
        self._look_after_workers()
        return super().map(function, items, retries)

    def _has_workers(self) -> bool:
        self._look_after_workers()
        return super()._has_workers()

    def _look_after_workers(self) -> None:
        if self.cluster.loop is not None:
            self.cluster.loop.add_callback(self._replace_dead)

    async def _replace_dead(self) -> None:
        from distributed.core import Status

        workers = self.cluster.workers
        for name, nanny in list(workers.items()):
            if nanny.status in (Status.closed, Status.failed):
                del workers[name]
        if len(workers) < len(self.cluster.worker_spec):
            with suppress(Exception):  # died again: the next look sees it
                await self.cluster._correct_state()


def workers_of(address: str, given: str = "") -> int:
    """Return the N of ``local:N``; by default as many as the process may use cores.

    ``given`` is the setting as messages show it, by default ``cluster=...``.
    """
    from dask.system import CPU_COUNT

    number = address.partition(":")[2] if ":" in address else str(CPU_COUNT)
    if not (number.isdecimal() and 1 <= int(number) <= MAX_WORKERS):
        raise SettingError(
            f"{given or f'cluster={shown(address)}'} is not allowed; N in local:N is an integer "
            f"from 1 to {MAX_WORKERS}"
        )
    return int(number)


def start(workers: int) -> LocalDask:
    """Start a scheduler in this process, and workers in processes that end with it."""
    import dask
    from distributed import Client, LocalCluster

    with _interrupts_held_back(), dask.config.set(LOCAL_SETTINGS), ExitStack() as undo:
        try:
            cluster = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                host=LOOPBACK,
                dashboard_address=f"{LOOPBACK}:0",  # the default is a port on all interfaces
                scheduler_kwargs={"dashboard": False},
                memory_limit=None,  # of it count mapped files, and workers would be killed for them
                silence_logs=logging.CRITICAL,
            )
        except (OSError, RuntimeError) as error:
            raise WorkerLostError(
                f"the {workers} workers did not start ({error}); a script that starts them needs "
                'if __name__ == "__main__":'
            ) from error
        undo.callback(cluster.close)
        client = Client(cluster, set_as_default=False)
        undo.pop_all()
    return LocalDask(client, cluster)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Hold Ctrl-C back; threads and processes that are started meanwhile will not get it.

    A terminal sends it to all processes of a command, and each worker would print a traceback.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # its start would end the holding back
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
