"""Seconds by the clock and of processors, measured and computed with."""

from __future__ import annotations

import time
from typing import NamedTuple, Self

__all__ = ["Seconds", "Stopwatch"]


class Seconds(NamedTuple):
    """Seconds by the clock, and of all processors that the process used."""

    clock: float = 0.0
    cpu: float = 0.0

    def times(self, factor: float) -> Seconds:
        """Multiply both."""
        return Seconds(self.clock * factor, self.cpu * factor)

    def plus(self, other: Seconds) -> Seconds:
        """Add both."""
        return Seconds(self.clock + other.clock, self.cpu + other.cpu)


class Stopwatch:
    """A context manager whose ``seconds`` are those that its block took."""

    def __enter__(self) -> Self:
        self._began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = self.so_far()

    def so_far(self) -> Seconds:
        """Return the seconds since the block began."""
        return Seconds(time.perf_counter() - self._began[0], time.process_time() - self._began[1])
