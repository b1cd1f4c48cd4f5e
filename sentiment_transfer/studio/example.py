"""The example that comes with the package: 72 movie reviews."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

__all__ = ["example_files"]

NAMES = ("unlabelled.txt", "labelled.csv")


def example_files() -> list[Path]:
    """Return the files of the example: 62 reviews without a label, then 8 with one.

    An installed package has them in a folder of its own, a checkout in ``corpora/``.
    """
    package = Path(str(files("sentiment_transfer")))
    for folder in (package / "example", package.parent / "corpora" / "movies72"):
        if folder.is_dir():
            return [folder / name for name in NAMES]
    raise FileNotFoundError("the example is missing; install the package again")
