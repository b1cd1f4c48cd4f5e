"""What a fresh installation of the base weighs, package by package, and what each is for.

    python -m scripts.release.weight [--python 3.11] [--folder FOLDER]

Builds the wheel, makes an empty environment, and installs the wheel by pip, without extras. Sizes
are those of the files that pip recorded for each package, with the bytecode that it compiled, in
blocks on disk. Writes scripts/results/install.md and install.csv, and ends with an error if the
environment has more than the target.
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scripts.release.archives import build, commit_time, copy_tracked
from scripts.release.environments import PROJECT, make, name_of, pythons, run
from scripts.reports import RESULTS, ROOT, markdown_table

__all__ = ["PURPOSES", "TARGET", "Package", "main", "page"]

MEGABYTE = 1_000_000
TARGET = 1_000 * MEGABYTE
BEFORE = "6.4 GB"
"""What it was while torch, with CUDA, was a part of the base."""
PURPOSES = {
    "fsspec": "reads and writes files at URLs",
    "gensim": "writes word vectors for other programs; the reference engine of training",
    "msgspec": "checks model files, language files and requests; writes JSON",
    "nltk": "splitters and stemmers that a tokenizer may name",
    "numba": "compiles training, tokenizing and prediction",
    "numpy": "arrays everywhere",
    "pandas": "tables: results of comparisons, Series and columns as input",
    "py3langid": "guesses the language of texts that a model does not know",
    "pyarrow": "Parquet, fast CSV, compressed files",
    "regex": "patterns of grammars and tokens, with the classes of Unicode",
    "rich": "progress bars and the help of the command line",
    "scikit-learn": "logistic regression of the baselines, cross-validation",
    "scipy": "sparse counts, optimisers, intervals",
    "threadpoolctl": "one thread of linear algebra where it is faster",
    "typer": "the command line",
}
"""What each package is for that pyproject.toml asks for."""

LOOK = """
import importlib.metadata as m, json, os
def blocks(path):
    try:
        return os.stat(path).st_blocks * 512
    except OSError:
        return 0
found = []
for d in m.distributions():
    files = {os.path.realpath(d.locate_file(f)) for f in d.files or ()}
    needs = [r for r in d.requires or () if "extra ==" not in r]
    found.append([d.metadata["Name"], d.version, sum(map(blocks, files)), needs])
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Package:
    """An installed package: its bytes on disk, and the names of what it needs."""

    name: str
    version: str
    size: int
    needs: tuple[str, ...]


def packages(python: Path) -> list[Package]:
    """Return what an environment holds, largest first."""
    found = [
        Package(name_of(name), version, size, tuple(map(name_of, needs)))
        for name, version, size, needs in json.loads(run(python, "-c", LOOK))
    ]
    return sorted(found, key=lambda package: -package.size)


def on_disk(folder: Path) -> int:
    """Return the bytes of all files below a folder, in blocks on disk; links are not followed."""
    return sum(path.lstat().st_blocks * 512 for path in folder.rglob("*"))


def purpose(package: Package, every: list[Package]) -> str:
    """Return what a package is for: our own words, or what needs it."""
    if package.name == PROJECT["name"]:
        return "this package, with the shipped models"
    if package.name in PURPOSES:
        return PURPOSES[package.name]
    users = sorted(other.name for other in every if package.name in other.needs)
    return f"needed by {', '.join(users)}" if users else "came with the environment"


def page(every: list[Package], sizes: tuple[int, int, int], seconds: float, python: str) -> str:
    """Return the page of results; sizes are of all, of an empty environment and of the wheel."""
    mb = [f"{size / MEGABYTE:,.0f} MB" for size in sizes]
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    rows = [
        (package.name, purpose(package, every), package.version, f"{package.size / MEGABYTE:.1f}")
        for package in every
        if package.size >= MEGABYTE // 10
    ]
    small = len(every) - len(rows)
    return "\n".join(
        [
            "# What an installation weighs",
            "",
            f"{today}, by `python -m scripts.release.weight`: Python {python},",
            f"{sys.platform}, pip into an empty environment.",
            "",
            f"**{mb[0]}** on disk ({mb[1]} of it before anything was installed), for a target of",
            f"1,000 MB; {BEFORE} while torch was a part of the base. The wheel has {mb[2]}, and",
            f"pip took {seconds:.0f} s, with downloads. torch, Dask, matplotlib, the server and",
            "others are extras; `[all]` has them all. A first prediction is two commands away:",
            "",
            '<!-- skip: next "installs the package" -->',
            "```sh",
            "pip install .",
            'sentiment-transfer predict reviews-en --string "I loved every minute."',
            "```",
            "",
            *markdown_table(("package", "what it is for", "version", "MB"), rows, left=3),
            "",
            f"{small} packages of less than 0.1 MB are left out. Sizes are blocks on disk, with",
            "compiled bytecode.",
            "",
        ]
    )


def main(arguments: list[str] | None = None) -> None:
    """Install, weigh and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", default="3.11")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "weight")
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args(arguments)
    found, missing = pythons((chosen.python,))
    if missing:
        sys.exit(f"Python {chosen.python} is not on this machine")
    shutil.rmtree(chosen.folder, ignore_errors=True)
    tree = copy_tracked(ROOT, chosen.folder / "tree")
    (wheel,) = build(tree, chosen.folder / "dist", commit_time(ROOT), "wheel")
    home = make(found[chosen.python], chosen.folder / "environment")
    empty = on_disk(chosen.folder / "environment")
    began = time.perf_counter()
    run(home, "-m", "pip", "install", "--quiet", wheel)
    seconds = time.perf_counter() - began
    every, total = packages(home), on_disk(chosen.folder / "environment")
    version = run(home, "-c", "import platform; print(platform.python_version())").strip()
    text = page(every, (total, empty, wheel.stat().st_size), seconds, version)
    (chosen.out / "install.md").write_text(text, encoding="utf-8")
    with (chosen.out / "install.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("package", "version", "bytes", "purpose"))
        writer.writerow(("(all)", version, total, "the whole environment"))
        writer.writerow(("(empty)", version, empty, "the environment before"))
        writer.writerows((p.name, p.version, p.size, purpose(p, every)) for p in every)
    print(f"{total:,} bytes on disk")
    if total > TARGET:
        sys.exit(f"more than the target, {TARGET:,} bytes")


if __name__ == "__main__":
    main()
