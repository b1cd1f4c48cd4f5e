"""Coefficients taken from scikit-learn give the same predictions, or are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.special import softmax as scipy_softmax
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import (
    LogisticRegression,
    Perceptron,
    RidgeClassifier,
    SGDClassifier,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.svm import SVC, LinearSVC

from sentiment_transfer.base.schema import check
from sentiment_transfer.classification import LinearHead
from sentiment_transfer.classification.linear import probabilities_of
from sentiment_transfer.errors import ModelFileError, SettingError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from sklearn.base import ClassifierMixin

PROBABILISTIC = {
    "logistic regression": LogisticRegression(C=3),
    "discriminant analysis": LinearDiscriminantAnalysis(),
}
MARGINS = {
    "linear SVM": LinearSVC(C=0.1),
    "hinge loss": SGDClassifier(random_state=0),
    "ridge": RidgeClassifier(),
    "perceptron": Perceptron(),
}


def blobs(n_classes: int) -> tuple[NDArray[np.float32], NDArray[np.str_]]:
    """Overlapping clouds, 30 points a class."""
    rng = np.random.default_rng(n_classes)
    labels = np.repeat([f"class {k}" for k in range(n_classes)], 30)
    centres = 2 * rng.normal(size=(n_classes, 5))
    X = np.repeat(centres, 30, axis=0) + rng.normal(size=(30 * n_classes, 5))
    return X.astype(np.float32), labels


@pytest.mark.parametrize("n_classes", [2, 3, 4])
@pytest.mark.parametrize("fitted", [*PROBABILISTIC.values(), *MARGINS.values()], ids=str)
def test_labels_and_scores_are_scikit_learns(fitted: ClassifierMixin, n_classes: int) -> None:
    X, labels = blobs(n_classes)
    fitted.fit(X, labels)
    head = LinearHead.of(fitted)
    np.testing.assert_array_equal(head.predict(X), fitted.predict(X))
    np.testing.assert_allclose(
        head.decision_function(X), fitted.decision_function(X), rtol=1e-4, atol=1e-4
    )
    np.testing.assert_array_equal(head.classes_, fitted.classes_)


@pytest.mark.parametrize("n_classes", [2, 3, 4])
@pytest.mark.parametrize("fitted", PROBABILISTIC.values(), ids=PROBABILISTIC)
def test_probabilities_are_scikit_learns(fitted: ClassifierMixin, n_classes: int) -> None:
    X, labels = blobs(n_classes)
    head = LinearHead.of(fitted.fit(X, labels))
    assert head.probabilistic
    np.testing.assert_allclose(head.predict_proba(X), fitted.predict_proba(X), atol=1e-5)


def test_margins_become_probabilities_by_the_logistic_function() -> None:
    X, labels = blobs(2)
    fitted = LinearSVC().fit(X, labels)
    head = LinearHead.of(fitted)
    assert not head.probabilistic
    expected = 1 / (1 + np.exp(-fitted.decision_function(X)))
    np.testing.assert_allclose(head.predict_proba(X)[:, 1], expected, atol=1e-6)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_of_any_head_are_its_own_or_the_softmax_of_its_margins(
    n_classes: int,
) -> None:
    X, labels = blobs(n_classes)
    forest = RandomForestClassifier(3, random_state=0).fit(X, labels)
    np.testing.assert_array_equal(probabilities_of(forest, X), forest.predict_proba(X))
    svm = LinearSVC().fit(X, labels)
    margins = svm.decision_function(X)
    scores = np.column_stack([np.zeros(len(X)), margins]) if n_classes == 2 else margins
    found = probabilities_of(svm, X)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, scipy_softmax(scores, axis=1), atol=1e-6)


def test_huge_scores_do_not_overflow() -> None:
    head = LinearHead(np.array(["a", "b"]), np.array([[1e6]]), np.array([0.0]), True)
    assert head.predict_proba(np.array([[1.0], [-1.0], [0.0]])).tolist() == [
        [0, 1],
        [1, 0],
        [0.5, 0.5],
    ]


@pytest.mark.parametrize(
    "fitted",
    [RandomForestClassifier(3, random_state=0), GaussianNB(), SVC(kernel="rbf")],
    ids=str,
)
def test_what_is_not_linear_is_refused_with_a_way_out(fitted: ClassifierMixin) -> None:
    message = f"{type(fitted).__name__} is not linear and cannot be saved; use a linear classifier"
    with pytest.raises(SettingError, match=message):
        LinearHead.of(fitted.fit(*blobs(2)))


@pytest.mark.parametrize(
    ("fitted", "n_classes"),
    [
        (SVC(kernel="linear"), 3),  # one score for each pair of classes, as many as classes
        (SGDClassifier(loss="log_loss", random_state=0), 3),  # its probabilities are no softmax
        (SGDClassifier(loss="modified_huber", random_state=0), 2),
    ],
    ids=str,
)
def test_a_linear_model_whose_answers_do_not_follow_from_its_scores_is_refused(
    fitted: ClassifierMixin, n_classes: int
) -> None:
    with pytest.raises(SettingError, match="do not follow from its coefficients"):
        LinearHead.of(fitted.fit(*blobs(n_classes)))


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_state_gives_back_the_same_head(n_classes: int) -> None:
    X, labels = blobs(n_classes)
    head = LinearHead.of(LogisticRegression().fit(X, labels))
    copy = LinearHead.from_state(*head.state())
    np.testing.assert_array_equal(copy.predict_proba(X), head.predict_proba(X))
    assert copy.probabilistic == head.probabilistic
    assert copy.classes_.tolist() == head.classes_.tolist()


@pytest.mark.parametrize(
    ("name", "shape"),
    [("coef", (2, 5)), ("coef", (5,)), ("intercept", (2,)), ("intercept", ()), ("coef", (0, 5))],
)
def test_a_state_that_contradicts_itself_is_refused(name: str, shape: tuple[int, ...]) -> None:
    facts, tensors = LinearHead.of(LogisticRegression().fit(*blobs(2))).state()
    tensors[name] = np.zeros(shape)
    with pytest.raises(ModelFileError, match=rf"{name} has shape \(.*\) is needed"):
        check(LinearHead.stored, facts, tensors)
