"""Cross-validation of the stage that learns from labels."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.base.estimator import is_integer_from
from sentiment_transfer.classification.labels import as_labels
from sentiment_transfer.corpus import split_by_text
from sentiment_transfer.errors import InputError, SettingError, shown
from sentiment_transfer.polarity import PolarityClassifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.encoding import EncodedTexts
    from sentiment_transfer.experiments.draws import Labels
    from sentiment_transfer.model import SentimentClassifier

__all__ = ["FOLDS", "check_folds", "left_out_probabilities", "with_order_as_text"]

FOLDS = 5


def left_out_probabilities(
    model: SentimentClassifier,
    texts: Sequence[str],
    encoded: EncodedTexts,
    labels: Labels,
    folds: int = FOLDS,
    seed: int = 0,
) -> tuple[NDArray[np.float64], Labels]:
    """Return each text's probabilities by a model fitted without its fold, ``(n, k)``.

    The columns are in the order of the classes, ``(k,)``, which are returned too. The word vectors
    and the encoder are those of ``model``, which saw no label; stage three is fitted to the other
    folds. Equal texts are in the same fold (`split_by_text`), and labels are stratified.

    Parameters
    ----------
    model
        A pretrained model; it is not changed.
    texts, encoded, labels
        Labelled texts, what ``model.encode`` returned for them, and their labels, ``(n,)``.
    folds
        Number of folds, from 2 to ``n``.

    Raises
    ------
    InputError
        There are fewer texts than folds, or one class only outside some fold.
    SettingError
        ``folds`` is not an integer of at least 2.
    """
    check_folds(folds)
    n, classes = len(labels), np.unique(labels)
    if n < folds:
        raise InputError(f"there are {n} labels, fewer than folds={folds}; give more labels")
    sizes = [n // folds + (i < n % folds) for i in range(folds)]
    probabilities = np.zeros((n, len(classes)))
    for fold in split_by_text(texts, labels.tolist(), fractions=sizes, seed=seed):
        others = np.setdiff1d(np.arange(n), fold)
        if not len(fold):  # many equal texts
            continue
        if len(np.unique(labels[others])) < 2:
            raise InputError(
                f"all labels outside a fold are {shown(labels[others[0]])}; cross-validation needs "
                "at least two different texts of each class"
            )
        fitted = copy.copy(model).fit_encoded(encoded[others], labels[others])
        columns = np.searchsorted(classes, fitted.classes_)
        probabilities[np.ix_(fold, columns)] = fitted.predict_proba_encoded(encoded[fold])
    return probabilities, classes


def with_order_as_text(model: SentimentClassifier) -> SentimentClassifier:
    """Return the model with the order of its classes as text, as labels are in experiments.

    The order is its ``ordered``, or that of a `PolarityClassifier` as its head.
    """
    head = model.head
    given = head.ordered if isinstance(head, PolarityClassifier) else None
    given = model.ordered if model.ordered is not None else given
    if given is None or given is False:
        return model
    return copy.copy(model).set_params(ordered=as_labels(given).astype(np.str_).tolist())


def check_folds(folds: int) -> None:
    """Raise ``SettingError`` unless ``folds`` is an integer of at least 2."""
    if not is_integer_from(folds, 2):
        raise SettingError(f"folds={shown(folds)} is not allowed; it must be an integer from 2")
