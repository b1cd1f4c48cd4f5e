"""Weights of labelled texts by their class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from sentiment_transfer.base.estimator import in_range
from sentiment_transfer.classification.labels import kind_of
from sentiment_transfer.errors import SettingError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

__all__ = ["ClassWeight", "class_weight_from_json", "prevalence_weights", "row_weights"]

ClassWeight: TypeAlias = Literal["balanced"] | Mapping[str, float] | Mapping[int, float] | None


def row_weights(
    labels: NDArray[Any], classes: Sequence[Any], class_weight: ClassWeight
) -> NDArray[np.float64]:
    """Return the weight of each labelled text, float64 ``(n,)``.

    None weighs all texts equally. ``"balanced"`` is scikit-learn's ``n / (k n_c)``, with ``n_c``
    texts of class ``c`` and ``k`` classes that have any: 6 texts of one class and 2 of the other
    weigh 8 / 12 and 8 / 4 each, so 4 in total for each class. A mapping gives classes their weight;
    those not in it weigh 1. Its keys are labels, so ``1`` is neither ``"1"`` nor ``True``.
    ``SettingError`` for anything else, a key that is not a class, or a weight that is not above 0
    and finite.
    """
    if class_weight is None or not len(labels):
        return np.ones(len(labels))
    if isinstance(class_weight, Mapping):
        known: Mapping[Any, float] = class_weight
        _check(known, classes)
        return np.array([float(known.get(label, 1.0)) for label in labels.tolist()])
    if class_weight == "balanced":
        _, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
        weights: NDArray[np.float64] = (len(labels) / (len(counts) * counts))[places]
        return weights
    raise SettingError(
        f"class_weight={shown(class_weight)} is not allowed; it must be None, 'balanced' or a "
        "mapping of labels to weights"
    )


def prevalence_weights(
    positive: NDArray[np.bool_], prevalence: float, weight: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """Weight labelled texts ``(n,)`` as if this share of them were positive, float64 ``(n,)``.

    A class of share ``q`` among the labels and ``p`` among the texts to judge weighs ``p / q``
    (prior shift, Saerens et al. 2002, *Neural Computation* 14), with ``q`` smoothed by one label
    per class. The sum of the weights is kept, so that labels are no more evidence than before: of
    8 labels of which 6 are positive, with a prevalence of a half, negative ones weigh 7 / 3 times
    as much as positive ones. ``weight`` is given to the texts before.
    """
    before = np.ones(len(positive)) if weight is None else weight
    of_positive, total = float(before[positive].sum()), float(before.sum())
    share = (of_positive + 1) / (total + 2)
    factor = np.where(positive, prevalence / share, (1 - prevalence) / (1 - share))
    weights: NDArray[np.float64] = before * factor
    weights *= total / float(weights.sum())
    return weights


def class_weight_from_json(value: Any) -> ClassWeight:  # noqa: ANN401  (what a file holds)
    """Return the ``class_weight`` written by `to_json`: a list of pairs is a mapping."""
    weights: ClassWeight = dict(value) if isinstance(value, list) else value
    return weights


def _check(class_weight: Mapping[Any, float], classes: Sequence[Any]) -> None:
    kinds = {kind_of(label) for label in classes}  # True == 1
    unknown = [x for x in class_weight if x not in classes or kind_of(x) not in kinds]
    if unknown:
        raise SettingError(
            f"class_weight names {_listed(unknown)}; the classes are {_listed(classes)}"
        )
    for label, weight in class_weight.items():
        if not in_range(weight, np.inf) or weight == 0:
            raise SettingError(
                f"class_weight[{shown(label)}]={shown(weight)} is not allowed; it must be a finite "
                "number above 0"
            )


def _listed(labels: Iterable[Any]) -> str:
    return ", ".join(sorted(shown(label) for label in labels))
