"""Folders of model2vec, read as static word vectors.

``model.safetensors`` holds ``embeddings`` and perhaps ``weights`` and ``mapping`` of the tokens;
``tokenizer.json`` says which tokens there are. Only a token that is a whole word becomes a word
here: model2vec itself puts other words together from pieces.
"""

from __future__ import annotations

import json
import math
import os
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.word_rows import WordRows

__all__ = ["read_model2vec"]

METASPACE = "▁"
MAX_JSON_BYTES = 2**28
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I8": "i1"}


def read_model2vec(folder: Path, rows: WordRows) -> None:
    """Read the vectors of the tokens that are whole words, in the order of their ids.

    Raises ``InputError`` where words and pieces of words cannot be told apart: the tokenizer must
    be of the types WordLevel, WordPiece with a prefix such as ``##``, or Unigram or BPE with
    ``▁`` before each word.
    """
    rows.unit = "word"
    tensors, tokenizer = folder / "model.safetensors", folder / "tokenizer.json"
    missing = [path.name for path in (tensors, tokenizer) if not path.is_file()]
    if missing:
        raise rows.error(f"it must be a folder with {' and '.join(missing)}")
    try:
        tokens, special, word_of = _vocabulary(json.loads(tokenizer.read_bytes()), rows)
        embeddings, weights, mapping = _tensors(tensors)
        n = len(embeddings if mapping is None else mapping)
        for token, i in sorted(tokens.items(), key=lambda item: item[1]):
            if rows.full:
                break
            word = word_of(token)
            if i in special or word is None:
                rows.skip("special" if i in special else "a piece of a word", i)
                continue
            if not 0 <= i < n:
                raise ValueError(f"the token {token[:40]!r} has no row")
            row = embeddings[i if mapping is None else mapping[i]]
            weight = 1 if weights is None else weights[i]
            with np.errstate(over="ignore"):  # infinite values are refused by name
                rows.add(word.encode("utf-8", "surrogatepass"), row * np.float32(weight), i)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", path=rows.path) from error
    except InputError:
        raise
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise rows.error(f"its parts do not fit together: {str(error)[:200]}") from error


def _vocabulary(
    tokenizer: dict[str, Any], rows: WordRows
) -> tuple[dict[str, int], set[int], Callable[[str], str | None]]:
    """Return the id of each token, the ids of special ones, and the word of a token or None."""
    model = tokenizer["model"]
    kind, listed = model.get("type"), model["vocab"]
    tokens = (
        {token: int(i) for token, i in listed.items()}
        if isinstance(listed, dict)
        else {token: i for i, (token, _) in enumerate(listed)}
    )
    added = tokenizer.get("added_tokens") or []
    special = {token["id"] for token in added if token["special"]} | {model.get("unk_id")}
    special.add(tokens.get(model.get("unk_token") or ""))
    whole = {token["content"]: int(token["id"]) for token in added}
    prefix = model.get("continuing_subword_prefix")

    def word_of(token: str) -> str | None:
        if token in whole or kind == "WordLevel":
            return token
        if kind == "WordPiece":
            return None if token.startswith(prefix) else token
        return token[1:] if token.startswith(METASPACE) else None

    marked = kind == "WordPiece" and prefix
    spaced = kind in ("Unigram", "BPE") and any(token.startswith(METASPACE) for token in tokens)
    if not (marked or spaced or kind == "WordLevel"):
        raise rows.error(
            f"its tokenizer ({kind}) does not mark which tokens are whole words and which are "
            "pieces of words, so there are no vectors of words; use WordLevel, WordPiece or Unigram"
        )
    return tokens | whole, special, word_of


def _tensors(
    path: Path,
) -> tuple[NDArray[np.float32], NDArray[np.float64] | None, NDArray[np.int64] | None]:
    """Return embeddings ``(n_rows, d)`` and, of each token, weight and row, if the file has any."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(8), "little")
        if length > min(size - 8, MAX_JSON_BYTES):
            raise ValueError(f"{path.name} is not a safetensors file, or is cut short")
        header = json.loads(file.read(length))
        found: dict[str, NDArray[Any]] = {}
        for name in ("embeddings", "embedding.weight", "weights", "mapping"):
            if name in header:
                dtype, shape = np.dtype(_DTYPES[header[name]["dtype"]]), header[name]["shape"]
                begin, end = header[name]["data_offsets"]
                n_bytes = math.prod(map(int, shape)) * dtype.itemsize
                if not (0 <= begin <= end <= size - 8 - length and end - begin == n_bytes):
                    raise ValueError(f"the tensor {name!r} does not fit the file; it is cut short")
                file.seek(8 + length + begin)
                found[name] = np.frombuffer(file.read(n_bytes), dtype).reshape(shape)
    embeddings = found.get("embeddings", found.get("embedding.weight"))
    if embeddings is None or embeddings.ndim != 2 or not embeddings.size:
        raise ValueError("there is no matrix of embeddings")
    weights, mapping = found.get("weights"), found.get("mapping")
    if mapping is not None and not (0 <= mapping.min() <= mapping.max() < len(embeddings)):
        raise ValueError("the mapping refers to rows that do not exist")
    with np.errstate(over="ignore"):
        return embeddings.astype(np.float32), weights, mapping
