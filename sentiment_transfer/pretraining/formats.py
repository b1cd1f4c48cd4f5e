"""Word vectors in the file formats of other programs."""

from __future__ import annotations

import bz2
import gzip
import lzma
import warnings
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, get_args

from sentiment_transfer.base.atomic import atomic_write
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from gensim.models import KeyedVectors
    from numpy.typing import NDArray

__all__ = ["VectorFormat", "read_keyed_vectors", "write_vectors"]

VectorFormat = Literal["word2vec", "word2vec-binary", "glove", "fasttext"]

_COMPRESSED: dict[str, Callable[[BinaryIO, str], Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}
"""Compression by the suffix of the path; gensim reads files with these suffixes compressed."""


def write_vectors(
    path: str | Path,
    words: Sequence[str],
    matrix: NDArray[np.float32],
    format: VectorFormat,  # noqa: A002  (the field's name)
) -> None:
    """Write words and their vectors ``(n_words, d)``, atomically (see `atomic_write`).

    A line of text is ``dull 0.5 -1.0``; word2vec's and fastText's first line is ``n_words d``. In
    the binary format, the vector's float32 bytes follow the word and a space. Raises
    ``SettingError`` for an unknown format, ``InputError`` if no file can be created at ``path``.
    """
    _check(format)
    compress = _COMPRESSED.get(Path(path).suffix)
    with (
        atomic_write(path) as plain,
        compress(plain, "wb") if compress else nullcontext(plain) as file,
    ):
        if format != "glove":
            file.write(f"{len(words)} {matrix.shape[1]}\n".encode())
        for word, row in zip(words, matrix, strict=True):
            file.write(word.encode() + b" ")
            if format == "word2vec-binary":
                file.write(row.astype("<f4").tobytes())
            else:
                file.write((" ".join(map(str, row)) + "\n").encode())


def read_keyed_vectors(path: str, format: VectorFormat) -> KeyedVectors:  # noqa: A002
    """Read a file with gensim; counts, which these formats do not hold, are left out.

    Raises ``SettingError`` for an unknown format, ``InputError`` for a file that is missing,
    truncated, or in another format or encoding.
    """
    from gensim.models import KeyedVectors
    from gensim.models.fasttext import load_facebook_vectors

    _check(format)
    binary, no_header = format == "word2vec-binary", format == "glove"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # gensim leaves GloVe files open
        try:
            if format == "fasttext" and path.endswith(".bin"):
                return load_facebook_vectors(path)
            keyed = KeyedVectors.load_word2vec_format(path, binary=binary, no_header=no_header)
            if not keyed.vectors.size:
                raise ValueError("it holds no numbers")
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", path=path) from error
        # a header may promise anything, and gensim sizes an empty file as None
        except (ValueError, EOFError, TypeError, MemoryError, NotImplementedError) as error:
            reason = error.with_traceback(None)  # which would keep the file open
            raise InputError(f"is not a {format} file ({error})", path=path) from reason
    keyed.expandos.pop("count", None)  # gensim makes them up
    return keyed


def _check(name: str) -> None:
    known = get_args(VectorFormat)
    if name not in known:
        raise SettingError(f"format={name!r} is not allowed; it must be one of {', '.join(known)}")
