from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch.nn.functional import cross_entropy

from sentiment_transfer.classification import HiddenLayerClassifier, Training
from sentiment_transfer.classification.multitask import MultiTaskClassifier
from sentiment_transfer.classification.multitask_training import TaskNetwork
from sentiment_transfer.classification.network import Examples
from sentiment_transfer.errors import InputError, NotFittedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    network = TaskNetwork((3, 4, 5), "tanh", rng, tasks=["a", "a", "b", "b", "b"])
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
    network = TaskNetwork(
        (3, 4, 4), "tanh", torch.Generator().manual_seed(0), tasks=["a", "a", "b", "b"]
    )
    row = Examples(torch.ones(1, 3), torch.tensor([1]), torch.ones(1))
    torch.autograd.backward(network.loss(row))
    gradient = network.weights[1].grad
    assert gradient is not None
    assert (gradient[:, :2] != 0).all()
    assert (gradient[:, 2:] == 0).all()


def test_one_task_is_the_plain_classifier() -> None:
    X, y, _ = related_tasks(40)
    model = MultiTaskClassifier(LONG).fit(X, y, ["one"] * len(y))
    plain = clone(LONG).fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(X, ["one"] * len(y)), plain.predict_proba(X))
    assert model.history_ == plain.history_


def test_tasks_with_opposite_names_are_learned_together() -> None:
    X, y, tasks = related_tasks(200)
    model = MultiTaskClassifier(LONG).fit(X, y, tasks)
    assert np.mean(model.predict(X, tasks) == np.array(y)) > 0.95
    rows = np.ones((1, 8))
    assert model.predict(rows, ["books"]) != model.predict(rows, ["moods"])


def test_few_rows_of_a_task_are_worth_more_beside_related_tasks() -> None:
    test_X, test_y, test_tasks = related_tasks(300, seed=99)
    gains = []
    for seed in range(4):
        X, y, tasks = related_tasks(100, seed)
        together = MultiTaskClassifier(LONG).fit(X, y, tasks).predict(test_X, test_tasks)
        alone = []
        for task in ("books", "films", "moods"):
            rows = [i for i, name in enumerate(tasks) if name == task]
            head = clone(LONG).fit(X[rows], [y[i] for i in rows])
            alone.append(head.predict(test_X[[name == task for name in test_tasks]]))
        truth = np.array(test_y)
        gains.append(np.mean(together == truth) - np.mean(np.concatenate(alone) == truth))
    assert np.mean(gains) > 0.05


def test_tasks_may_have_other_and_more_labels() -> None:
    X = np.repeat(np.eye(3), 4, axis=0)
    labels = ["good"] * 4 + ["bad"] * 4 + ["good"] * 4 + ["1"] * 4 + ["2"] * 4 + ["3"] * 4
    tasks = ["polarity"] * 12 + ["stars"] * 12
    model = MultiTaskClassifier(LONG).fit(np.vstack([X, X]), labels, tasks)
    assert model.classes_.tolist() == ["1", "2", "3", "bad", "good"]
    probabilities = model.predict_proba(np.vstack([X, X]), tasks)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)
    assert (probabilities[:12, :3] == 0).all()
    assert (probabilities[12:, 3:] == 0).all()
    assert model.predict(np.vstack([X, X]), tasks).tolist() == labels


def test_the_head_of_a_task_predicts_alone_and_survives_its_state() -> None:
    X, y, tasks = related_tasks(40)
    model = MultiTaskClassifier(LONG).fit(X, y, tasks)
    head = model.head_of("moods")
    assert head.predict(X).tolist() == model.predict(X, ["moods"] * len(X)).tolist()
    restored = HiddenLayerClassifier.from_state(*head.state())
    assert restored.predict(X).tolist() == head.predict(X).tolist()
    assert restored.training == LONG.training


def test_the_hidden_layer_is_counted_once() -> None:
    X, y, tasks = related_tasks(20)
    model = MultiTaskClassifier(LONG).fit(X, y, tasks)
    assert model.n_parameters_ == (8 * 16 + 16) + 3 * (16 * 2 + 2)


def test_the_same_seed_gives_the_same_answers_and_the_given_head_stays_unfitted() -> None:
    X, y, tasks = related_tasks(20)
    head = HiddenLayerClassifier(4)
    first, second = (
        MultiTaskClassifier(head).fit(X, y, tasks).predict_proba(X, tasks) for _ in range(2)
    )
    np.testing.assert_array_equal(first, second)
    assert not hasattr(head, "weights_")
    assert clone(MultiTaskClassifier(head)).get_params()["head__hidden_units"] == 4


def test_what_cannot_be_learned_from_is_refused_by_name() -> None:
    X, y, tasks = related_tasks(8)
    with pytest.raises(InputError, match="of the task 'moods' are one class, 'bad'"):
        MultiTaskClassifier().fit(X, y[:16] + ["bad"] * 8, tasks)
    with pytest.raises(InputError, match="y has 24 labels but tasks has 23 names"):
        MultiTaskClassifier().fit(X, y, tasks[:-1])
    with pytest.raises(InputError, match="tasks is 'books'; a name for each row"):
        MultiTaskClassifier().fit(X, y, "books")
    with pytest.raises(InputError, match=r"tasks\[1\] is 3"):
        MultiTaskClassifier().fit(X, y, [*tasks[:1], 3, *tasks[2:]])  # type: ignore[list-item]
    with pytest.raises(InputError, match="X has 23 rows but y has 24"):
        MultiTaskClassifier().fit(X[:-1], y, tasks)
    with pytest.raises(NotFittedError):
        MultiTaskClassifier().predict(X, tasks)
    model = MultiTaskClassifier().fit(X, y, tasks)
    with pytest.raises(InputError, match="no task 'games'; the model knows books, films, moods"):
        model.predict(X[:1], ["games"])
    with pytest.raises(InputError, match="X has 2 rows but tasks has 1 names"):
        model.predict(X[:2], ["books"])
