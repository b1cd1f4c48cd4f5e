"""What a running stage tells its callbacks: how far it is, and how well it goes.

A callback is any function of one `Progress`. An exception in it, ``KeyboardInterrupt`` included,
ends the work: nothing is swallowed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

__all__ = ["Callback", "Progress"]


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
