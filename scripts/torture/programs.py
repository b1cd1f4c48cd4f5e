"""Programs to be killed or interrupted, and the texts and models that they work on."""

from __future__ import annotations

import csv
import hashlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.reports import ROOT
from sentiment_transfer import SentimentClassifier, load

if TYPE_CHECKING:
    import random

__all__ = [
    "COMMAND",
    "Command",
    "commands",
    "digest",
    "environment",
    "leftovers",
    "load_model",
    "run",
    "start",
    "texts",
    "wait_until_handled",
    "write_texts",
]

COMMAND = [sys.executable, "-m", "sentiment_transfer"]


def digest(path: Path) -> str:
    """The sha256 of a file, ``missing`` if there is none."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "missing"


def leftovers(*folders: Path) -> list[str]:
    """Names of the package's temporary files in folders and below."""
    found = (path for folder in folders for path in folder.rglob(".sentiment_transfer-*"))
    return sorted(path.name for path in found)


def load_model(path: str | Path) -> SentimentClassifier:
    """Load a classifier."""
    model = load(path)
    assert isinstance(model, SentimentClassifier)  # noqa: S101
    return model


def texts(n: int, rng: random.Random) -> list[str]:
    """Texts of 20 to 60 words, drawn from the reviews of ``corpora/movies72``."""
    reviews = (ROOT / "corpora" / "movies72" / "unlabelled.txt").read_text(encoding="utf-8")
    words = reviews.split()
    return [" ".join(rng.choices(words, k=rng.randint(20, 60))) for _ in range(n)]


def write_texts(path: Path, n: int, rng: random.Random) -> Path:
    """Write a CSV file of texts and return its path."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["text"])
        rows.writerows([text] for text in texts(n, rng))
    return path


@dataclass(frozen=True)
class Command:
    """A command of the package and the file that it writes."""

    arguments: tuple[str, ...]
    output: Path

    @property
    def line(self) -> list[str]:
        """What starts the command and lets it write to ``output``."""
        return [*COMMAND, *self.arguments, "-o", str(self.output)]


def commands(folder: Path, rng: random.Random, size: int = 1000) -> list[Command]:
    """Commands that write a file below ``folder / "out"``: `pretrain`, `fit` and `predict`."""
    many = str(write_texts(folder / "texts.csv", size, rng))
    few, out = str(ROOT / "corpora" / "movies72" / "labelled.csv"), folder / "out"
    out.mkdir()
    settings = ("-q", "--epochs", "3", "--vector-size", "50", "--min-count", "1")
    resumed = ("--checkpoint", str(out / "run"))
    return [
        Command(("pretrain", many, *settings, *resumed), out / "vectors.safetensors"),
        Command(("fit", few, "--vectors", "reviews-en"), out / "model.safetensors"),
        Command(("predict", "reviews-en", many), out / "labels.csv"),
    ]


def environment(temporary: Path | None = None, **more: str) -> dict[str, str]:
    """The environment of a program that imports this copy of the package."""
    own = {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    if temporary is not None:
        temporary.mkdir(exist_ok=True)
        own["TMPDIR"] = str(temporary)
    return os.environ | own | more


def start(line: list[str], env: dict[str, str]) -> subprocess.Popen[str]:
    """Start a program whose output and messages can be read."""
    pipe = subprocess.PIPE
    return subprocess.Popen(
        line, stdout=pipe, stderr=pipe, stdin=subprocess.DEVNULL, text=True, env=env
    )


def run(line: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run a program to its end."""
    with start(line, env) as process:
        out, err = process.communicate()
    return subprocess.CompletedProcess(line, process.returncode, out, err)


def wait_until_handled(process: subprocess.Popen[str], number: int) -> None:
    """Wait until a program handles a signal, or ends (Linux; elsewhere a fifth of a second)."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        time.sleep(0.2)
        return
    while process.poll() is None:
        caught = next(line for line in status.read_text().splitlines() if line.startswith("SigCgt"))
        if int(caught.split()[1], 16) >> (number - 1) & 1:
            return
        time.sleep(0.001)
