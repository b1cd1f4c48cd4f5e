"""Vectors of texts in a file, because computing them takes most of the time of a measurement."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.experiments.run_log import digest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["TextVectors"]

BATCH = 64
"""Number of texts after which their vectors are kept: what an interrupted run loses at most."""


class TextVectors:
    """Sentence vectors that are computed once for each text, even if a run is interrupted.

    Parameters
    ----------
    path
        A file (SQLite) of vectors by digest of the text; its folder is made.
    embed
        Texts to an array ``(n_texts, d)``, each row independent of the other texts.
    """

    def __init__(self, path: Path, embed: Callable[[Sequence[str]], NDArray[np.floating]]) -> None:
        self.path = path
        self.embed = embed

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of texts, float32 ``(n_texts, d)``; ``(0, 0)`` for no text."""
        if not texts:
            return np.zeros((0, 0), dtype=np.float32)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        keys = [digest([text]) for text in texts]
        with closing(sqlite3.connect(self.path)) as kept:
            kept.execute("CREATE TABLE IF NOT EXISTS vectors (text TEXT PRIMARY KEY, vector BLOB)")
            missing = {k: t for k, t in zip(keys, texts, strict=True) if _read(kept, k) is None}
            self._add(kept, missing)
            return np.stack([np.frombuffer(_read(kept, key) or b"", np.float32) for key in keys])

    def _add(self, kept: sqlite3.Connection, missing: dict[str, str]) -> None:
        keys = sorted(missing, key=lambda key: len(missing[key]))  # equal lengths need no padding
        for start in range(0, len(keys), BATCH):
            part = keys[start : start + BATCH]
            vectors = np.asarray(self.embed([missing[key] for key in part]), dtype=np.float32)
            with kept:  # a transaction
                rows = zip(part, (vector.tobytes() for vector in vectors), strict=True)
                kept.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)


def _read(kept: sqlite3.Connection, key: str) -> bytes | None:
    row = kept.execute("SELECT vector FROM vectors WHERE text = ?", (key,)).fetchone()
    return None if row is None else bytes(row[0])
