"""Arrays as text for JSON, and matrices of word vectors in as few bytes as are needed."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from sentiment_transfer.pretraining.precision import Precision, compress, restore

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAX_BYTES", "as_json", "smallest"]

MAX_BYTES = 3_200_000
"""Most bytes of word vectors, so that a page stays below 5.5 MB: base64 adds a third."""


def as_json(array: NDArray[Any]) -> dict[str, str]:
    """Return type and little-endian bytes, in base64, of a flattened array.

    >>> as_json(np.array([1, 2], np.int8))
    {'type': 'int8', 'data': 'AQI='}
    """
    if array.dtype == np.uint64:  # JavaScript has no such numbers: two halves, the low one first
        array = np.ascontiguousarray(array).view(np.uint32)
    data = np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()
    return {"type": array.dtype.name, "data": base64.b64encode(data).decode()}


def smallest(matrix: NDArray[np.float32]) -> tuple[Precision, dict[str, NDArray[Any]]]:
    """Return a matrix ``(n, d)`` in the precision that a page can afford, and its tensors.

    Vectors that are steps of int8, as those of shipped models, lose nothing by it. Others have the
    best precision that fits `MAX_BYTES`; int8 if none does.
    """
    exact = compress(matrix, "int8")
    if np.array_equal(restore(exact), matrix):
        return "int8", exact
    for dtype in get_args(Precision):
        tensors = compress(matrix, dtype)
        if sum(tensor.nbytes for tensor in tensors.values()) <= MAX_BYTES:
            return dtype, tensors
    return "int8", exact
