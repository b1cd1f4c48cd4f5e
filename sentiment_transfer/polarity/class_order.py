"""Which class is the positive one, and how classes stand between the most negative and it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.languages import load_language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["class_order", "polar_classes"]

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def polar_classes(classes: Sequence[str], language: str) -> tuple[str, str] | None:
    """Return the negative and the positive of two classes; None where their names do not tell.

    Of two numbers the greater is the positive one: ``"1"`` is good beside ``"0"``, bad beside
    ``"5"``. Otherwise one of the two must be a usual name in the language's file.
    """
    if len(classes) != 2:
        return None
    first, second = map(str, classes)
    if _NUMBER.fullmatch(first) and _NUMBER.fullmatch(second):
        return (first, second) if float(first) <= float(second) else (second, first)
    known = load_language(language)
    for negative, positive in ((first, second), (second, first)):
        if positive.lower() in known.positive_labels or negative.lower() in known.negative_labels:
            return negative, positive
    return None


def class_order(
    labels: NDArray[np.str_],
    language: str,
    ordered: Sequence[str] | None = None,
    score: NDArray[np.float64] | None = None,
) -> NDArray[np.str_]:
    """All classes, the most negative first where that is known, else by name.

    Parameters
    ----------
    labels
        ``(n,)``; of none the classes are ``"negative"`` and ``"positive"``.
    language
        Whose usual label names tell which of two classes is the positive one (`polar_classes`).
    ordered
        All classes in order, if they are given.
    score
        Polarity score of each labelled text, ``(n,)``: of two classes whose names do not tell, the
        one with the higher mean is the positive one.

    Raises
    ------
    InputError
        One class only, or a label that ``ordered`` lacks.
    SettingError
        ``ordered`` are not two or more different labels, each a str.
    """
    present = np.unique(labels) if len(labels) else np.array(["negative", "positive"])
    if ordered is not None:
        _check_ordered(ordered, set(labels.tolist()))
    if len(present) < 2:
        raise InputError(
            f"all {len(labels)} labels are {str(present[0])!r}; "
            "give examples of at least two classes"
        )
    if ordered is not None:
        return np.array(ordered)
    told = polar_classes(present.tolist(), language)
    if told is not None:
        return np.array(told)
    if len(present) == 2 and score is not None:
        means = [score[labels == label].mean() for label in present]
        return present[np.argsort(means, kind="stable")]
    return present


def _check_ordered(ordered: Sequence[str], labels: set[str]) -> None:
    if isinstance(ordered, str) or not all(isinstance(label, str) for label in ordered):
        raise SettingError(f"ordered={ordered!r} must be a list of labels, each a str")
    if len(set(ordered)) < max(2, len(ordered)):
        raise SettingError(f"ordered={ordered} must be two or more different labels")
    missing = labels - set(ordered)
    if missing:
        raise InputError(f"the labels {sorted(missing)} are not among ordered={ordered}")
