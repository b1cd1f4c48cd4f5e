"""Whole corpora to token ids, batch by batch.

Texts are read in batches of about a megabyte, and each is let go once it is numbered. What grows
with the corpus is its vocabulary, its offsets (8 bytes a text) and its ids (4 bytes a token). The
ids can be kept in a file (``spill``), so that memory stays flat.
"""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Any, Protocol

import numpy as np

from sentiment_transfer.errors import InputError
from sentiment_transfer.text.tokenizer import MAX_CHARACTERS
from sentiment_transfer.text.vocabulary import TokenIds, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_transfer.text.tokenizer import Tokenizer

__all__ = ["SMALL_CHARACTERS", "batches", "encode_texts", "index_corpus"]

BATCH_CHARACTERS = 1 << 20
"""Characters that are tokenised at a time."""

SMALL_CHARACTERS = 100_000
"""Below, tokenising text by text is done before numba is even imported."""

ARROW_ROWS = 4096
"""Rows of an Arrow column that become Python strings at a time."""


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
        Any iterable of texts, or an Arrow column of strings. It is gone through once.
    tokenizer
        Splits the texts.
    min_count
        Words seen less often are left out of the vocabulary and of the ids; a function of the
        number of tokens, or that number.
    spill
        A file to keep the ids in, which is made anew: ``ids`` is then mapped from it, and the file
        must stay as long as they are used. Its folder takes as much again while this runs.

    Returns
    -------
    The vocabulary, most frequent word first (ties in the order first seen), and the ids of its
    words in every text. Both are empty for no texts.

    Raises
    ------
    InputError
        If a text is not a ``str`` or is too long; it is named by its place, from 0.
    """
    scanner, batches = _open(texts, tokenizer)
    counts = np.zeros(0, dtype=np.int64)
    with ExitStack() as files:
        numbered = _Spool(files.enter_context(TemporaryFile(dir=spill.parent)) if spill else None)
        encoded = _Spool(files.enter_context(spill.open("wb")) if spill else None)
        for batch in batches:
            part = scanner.scan(batch)
            so_far = counts
            counts = np.bincount(part.ids, minlength=len(so_far))
            counts[: len(so_far)] += so_far
            numbered.append(part)
        words = scanner.words
        vocabulary = Vocabulary.from_counts(
            dict(zip(words, counts.tolist(), strict=True)), min_count
        )
        rank = _ranks(words, vocabulary)
        for part in numbered.drain():
            encoded.append(_known(part, rank))
    return vocabulary, encoded.joined(spill)


def encode_texts(
    texts: Iterable[str],
    tokenizer: Tokenizer,
    vocabulary: Vocabulary,
    *,
    spill: Path | None = None,
) -> TokenIds:
    """Ids of the known words of each text, in order; a text may have none.

    ``texts``, ``spill`` and the errors are those of ``index_corpus``.
    """
    scanner, batches = _open(texts, tokenizer)
    rank = np.zeros(0, dtype=np.int32)
    with ExitStack() as files:
        encoded = _Spool(files.enter_context(spill.open("wb")) if spill else None)
        for batch in batches:
            part = scanner.scan(batch)
            rank = np.concatenate([rank, _ranks(scanner.words[len(rank) :], vocabulary)])
            encoded.append(_known(part, rank))
    return encoded.joined(spill)


class _Scanner(Protocol):
    """Numbers tokens in the order first seen."""

    @property
    def words(self) -> list[str]: ...

    def scan(self, texts: Sequence[str]) -> TokenIds: ...


class ReadableScanner:
    """What ``scanner.Scanner`` does, text by text, for any tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._ids: dict[str, int] = {}

    @property
    def words(self) -> list[str]:
        """The tokens met so far; the id of each is its place."""
        return list(self._ids)

    def scan(self, texts: Sequence[str]) -> TokenIds:
        """Ids of the tokens of each text, among ``words``."""
        ids = self._ids
        return TokenIds.from_lists(
            [ids.setdefault(token, len(ids)) for token in self._tokenizer(text)] for text in texts
        )


def _open(texts: Iterable[str], tokenizer: Tokenizer) -> tuple[_Scanner, Iterator[list[str]]]:
    """Choose the scanner by the first batch, and give the batches."""
    rest = batches(texts)
    first = next(rest, [])
    if tokenizer.splitter or sum(map(len, first)) < SMALL_CHARACTERS:
        return ReadableScanner(tokenizer), chain([first], rest)

    from sentiment_transfer.text.scanner import Scanner

    return Scanner(tokenizer), chain([first], rest)


def batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Cut texts into runs of ``BATCH_CHARACTERS``, or one text more; the last is what is left."""
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
    """Go through texts; an Arrow column's own iterator would make a pyarrow object of each."""
    if isinstance(texts, str):
        raise InputError("texts is one str, and would be taken apart; put it into a list: [text]")
    if hasattr(texts, "to_pylist"):
        starts = range(0, len(texts), ARROW_ROWS)
        return chain.from_iterable(texts.slice(i, ARROW_ROWS).to_pylist() for i in starts)
    return texts  # type: ignore[no-any-return]


def _unusable(text: object, number: int) -> InputError:
    if isinstance(text, str):
        return InputError(
            f"text {number} has {len(text):,} characters; one review may have {MAX_CHARACTERS:,} "
            "(split it, or leave it out)"
        )
    kind = type(text).__name__
    return InputError(f"text {number} is {kind}, not str; leave it out, or give '' for no text")


def _ranks(words: list[str], vocabulary: Vocabulary) -> NDArray[np.int32]:
    """Id of each word, -1 for a word that is not in the vocabulary."""
    index = vocabulary.index
    return np.fromiter((index.get(word, -1) for word in words), dtype=np.int32, count=len(words))


def _known(part: TokenIds, rank: NDArray[np.int32]) -> TokenIds:
    """Replace ids by their ranks and leave out those without one."""
    ids = rank[part.ids]
    known = ids >= 0
    kept_before = np.concatenate([np.zeros(1, np.int64), np.cumsum(known)])
    return TokenIds(ids[known], kept_before[part.offsets])


class _Spool:
    """Batches of token ids, in memory or with the ids in a file."""

    def __init__(self, file: IO[bytes] | None) -> None:
        self._file = file
        self._parts: deque[TokenIds] = deque()

    def append(self, part: TokenIds) -> None:
        if self._file is not None:
            part.ids.tofile(self._file)
            part = TokenIds(np.zeros(0, dtype=np.int32), part.offsets)
        self._parts.append(part)

    def drain(self) -> Iterator[TokenIds]:
        """Give the batches back in order, and forget them."""
        if self._file is not None:
            self._file.seek(0)
        while self._parts:
            part = self._parts.popleft()
            if self._file is not None:
                ids = np.fromfile(self._file, dtype=np.int32, count=int(part.offsets[-1]))
                part = TokenIds(ids, part.offsets)
            yield part

    def joined(self, path: Path | None) -> TokenIds:
        """All batches as one, the ids mapped from the closed file at ``path`` if there is one."""
        whole = TokenIds.concatenate(self._parts)
        if path is None or whole.offsets[-1] == 0:  # an empty file cannot be mapped
            return whole
        # writable, as numba would compile anew for a read-only array; the file stays as it is
        return TokenIds(np.asarray(np.memmap(path, dtype=np.int32, mode="c")), whole.offsets)
