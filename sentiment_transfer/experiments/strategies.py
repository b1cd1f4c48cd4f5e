"""Ways to put a pretrained model to work, from using it as it is to learning all of it anew.

Feature extraction, where the pretrained stages stay and a classifier on top learns, is in the arms
``hidden-layer``, ``logistic`` and ``svm``. Here are those where the stages below learn as well,
each a `SentimentClassifier` made from a pretrained one, and direct use, where nothing learns.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification import HiddenLayerClassifier, Training
from sentiment_transfer.classification.class_order import polar_classes
from sentiment_transfer.classification.joint import JOINT
from sentiment_transfer.encoding import LSTMEncoder, TunedAveragingEncoder, Tuning
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model import SentimentClassifier, load
from sentiment_transfer.pretraining.bank import bank_names, bank_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = [
    "SCRATCH",
    "DirectUseArm",
    "FromScratchArm",
    "averages_stages",
    "lstm_stages",
    "shipped",
]

FINE = Tuning(vectors_rate=0.1, word_dropout=0.5, dropout=0.0)
"""What is pretrained learns slowly (Howard & Ruder 2018)."""

SCRATCH = Tuning(vectors_rate=1.0)
"""Nothing is worth holding back."""


def shipped(model: SentimentClassifier) -> SentimentClassifier:
    """Return the model of the bank for the language of another one, as it is.

    Raises ``SettingError`` if the bank has none.
    """
    name = f"reviews-{model.language}"
    if name not in bank_names():
        raise SettingError(
            f"no model of the language {model.language!r} ships with the package, to be used as "
            f"it is; there are {', '.join(bank_names())}"
        )
    bank = load(bank_path(name))
    assert isinstance(bank, SentimentClassifier)  # noqa: S101  (our own file)
    return bank


def averages_stages(tuning: Tuning = FINE, seed: int = 0) -> dict[str, Any]:
    """``encoder`` and ``head``: averaged vectors and a hidden layer, which learn together."""
    training = Training(epochs=100, learning_rate=0.003, patience=5)
    head = HiddenLayerClassifier(training=training, seed=seed, device="auto")
    return {"encoder": TunedAveragingEncoder(tuning=tuning), "head": head}


def lstm_stages(
    tuning: Tuning = Tuning(),  # noqa: B008  (it is frozen)
    seed: int = 0,
) -> dict[str, Any]:
    """``encoder`` and ``head``: an LSTM over the vectors and a hidden layer."""
    head = HiddenLayerClassifier(training=JOINT, seed=seed, device="auto")
    encoder = LSTMEncoder(tuning=tuning, seed=seed)
    return {"encoder": encoder, "head": head}


class DirectUseArm:
    """A model as it is, of two classes: it learns nothing from the labels.

    Which of them is the positive class their names tell (`polar_classes`), the model's ``ordered``,
    or else the drawn texts, by the model's own answers to them.
    """

    def __init__(self, model: SentimentClassifier, ordered: Sequence[str] | None = None) -> None:
        self.model = model
        self.ordered = ordered
        self.needs_labels = True

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Answer all texts; ``SettingError`` for more than two classes."""
        if len(classes) != 2:
            raise SettingError(
                f"direct use answers two classes, and there are {len(classes)}: "
                f"{', '.join(classes)}; leave the arm out"
            )
        self._classes = tuple(classes)
        self._order = polar_classes(classes, self.model.language)
        if self.ordered is not None:
            self._order = self.ordered[0], self.ordered[-1]
        self.needs_labels = self._order is None
        negative = str(self.model.head_.order_[0])
        self._pool = self.model.predict(pool) != negative
        self._test = self.model.predict(test) != negative

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """The model's answers, by the names of the classes."""
        negative, positive = self._order or self._classes
        if self._order is None and np.mean(self._pool[rows] == (labels == positive)) < 0.5:
            negative, positive = positive, negative
        return np.where(self._test, positive, negative)


class FromScratchArm:
    """A `SentimentClassifier` that learns all from the labels, from other vectors in each draw."""

    needs_labels = True

    def __init__(self, model: SentimentClassifier) -> None:
        model.with_random_vectors()  # fails here where the model has not what that takes
        self.model = model

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Encode the texts as token ids, which are the same whatever the vectors."""
        self._pool = self.model.encode(pool)
        self._test = self.model.encode(test)

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Draw vectors, and learn."""
        model = copy.copy(self.model).set_params(seed=seed)
        if model.head is not None:
            model.head = copy.copy(model.head).set_params(seed=seed)
        drawn = model.with_random_vectors()
        return drawn.fit_encoded(self._pool[rows], labels).predict_encoded(self._test)
