from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from test_sentence_encoder import Endings

from sentiment_transfer import AveragingEncoder, HiddenLayerClassifier, SentimentClassifier
from sentiment_transfer.errors import SettingError
from sentiment_transfer.experiments.arms import (
    ARMS,
    SENTENCE_ARMS,
    ModelArm,
    RandomVectorsArm,
    by_name,
    default_arms,
    vectors_arm,
)
from sentiment_transfer.polarity.class_order import polar_classes
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
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


@pytest.mark.parametrize("names", [("0", "1"), ("neg", "pos"), ("bad", "fine"), ("Good", "so")])
def test_the_model_predicts_without_labels_by_the_class_names_of_the_pool(
    world: World, model: SentimentClassifier, names: tuple[str, str]
) -> None:
    arm = ModelArm(model)
    arm.prepare([], world.test[0], names)
    assert not arm.needs_labels
    predicted = arm.predict(*NOTHING, 0)
    negative, positive = names if names[0] != "Good" else names[::-1]
    truth = np.where(np.array(world.test[1]) == "positive", positive, negative)
    assert np.mean(predicted == truth) > 0.8


def test_unclear_class_names_need_labels_unless_the_order_is_given(
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


def test_a_hidden_layer_needs_labels_and_gets_another_seed_in_each_draw(
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


def test_a_comparison_does_not_change_the_model(world: World) -> None:
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


@pytest.mark.parametrize(
    ("name", "with_sentences"),
    [*((name, False) for name in ARMS if name not in SENTENCE_ARMS), *((n, True) for n in ARMS)],
)
def test_every_arm_is_made_by_name_and_repeats_its_predictions(
    world: World, model: SentimentClassifier, name: str, with_sentences: bool
) -> None:
    if with_sentences:
        model = copy.copy(model).set_params(sentence_encoder=Endings())
    (arm,) = by_name([name], model).values()
    prepared(arm, world)
    first, second = (arm.predict(*drawn(world, ROWS), 5) for _ in range(2))
    assert first.shape == (len(world.test[0]),)
    assert set(first) <= set(CLASSES)
    assert first.tolist() == second.tolist()
    if name in ("model", "hidden-layer", "logistic", "svm", "seeds"):
        assert np.mean(first == np.array(world.test[1])) > 0.8


def test_arms_of_a_sentence_encoder_need_one_and_are_default_with_one(
    model: SentimentClassifier,
) -> None:
    for name in SENTENCE_ARMS:
        with pytest.raises(SettingError, match="need a model with a sentence encoder"):
            by_name([name], model)
    titles = {ARMS[name][0] for name in SENTENCE_ARMS}
    assert not titles & {*default_arms(model)[0]}
    given = copy.copy(model).set_params(sentence_encoder=Endings())
    assert titles <= {*default_arms(given)[0]}


def test_random_vectors_are_those_of_an_untrained_model(
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


def test_titles_are_unique_and_names_are_checked(model: SentimentClassifier) -> None:
    assert len({title for title, _ in ARMS.values()}) == len(ARMS)
    assert list(by_name(["tfidf", "model"], model)) == [ARMS["tfidf"][0], ARMS["model"][0]]
    with pytest.raises(
        SettingError, match="'bert' is not known; it must be one of model, hidden-layer"
    ):
        by_name(["model", "bert"], model)
    with pytest.raises(SettingError, match="arms is empty; it must name at least one of model"):
        by_name([], model)


def test_a_model_without_seed_words_has_no_arm_that_counts_them(world: World) -> None:
    plain = SentimentClassifier(vectors=world.vectors, seeds=None).pretrain(world.unlabelled)
    titles = list(default_arms(plain)[0])
    assert titles[0] == ARMS["model"][0]
    assert ARMS["seeds"][0] not in titles
    assert {"TF-IDF + logistic regression", "NB-SVM", "majority class"} <= set(titles)


def test_of_two_numbers_the_greater_is_the_positive_one() -> None:
    assert polar_classes(["1", "5"], "en") == ("1", "5")
    assert polar_classes(["5", "1"], "en") == ("1", "5")
