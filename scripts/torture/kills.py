"""Commands that are killed or get a signal at random moments."""

from __future__ import annotations

import hashlib
import random
import shutil
import signal
import sys
import time
from contextlib import contextmanager
from functools import cache, partial
from itertools import chain
from typing import TYPE_CHECKING

from scripts.reliability import Outcomes
from scripts.reports import ROOT
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from subprocess import Popen

    from scripts.torture.programs import Command

__all__ = ["comparisons", "kills", "signals"]

OLD = hashlib.sha256(b"old").hexdigest()

EVERY_ROUND = """
import sys
from sentiment_transfer.pretraining import checkpoints, schedule, skipgram
checkpoints.PAUSE, checkpoints.SHARE = 0.0, float("inf")
skipgram.TOKENS_A_WORKER, schedule.FEWEST_ROUNDS = 1, 20
from sentiment_transfer.cli import main
main(sys.argv[1:])
"""
"""`pretrain` that saves its state after every round, of which it has many."""

PRETRAIN = {
    "saved every round, 1 thread": ([sys.executable, "-c", EVERY_ROUND], 300, "6", "1"),
    "saved every round, 2 threads": ([sys.executable, "-c", EVERY_ROUND], 300, "6", "2"),
    "saved as often as by default": (COMMAND, 6000, "25", "1"),
}
"""For each way to run `pretrain`: the program, texts, epochs and threads."""


UNHURT = 20
"""Runs one after another that end before they are killed, after which something is wrong."""


def kills(count: int, seed: int, folder: Path) -> Outcomes:
    """Kill checkpointed `pretrain` runs at random moments; each is resumed until it ends.

    ``count`` is the number of kills; there are one or two in a run. A run is right if its vectors
    have the bytes of an undisturbed run, and no temporary file is left.
    """
    rng = random.Random(seed)
    ways = [partial(_pretrain, folder / str(i), name, rng) for i, name in enumerate(PRETRAIN)]
    return _kill(ways, count, rng)


def comparisons(count: int, seed: int, folder: Path) -> Outcomes:
    """Kill `compare --resume` at random moments; right is the table of an undisturbed run."""
    corpus = ROOT / "corpora" / "movies72"
    line = [*COMMAND, "compare", "--vectors", "reviews-en", "--budgets", "2,4", "--draws", "10"]
    line += ["--labelled", str(corpus / "labelled.csv"), "--test", str(corpus / "held_out.csv")]
    line += ["--arms", "model,tfidf", "-q"]
    written = {"--resume": "runs.jsonl", "-o": "table.csv"}
    way = partial(Resumed, folder / "compare", line, written, _without_seconds)
    return _kill([way], count, random.Random(seed))


def _pretrain(folder: Path, name: str, rng: random.Random) -> Resumed:
    folder.mkdir()
    program, n_texts, epochs, workers = PRETRAIN[name]
    texts = str(write_texts(folder / "texts.csv", n_texts, rng))
    line = [*program, "pretrain", texts, "-q", "--epochs", epochs, "--workers", workers]
    line += ["--vector-size", "50", "--min-count", "1"]
    written = {"--checkpoint": "run", "-o": "vectors"}
    return Resumed(folder, line, written, digest)


def _without_seconds(table: Path) -> str:
    """The content of a table of results, without the last column: how long it took."""
    rows = table.read_text(encoding="utf-8").splitlines() if table.exists() else []
    return "\n".join(row.rpartition(",")[0] for row in rows)


def _kill(ways: Sequence[Callable[[], Resumed]], count: int, rng: random.Random) -> Outcomes:
    """Kill commands until there were ``count`` kills, the ways to run them in turn."""
    outcomes, n_runs, unhurt = Outcomes(), 0, 0
    made = [cache(way) for way in ways]  # when they are first needed
    while outcomes.tried < count:
        way, times = made[n_runs % len(ways)](), 1 + n_runs // len(ways) % 2
        moments = way.kill(min(times, count - outcomes.tried), rng)
        unhurt = 0 if moments else unhurt + 1
        if unhurt == UNHURT:
            raise RuntimeError(f"{UNHURT} runs ended before a kill, the last one of {way.line}")
        if not moments:
            continue
        n_runs += 1
        outcomes.tried += len(moments)
        failure = way.resume()
        outcomes.counts[f"runs with {'another' if failure else 'the same'} result"] += 1
        if failure:
            outcomes.failures.append(f"{way.line}, killed after {moments} s: {failure}")
    return outcomes


class Resumed:
    """A command that continues where it was killed, and what an undisturbed run of it gives.

    Parameters
    ----------
    folder
        For all its files.
    line
        Starts the command.
    written
        Options with the name of the file or folder that each writes, the result last.
    result
        What is compared of the result.
    """

    def __init__(
        self, folder: Path, line: list[str], written: dict[str, str], result: Callable[[Path], str]
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.line, self._written, self._result = line, written, result
        self._folder, self._killed = folder, folder / "killed"
        self._env = environment(folder / "temporary")
        for i in (1, 2):  # the first may have to compile
            place = folder / f"undisturbed-{i}"
            began = time.perf_counter()
            with self._start(place) as process:
                _, err = process.communicate()
            if process.returncode:
                raise RuntimeError(err)
            self._seconds = time.perf_counter() - began
        self._files, self._right = _files(place), self._result_in(place)

    def kill(self, times: int, rng: random.Random) -> list[float]:
        """Start a run and kill it; returns the seconds from its first file to each kill."""
        moments = []
        state = self._killed / next(iter(self._written.values()))
        for _ in range(times):
            with self._start(self._killed) as process:
                while process.poll() is None and not state.exists():
                    time.sleep(0.001)
                moment = round(rng.uniform(0, self._seconds), 3)
                if _wait(process, moment):
                    process.kill()
                    moments.append(moment)
        if not moments:
            shutil.rmtree(self._killed)
        return moments

    def resume(self) -> str | None:
        """Run to the end; returns what is wrong with the files, if anything is."""
        with self._start(self._killed) as process:
            _, err = process.communicate()
        wrong = leftovers(self._folder / "temporary")
        if process.returncode or self._result_in(self._killed) != self._right:
            wrong.append(f"exit code {process.returncode}, another result, {err!r}")
        if _files(self._killed) != self._files:
            wrong.append(f"files {_files(self._killed)}")
        shutil.rmtree(self._killed)
        return "; ".join(wrong) or None

    def _start(self, place: Path) -> Popen[str]:
        place.mkdir(exist_ok=True)
        options = [[option, str(place / name)] for option, name in self._written.items()]
        return start([*self.line, *chain(*options)], self._env)

    def _result_in(self, place: Path) -> str:
        return self._result(place / list(self._written.values())[-1])


def _files(place: Path) -> list[str]:
    return sorted(str(path.relative_to(place)) for path in place.rglob("*"))


def _wait(process: Popen[str], seconds: float) -> bool:
    """Wait; returns whether the program still runs."""
    end = time.perf_counter() + seconds
    while process.poll() is None and time.perf_counter() < end:
        time.sleep(0.001)
    return process.poll() is None


def signals(count: int, seed: int, folder: Path) -> Outcomes:
    """Send SIGTERM or SIGINT to commands that write over a file, at random moments.

    Expected: the exit code 143 or 130 with one line that names the end, the old file or the new
    one, and no temporary file; or, if the command was through, 0 and the new file.
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
        with _interruptible(), start(command.line, env) as process:
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


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let programs that are started handle SIGINT, which a shell's background jobs ignore."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


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
