"""Whether pretraining fits into the memory and onto the disks of this machine."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_transfer.base.memory import available_memory
from sentiment_transfer.corpus.stretches import bytes_of
from sentiment_transfer.corpus.texts import Texts
from sentiment_transfer.pretraining.cluster_estimate import store_bytes
from sentiment_transfer.pretraining.corpus_sample import sample_corpus
from sentiment_transfer.pretraining.memory_and_disk import (
    checkpoint_bytes,
    free_bytes,
    ids_bytes,
    require_disk,
    require_memory,
    training_bytes,
    weights_bytes,
)
from sentiment_transfer.pretraining.schedule import rounds_of
from sentiment_transfer.pretraining.shared_texts import SharedTexts

if TYPE_CHECKING:
    from sentiment_transfer.pretraining.estimate import PretrainingEstimate
    from sentiment_transfer.pretraining.skipgram import SkipGram

__all__ = ["require_fits", "require_room"]

LARGE = 64 << 20
"""Bytes of files below which nothing is checked before the texts are read."""

IDS_A_BYTE = 4
"""Bytes of token ids for a byte of a file, at most: texts are compressed, and words are short."""

MANY_WORDS = 1_000_000
"""More words than a corpus has with the usual ``min_count``."""

LOOK = 1.0
"""Seconds that are spent on a sample where a corpus might not fit."""

SHARED_PLACES = "--checkpoint or the place of SharedTexts"
MODEL = "the file of the model"


def require_fits(estimate: PretrainingEstimate, output: Path, checkpoint: Path | None) -> None:
    """Raise ``SettingError`` if what is estimated does not fit; say what is needed and there.

    For a cluster, ``checkpoint`` is the folder that the workers share, None at a URL. The memory of
    their machines is not known.
    """
    if estimate.cluster is not None:
        require_disk(estimate.disk["model"], output.absolute().parent, MODEL, "-o")
        if checkpoint is not None:
            _require_store(estimate.cluster.store, checkpoint)
        return
    place = Path(tempfile.gettempdir()) if checkpoint is None else checkpoint
    saved = estimate.disk.get("checkpoint", 0)
    require_disk(estimate.disk["token ids"] + saved, place, "pretraining on these texts")
    require_disk(estimate.disk["model"], output.absolute().parent, MODEL, "-o")
    require_memory(estimate.memory_needed, estimate.settings.workers)


def require_room(texts: object, skipgram: SkipGram, checkpoint: Path | None) -> None:
    """Raise ``SettingError`` if texts in large files cannot fit, before they are read.

    The sizes of the files show that most corpora fit. Where they do not show it, a sample is read,
    which takes a second. Of `SharedTexts`, the folder that the workers share is looked at.
    """
    if isinstance(texts, SharedTexts):
        _require_shared_room(texts, skipgram)
        return
    size = bytes_of(texts) if isinstance(texts, Texts) else None
    if size is None or size < LARGE or not isinstance(texts, Texts):
        return
    place = Path(tempfile.gettempdir()) if checkpoint is None else checkpoint
    free, memory = free_bytes(place), available_memory()
    settings = skipgram.checked_settings()
    most_words = _most_words(skipgram, size)
    most_memory = training_bytes(most_words, settings.vector_size, settings.workers)
    if (free is None or free >= IDS_A_BYTE * size) and (memory is None or memory >= most_memory):
        return
    sample = sample_corpus(texts, skipgram.used_tokenizer(), LOOK)
    min_count = skipgram.min_count_of(sample.n_tokens)
    n_words, n_kept = sample.n_words(min_count), sample.n_kept(min_count)
    ids = ids_bytes(sample.n_tokens, sample.n_texts)
    saved = 0 if checkpoint is None else checkpoint_bytes(n_words, settings.vector_size)
    require_disk(ids + saved, place, "pretraining on these texts")
    round_texts = sample.n_texts // rounds_of(n_kept, settings.workers)
    sizes = n_words, settings.vector_size, settings.workers, round_texts
    require_memory(training_bytes(*sizes), settings.workers)


def _most_words(skipgram: SkipGram, size: int) -> int:
    """Return more words than a corpus of ``size`` bytes has."""
    return MANY_WORDS if skipgram.min_count == "auto" else size // skipgram.min_count


def _require_shared_room(texts: SharedTexts, skipgram: SkipGram) -> None:
    folder, size = texts.store.folder, bytes_of(texts.source)
    if folder is None or size is None or size < LARGE:
        return
    settings, free = skipgram.checked_settings(), free_bytes(folder)
    most = weights_bytes(_most_words(skipgram, size), settings.vector_size)
    # a byte of a file is at most a token, see `IDS_A_BYTE`
    if free is None or free >= store_bytes(size, size, 0, most, settings.workers):
        return
    sample = sample_corpus(texts.source, skipgram.used_tokenizer(), LOOK)
    min_count = skipgram.min_count_of(sample.n_tokens)
    n_words, n_kept = sample.n_words(min_count), sample.n_kept(min_count)
    weights = weights_bytes(n_words, settings.vector_size)
    sizes = sample.n_tokens, n_kept, sample.n_texts, weights, settings.workers
    _require_store(store_bytes(*sizes), folder)


def _require_store(needed: int, folder: Path) -> None:
    """Raise ``SettingError`` if a store does not fit; what an earlier run left is part of it."""
    what = "what the workers share of these texts"
    require_disk(needed - _size_of_files(folder), folder, what, SHARED_PLACES)


def _size_of_files(folder: Path) -> int:
    sizes = 0
    for path in folder.iterdir() if folder.is_dir() else ():
        with suppress(OSError):  # removed meanwhile
            sizes += path.stat().st_size
    return sizes
