"""What a running stage tells its callbacks: how far it is, and how well it goes.

A callback is any function of one `Progress`. An exception in it, ``KeyboardInterrupt`` included,
ends the work: nothing is swallowed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

__all__ = ["Callback", "Progress", "Reporter"]


@dataclass(frozen=True)
class Progress:
    """A report from a running stage.

    Attributes
    ----------
    stage
        What is running, such as ``"skip-gram"``.
    done, total
        Work done and work planned, in ``unit``; stopping early leaves ``done`` below ``total``.
    unit
        What is counted: ``"words"``, ``"epochs"``.
    metrics
        Figures of this moment by name, such as ``{"loss": 0.31}``.
    seconds
        Time that ``done`` took, earlier runs that were resumed included.
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
        """Seconds to the end at the rate so far; None while there is no rate."""
        return (self.total - self.done) / self.rate if self.rate > 0 else None


Callback = Callable[[Progress], None]


class Reporter:
    """Tells callbacks of work as it is done, about once a second.

    Parameters
    ----------
    stage, total, unit
        As in `Progress`.
    callbacks
        Whom to tell.
    """

    SECONDS = 1.0

    def __init__(self, stage: str, total: int, unit: str, callbacks: Iterable[Callback]) -> None:
        self._stage, self._total, self._unit = stage, total, unit
        self._callbacks = tuple(callbacks)
        self._done = 0
        self._begun = self._told = time.perf_counter()

    def add(self, done: int, loss: float) -> None:
        """Count work that is done, and tell of it if it is time."""
        self._done += done
        if time.perf_counter() - self._told > self.SECONDS:
            self.tell({"loss": loss})

    def tell(self, metrics: Mapping[str, float]) -> None:
        """Tell now, with these figures."""
        self._told = time.perf_counter()
        seconds = self._told - self._begun
        progress = Progress(self._stage, self._done, self._total, self._unit, metrics, seconds)
        for callback in self._callbacks:
            callback(progress)
