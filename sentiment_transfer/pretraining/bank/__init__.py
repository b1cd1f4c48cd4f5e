"""Pretrained classifiers that ship with the package, one file each.

A file holds word vectors and the polarity learnt with them, from large unlabelled review corpora,
and words and pairs that labels of some of these taught, so that a handful of labels, or none, is
enough to start. ``scripts/bank/build.py`` makes them; the card inside lists the sources, their
terms, the settings and the measured accuracy.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from sentiment_transfer.errors import SettingError

__all__ = ["bank_names", "bank_path"]

_ENDING = ".safetensors"


def bank_names() -> tuple[str, ...]:
    """Return the names of the files in the bank, sorted: ``"reviews-en"``, ``"reviews-zh"``."""
    names = (entry.name for entry in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING)))


def bank_path(name: str) -> Path:
    """Return the path of a file of the bank; raises ``SettingError`` for an unknown name."""
    if name not in bank_names():
        raise SettingError(f"the bank has no {name!r}; it has: {', '.join(bank_names())}")
    return Path(str(files(__package__) / f"{name}{_ENDING}"))
