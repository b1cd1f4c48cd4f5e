"""Indexing: whole corpora to token ids, batch by batch.

Texts are read in batches of about a megabyte. Only the vocabulary, the offsets (8 bytes per text)
and the ids (4 bytes per token) grow with the corpus. Ids and offsets can be kept in files
(``spill``), so that memory stays flat.
"""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.errors import InputError
from sentiment_transfer.text.scanner import ReadableScanner
from sentiment_transfer.text.tokenizer import MAX_CHARACTERS
from sentiment_transfer.text.vocabulary import TokenIds, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_transfer.text.scanner import TokenScanner
    from sentiment_transfer.text.tokenizer import Tokenizer

__all__ = [
    "SMALL_CHARACTERS",
    "batches",
    "index_corpus",
    "offsets_path",
    "open_scanner",
    "ranks",
]

BATCH_CHARACTERS = 1 << 20
"""Characters in a batch of texts."""

SMALL_CHARACTERS = 100_000
"""Up to this many characters are tokenised faster one by one than numba is imported."""

ARROW_ROWS = 4096
"""Rows of an Arrow column that are converted to Python strings at a time."""


def index_corpus(
    texts: Iterable[str],
    tokenizer: Tokenizer,
    *,
    min_count: int | Callable[[int], int] = 1,
    spill: Path | None = None,
) -> tuple[Vocabulary, TokenIds]:
    """Count the words of a corpus and encode it, in one pass over the texts.

    Parameters
    ----------
    texts
        Any iterable of texts, or an Arrow column of strings. Iterated once.
    tokenizer
        Splits the texts.
    min_count
        Words seen less often are left out of the vocabulary and of the ids. A number, or a
        function that computes it from the number of tokens.
    spill
        A file to keep the ids in, which is overwritten; the offsets go to another file in the same
        folder (`offsets_path`). Both are mapped and must exist as long as they are used. While this
        runs, the folder needs twice the space.

    Returns
    -------
    The vocabulary, most frequent word first (ties in the order first seen), and the ids of its
    words in every text. Both are empty for no texts.

    Raises
    ------
    InputError
        If a text is not a ``str`` or is too long; the message has its index, from 0.
    """
    scanner, batches = open_scanner(texts, tokenizer)
    counts = np.zeros(0, dtype=np.int64)
    with ExitStack() as files:
        numbered = _Spool(_temporary(spill.parent, files) if spill else None)
        encoded = _Spool(_opened(spill, files) if spill else None)
        for batch in batches:
            part = scanner.scan(batch).tokens
            so_far = counts
            counts = np.bincount(part.ids, minlength=len(so_far))
            counts[: len(so_far)] += so_far
            numbered.append(part)
        words = scanner.tokens_from(0)
        vocabulary = Vocabulary.from_counts(
            dict(zip(words, counts.tolist(), strict=True)), min_count
        )
        rank = ranks(words, vocabulary)
        for part in numbered.drain():
            encoded.append(TokenIds(rank[part.ids], part.offsets).where(rank[part.ids] >= 0))
    return vocabulary, encoded.joined(spill)


def open_scanner(
    texts: Iterable[str], tokenizer: Tokenizer
) -> tuple[TokenScanner, Iterator[list[str]]]:
    """Choose the scanner by the first batch; return it and all batches, at least one."""
    rest = batches(texts)
    first = next(rest, [])
    if tokenizer.splitter or sum(map(len, first)) < SMALL_CHARACTERS:
        return ReadableScanner(tokenizer), chain([first], rest)

    from sentiment_transfer.text.scanner_numba import Scanner

    return Scanner(tokenizer), chain([first], rest)


def batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield lists of texts of ``BATCH_CHARACTERS`` or slightly more; the last may be shorter."""
    batch: list[str] = []
    characters = 0
    for number, text in enumerate(_strings(texts)):
        if not isinstance(text, str) or len(text) > MAX_CHARACTERS:
            raise _unusable(text, number)
        batch.append(text)
        characters += len(text)
        if characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _strings(texts: Any) -> Iterable[Any]:  # noqa: ANN401  (anything may be handed in)
    """Iterate over texts; an Arrow column would by itself yield pyarrow objects."""
    if isinstance(texts, str):
        raise InputError("texts is a single str; pass a list of texts: [text]")
    if hasattr(texts, "to_pylist"):
        starts = range(0, len(texts), ARROW_ROWS)
        return chain.from_iterable(texts.slice(i, ARROW_ROWS).to_pylist() for i in starts)
    return texts  # type: ignore[no-any-return]


def _unusable(text: object, number: int) -> InputError:
    if isinstance(text, str):
        return InputError(
            f"text {number} has {len(text):,} characters; at most {MAX_CHARACTERS:,} are allowed "
            "(split it, or leave it out)"
        )
    kind = type(text).__name__
    return InputError(f"text {number} is {kind}, not str; leave it out, or pass '' for no text")


def ranks(words: list[str], vocabulary: Vocabulary) -> NDArray[np.int32]:
    """Return the id of each word, -1 for a word that is not in the vocabulary."""
    index = vocabulary.index
    return np.fromiter((index.get(word, -1) for word in words), dtype=np.int32, count=len(words))


class _Spool:
    """Batches of token ids, in memory or in two files: the ids, and the offsets of all texts."""

    def __init__(self, files: tuple[IO[bytes], IO[bytes]] | None) -> None:
        self._files = files
        self._parts: deque[TokenIds] = deque()
        self._sizes: deque[tuple[int, int]] = deque()
        self._total = 0
        if files:
            np.zeros(1, np.int64).tofile(files[1])

    def append(self, part: TokenIds) -> None:
        if self._files is None:
            self._parts.append(part)
            return
        ids, offsets = self._files
        part.ids.tofile(ids)
        (part.offsets[1:] + self._total).tofile(offsets)
        self._sizes.append((len(part.ids), len(part)))
        self._total += len(part.ids)

    def drain(self) -> Iterator[TokenIds]:
        """Yield the batches in order, and drop them."""
        while self._parts:
            yield self._parts.popleft()
        if self._files is None:
            return
        ids, offsets = self._files
        ids.seek(0)
        offsets.seek(np.dtype(np.int64).itemsize)
        start = np.zeros(1, np.int64)
        while self._sizes:
            n_ids, n_texts = self._sizes.popleft()
            ends = np.fromfile(offsets, dtype=np.int64, count=n_texts)
            part = np.fromfile(ids, dtype=np.int32, count=n_ids)
            yield TokenIds(part, np.concatenate([start, ends]) - start)
            start = start + n_ids

    def joined(self, spill: Path | None) -> TokenIds:
        """Return all batches as one, mapped from the files if they are in files."""
        if spill is None:
            return TokenIds.concatenate(self._parts)
        return TokenIds(_mapped(spill, np.int32), _mapped(offsets_path(spill), np.int64))


def _opened(spill: Path, files: ExitStack) -> tuple[IO[bytes], IO[bytes]]:
    ids, offsets = (files.enter_context(p.open("wb")) for p in (spill, offsets_path(spill)))
    return ids, offsets


def _temporary(folder: Path, files: ExitStack) -> tuple[IO[bytes], IO[bytes]]:
    ids, offsets = (TemporaryFile(dir=folder) for _ in range(2))  # noqa: SIM115  (closed by files)
    return files.enter_context(ids), files.enter_context(offsets)


def offsets_path(spill: Path) -> Path:
    """Return the path of the offsets that belong to the ids in ``spill``."""
    return spill.with_name(spill.name + ".offsets")


def _mapped(path: Path, dtype: type[np.integer]) -> NDArray[Any]:
    """Map a file copy-on-write, since numba would compile again for a read-only array.

    An empty file, which cannot be mapped, gives an empty array.
    """
    if not path.stat().st_size:
        return np.zeros(0, dtype)
    return np.asarray(np.memmap(path, dtype=dtype, mode="c"))
