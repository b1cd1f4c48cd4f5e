"""Peak memory of pretraining as the corpus grows, with the token ids in a file and in memory.

The corpus is made of real reviews: each text is the beginning of one joined to the end of another,
so that words are used as people use them and their number stays the same. ``min_count`` grows with
the corpus for the same reason: what is measured is the corpus, not a larger model.

    python -m scripts.speed.memory [--texts 15000] [--scales 1 10 50]

Each run is a process of its own, one epoch on one thread. Peak memory is what the system counts as
resident, pages of mapped files included.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scripts.reports import RESULTS, ROOT, markdown_table
from sentiment_transfer import SkipGram, read_texts
from sentiment_transfer.pretraining import corpus_file

if TYPE_CHECKING:
    import pandas as pd

PLACES = {"file": corpus_file.IN_MEMORY, "memory": 1 << 62}
MEGABYTE = 1_000_000


def peak_memory() -> int:
    """Bytes that were resident at most, since this program was started (Linux)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    if found is None:
        message = "the system does not tell VmHWM"
        raise OSError(message)
    return 1024 * int(found[1])


def write_corpus(path: Path, reviews: list[str], n_texts: int) -> None:
    """Write one text a line."""
    rng = np.random.default_rng(0)
    words = [review.split() for review in reviews]
    with path.open("w", encoding="utf-8") as file:
        for i in range(n_texts):
            first, second = words[i % len(words)], words[rng.integers(len(words))]
            share = rng.random()
            head, tail = first[: int(share * len(first))], second[int(share * len(second)) :]
            file.write(" ".join([*head, *tail]) + "\n")


def run_once(path: Path, scale: int, place: str) -> dict[str, float]:
    """Pretrain in this process; return what it took."""
    corpus_file.IN_MEMORY = PLACES[place]
    imported, began = peak_memory(), time.perf_counter()
    model = SkipGram(epochs=1, min_count=5 * scale).fit(read_texts(path))
    return {
        "texts": len(model.corpus_),
        "tokens": len(model.corpus_.ids),
        "words": len(model.vectors_),
        "ids_mb": model.corpus_.ids.nbytes / MEGABYTE,
        "weights_mb": 2 * model.vectors_.matrix.nbytes / MEGABYTE,
        "imported_mb": imported / MEGABYTE,
        "peak_mb": peak_memory() / MEGABYTE,
        "seconds": time.perf_counter() - began,
    }


def measure(n_texts: int, scales: list[int]) -> pd.DataFrame:
    """Run every scale with the ids in either place, each in a process of its own."""
    import pandas as pd

    from scripts.corpora import read_set

    reviews = read_set("imdb").pool.texts[:n_texts]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.txt"
        for scale in scales:
            write_corpus(path, reviews, n_texts * scale)
            for place in PLACES:
                command = [sys.executable, "-m", "scripts.speed.memory", "--run"]
                command += [str(path), str(scale), place]
                done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
                size = {"text_mb": path.stat().st_size / MEGABYTE}
                row = {"scale": scale, "ids_in": place, **size, **json.loads(done.stdout)}
                print(row, flush=True)
                rows.append(row)
    return pd.DataFrame(rows)


def report(table: pd.DataFrame) -> None:
    """Write memory.csv, memory.md and memory.svg."""
    RESULTS.mkdir(exist_ok=True)
    table.round(2).to_csv(RESULTS / "memory.csv", index=False)
    columns = (
        "corpus", "texts", "text, MB", "ids, MB", "words", "weights, MB", "peak, ids in a file, MB",
        "peak, ids in memory, MB",
    )  # fmt: skip
    cells = []
    for scale, rows in table.groupby("scale"):
        file, memory = (rows[rows["ids_in"] == place].iloc[0] for place in PLACES)
        cells.append([
            f"{scale}x", f"{file.texts:,}", f"{file.text_mb:,.0f}", f"{file.ids_mb:,.0f}",
            f"{file.words:,}", f"{file.weights_mb:.0f}", f"**{file.peak_mb:,.0f}**",
            f"{memory.peak_mb:,.0f}",
        ])  # fmt: skip
    note = (
        f"Up to {corpus_file.IN_MEMORY:,} ids stay in memory in either case. Python and the "
        f"imports alone: {table.imported_mb.iloc[0]:,.0f} MB."
    )
    table_lines = markdown_table(columns, cells)
    text = "\n".join([__doc__.splitlines()[0], "", *table_lines, "", note, ""])
    (RESULTS / "memory.md").write_text(text, encoding="utf-8")
    plot(table)
    print(text)


def plot(table: pd.DataFrame) -> None:
    from matplotlib.figure import Figure

    from sentiment_transfer.base.figures import COLOURS, save_figure
    from sentiment_transfer.experiments.report import MARKERS

    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    for place, colour, marker in zip(PLACES, COLOURS, MARKERS, strict=False):
        rows = table[table["ids_in"] == place]
        axes.plot(
            rows["tokens"] / 1e6, rows["peak_mb"], color=colour, marker=marker, label=f"in {place}"
        )
    axes.set(xlabel="tokens in the corpus, millions", ylabel="peak resident memory, MB")
    axes.set_ylim(bottom=0)
    axes.legend(title="token ids", frameon=False)
    save_figure(figure, RESULTS / "memory.svg")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=15_000, help="texts at scale 1")
    parser.add_argument("--scales", type=int, nargs="+", default=[1, 10, 50])
    parser.add_argument("--run", nargs=3, metavar=("FILE", "SCALE", "PLACE"))
    options = parser.parse_args()
    if options.run:
        file, scale, place = options.run
        print(json.dumps(run_once(Path(file), int(scale), place)))
    else:
        report(measure(options.texts, options.scales))


if __name__ == "__main__":
    main()
