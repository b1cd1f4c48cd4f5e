"""Speed and memory of everything a user waits for, with other packages in the same run.

    python -m scripts.speed.measure                       # all sections
    python -m scripts.speed.measure --only prediction     # one of them

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
import time
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.reports import RESULTS, markdown_table
from scripts.speed.equality import equality
from scripts.speed.races import COLUMNS, REPEATS, Report
from scripts.speed.sections import prediction, start, storage, tokens
from scripts.speed.training import size, training

if TYPE_CHECKING:
    from collections.abc import Mapping

SECTIONS = {
    run.__name__: run for run in (prediction, start, storage, tokens, training, equality, size)
}
PACKAGES = ("numpy", "numba", "scikit-learn", "gensim", "nltk", "fasttext-community", "model2vec")


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
        "Written by `scripts/speed/measure.py`, which says what is compared and how. `ratio`: how "
        "many times as fast\n(or as small) the first line of the group is.\n"
    )


def _markdown(name: str, section: dict[str, Any]) -> str:
    facts, rows, notes = section["machine"], section["rows"], section["notes"]
    lines = [f"## {name.capitalize()}", ""]
    lines += [f"- {key}: {value}" for key, value in facts.items()]
    lines += [f"- {note}" for note in notes]
    table = markdown_table(COLUMNS[1:], [row[1:] for row in rows], left=2)
    return "\n".join([*lines, "", *table, ""])


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
