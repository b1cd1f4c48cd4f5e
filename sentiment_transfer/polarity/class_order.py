"""Order of classes from the most negative to the most positive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import InputError, SettingError, shortened
from sentiment_transfer.languages import load_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["class_order", "polar_classes"]

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def polar_classes(classes: Sequence[str], language: str) -> tuple[str, str] | None:
    """Return the negative and the positive of two classes; None if their names do not determine it.

    The greater of two numbers is positive: ``"1"`` of ``"0"`` and ``"1"``, ``"5"`` of ``"1"`` and
    ``"5"``. Otherwise one of the two must be a usual name in the language's file.
    """
    if len(classes) != 2:
        return None
    first, second = map(str, classes)
    if _NUMBER.fullmatch(first) and _NUMBER.fullmatch(second):
        return (first, second) if float(first) <= float(second) else (second, first)
    names = load_language(language)
    for negative, positive in ((first, second), (second, first)):
        if positive.lower() in names.positive_labels or negative.lower() in names.negative_labels:
            return negative, positive
    return None


def class_order(
    labels: NDArray[np.str_],
    language: str,
    ordered: Sequence[str] | None = None,
    score: NDArray[np.floating] | None = None,
) -> NDArray[np.str_]:
    """Return all classes, the most negative first if that is known, else sorted by name.

    Parameters
    ----------
    labels
        ``(n,)``; if there are none, the classes are ``"negative"`` and ``"positive"``.
    language
        Language whose usual label names determine the positive one of two classes
        (`polar_classes`).
    ordered
        All classes in order, if known.
    score
        Polarity score of each labelled text, ``(n,)``: if the names of two classes do not determine
        it, the class with the higher mean score is positive.

    Raises
    ------
    InputError
        One class only, or a label missing from ``ordered``.
    SettingError
        ``ordered`` is not a list of two or more different labels, each a str.
    """
    present = np.unique(labels) if len(labels) else np.array(["negative", "positive"])
    if ordered is not None:
        _check_ordered(ordered, set(labels.tolist()))
    if len(present) < 2:
        raise InputError(
            f"all {len(labels)} labels are {shortened(repr(str(present[0])))}; "
            "give examples of at least two classes"
        )
    if ordered is not None:
        return np.array(ordered)
    polar = polar_classes(present.tolist(), language)
    if polar is not None:
        return np.array(polar)
    if len(present) == 2 and score is not None:
        means = [score[labels == label].mean() for label in present]
        return present[np.argsort(means, kind="stable")]
    return present


def _check_ordered(ordered: Sequence[str], labels: set[str]) -> None:
    if isinstance(ordered, str) or not all(isinstance(label, str) for label in ordered):
        raise SettingError(
            f"ordered={ordered!r} is not allowed; it must be a list of labels, each a str"
        )
    if len(set(ordered)) < max(2, len(ordered)):
        raise SettingError(
            f"ordered={ordered} is not allowed; it must be two or more different labels"
        )
    missing = labels - set(ordered)
    if missing:
        raise InputError(f"the labels {sorted(missing)} are not among ordered={ordered}")
