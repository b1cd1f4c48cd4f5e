"""The coefficients of a fitted linear classifier, to save and predict without scikit-learn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np

from sentiment_transfer.base.schema import convert
from sentiment_transfer.classification.stored import LinearFacts
from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

__all__ = ["LinearHead", "probabilities_of", "softmax"]

Floats = TypeVar("Floats", np.float32, np.float64)


class LinearHead:
    """A linear classifier with scores ``x W + b``.

    Parameters
    ----------
    classes, coef, intercept, probabilistic
        Set the attributes.

    Attributes
    ----------
    classes_, coef_, intercept_
        ``(k,)``, ``(k, d)`` and ``(k,)``; the last two ``(1, d)`` and ``(1,)`` for two classes, as
        in scikit-learn.
    probabilistic
        Whether the scores are log odds (logistic regression) or margins (linear SVM). Margins have
        no probabilities; their softmax is used instead.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> X, y = [[0.0, 1.0], [1.0, 0.0]], ["bad", "good"]
    >>> head = LinearHead.of(LogisticRegression().fit(X, y))
    >>> head.coef_.shape, head.predict([[1.0, 0.2]]).tolist()
    ((1, 2), ['good'])
    """

    stored = LinearFacts

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
        """Copy the coefficients of a fitted scikit-learn classifier.

        Parameters
        ----------
        fitted
            The classifier.

        Raises
        ------
        SettingError
            It is not linear, or its predictions are not computed from its scores (one-versus-one,
            probabilities of another form): model files hold numbers, no objects.
        """
        coef = getattr(fitted, "coef_", None)
        if not isinstance(coef, np.ndarray):
            raise SettingError(
                f"{type(fitted).__name__} is not linear and cannot be saved; use a linear "
                "classifier or HiddenLayerClassifier, or keep the model in memory"
            )
        coef = np.atleast_2d(coef)
        intercept = np.broadcast_to(np.atleast_1d(fitted.intercept_), len(coef)).copy()
        probabilistic = hasattr(fitted, "predict_proba")
        head = cls(fitted.classes_, coef, intercept, probabilistic)
        probe = np.vstack([np.zeros_like(head.coef_[:1]), np.eye(head.coef_.shape[1])])
        method = "predict_proba" if probabilistic else "decision_function"
        theirs, ours = getattr(fitted, method)(probe), getattr(head, method)(probe)
        if theirs.shape != ours.shape or not np.allclose(theirs, ours, atol=1e-5):
            raise SettingError(
                f"the predictions of {type(fitted).__name__} do not follow from its coefficients, "
                "so it cannot be used or saved; use LogisticRegression or LinearSVC"
            )
        return head

    def decision_function(self, X: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return scores, ``(n, k)``, or ``(n,)`` for two classes.

        Parameters
        ----------
        X
            Vectors, ``(n, d)``.
        """
        scores: NDArray[np.floating] = X @ self.coef_.T + self.intercept_
        return scores[:, 0] if len(self.coef_) == 1 else scores

    def predict_proba(self, X: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return the softmax of the scores, ``(n, k)``.

        Parameters
        ----------
        X
            Vectors, ``(n, d)``.
        """
        scores = self.decision_function(X).astype(np.float64)
        if scores.ndim == 1:
            scores = np.stack([np.zeros_like(scores), scores], axis=1)
        return softmax(scores)

    def predict(self, X: NDArray[np.floating]) -> NDArray[Any]:
        """Return the label with the highest score of each row, ``(n,)``.

        Parameters
        ----------
        X
            Vectors, ``(n, d)``.
        """
        labels: NDArray[Any] = self.classes_[self.predict_proba(X).argmax(axis=1)]
        return labels

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return facts and tensors for a model file."""
        facts = {"classes": self.classes_.tolist(), "probabilistic": self.probabilistic}
        return facts, {"coef": self.coef_, "intercept": self.intercept_}

    @classmethod
    def from_state(
        cls, facts: LinearFacts | Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]
    ) -> Self:
        """Return the head with this `state`."""
        given = convert(cls.stored, facts)
        return cls(given.labels, tensors["coef"], tensors["intercept"], given.probabilistic)


def probabilities_of(head: Any, X: NDArray[np.floating]) -> NDArray[np.float64]:  # noqa: ANN401
    """Return the probabilities of any fitted classifier, ``(n, k)``.

    A linear one without ``predict_proba``, such as ``LinearSVC``, is taken as a `LinearHead`.
    """
    able = head if hasattr(head, "predict_proba") else LinearHead.of(head)
    return np.asarray(able.predict_proba(X), dtype=np.float64)


def softmax(scores: NDArray[Floats]) -> NDArray[Floats]:
    """Return ``exp(scores)`` divided by its sum over each row, without overflow."""
    odds: NDArray[Floats] = np.exp(scores - scores.max(axis=1, keepdims=True))
    odds /= odds.sum(axis=1, keepdims=True)
    return odds
