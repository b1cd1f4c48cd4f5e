"""Matrices of vectors in fewer bits, for files: half or a quarter of the bytes of float32."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["MAX_VALUE", "Precision", "compress", "restore"]

Precision = Literal["float32", "float16", "int8"]

MAX_VALUE = 1e15
"""Largest value of a vector; sums of squares of larger ones may not fit float32."""


def compress(matrix: NDArray[np.float32], dtype: Precision = "float32") -> dict[str, NDArray[Any]]:
    """Turn a matrix ``(n, d)`` into the tensors of a file.

    ``"float16"`` is off by at most ``2^-11`` of each value (``2^-25`` near 0). ``"int8"`` has one
    positive step a row, float32 ``(n,)``: a value is the nearest whole number of steps, at most
    127 of them, so it is off by at most half a step, that is 0.4 % of the row's largest value. With
    the step 0.01 the row ``[1.27, -0.5, 0.004]`` becomes ``[127, -50, 0]``.

    Compressing what `restore` gave yields the same tensors again. Raises ``InputError`` if a value
    does not fit float16, whose largest is 65,504, and ``SettingError`` for another dtype.
    """
    if dtype == "float32":
        return {"vectors": matrix}
    if dtype == "float16":
        largest = float(np.abs(matrix).max(initial=0))
        if largest >= 65_520:  # from here on float16 rounds to infinity
            raise InputError(
                f"a value of {largest:g} does not fit float16, whose largest is 65504; "
                "use int8 or float32"
            )
        return {"vectors": matrix.astype(np.float16)}
    if dtype == "int8":
        steps = _steps(np.abs(matrix).max(axis=1, initial=0))
        whole = np.rint(matrix / np.where(steps > 0, steps, 1)[:, None])
        return {"vectors": whole.astype(np.int8), "vectors.steps": steps}
    raise SettingError(f"dtype={dtype!r} is not allowed; it must be 'float32', 'float16' or 'int8'")


def restore(tensors: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
    """Undo `compress` up to rounding: float32 ``(n, d)``."""
    matrix = tensors["vectors"].astype(np.float32)
    if "vectors.steps" in tensors:
        matrix *= tensors["vectors.steps"][:, None]
    return matrix


def _steps(largest: NDArray[np.float32]) -> NDArray[np.float32]:
    """Step of each row: a 127th of its largest value, cut to 16 significant bits.

    A number of 16 bits times one of 7 is exact in float32, so 127 steps over 127 is the step again.
    Where the step would be subnormal (largest value under 1.5e-36) it is 0, and so is the row.
    """
    steps = largest / np.float32(127)
    steps[steps < np.finfo(np.float32).tiny] = 0
    cut: NDArray[np.float32] = (steps.view(np.uint32) & ~np.uint32(0xFF)).view(np.float32)
    return cut
