"""Kill the studio at random moments while it is answered as fast as it acknowledges.

    python -m scripts.studio.kills [--kills 100]          some minutes; adds to results/studio.md

After each kill the file is checked, the command is started again on the same project, and the next
answers follow. Every tenth time pretraining is running too: its process has to end, and the project
to go on without vectors of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import signal
import sqlite3
import tempfile
import textwrap
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from scripts.corpora import read_set
from scripts.studio.command import Client, start, write_texts
from scripts.studio.page import write_part
from sentiment_transfer.corpus import Labelled

N_TEXTS = 1_000
LONGEST = 1.5
"""Seconds from the first answer to a kill, at most."""
PRETRAINED = 10
"""Kills from one during which a process of pretraining runs to the next such."""


@dataclass
class Outcome:
    """What the kills did.

    Attributes
    ----------
    kills, in_pretraining
        Their number, and that of those during pretraining.
    sent, acknowledged
        Answers: the latter were confirmed before the kill, or found in the file after it.
    lost, twice
        Acknowledged ones that the file has not, or has twice.
    unacknowledged
        Answers that were written though the kill came before the acknowledgement.
    broken, orphans
        Files that fail SQLite's check, and children that outlived the command.
    restart
        Seconds from the start of the command to the first text.
    """

    kills: int = 0
    in_pretraining: int = 0
    sent: int = 0
    acknowledged: int = 0
    lost: int = 0
    twice: int = 0
    unacknowledged: int = 0
    broken: int = 0
    orphans: int = 0
    restart: list[float] = field(default_factory=list)


class _Trial:
    """One project that is killed again and again."""

    def __init__(self, folder: Path, texts: Labelled, rng: np.random.Generator) -> None:
        self._folder, self._texts, self._rng = folder, texts, rng
        self._project = folder / "project.sqlite"
        write_texts(folder / "texts.jsonl", list(texts.texts))
        self._known: dict[int, str] = {}  # acknowledged, by number of the text
        self._pending: tuple[int, str] | None = None
        self.outcome = Outcome()

    @property
    def n_left(self) -> int:
        """Texts without a label."""
        return len(self._texts) - len(self._known)

    def kill(self, *, pretrains: bool) -> None:
        """Start, answer, kill and check."""
        began = time.perf_counter()
        process, link = start(self._folder / "texts.jsonl", "--project", self._project)
        client, children = Client(link), list[int]()
        try:
            state = client.wait()
            self.outcome.restart.append(time.perf_counter() - began)
            self._compare_state(client)
            if pretrains:
                client.post("/studio/jobs", kind="pretrain", epochs=1_000)
                time.sleep(1)
                children = _children(process.pid)
            delay = self._rng.uniform(0, LONGEST)
            threading.Timer(delay, os.kill, (process.pid, signal.SIGKILL)).start()
            with contextlib.suppress(OSError, http.client.HTTPException):
                self._answer(client, state)
        finally:
            client.close()
            process.wait(60)
        self.outcome.kills += 1
        self.outcome.in_pretraining += pretrains
        self.outcome.orphans += _still_there(children)
        self._check()

    def _answer(self, client: Client, state: dict[str, list[dict[str, int]]]) -> None:
        """Answer until the command is killed."""
        while state["queue"]:
            number = state["queue"][0]["id"]
            self._pending = number, self._texts.labels[number - 1]
            self.outcome.sent += 1
            state = client.answer(*self._pending)
            self._known[number] = self._pending[1]
            self._pending = None
        raise AssertionError("no text is left")

    def _compare_state(self, client: Client) -> None:
        """Compare the labels that the API gives with those that were acknowledged."""
        lines = client.get("/studio/labels.jsonl").decode().splitlines()
        counts = Counter(json.loads(line)["text"] for line in lines)
        texts = self._texts.texts
        self.outcome.lost += sum(texts[number - 1] not in counts for number in self._known)

    def _check(self) -> None:
        """Check the file, as another program would."""
        database = sqlite3.connect(self._project)
        (found,) = database.execute("PRAGMA integrity_check").fetchone()
        rows = database.execute("SELECT text_id, label FROM labels").fetchall()
        database.close()
        outcome, counts = self.outcome, Counter(number for number, _ in rows)
        labels = dict(rows)
        outcome.broken += found != "ok"
        outcome.twice += sum(n > 1 for n in counts.values())
        outcome.lost += sum(labels.get(n) != label for n, label in self._known.items())
        if self._pending is not None and self._pending[0] in labels:
            outcome.unacknowledged += 1
            self._known[self._pending[0]] = self._pending[1]
        self._pending = None
        outcome.acknowledged = len(self._known)


def _children(parent: int) -> list[int]:
    """Return the processes that a process started."""
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            number, _, rest = each.read_text(encoding="utf-8").partition(" (")
            if int(rest.rpartition(") ")[2].split()[1]) == parent:
                found.append(int(number))
    return found


def _still_there(children: list[int]) -> int:
    """Return how many processes are there five seconds later, and end them."""
    end = time.monotonic() + 5
    left = children
    while left and time.monotonic() < end:
        time.sleep(0.05)
        left = [child for child in left if _runs(child)]
    for child in left:
        os.kill(child, signal.SIGKILL)
    return len(left)


def _runs(process: int) -> bool:
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
        return status.rpartition(") ")[2][0] != "Z"
    return False


def run(kills: int, seed: int) -> Outcome:
    """Kill a number of times; a new project is begun when few texts are left."""
    rng, source = np.random.default_rng(seed), read_set("mr").pool
    total, done = Outcome(), 0
    while done < kills:
        rows = rng.permutation(len(source))[:N_TEXTS]
        texts = Labelled([source.texts[i] for i in rows], [source.labels[i] for i in rows])
        with tempfile.TemporaryDirectory() as folder:
            trial = _Trial(Path(folder), texts, rng)
            while done < kills and trial.n_left > N_TEXTS // 2:
                trial.kill(pretrains=done % PRETRAINED == PRETRAINED - 1)
                done += 1
                print(done, trial.outcome, flush=True)
        _add(total, trial.outcome)
    return total


def _add(total: Outcome, one: Outcome) -> None:
    for name, value in vars(one).items():
        setattr(total, name, getattr(total, name) + value)


def as_text(found: Outcome) -> str:
    """Return what is said of the kills."""
    restarts = np.quantile(found.restart, [0.5, 1])
    said = (
        f"`kill -9` at {found.kills} random moments, {found.in_pretraining} of them during "
        f"pretraining, while a client answers as fast as it gets acknowledgements (1,000 sentences "
        f"of `mr`): {found.sent:,} answers were sent and {found.acknowledged:,} are in the file, "
        f"{found.unacknowledged} of which were written though the kill came before the "
        f"acknowledgement. Of the acknowledged ones **{found.lost} were lost** and {found.twice} "
        f"were there twice, in the file as well as by the API of the next start. SQLite's check of "
        f"integrity failed {found.broken} times. {found.orphans} processes of pretraining outlived "
        f"the command. The first text was there again after {restarts[0]:.1f} s (median; at most "
        f"{restarts[1]:.1f} s). A kill is no power cut: whether the disk keeps what it was told to "
        "write was not tried."
    )
    return textwrap.fill(said, 98, break_on_hyphens=False) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    write_part("kills", as_text(run(arguments.kills, arguments.seed)))


if __name__ == "__main__":
    main()
