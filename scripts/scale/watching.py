"""Run a program and watch its memory and processor time from outside (Linux)."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Memory", "Watched", "memory_of", "watch"]

MEGABYTE = 1_000_000
INTERVAL = 0.25


@dataclass(frozen=True)
class Memory:
    """Resident memory of a process in MB: its own, of files of ids, and of other files (code)."""

    own: float = 0.0
    ids: float = 0.0
    files: float = 0.0
    ids_mapped: float = 0.0
    """Size of the mapped files of ids, resident or not."""

    @property
    def without_ids(self) -> float:
        """All but the mapped ids."""
        return self.own + self.files


def memory_of(pid: int) -> Memory:
    """Read the memory of a process; zeros if it has ended."""
    sizes = {"own": 0, "ids": 0, "files": 0, "ids_mapped": 0}
    kind = "own"
    try:
        lines = Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return Memory()
    for line in lines:
        key, *values = line.split(maxsplit=5)
        if not key.endswith(":"):
            path = values[4] if len(values) > 4 else ""
            ids = "/ids" in path and ".sentiment_transfer-" in path
            kind = "ids" if ids else "files" if path.startswith("/") else "own"
        elif key == "Size:" and kind == "ids":
            sizes["ids_mapped"] += int(values[0])
        elif key == "Rss:":
            sizes[kind] += int(values[0])
        elif key == "Anonymous:" and kind == "files":  # what was written, of a mapped library
            sizes["own"] += int(values[0])
            sizes["files"] -= int(values[0])
    return Memory(**{name: 1024 * size / MEGABYTE for name, size in sizes.items()})


@dataclass
class Watched:
    """What was seen of a program: seconds, exit code, peaks of memory, and when ids were mapped."""

    wall: float = 0.0
    cpu: float = 0.0
    returncode: int = 0
    peak: Memory = field(default_factory=Memory)
    """At the moment with most memory, mapped ids apart."""
    most_ids: float = 0.0
    ids_mapped: float = 0.0
    indexed: tuple[float, float] | None = None
    """Seconds by the clock and of processors when the ids were first seen mapped, if they were."""
    seen: list[tuple[float, float, Memory]] = field(default_factory=list)
    """Seconds by the clock and of processors, and memory, of each look."""

    def note(self, memory: Memory) -> None:
        """Take over what was seen at a moment."""
        self.seen.append((self.wall, self.cpu, memory))
        self.peak = max(self.peak, memory, key=lambda each: each.without_ids)
        self.most_ids = max(self.most_ids, memory.ids)
        self.ids_mapped = max(self.ids_mapped, memory.ids_mapped)
        if memory.ids_mapped and self.indexed is None:
            self.indexed = self.wall, self.cpu

    def cpu_at(self, wall: float) -> float:
        """Seconds of processors that were used until a moment."""
        return next((cpu for at, cpu, _ in self.seen if at >= wall), self.cpu)


def watch(
    line: Sequence[str],
    *,
    kill_after: float | None = None,
    each: Callable[[], object] = lambda: None,
) -> Watched:
    """Run a command to its end, or kill it (SIGKILL) after some seconds; ``each`` at every look."""
    began, watched = time.perf_counter(), Watched()
    with subprocess.Popen(line) as process:
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            watched.wall = time.perf_counter() - began
            if pid:
                break
            watched.cpu = _seconds(process.pid)
            watched.note(memory_of(process.pid))
            each()
            if kill_after is not None and watched.wall >= kill_after:
                os.kill(process.pid, signal.SIGKILL)
            time.sleep(INTERVAL)
        process.returncode = watched.returncode = os.waitstatus_to_exitcode(status)
    watched.cpu = usage.ru_utime + usage.ru_stime
    return watched


def _seconds(pid: int) -> float:
    """Seconds of processors that a process has used."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
