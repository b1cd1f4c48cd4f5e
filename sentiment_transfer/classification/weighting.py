"""What each labelled text counts for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["ClassWeight", "row_weights"]

ClassWeight: TypeAlias = Literal["balanced"] | Mapping[str, float] | None


def row_weights(
    labels: NDArray[np.str_], classes: Sequence[str], class_weight: ClassWeight
) -> NDArray[np.float64]:
    """Weight of each labelled text, float64 ``(n,)``.

    None weighs all the same. ``"balanced"`` is scikit-learn's ``n / (k n_c)``, with ``n_c`` texts
    of class ``c`` and ``k`` classes that have any: 6 texts of one class and 2 of the other weigh
    8 / 12 and 8 / 4 each, so both classes 4 together. A mapping gives each class its weight, and 1
    to those it leaves out.

    Raises
    ------
    SettingError
        ``class_weight`` is none of these, names a class that is not there, or holds a weight that
        is not above 0 and finite.
    """
    if class_weight is None or not len(labels):
        return np.ones(len(labels))
    if isinstance(class_weight, Mapping):
        _check(class_weight, classes)
        return np.array([float(class_weight.get(str(label), 1.0)) for label in labels])
    if class_weight == "balanced":
        _, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
        weights: NDArray[np.float64] = (len(labels) / (len(counts) * counts))[places]
        return weights
    raise SettingError(
        f"class_weight={class_weight!r} is not known; use None, 'balanced' or a mapping of labels "
        "to weights"
    )


def _check(class_weight: Mapping[str, float], classes: Sequence[str]) -> None:
    unknown = sorted(set(class_weight) - {str(name) for name in classes}, key=repr)
    if unknown:
        raise SettingError(
            f"class_weight names {unknown}; the classes are {', '.join(map(str, classes))}"
        )
    for label, weight in class_weight.items():
        if not 0 < weight < np.inf:
            raise SettingError(
                f"class_weight gives {label!r} the weight {weight}; give one above 0, and finite"
            )
