"""How contestants are raced: rates and amounts by group, and the report that holds them."""

from __future__ import annotations

import resource
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["COLUMNS", "REPEATS", "Figure", "Report", "cpu_seconds"]

REPEATS = 5
COLUMNS = (
    "section",
    "group",
    "what",
    "median",
    "least",
    "most",
    "unit",
    "clock",
    "repeats",
    "ratio",
)


@dataclass(frozen=True)
class Figure:
    """What one contestant of a group did: a rate (more is better) or an amount (less is better)."""

    section: str
    group: str
    what: str
    values: tuple[float, ...]
    unit: str
    clock: str
    ratio: float | None = None

    @property
    def median(self) -> float:
        """Middle of the repeats."""
        return statistics.median(self.values)

    def row(self) -> tuple[str, ...]:
        """Cells in the order of `COLUMNS`."""
        numbers = (self.median, min(self.values), max(self.values))
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}"
        shown = (_rounded(number) for number in numbers)
        repeats = str(len(self.values))
        return (*self.place, *shown, self.unit, self.clock, repeats, ratio)

    @property
    def place(self) -> tuple[str, str, str]:
        """Where it belongs."""
        return self.section, self.group, self.what


@dataclass
class Report:
    """The figures of one section, and how to take them."""

    section: str
    repeats: int = REPEATS
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def race(
        self,
        group: str,
        contestants: Mapping[str, Callable[[], object]],
        *,
        amount: float | None = None,
        unit: str = "seconds",
        clocks: Sequence[str] = ("cpu",),
        repeats: int | None = None,
    ) -> None:
        """Run contestants in turns; ``amount`` of ``unit`` that a run handles gives rates."""
        taken: dict[str, dict[str, list[float]]] = {
            clock: {name: [] for name in contestants} for clock in clocks
        }
        for turn in range(1 + (repeats or self.repeats)):
            for name, run in contestants.items():
                began = {clock: CLOCKS[clock]() for clock in clocks}
                run()
                for clock in clocks if turn else ():  # the first turn warms up
                    taken[clock][name].append(CLOCKS[clock]() - began[clock])
        for clock, spent in taken.items():
            if amount is None:
                self.add(group, spent, unit, clock)
                continue
            rates = {name: [amount / t for t in seconds] for name, seconds in spent.items()}
            self.add(group, rates, f"{unit}/s", clock, rate=True)

    def add(
        self,
        group: str,
        values: Mapping[str, list[float]],
        unit: str,
        clock: str = "",
        *,
        rate: bool = False,
    ) -> None:
        """Take over figures as they are; the first contestant is the one compared with."""
        ours: float | None = None
        for name, found in values.items():
            median = statistics.median(found)
            if ours is None:
                ours, ratio = median, None
            else:
                ratio = ours / median if rate else median / ours
            self.figures.append(Figure(self.section, group, name, tuple(found), unit, clock, ratio))
            print(" | ".join(self.figures[-1].row()), flush=True)

    def note(self, text: str) -> None:
        """Say something about the section."""
        self.notes.append(text)
        print(f"{self.section}: {text}", flush=True)


def cpu_seconds() -> float:
    """User and system time of this process, its threads and the children it waited for."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in spent)


CLOCKS: dict[str, Callable[[], float]] = {"cpu": cpu_seconds, "wall": time.perf_counter}


def _rounded(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"
