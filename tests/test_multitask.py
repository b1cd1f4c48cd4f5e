from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch.nn.functional import cross_entropy

from sentiment_transfer import AveragingEncoder, HiddenLayerClassifier, SentimentClassifier
from sentiment_transfer.classification import Training
from sentiment_transfer.classification.network_torch import Examples, Network
from sentiment_transfer.experiments.draws import draw_labelled
from sentiment_transfer.experiments.multitask import MultiTaskArm, Task, fit_shared

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .conftest import World

LONG = HiddenLayerClassifier(16, training=Training(weight_decay=1, validation_fraction=0))


def related_tasks(n: int, seed: int = 0) -> tuple[NDArray[Any], list[str], list[str]]:
    """Vectors of 8 columns, ``n`` a task; three tasks ask for the same hidden feature.

    It is whether two columns have one sign, hard to learn from a few rows. One task names the
    two answers the other way round.
    """
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((3 * n, 8))
    same = X[:, :2].prod(axis=1) > 0
    tasks = np.repeat(["books", "films", "moods"], n)
    names = {"books": ("bad", "good"), "films": ("bad", "good"), "moods": ("good", "bad")}
    labels = [names[task][int(one)] for task, one in zip(tasks, same, strict=True)]
    return X, labels, tasks.tolist()


def test_the_loss_is_that_of_a_softmax_over_the_task_s_own_outputs() -> None:
    rng = torch.Generator().manual_seed(0)
    network = Network((3, 4, 5), "tanh", rng, tasks=["a", "a", "b", "b", "b"])
    x = torch.randn(4, 3, generator=rng)
    y, weight = torch.tensor([0, 1, 2, 4]), torch.tensor([1.0, 0.5, 2.0, 0.5])
    logits = network.logits(x)
    by_hand = [
        cross_entropy(logits[:2, :2], torch.tensor([0, 1]), reduction="none"),
        cross_entropy(logits[2:, 2:], torch.tensor([0, 2]), reduction="none"),
    ]
    expected = (torch.cat(by_hand) * weight).sum() / 4  # weights 1, 0.5, 2 and 0.5
    loss = network.loss(Examples(x, y, weight))
    assert float(loss.detach()) == pytest.approx(float(expected.detach()), rel=1e-6)
    wrong = [int(logits[i, own].argmax()) != k for i, own, k in (
        (0, slice(0, 2), 0), (1, slice(0, 2), 1), (2, slice(2, 5), 0), (3, slice(2, 5), 2)
    )]  # fmt: skip
    error = network.evaluate(Examples(x, y, weight))[1]
    assert error == pytest.approx(np.dot(wrong, weight.numpy()) / 4)


def test_a_row_teaches_the_outputs_of_its_own_task_alone() -> None:
    network = Network(
        (3, 4, 4), "tanh", torch.Generator().manual_seed(0), tasks=["a", "a", "b", "b"]
    )
    row = Examples(torch.ones(1, 3), torch.tensor([1]), torch.ones(1))
    torch.autograd.backward(network.loss(row))
    gradient = network.weights[1].grad
    assert gradient is not None
    assert (gradient[:, :2] != 0).all()
    assert (gradient[:, 2:] == 0).all()


def right(
    heads: dict[str, HiddenLayerClassifier], X: NDArray[Any], y: list[str], tasks: list[str]
) -> float:
    """Share of rows that the head of their task labels as ``y`` does."""
    predicted = {task: head.predict(X) for task, head in heads.items()}
    return float(np.mean([predicted[task][i] == y[i] for i, task in enumerate(tasks)]))


def test_one_task_is_the_plain_classifier() -> None:
    X, y, _ = related_tasks(40)
    (head,) = fit_shared(LONG, X, y, ["one"] * len(y)).values()
    plain = clone(LONG).fit(X, y)
    np.testing.assert_array_equal(head.predict_proba(X), plain.predict_proba(X))
    assert head.history_ == plain.history_


def test_tasks_with_opposite_names_are_learnt_together() -> None:
    X, y, tasks = related_tasks(200)
    heads = fit_shared(LONG, X, y, tasks)
    assert right(heads, X, y, tasks) > 0.95
    row = np.ones((1, 8))
    assert heads["books"].predict(row) != heads["moods"].predict(row)


def test_few_rows_of_a_task_are_worth_more_with_related_tasks() -> None:
    test = related_tasks(300, seed=99)
    gains = []
    for seed in range(4):
        X, y, tasks = related_tasks(100, seed)
        alone = {}
        for task in ("books", "films", "moods"):
            rows = [i for i, name in enumerate(tasks) if name == task]
            alone[task] = clone(LONG).fit(X[rows], [y[i] for i in rows])
        gains.append(right(fit_shared(LONG, X, y, tasks), *test) - right(alone, *test))
    assert np.mean(gains) > 0.05


def test_tasks_may_have_other_and_more_labels() -> None:
    X = np.repeat(np.eye(3), 4, axis=0)
    X = np.vstack([X, X])
    labels = ["good"] * 4 + ["bad"] * 4 + ["good"] * 4 + ["1"] * 4 + ["2"] * 4 + ["3"] * 4
    tasks = ["polarity"] * 12 + ["stars"] * 12
    heads = fit_shared(LONG, X, labels, tasks)
    assert heads["polarity"].classes_.tolist() == ["bad", "good"]
    assert heads["stars"].classes_.tolist() == ["1", "2", "3"]
    assert right(heads, X, labels, tasks) == 1


def test_the_heads_share_their_hidden_layer_and_survive_their_state() -> None:
    X, y, tasks = related_tasks(40)
    heads = fit_shared(LONG, X, y, tasks)
    books, moods = heads["books"], heads["moods"]
    np.testing.assert_array_equal(books.weights_[0], moods.weights_[0])
    np.testing.assert_array_equal(books.biases_[0], moods.biases_[0])
    assert not np.array_equal(books.weights_[1], moods.weights_[1])
    restored = HiddenLayerClassifier.from_state(*moods.state())
    assert restored.predict(X).tolist() == moods.predict(X).tolist()
    assert restored.training == LONG.training


def test_the_same_seed_gives_the_same_heads_and_the_given_head_stays_unfitted() -> None:
    X, y, tasks = related_tasks(20)
    given = HiddenLayerClassifier(4)
    first, second = (fit_shared(given, X, y, tasks)["films"].predict_proba(X) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert not hasattr(given, "weights_")


# The arms

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
