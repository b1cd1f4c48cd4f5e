"""Scheduler and workers as processes of their own, which tests may kill."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TESTS = Path(__file__).parent


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    """Wait for a condition, and fail after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class ClusterProcesses:
    """A scheduler on 127.0.0.1 and its workers; a context manager that kills what is left."""

    def __init__(self, folder: Path, protocol: str = "tcp", **environment: str) -> None:
        self.folder = folder
        self.protocol = protocol
        self.file = folder / "scheduler.json"
        self.environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(TESTS.parent), str(TESTS)]),
            **environment,
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> ClusterProcesses:
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--protocol", self.protocol,
            "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(self.file),
        )  # fmt: skip
        until(self.file.exists)
        return self

    @property
    def address(self) -> str:
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
        process = subprocess.Popen(  # noqa: S603  (Dask's own command)
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
