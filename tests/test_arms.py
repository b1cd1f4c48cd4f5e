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

from sentiment_transfer import AveragingEncoder, HiddenLayerClassifier, SentimentClassifier
from sentiment_transfer.errors import NotFittedError, SettingError
from sentiment_transfer.experiments.arms import (
    ARMS,
    ModelArm,
    RandomVectorsArm,
    by_name,
    default_arms,
    vectors_arm,
)
from sentiment_transfer.experiments.baselines import (
    CountsArm,
    NaiveBayesSVM,
    SeedWordsArm,
    majority_arm,
    nbsvm_arm,
    tfidf_arm,
)
from sentiment_transfer.polarity.class_order import polar_classes
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentiment_transfer.experiments.arms import Arm

    from .conftest import World

CLASSES = ["negative", "positive"]
EVERY_WORD = Tokenizer("en", stop_words=False, mark_negation=False)
NOTHING = np.zeros(0, np.intp), np.zeros(0, np.str_)


@pytest.fixture(scope="module")
def model(world: World) -> SentimentClassifier:
    return SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)


def prepared(arm: Arm, world: World) -> Arm:
    arm.prepare(world.few(40)[0], world.test[0], CLASSES)
    return arm


def drawn(world: World, rows: list[int]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(rows), np.array([world.labels[i] for i in rows])


ROWS = [3, 17, 8, 30, 11, 22, 35, 6, 0, 9]


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


def test_nb_svm_tells_three_classes_apart_and_follows_scikit_learn_s_contract() -> None:
    X = csr_array(np.tile(np.eye(3), (3, 1)))
    y = np.tile(["a", "b", "c"], 3)
    fitted = clone(NaiveBayesSVM(C=2)).fit(X, y)
    assert fitted.coef_.shape == (3, 3)
    assert fitted.predict(X).tolist() == y.tolist()
    with pytest.raises(NotFittedError):
        NaiveBayesSVM().predict(X)


@pytest.mark.parametrize("kind", [tfidf_arm, nbsvm_arm])
def test_counting_arms_know_chinese_words(kind: Callable[..., CountsArm]) -> None:
    pytest.importorskip("jieba")
    arm = kind("zh")
    arm.prepare(["电影很好看", "电影很失望"], ["好看", "失望"], CLASSES)
    predicted = arm.predict(np.array([0, 1]), np.array(["positive", "negative"]), 0)
    assert predicted.tolist() == ["positive", "negative"]


@pytest.mark.parametrize("kind", [tfidf_arm, nbsvm_arm])
def test_drawn_texts_without_a_word_leave_the_majority(
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


def test_seed_words_ask_the_drawn_texts_where_names_tell_nothing() -> None:
    arm = SeedWordsArm()
    arm.prepare(["great", "awful", "so so", "the plot"], ["excellent", "boring"], ["x", "y", "z"])
    assert arm.needs_labels
    labels = np.array(["x", "z", "y", "y"])
    assert arm.predict(np.arange(4), labels, 0).tolist() == ["x", "z"]


@pytest.mark.parametrize("names", [("0", "1"), ("neg", "pos"), ("bad", "fine"), ("Good", "so")])
def test_the_model_answers_without_labels_in_the_names_of_the_pool(
    world: World, model: SentimentClassifier, names: tuple[str, str]
) -> None:
    arm = ModelArm(model)
    arm.prepare([], world.test[0], names)
    assert not arm.needs_labels
    predicted = arm.predict(*NOTHING, 0)
    negative, positive = names if names[0] != "Good" else names[::-1]
    truth = np.where(np.array(world.test[1]) == "positive", positive, negative)
    assert np.mean(predicted == truth) > 0.8


def test_names_that_tell_nothing_need_labels_unless_the_order_is_given(
    world: World, model: SentimentClassifier
) -> None:
    arm = ModelArm(model)
    arm.prepare([], world.test[0], ["a", "b"])
    assert arm.needs_labels
    ordered = SentimentClassifier(vectors=world.vectors, ordered=["b", "a"])
    arm = ModelArm(ordered.pretrain(world.unlabelled))
    arm.prepare([], world.test[0], ["a", "b"])
    truth = np.where(np.array(world.test[1]) == "positive", "a", "b")
    assert np.mean(arm.predict(*NOTHING, 0) == truth) > 0.8


def test_a_hidden_layer_needs_labels_and_starts_anew_in_each_draw(
    world: World, model: SentimentClassifier
) -> None:
    class Spy(HiddenLayerClassifier):
        seeds: list[int] = []  # noqa: RUF012  (shared with the clones)

        def fit(self, *args, **kwargs):  # type: ignore[no-untyped-def]  # noqa: ANN002, ANN003, ANN202
            self.seeds.append(self.seed)
            return super().fit(*args, **kwargs)

    arm = prepared(ModelArm(model.with_head(Spy())), world)
    assert arm.needs_labels
    for seed in (4, 5):
        arm.predict(*drawn(world, [0, 1]), seed)
    assert Spy.seeds == [4, 5]


def test_a_model_that_is_compared_stays_as_it_was(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors, seed=3).pretrain(world.unlabelled)
    model.fit(*world.few(8))
    before = model.predict_proba(world.test[0])
    arm = prepared(ModelArm(model), world)
    arm.predict(*drawn(world, ROWS), 1)
    arm.predict(*NOTHING, 1)
    assert np.array_equal(model.predict_proba(world.test[0]), before)
    assert (model.seed, model.head, model.ordered) == (3, None, None)


def test_an_arm_on_vectors_is_a_classifier_on_the_averages(
    world: World, model: SentimentClassifier
) -> None:
    encoder = AveragingEncoder(world.vectors).fit(world.unlabelled)
    rows, labels = drawn(world, ROWS[:3])  # one text in a class: C is 10
    plain = LogisticRegression(C=10).fit(encoder.transform([world.texts[i] for i in rows]), labels)
    arm = prepared(vectors_arm(model, LogisticRegression()), world)
    expected = plain.predict(encoder.transform(world.test[0]))
    assert arm.predict(rows, labels, 0).tolist() == expected.tolist()


@pytest.mark.parametrize("name", ARMS)
def test_every_arm_can_be_had_by_name_and_repeats_its_answers(
    world: World, model: SentimentClassifier, name: str
) -> None:
    (arm,) = by_name([name], model).values()
    prepared(arm, world)
    first, second = (arm.predict(*drawn(world, ROWS), 5) for _ in range(2))
    assert first.shape == (len(world.test[0]),)
    assert set(first) <= set(CLASSES)
    assert first.tolist() == second.tolist()
    if name in ("model", "hidden-layer", "logistic", "svm", "seeds"):
        assert np.mean(first == np.array(world.test[1])) > 0.8


def test_random_vectors_are_those_of_a_model_pretrained_to_nothing(
    world: World, model: SentimentClassifier
) -> None:
    arm = prepared(RandomVectorsArm(model.with_head(HiddenLayerClassifier())), world)
    rows, labels = drawn(world, ROWS)
    texts = [world.texts[i] for i in rows]
    for seed in (5, 6):
        encoder = AveragingEncoder(world.vectors.randomised(seed)).fit(world.unlabelled)
        head = HiddenLayerClassifier(seed=seed).fit(encoder.transform(texts), labels)
        expected = head.predict(encoder.transform(world.test[0]))
        assert arm.predict(rows, labels, seed).tolist() == expected.tolist()


def test_random_vectors_differ_from_draw_to_draw(world: World, model: SentimentClassifier) -> None:
    (arm,) = by_name(["random"], model).values()
    prepared(arm, world)
    first, second, again = (arm.predict(*drawn(world, ROWS), seed).tolist() for seed in (1, 2, 1))
    assert first == again
    assert first != second


def test_titles_are_told_apart_and_names_are_checked(model: SentimentClassifier) -> None:
    assert len({title for title, _ in ARMS.values()}) == len(ARMS)
    assert list(by_name(["tfidf", "model"], model)) == [ARMS["tfidf"][0], ARMS["model"][0]]
    with pytest.raises(
        SettingError, match="'bert' is not known; it must be one of model, hidden-layer"
    ):
        by_name(["model", "bert"], model)
    with pytest.raises(SettingError, match="arms is empty; it must name at least one of model"):
        by_name([], model)


def test_a_model_without_seed_words_is_not_compared_with_counting_them(world: World) -> None:
    plain = SentimentClassifier(vectors=world.vectors, seeds=None).pretrain(world.unlabelled)
    titles = list(default_arms(plain)[0])
    assert titles[0] == ARMS["model"][0]
    assert ARMS["seeds"][0] not in titles
    assert {"TF-IDF + logistic regression", "NB-SVM", "majority class"} <= set(titles)


def test_of_two_numbers_the_greater_is_the_positive_one() -> None:
    assert polar_classes(["1", "5"], "en") == ("1", "5")
    assert polar_classes(["5", "1"], "en") == ("1", "5")
