"""Kill workers, client and scheduler of a training on Dask, and compare its vectors.

    python -m scripts.scale.kills [--only workers clients schedulers] [--count 20] [--seed 0]

Each kind of trial trains on the same texts, which are drawn from a seed, with two shares. Right are
the words, counts and values that two threads of one process give in memory; the comparison is by
sha256. The outcomes are stored with the other trials of reliability.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.reliability import FOLDER, PAGE, Outcomes, page, store
from scripts.scale.processes import ClusterProcesses, until, workers_of
from scripts.torture.programs import environment, leftovers, write_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["TRIALS", "Training"]

SHARES = 2
FILES = 4
LONGEST = 1800
"""Seconds after which a run counts as hanging."""


@dataclass(frozen=True)
class Training:
    """A training whose processes are killed: files of texts, their epochs, and where it works."""

    folder: Path
    epochs: int
    moments: random.Random

    @classmethod
    def write(cls, folder: Path, n_texts: int, epochs: int, seed: int) -> Training:
        """Draw the texts and write them."""
        draw = random.Random(seed)  # noqa: S311  (moments and texts, no secrets)
        for number in range(FILES):
            write_texts(folder / f"texts-{number}.csv", n_texts // FILES, draw)
        return cls(folder, epochs, draw)

    def start(self, executor: str, place: str) -> subprocess.Popen[str]:
        """Start the training on an executor, with a folder of its own for what it shares."""
        files = [str(path) for path in sorted(self.folder.glob("texts-*.csv"))]
        line = [sys.executable, "-m", "scripts.scale.train", *files, "--executor", executor]
        line += ["--place", str(self.folder / place), "--shares", str(SHARES)]
        line += ["--epochs", str(self.epochs)]
        pipe = subprocess.PIPE
        return subprocess.Popen(line, stdout=pipe, stderr=pipe, text=True, env=environment())

    def expected(self) -> dict[str, Any]:
        """Hash and seconds of an undisturbed run in the threads of one process."""
        return _found(self.start("none", "nothing"))

    def undisturbed(self) -> dict[str, Any]:
        """Hash and seconds of an undisturbed run on a local cluster."""
        return _found(self.start("local:2", "undisturbed"))


def _found(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a run; return what it printed, with the error as its hash if it failed."""
    with process:
        out, err = process.communicate(timeout=LONGEST)
    last = (err.splitlines() or ["nothing"])[-1]
    return dict(json.loads(out)) if process.returncode == 0 else {"hash": last, "seconds": 0.0}


def workers(training: Training, count: int, outcomes: Outcomes) -> None:
    """Kill workers of a local cluster at random moments, until there were ``count`` kills."""
    expected, run = training.expected()["hash"], 0
    while outcomes.tried < count:
        process = training.start("local:2", f"workers-{run}")
        killed = _kill_workers(process, count - outcomes.tried, training.moments)
        if not killed:
            raise RuntimeError("the run ended before a kill; give more texts or epochs")
        outcomes.tried += killed
        _compare(_found(process)["hash"], expected, f"{killed} workers killed", outcomes)
        run += 1


def _kill_workers(process: subprocess.Popen[str], count: int, moments: random.Random) -> int:
    killed = 0
    until(lambda: len(workers_of(process.pid)) == SHARES or process.poll() is not None)
    while killed < count and process.poll() is None:
        time.sleep(moments.uniform(1, 3))
        if found := workers_of(process.pid):
            os.kill(moments.choice(found), signal.SIGKILL)
            killed += 1
    return killed


def clients(training: Training, count: int, outcomes: Outcomes) -> None:
    """Kill client and scheduler, which are one process, and start the command again each time."""
    expected, seconds = training.expected()["hash"], training.undisturbed()["seconds"]
    run = 0
    while outcomes.tried < count:
        place = f"clients-{run}"
        for _ in range(min(2, count - outcomes.tried)):
            process = training.start("local:2", place)
            outcomes.tried += _kill(process, process, training.moments.uniform(1, seconds))
        _compare(_found(training.start("local:2", place))["hash"], expected, place, outcomes)
        run += 1


def _kill(process: subprocess.Popen[str], victim: subprocess.Popen[Any], after: float) -> bool:
    """Kill a process some seconds later unless the run has ended; return whether it was killed."""
    try:
        process.communicate(timeout=after)
    except subprocess.TimeoutExpired:
        victim.kill()
        return True
    return False


def schedulers(training: Training, count: int, outcomes: Outcomes) -> None:
    """Kill the scheduler; the client has to say so and end; then start everything again."""
    expected, seconds = training.expected()["hash"], training.undisturbed()["seconds"]
    folder = training.folder / "cluster"
    folder.mkdir()
    run = 0
    while outcomes.tried < count:
        place = f"schedulers-{run}"
        for _ in range(min(2, count - outcomes.tried)):
            _kill_scheduler(training, folder, place, seconds, outcomes)
        with ExitStack() as stack:
            process = training.start(_cluster(stack, folder).address, place)
            _compare(_found(process)["hash"], expected, place, outcomes)
        run += 1


def _cluster(stack: ExitStack, folder: Path) -> ClusterProcesses:
    cluster = stack.enter_context(ClusterProcesses(folder))
    for _ in range(SHARES):
        cluster.worker()
    return cluster


def _kill_scheduler(
    training: Training, folder: Path, place: str, seconds: float, outcomes: Outcomes
) -> None:
    with ExitStack() as stack:
        cluster = _cluster(stack, folder)
        process = training.start(cluster.address, place)
        if not _kill(process, cluster.scheduler, 3 + training.moments.uniform(0, seconds)):
            return
        outcomes.tried += 1
        began = time.monotonic()
        message = _found(process)["hash"]
        waited = time.monotonic() - began
        if "is gone" not in message and "does not answer" not in message:
            outcomes.failures.append(f"{place}: the client ended with {message!r}")
        outcomes.counts[f"clients that ended within {10 * (1 + int(waited) // 10)} s"] += 1


def _compare(found: str, expected: str, what: str, outcomes: Outcomes) -> None:
    outcomes.counts[f"runs with {'the same' if found == expected else 'another'} result"] += 1
    if found != expected:
        outcomes.failures.append(f"{what}: {found} instead of {expected}")


TRIALS: dict[str, tuple[str, int, Callable[[Training, int, Outcomes], None]]] = {
    "workers": ("SIGKILL at random moments of workers of a training on Dask", 20, workers),
    "clients": ("SIGKILL of client and scheduler of a training on Dask", 10, clients),
    "schedulers": ("SIGKILL of the scheduler of a training on Dask", 10, schedulers),
}


def run(name: str, count: int, texts: int, epochs: int, seed: int) -> Outcomes:
    """Do one kind of trial in a temporary folder."""
    outcomes = Outcomes()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        training = Training.write(folder, texts, epochs, seed)
        TRIALS[name][2](training, count, outcomes)
        outcomes.failures += [f"left over: {file}" for file in leftovers(folder)]
    return outcomes


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--only", nargs="+", choices=TRIALS, default=list(TRIALS))
    parser.add_argument("--count", type=int, help="kills of each kind")
    parser.add_argument("--texts", type=int, default=60_000)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0, help="draws texts and moments")
    given = parser.parse_args(arguments)
    failed = 0
    for name in given.only:
        what, count, _ = TRIALS[name]
        count, began = given.count or count, time.perf_counter()
        outcomes = run(name, count, given.texts, given.epochs, given.seed)
        command = f"python -m scripts.scale.kills --only {name} --count {count} --seed {given.seed}"
        store(f"cluster_{name}", what, outcomes, time.perf_counter() - began, command, FOLDER)
        failed += len(outcomes.failures)
        print(f"{name}: {outcomes.counts} {outcomes.failures}", flush=True)
    PAGE.write_text(page(FOLDER), encoding="utf-8")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
