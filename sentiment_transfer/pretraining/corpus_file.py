"""Token ids of a corpus; for a large corpus they are kept in two files, ids and offsets.

The files are mapped into memory, and their pages are dropped chunk by chunk. Where the system
allows it, the files are unlinked once mapped, so nothing is left behind even after a crash.
"""

from __future__ import annotations

import errno
import mmap
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_transfer.base.atomic import PREFIX, in_use, remove_leftovers, temporary_prefix
from sentiment_transfer.base.memory import release_memory
from sentiment_transfer.errors import SettingError
from sentiment_transfer.text import TokenIds, Vocabulary
from sentiment_transfer.text.indexing import index_corpus, offsets_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from sentiment_transfer.text import Tokenizer

__all__ = [
    "Indexed",
    "drop_pages",
    "index_texts",
    "iter_chunks",
    "merge_vocabularies",
]

IN_MEMORY = 1 << 22
"""Up to this many ids and offsets (16 to 32 MiB) are kept in memory."""

CHUNK = 1 << 20
"""Ids of a file that are processed at a time."""


class Indexed(NamedTuple):
    """Vocabulary and token ids of a corpus.

    ``vocabulary`` has the words of the texts and the words known before, with the counts of both
    added; ``counts`` are the counts in the texts alone.
    """

    vocabulary: Vocabulary
    counts: NDArray[np.int64]
    corpus: TokenIds


def index_texts(
    texts: Iterable[str],
    tokenizer: Tokenizer,
    *,
    min_count: int | Callable[[int], int],
    known: Vocabulary | None = None,
    folder: Path | None = None,
) -> Indexed:
    """Index texts as `index_corpus` does, keep large corpora in a file, and add ``known`` words.

    The file is created in ``folder``, by default in the system's folder for temporary files.
    Raises ``SettingError`` if it does not fit on the disk.
    """
    remove_leftovers(Path(folder or tempfile.gettempdir()))
    try:
        with (
            tempfile.TemporaryDirectory(
                suffix=".tmp", prefix=temporary_prefix(), dir=folder, ignore_cleanup_errors=True
            ) as made,  # cannot be removed on Windows while the files are mapped
            in_use(place := Path(made)),
        ):
            vocabulary, corpus = index_corpus(
                texts, tokenizer, min_count=min_count, spill=place / "ids"
            )
            counts = vocabulary.counts
            if known is not None:
                vocabulary, counts, numbers = merge_vocabularies(vocabulary, known)
                with (place / "ids").open("r+b") as file:
                    for part in iter_chunks(corpus.ids):
                        numbers[part].tofile(file)
            return Indexed(vocabulary, counts, _settled(corpus, place))
    except OSError as error:
        if not _is_about_room(error):
            raise
        raise SettingError(
            f"the ids of the texts cannot be kept in {folder or 'the folder of temporary files'}: "
            f"{error}; free space there, or name a folder on a larger disk with checkpoint= or the "
            "environment variable TMPDIR"
        ) from error


def _is_about_room(error: OSError) -> bool:
    """Whether an error comes from the file of ids, not from the texts that are being read."""
    if PREFIX in str(error.filename):
        return True
    short_write = type(error) is OSError and error.errno is None  # numpy's, without a number
    return short_write or error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _settled(corpus: TokenIds, place: Path) -> TokenIds:
    """Load a small corpus into memory; delete the files of a large one when it is garbage."""
    if not len(corpus.ids) or len(corpus.ids) + len(corpus.offsets) <= IN_MEMORY:
        ids = np.fromfile(place / "ids", dtype=np.int32)
        return TokenIds(ids, np.fromfile(offsets_path(place / "ids"), dtype=np.int64))
    release_memory()
    ids = np.asarray(np.memmap(place / "ids", dtype=np.int32, mode="c"))
    for mapped in (ids, corpus.offsets):
        weakref.finalize(mapped, shutil.rmtree, place, ignore_errors=True)
    return TokenIds(ids, corpus.offsets)


def merge_vocabularies(
    new: Vocabulary, known: Vocabulary
) -> tuple[Vocabulary, NDArray[np.int64], NDArray[np.int32]]:
    """Return the words of both vocabularies with their counts added, the most frequent first.

    Also returns the counts in ``new`` alone, int64 ``(n_words,)``, and the merged id of each word
    of ``new``, int32 ``(len(new),)``.
    """
    words = [*new.words, *(word for word in known.words if word not in new)]
    index = {word: i for i, word in enumerate(words)}
    here = np.zeros(len(words), dtype=np.int64)
    here[: len(new)] = new.counts
    counts = here.copy()
    counts[[index[word] for word in known.words]] += known.counts
    order = np.argsort(-counts, kind="stable")
    numbers = np.empty(len(words), dtype=np.int32)
    numbers[order] = np.arange(len(words))
    vocabulary = Vocabulary(tuple(words[i] for i in order), counts[order])
    return vocabulary, here[order], numbers[: len(new)]


def iter_chunks(ids: NDArray[np.int32]) -> Iterator[NDArray[np.int32]]:
    """Yield ids in chunks; ids mapped from a file are not all held in memory."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
        drop_pages(ids)


def drop_pages(ids: NDArray[np.int32]) -> None:
    """Free the memory of ids mapped from a file; they are read again when needed.

    Changes made to the ids are lost.
    """
    base: Any = ids
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
        base.madvise(mmap.MADV_DONTNEED)
