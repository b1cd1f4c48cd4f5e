"""Ways to put a pretrained model to work, from using it as it is to learning all of it anew.

Feature extraction, where the pretrained stages stay and a classifier on top learns, is in the arms
``hidden-layer``, ``logistic`` and ``svm``. Here are those where the stages below learn as well,
each a `SentimentClassifier` made from a pretrained one, and direct use, where nothing learns.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from sentiment_transfer.classification import HiddenLayerClassifier, Training
from sentiment_transfer.encoding import LanguageModel, LSTMEncoder, TunedAveragingEncoder, Tuning
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model import SentimentClassifier, load
from sentiment_transfer.pretraining.bank import bank_names, bank_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from sentiment_transfer.experiments.arms import Arm

__all__ = [
    "SCRATCH",
    "FromScratchArm",
    "WithoutLabelsArm",
    "averages",
    "fine_tuned",
    "lstm",
    "shipped",
]

FINE = Tuning(vectors_rate=0.1, unfreeze_every=2, stay=100.0, word_dropout=0.5, dropout=0.0)
"""What is pretrained learns late and slowly, and is held back (Howard & Ruder 2018)."""

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


def fine_tuned(model: SentimentClassifier) -> SentimentClassifier:
    """Averaged pretrained vectors and a hidden layer; the vectors learn after it, and slowly."""
    return averages(model, FINE)


def averages(model: SentimentClassifier, tuning: Tuning = SCRATCH) -> SentimentClassifier:
    """Averaged vectors and a hidden layer, all of which learn as ``tuning`` says."""
    training = Training(epochs=100, learning_rate=0.003, patience=5)
    head = HiddenLayerClassifier(training=training, device="auto")
    return model.with_head(head, encoder=TunedAveragingEncoder(tuning=tuning))


def lstm(
    model: SentimentClassifier,
    tuning: Tuning = Tuning(),  # noqa: B008  (it is frozen)
    language_model: LanguageModel | None = None,
) -> SentimentClassifier:
    """An LSTM over the model's vectors and a hidden layer."""
    encoder = LSTMEncoder(tuning=tuning, language_model=language_model)
    return model.with_head(None, encoder=encoder)


class WithoutLabelsArm:
    """Another arm, which never gets to see a label.

    Unless it needs them to tell which class is meant by which name.
    """

    def __init__(self, arm: Arm) -> None:
        self.arm = arm
        self.needs_labels = arm.needs_labels

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Prepare the other arm."""
        self.arm.prepare(pool, test, classes)
        self.needs_labels = self.arm.needs_labels

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Answer from no rows."""
        n = len(rows) if self.needs_labels else 0
        return self.arm.predict(rows[:n], labels[:n], seed)


class FromScratchArm:
    """A `SentimentClassifier` that learns all from the labels, from other vectors in each draw."""

    needs_labels = True

    def __init__(self, model: SentimentClassifier) -> None:
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
