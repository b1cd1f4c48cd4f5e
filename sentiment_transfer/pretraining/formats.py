"""Word vectors in the file formats of other programs."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from sentiment_transfer.base.atomic import atomic_path
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

__all__ = ["VectorFormat", "read_keyed_vectors", "write_keyed_vectors"]

VectorFormat = Literal["word2vec", "word2vec-binary", "glove", "fasttext"]


def write_keyed_vectors(keyed: KeyedVectors, path: str | Path, format: VectorFormat) -> None:  # noqa: A002
    """Write a file with gensim, atomically (see `atomic_path`).

    A line of text is ``dull 0.5 -1.0``; word2vec's and fastText's first line is ``n_words d``. In
    the binary format, the vector's float32 bytes follow the word and a space. The suffix ``.gz``,
    ``.bz2`` or ``.xz`` of the path compresses the file. Raises ``SettingError`` for an unknown
    format, ``InputError`` if no file can be created at ``path``.
    """
    _check(format)
    with atomic_path(path, Path(path).suffix) as temporary:
        keyed.save_word2vec_format(
            str(temporary), binary=format == "word2vec-binary", write_header=format != "glove"
        )


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
