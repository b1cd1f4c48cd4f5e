from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.svm import LinearSVC

from sentiment_transfer.errors import NotFittedError
from sentiment_transfer.experiments.baselines import (
    CountsArm,
    NaiveBayesSVM,
    SeedWordsArm,
    majority_arm,
    nbsvm_arm,
    tfidf_arm,
)
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentiment_transfer.experiments.arms import Arm

    from .conftest import World

CLASSES = ["negative", "positive"]
EVERY_WORD = Tokenizer("en", stop_words=False, mark_negation=False)
NOTHING = np.zeros(0, np.intp), np.zeros(0, np.str_)
ROWS = [3, 17, 8, 30, 11, 22, 35, 6, 0, 9]


def prepared(arm: Arm, world: World) -> Arm:
    arm.prepare(world.few(40)[0], world.test[0], CLASSES)
    return arm


def drawn(world: World, rows: list[int]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(rows), np.array([world.labels[i] for i in rows])


@pytest.mark.parametrize("rows", [ROWS, [5, 2], ROWS[:5], list(range(40))])
def test_tfidf_equals_scikit_learn_s_pipeline_on_the_drawn_texts_alone(
    world: World, rows: list[int]
) -> None:
    places, labels = drawn(world, rows)
    texts = [world.texts[i] for i in rows]
    vectorizer = TfidfVectorizer(
        tokenizer=EVERY_WORD,
        token_pattern=None,
        lowercase=False,
        ngram_range=(1, 2),
        sublinear_tf=True,
    )
    X = vectorizer.fit_transform(texts)
    folds = min(5, np.unique(labels, return_counts=True)[1].min())
    plain = LogisticRegression(C=10, tol=1e-6)
    if folds > 1:
        split = StratifiedKFold(folds, shuffle=True, random_state=7)
        plain = GridSearchCV(plain, {"C": [10, 0.1, 1, 100]}, cv=split)
    expected = plain.fit(X, labels).predict(vectorizer.transform(world.test[0]))
    predicted = prepared(tfidf_arm(), world).predict(places, labels, 7)
    assert len(set(predicted)) == 2
    assert predicted.tolist() == expected.tolist()


@pytest.mark.parametrize("rows", [ROWS, [5, 2]])
def test_nb_svm_equals_counting_the_drawn_texts_alone(world: World, rows: list[int]) -> None:
    places, labels = drawn(world, rows)
    counter = CountVectorizer(
        tokenizer=EVERY_WORD, token_pattern=None, lowercase=False, ngram_range=(1, 2), binary=True
    )
    pipeline = make_pipeline(counter, NaiveBayesSVM(C=0.1))
    expected = pipeline.fit([world.texts[i] for i in rows], labels).predict(world.test[0])
    predicted = prepared(nbsvm_arm(Cs=[0.1]), world).predict(places, labels, 0)
    if len(rows) > 2:
        assert predicted.tolist() == expected.tolist()
    else:  # one text a class: nothing to choose C by, so it is 1
        pipeline.set_params(naivebayessvm__C=1)
        again = pipeline.fit([world.texts[i] for i in rows], labels).predict(world.test[0])
        assert predicted.tolist() == again.tolist()


def test_nb_svm_weighs_features_as_in_the_paper() -> None:
    X = csr_array(np.array([[1, 1, 0], [1, 0, 0], [0, 1, 1], [0, 0, 1]], dtype=float))
    y = np.array(["good", "good", "bad", "bad"])
    # good: p = 1 + (2, 1, 0), bad: q = 1 + (0, 1, 2), both of sum 6
    ratio = np.log(np.array([3 / 6, 2 / 6, 1 / 6]) / np.array([1 / 6, 2 / 6, 3 / 6]))
    svm = LinearSVC(C=1, random_state=0).fit(X.toarray() * ratio, y == "good")
    w = svm.coef_[0]
    mean = (abs(w[0]) + abs(w[1]) + abs(w[2])) / 3
    fitted = NaiveBayesSVM().fit(X, y)
    assert fitted.coef_[0] == pytest.approx(ratio * (0.75 * mean + 0.25 * w), abs=1e-4)
    assert fitted.intercept_ == pytest.approx(svm.intercept_, abs=1e-4)
    assert fitted.predict(X).tolist() == y.tolist()
    naive_bayes = NaiveBayesSVM(beta=0).fit(X, y)
    assert naive_bayes.coef_[0] / ratio.max() == pytest.approx(mean * ratio / ratio.max(), abs=1e-4)


def test_nb_svm_separates_three_classes_and_follows_scikit_learn_s_contract() -> None:
    X = csr_array(np.tile(np.eye(3), (3, 1)))
    y = np.tile(["a", "b", "c"], 3)
    fitted = clone(NaiveBayesSVM(C=2)).fit(X, y)
    assert fitted.coef_.shape == (3, 3)
    assert fitted.predict(X).tolist() == y.tolist()
    with pytest.raises(NotFittedError):
        NaiveBayesSVM().predict(X)


@pytest.mark.parametrize("kind", [tfidf_arm, nbsvm_arm])
def test_counting_arms_split_chinese_words(kind: Callable[..., CountsArm]) -> None:
    pytest.importorskip("jieba")
    arm = kind("zh")
    arm.prepare(["电影很好看", "电影很失望"], ["好看", "失望"], CLASSES)
    predicted = arm.predict(np.array([0, 1]), np.array(["positive", "negative"]), 0)
    assert predicted.tolist() == ["positive", "negative"]


@pytest.mark.parametrize("kind", [tfidf_arm, nbsvm_arm])
def test_drawn_texts_without_a_word_give_the_majority_class(
    kind: Callable[..., CountsArm],
) -> None:
    arm = kind()
    arm.prepare(["", "...", "", "word"], ["word", ""], CLASSES)
    predicted = arm.predict(np.arange(3), np.array(["b", "a", "b"]), 0)
    assert predicted.tolist() == ["b", "b"]


def test_the_majority_class_is_that_of_the_drawn_labels(world: World) -> None:
    arm = prepared(majority_arm(), world)
    assert set(arm.predict(*drawn(world, [0, 2, 1]), 0)) == {"positive"}
    assert set(arm.predict(*drawn(world, [0, 1]), 0)) == {"negative"}  # tie: first by name
    assert len(arm.predict(*drawn(world, [0]), 0)) == len(world.test[0])


TEXTS = ["a great cast, great great plot, but boring", "awful, great, boring", "a film", "not bad"]


def test_seed_words_count_once_each_and_ties_go_to_the_majority() -> None:
    arm = SeedWordsArm()
    arm.prepare([], TEXTS, CLASSES)
    assert not arm.needs_labels
    # great - boring = 0 (distinct), great - awful - boring = -1, none = 0, "not bad" is no "bad"
    assert arm.predict(*NOTHING, 0).tolist() == ["negative"] * 4
    labels = np.array(["positive", "positive", "negative"])
    arm.prepare(["x", "y", "z"], ["great", *TEXTS], CLASSES)
    expected = ["positive", "positive", "negative", "positive", "positive"]
    assert arm.predict(np.arange(3), labels, 0).tolist() == expected


def test_seed_words_learn_the_order_of_unclear_class_names_from_the_drawn_texts() -> None:
    arm = SeedWordsArm()
    arm.prepare(["great", "awful", "so so", "the plot"], ["excellent", "boring"], ["x", "y", "z"])
    assert arm.needs_labels
    labels = np.array(["x", "z", "y", "y"])
    assert arm.predict(np.arange(4), labels, 0).tolist() == ["x", "z"]
