"""The room that pretraining needs, in memory and on disk, and whether there is so much."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from sentiment_transfer.base.memory import available_memory
from sentiment_transfer.errors import SettingError
from sentiment_transfer.pretraining.corpus_file import IN_MEMORY
from sentiment_transfer.pretraining.shards import padded

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "checkpoint_bytes",
    "existing",
    "free_bytes",
    "ids_bytes",
    "indexed_bytes",
    "indexing_bytes",
    "model_bytes",
    "polarity_bytes",
    "require_disk",
    "require_memory",
    "shown_bytes",
    "tables_bytes",
    "training_bytes",
    "weights_bytes",
]

INDEXED_WORD, LEFT_OF_WORD = 600, 370
"""Bytes of memory for each distinct word while texts are indexed, and what stays in use of them
in gaps of the heap when freed memory was returned to the system."""

READER = 32_000_000
"""Bytes of memory that readers of files hold."""

KEPT_TEXTS, TEXT_BYTES = 10_000, 1_200
"""Texts that are kept to learn polarity and coverage, and bytes of one."""

MOST_INDEXED_WORDS = 1 << 19
"""Number of words beyond which rare ones are kept as hashes."""

KEPT_WORD = 250
"""Bytes of memory for each word of the vocabulary, apart from its vectors."""

WORD_IN_FILE = 35
"""Bytes in a model file for each word, apart from its vectors."""

ROUND_TEXT = 40
"""Bytes of memory for each text of a round, while they are dealt out."""

POLARITY = 48_000_000
"""Bytes of memory that learning polarity takes for its samples of a large corpus."""


def weights_bytes(n_words: int, vector_size: int) -> int:
    """Return the size of the input and output vectors, in memory or in a checkpoint."""
    return 2 * 4 * n_words * padded(vector_size)


def tables_bytes(n_words: int) -> int:
    """Return the memory of the tables of training and of the vocabulary, in bytes."""
    return 4 * max(1 << 16, 64 * n_words) + 12 * n_words + KEPT_WORD * n_words


def training_bytes(n_words: int, vector_size: int, workers: int, round_texts: int = 0) -> int:
    """Return the memory that training takes beyond that of the process, in bytes.

    The weights, a replica for each of several workers, the tables, the vocabulary, and the numbers
    of the ``round_texts`` texts of a round. Starting one worker takes a matrix more, for the random
    draws.
    """
    weights = weights_bytes(n_words, vector_size)
    more = workers * weights if workers > 1 else 4 * n_words * vector_size
    return weights + more + tables_bytes(n_words) + ROUND_TEXT * round_texts


def indexing_bytes(n_distinct: int, n_texts: int) -> int:
    """Return the memory that ``n_distinct`` words take while the texts are read, in bytes."""
    words = INDEXED_WORD * min(n_distinct, MOST_INDEXED_WORDS)
    return words + READER + TEXT_BYTES * min(n_texts, KEPT_TEXTS)


def indexed_bytes(n_distinct: int, n_tokens: int, n_texts: int) -> int:
    """Return the memory that reading the texts leaves in use, in bytes.

    Of small corpora, the ids are in memory, and nothing is returned to the system.
    """
    if n_tokens + n_texts <= IN_MEMORY:
        return indexing_bytes(n_distinct, n_texts) + ids_bytes(n_tokens, n_texts)
    words = LEFT_OF_WORD * min(n_distinct, MOST_INDEXED_WORDS)
    return words + TEXT_BYTES * min(n_texts, KEPT_TEXTS)


def polarity_bytes(n_words: int, vector_size: int, n_tokens: int, n_texts: int) -> int:
    """Return the memory that learning polarity takes beyond that of the process, in bytes."""
    samples = min(POLARITY, 4 * n_tokens + 500 * n_texts)
    return KEPT_WORD * n_words + 3 * 4 * n_words * padded(vector_size) + samples


def ids_bytes(n_tokens: int, n_texts: int) -> int:
    """Return the size of the files of token ids and offsets, in bytes."""
    return 4 * n_tokens + 8 * (n_texts + 1)


def checkpoint_bytes(n_words: int, vector_size: int) -> int:
    """Return the most that a checkpoint takes: a new one is whole before the old one goes."""
    return 2 * weights_bytes(n_words, vector_size)


def model_bytes(n_words: int, vector_size: int) -> int:
    """Return the size of the file of a model, in bytes."""
    return n_words * (4 * vector_size + WORD_IN_FILE)


_PLACES = "checkpoint= or the environment variable TMPDIR"


def require_disk(needed: int, folder: Path, what: str, named_by: str | None = None) -> None:
    """Raise ``SettingError`` if a folder's disk has less free than ``needed`` bytes.

    ``named_by`` is the argument that names the folder; by default it is that for token ids.
    """
    free = free_bytes(folder)
    if free is not None and free < needed:
        raise SettingError(
            f"{what} needs {shown_bytes(needed)} of disk in {str(folder)!r}, where "
            f"{shown_bytes(free)} are free; free space there, choose a smaller vector_size or a "
            f"larger min_count, or name a folder on a larger disk with {named_by or _PLACES}"
        )


def require_memory(needed: int, workers: int, what: str = "training") -> None:
    """Raise ``SettingError`` if less memory than ``needed`` bytes is available."""
    have = available_memory()
    if have is not None and have < needed:
        fewer = ", fewer workers" if workers > 1 else ""
        raise SettingError(
            f"{what} needs {shown_bytes(needed)} of memory more than the process has, and "
            f"{shown_bytes(have)} are available; choose a larger min_count, a smaller "
            f"vector_size{fewer}, or a machine with more memory"
        )


def existing(folder: Path) -> Path:
    """Return a folder, or its nearest parent that exists."""
    whole = folder.absolute()
    return next((place for place in (whole, *whole.parents) if place.exists()), whole)


def free_bytes(folder: Path) -> int | None:
    """Return the free space of the disk of a folder, or of its nearest parent that exists."""
    place = existing(folder)
    return shutil.disk_usage(place).free if place.exists() else None


def shown_bytes(size: float) -> str:
    """Return a size as messages show it: ``"1.3 GB"``."""
    if size >= 1e9:
        return f"{size / 1e9:,.1f} GB"
    return f"{max(size / 1e6, 0.1):,.0f} MB" if size >= 1e6 else f"{size / 1e6:.1f} MB"
