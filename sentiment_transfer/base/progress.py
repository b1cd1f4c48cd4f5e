"""Progress reports that a running stage passes to its callbacks.

A callback is any function of one `Progress`. An exception raised in it, ``KeyboardInterrupt``
included, ends the work.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Callback", "OptionalCallback", "Progress", "Reporter"]


@dataclass(frozen=True)
class Progress:
    """A report from a running stage.

    Attributes
    ----------
    stage, unit
        Name of the stage, such as ``"pretrain"``, and what it counts, such as ``"words"``.
    done, total
        Work done and work planned, in ``unit``; with early stopping ``done`` ends below ``total``.
    metrics, seconds
        Current metrics by name, such as ``{"loss": 0.31}``; and time spent so far, including
        earlier runs that were resumed.
    """

    stage: str
    done: int
    total: int
    unit: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Units per second; 0 while no time has passed."""
        return self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def eta(self) -> float | None:
        """Estimated seconds to the end at the rate so far; None while the rate is 0."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None


Callback = Callable[[Progress], None]

OptionalCallback = Callback | Literal["auto"] | None
"""A callback, None for none, or ``"auto"`` for bars on a terminal or in a notebook."""


class Reporter:
    """Counts work and calls callbacks with the progress, about once a second."""

    SECONDS = 1.0

    def __init__(self, stage: str, total: int, unit: str, callbacks: Iterable[Callback]) -> None:
        self._stage, self._total, self._unit = stage, total, unit
        self._callbacks = tuple(callbacks)
        self._done = 0
        self._begun = self._reported = time.perf_counter()

    def add(self, done: int, loss: float) -> None:
        """Add work that is done, and report it if a second has passed since the last report."""
        self._done += done
        if time.perf_counter() - self._reported > self.SECONDS:
            self.emit({"loss": loss})

    def emit(self, metrics: Mapping[str, float], done: int = 0) -> None:
        """Add work that is done, and call the callbacks now with these metrics."""
        self._done += done
        self._reported = time.perf_counter()
        seconds = self._reported - self._begun
        progress = Progress(self._stage, self._done, self._total, self._unit, metrics, seconds)
        for callback in self._callbacks:
            callback(progress)
