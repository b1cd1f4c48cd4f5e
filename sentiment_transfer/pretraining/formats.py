"""Word vectors in the file formats of other programs."""

from __future__ import annotations

import bz2
import gzip
import lzma
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from sentiment_transfer.base.atomic import atomic_write
from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    import numpy as np
    from numpy.typing import NDArray

__all__ = ["VectorFormat", "check_format", "write_vectors"]

VectorFormat = Literal["word2vec", "word2vec-binary", "glove", "fasttext"]
_FORMATS = ("word2vec", "word2vec-binary", "glove", "fasttext")

_COMPRESSED: dict[str, Callable[[BinaryIO, str], Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}
"""Compression by the suffix of the path; gensim reads files with these suffixes compressed."""


def check_format(name: str) -> None:
    """Raise ``SettingError`` for an unknown format."""
    if name not in _FORMATS:
        raise SettingError(
            f"format={name!r} is not allowed; it must be one of {', '.join(_FORMATS)}"
        )


def write_vectors(
    path: str | Path,
    words: Sequence[str],
    matrix: NDArray[np.float32],
    format: VectorFormat,  # noqa: A002  (the field's name)
) -> None:
    """Write words and their vectors ``(n_words, d)``, atomically (see `atomic_write`).

    A line of text is ``dull 0.5 -1.0``; word2vec's and fastText's first line is ``n_words d``. In
    the binary format, the vector's float32 bytes follow the word and a space.

    Raises
    ------
    SettingError
        The format is not known.
    InputError
        No file can be created at ``path``.
    """
    check_format(format)
    to_bytes = _binary if format == "word2vec-binary" else _text
    with atomic_write(path) as plain, _compressed(plain, path) as file:
        if format != "glove":
            file.write(f"{len(words)} {matrix.shape[1]}\n".encode())
        for word, row in zip(words, matrix, strict=True):
            file.write(word.encode() + b" " + to_bytes(row))


def _compressed(file: BinaryIO, path: str | Path) -> AbstractContextManager[BinaryIO]:
    """Wrap a file so that its content is compressed if the path's suffix asks for it."""
    compress = _COMPRESSED.get(Path(path).suffix)
    return nullcontext(file) if compress is None else compress(file, "wb")


def _binary(row: NDArray[np.float32]) -> bytes:
    return row.astype("<f4").tobytes()


def _text(row: NDArray[np.float32]) -> bytes:
    return (" ".join(map(str, row)) + "\n").encode()
