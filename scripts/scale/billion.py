"""Pretraining on a thousand million words: time, memory, disk, and kills in the middle.

    python -m scripts.scale.billion [--words 1000] [--folder FOLDER] [--kills 2] [--seed 0]

The corpus is made by `scripts.scale.corpus` if ``FOLDER/words-N`` has none. The command line trains
on it once undisturbed, with a checkpoint, and once more with SIGKILLs at random moments, after each
of which the same command is started again. Both must end with the same vectors. Memory is looked at
four times a second: a process's own, pages of program files, and pages of the mapped ids. Compiled
functions are on disk before: a small corpus is trained on first.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.reports import RESULTS, ROOT, markdown_table
from scripts.scale.corpus import MILLION, distinct_reviews, write_corpus
from scripts.scale.watching import MEGABYTE, Watched, watch

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["digest", "measure", "report"]

COMMAND = (sys.executable, "-m", "sentiment_transfer", "pretrain", "--quiet")
NAME = "scale-billion"


def digest(path: Path) -> tuple[str, dict[str, Any]]:
    """Return the sha256 of the words and vectors of a model, and facts of their training."""
    from sentiment_transfer import load

    model: Any = load(path)
    vectors = getattr(model, "vectors_", model)
    content = hashlib.sha256("\n".join(vectors.words).encode())
    content.update(vectors.matrix.tobytes())
    return content.hexdigest(), {**vectors.metadata, "words": len(vectors.words)}


class Job:
    """One training by the command line, in a folder of its own."""

    def __init__(self, corpus: Path, folder: Path, settings: Sequence[str]) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        self._checkpoint, self.output = folder / "run", folder / "vectors.safetensors"
        files = map(str, sorted(corpus.glob("*.parquet")))
        self._line = [*COMMAND, *files, "-o", str(self.output), *settings]
        self._line += ["--checkpoint", str(self._checkpoint)]
        self.most_on_disk = 0.0

    def run(self, kill_after: float | None = None) -> dict[str, Any]:
        """Start the command; return what it took, by phase."""
        saved = self._checkpoint / "weights.safetensors"
        began = saved.stat().st_mtime if saved.exists() else 0.0
        watched = watch(self._line, kill_after=kill_after, each=self._look)
        if watched.returncode and kill_after is None:
            message = f"{self._line} ended with {watched.returncode}"
            raise RuntimeError(message)
        trained = watched.wall
        if self.output.exists() and saved.exists() and saved.stat().st_mtime > began:
            trained -= max(0.0, self.output.stat().st_mtime - saved.stat().st_mtime)
        return _row(watched, trained)

    def _look(self) -> None:
        files = self._checkpoint.glob("**/ids*") if self._checkpoint.is_dir() else ()
        sizes = 0
        for path in files:
            try:
                sizes += path.stat().st_size
            except FileNotFoundError:  # unlinked meanwhile
                continue
        self.most_on_disk = max(self.most_on_disk, sizes / MEGABYTE)


def _row(watched: Watched, trained: float) -> dict[str, Any]:
    read, read_cpu = watched.indexed or (watched.wall, watched.cpu)
    trained = max(trained, read)
    trained_cpu = watched.cpu_at(trained)
    return {
        "wall": watched.wall,
        "cpu": watched.cpu,
        "read_wall": read,
        "read_cpu": read_cpu,
        "train_wall": trained - read,
        "train_cpu": trained_cpu - read_cpu,
        "rest_wall": watched.wall - trained,
        "rest_cpu": watched.cpu - trained_cpu,
        "peak_mb": watched.peak.without_ids,
        "own_mb": watched.peak.own,
        "program_files_mb": watched.peak.files,
        "most_ids_resident_mb": watched.most_ids,
        "ids_mb": watched.ids_mapped,
    }


def measure(
    corpus: Path, folder: Path, settings: Sequence[str], *, kills: int, seed: int
) -> list[dict[str, Any]]:
    """Train undisturbed, then with kills; return a row for each start.

    Raises ``RuntimeError`` if the vectors differ.
    """
    job = Job(corpus, folder / "undisturbed", settings)
    rows = [{"run": "undisturbed", **job.run()}]
    sha256, facts = digest(job.output)
    common = {
        "tokens": facts["tokens"],
        "texts": facts["texts"],
        "vocabulary": facts["words"],
        "most_on_disk_mb": job.most_on_disk,
    }
    rows[0] |= common | {"sha256": sha256}
    print(rows[0], flush=True)
    if not kills:
        return rows
    rng, wall = random.Random(seed), rows[0]["wall"]  # noqa: S311
    job = Job(corpus, folder / "killed", settings)
    for kill in range(1, kills + 1):
        moment = rng.uniform(0.1, 0.9) * wall
        rows.append({"run": f"killed after {moment:.0f} s", **job.run(moment), "sha256": ""})
        print(kill, rows[-1], flush=True)
    rows.append({"run": "resumed", **job.run()})
    again, _ = digest(job.output)
    rows[-1] |= common | {"sha256": again}
    print(rows[-1], flush=True)
    if again != sha256:
        message = f"after {kills} kills the vectors are {again}, undisturbed {sha256}"
        raise RuntimeError(message)
    return rows


def report(rows: list[dict[str, Any]], facts: dict[str, Any], out: Path) -> str:
    """Write the rows as CSV, and a page; return the page."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    with (out / f"{NAME}.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, names, lineterminator="\n")
        table.writeheader()
        for row in rows:
            table.writerow({
                name: round(value, 2) if isinstance(value, float) else value
                for name, value in row.items()
            })  # fmt: skip
    first = rows[0]
    header = (
        "run", "seconds", "CPU seconds", "reading", "training", "polarity and saving",
        "peak memory, MB", "of it program files, MB", "sha256",
    )  # fmt: skip
    cells = [
        [
            row["run"], f"{row['wall']:,.0f}", f"{row['cpu']:,.0f}", f"{row['read_wall']:,.0f}",
            f"{row['train_wall']:,.0f}", f"{row['rest_wall']:,.0f}", f"{row['peak_mb']:,.0f}",
            f"{row['program_files_mb']:,.0f}", row["sha256"][:12],
        ]
        for row in rows
    ]  # fmt: skip
    corpus = (
        f"{facts['words']:,} words in {facts['texts']:,} texts: {facts['distinct_reviews']:,} "
        f"distinct reviews of {facts['words_of_reviews']:,} words, then sampled sentences of them "
        "(`scripts.scale.corpus`). Without stop words and rare words "
        f"{first['tokens']:,} tokens of {first['vocabulary']:,} words are left; their ids take "
        f"{first['ids_mb']:,.0f} MB on disk, at most {first['most_on_disk_mb']:,.0f} MB while the "
        f"texts are read. {facts['settings']}."
    )
    notes = (
        "Peak memory is what is resident less the pages of the mapped ids, of which at most "
        f"{first['most_ids_resident_mb']:,.0f} MB were resident. By `python -m "
        f"scripts.scale.billion`; load of the machine at the start {facts['load']}, "
        f"{os.cpu_count()} processors."
    )
    title = f"## {facts['words'] / MILLION:,.0f} million words on one machine"
    lines = [title, "", corpus, "", *markdown_table(header, cells), "", notes, ""]
    text = "\n".join(lines)
    (out / f"{NAME}.md").write_text(text, encoding="utf-8")
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--words", type=float, default=1000, help="millions of words")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "scale")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kills", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0, help="of the moments of the kills")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    corpus = _corpus(options.folder, options.words)
    settings = ["--epochs", str(options.epochs), "--workers", str(options.workers)]
    Job(_corpus(options.folder, 2), options.folder / "warm", settings).run()
    facts = json.loads((corpus / "corpus.json").read_text(encoding="utf-8"))
    facts["load"] = f"{os.getloadavg()[0]:.1f}"
    facts["settings"] = f"100 dimensions, {options.epochs} epochs, {options.workers} threads"
    rows = measure(corpus, options.folder, settings, kills=options.kills, seed=options.seed)
    print(report(rows, facts, options.out))


def _corpus(folder: Path, millions: float) -> Path:
    """Return a folder with a corpus, which is made if it is not there."""
    from scripts.corpora import corpora_folder

    corpus = folder / f"words-{millions:g}"
    if not (corpus / "corpus.json").exists():
        write_corpus(distinct_reviews(corpora_folder()), corpus, int(millions * MILLION))
    return corpus


if __name__ == "__main__":
    os.environ["PYTHONPATH"] = str(ROOT)
    main()
