"""The estimate of pretraining against the run: time, memory and disk.

    python -m scripts.scale.estimate [--words 20,100] [--folder FOLDER] [--times 2] [--seconds 10]
    python -m scripts.scale.estimate --compare scripts/results/scale-billion.csv --words 1000

Each corpus of `scripts.scale.corpus` is estimated and trained on in turn, ``--times`` times, so
that both meet the same machine. Time is compared by the clock, which depends on other programs
too, and in seconds of processors. Rows of sizes that are not measured this time stay. ``--compare``
estimates alone, and takes the run from what `scripts.scale.billion` wrote of it (the row
"undisturbed").
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path
from typing import Any

from scripts.reports import RESULTS, ROOT, markdown_table
from scripts.scale.billion import Job

__all__ = ["compared", "estimated", "report", "with_earlier"]

NAME = "scale-estimate"
MEGABYTE = 1_000_000
TARGETS = {"wall": 20, "cpu": 20, "peak_mb": 10, "ids_mb": 10, "model_mb": 10}
"""Largest allowed differences in %."""


def estimated(corpus: Path, folder: Path, *, epochs: int, workers: int, seconds: float) -> Any:  # noqa: ANN401
    """Estimate in a process of its own, as the command does; return the figures."""
    line = [sys.executable, "-m", "scripts.scale.estimate", "--figures", str(corpus)]
    line += ["--epochs", str(epochs), "--workers", str(workers), "--seconds", str(seconds)]
    line += ["--folder", str(folder)]
    done = subprocess.run(line, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def _figures(corpus: Path, folder: Path, epochs: int, workers: int, seconds: float) -> None:
    """Print the figures of an estimate as JSON."""
    import time

    from sentiment_transfer import SentimentClassifier, SkipGram, read_texts
    from sentiment_transfer.corpus.texts import TextTally
    from sentiment_transfer.model.estimate import estimate_pretraining

    texts = read_texts(sorted(corpus.glob("*.parquet")))
    texts.tally = TextTally()
    model = SentimentClassifier(skipgram=SkipGram(epochs=epochs, workers=workers))
    began = time.perf_counter()
    found = estimate_pretraining(model, texts, seconds=seconds, checkpoint=folder / "estimated")
    figures = {
        "wall": found.total.clock,
        "cpu": found.total.cpu,
        **{f"{name}_cpu": each.cpu for name, each in found.seconds.items()},
        "tokens": found.n_tokens,
        "vocabulary": found.n_words,
        "peak_mb": found.memory / MEGABYTE,
        "ids_mb": found.disk["token ids"] / MEGABYTE,
        "model_mb": found.disk["model"] / MEGABYTE,
        "took": time.perf_counter() - began,
    }
    print(json.dumps(figures))


def measured(corpus: Path, folder: Path, *, epochs: int, workers: int) -> dict[str, Any]:
    """Train by the command line; return the figures."""
    job = Job(corpus, folder, ["--epochs", str(epochs), "--workers", str(workers)])
    run = job.run()
    size = job.output.stat().st_size / MEGABYTE
    return {**run, "ids_mb": job.most_on_disk, "model_mb": size}


def recorded(path: Path) -> dict[str, Any]:
    """Read the figures of a run that `scripts.scale.billion` wrote."""
    with path.open(encoding="utf-8", newline="") as file:
        row = next(each for each in csv.DictReader(file) if each["run"] == "undisturbed")
    found: dict[str, Any] = {k: float(row[k]) for k in ("wall", "cpu", "peak_mb", "tokens")}
    return found | {"ids_mb": float(row["most_on_disk_mb"]), "vocabulary": float(row["vocabulary"])}


def compared(estimate: dict[str, Any], run: dict[str, Any]) -> dict[str, float]:
    """Return by how many % the figures of an estimate are above those of the run."""
    names = [name for name in (*TARGETS, "tokens", "vocabulary") if name in run]
    return {name: 100 * (estimate[name] / run[name] - 1) for name in names if run[name]}


def with_earlier(rows: list[dict[str, Any]], path: Path) -> list[dict[str, Any]]:
    """Add the rows of an earlier file of sizes that these do not have; return them by size."""
    new = {row["words"] for row in rows}
    earlier: list[dict[str, Any]] = []
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                figures = {k: float(v) for k, v in row.items() if v and k != "words"}
                earlier.append({"words": row["words"], **figures})
    known = [row for row in earlier if row["words"] not in new]
    return sorted([*known, *rows], key=lambda row: int(row["words"].split()[0]))


def report(rows: list[dict[str, Any]], facts: str, out: Path) -> str:
    """Write the rows, and earlier ones of other sizes, as CSV, and a page; return the page."""
    rows = with_earlier(rows, out / f"{NAME}.csv")
    names = list(dict.fromkeys(name for row in rows for name in row))
    with (out / f"{NAME}.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, names, lineterminator="\n")
        table.writeheader()
        table.writerows(
            {k: round(v, 2) if isinstance(v, float) else v for k, v in row.items()} for row in rows
        )
    header = ("words", "what", "estimate", "run", "difference", "target")
    cells = [cell for row in rows for cell in _cells(row)]
    missed = sum(cell[-1].endswith("missed") for cell in cells)
    loads = ", ".join(f"{row['load']:.1f} ({row['words']})" for row in rows if "load" in row)
    lines = ["## The estimate of pretraining against the run", ""]
    lines += [*wrapped(f"{facts} Load of the machine at the start: {loads}."), ""]
    lines += [*markdown_table(header, cells), ""]
    lines += [f"Of {len(cells)} figures {missed} miss their target.", "", *wrapped(LIMITS), ""]
    text = "\n".join(lines)
    (out / f"{NAME}.md").write_text(text, encoding="utf-8")
    return text


def wrapped(text: str) -> list[str]:
    """Return a paragraph as lines of a page."""
    return textwrap.wrap(" ".join(text.split()), 104)


LIMITS = """
The constants of memory in `pretraining/memory_and_disk.py` were fitted on runs of the corpora of 20
and 100 million words, so that their rows of memory say how well they fit, and not how well other
corpora are estimated. With a load above the threads that train, the rows by the clock compare
different loads. The estimate for a cluster was not compared with a run.
"""

LABELS = {
    "wall": "seconds by the clock",
    "cpu": "seconds of processors",
    "peak_mb": "memory, MB",
    "ids_mb": "token ids on disk, MB",
    "model_mb": "file of the model, MB",
}


def _cells(row: dict[str, Any]) -> list[tuple[str, ...]]:
    found = []
    for name, most in TARGETS.items():
        if f"{name} run" in row:
            one, other = row[f"{name} estimate"], row[f"{name} run"]
            off = 100 * (one / other - 1)
            verdict = f"{most} %" if abs(off) <= most else f"{most} %, missed"
            texts = (f"{one:,.0f}", f"{other:,.0f}", f"{off:+.0f} %", verdict)
            found.append((row["words"], LABELS[name], *texts))
    return found


def _row(words: str, estimate: dict[str, Any], run: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"words": words}
    for name in TARGETS:
        if name in run:
            row |= {f"{name} estimate": estimate[name], f"{name} run": run[name]}
    row |= {f"{name} estimate": value for name, value in estimate.items() if name not in run}
    row |= {f"{name} run": value for name, value in run.items() if name not in estimate}
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", default="20,100", help="millions of words")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "scale")
    parser.add_argument("--times", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=10.0, help="of an estimate")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--compare", type=Path, help="what scripts.scale.billion wrote")
    parser.add_argument("--figures", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    settings = {"epochs": options.epochs, "workers": options.workers}
    if options.figures:
        _figures(options.figures, options.folder, **settings, seconds=options.seconds)
        return
    options.out.mkdir(exist_ok=True)
    place = options.folder / "estimate"
    place.mkdir(exist_ok=True)
    corpora = {words: options.folder / f"words-{words}" for words in options.words.split(",")}
    # compiling takes time and 100 MB, and is done when this has ended
    estimated(next(iter(corpora.values())), place, **settings, seconds=1.0)
    rows = []
    facts = (
        f"100 dimensions, {options.epochs} epochs, {options.workers} threads, estimates limited to "
        f"{options.seconds:g} s of measuring; {os.cpu_count()} processors. Target: time within 20 "
        "%, memory (mapped ids apart) and disk within 10 %. By `python -m scripts.scale.estimate`."
    )
    load = os.getloadavg()[0]
    for turn in range(options.times):
        for words, corpus in corpora.items():
            one = estimated(corpus, place, **settings, seconds=options.seconds)
            run = (
                recorded(options.compare)
                if options.compare
                else measured(corpus, place / "run", **settings)
            )
            rows.append({**_row(f"{words} million", one, run), "load": load})
            print(turn, rows[-1], compared(one, run), flush=True)
            report(rows, facts, options.out)


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = str(ROOT)
    main()
