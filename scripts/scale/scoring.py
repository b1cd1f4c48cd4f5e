"""Sentences a second from Parquet to Parquet: ``predict`` with two workers, beside peers.

    python -m scripts.scale.scoring
    python -m scripts.scale.scoring --peer fasttext=PYTHON --peer sklearn=PYTHON

PYTHON is an interpreter in which the peer is installed. A peer answers the first file alone, in one
process; all are compared by CPU seconds for a million sentences, start and reading of the model
included. Turns alternate; the first one warms up and is not counted.
"""

from __future__ import annotations

import argparse
import platform
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from scripts.corpora import read_set
from scripts.reports import RESULTS, ROOT, markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SETS = ("mr", "uci_amazon", "uci_imdb", "uci_yelp")
REVIEWS = 6_000
MODEL = "reviews-en"
PEERS = ROOT / "scripts" / "scale" / "scoring_peers.py"
TARGET = 400_000


class Spent(NamedTuple):
    """Seconds by the clock and of CPU for a number of sentences."""

    wall: float
    cpu: float
    n: int

    @property
    def cpu_per_million(self) -> float:
        """CPU seconds for a million sentences."""
        return 1e6 * self.cpu / self.n


def sentences() -> list[str]:
    """Distinct sentences of the English sets, of 3 to 60 words."""
    found = []
    for name in SETS:
        both = read_set(name)
        found += [*both.pool.texts, *both.test.texts]
    for text in islice(read_set("imdb").pool.texts, REVIEWS):
        parts = re.split(r"(?<=[.!?])\s+", re.sub(r"<br ?/?>", " ", text))
        found += [part for part in parts if 3 <= len(part.split()) <= 60]
    return list(dict.fromkeys(found))


def write_files(folder: Path, distinct: Sequence[str], n: int, n_files: int) -> list[Path]:
    """Write sentences drawn at random, with a number each."""
    rng, paths = np.random.default_rng(0), []
    for i in range(n_files):
        rows = rng.integers(0, len(distinct), n // n_files)
        numbers = np.arange(len(rows)) + i * len(rows)
        path = folder / f"part-{i:04}.parquet"
        pq.write_table(pa.table({"id": numbers, "text": [distinct[row] for row in rows]}), path)
        paths.append(path)
    return paths


def spent(command: Sequence[str | Path], n: int) -> Spent:
    """Run a command, and return what it and its processes took."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Spent(wall, cpu, n)


def contestants(
    folder: Path, paths: list[Path], n: int, workers: int, peers: dict[str, str]
) -> Iterator[tuple[str, list[str | Path], int]]:
    """Yield the name of each contestant, its command, and how many sentences it answers."""
    ours = [sys.executable, "-m", "sentiment_transfer", "predict", MODEL]
    out = folder / "out"
    name = f"sentiment-transfer predict, {workers} workers"
    yield name, [*ours, *paths, "-o", f"{out}/", "--workers", str(workers), "--quiet"], n
    labelled = folder / "labelled.parquet"
    pool = read_set("mr").pool
    pq.write_table(pa.table({"text": pool.texts, "label": [*map(str, pool.labels)]}), labelled)
    for peer, python in peers.items():
        model = folder / f"{peer}.model"
        spent([python, PEERS, "train", peer, labelled, model], 1)
        command = [python, PEERS, "score", peer, model, paths[0], folder / "peer.parquet"]
        yield f"{peer}, 1 process", command, n // len(paths)


def measure(
    arguments: argparse.Namespace, folder: Path
) -> tuple[list[str], dict[str, list[Spent]]]:
    """Return facts about the sentences, and what each contestant took in each turn."""
    distinct = sentences()
    words = statistics.mean(len(text.split()) for text in distinct)
    n = arguments.sentences // arguments.files * arguments.files
    paths = write_files(folder, distinct, n, arguments.files)
    size = sum(path.stat().st_size for path in paths) / 1e6
    fact = (
        f"{n:,} sentences of {words:.1f} words on average, drawn from {len(distinct):,} distinct "
        f"ones, in {len(paths)} Parquet files of {size:,.0f} MB together"
    )
    runs = list(contestants(folder, paths, n, arguments.workers, dict(arguments.peer)))
    taken: dict[str, list[Spent]] = {name: [] for name, _, _ in runs}
    for turn in range(1 + arguments.turns):
        for name, command, amount in runs:
            shutil.rmtree(folder / "out", ignore_errors=True)
            found = spent(command, amount)
            print(turn, name, found, f"{found.cpu_per_million:.2f} s of CPU a million", flush=True)
            if turn:
                taken[name].append(found)
    return fact, taken


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Return the median, with the least and the most."""
    middle, least, most = statistics.median(values), min(values), max(values)
    return f"{middle:,.{digits}f} ({least:,.{digits}f} to {most:,.{digits}f})"


def report(fact: str, taken: dict[str, list[Spent]], workers: int, command: str) -> list[str]:
    """Return the page of results."""
    ours = next(iter(taken.values()))
    peer_n = min(each[0].n for each in taken.values())
    rows = []
    for name, found in taken.items():
        pairs = zip(found, ours, strict=True)
        ratios = [one.cpu_per_million / own.cpu_per_million for one, own in pairs]
        rows.append(
            (
                name,
                spread([each.cpu_per_million for each in found]),
                spread(ratios, 1),
                spread([each.n / each.wall for each in found], 0),
            )
        )
    alone = [workers * each.n / each.cpu for each in ours]
    shares = [each.cpu / each.wall / workers for each in ours]
    header = ("", "CPU s a million", "ratio", "sentences a second by the clock")
    how = (
        f"model {MODEL}; median of {len(ours)} alternating turns, least and most in brackets; "
        "start of the processes and reading of the model included"
    )
    less = (
        f"a peer answers one file, {peer_n:,} sentences, so its start weighs more: compare with "
        "`--files 1 --workers 1`, and two sizes for the time without a start"
    )
    limit = (
        f"With {workers} cores of its own, that CPU time is {spread(alone, 0)} sentences a second "
        f"(target: {TARGET:,}). In these turns it got {spread([100 * s for s in shares], 0)} % of "
        "them: the rest is the start and the end, where one core waits, and other work on the "
        "machine, which also makes a second of CPU worth less."
    )
    return [
        "# Scoring Parquet to Parquet",
        "",
        f"Made by `{command}` on {platform.machine()}, Python {platform.python_version()}.",
        "",
        f"- {fact}",
        f"- {how}",
        *([f"- {less}"] if len(taken) > 1 else []),
        "",
        *markdown_table(header, rows),
        "",
        limit,
        "",
    ]


def _peer(given: str) -> tuple[str, str]:
    name, _, python = given.partition("=")
    return name, python


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=4_000_000)
    parser.add_argument("--files", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--peer", type=_peer, action="append", default=[])
    parser.add_argument("--out", type=Path, default=RESULTS / "scale-scoring.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        fact, taken = measure(arguments, Path(folder))
    peers = "".join(f" --peer {name}=PYTHON" for name, _ in arguments.peer)
    sizes = f"--sentences {arguments.sentences} --files {arguments.files}"
    command = f"python -m scripts.scale.scoring {sizes}{peers}"
    lines = report(fact, taken, arguments.workers, command)
    arguments.out.write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()
