"""Checks of labels: text, integers or bools, one kind at a time."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence, Set
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from sentiment_transfer.base.estimator import is_integer
from sentiment_transfer.errors import InputError, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Label", "Labels", "as_labels", "kind_of", "require_plausible", "require_same_kind"]

Label: TypeAlias = str | int | bool
Labels: TypeAlias = "Sequence[str] | Sequence[int] | Sequence[bool] | NDArray[Any]"

LONGEST = 200
"""Characters of a label; an array of labels takes four bytes of each for the longest of them."""

MANY_CLASSES = 50
"""More classes than this, with fewer than five texts each, are refused: fitting would take long."""

_DTYPES: dict[str | None, Any] = {"text": np.str_, "an integer": np.int64, "a bool": np.bool_}


def as_labels(labels: Labels, n: int | None = None) -> NDArray[Any]:
    """Return labels as an array of text, int64 or bool, ``(n,)``; of text if there are none.

    Raises ``InputError`` for labels of two kinds, a missing one or one of another kind (each by
    its row), a table or a matrix, and, if ``n`` is given, another number of labels.
    """
    if labels is None:
        raise InputError("it requires y to be passed, but the target y is None: pass the labels")
    if isinstance(labels, str | bytes | Mapping | Set):
        raise InputError(
            f"labels is a single {type(labels).__name__}, {shown(labels)}; pass a list with one "
            "label per text"
        )
    if hasattr(labels, "__array__") and not hasattr(labels, "__iter__"):
        labels = np.asarray(labels)
    shape = getattr(labels, "shape", (0,))
    if len(shape) != 1:
        raise InputError(
            f"labels has the shape {tuple(shape)}; it must have one label per text, (n,): pass one "
            "column"
        )
    # Arrow's scalars are not Python's
    values = labels.to_pylist() if hasattr(labels, "to_pylist") else list(labels)
    if n is not None and len(values) != n:
        raise InputError(f"there are {n} texts but {len(values)} labels")
    kind = kind_of(values[0]) if values else "text"
    for row, value in enumerate(values):
        if kind is None or kind_of(value) != kind:
            raise InputError(f"label {row} is {shown(value)}; {_remedy(value, kind)}")
        if kind == "text" and len(value) > LONGEST:
            raise InputError(
                f"label {row} has {len(value):,} characters, more than {LONGEST}; is this the "
                "column of labels?"
            )
        if kind == "text" and value.endswith("\0"):  # NumPy would cut it off
            raise InputError(f"label {row} is {shown(value)}; take the NUL off its end")
    return np.array(values, dtype=_DTYPES[kind])


def kind_of(value: Any) -> str | None:  # noqa: ANN401  (whatever the caller passed)
    """Return ``"text"``, ``"an integer"`` or ``"a bool"``; None for what is no label."""
    if isinstance(value, str):
        return "text"
    if isinstance(value, bool | np.bool_):
        return "a bool"
    return "an integer" if is_integer(value) and -(2**63) <= value < 2**63 else None


def _remedy(value: Any, kind: str | None) -> str:  # noqa: ANN401  (whatever the caller passed)
    missing = value is None or type(value).__name__ in ("NAType", "NaTType")
    number = isinstance(value, float | np.floating)
    if missing or (number and np.isnan(value)):
        return "leave rows without a label out"
    if kind_of(value) is not None:
        return f"label 0 is {kind}, and all must be of one kind (pass [str(x) for x in labels])"
    if number:
        return "labels are classes, not continuous numbers (pass [int(x) for x in labels])"
    return "it must be text, an integer of 64 bits or a bool"


def require_plausible(labels: NDArray[Any]) -> None:
    """Check that the number of different labels is that of classes.

    With fewer than five texts for each label on average, raises ``InputError`` for more than
    `MANY_CLASSES` labels and warns of more than 20. Warns if all of five labels or more differ.
    """
    k, n = len(np.unique(labels)), len(labels)
    all_differ = k == n >= 5
    if not all_differ and (k <= 20 or n >= 5 * k):
        return
    found = f"there are {k:,} different labels for {n:,} texts; is this the column of labels?"
    if k > MANY_CLASSES:
        raise InputError(f"{found} (more than {MANY_CLASSES} classes need five texts each)")
    warnings.warn(found, stacklevel=3)


def require_same_kind(labels: NDArray[Any], classes: NDArray[Any]) -> None:
    """Raise ``InputError`` for labels that can be no class, as ``"1"`` is not 1."""
    if len(labels) and labels.dtype.kind != classes.dtype.kind:
        first, known = kind_of(labels[0]), kind_of(classes[0])
        raise InputError(f"label 0 is {first}, {shown(labels[0])}, and the classes are {known}")
