"""The binary files of word2vec and fastText.

word2vec's is a line ``n_words d``, then for each word its bytes, a space, d float32 values and
perhaps a line end. fastText's is described at `read_fasttext`.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import io

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.word_rows import WordRows

__all__ = ["is_fasttext", "read_fasttext", "read_word2vec"]

STEP = 2**20
LONGEST_WORD = 2**16
LONGEST_GRAM = 32
FASTTEXT_MAGIC = 793712314
FASTTEXT_VERSION = 12
SUPERVISED = 3
IS_WORD = 0
_TEXT = b"0123456789.-+eE \r\n"


class CutShortError(Exception):
    """The file ends inside of a value."""


class _Bytes:
    """Reads values from a stream; memory is bounded by what the stream holds."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file, self._data, self._at = file, b"", 0

    def at_end(self) -> bool:
        """Skip line ends, and return whether nothing follows."""
        while True:
            while self._data[self._at : self._at + 1] == b"\n":
                self._at += 1
            if self._at < len(self._data):
                return False
            if not self._fill():
                return True

    def until(self, end: bytes) -> bytes:
        """Return the bytes before the next ``end``, which is skipped."""
        start = 0
        while (found := self._data.find(end, self._at + start)) < 0:
            start = len(self._data) - self._at
            if start > LONGEST_WORD or not self._fill():
                raise CutShortError
        word = self._data[self._at : found]
        self._at = found + len(end)
        return word

    def take(self, n: int) -> bytes | bytearray:
        """Return the next ``n`` bytes."""
        if len(self._data) - self._at >= n:
            self._at += n
            return self._data[self._at - n : self._at]
        taken = bytearray(self._data[self._at :])
        self._data, self._at = b"", 0
        while len(taken) < n:
            chunk = self._file.read(min(n - len(taken), STEP))
            if not chunk:
                raise CutShortError
            taken += chunk
        return taken

    def unpack(self, form: str) -> tuple[Any, ...]:
        """Return the next values, little-endian and without gaps."""
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))

    def floats(self, n: int) -> NDArray[np.float32]:
        """Return the next ``n`` float32 values."""
        return np.frombuffer(self.take(4 * n), np.dtype("<f4"))

    def _fill(self) -> bool:
        chunk = self._file.read(STEP)
        self._data, self._at = self._data[self._at :] + chunk, 0
        return bool(chunk)


def read_word2vec(file: io.BufferedReader, rows: WordRows) -> None:
    """Read word2vec's binary format to the end of the file, whatever its header promises."""
    rows.unit = "word"
    source, place = _Bytes(file), 0
    try:
        fields = source.until(b"\n").split()
        if len(fields) != 2 or not all(field.isdigit() and len(field) < 19 for field in fields):
            raise rows.error("its first line is not two numbers, of words and dimensions")
        rows.promised, d = map(int, fields)
        if d < 1:
            raise rows.error("its header promises vectors without dimensions")
        while not rows.full and not source.at_end():
            place += 1
            word, row = source.until(b" "), source.floats(d)
            if place == 1 and not row.tobytes().translate(None, _TEXT):
                raise rows.error("it holds numbers as text; use format='word2vec'")
            rows.add(word, row, place)
    except CutShortError:
        promise = f"its header promises {rows.promised:,} words" if place else "it has no header"
        raise rows.error(f"it is cut short or damaged; {promise}", place or None) from None


def is_fasttext(file: io.BufferedReader, path: str) -> bool:
    """Return whether a file is fastText's binary; old ones do not say so but by the suffix."""
    return file.peek(4)[:4] == struct.pack("<i", FASTTEXT_MAGIC) or path.endswith(".bin")


def read_fasttext(file: io.BufferedReader, rows: WordRows) -> None:
    """Read fastText's binary; the vector of a word is the mean of its row and its n-grams' rows.

    The file holds settings, the dictionary, and the matrix of ``n_words + bucket`` rows (see
    ``FastText::saveModel``, https://github.com/facebookresearch/fastText). What follows the matrix
    is not read. The labels of a supervised model are left out.
    """
    rows.unit = "word"
    source = _Bytes(file)
    try:
        settings = _fasttext_settings(source, rows)
        words, counts = _fasttext_words(source, settings, rows)
        n, d = source.unpack("qq")
        needed = len(words) + settings.bucket if settings.has_grams else len(words)
        if d != settings.d or n < needed:
            raise rows.error(f"a matrix of {n:,} x {d:,}, where {needed:,} x {settings.d:,} belong")
        matrix = source.floats(needed * d).reshape(needed, d)
    except CutShortError:
        raise rows.error("it is cut short or damaged; get it again") from None
    for i, (word, count) in enumerate(zip(words, counts, strict=True)):
        if rows.full:
            return
        used = [i, *(len(words) + h for h in _gram_buckets(word, settings))]
        with np.errstate(over="ignore", invalid="ignore"):  # refused by name
            rows.add(word, matrix[used].mean(axis=0), i + 1, count)


class _Settings(NamedTuple):
    """What is needed of fastText's settings; ``new`` is the format since version 11."""

    new: bool
    d: int
    bucket: int
    shortest: int
    longest: int

    @property
    def has_grams(self) -> bool:
        return self.bucket > 0 and self.longest > 0


def _fasttext_settings(source: _Bytes, rows: WordRows) -> _Settings:
    magic, version = source.unpack("ii")
    new = magic == FASTTEXT_MAGIC
    if new and version > FASTTEXT_VERSION:
        raise rows.error(f"version {version} of fastText's format is not known")
    d = source.unpack("ii")[0] if new else magic
    model, bucket, shortest, longest, _, _ = source.unpack("20x4iid")
    if d < 1 or bucket < 0 or shortest < 0 or not 0 <= longest <= LONGEST_GRAM:
        raise rows.error(f"settings dim={d}, bucket={bucket}, minn={shortest}, maxn={longest}")
    if model == SUPERVISED and (not new or version < FASTTEXT_VERSION):
        longest = 0  # those did not use n-grams
    return _Settings(new, d, bucket, shortest, longest)


def _fasttext_words(
    source: _Bytes, settings: _Settings, rows: WordRows
) -> tuple[list[bytes], list[int]]:
    """Return the words of the dictionary and their counts; labels are left out."""
    size, n_words, _, _ = source.unpack("iiiq")
    pruned = source.unpack("q")[0] if settings.new else -1
    words, counts = [], []
    for _ in range(size):
        word = source.until(b"\0")
        count, kind = source.unpack("qb")
        if kind == IS_WORD:
            words.append(word)
            counts.append(max(count, 0))
    if len(words) != n_words:
        raise rows.error(f"its header promises {n_words:,} words, but it holds {len(words):,}")
    if pruned > 0 or (settings.new and source.unpack("?")[0]):
        raise rows.error("it is quantised (.ftz); use the .bin or .vec file that it was made from")
    return words, counts


def _gram_buckets(word: bytes, settings: _Settings) -> list[int]:
    """Return the buckets of a word's n-grams; the end of a sentence has none."""
    if word == b"</s>" or not settings.has_grams:
        return []
    from gensim.models.fasttext import ft_ngram_hashes

    text = word.decode(errors="replace")
    hashes: list[int] = ft_ngram_hashes(text, settings.shortest, settings.longest, settings.bucket)
    return hashes
