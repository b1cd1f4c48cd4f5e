"""Checks of the input of classifiers on sentence vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.labels import as_labels
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.classification.labels import Labels

__all__ = ["accuracy_of", "as_matrix", "as_weights", "require_same_length"]


def as_matrix(X: ArrayLike) -> NDArray[np.float32]:
    """Return ``X`` as finite float32 ``(n, d)``."""
    if hasattr(X, "toarray"):
        raise InputError("X is sparse; it must be dense (use X.toarray() if it is small)")
    try:
        numbers = np.asarray(X)
        if numbers.dtype.kind == "c":
            raise TypeError("Complex data not supported")
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
            f"X[{row}, {column}] is {matrix[row, column]}; it must be finite, not NaN or infinite: "
            "drop the row, or set it to zeros if the text has no known word"
        )
    return matrix


def require_same_length(rows: NDArray[Any], labels: NDArray[Any]) -> None:
    """Raise ``InputError`` unless there is one label for each row."""
    if len(rows) != len(labels):
        raise InputError(f"X has {len(rows)} rows but y has {len(labels)} labels")


def accuracy_of(predicted: NDArray[Any], y: Labels, sample_weight: ArrayLike | None) -> float:
    """Return the share of right predictions, weighted by ``sample_weight``.

    ``InputError`` if ``predicted`` and ``y`` differ in length, or no row has a weight above 0.
    """
    labels = as_labels(y)
    require_same_length(predicted, labels)
    weight = as_weights(sample_weight, len(labels))
    if not weight.any():
        raise InputError(
            f"X has {len(labels)} rows, none of weight above 0; at least one is needed"
        )
    return float(np.average(predicted == labels, weights=weight))


def as_weights(sample_weight: ArrayLike | None, n: int) -> NDArray[np.float64]:
    """Return finite weights of at least 0, ``(n,)``; ones if none are given."""
    weight = np.ones(n) if sample_weight is None else np.asarray(sample_weight, dtype=np.float64)
    if weight.shape != (n,):
        raise InputError(
            f"sample_weight has the shape {weight.shape}; give one weight per row, as ({n},)"
        )
    allowed = (weight >= 0) & np.isfinite(weight)
    if not allowed.all():
        row = allowed.argmin()
        raise InputError(f"sample_weight[{row}] is {weight[row]}; it must be finite and at least 0")
    return weight
