"""Arms for the strategies of transfer learning beyond a classifier on fixed sentence vectors.

The pretrained model without labels, stages below the classifier that are trained with it, each a
`SentimentClassifier` made from a pretrained one, and a network that also sees NB-SVM's scores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sentiment_transfer.classification import HiddenLayerClassifier, Training
from sentiment_transfer.classification.settings import END_TO_END
from sentiment_transfer.encoding import LSTMEncoder, TunedAveragingEncoder, Tuning
from sentiment_transfer.errors import SettingError
from sentiment_transfer.experiments.baselines import NaiveBayesSVM, nbsvm_arm
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.files import open_bank
from sentiment_transfer.polarity.class_order import polar_classes
from sentiment_transfer.pretraining.bank import bank_names, general_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from sentiment_transfer.experiments.draws import Labels, Rows

__all__ = [
    "SCRATCH",
    "NbsvmFeaturesArm",
    "ZeroShotArm",
    "averages_stages",
    "left_out_scores",
    "lstm_stages",
    "shipped",
]

FINE = Tuning(vectors_rate=0.1, word_dropout=0.5, dropout=0.0)
"""Pretrained parameters are trained slowly (Howard & Ruder 2018)."""

SCRATCH = Tuning(vectors_rate=1.0)
"""All parameters are trained at the same rate."""

FOLDS = 3
SPREAD = 0.3
"""Standard deviation of NB-SVM's scores as features; a unit vector of 100 has 0.1 a dimension."""


def shipped(model: SentimentClassifier) -> SentimentClassifier:
    """Return the shipped model for a model's language; ``SettingError`` if there is none."""
    name = general_name(model.language)
    if name not in bank_names():
        raise SettingError(
            f"no model of the language {model.language!r} ships with the package; there are "
            f"{', '.join(bank_names())}: leave the arm 'zero-shot' out"
        )
    return SentimentClassifier.from_stages(open_bank(name, model.language))


def averages_stages(tuning: Tuning = FINE, seed: int = 0) -> dict[str, Any]:
    """``encoder`` and ``head``: averaged vectors and a hidden layer, trained together."""
    training = Training(epochs=100, learning_rate=0.003, patience=5)
    head = HiddenLayerClassifier(training=training, seed=seed, device="auto")
    return {"encoder": TunedAveragingEncoder(tuning=tuning), "head": head}


def lstm_stages(tuning: Tuning | None = None, seed: int = 0) -> dict[str, Any]:
    """``encoder`` and ``head``: an LSTM over the vectors and a hidden layer."""
    head = HiddenLayerClassifier(training=END_TO_END, seed=seed, device="auto")
    return {"encoder": LSTMEncoder(tuning=tuning or Tuning(), seed=seed), "head": head}


class ZeroShotArm:
    """A pretrained model of two classes, as it is: the labels train nothing.

    Which class is the positive one is taken from the class names (`polar_classes`) or from
    ``ordered``, otherwise from the drawn texts, by the model's own predictions of them.
    """

    def __init__(
        self,
        model: SentimentClassifier,
        ordered: Sequence[Any] | NDArray[Any] | Literal[False] | None = None,
    ) -> None:
        self.model = model
        self.ordered = None if ordered is False else ordered
        self.needs_labels = self.ordered is None

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Predict all texts; ``SettingError`` for more than two classes."""
        if len(classes) != 2:
            raise SettingError(
                f"the arm 'zero-shot' predicts two classes, and there are {len(classes)}: "
                f"{', '.join(map(str, classes))}; leave it out"
            )
        order: Any = self.ordered
        if order is None:
            order = polar_classes(classes, self.model.language)
        self.needs_labels = order is None
        self._negative: Any
        self._positive: Any
        self._negative, *_, self._positive = classes if order is None else order
        negative = self.model.head_.order_[0]
        self._pool, self._test = (self.model.predict(texts) != negative for texts in (pool, test))

    def predict(self, rows: Rows, labels: Labels, seed: int) -> Labels:
        """Return the model's predictions, in the names of the classes."""
        negative, positive = self._negative, self._positive
        if self.needs_labels and np.mean(self._pool[rows] == (labels == positive)) < 0.5:
            negative, positive = positive, negative
        predicted: Labels = np.where(self._test, positive, negative)
        return predicted


class NbsvmFeaturesArm:
    """`HiddenLayerClassifier` on averaged word vectors and the scores of `NaiveBayesSVM`.

    The score of a drawn text is computed from the other folds (`left_out_scores`): scores of the
    texts that NB-SVM was fitted to are nearly always right, and the network would rely on them
    alone. NB-SVM is not interpolated (``beta`` 1), and its ``C`` is small, as suits some thousand
    labels.
    """

    needs_labels = True

    def __init__(self, model: SentimentClassifier) -> None:
        self.model = model.with_head(HiddenLayerClassifier())
        self.words = nbsvm_arm(model.language)

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Average the word vectors of each text, and count words and word pairs."""
        self._pool, self._test = (self.model.encode(texts).features for texts in (pool, test))
        self.words.prepare(pool, test, classes)

    def predict(self, rows: Rows, labels: Labels, seed: int) -> Labels:
        """Fit NB-SVM, then the network."""
        drawn, test = self.words.features(rows)
        scores, seen = left_out_scores(NaiveBayesSVM(0.01, beta=1), drawn, labels, test, seed)
        scale = SPREAD / (scores.std() or 1.0)
        head = HiddenLayerClassifier(seed=seed)
        head.fit(np.hstack([self._pool[rows], scale * scores]), labels)
        predicted: Labels = head.predict(np.hstack([self._test, scale * seen]))
        return predicted


def left_out_scores(
    classifier: NaiveBayesSVM, X: csr_array, y: Labels, Z: csr_array, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Score each row of ``X`` by a classifier of the other folds, and ``Z`` by one of all rows.

    There are `FOLDS` stratified folds, or as many as the smallest class has rows. Scores are zero
    where that is one, because nothing can be left out, and where there is no word. They have the
    shape ``(n, k)`` for ``k`` classes, ``(n, 1)`` for two.
    """
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    counts = np.unique(y, return_counts=True)[1]
    width = 1 if len(counts) == 2 else len(counts)
    folds = min(FOLDS, int(counts.min()))
    if folds < 2 or not X.shape[1]:
        return np.zeros((X.shape[0], width)), np.zeros((Z.shape[0], width))
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    scores = cross_val_predict(classifier, X, y, cv=split, method="decision_function")
    seen = classifier.fit(X, y).decision_function(Z)
    return scores.reshape(-1, width), seen.reshape(-1, width)
