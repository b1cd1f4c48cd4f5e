"""Arrays as text for JSON, and matrices of word vectors in as few bytes as are needed."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_transfer.pretraining.precision import compress

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["MAX_BYTES", "Rounded", "as_json", "smallest"]

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


class Rounded(NamedTuple):
    """A matrix ``(n, d)``: ``values``, times ``steps`` ``(n,)`` if these are integers."""

    values: NDArray[Any]
    steps: NDArray[np.float32] | None = None

    @property
    def dtype(self) -> str:
        """Type of the values: float32, int16 or int8."""
        return self.values.dtype.name

    @property
    def matrix(self) -> NDArray[np.float32]:
        """The matrix that is stored, float32."""
        matrix = self.values.astype(np.float32)
        return matrix if self.steps is None else matrix * self.steps[:, None]


def smallest(matrix: NDArray[np.float32]) -> Rounded:
    """Return a matrix ``(n, d)`` in the precision that a page can afford.

    Vectors that are steps of int8, as those of shipped models, lose nothing by it. Others have the
    best of float32, int16 and int8 that fits `MAX_BYTES`; int8 if none does. A value is off by at
    most half a step, of which the largest value of its row has 32,767 in int16 and 127 in int8.
    """
    tensors = compress(matrix, "int8")
    in_bytes = Rounded(tensors["vectors"], tensors["vectors.steps"])
    if np.array_equal(in_bytes.matrix, matrix):
        return in_bytes
    if matrix.nbytes <= MAX_BYTES:
        return Rounded(matrix)
    return _in_int16(matrix) if matrix.nbytes // 2 <= MAX_BYTES else in_bytes


def _in_int16(matrix: NDArray[np.float32]) -> Rounded:
    steps = (np.abs(matrix).max(axis=1, initial=0) / np.float32(32_767)).astype(np.float32)
    whole = np.rint(matrix / np.where(steps > 0, steps, 1)[:, None])
    return Rounded(np.clip(whole, -32_767, 32_767).astype(np.int16), steps)
