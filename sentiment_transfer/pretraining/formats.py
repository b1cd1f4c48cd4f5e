"""Word vectors in the file formats of other programs.

The files are written by gensim and read here, because gensim's readers cannot be used on files as
they are found: they stop at GloVe's words with spaces, pad the words with None after a repeated
one, believe a header that promises too few words or terabytes, refuse a file for one damaged word,
and never return on a fastText file that is cut short in its vocabulary.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections import Counter
from contextlib import contextmanager
from itertools import chain, islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from sentiment_transfer.base.atomic import atomic_path
from sentiment_transfer.base.estimator import is_integer_from
from sentiment_transfer.corpus.encodings import check_encoding
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.pretraining.formats_binary import is_fasttext, read_fasttext, read_word2vec
from sentiment_transfer.pretraining.model2vec import read_model2vec
from sentiment_transfer.pretraining.word_rows import WordRows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gensim.models import KeyedVectors
    from numpy.typing import NDArray

__all__ = ["VectorFormat", "read_vectors", "write_keyed_vectors"]

VectorFormat = Literal["word2vec", "word2vec-binary", "glove", "fasttext", "model2vec"]

LONGEST_LINE = 2**24
SAMPLE_LINES = 100
MAX_EXPANSION = 100
"""Numbers that were trained hardly compress: a file that expands further is made to fill memory."""

_OPENERS: dict[str, Any] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def write_keyed_vectors(keyed: KeyedVectors, path: str | Path, format: VectorFormat) -> None:  # noqa: A002
    """Write a file with gensim, atomically (see `atomic_path`).

    A line of text is ``dull 0.5 -1.0``; word2vec's and fastText's first line is ``n_words d``. In
    the binary format, the vector's float32 bytes follow the word and a space. The suffix ``.gz``,
    ``.bz2`` or ``.xz`` of the path compresses the file. Raises ``SettingError`` for an unknown
    format, ``InputError`` if no file can be created at ``path``, or a word has a line end, or in
    the binary format a space, and would be read as something else.
    """
    _check(format)
    if format == "model2vec":
        raise SettingError("format='model2vec' is not allowed; it can be read, not written")
    binary = format == "word2vec-binary"
    for word in keyed.index_to_key:
        if not word.strip() or "\n" in word or (binary and " " in word):
            raise InputError(f"the word {word[:40]!r} cannot be written as {format}; leave it out")
    with atomic_path(path, Path(path).suffix) as temporary:
        keyed.save_word2vec_format(str(temporary), binary=binary, write_header=format != "glove")


def read_vectors(
    path: str,
    format: VectorFormat,  # noqa: A002
    limit: int | None = None,
) -> tuple[tuple[str, ...], NDArray[np.float32], NDArray[np.int64]]:
    """Return the words of a file, their rows ``(n_words, d)`` and counts, 1 where it has none.

    Parameters
    ----------
    path
        A file, expanded if its suffix is ``.gz``, ``.bz2`` or ``.xz``; a folder for model2vec.
    format
        ``"fasttext"`` is ``.vec`` or ``.bin``, whose vectors include those of their n-grams.
    limit
        Number of words to read; all by default. The rest of the file is not looked at.

    Raises
    ------
    SettingError
        The format is unknown, or the limit is not a positive integer.
    InputError
        The file is missing, cut short, damaged, or in another format or encoding, or a vector is
        not finite or longer than 1e18. The message names line and word.

    Warns
    -----
    UserWarning
        Words are skipped, because they are repeated (the first row counts), empty or not UTF-8; or
        there are more words than the header promises. One warning holds all of it, with counts.
    """
    _check(format)
    if limit is not None and not is_integer_from(limit, 1):
        raise SettingError(f"limit={limit!r} is not allowed; it must be an integer of at least 1")
    rows = WordRows(path, format, limit)
    if format == "model2vec":
        read_model2vec(Path(path), rows)
        return rows.finish()
    with _opened(path) as file:
        if format == "word2vec-binary":
            read_word2vec(file, rows)
        elif format == "fasttext" and is_fasttext(file, path):
            read_fasttext(file, rows)
        else:
            _read_text(file, rows, header=format != "glove")
    return rows.finish()


def _check(name: str) -> None:
    known = get_args(VectorFormat)
    if name not in known:
        raise SettingError(f"format={name!r} is not allowed; it must be one of {', '.join(known)}")


@contextmanager
def _opened(path: str) -> Iterator[io.BufferedReader[Any]]:
    """Open a file as bytes; errors of the system and of the compression name it."""
    place = Path(path)
    if place.exists() and not place.is_file():
        raise InputError("is a folder or a device; give the name of a file", path=path)
    try:
        opener = _OPENERS.get(place.suffix)
        if opener is None:
            with place.open("rb") as file:
                yield file
        else:
            most = 2**26 + MAX_EXPANSION * place.stat().st_size
            with opener(path) as stream, io.BufferedReader(_Bounded(stream, path, most)) as file:
                yield file
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", path=path) from error
    except (EOFError, zlib.error, lzma.LZMAError) as error:
        message = f"is damaged or cut short ({error}); get it again"
        raise InputError(message, path=path) from error


class _Bounded(io.RawIOBase):
    """An expanded stream that ends with an error after ``most`` bytes."""

    def __init__(self, stream: Any, path: str, most: int) -> None:  # noqa: ANN401
        self._stream, self._path, self._left = stream, path, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401  (a writable buffer)
        n: int = self._stream.readinto(buffer)
        self._left -= n
        if self._left < 0:
            message = f"expands to more than {MAX_EXPANSION} times its size; expand it by hand"
            raise InputError(message, path=self._path)
        return n


def _read_text(file: io.BufferedReader, rows: WordRows, *, header: bool) -> None:
    """Read lines of a word and d numbers; the word may hold spaces."""
    lines = _lines(file, rows)
    promised_d = _read_header(next(lines, (1, b""))[1], rows) if header else None
    sample = list(islice(lines, SAMPLE_LINES))
    d = _dimensions(sample, promised_d, rows)
    end = b"\n"
    with np.errstate(over="ignore"):  # infinite values are refused by name
        for number, line in chain(sample, lines):
            end = line[-1:]
            fields = line.rsplit(None, d)
            if len(fields) <= d:
                if not fields:
                    continue  # an empty line
                if len(fields) < d or not line[:1].isspace():
                    sizes = "" if header or number > 1 else "; with sizes, it is format='word2vec'"
                    raise rows.error(f"{len(fields) - 1} numbers, not {d}{sizes}", number)
                fields.insert(0, b"")
            word = fields[0]
            try:
                rows.add(word, list(map(float, fields[1:])), number)
            except ValueError:
                wrong = next(field for field in fields[1:] if not _is_number(field))
                shown = wrong[:40].decode(errors="replace")
                raise rows.error(f"{shown!r} is not a number", number) from None
            if rows.full:
                return
    if end != b"\n":
        rows.note("its last line has no end, so its last number may be cut short")


def _lines(file: io.BufferedReader, rows: WordRows) -> Iterator[tuple[int, bytes]]:
    r"""Yield the lines with their numbers; only ``\n`` ends a line, since words hold U+0085."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE:
            raise rows.error(f"a line of more than {LONGEST_LINE:,} bytes", number)
        yield number, line[check_encoding(line, rows.path) :] if number == 1 else line


def _read_header(line: bytes, rows: WordRows) -> int:
    """Note the promised number of words; return the number of dimensions."""
    fields = line.split()
    if len(fields) != 2 or not all(field.isdigit() and len(field) < 19 for field in fields):
        raise rows.error("its first line is not two numbers, of words and dimensions", 1)
    rows.promised, d = map(int, fields)
    return d


def _dimensions(sample: list[tuple[int, bytes]], promised: int | None, rows: WordRows) -> int:
    """Return with how many numbers most lines end; a header must agree."""
    widths = Counter(_n_numbers(line.split()) for _, line in sample if line.strip())
    if not widths:
        raise rows.error("it holds no vectors")
    found, most = widths.most_common(1)[0]
    if promised is not None and widths[promised] < most:
        raise rows.error(f"its header promises {promised:,} dimensions, its lines have {found}", 1)
    d = found if promised is None else promised
    if d < 1:
        raise rows.error("its lines hold no numbers", 1)
    return d


def _n_numbers(fields: list[bytes]) -> int:
    """Return how many numbers end a line; the first field is a word, whatever it is."""
    return sum(1 for _ in takewhile(_is_number, reversed(fields[1:])))


def _is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return True
