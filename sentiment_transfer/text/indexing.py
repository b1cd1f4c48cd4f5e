"""Indexing: whole corpora to token ids, batch by batch.

Only the vocabulary, the offsets (8 bytes per text) and the ids (4 bytes per token) grow with the
corpus; offsets and ids can be kept in files. Where there are very many words, rare ones are
stored as hashes on the way (`numbering`).
"""

from __future__ import annotations

from contextlib import ExitStack
from io import BytesIO
from itertools import chain, pairwise
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.errors import InputError
from sentiment_transfer.text.inputs import as_iterable_of_texts
from sentiment_transfer.text.numbering import Numbering
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
    "BATCH_CHARACTERS",
    "SMALL_CHARACTERS",
    "batches",
    "index_corpus",
    "number_corpus",
    "offsets_path",
    "open_scanner",
    "ranks",
]

BATCH_CHARACTERS = 1 << 20
"""Characters in a batch of texts."""

SMALL_CHARACTERS = 100_000
"""Importing numba takes longer than tokenising fewer characters in Python."""


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
        Rarer words are left out of the vocabulary and of the ids. A number, or a function that
        computes it from the number of tokens.
    spill
        A file for the ids, which is overwritten; the offsets are in another file beside it
        (`offsets_path`). Both are memory-mapped, so they must exist while the result is used.

    Returns
    -------
    The vocabulary, most frequent word first (ties in the order first seen), and the ids of its
    words in every text. Both are empty for no texts.

    Raises
    ------
    InputError
        A text is not a ``str`` or is too long; the message has its index.
    """
    with ExitStack() as stack:
        files = (spill, offsets_path(spill)) if spill else ()
        spool = _Spool(*(stack.enter_context(file.open("w+b")) for file in files))
        least = min_count if callable(min_count) else lambda _: min_count
        numbering = _scan(texts, tokenizer, spool, least)
        vocabulary = Vocabulary.from_counts(numbering.counts(), least(numbering.n_tokens))
        return vocabulary, spool.ranked(numbering.ranks(vocabulary))


def number_corpus(
    texts: Iterable[str], tokenizer: Tokenizer, spill: Path
) -> tuple[dict[str, int], TokenIds]:
    """Count the words of a part of a corpus and encode it with all its words, as first seen.

    Returns the counts, in the order in which the words were first seen, and the ids, which are
    places in this order; see `index_corpus` for the rest.
    """
    with spill.open("w+b") as ids, offsets_path(spill).open("w+b") as offsets:
        spool = _Spool(ids, offsets)
        counts = _scan(texts, tokenizer, spool, lambda _: 1).counts()
        return counts, spool.all()


def _scan(
    texts: Iterable[str],
    tokenizer: Tokenizer,
    spool: _Spool,
    min_count: Callable[[int], int],
) -> Numbering:
    """Append the texts to a spool; return the numbers of the words, in the order first seen."""
    scanner, batches = open_scanner(texts, tokenizer)
    numbering = Numbering(scanner, min_count)
    del scanner  # which may be replaced
    for batch in batches:
        spool.append(numbering.read(batch))
    return numbering


def open_scanner(
    texts: Iterable[str], tokenizer: Tokenizer, *, signs: bool = False
) -> tuple[TokenScanner, Iterator[list[str]]]:
    """Return the scanner that is fastest for the first batch, and all batches, at least one.

    With ``signs`` it replaces emoticons and hashtags.
    """
    rest = batches(texts)
    first = next(rest, [])
    if tokenizer.splitter or sum(map(len, first)) < SMALL_CHARACTERS:
        return ReadableScanner(tokenizer, signs=signs), chain([first], rest)

    from sentiment_transfer.text.scanner_numba import Scanner

    return Scanner(tokenizer, signs=signs), chain([first], rest)


def batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield lists of texts of ``BATCH_CHARACTERS`` or slightly more; the last may be shorter."""
    batch: list[str] = []
    characters = 0
    for number, text in enumerate(as_iterable_of_texts(texts)):
        if not isinstance(text, str) or len(text) > MAX_CHARACTERS:
            raise _unusable(text, number)
        batch.append(text)
        characters += len(text)
        if characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


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

    def __init__(self, *files: IO[bytes]) -> None:
        ids, offsets = files or (BytesIO(), BytesIO())
        self._ids, self._offsets = _Values(ids, np.int32), _Values(offsets, np.int64)
        self._offsets.write(0, np.zeros(1, np.int64))
        self._ends = [(0, 0)]  # of each batch among the ids and the texts

    def append(self, part: TokenIds) -> None:
        n_ids, n_texts = self._ends[-1]
        self._ids.write(n_ids, part.ids)
        self._offsets.write(1 + n_texts, part.offsets[1:])
        self._ends.append((n_ids + len(part.ids), n_texts + len(part)))

    def ranked(self, ranks: NDArray[np.int32]) -> TokenIds:
        """Replace each id by its rank, in place, and drop those of rank -1; return all."""
        n_kept = 0
        for (first, text), (end, next_text) in pairwise(self._ends):
            ids = ranks[self._ids.read(first, end)]
            ends = self._offsets.read(1 + text, 1 + next_text)
            kept = TokenIds(ids, np.concatenate([np.zeros(1, np.int64), ends])).where(ids >= 0)
            self._ids.write(n_kept, kept.ids)
            self._offsets.write(1 + text, kept.offsets[1:] + n_kept)
            n_kept += len(kept.ids)
        return self._first(n_kept)

    def all(self) -> TokenIds:
        """Return all as they were appended."""
        for (first, text), (_, next_text) in pairwise(self._ends):
            ends = self._offsets.read(1 + text, 1 + next_text)
            self._offsets.write(1 + text, ends + first)
        return self._first(self._ends[-1][0])

    def _first(self, n_ids: int) -> TokenIds:
        return TokenIds(self._ids.first(n_ids), self._offsets.first(1 + self._ends[-1][1]))


class _Values:
    """An array in memory or in a file."""

    def __init__(self, file: IO[bytes], dtype: type[np.integer]) -> None:
        self._file = file
        self._dtype = np.dtype(dtype)

    def write(self, start: int, values: NDArray[np.integer]) -> None:
        self._file.seek(start * self._dtype.itemsize)
        self._file.write(values.data)

    def read(self, start: int, end: int) -> NDArray[Any]:
        self._file.seek(start * self._dtype.itemsize)
        return np.frombuffer(self._file.read((end - start) * self._dtype.itemsize), self._dtype)

    def first(self, n: int) -> NDArray[Any]:
        """Cut the array to ``n`` values and return it.

        A file is mapped copy-on-write, since numba would compile again for a read-only array.
        """
        self._file.truncate(n * self._dtype.itemsize)
        if isinstance(self._file, BytesIO):
            return np.frombuffer(self._file.getbuffer(), self._dtype)
        self._file.flush()
        if n == 0:  # an empty file cannot be mapped
            return np.zeros(0, self._dtype)
        return np.asarray(np.memmap(self._file, self._dtype, "c"))


def offsets_path(spill: Path) -> Path:
    """Return the path of the offsets that belong to the ids in ``spill``."""
    return spill.with_name(spill.name + ".offsets")
