"""Labels and probabilities for texts, from stages that are fitted."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification import LinearHead
from sentiment_transfer.encoding import TrainableEncoder
from sentiment_transfer.errors import InputError
from sentiment_transfer.model.fast_path import FusedPredictor
from sentiment_transfer.model.inputs import as_labels, as_texts
from sentiment_transfer.model.questions import Questions
from sentiment_transfer.polarity import PolarityEncoder
from sentiment_transfer.text.indexing import SMALL_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.model.encoded import Encoded

__all__ = ["Answers"]


class Answers(Questions):
    """Prediction: many texts in one pass where that can be, others stage by stage."""

    prior_: NDArray[np.float64]
    _fused: FusedPredictor

    @abstractmethod
    def encode(self, texts: Iterable[str]) -> Encoded:
        """Stages one and two: texts to features."""

    def predict(self, texts: Iterable[str]) -> NDArray[np.str_]:
        """Most probable label of each text, ``(n_texts,)``; ties go to the first by name."""
        return self._most_probable(self.predict_proba(texts))

    def predict_encoded(self, encoded: Encoded) -> NDArray[np.str_]:
        """Stage three alone, on what `encode` gave."""
        return self._most_probable(self.predict_proba_encoded(encoded))

    def predict_proba(self, texts: Iterable[str]) -> NDArray[np.float64]:
        """Probabilities ``(n_texts, n_classes)`` in the order of ``classes_``.

        A text with no known word gets the share of each class among the labels; `coverage` is 0
        there.
        """
        texts = as_texts(texts)
        self._require_fitted("head_")
        if self._is_fused(texts):
            return self._predict_fused(texts)[0]
        return self.predict_proba_encoded(self.encode(texts))

    def predict_proba_with_coverage(
        self, texts: Iterable[str]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what `predict_proba` and `coverage` return; long texts are read once."""
        texts = as_texts(texts)
        self._require_fitted("head_")
        if self._is_fused(texts):
            return self._predict_fused(texts)
        return self.predict_proba_encoded(self.encode(texts)), self.vectors_.coverage(texts)

    def _is_fused(self, texts: list[str]) -> bool:
        """Whether there is enough to read, and the stages can be fused."""
        stages = self.vectors_, self.encoder_, self.head_
        return sum(map(len, texts)) >= SMALL_CHARACTERS and FusedPredictor.takes(*stages)

    def predict_proba_encoded(self, encoded: Encoded) -> NDArray[np.float64]:
        """Stage three alone, on what `encode` gave."""
        self._require_fitted("head_")
        if not len(encoded):
            return np.zeros((0, len(self.classes_)))
        features = encoded.features
        if isinstance(self.encoder_, PolarityEncoder):
            features = self.encoder_.with_scores(features)
        elif isinstance(self.encoder_, TrainableEncoder):
            features = self.encoder_.transform(features)
        probabilities = _probabilities(self.head_, features).astype(np.float64)
        probabilities[~encoded.known] = self.prior_
        return probabilities

    def score(self, texts: Iterable[str], labels: Sequence[str]) -> float:
        """Share of texts whose predicted label is right; no text raises ``InputError``."""
        predicted = self.predict(texts)
        if not len(predicted):
            raise InputError("texts is empty; a score needs at least one text and its label")
        return float(np.mean(predicted == as_labels(labels, len(predicted))))

    def _most_probable(self, probabilities: NDArray[np.float64]) -> NDArray[np.str_]:
        labels: NDArray[np.str_] = self.classes_[probabilities.argmax(axis=1)]
        return labels

    def _predict_fused(self, texts: list[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Answer by a `FusedPredictor`, kept for the next call unless it has grown too large."""
        stages = self.vectors_, self.encoder_, self.head_
        # taken out while it works, so that two threads never share one
        fused: FusedPredictor | None = self.__dict__.pop("_fused", None)
        if fused is None or not fused.serves(*stages):
            fused = FusedPredictor(*stages)
        probabilities, coverage = fused.predict_proba(texts)
        if not fused.full:
            self._fused = fused
        probabilities[coverage == 0] = self.prior_
        return probabilities, coverage


def _probabilities(head: Any, X: NDArray[np.float32]) -> NDArray[np.floating]:  # noqa: ANN401
    if hasattr(head, "predict_proba"):
        probabilities: NDArray[np.floating] = head.predict_proba(X)
        return probabilities
    return LinearHead.of(head).predict_proba(X)
