"""The run of `scripts.scale.billion` on a local Dask cluster: its rate, and deaths on the way.

    python -m scripts.scale.billion_dask [--words 1000] [--folder FOLDER] [--kills 20] [--seed 1]

Two workers of one thread train on the corpus undisturbed; then once more while workers are killed
every 10 to 25 seconds and the client, with the scheduler, once after 100. A command that ends with
an error is started again, as its message says. Both must end with the vectors of two threads, which
`scale-billion.csv` has. Rows are kept in ``FOLDER/dask/rows.jsonl``; ``--report`` only writes the
page.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from scripts.reports import RESULTS, ROOT, markdown_table
from scripts.scale.billion import COMMAND, digest
from scripts.scale.processes import workers_of

NAME = "scale-dask"
BETWEEN = 10.0, 25.0
"""Seconds between two kills of workers."""
CLIENT_AFTER = 100.0
MOST_STARTS = 6


def command(corpus: Path, folder: Path, run: str) -> list[str]:
    """Return the command line of a run."""
    files = map(str, sorted(corpus.glob("*.parquet")))
    place = ["-o", str(folder / f"{run}.safetensors"), "--checkpoint", str(folder / run)]
    return [*COMMAND, *files, *place, "--epochs", "3", "--cluster", "local:2", "--workers", "2"]


def undisturbed(corpus: Path, folder: Path) -> dict[str, Any]:
    """Train, and return the row."""
    began = time.perf_counter()
    subprocess.run(command(corpus, folder, "undisturbed"), check=True)
    seconds = time.perf_counter() - began
    sha256, _ = digest(folder / "undisturbed.safetensors")
    return {"run": "undisturbed", "seconds": seconds, "starts": 1, "sha256": sha256}


def killed(corpus: Path, folder: Path, kills: int, seed: int) -> dict[str, Any]:
    """Train while workers die, and the client once; return the row."""
    moments, left, starts = random.Random(seed), kills, 0  # noqa: S311
    began, returncode = time.perf_counter(), 1
    while returncode and starts < MOST_STARTS:
        process = subprocess.Popen(command(corpus, folder, "killed"))
        end = time.monotonic() + (CLIENT_AFTER if starts == 0 else float("inf"))
        left -= kill_workers(process, left, end, moments)
        returncode, starts = process.wait(), starts + 1
    seconds = time.perf_counter() - began
    sha256, _ = digest(folder / "killed.safetensors")
    run = f"{kills - left} workers and the client killed"
    return {"run": run, "seconds": seconds, "starts": starts, "sha256": sha256}


def kill_workers(
    process: subprocess.Popen[bytes], most: int, end: float, moments: random.Random
) -> int:
    """Kill workers until the command ends, which is killed at ``end``; return how many."""
    n, due = 0, time.monotonic() + moments.uniform(*BETWEEN)
    while process.poll() is None:
        time.sleep(0.5)
        if time.monotonic() > due and n < most:
            found = workers_of(process.pid)
            if found:
                os.kill(moments.choice(found), signal.SIGKILL)
                n += 1
            due = time.monotonic() + moments.uniform(*BETWEEN)
        if time.monotonic() > end:
            process.kill()
    return n


def report(rows: list[dict[str, Any]], out: Path) -> None:
    """Write the page and the table."""
    with (out / "scale-billion.csv").open(encoding="utf-8") as file:
        threads = next(csv.DictReader(file))
    rows = [
        {"run": "two threads, no cluster", "seconds": float(threads["wall"]), "starts": 1}
        | {"sha256": threads["sha256"]},
        *rows,
    ]
    with (out / f"{NAME}.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0], lineterminator="\n")
        table.writeheader()
        table.writerows({**row, "seconds": round(row["seconds"], 1)} for row in rows)
    cells = [
        [row["run"], f"{row['seconds']:,.0f}", row["starts"], row["sha256"][:12]] for row in rows
    ]
    lines = [
        "## 1,000 million words on Dask",
        "",
        "The texts and settings of [scale-billion.md](scale-billion.md), on a local cluster of two",
        "workers of one thread, from the start of the command to the model. By",
        "`python -m scripts.scale.billion_dask`.",
        "",
        *markdown_table(("run", "seconds", "starts of the command", "sha256"), cells),
        "",
        f"The rate undisturbed is {100 * rows[0]['seconds'] / rows[1]['seconds']:.0f} % of that of",
        "two threads: the files are counted by both workers at the same time, the rounds wait for",
        "weights to be read, written and merged.",
        "",
    ]
    (out / f"{NAME}.md").write_text("\n".join(lines), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--words", type=float, default=1000, help="millions of words")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "scale")
    parser.add_argument("--kills", type=int, default=20, help="of workers")
    parser.add_argument("--seed", type=int, default=1, help="of the moments of the kills")
    parser.add_argument("--report", action="store_true", help="only write the page")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    folder = options.folder / "dask"
    kept = folder / "rows.jsonl"
    if not options.report:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        corpus = options.folder / f"words-{options.words:g}"
        with kept.open("w", encoding="utf-8") as file:
            print(json.dumps(undisturbed(corpus, folder)), file=file, flush=True)
            row = killed(corpus, folder, options.kills, options.seed)
            print(json.dumps(row), file=file, flush=True)
    report([json.loads(line) for line in kept.read_text("utf-8").splitlines()], options.out)


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = str(ROOT)
    main()
