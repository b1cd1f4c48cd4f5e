from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentiment_transfer import AveragingEncoder, HiddenLayerClassifier, SentimentClassifier
from sentiment_transfer.experiments.draws import draw_labelled
from sentiment_transfer.experiments.multitask import MultiTaskArm, Task, fit_shared

if TYPE_CHECKING:
    from .conftest import World

ROWS = [3, 17, 8, 30, 11, 22, 35, 6]


@pytest.fixture(scope="module")
def model(world: World) -> SentimentClassifier:
    return SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)


def other(world: World, names: tuple[str, str] = ("bad", "good")) -> Task:
    """The texts that the arm is tested on, as a set of its own."""
    texts, labels = world.test
    encoder = AveragingEncoder(world.vectors).fit(texts)
    return Task(encoder.transform(texts), [names[label == "positive"] for label in labels])


def test_it_is_one_network_on_this_set_and_as_many_drawn_labels_of_the_others(
    world: World, model: SentimentClassifier
) -> None:
    task = other(world)
    arm = MultiTaskArm(model, {"moods": task})
    arm.prepare(world.few(40)[0], world.test[0], ["negative", "positive"])
    labels = np.array([world.labels[i] for i in ROWS])
    predicted = arm.predict(np.array(ROWS), labels, 5)

    encoder = AveragingEncoder(world.vectors).fit(world.unlabelled)
    drawn = draw_labelled(task.labels, 8, "balanced", seed=5, draw=0)
    X = np.concatenate([encoder.transform([world.texts[i] for i in ROWS]), task.X[drawn]])
    y = [*labels, *(task.labels[i] for i in drawn)]
    tasks = [""] * 8 + ["moods"] * 8
    own_head = fit_shared(HiddenLayerClassifier(seed=5), X, y, tasks)[""]
    test = encoder.transform(world.test[0])
    assert predicted.tolist() == own_head.predict(test).tolist()
    own = HiddenLayerClassifier(seed=5).fit(X[:8], labels)
    assert predicted.tolist() != own.predict(test).tolist()  # the other set counts


def test_pooled_it_is_one_plain_network_on_the_labels_of_all(
    world: World, model: SentimentClassifier
) -> None:
    task = other(world, ("negative", "positive"))
    arm = MultiTaskArm(model, {"moods": task}, pooled=True)
    arm.prepare(world.few(40)[0], world.test[0], ["negative", "positive"])
    labels = np.array([world.labels[i] for i in ROWS])
    encoder = AveragingEncoder(world.vectors).fit(world.unlabelled)
    drawn = draw_labelled(task.labels, 8, "balanced", seed=5, draw=0)
    X = np.concatenate([encoder.transform([world.texts[i] for i in ROWS]), task.X[drawn]])
    y = [*labels, *(task.labels[i] for i in drawn)]
    expected = HiddenLayerClassifier(seed=5).fit(X, y).predict(encoder.transform(world.test[0]))
    assert arm.predict(np.array(ROWS), labels, 5).tolist() == expected.tolist()


def test_it_repeats_its_answers_and_other_draws_are_others(
    world: World, model: SentimentClassifier
) -> None:
    arm = MultiTaskArm(model, {"moods": other(world)})
    arm.prepare(world.few(40)[0], world.test[0], ["negative", "positive"])
    rows, labels = np.array([0, 1]), np.array(world.labels[:2])
    first, again, second = (arm.predict(rows, labels, seed).tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != second
