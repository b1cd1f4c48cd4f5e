"""How far a call walks: files of the package that it enters, and moves between them.

    python -m scripts.walk                     three walks: predicting, fitting, explaining
    python -m scripts.walk --json walk.json    the same, also to a file
    python -m scripts.walk --lines             lines of the package by folder

Functions of the package are followed in the order in which they are called (`sys.setprofile`).
A *move* is a call whose file differs from the file of the call before it. A *call across* is a call
whose file differs from that of the nearest calling function that is also of the package. Generators
count each time they are resumed; returns, other packages and compiled loops do not count. Each walk
is taken once before it is counted, so that imports and caches do not count. Python 3.12 and later
call fewer functions, because they inline comprehensions: compare counts of one version only.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import sentiment_transfer
from sentiment_transfer import SentimentClassifier, load, read_labelled

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = Path(sentiment_transfer.__file__).resolve().parent
TEXTS = ["It was great, I loved it.", "Dull, and not worth the money.", "It is a film."]


@dataclass
class Walk:
    """Counts what is called within a ``with`` block.

    Parameters
    ----------
    folder
        The files in it count, and no others.

    Attributes
    ----------
    calls, across, moves
        How many functions were called, how many of them from another file, and how many after a
        call to another file.
    files
        Names of the files entered, relative to ``folder``.
    """

    folder: Path = PACKAGE
    calls: int = 0
    across: int = 0
    moves: int = 0
    files: set[str] = field(default_factory=set)
    _last: str | None = None

    def __enter__(self) -> Walk:
        sys.setprofile(self._follow)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _follow(self, frame: FrameType, event: str, _: object) -> None:
        file = self._file(frame)
        if event != "call" or file is None:
            return
        self.calls += 1
        self.across += self._calling_file(frame) not in {file, None}
        self.moves += self._last not in {file, None}
        self.files.add(file)
        self._last = file

    def _file(self, frame: FrameType) -> str | None:
        start = f"{self.folder}{os.sep}"
        name = frame.f_code.co_filename
        return name.removeprefix(start) if name.startswith(start) else None

    def _calling_file(self, frame: FrameType) -> str | None:
        above = frame.f_back
        while above is not None and self._file(above) is None:
            above = above.f_back
        return None if above is None else self._file(above)


def walks() -> dict[str, Callable[[], object]]:
    """Return the three walks; the models they use are made here and do not count."""
    shipped = load("reviews-en")
    corpus = ROOT / "corpora" / "movies72"
    rows = read_labelled(corpus / "labelled.csv")
    unlabelled = (corpus / "unlabelled.txt").read_text(encoding="utf-8").splitlines()
    pretrained = SentimentClassifier(vectors=shipped.vectors_).pretrain(unlabelled)
    return {
        "predicting three texts": lambda: shipped.predict(TEXTS),
        "fitting eight labels": lambda: pretrained.fit(rows.texts, rows.labels),
        "explaining one text": lambda: shipped.explain(TEXTS[0]),
    }


def take(run: Callable[[], object]) -> Walk:
    """Run once to warm up, once to count."""
    run()
    with Walk() as walk:
        run()
    return walk


def lines_by_folder(package: Path = PACKAGE) -> dict[str, int]:
    """Lines of Python by top folder of the package, its own modules under ``.``, most first."""
    lines: Counter[str] = Counter()
    for path in package.rglob("*.py"):
        folder = path.relative_to(package).parts[0] if path.parent != package else "."
        lines[folder] += len(path.read_text(encoding="utf-8").splitlines())
    return dict(lines.most_common())


def print_lines() -> None:
    lines = lines_by_folder()
    total = sum(lines.values())
    for folder, count in lines.items():
        print(f"{folder:<16}{count:>7,}{count / total:>8.1%}")
    print(f"{'together':<16}{total:>7,}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts to a file")
    parser.add_argument("--lines", action="store_true", help="count lines by folder instead")
    options = parser.parse_args()
    if options.lines:
        print_lines()
        return
    print(f"{'':<24}{'files':>7}{'moves':>7}{'across':>8}{'calls':>7}")
    counts: dict[str, object] = {"python": platform.python_version()}
    for name, run in walks().items():
        walk = take(run)
        print(f"{name:<24}{len(walk.files):>7}{walk.moves:>7}{walk.across:>8}{walk.calls:>7}")
        numbers = {"moves": walk.moves, "across": walk.across, "calls": walk.calls}
        files = sorted(Path(file).as_posix() for file in walk.files)
        counts[name] = {"files": len(files), **numbers, "entered": files}
    if options.json:
        options.json.write_text(json.dumps(counts, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
