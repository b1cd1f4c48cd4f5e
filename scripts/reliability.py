"""Outcomes of reliability trials: counted, stored as JSON, and rendered as one page of Markdown.

A file ``scripts/results/reliability/NAME.json`` has ``what`` was tried, how often (``tried``), the
``outcomes`` by name, the ``seconds`` it took, the ``date``, the ``commit`` and the ``command`` that
repeats it; optional are the ``failures`` and the ``machine``.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scripts.reports import RESULTS, ROOT, markdown_table

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["FOLDER", "PAGE", "Outcomes", "page", "store"]

CODE = ("scripts/torture", "scripts/fuzz")
FOLDER = RESULTS / "reliability"
PAGE = RESULTS / "reliability.md"

_INTRODUCTION = """\
# Reliability trials

Each line is one kind of trial. Moments, sizes and texts are drawn from a seed; the tests run a
small edition. The last column repeats the trials, and `python -m scripts.torture --page` writes
this page from the files in `reliability/`.
"""


@dataclass
class Outcomes:
    """Outcomes of trials: how many there were, the outcomes by name, and what failed.

    A failure is described so that it can be repeated.
    """

    tried: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def held(self) -> int:
        """How many trials had a right outcome."""
        return self.tried - len(self.failures)

    def add(self, outcome: str, failure: str | None = None) -> None:
        """Count one trial; with ``failure``, it went wrong."""
        self.tried += 1
        self.counts["failed" if failure else outcome] += 1
        if failure:
            self.failures.append(f"{outcome}: {failure}")


def store(
    name: str, what: str, outcomes: Outcomes, seconds: float, command: str, folder: Path = FOLDER
) -> Path:
    """Write the JSON file of one kind of trial and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    result = {
        "what": what,
        "tried": outcomes.tried,
        "outcomes": dict(outcomes.counts),
        "failures": outcomes.failures,
        "seconds": round(seconds, 1),
        "date": time.strftime("%Y-%m-%d"),
        "commit": _commit(),
        "command": command,
        "machine": _machine(),
    }
    path = folder / f"{name}.json"
    path.write_text(json.dumps(result, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _commit() -> str:
    """The checked-out commit, ``-dirty`` if the code was changed; ``unknown`` without git."""
    head = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--", "sentiment_transfer", *CODE)
    return f"{head or 'unknown'}{'-dirty' if changed else ''}"


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = f"Python {platform.python_version()}"
    system = f"{platform.system()} {platform.machine()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB of memory, {system}, {python}"


def page(folder: Path = FOLDER) -> str:
    """Render the results of all files in a folder."""
    paths = sorted(folder.glob("*.json"))
    results = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}
    rows = [_row(result) for result in results.values()]
    header = ("trial", "trials", "outcomes", "minutes", "date", "commit", "repeat with")
    lines = [_INTRODUCTION, *markdown_table(header, rows), ""]
    for name, result in results.items():
        lines += [f"- `{name}` failed: {failure}" for failure in result.get("failures", [])]
    lines += _machines(results)
    return "\n".join(lines).rstrip() + "\n"


def _row(result: dict[str, Any]) -> list[str]:
    outcomes = "<br>".join(f"{name}: {count:,}" for name, count in result["outcomes"].items())
    minutes = f"{result['seconds'] / 60:.1f}"
    return [
        *(result["what"], f"{result['tried']:,}", outcomes, minutes),
        *(result["date"], f"`{result['commit']}`", f"`{result['command']}`"),
    ]


def _machines(results: dict[str, dict[str, Any]]) -> list[str]:
    """One line for each machine, with the trials that ran there if there are several."""
    there: dict[str, list[str]] = {}
    for name, result in results.items():
        there.setdefault(result.get("machine", "not recorded"), []).append(name)
    if len(there) == 1:
        return [f"Machine: {machine}." for machine in there]
    return [f"- Machine of {', '.join(names)}: {machine}." for machine, names in there.items()]
