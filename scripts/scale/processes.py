"""A Dask cluster as processes of this machine, which measurements and tests kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from scripts.reports import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["ClusterProcesses", "is_running", "until", "workers_of"]


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait for a condition; raise ``TimeoutError`` when ``seconds`` have passed."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it did not happen in time")
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    """Whether a process exists and has not ended (Linux)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def workers_of(pid: int) -> list[int]:
    """Processes that a program started to work for it, as of now (Linux)."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")  # any thread may have started them
    try:
        found = [int(child) for task in tasks for child in task.read_text().split()]
        return [child for child in found if "spawn_main" in _command(child)]
    except (FileNotFoundError, ProcessLookupError):
        return []


def _command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")


class ClusterProcesses:
    """A scheduler on 127.0.0.1 and its workers; a context manager that kills what is left."""

    def __init__(self, folder: Path, protocol: str = "tcp", **environment: str) -> None:
        self.folder = folder
        self.protocol = protocol
        self.file = folder / "scheduler.json"
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
            **environment,
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self.start_scheduler()
        return self

    def start_scheduler(self) -> None:
        """Start a scheduler, in place of one that was killed."""
        self.file.unlink(missing_ok=True)
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--protocol", self.protocol,
            "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(self.file),
        )  # fmt: skip
        until(self.file.exists)

    @property
    def address(self) -> str:
        """Address of the scheduler."""
        return str(json.loads(self.file.read_text())["address"])

    def worker(self, preload: str = "") -> subprocess.Popen[bytes]:
        """Start a worker of one thread, which runs the code ``preload`` first."""
        more = []
        if preload:
            path = self.folder / f"preload_{len(self.processes)}.py"
            path.write_text(preload)
            more = ["--preload", str(path)]
        return self._start(
            "worker", "--scheduler-file", str(self.file), "--host", "127.0.0.1", "--nthreads", "1",
            "--no-nanny", "--no-dashboard", "--local-directory", str(self.folder), *more,
        )  # fmt: skip

    def _start(self, role: str, *options: str) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{role}-{len(self.processes)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.dask_{role}", *options],
            env=self.environment,
            stdout=log,
            stderr=log,
            cwd=self.folder,
        )
        log.close()
        self.processes.append(process)
        return process

    def __exit__(self, *_: object) -> None:
        for process in self.processes:
            process.kill()
            process.wait(10)
