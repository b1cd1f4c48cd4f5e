"""A model from the labels so far: its probabilities, and those of each label left out."""

from __future__ import annotations

import warnings
from copy import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.errors import InputError
from sentiment_transfer.polarity.class_order import polar_classes
from sentiment_transfer.polarity.contradiction import SeedsContradictedWarning
from sentiment_transfer.studio.pool import without_labels
from sentiment_transfer.studio.wording import on_page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.model import SentimentClassifier
    from sentiment_transfer.studio.pool import Pool

__all__ = ["FittedPool", "fit_pool"]

LEAST = 1e-9
"""Least probability, so that log odds are finite."""


@dataclass(frozen=True, eq=False)
class FittedPool:
    """What is known of all texts after some labels.

    Attributes
    ----------
    model
        The model; None if nothing can be predicted yet.
    classes
        Names of the columns of all probabilities, sorted; perhaps without those that no text has.
    proba
        Probabilities of all texts, float64 ``(n, k)``.
    rows, labels
        The texts with a label, intp ``(m,)``, and their labels as places in ``classes``.
    left_out
        Probabilities of these texts by models that were fitted without their label, ``(m, k)``.
    of_given
        Probability of each given label by its text and the other labels, ``(m,)``: the mean log
        odds of ``left_out`` and of the model without labels, as in `advice.audit_labels`.
    messages
        What was noticed about the labels.
    """

    model: SentimentClassifier | None
    classes: NDArray[np.str_]
    proba: NDArray[np.float64]
    rows: NDArray[np.intp]
    labels: NDArray[np.intp]
    left_out: NDArray[np.float64]
    of_given: NDArray[np.float64]
    messages: tuple[str, ...] = ()

    @property
    def predicts(self) -> bool:
        """Whether there is a model."""
        return self.model is not None

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether the label of each text is predicted if it is left out, ``(m,)``."""
        if not self.predicts:
            return np.zeros(len(self.rows), bool)
        return np.asarray(self.left_out.argmax(axis=1) == self.labels)

    @property
    def unsure(self) -> NDArray[np.float64]:
        """How unsure the model is of each text, from 0 to 1, ``(n,)``."""
        if not self.predicts:
            return np.ones(len(self.proba))
        unsure: NDArray[np.float64] = 1 - self.proba.max(axis=1)
        return unsure


def fit_pool(
    pool: Pool, names: Sequence[str], rows: NDArray[np.intp], labels: Sequence[str]
) -> FittedPool:
    """Fit the model of a pool to labels of some of its texts.

    Parameters
    ----------
    pool
        The texts.
    names
        All classes, the most negative first if that is known. With two of them and a model that
        knows polarity, there are predictions before the first label.
    rows, labels
        Different texts and their labels, ``(m,)``; ``m`` may be 0.
    """
    given = np.array(labels, np.str_)
    if len(np.unique(given)) < 2:
        return _without_labels(pool, names, rows, given)
    model, messages = _fitted(pool, rows, given)
    classes = model.classes_.astype(np.str_)
    numbers = np.searchsorted(classes, given)
    left_out = _left_out(pool, model, classes, rows, given)
    return FittedPool(
        model,
        classes,
        model.predict_proba_encoded(pool.indexed),
        rows,
        numbers,
        left_out,
        _of_given(pool, model, rows, numbers, left_out),
        messages,
    )


def _without_labels(
    pool: Pool, names: Sequence[str], rows: NDArray[np.intp], given: NDArray[np.str_]
) -> FittedPool:
    """Return what is known with labels of one class or none: the model without labels."""
    classes = np.sort(np.array([*names], np.str_))
    numbers = np.searchsorted(classes, given)
    if pool.start is None or len(classes) != 2:
        even = np.full((len(pool), len(classes)), 1 / len(classes))
        return FittedPool(None, classes, even, rows, numbers, even[rows], even[rows, numbers])
    polar = polar_classes(classes.tolist(), pool.model.language) or names
    model = without_labels(pool.model, polar)
    proba = model.predict_proba_encoded(pool.encoded)
    return FittedPool(model, classes, proba, rows, numbers, proba[rows], proba[rows, numbers])


def _fitted(
    pool: Pool, rows: NDArray[np.intp], labels: NDArray[np.str_]
) -> tuple[SentimentClassifier, tuple[str, ...]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = copy(pool.model).fit_encoded(pool.encoded[rows], labels)
    return model, tuple(map(_in_words, caught))


def _in_words(caught: warnings.WarningMessage) -> str:
    """Return a warning as a page says it."""
    if issubclass(caught.category, SeedsContradictedWarning):
        return (
            "The labels contradict the words of known polarity: check that the classes are not "
            "swapped. If they are not about sentiment, the model learns from the labels alone."
        )
    return on_page(str(caught.message))


def _left_out(
    pool: Pool,
    model: SentimentClassifier,
    classes: NDArray[np.str_],
    rows: NDArray[np.intp],
    labels: NDArray[np.str_],
) -> NDArray[np.float64]:
    """Return the probabilities ``(m, k)`` of texts by models without their label.

    The head computes them itself from 8 labels on; before that, the model is fitted ``m`` times.
    """
    found: NDArray[np.float64] | None = getattr(model.head_, "left_out_proba_", None)
    if found is not None:
        return found
    left_out = np.full((len(rows), len(classes)), 1 / len(classes))
    for i, row in enumerate(rows):
        others = np.arange(len(rows)) != i
        try:
            without, _ = _fitted(pool, rows[others], labels[others])
        except InputError:  # one class is left
            if pool.start is not None and len(classes) == 2:
                order = model.stages_.order.astype(np.str_)
                left_out[i] = pool.start[row][np.argsort(order)]
            continue
        columns = np.searchsorted(classes, without.classes_.astype(np.str_))
        left_out[i] = 0
        left_out[i, columns] = without.predict_proba_encoded(pool.encoded[rows[~others]])[0]
    return left_out


def _of_given(
    pool: Pool,
    model: SentimentClassifier,
    rows: NDArray[np.intp],
    numbers: NDArray[np.intp],
    left_out: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the probability of each given label by its text and the other labels, ``(m,)``."""
    own = left_out[np.arange(len(rows)), numbers]
    head: Any = model.head_
    contradicted = any(mixture.seeds_contradicted_ for mixture in getattr(head, "mixtures", ()))
    if pool.start is None or left_out.shape[1] != 2 or contradicted:
        return own
    start = pool.start[rows][:, np.argsort(model.stages_.order.astype(np.str_))]
    odds = _log_odds(own) + _log_odds(start[np.arange(len(rows)), numbers])
    mean: NDArray[np.float64] = 1 / (1 + np.exp(-odds / 2))
    return mean


def _log_odds(p: NDArray[np.float64]) -> NDArray[np.float64]:
    p = np.clip(p, LEAST, 1 - LEAST)
    odds: NDArray[np.float64] = np.log(p / (1 - p))
    return odds
