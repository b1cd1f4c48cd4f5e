"""Two models on the same texts: which predictions flip, and whether the new model is worse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.classification.labels import as_labels, require_same_kind
from sentiment_transfer.errors import SettingError
from sentiment_transfer.experiments.statistics import paired_interval
from sentiment_transfer.model.inputs import as_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sentiment_transfer.classification.labels import Label, Labels
    from sentiment_transfer.model import SentimentClassifier

__all__ = ["Flip", "PredictionChanges", "compare_models"]

WORSE = 0.05
"""Probability of a chance result as bad as this or worse, below which a new model is worse."""


@dataclass(frozen=True)
class Flip:
    """A text that two models give different labels.

    Attributes
    ----------
    row
        Of the text, from 0.
    text
        As given.
    before, after
        The labels.
    probability_before, probability_after
        Of the label that each model gives.
    label
        The right one, if it is known.

    Examples
    --------
    >>> flip = Flip(0, "not a bad film", "negative", 0.6, "positive", 0.8, label="positive")
    >>> flip.before, flip.after
    ('negative', 'positive')
    """

    row: int
    text: str
    before: Label
    probability_before: float
    after: Label
    probability_after: float
    label: Label | None = None


@dataclass(frozen=True)
class PredictionChanges:
    """What changes from an old model to a new one on fixed texts.

    Attributes
    ----------
    n_texts
        Number of texts.
    flips
        The texts that change their label, the surest in the old model first.
    labelled
        Whether the right labels are known; otherwise the other figures are NaN.
    accuracy_before, accuracy_after
        Shares of right labels.
    gain, low, high
        Difference of the accuracies, with its paired 95 % interval over draws of texts.
    p_worse
        Of the flips that make or unmake a right answer: the probability that so few make one, if
        either is as likely (the exact test of McNemar 1947, one-sided).

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> texts = ["It works, and it is great.", "A dull plot.", "The battery died."]
    >>> found = compare_models(load("reviews-en"), load("goods-en"), texts)
    >>> found.n_texts, len(found.flips), found.labelled
    (3, 0, False)
    """

    n_texts: int
    flips: tuple[Flip, ...]
    labelled: bool = False
    accuracy_before: float = float("nan")
    accuracy_after: float = float("nan")
    gain: float = float("nan")
    low: float = float("nan")
    high: float = float("nan")
    p_worse: float = float("nan")

    @property
    def is_worse(self) -> bool:
        """Whether the new model is clearly less accurate; never without labels."""
        return self.p_worse < WORSE

    def __str__(self) -> str:
        n = len(self.flips)
        flipped = f"{n:,} of {self.n_texts:,} predictions flip"
        if not self.labelled:
            return flipped
        return (
            f"{flipped}; accuracy {100 * self.accuracy_before:.1f} % before, "
            f"{100 * self.accuracy_after:.1f} % after ({100 * self.gain:+.1f} points, 95 % "
            f"interval {100 * self.low:+.1f} to {100 * self.high:+.1f})"
        )


def compare_models(
    old: SentimentClassifier,
    new: SentimentClassifier,
    texts: Iterable[str],
    labels: Labels | None = None,
) -> PredictionChanges:
    """Compare the predictions of two models on texts that neither has learnt labels of.

    Parameters
    ----------
    old, new
        Models with the same classes.
    texts
        Any number of them, also none.
    labels
        The right ones, if they are known.

    Returns
    -------
    PredictionChanges
        With accuracies, if there are labels.

    Raises
    ------
    InputError
        The numbers of texts and labels differ, or the labels are of another kind than the classes.
    SettingError
        The models have other classes.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> texts, labels = ["I loved it.", "A dull plot."], ["positive", "negative"]
    >>> found = compare_models(load("reviews-en"), load("films-en"), texts, labels)
    >>> found.accuracy_before, found.accuracy_after, found.flips
    (1.0, 1.0, ())
    """
    listed = as_texts(texts)
    if old.classes_.tolist() != new.classes_.tolist():
        raise SettingError(
            f"the classes before are {old.classes_.tolist()}, and after {new.classes_.tolist()}; "
            "models of the same classes can be compared: fit the new one to the same labels"
        )
    p, q = old.predict_proba(listed), new.predict_proba(listed)
    before, after = old.stages_.most_probable(p), new.stages_.most_probable(q)
    truth = None
    if labels is not None:
        truth = as_labels(labels, len(listed))
        require_same_kind(truth, old.classes_)
    rows = np.flatnonzero(before != after)
    rows = rows[np.argsort(-p[rows].max(axis=1, initial=0), kind="stable")]
    flips = tuple(
        Flip(
            int(row),
            listed[row],
            before[row].item(),
            float(p[row].max()),
            after[row].item(),
            float(q[row].max()),
            None if truth is None else truth[row].item(),
        )
        for row in rows
    )
    if truth is None or not listed:
        return PredictionChanges(len(listed), flips)
    return _with_accuracy(len(listed), flips, before == truth, after == truth)


def _with_accuracy(
    n: int, flips: tuple[Flip, ...], right_before: NDArray[np.bool_], right_after: NDArray[np.bool_]
) -> PredictionChanges:
    from scipy.stats import binomtest

    made = int((right_after & ~right_before).sum())
    unmade = int((right_before & ~right_after).sum())
    p_worse = 1.0
    if made + unmade:
        p_worse = float(binomtest(made, made + unmade, alternative="less").pvalue)
    gain, low, high = paired_interval(right_after, right_before)
    accuracies = float(right_before.mean()), float(right_after.mean())
    return PredictionChanges(n, flips, True, *accuracies, gain, low, high, p_worse)
