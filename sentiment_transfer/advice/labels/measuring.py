"""How good is a model: its accuracy with an interval, from a few labels in strata.

The texts are divided into strata by the confidence of the model, and more are labelled where it is
less sure (Neyman allocation; Cochran 1977, *Sampling Techniques*, chapter 5). The share of each
stratum is known, so the estimate is unbiased, and its variance is smaller than that of as many
labels drawn at random. ``scripts/advice/measuring.py`` measures both.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import ceil, sqrt
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.advice.verdict import Verdict
from sentiment_transfer.base.estimator import is_integer_from
from sentiment_transfer.classification.labels import as_labels
from sentiment_transfer.errors import InputError, SettingError, shown
from sentiment_transfer.model.inputs import as_texts
from sentiment_transfer.polarity.class_order import polar_classes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.classification.labels import Labels
    from sentiment_transfer.model import SentimentClassifier

__all__ = ["AccuracyEstimate", "MeasuringSet", "allocation", "equal_strata", "estimate_accuracy"]
__all__ += ["measuring_set", "right_predictions", "texts_to_measure"]

N_STRATA = 5
LEAST_SPREAD = 0.05
"""Added to the expected standard deviation in a stratum, as models are too sure of some texts."""
LEAST_LABELS = 2
"""In each stratum, without which it has no variance."""
Z = 1.959964
"""Quantile of the normal distribution for 95 %."""
WIDTH = 0.05
"""Half the width of the interval for which the number of labels is computed."""
_NUMBERS = [2 * 1.02**i for i in range(400)]
"""Of labels, among which it is looked for."""


@dataclass(frozen=True, eq=False)
class MeasuringSet:
    """Texts to label, so that the accuracy of a model can be estimated from them.

    Attributes
    ----------
    rows
        Of the texts, in random order, intp ``(n,)``.
    strata
        Stratum of each, from 1 for the texts that the model is most sure of, ``(n,)``.
    shares
        Share of all texts that are in its stratum, float64 ``(n,)``.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> texts = [f"part {i} is {word}" for i in range(5) for word in ("great", "fine", "dull")]
    >>> chosen = texts_to_measure(load("reviews-en"), texts, 10)
    >>> chosen.rows.shape, sorted(set(chosen.strata.tolist()))
    ((10,), [1, 2, 3, 4, 5])
    """

    rows: NDArray[np.intp]
    strata: NDArray[np.intp]
    shares: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class AccuracyEstimate:
    """An accuracy and its 95 % interval.

    Attributes
    ----------
    accuracy, low, high
        Between 0 and 1.
    n_labels
        Number of labels.
    n_as_good
        Number of labels drawn at random that would give as narrow an interval.
    n_for_5_points
        Number of labels, drawn in the same way, for an interval of plus or minus 5 points.

    Examples
    --------
    >>> found = estimate_accuracy([True] * 45 + [False] * 5)
    >>> found.accuracy, round(found.low, 2), round(found.high, 2), found.n_for_5_points
    (0.9, 0.79, 0.96, 142)
    """

    accuracy: float
    low: float
    high: float
    n_labels: int
    n_as_good: float
    n_for_5_points: int

    @property
    def verdict(self) -> Verdict:
        """The accuracy, how sure, and how many more labels are needed."""
        n, as_good = self.n_labels, round(self.n_as_good)
        drawn = f", as good as {as_good:,} drawn at random" if as_good > n else ""
        more = self.n_for_5_points - n
        if self.accuracy < 0.5:
            advice = "check that the labels mean what the classes of the model mean"
        elif more > 0:
            advice = f"label {more:,} more to know it within 5 points"
        else:
            advice = "this is enough to know it within 5 points"
        return Verdict(
            f"accuracy {100 * self.accuracy:.1f} %, 95 % interval {100 * self.low:.1f} to "
            f"{100 * self.high:.1f} %",
            f"{n:,} labels{drawn}",
            advice,
        )

    def __str__(self) -> str:
        return str(self.verdict)


def texts_to_measure(
    model: SentimentClassifier, texts: Iterable[str], n: int, *, seed: int = 0
) -> MeasuringSet:
    """Choose texts to label, so that the accuracy of a model on all texts can be estimated.

    Parameters
    ----------
    model
        A model that predicts; no label that it was fitted to may be among those to measure by.
    texts
        Texts without labels of the kind to judge. Equal ones are taken once.
    n
        Number of texts to label; at least 10, or all if there are fewer.
    seed
        Of the choice.

    Returns
    -------
    MeasuringSet
        Rows of ``texts``, with strata and shares.

    Raises
    ------
    InputError
        There are fewer than 10 different texts.
    SettingError
        ``n`` is not an integer of at least 10.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> texts = [f"part {i} is {word}" for i in range(5) for word in ("great", "fine", "dull")]
    >>> chosen = texts_to_measure(load("reviews-en"), texts, 10)
    >>> [texts[row] for row in chosen.rows[:2]]
    ['part 0 is dull', 'part 4 is dull']
    """
    least = N_STRATA * LEAST_LABELS
    if not is_integer_from(n, least):
        raise SettingError(f"n={n!r} is not allowed; it must be an integer of at least {least}")
    listed = as_texts(texts)
    different = np.array(list({text: i for i, text in enumerate(listed)}.values()), np.intp)
    if len(different) < least:
        raise InputError(f"{len(different)} different texts are too few; give {least} or more")
    confidence = model.predict_proba([listed[i] for i in different]).max(axis=1)
    found = measuring_set(confidence, n, np.random.default_rng(seed))
    return MeasuringSet(different[found.rows], found.strata, found.shares)


def measuring_set(
    confidence: NDArray[np.float64], n: int, rng: np.random.Generator
) -> MeasuringSet:
    """Draw a measuring set in strata of the model's confidence, ``(n_texts,)``.

    ``n`` and ``n_texts`` are at least 10; the first labels of the set estimate the accuracy too.
    """
    strata = equal_strata(confidence)
    sizes = np.bincount(strata)
    chosen = [
        rng.choice(np.flatnonzero(strata == stratum), size, replace=False)
        for stratum, size in enumerate(allocation(confidence, strata, min(n, len(strata))))
    ]
    rows = rng.permutation(np.concatenate(chosen))
    return MeasuringSet(rows, strata[rows] + 1, (sizes / sizes.sum())[strata[rows]])


def estimate_accuracy(
    right: ArrayLike, strata: ArrayLike | None = None, shares: ArrayLike | None = None
) -> AccuracyEstimate:
    """Estimate an accuracy from labels drawn at random, or at random in strata.

    The estimate is ``sum_h W_h p_h`` with the share ``W_h`` of the texts and the accuracy ``p_h``
    of the labels in stratum ``h``. Its interval is Wilson's for the number of labels drawn at
    random that would have the same variance. Accuracies in the variance are shrunk by one label of
    the overall accuracy, and this by two right and two wrong ones (Agresti & Coull 1998);
    ``scripts/advice/measuring.py`` measures the coverage.

    Parameters
    ----------
    right
        Whether each prediction is right, bool ``(n,)``.
    strata, shares
        Of each text as in `MeasuringSet`; labels drawn at random have none. The shares of strata
        without a label are divided among the others.

    Returns
    -------
    AccuracyEstimate
        ``print`` shows it with what to do next.

    Raises
    ------
    InputError
        There is no label, or one of ``strata`` and ``shares`` is missing, of another length, or
        not possible.

    Examples
    --------
    >>> print(estimate_accuracy([True] * 45 + [False] * 5))
    accuracy 90.0 %, 95 % interval 78.6 to 95.7 %
      evidence: 50 labels
      next: label 92 more to know it within 5 points
    """
    right = np.asarray(right, dtype=np.float64)
    if not len(right):
        raise InputError("there are no labels to measure by; give at least one")
    weights, n, k = _by_stratum(right, strata, shares)
    estimate = min(float((weights * k / n).sum()), 1.0)
    typical = (estimate * len(right) + 2) / (len(right) + 4)
    p = (k + typical) / (n + 1)
    variance = float((weights**2 * p * (1 - p) / n).sum())
    mean = float((weights * p).sum())
    as_good = mean * (1 - mean) / variance
    low, high = _wilson(estimate, as_good)
    needed = ceil(_labels_for(WIDTH, estimate) * len(right) / as_good)
    return AccuracyEstimate(estimate, low, high, len(right), as_good, needed)


def right_predictions(
    model: SentimentClassifier, texts: Sequence[str], labels: Labels
) -> NDArray[np.bool_]:
    """Return whether each prediction is the label, ``(n,)``.

    Two labels with other names than the classes of the model, such as 0 and 1, count by their
    polarity, if the names show it (`polar_classes`).

    Raises
    ------
    InputError
        Some labels are never predicted, and their names do not show what they mean.
    """
    truth = as_labels(labels, len(texts)).astype(np.str_)
    classes, predicted = model.classes_.astype(np.str_), model.predict(texts).astype(np.str_)
    present = np.unique(truth)
    if len(present) == 1 and len(classes) > 1:
        raise InputError(
            f"all {len(truth)} labels are {shown(present[0])}, which measures one class alone; "
            "label texts of the others too"
        )
    if np.isin(present, classes).all():
        return np.asarray(predicted == truth)
    ends = [polar_classes(each.tolist(), model.language) for each in (present, classes)]
    if None in ends:
        raise InputError(
            f"the labels are {_listed(present)}, and the model predicts {_listed(classes)}; fit a "
            f"model to labels of these classes, or {_renaming(present, classes, ends[1])}"
        )
    return np.asarray((predicted == ends[1][1]) == (truth == ends[0][1]))  # type: ignore[index]


def _renaming(
    present: NDArray[np.str_], classes: NDArray[np.str_], polar: tuple[str, str] | None
) -> str:
    """Return how to rename labels whose meaning is not known to classes of a model."""
    if polar is None or len(present) != 2:
        return f"leave out what it never predicts and rename the labels, as in good={classes[-1]}"
    first, second = present.tolist()
    return (
        f"rename the labels, as in {first}={polar[0]},{second}={polar[1]} "
        f"if {shown(second)} is the positive one"
    )


def _listed(labels: NDArray[np.str_]) -> str:
    more = ", …" if len(labels) > 5 else ""
    return ", ".join(shown(label) for label in labels[:5].tolist()) + more


def _labels_for(width: float, accuracy: float) -> int:
    """Return the least number of labels with half an interval of at most ``width``."""

    def is_enough(n: float) -> bool:
        low, high = _wilson(accuracy, n)
        return high - low <= 2 * width

    return ceil(_NUMBERS[bisect_left(_NUMBERS, True, key=is_enough)])


def equal_strata(confidence: NDArray[np.float64]) -> NDArray[np.intp]:
    """Divide texts into strata of the same size, the most confident first, from 0."""
    places = np.empty(len(confidence), np.intp)
    places[np.argsort(-confidence, kind="stable")] = np.arange(len(confidence))
    return places * N_STRATA // len(confidence)


def allocation(
    confidence: NDArray[np.float64], strata: NDArray[np.intp], n: int
) -> NDArray[np.intp]:
    """Return the number of labels in each stratum, in proportion to ``N_h s_h``.

    ``s_h`` is the standard deviation of a right prediction if the confidence is right.
    """
    sizes = np.bincount(strata)
    mean = np.bincount(strata, confidence) / sizes
    wanted = sizes * (np.sqrt(mean * (1 - mean)) + LEAST_SPREAD)
    labels = np.full(len(sizes), LEAST_LABELS, np.intp)
    for _ in range(n - labels.sum()):  # one label more where it reduces the variance most
        gain = np.where(labels < sizes, wanted**2 / (labels * (labels + 1)), -1)
        labels[gain.argmax()] += 1
    return labels


def _by_stratum(
    right: NDArray[np.float64], strata: ArrayLike | None, shares: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.float64]]:
    """Return shares, numbers of labels and of right ones of the strata, each ``(h,)``."""
    if strata is None and shares is None:
        return np.ones(1), np.array([len(right)]), np.array([right.sum()])
    if strata is None or shares is None:
        raise InputError("strata and shares belong together; give both or neither")
    share = np.asarray(shares, dtype=np.float64)
    _, first, stratum, n = np.unique(
        np.asarray(strata), return_index=True, return_inverse=True, return_counts=True
    )
    if not len(right) == len(share) == len(stratum):
        raise InputError(
            f"there are {len(right):,} labels, {len(stratum):,} strata and {len(share):,} shares; "
            "give one of each for each text"
        )
    weights = share[first]
    if (share != weights[stratum]).any() or not (weights > 0).all() or weights.sum() > 1 + 1e-6:
        raise InputError(
            "the shares are not those of strata: each must be the same for all texts of a stratum, "
            "positive, and their sum over strata at most 1"
        )
    right_ones = np.bincount(stratum, right).astype(np.float64)
    return weights / weights.sum(), n.astype(np.intp), right_ones


def _wilson(p: float, n: float) -> tuple[float, float]:
    """Return the ends of Wilson's interval for an accuracy of ``n`` labels, not an integer."""
    centre = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    return max(0.0, centre - half) * (p > 0), 1.0 if p == 1 else min(1.0, centre + half)
