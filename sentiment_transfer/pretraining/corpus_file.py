"""Texts as numbers, those of a large corpus in two files: ids and offsets.

The files are mapped into memory, and let go of part by part. They lose their names as soon as they
are mapped, where the system allows that, so that nothing is left of them when the process ends,
however it ends.
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

from sentiment_transfer.errors import SettingError
from sentiment_transfer.text import TokenIds, Vocabulary
from sentiment_transfer.text.indexing import index_corpus, offsets_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from sentiment_transfer.text import Tokenizer

__all__ = ["PREFIX", "Indexed", "drop_pages", "index_texts", "iter_chunks", "merge_vocabularies"]

IN_MEMORY = 1 << 24
"""Ids and offsets up to this number (64 to 128 MiB) are kept in memory."""

CHUNK = 1 << 20
"""Ids of a file that are handled at a time."""

PREFIX = ".sentiment_transfer-"
"""How names of temporary files begin, those of `atomic_write` as well."""


class Indexed(NamedTuple):
    """Texts as numbers.

    ``vocabulary`` has the words of the texts and those known before, with the counts of both;
    ``counts`` are those in the texts alone.
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
    """Do as `index_corpus`, with the ids of large corpora in a file, and add ``known`` words.

    The file is made in ``folder``, or where the system keeps temporary files.

    Raises
    ------
    SettingError
        There is no room for the file.
    """
    place = None
    try:
        place = Path(tempfile.mkdtemp(prefix=PREFIX, suffix=".tmp", dir=folder))
        vocabulary, corpus = index_corpus(
            texts, tokenizer, min_count=min_count, spill=place / "ids"
        )
        counts = vocabulary.counts
        if known is not None:
            vocabulary, counts, numbers = merge_vocabularies(vocabulary, known)
            _renumber(corpus.ids, numbers, place / "ids")
        return Indexed(vocabulary, counts, _settled(corpus, place))
    except OSError as error:
        if not _is_about_room(error, place):
            raise
        raise SettingError(
            f"the ids of the texts cannot be kept in {folder or 'the folder of temporary files'}: "
            f"{error}; make room there, or name a folder on a larger disk: as checkpoint=, or in "
            "the environment variable TMPDIR"
        ) from error
    finally:
        if place is not None:
            shutil.rmtree(place, ignore_errors=True)  # in vain on Windows while the file is mapped


def _is_about_room(error: OSError, place: Path | None) -> bool:
    """Tell trouble with the file of ids from trouble with the texts, which are read meanwhile."""
    if place is None or str(error.filename).startswith(str(place)):
        return True
    short_write = type(error) is OSError and error.errno is None  # numpy's, without a number
    return short_write or error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _settled(corpus: TokenIds, place: Path) -> TokenIds:
    """Take a small corpus into memory; let the files of a large one live as long as it does."""
    if not len(corpus.ids) or len(corpus.ids) + len(corpus.offsets) <= IN_MEMORY:
        ids = np.fromfile(place / "ids", dtype=np.int32)
        return TokenIds(ids, np.fromfile(offsets_path(place / "ids"), dtype=np.int64))
    ids = np.asarray(np.memmap(place / "ids", dtype=np.int32, mode="c"))
    for mapped in (ids, corpus.offsets):
        weakref.finalize(mapped, shutil.rmtree, place, ignore_errors=True)
    return TokenIds(ids, corpus.offsets)


def merge_vocabularies(
    new: Vocabulary, known: Vocabulary
) -> tuple[Vocabulary, NDArray[np.int64], NDArray[np.int32]]:
    """Words of both with their counts added, the most frequent first.

    Also returned: the counts in ``new`` alone, int64 ``(n_words,)``, and the number of each word of
    ``new`` among all, int32 ``(len(new),)``.
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


def _renumber(ids: NDArray[np.int32], numbers: NDArray[np.int32], path: Path) -> None:
    """Replace ids by their numbers, in the file at ``path``."""
    with path.open("r+b") as file:
        for part in iter_chunks(ids):
            numbers[part].tofile(file)


def iter_chunks(ids: NDArray[np.int32]) -> Iterator[NDArray[np.int32]]:
    """Go through ids that may be mapped from a file without holding all of them in memory."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
        drop_pages(ids)


def drop_pages(ids: NDArray[np.int32]) -> None:
    """Let go of the memory of ids mapped from a file; they are read again when they are needed.

    Not for ids that were written to: what was written is lost.
    """
    base: Any = ids
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
        base.madvise(mmap.MADV_DONTNEED)
