"""Checks of the input of classifiers on sentence vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from sentiment_transfer.base.estimator import is_integer
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    Labels: TypeAlias = Sequence[str] | Sequence[int] | NDArray[Any]

__all__ = ["as_labels", "as_matrix", "as_weights", "require_same_length"]


def as_matrix(X: ArrayLike) -> NDArray[np.float32]:
    """Return ``X`` as finite float32 ``(n, d)``."""
    if hasattr(X, "toarray"):
        raise InputError("X is sparse; it must be dense (use X.toarray() if it is small)")
    try:
        numbers = np.asarray(X)
        if numbers.dtype.kind not in "biufO":
            raise TypeError(f"dtype {numbers.dtype}")
        with np.errstate(over="ignore"):
            matrix = np.ascontiguousarray(numbers, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(f"X is not a matrix of real numbers: {error}") from error
    if numbers.ndim != 2:
        raise InputError(
            f"X has shape {numbers.shape}; it must be (n, d), one row for each text. "
            "Reshape your data: a single text is X.reshape(1, -1)"
        )
    if not np.isfinite(matrix).all():
        row, column = np.argwhere(~np.isfinite(matrix))[0]
        raise InputError(
            f"X[{row}, {column}] is {matrix[row, column]}; it must be finite: drop the row, or "
            "set it to zeros if the text has no known word"
        )
    return matrix


def as_labels(y: Labels) -> NDArray[Any]:
    """Return ``y`` as ``(n,)``, all text or all integers, without converting between them."""
    if y is None or isinstance(y, str):
        raise InputError(f"y is {y!r}; it must be a sequence of labels")
    array = np.asarray(y) if hasattr(y, "__array__") else None
    values = list(y) if array is None else array.tolist()
    text = bool(values) and isinstance(values[0], str)
    for row, value in enumerate(values):
        if not (isinstance(value, str) if text else is_integer(value)):
            raise InputError(
                f"y[{row}] is {value!r}; labels must be all text or all integers "
                "(drop rows without a label)"
            )
    return np.asarray(values) if array is None else array


def require_same_length(rows: NDArray[Any], labels: NDArray[Any]) -> None:
    """Raise ``InputError`` unless there is one label for each row."""
    if len(rows) != len(labels):
        raise InputError(f"X has {len(rows)} rows but y has {len(labels)} labels")


def as_weights(sample_weight: ArrayLike | None, n: int) -> NDArray[np.float64]:
    """Return finite weights of at least 0, ``(n,)``; ones if none are given."""
    weight = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (n,):
        raise InputError(f"sample_weight has shape {weight.shape}; X has {n} rows")
    allowed = (weight >= 0) & np.isfinite(weight)
    if not allowed.all():
        row = allowed.argmin()
        raise InputError(f"sample_weight[{row}] is {weight[row]}; it must be finite and at least 0")
    return weight
