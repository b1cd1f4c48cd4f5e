"""Commands that are killed or get a signal at random moments."""

from __future__ import annotations

import hashlib
import random
import shutil
import signal
import sys
import time
from typing import TYPE_CHECKING

from scripts.torture.programs import (
    COMMAND,
    commands,
    digest,
    environment,
    leftovers,
    run,
    start,
    wait_until_handled,
    write_texts,
)
from scripts.torture.results import Outcomes

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import Popen

    from scripts.torture.programs import Command

__all__ = ["kills", "signals"]

OLD = hashlib.sha256(b"old").hexdigest()

EVERY_ROUND = """
import sys
from sentiment_transfer.pretraining import checkpoints, rounds, skipgram
checkpoints.PAUSE, checkpoints.SHARE = 0.0, float("inf")
skipgram.TOKENS_A_WORKER, rounds.FEWEST_ROUNDS = 1, 20
from sentiment_transfer.cli import main
main(sys.argv[1:])
"""
"""`pretrain` that saves its state after every round, of which it has many."""

RUNS = {
    "saved every round, 1 thread": ([sys.executable, "-c", EVERY_ROUND], 300, "6", "1"),
    "saved every round, 2 threads": ([sys.executable, "-c", EVERY_ROUND], 300, "6", "2"),
    "saved as often as by default": (COMMAND, 6000, "25", "1"),
}
"""For each way to run `pretrain`: the program, texts, epochs and threads."""


def kills(count: int, seed: int, folder: Path) -> Outcomes:
    """Kill checkpointed `pretrain` runs at random moments; each is resumed until it ends.

    ``count`` is the number of kills; there are one or two in a run. A run is right if its vectors
    have the bytes of an undisturbed run, and no temporary file is left.
    """
    rng = random.Random(seed)
    outcomes = Outcomes()
    ways: dict[str, _Way] = {}
    n_runs = 0
    while outcomes.tried < count:
        name = list(RUNS)[n_runs % len(RUNS)]
        if name not in ways:
            ways[name] = _Way(folder / str(n_runs), name, rng)
        way = ways[name]
        moments = way.kill(min(1 + n_runs // len(RUNS) % 2, count - outcomes.tried), rng)
        if not moments:
            continue
        n_runs += 1
        outcomes.tried += len(moments)
        failure = way.resume()
        outcomes.counts["runs with other bytes" if failure else "runs with the same bytes"] += 1
        if failure:
            outcomes.failures.append(f"{way.name}, killed after {moments} s: {failure}")
    return outcomes


class _Way:
    """One way to run `pretrain`, with the result and duration of an undisturbed run."""

    def __init__(self, folder: Path, name: str, rng: random.Random) -> None:
        program, n_texts, epochs, workers = RUNS[name]
        self.name, self._folder = name, folder
        folder.mkdir()
        texts = str(write_texts(folder / "texts.csv", n_texts, rng))
        settings = ["-q", "--epochs", epochs, "--workers", workers, "--vector-size", "50"]
        self._line = [*program, "pretrain", texts, *settings, "--min-count", "1"]
        self._env = environment(folder / "temporary")
        for i in (1, 2):  # the first may have to compile
            place = folder / f"undisturbed-{i}"
            place.mkdir()
            began = time.perf_counter()
            run(self._places(place), self._env).check_returncode()
            self._seconds = time.perf_counter() - began
        self._right = digest(place / "vectors")

    def kill(self, times: int, rng: random.Random) -> list[float]:
        """Start a run and kill it; returns the seconds from its first file to each kill."""
        place = self._folder / "killed"
        place.mkdir()
        moments = []
        for _ in range(times):
            with start(self._places(place), self._env) as process:
                while process.poll() is None and not (place / "run").exists():
                    time.sleep(0.001)
                moment = round(rng.uniform(0, self._seconds), 3)
                if _wait(process, moment):
                    process.kill()
                    moments.append(moment)
        if not moments:
            shutil.rmtree(place)
        return moments

    def resume(self) -> str | None:
        """Run to the end; returns what is wrong with the files, if anything is."""
        place = self._folder / "killed"
        done = run(self._places(place), self._env)
        wrong = []
        if done.returncode or digest(place / "vectors") != self._right:
            wrong.append(f"exit code {done.returncode}, other vectors, {done.stderr!r}")
        files = sorted(str(path.relative_to(place)) for path in place.rglob("*"))
        if files != ["run", "run/weights.safetensors", "vectors"]:
            wrong.append(f"files {files}")
        wrong += leftovers(self._folder / "temporary")
        shutil.rmtree(place)
        return "; ".join(wrong) or None

    def _places(self, place: Path) -> list[str]:
        return [*self._line, "--checkpoint", str(place / "run"), "-o", str(place / "vectors")]


def _wait(process: Popen[str], seconds: float) -> bool:
    """Wait; returns whether the program still runs."""
    end = time.perf_counter() + seconds
    while process.poll() is None and time.perf_counter() < end:
        time.sleep(0.001)
    return process.poll() is None


def signals(count: int, seed: int, folder: Path) -> Outcomes:
    """Send SIGTERM or SIGINT to commands that write over a file, at random moments.

    Right is the exit code 143 or 130 with one line that names the end, the old file or the new one,
    and no temporary file; or, if the command was through, 0 and the new file.
    """
    rng = random.Random(seed)
    outcomes, temporary = Outcomes(), folder / "temporary"
    env, tried = environment(temporary), commands(folder, rng)
    undisturbed: dict[Command, tuple[float, str]] = {}
    for i in range(count):
        command, number = tried[i // 2 % len(tried)], (signal.SIGTERM, signal.SIGINT)[i % 2]
        if command not in undisturbed:
            undisturbed[command] = _undisturbed(command, env)
        seconds, new = undisturbed[command]
        command.output.write_bytes(b"old")
        with start(command.line, env) as process:
            wait_until_handled(process, signal.SIGTERM)
            moment = round(rng.uniform(0, seconds), 3)
            time.sleep(moment)
            process.send_signal(number)
            _, err = process.communicate()
        outcome, wrong = _end_of(number, process.returncode, err, command.output, new)
        wrong = "; ".join([wrong, *leftovers(folder)]).strip("; ")
        came = f"{command.arguments[0]}, {number.name} after {moment} s"
        outcomes.add(outcome, f"{came}: {wrong}" if wrong else None)
    return outcomes


def _undisturbed(command: Command, env: dict[str, str]) -> tuple[float, str]:
    """How long a command takes once all is compiled, and the digest of the file that it writes."""
    for _ in range(2):
        began = time.perf_counter()
        run(command.line, env)
        seconds = time.perf_counter() - began
        shutil.rmtree(command.output.parent / "run", ignore_errors=True)
    return seconds, digest(command.output)


def _end_of(number: int, code: int, err: str, output: Path, new: str) -> tuple[str, str]:
    """Return the outcome of a command that got a signal, and what is wrong with it."""
    content = {OLD: "old file", new: "new file"}.get(digest(output), "another file")
    if code == 0:
        return "through, exit code 0, new file", "" if content == "new file" else content
    said = {signal.SIGTERM: "terminated", signal.SIGINT: "interrupted"}[signal.Signals(number)]
    outcome = f"{said}, exit code {128 + number}, {content}"
    right = code == 128 + number and err.splitlines()[-1:] == [said] and "Traceback" not in err
    return outcome, "" if right and content != "another file" else f"exit code {code}, {err!r}"
