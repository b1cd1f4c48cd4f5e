"""Kill workers, client and scheduler of a `pretrain` on Dask, and compare the files it writes.

    python -m scripts.scale.kills [--only workers clients schedulers] [--count 20] [--seed 0]

Each kind of trial trains on the same texts, which are drawn from a seed, in two shares. Right is
the file that two threads of one process write, to the byte. The outcomes are stored with the other
trials of reliability.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.reliability import FOLDER, PAGE, Outcomes, page, store
from scripts.scale.processes import ClusterProcesses, until, workers_of
from scripts.torture.programs import (
    COMMAND,
    digest,
    environment,
    leftovers,
    start,
    write_texts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["TRIALS", "Training"]

SHARES = 2
FILES = 4
LOCAL = f"local:{SHARES}"
GONE = ("is gone", "does not answer", "has no worker")
"""What the client says of a scheduler that was killed, at work or before it was reached."""

GAVE_UP = "workers died, one after the other"
BETWEEN = 1.0, 10.0
"""Seconds between two kills of workers."""

LONGEST = 1800
"""Seconds after which a run counts as hanging."""


@dataclass
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

    def start(self, place: str, cluster: str | None = None) -> subprocess.Popen[str]:
        """Start the command on a cluster, or in threads; its state is in a folder ``place``."""
        files = [str(path) for path in sorted(self.folder.glob("texts-*.csv"))]
        line = [*COMMAND, "pretrain", *files, "-q", "--epochs", str(self.epochs), "--workers"]
        line += [str(SHARES), "--checkpoint", str(self.folder / place), "-o", self._output(place)]
        return start(line + ["--cluster", cluster] * (cluster is not None), environment())

    def _output(self, place: str) -> str:
        return str(self.folder / f"{place}.safetensors")

    def result(self, place: str, process: subprocess.Popen[str]) -> str:
        """Wait for a run; return the hash of what it wrote, or its last message if it failed."""
        with process:
            _, err = process.communicate(timeout=LONGEST)
        if process.returncode == 0:
            return digest(Path(self._output(place)))
        return (err.splitlines() or ["ended without a message"])[-1]

    @cached_property
    def expected(self) -> str:
        """Hash of what threads write."""
        return self.result("threads", self.start("threads"))

    @cached_property
    def seconds(self) -> float:
        """Seconds of an undisturbed run on a local cluster, the first time."""
        began = time.monotonic()
        found = self.result("undisturbed", self.start("undisturbed", LOCAL))
        if found != self.expected:
            raise RuntimeError(f"without any kill: {found} instead of {self.expected}")
        return time.monotonic() - began


def workers(training: Training, count: int, outcomes: Outcomes) -> None:
    """Kill workers of a local cluster at random moments, until there were ``count`` kills."""
    run = 0
    while outcomes.tried < count:
        place = f"workers-{run}"
        process = training.start(place, LOCAL)
        until(lambda: (training.folder / place).exists() or process.poll() is not None, LONGEST)  # noqa: B023
        killed = _kill_workers(process, count - outcomes.tried, training.moments)
        if not killed:
            raise RuntimeError("the run ended before a kill; give more texts or epochs")
        outcomes.tried += killed
        found = training.result(place, process)
        if GAVE_UP in found:  # one call had the bad luck of several kills
            outcomes.counts["runs that gave up a call, and were continued"] += 1
            found = training.result(place, training.start(place, LOCAL))
        _compare(training, place, found, outcomes)
        run += 1


def _kill_workers(process: subprocess.Popen[str], count: int, moments: random.Random) -> int:
    killed = 0
    while killed < count and process.poll() is None:
        time.sleep(moments.uniform(*BETWEEN))
        if found := workers_of(process.pid):
            os.kill(moments.choice(found), signal.SIGKILL)
            killed += 1
    return killed


def clients(training: Training, count: int, outcomes: Outcomes) -> None:
    """Kill client and scheduler, which are one process, and start the command again each time."""
    run = 0
    while outcomes.tried < count:
        place = f"clients-{run}"
        for _ in range(min(2, count - outcomes.tried)):
            process = training.start(place, LOCAL)
            outcomes.tried += _kill(process, process, training)
        found = training.result(place, training.start(place, LOCAL))
        _compare(training, place, found, outcomes)
        run += 1


def _kill(
    process: subprocess.Popen[str], victim: subprocess.Popen[Any], training: Training
) -> bool:
    """Kill a process at a random moment; return whether the run had not ended before.

    If it had, later moments are drawn earlier: runs take less time on a machine with less to do.
    """
    try:
        process.communicate(timeout=training.moments.uniform(0, training.seconds))
        training.seconds *= 0.7
    except subprocess.TimeoutExpired:
        victim.kill()
        if victim is process:
            process.communicate()
        return True
    return False


def schedulers(training: Training, count: int, outcomes: Outcomes) -> None:
    """Kill the scheduler; the client has to say so and end; then start everything again."""
    run = 0
    while outcomes.tried < count:
        place = f"schedulers-{run}"
        for _ in range(min(2, count - outcomes.tried)):
            _kill_scheduler(training, place, outcomes)
        with ExitStack() as stack:
            process = training.start(place, _cluster(stack, training.folder).address)
            _compare(training, place, training.result(place, process), outcomes)
        run += 1


def _cluster(stack: ExitStack, folder: Path) -> ClusterProcesses:
    cluster = stack.enter_context(ClusterProcesses(folder))
    for _ in range(SHARES):
        cluster.worker()
    return cluster


def _kill_scheduler(training: Training, place: str, outcomes: Outcomes) -> None:
    with ExitStack() as stack:
        cluster = _cluster(stack, training.folder)
        process = training.start(place, cluster.address)
        if not _kill(process, cluster.scheduler, training):
            return
        outcomes.tried += 1
        began = time.monotonic()
        message = training.result(place, process)
        waited = time.monotonic() - began
        if message == training.expected:
            outcomes.counts["clients that needed it no more"] += 1
            return
        if not any(said in message for said in GONE):
            outcomes.failures.append(f"{place}: the client ended with {message!r}")
        outcomes.counts[
            "clients that said so within 10 s" if waited < 10 else "clients that said so later"
        ] += 1


def _compare(training: Training, place: str, found: str, outcomes: Outcomes) -> None:
    same = found == training.expected
    outcomes.counts[f"runs with {'the same' if same else 'another'} file"] += 1
    if not same:
        outcomes.failures.append(f"{place}: {found} instead of {training.expected}")


TRIALS: dict[str, tuple[str, int, Callable[[Training, int, Outcomes], None]]] = {
    "workers": ("SIGKILL at random moments of workers of `pretrain` on Dask", 20, workers),
    "clients": ("SIGKILL of client and scheduler of `pretrain` on Dask", 10, clients),
    "schedulers": ("SIGKILL of the scheduler of `pretrain` on Dask", 10, schedulers),
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
        command += f" --texts {given.texts} --epochs {given.epochs}"
        store(f"cluster_{name}", what, outcomes, time.perf_counter() - began, command, FOLDER)
        failed += len(outcomes.failures)
        print(f"{name}: {outcomes.counts} {outcomes.failures}", flush=True)
    PAGE.write_text(page(FOLDER), encoding="utf-8")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
