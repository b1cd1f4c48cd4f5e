"""Order of classes from the most negative to the most positive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sentiment_transfer.classification.labels import as_labels
from sentiment_transfer.errors import InputError, SettingError, shown
from sentiment_transfer.languages import load_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.classification.labels import Labels

__all__ = ["class_order", "classes_named", "polar_classes"]

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def polar_classes(classes: Sequence[Any], language: str) -> tuple[Any, Any] | None:
    """Return the negative and the positive of two classes; None if their names do not determine it.

    The greater of two numbers is positive, of integers as of text: ``"1"`` of ``"0"`` and ``"1"``,
    ``5`` of ``1`` and ``5``; so is True. Otherwise one of the two must be a usual name in the
    language's file.
    """
    if len(classes) != 2:
        return None
    first, second = classes
    if not isinstance(first, str):
        return min(classes), max(classes)
    if _NUMBER.fullmatch(first) and _NUMBER.fullmatch(second):
        return (first, second) if float(first) <= float(second) else (second, first)
    names = load_language(language)
    for negative, positive in ((first, second), (second, first)):
        if positive.lower() in names.positive_labels or negative.lower() in names.negative_labels:
            return negative, positive
    return None


def classes_named(labels: set[str], classes: Sequence[str], language: str) -> dict[str, str] | None:
    """Return the class of two that each label is a usual name of; None unless all are.

    Examples
    --------
    >>> classes_named({"1"}, ["negative", "positive"], "en")
    {'1': 'positive'}
    >>> classes_named({"1", "2"}, ["negative", "positive"], "en")
    """
    polar, names = polar_classes(classes, language), load_language(language)
    if polar is None:
        return None
    sides = zip(polar, (names.negative_labels, names.positive_labels), strict=True)
    named = {label: own for own, side in sides for label in labels if label.lower() in side}
    different = len(set(named.values())) == len(labels)
    return named if named.keys() == labels and different else None


def class_order(
    labels: NDArray[Any],
    language: str,
    ordered: Labels | Literal[False] | None = None,
    score: NDArray[np.floating] | None = None,
) -> NDArray[Any]:
    """Return all classes, the most negative first if that is known, else sorted by name.

    Parameters
    ----------
    labels
        ``(n,)``; if there are none, the classes are ``"negative"`` and ``"positive"``.
    language
        Language whose usual label names determine the positive one of two classes
        (`polar_classes`).
    ordered
        All classes in order, if known; False is None here.
    score
        Polarity score of each labelled text, ``(n,)``: if the names of two classes do not determine
        it, the class with the higher mean score is positive.

    Raises
    ------
    InputError
        One class only, or a label missing from ``ordered``.
    SettingError
        ``ordered`` is not a list of two or more different labels.
    """
    present = np.unique(labels) if len(labels) else np.array(["negative", "positive"])
    order = None if ordered is None or ordered is False else _checked_order(ordered, labels)
    if len(present) < 2:
        raise InputError(
            f"all {len(labels)} labels are {shown(present[0])}; "
            "give examples of at least two classes"
        )
    if order is not None:
        return order
    polar = polar_classes(present.tolist(), language)
    if polar is not None:
        return np.array(polar)
    if len(present) == 2 and score is not None:
        means = [score[labels == label].mean() for label in present]
        return present[np.argsort(means, kind="stable")]
    return present


def _checked_order(ordered: Labels, labels: NDArray[Any]) -> NDArray[Any]:
    try:
        order = as_labels(ordered)
    except InputError:
        order = np.zeros(0)
    if len(np.unique(order)) < max(2, len(order)):
        raise SettingError(
            f"ordered={shown(ordered)} is not allowed; it must be a list of two or more different "
            "labels, all text, all integers or all bools"
        )
    of_a_kind = order.dtype.kind == labels.dtype.kind  # True == 1
    missing = [x for x in np.unique(labels).tolist() if not of_a_kind or x not in order]
    if missing:
        listed = ", ".join(map(shown, missing[:10]))
        raise InputError(f"labels that are not among ordered={shown(order.tolist())}: {listed}")
    return order
