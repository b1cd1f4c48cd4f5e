"""Jobs in processes of their own, which can be killed at any time and lose nothing.

A child ends when its parent does, even if that was killed.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from contextlib import suppress
from time import perf_counter
from typing import TYPE_CHECKING, Any

from sentiment_transfer.errors import InputError, SentimentTransferError
from sentiment_transfer.studio import messages as m
from sentiment_transfer.studio.wording import on_page
from sentiment_transfer.studio.work import WORK, as_message, ignore_warnings

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.connection import Connection

    from sentiment_transfer.studio.work import Task

__all__ = ["Jobs"]

MESSAGES: dict[m.JobKind, str] = {
    "choose": "comparing word vectors",
    "pretrain": "pretraining on these texts",
    "compare": "comparing with and without pretraining",
    "overview": "describing the opinions",
}
TICK_SECONDS = 2.0
DONE = {
    "pretrain": "these vectors are used from now on; whether the accuracy rises, the Label tab "
    "shows, and the others can be taken again above"
}
_spawn = multiprocessing.get_context("spawn")


class Jobs:
    """The latest job of each kind.

    Parameters
    ----------
    changed
        Called after each change, from any thread.
    finished
        Called with the kind and the result of a job that is done; what it raises is the error of
        the job.
    """

    def __init__(
        self,
        changed: Callable[[], None],
        finished: Callable[[m.JobKind, Any], Any],
    ) -> None:
        self._changed, self._finished = changed, finished
        self._lock = threading.Lock()
        self._jobs: dict[m.JobKind, m.Job] = {}
        self._processes: dict[m.JobKind, Any] = {}

    def all(self) -> list[m.Job]:
        """Return the jobs."""
        with self._lock:
            return [*self._jobs.values()]

    def start(self, kind: m.JobKind, task: Task) -> None:
        """Start a job; raises ``InputError`` if one of its kind is running."""
        with self._lock:
            running = self._jobs.get(kind)
            if running is not None and running.status == "running":
                raise InputError("this is running already; cancel it first")
            job = self._jobs[kind] = m.Job(kind, "running", MESSAGES[kind])
            ours, theirs = _spawn.Pipe(duplex=False)
            process = _spawn.Process(target=_run, args=(kind, task, theirs), daemon=True)
            self._processes[kind] = process
        try:
            process.start()
        except OSError as error:
            self._end(job, "failed", f"it could not be started: {error}", 0)
            return
        theirs.close()
        watcher = threading.Thread(target=self._watch, args=(job, process, ours), daemon=True)
        watcher.start()
        self._changed()

    def cancel(self, kind: m.JobKind) -> None:
        """Kill a job, if it is running."""
        with self._lock:
            job = self._jobs.get(kind)
            if job is None or job.status != "running":
                return
            job.status, job.message = "cancelled", "cancelled"
            process = self._processes[kind]
            if process.pid is not None:
                process.kill()
        self._changed()

    def close(self) -> None:
        """Kill all jobs, and wait for them."""
        for kind, process in [*self._processes.items()]:
            self.cancel(kind)
            if process.pid is not None:
                process.join(timeout=10)

    def _watch(self, job: m.Job, process: Any, ours: Connection) -> None:  # noqa: ANN401
        began = perf_counter()
        sent: tuple[str, Any] = ("failed", "it ended without a result; is there enough memory?")
        with suppress(EOFError, OSError):
            while True:
                while not ours.poll(TICK_SECONDS):
                    self._tick(job, perf_counter() - began)
                what, content = ours.recv()
                if what != "progress":
                    sent = what, content
                    break
                self._note(job, content)
        process.join()
        self._end(job, *sent, perf_counter() - began)

    def _tick(self, job: m.Job, seconds: float) -> None:
        """Show that time passes in a job without steps."""
        with self._lock:
            job.seconds = max(job.seconds, seconds)
        self._changed()

    def _note(self, job: m.Job, content: dict[str, Any]) -> None:
        with self._lock:
            job.done, job.total, job.unit = content["done"], content["total"], content["unit"]
            job.seconds, job.seconds_left = content["seconds"], content["seconds_left"]
            loss = content["metrics"].get("loss")
            if loss is not None:
                job.losses = [*job.losses, loss]
        self._changed()

    def _end(self, job: m.Job, what: str, content: Any, seconds: float) -> None:  # noqa: ANN401
        status: m.JobStatus = "failed"
        with self._lock:  # a cancelled job has no result
            if job.status == "cancelled":
                return
            if what == "done":
                job.status = "done"
        if what == "done":
            try:
                job.result = self._finished(job.kind, content)
                more = f"; {DONE[job.kind]}" if job.kind in DONE else ""
                status, content = "done", f"done in {seconds:.0f} s{more}"
            except (SentimentTransferError, OSError) as error:
                content = str(error)
        with self._lock:
            job.status, job.message, job.seconds = status, on_page(str(content)), seconds
        self._changed()


def _run(kind: m.JobKind, task: Task, theirs: Connection) -> None:
    """Do the work of a job and send what comes out; runs in the child."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    threading.Thread(target=_end_with_parent, daemon=True).start()
    ignore_warnings()
    try:
        result = WORK[kind](task, lambda progress: theirs.send(("progress", as_message(progress))))
        theirs.send(("done", result))
    except SentimentTransferError as error:
        theirs.send(("failed", str(error)))
    except Exception as error:
        theirs.send(("failed", f"unexpected {type(error).__name__}: {error}"))
        raise


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
