"""Speed and memory of everything a user waits for, with other packages in the same run.

    python scripts/measure_speed.py                       # all sections
    python scripts/measure_speed.py --only prediction     # one of them

What is compared is run in turns, `REPEATS` times or more after a warm-up, so that a busy machine
slows all alike. Rates are of CPU time (all threads and child processes), which other users of the
machine disturb less than the clock on the wall; where that clock counts, the table says so. A ratio
is how many times as fast the first line of its group is.

The extra ``peers`` brings fastText and model2vec; what is not installed is left out with a note.
The reviews are those that `corpora` finds.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import resource
import statistics
import time
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from speed_equality import equality
from speed_sections import prediction, start, storage, tokens
from speed_training import size, training

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SECTIONS = {
    run.__name__: run for run in (prediction, start, storage, tokens, training, equality, size)
}
RESULTS = Path(__file__).resolve().parent / "results"
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
PACKAGES = ("numpy", "numba", "scikit-learn", "gensim", "nltk", "fasttext-community", "model2vec")


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


def machine() -> dict[str, str]:
    """What it was measured on."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return {
        "date": time.strftime("%Y-%m-%d"),
        "processor": f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores",
        "system": f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        "load of the machine": f"{os.getloadavg()[0]:.1f} at the start, by others",
        "packages": ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"


def write(reports: list[Report], facts: Mapping[str, str], folder: Path) -> None:
    """Write ``speed.csv`` and ``speed.md``; sections not run keep their earlier lines."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "speed.json"
    sections = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    for report in reports:
        rows = [figure.row() for figure in report.figures]
        sections[report.section] = {"machine": facts, "rows": rows, "notes": report.notes}
    sections = {name: sections[name] for name in SECTIONS if name in sections}
    kept.write_text(json.dumps(sections, indent=1) + "\n", encoding="utf-8")
    with (folder / "speed.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for section in sections.values():
            table.writerows(section["rows"])
    text = "\n".join(_markdown(name, section) for name, section in sections.items())
    (folder / "speed.md").write_text(f"# Speed\n\n{_preface()}\n{text}", encoding="utf-8")


def _preface() -> str:
    return (
        "Written by `scripts/measure_speed.py`, which says what is compared and how. `ratio`: how "
        "many times as fast\n(or as small) the first line of the group is.\n"
    )


def _markdown(name: str, section: dict[str, Any]) -> str:
    facts, rows, notes = section["machine"], section["rows"], section["notes"]
    lines = [f"## {name.capitalize()}", ""]
    lines += [f"- {key}: {value}" for key, value in facts.items()]
    lines += [f"- {note}" for note in notes]
    lines += ["", "| " + " | ".join(COLUMNS[1:]) + " |", "|" + "---|" * (len(COLUMNS) - 1)]
    lines += ["| " + " | ".join(row[1:]) + " |" for row in rows]
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="+", choices=SECTIONS, metavar="SECTION")
    parser.add_argument("--repeats", type=int, default=REPEATS)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the usual amounts")
    parser.add_argument("--results", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    facts = machine()
    reports = []
    for name in arguments.only or SECTIONS:
        report = Report(name, arguments.repeats)
        SECTIONS[name](report, arguments.scale)
        reports.append(report)
        write(reports, facts, arguments.results)  # after each: the later ones take long


if __name__ == "__main__":
    main()
