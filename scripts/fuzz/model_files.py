"""Mutated model files are refused by name, or answer well and equally on both paths.

    python -m scripts.fuzz.model_files --mutants 100000 --minutes 60 --seed 1 --json FILE
    python -m scripts.fuzz.model_files --seed 1 --only 4711      one mutant, with what was changed

Mutant ``k`` of a seed is the same in every run. Each is a golden or shipped file with a few changes
and right checksums (`model_mutants`). Loading it must raise ``ModelFileError``, or give a model

- whose probabilities are finite, in [0, 1], and sum to 1, for short, empty and unknown texts;
- that answers the same on the plain and on the compiled path, and for one text as for many, up to
  rounding (`rounding` grows with the model's weights);
- whose explanations, coverage and polarities are finite;
- that can be saved, and answers the same from its new file;

in 5 seconds of processor time and 200 MB of memory above the file's size. Mutants run in child
processes, so a crash is recorded with its mutant, and the run goes on.
"""

from __future__ import annotations

import argparse
import json
import queue
import random
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.fuzz.model_mutants import Content, mutant, written
from scripts.reliability import Outcomes, store

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Report", "fuzz"]

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
PATIENCE, START = 60.0, 900.0
"""Seconds of the wall clock without a line, after which a child process is ended; before the first
line it may compile."""
PER_CHILD = 4000
SHIPPED_SHARE = 0.01
"""Share of mutants made from the shipped files, which are a hundred times as large."""


@dataclass
class Report:
    """What became of the mutants: number of each outcome, and the failures by mutant."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: dict[int, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def tried(self) -> int:
        """Number of mutants."""
        return self.outcomes.total()

    def add(self, number: int, outcome: str) -> None:
        """Count the outcome of a mutant."""
        if outcome.startswith("failed"):
            self.failures[number] = outcome
            outcome = re.sub(r"\(.*", "", outcome, flags=re.DOTALL).strip()
        self.outcomes[outcome] += 1

    def table(self) -> str:
        """Return the outcomes as a Markdown table, the most frequent first."""
        rows = [f"| {name} | {n:,} |" for name, n in self.outcomes.most_common()]
        return "\n".join(["| outcome | mutants |", "|---|---:|", *rows])


def make(seed: int, number: int) -> Content:
    """Return mutant ``number`` of a seed."""
    rng = random.Random(f"{seed}:{number}")  # noqa: S311  (no secret)
    small, large = seeds()
    return mutant(rng, large if rng.random() < SHIPPED_SHARE else small)


def seeds() -> tuple[list[Content], list[Content]]:
    """Return the contents of the golden files, and of the shipped ones; read once."""
    if not _SEEDS:
        from sentiment_transfer.pretraining.bank import bank_names, bank_path
        from sentiment_transfer.storage import load_file

        for paths in (golden_files(), [bank_path(name) for name in bank_names()]):
            files = [load_file(path) for path in paths]
            _SEEDS.append([Content(file.kind, file.manifest, file.tensors) for file in files])
    return _SEEDS[0], _SEEDS[1]


def golden_files() -> list[Path]:
    """Return the golden files; a model with a sentence encoder needs one to answer."""
    return sorted([*GOLDEN.glob("*.safetensors"), *GOLDEN.glob("other-labels/*.safetensors")])


_SEEDS: list[list[Content]] = []


# ---- in a child process


def run_child(seed: int, first: int, last: int) -> None:
    """Print the number of each mutant before it is tried, and its outcome after."""
    import tempfile

    from scripts.fuzz.model_checks import Trial

    memory = "/dev/shm"  # noqa: S108  (a folder in memory, where the system has one)
    with tempfile.TemporaryDirectory(dir=memory if Path(memory).is_dir() else None) as folder:
        trial = Trial(Path(folder))
        trial.warm_up(golden_files())
        for number in range(first, last):
            print(json.dumps([number, None]), flush=True)
            print(json.dumps([number, trial.outcome(make(seed, number))]), flush=True)


# ---- in the parent


def fuzz(
    seed: int,
    mutants: int,
    *,
    workers: int = 1,
    minutes: float = 1e9,
    progress: bool = False,
) -> Report:
    """Try mutants ``0 .. mutants - 1`` of a seed, or as many as the time allows."""
    report, began = Report(), time.perf_counter()
    end = began + 60 * minutes
    size = max(1, min(PER_CHILD, -(-mutants // workers)))
    todo: queue.SimpleQueue[tuple[int, int]] = queue.SimpleQueue()
    for first in range(0, mutants, size):
        todo.put((first, min(first + size, mutants)))
    lock = threading.Lock()

    def work() -> None:
        while not todo.empty() and time.perf_counter() < end:
            try:
                first, last = todo.get_nowait()
            except queue.Empty:
                return
            for number, outcome in _outcomes(seed, first, last, end):
                with lock:
                    report.add(number, outcome)
                    if progress and (report.tried % 1000 == 0 or number in report.failures):
                        print(f"{report.tried:,} tried; {number}: {outcome}", flush=True)

    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(work) for _ in range(workers)]:
            done.result()
    report.seconds = time.perf_counter() - began
    return report


def _outcomes(seed: int, first: int, last: int, end: float) -> Iterator[tuple[int, str]]:
    """Yield the outcomes of a range of mutants; after a crash the next child process goes on."""
    while first < last and time.perf_counter() < end:
        started = None
        with _child(seed, first, last) as child:
            for number, outcome in _lines(child):
                if outcome is None:
                    started = number
                    continue
                yield number, outcome
                first, started = number + 1, None
                if time.perf_counter() > end:
                    child.kill()
                    return
        if started is not None:
            what = "did not end" if child.returncode == -9 else f"ended by {child.returncode}"
            yield started, f"failed: the process {what}"
            first = started + 1
        elif first < last:
            raise RuntimeError(f"the child process ended with {child.returncode} between mutants")


def _child(seed: int, first: int, last: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "scripts.fuzz.model_files", "--seed", str(seed)]
    command += ["--child", str(first), str(last)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _lines(child: subprocess.Popen[str]) -> Iterator[tuple[int, str | None]]:
    """Yield what a child process prints; it is killed if it prints nothing for long."""
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def read() -> None:
        for line in child.stdout or ():
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    patience = START
    while True:
        try:
            line = lines.get(timeout=patience)
        except queue.Empty:
            child.kill()
            return
        if line is None:
            return
        patience = PATIENCE
        number, outcome = json.loads(line)
        yield number, outcome


def _store(report: Report, arguments: argparse.Namespace) -> None:
    failures = [f"--only {number}: {outcome}" for number, outcome in report.failures.items()]
    store(
        arguments.json.stem,
        "model files mutated inside, with right checksums",
        Outcomes(report.tried, report.outcomes, failures),
        report.seconds,
        f"python -m scripts.fuzz.model_files --mutants {arguments.mutants} "
        f"--seed {arguments.seed} --workers {arguments.workers}",
        arguments.json.parent,
    )


def _show_one(seed: int, number: int) -> None:
    content = make(seed, number)
    print(f"changes: {', '.join(content.done)}; {len(written(content)):,} bytes")
    for got, outcome in _outcomes(seed, number, number + 1, time.perf_counter() + 600):
        print(f"{got}: {outcome}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mutants", type=int, default=1500)
    parser.add_argument("--minutes", type=float, default=1e9)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--only", type=int, help="number of one mutant to try")
    parser.add_argument("--json", type=Path, help="file for the counts")
    parser.add_argument("--child", type=int, nargs=2, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        run_child(arguments.seed, *arguments.child)
        return
    if arguments.only is not None:
        _show_one(arguments.seed, arguments.only)
        return
    limits: dict[str, Any] = {"workers": arguments.workers, "minutes": arguments.minutes}
    report = fuzz(arguments.seed, arguments.mutants, **limits, progress=True)
    print(f"\n{report.tried:,} mutants of seed {arguments.seed} in {report.seconds:.0f} s\n")
    print(report.table())
    for number, outcome in sorted(report.failures.items()):
        print(f"\n--seed {arguments.seed} --only {number}: {outcome}")
    if arguments.json:
        _store(report, arguments)
    sys.exit(bool(report.failures))


if __name__ == "__main__":
    main()
