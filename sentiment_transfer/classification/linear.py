"""A linear classifier as numbers: what scikit-learn learned, saved and served without it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.errors import ModelFileError, SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

    from numpy.typing import NDArray

__all__ = ["LinearHead", "probabilities_of"]


class LinearHead:
    """Scores ``x W + b`` of a fitted linear classifier.

    Attributes
    ----------
    classes_
        Labels, ``(k,)``.
    coef_, intercept_
        ``(k, d)`` and ``(k,)``, or ``(1, d)`` and ``(1,)`` for two classes, as scikit-learn has
        them.
    probabilistic
        Whether the scores are log odds (logistic regression) or margins (linear SVM); margins
        have no probabilities, so the nearest thing, their logistic function, stands in.
    """

    def __init__(
        self,
        classes: NDArray[Any],
        coef: NDArray[np.floating],
        intercept: NDArray[np.floating],
        probabilistic: bool,
    ) -> None:
        self.classes_ = classes
        self.coef_ = coef
        self.intercept_ = intercept
        self.probabilistic = probabilistic

    @classmethod
    def of(cls, fitted: Any) -> Self:  # noqa: ANN401  (any scikit-learn classifier)
        """Take the numbers out of a fitted scikit-learn classifier.

        Raises ``SettingError`` for one that is not linear, or whose answers are not those of its
        scores (one-versus-one, probabilities of another form): model files hold numbers, no
        objects.
        """
        coef = getattr(fitted, "coef_", None)
        if not isinstance(coef, np.ndarray):
            raise SettingError(
                f"{type(fitted).__name__} is not linear and cannot be saved; use a linear "
                "classifier, HiddenLayerClassifier, or keep the model in memory"
            )
        coef = np.atleast_2d(coef)
        intercept = np.broadcast_to(np.atleast_1d(fitted.intercept_), len(coef)).copy()
        probabilistic = hasattr(fitted, "predict_proba")
        head = cls(fitted.classes_, coef, intercept, probabilistic)
        probe = np.vstack([np.zeros_like(head.coef_[:1]), np.eye(head.coef_.shape[1])])
        ask = "predict_proba" if probabilistic else "decision_function"
        theirs, ours = getattr(fitted, ask)(probe), getattr(head, ask)(probe)
        if theirs.shape != ours.shape or not np.allclose(theirs, ours, atol=1e-5):
            raise SettingError(
                f"the answers of {type(fitted).__name__} do not follow from its coefficients, so "
                "it cannot be used or saved; take LogisticRegression or LinearSVC"
            )
        return head

    def decision_function(self, X: NDArray[np.floating]) -> NDArray[np.floating]:
        """Scores ``(n, k)``, or ``(n,)`` for two classes."""
        scores: NDArray[np.floating] = X @ self.coef_.T + self.intercept_
        return scores[:, 0] if len(self.coef_) == 1 else scores

    def predict_proba(self, X: NDArray[np.floating]) -> NDArray[np.float64]:
        """Softmax of the scores, ``(n, k)``."""
        scores = self.decision_function(X).astype(np.float64)
        if scores.ndim == 1:
            scores = np.stack([np.zeros_like(scores), scores], axis=1)
        odds: NDArray[np.float64] = np.exp(scores - scores.max(axis=1, keepdims=True))
        odds /= odds.sum(axis=1, keepdims=True)
        return odds

    def predict(self, X: NDArray[np.floating]) -> NDArray[Any]:
        """Label of the highest score."""
        labels: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return labels

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Facts and tensors for a model file."""
        facts = {"classes": self.classes_.tolist(), "probabilistic": self.probabilistic}
        return facts, {"coef": self.coef_, "intercept": self.intercept_}

    @classmethod
    def from_state(cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Build from what ``state`` gave; ``ModelFileError`` if it does not fit together."""
        classes, coef, intercept = np.array(facts["classes"]), tensors["coef"], tensors["intercept"]
        k = 1 if len(classes) == 2 else len(classes)
        if coef.ndim != 2 or len(coef) != k or intercept.shape != (k,):
            raise ModelFileError(
                f"a linear head of shapes {coef.shape} and {intercept.shape} "
                f"does not fit {len(classes)} classes"
            )
        return cls(classes, coef, intercept, facts["probabilistic"])


def probabilities_of(head: Any, X: Any) -> NDArray[np.float64]:  # noqa: ANN401  (any classifier)
    """Probabilities of a fitted classifier, ``(n, k)``; from linear scores if it has no others."""
    predictor = head if hasattr(head, "predict_proba") else LinearHead.of(head)
    probabilities: NDArray[np.float64] = predictor.predict_proba(X).astype(np.float64)
    return probabilities
