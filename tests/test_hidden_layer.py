from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
import torch
from scipy.special import log_softmax, softmax
from sklearn.base import clone, is_classifier
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch.nn.functional import cross_entropy

from sentiment_transfer.base.schema import check
from sentiment_transfer.classification.hidden_layer import HiddenLayerClassifier, Training
from sentiment_transfer.classification.training_torch import Examples, Network
from sentiment_transfer.errors import InputError, ModelFileError, NotFittedError, SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_transfer.base.progress import Progress

Activation = Literal["relu", "tanh"]
QUICK = Training(epochs=5)


def blobs(n: int, centres: list[list[float]], seed: int = 0) -> tuple[NDArray[Any], list[str]]:
    """Return ``n`` points around each centre, spread 0.3, with labels ``c0``, ``c1``, ..."""
    rng = np.random.default_rng(seed)
    points = [np.array(centre) + 0.3 * rng.standard_normal((n, 2)) for centre in centres]
    return np.concatenate(points), [f"c{k}" for k in range(len(centres)) for _ in range(n)]


def noise(n: int, columns: int = 4, seed: int = 0) -> tuple[NDArray[Any], list[str]]:
    """Return vectors and two equally frequent labels that have nothing to do with each other."""
    return np.random.default_rng(seed).standard_normal((n, columns)), ["bad", "good"] * (n // 2)


def contents(head: HiddenLayerClassifier) -> list[bytes]:
    return [array.tobytes() for array in (*head.weights_, *head.biases_)]


# the network


def loss_by_hand(
    parameters: list[NDArray[np.float64]],
    X: NDArray[np.float64],
    y: NDArray[np.int64],
    weight: NDArray[np.float64],
    activation: Activation,
    mask: NDArray[np.float64],
) -> float:
    hidden_weight, output_weight, hidden_bias, output_bias = parameters
    hidden = X @ hidden_weight + hidden_bias
    hidden = np.where(hidden > 0, hidden, 0.0) if activation == "relu" else np.tanh(hidden)
    log_probabilities = log_softmax(hidden * mask @ output_weight + output_bias, axis=1)
    return float(np.mean(-weight * log_probabilities[np.arange(len(y)), y]))


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_gradients_agree_with_finite_differences(activation: Activation) -> None:
    rng = np.random.default_rng(1)
    X, y, weight = rng.standard_normal((7, 3)), np.arange(7) % 3, rng.uniform(0.5, 2, 7)
    mask: NDArray[np.float64] = np.where(rng.random((7, 4)) < 0.5, 2.0, 0.0)
    network = Network((3, 4, 3), activation, torch.Generator().manual_seed(0))
    with torch.no_grad():
        network.biases[0] += 0.1
    examples = Examples(
        torch.tensor(X, dtype=torch.float32),
        torch.tensor(y),
        torch.tensor(weight, dtype=torch.float32),
    )
    torch.autograd.backward(network.loss(examples, torch.tensor(mask, dtype=torch.float32)))
    parameters = [array.astype(np.float64) for array in network.arrays()]
    step = 1e-6
    for array, parameter in zip(parameters, network.parameters, strict=True):
        assert parameter.grad is not None
        for place in np.ndindex(array.shape):
            losses = []
            for sign in (1, -1):
                array[place] += sign * step
                losses.append(loss_by_hand(parameters, X, y, weight, activation, mask))
                array[place] -= sign * step
            slope = (losses[0] - losses[1]) / (2 * step)
            assert float(parameter.grad[place]) == pytest.approx(slope, abs=1e-6)


def test_one_step_of_sgd_shrinks_the_weights_but_not_the_biases() -> None:
    X, y = noise(6)
    training = Training(
        epochs=1, batch_size=6, optimizer="sgd", learning_rate=0.5, weight_decay=1.2
    )
    head = HiddenLayerClassifier(3, training=training, seed=7).fit(X, y)
    start = Network((4, 3, 2), "relu", torch.Generator().manual_seed(7))
    rows = torch.tensor(X, dtype=torch.float32)
    classes = torch.tensor([0, 1] * 3)  # bad, good, bad, ...
    torch.autograd.backward(cross_entropy(start.logits(rows), classes))
    kept = [1 - 0.5 * 1.2 / 6] * 2 + [1.0] * 2
    learnt = (*head.weights_, *head.biases_)
    for before, share, after in zip(start.parameters, kept, learnt, strict=True):
        assert before.grad is not None
        expected = share * before.detach() - 0.5 * before.grad
        np.testing.assert_allclose(after, expected.numpy(), atol=1e-6)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_predict_proba_is_the_forward_pass_of_torch(activation: Activation) -> None:
    X, y = blobs(20, [[0, 0], [2, 0], [0, 2]])
    head = HiddenLayerClassifier(5, activation, training=QUICK).fit(X, y)
    layers = torch.nn.Sequential(
        torch.nn.Linear(2, 5),
        torch.nn.ReLU() if activation == "relu" else torch.nn.Tanh(),
        torch.nn.Linear(5, 3),
        torch.nn.Softmax(dim=1),
    )
    for place, weight, bias in zip((0, 2), head.weights_, head.biases_, strict=True):
        linear = layers[place]
        linear.load_state_dict({"weight": torch.tensor(weight.T), "bias": torch.tensor(bias)})
    with torch.no_grad():
        expected = layers(torch.tensor(X, dtype=torch.float32)).numpy()
    np.testing.assert_allclose(head.predict_proba(X), expected, atol=1e-6)


def test_probabilities_stay_finite_for_huge_scores() -> None:
    X, y = noise(8)
    head = HiddenLayerClassifier(3, training=QUICK).fit(X, y)
    head.weights_ = (head.weights_[0] * 1e3, head.weights_[1] * 1e3)
    probabilities = head.predict_proba(X * 1e3)
    margin = head.decision_function(X * 1e3).astype(np.float64)
    assert np.abs(margin).max() > 1e6
    expected = softmax(np.stack([np.zeros(8), margin], axis=1), axis=1)
    np.testing.assert_allclose(probabilities, expected, atol=1e-6)


def test_it_learns_classes_that_a_line_separates() -> None:
    X, y = blobs(30, [[-2, 0], [2, 0]])
    assert HiddenLayerClassifier().fit(X, y).score(X, y) == 1.0


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_it_learns_exclusive_or_where_a_linear_model_cannot(
    activation: Activation, optimizer: Literal["adam", "sgd"]
) -> None:
    X, corners = blobs(30, [[-1, -1], [1, 1], [-1, 1], [1, -1]])
    y = ["same" if corner in ("c0", "c1") else "different" for corner in corners]
    assert LogisticRegression().fit(X, y).score(X, y) < 0.8
    training = Training(optimizer=optimizer, learning_rate=0.05, epochs=100, weight_decay=0)
    head = HiddenLayerClassifier(16, activation, training=training).fit(X, y)
    assert head.score(X, y) > 0.98


def test_it_learns_more_than_two_classes() -> None:
    X, y = blobs(30, [[0, 0], [3, 0], [0, 3], [3, 3]])
    head = HiddenLayerClassifier().fit(X, y)
    assert head.classes_.tolist() == ["c0", "c1", "c2", "c3"]
    assert head.score(X, y) > 0.98
    assert head.predict_proba(X).shape == head.decision_function(X).shape == (120, 4)


def test_with_two_classes_the_decision_is_the_log_odds_of_the_second() -> None:
    X, y = noise(10)
    head = HiddenLayerClassifier(training=QUICK).fit(X, y)
    probabilities = head.predict_proba(X)
    decision = head.decision_function(X)
    assert decision.shape == (10,)
    np.testing.assert_allclose(
        decision, np.log(probabilities[:, 1] / probabilities[:, 0]), atol=1e-5
    )
    assert head.predict(X).tolist() == ["good" if score > 0 else "bad" for score in decision]


# weights of rows


def test_balanced_weights_are_the_loss_over_duplicated_rows() -> None:
    X = np.array([[0.0], [1.0], [2.0], [3.0]])
    head = HiddenLayerClassifier(4, class_weight="balanced", training=QUICK)
    head.fit(X, ["a", "a", "a", "b"])
    a0, a1, a2, b = -np.log(head.predict_proba(X)[[0, 1, 2, 3], [0, 0, 0, 1]])
    assert head.history_[-1].loss == pytest.approx((a0 + a1 + a2 + b + b + b) / 6, rel=1e-5)


def test_sample_weights_weigh_loss_and_error() -> None:
    X, y = noise(4)
    weight = np.array([1.0, 2.0, 3.0, 4.0])
    head = HiddenLayerClassifier(4, training=QUICK).fit(X, y, sample_weight=weight)
    losses = -np.log(head.predict_proba(X)[np.arange(4), [0, 1, 0, 1]])
    wrong = head.predict(X) != np.array(y)
    assert head.history_[-1].loss == pytest.approx(weight @ losses / 10, rel=1e-5)
    assert head.history_[-1].error == pytest.approx(weight @ wrong / 10, rel=1e-5)
    assert head.score(X, y, weight) == pytest.approx(1 - weight @ wrong / 10)


def test_a_row_of_weight_0_is_as_if_absent() -> None:
    X, y = noise(8)
    weight = np.array([1, 1, 1, 1, 1, 1, 0, 0])
    weighted = HiddenLayerClassifier(training=QUICK).fit(X, y, sample_weight=weight)
    shorter = HiddenLayerClassifier(training=QUICK).fit(X[:6], y[:6])
    assert contents(weighted) == contents(shorter)


# the course of learning


def test_the_history_is_measured_without_dropout() -> None:
    X, y = noise(12)
    head = HiddenLayerClassifier(8, training=Training(epochs=5, dropout=0.5)).fit(X, y)
    losses = -np.log(head.predict_proba(X)[np.arange(12), [0, 1] * 6])
    assert head.history_[-1].loss == pytest.approx(losses.mean(), rel=1e-5)


def test_dropout_keeps_a_network_from_memorising_noise() -> None:
    X, y = noise(20, columns=20)
    plain, dropped = (
        HiddenLayerClassifier(
            16, training=Training(epochs=30, dropout=dropout, learning_rate=0.01)
        ).fit(X, y)
        for dropout in (0.0, 0.9)
    )
    assert dropped.history_[-1].loss > 2 * plain.history_[-1].loss


def test_early_stopping_gives_back_the_best_epoch() -> None:
    X, y = noise(100, columns=20)  # nothing to learn: the validation loss soon rises
    training = Training(epochs=100, patience=4, learning_rate=0.02, weight_decay=0)
    head = HiddenLayerClassifier(training=training).fit(X, y)
    losses = [epoch.validation_loss for epoch in head.history_]
    assert None not in losses
    best = int(np.argmin(np.array(losses)))
    assert len(losses) == best + 1 + 4 < 100
    assert head.history_[-1].loss < head.history_[best].loss
    until_best = clone(head).set_params(training__epochs=best + 1).fit(X, y)
    assert contents(until_best) == contents(head)


def test_with_few_labels_nothing_is_held_out_and_all_epochs_run() -> None:
    X, y = noise(98)  # a fifth of 49 rows a class is 9: 18 in all, 2 too few
    head = HiddenLayerClassifier(training=Training(epochs=12)).fit(X, y)
    assert len(head.history_) == 12
    assert {epoch.validation_loss for epoch in head.history_} == {None}
    assert {epoch.validation_error for epoch in head.history_} == {None}


def test_the_only_row_of_a_class_stays_in_training_while_others_are_held_out() -> None:
    X, y = blobs(60, [[-1, 0], [1, 0]])
    far = np.array([[0.0, 9.0]])
    head = HiddenLayerClassifier().fit(np.concatenate([X, far]), [*y, "rare"])
    assert head.history_[0].validation_loss is not None
    assert head.predict(far).tolist() == ["rare"]


def test_a_validation_fraction_of_0_never_holds_out() -> None:
    X, y = noise(200)
    training = Training(epochs=2, validation_fraction=0)
    head = HiddenLayerClassifier(training=training).fit(X, y)
    assert head.history_[0].validation_loss is None


def test_the_held_out_share_has_every_class_in_proportion() -> None:
    X = np.repeat([[0.0, 1.0], [1.0, 0.0]], [150, 50], axis=0)
    head = HiddenLayerClassifier(training=Training(epochs=1)).fit(X, ["a"] * 150 + ["b"] * 50)
    loss_a, loss_b = -np.log(head.predict_proba([[0, 1], [1, 0]])[[0, 1], [0, 1]])
    assert head.history_[0].validation_loss == pytest.approx(0.75 * loss_a + 0.25 * loss_b)


def test_callbacks_are_called_after_every_epoch() -> None:
    reports: list[Progress] = []
    X, y = noise(8)
    head = HiddenLayerClassifier(training=QUICK, callbacks=[reports.append]).fit(X, y)
    assert [progress.done for progress in reports] == [1, 2, 3, 4, 5]
    assert {(progress.total, progress.unit) for progress in reports} == {(5, "epochs")}
    assert reports[-1].metrics["loss"] == head.history_[-1].loss
    assert "validation_loss" not in reports[-1].metrics


def test_an_interrupt_ends_learning_and_puts_the_thread_count_back() -> None:
    def stop(progress: Progress) -> None:
        if progress.done == 2:
            raise KeyboardInterrupt

    X, y = noise(8)
    threads = torch.get_num_threads()
    with pytest.raises(KeyboardInterrupt):
        HiddenLayerClassifier(callbacks=[stop]).fit(X, y)
    assert torch.get_num_threads() == threads


def test_a_learning_rate_that_diverges_is_named() -> None:
    X, y = noise(8)
    training = Training(optimizer="sgd", learning_rate=1e30)
    with pytest.raises(SettingError, match=r"learning_rate=1e\+30 is too high"):
        HiddenLayerClassifier(training=training).fit(X, y)


# randomness


def test_the_same_seed_gives_the_same_bytes_whatever_the_global_generators_hold() -> None:
    X, y = noise(100)
    settings = Training(epochs=3, dropout=0.3)
    learnt = []
    for global_seed in (1, 2):
        torch.manual_seed(global_seed)
        learnt.append(contents(HiddenLayerClassifier(training=settings, seed=5).fit(X, y)))
    other = contents(HiddenLayerClassifier(training=settings, seed=6).fit(X, y))
    assert learnt[0] == learnt[1]
    assert learnt[0] != other


def test_learning_leaves_global_state_alone() -> None:
    def state() -> tuple[Any, ...]:
        kind, keys, *rest = np.random.get_state()  # noqa: NPY002  (the state that must not move)
        return (
            torch.get_rng_state().numpy().tobytes(),
            torch.are_deterministic_algorithms_enabled(),
            torch.get_num_threads(),
            torch.get_default_dtype(),
            torch.is_grad_enabled(),
            kind,
            np.asarray(keys).tobytes(),
            rest,
        )

    X, y = noise(100)
    before = state()
    HiddenLayerClassifier(training=Training(epochs=2, dropout=0.3)).fit(X, y)
    assert state() == before


# scikit-learn's contract


def test_a_second_fit_forgets_the_first() -> None:
    X, y = noise(8)
    head = HiddenLayerClassifier(training=QUICK).fit(*blobs(10, [[0, 0], [1, 1], [2, 2]]))
    head.fit(X, y)
    assert contents(head) == contents(HiddenLayerClassifier(training=QUICK).fit(X, y))
    assert head.classes_.tolist() == ["bad", "good"]
    assert len(head.history_) == 5


def test_constructors_only_store() -> None:
    callbacks: list[Any] = []
    head = HiddenLayerClassifier("many", callbacks=callbacks)  # type: ignore[arg-type]
    assert head.callbacks is callbacks
    assert head.get_params(deep=False)["hidden_units"] == "many"


def test_a_clone_has_the_parameters_and_is_not_fitted() -> None:
    X, y = noise(8)
    head = HiddenLayerClassifier(4, "tanh", seed=3, training=Training(epochs=7)).fit(X, y)
    copy = clone(head)
    assert copy.get_params() == head.get_params()
    with pytest.raises(NotFittedError, match="call fit first"):
        copy.predict(X)
    assert not hasattr(copy, "n_features_in_")


def test_setting_a_field_of_training_leaves_other_classifiers_alone() -> None:
    first, second = HiddenLayerClassifier(), HiddenLayerClassifier()
    first.set_params(training__epochs=3, hidden_units=5)
    assert (first.training.epochs, first.hidden_units) == (3, 5)
    assert first.get_params()["training__epochs"] == 3
    assert second.training == Training()


def test_an_unknown_field_of_training_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SettingError, match="no parameter epoch; it has epochs, batch_size"):
        HiddenLayerClassifier().set_params(training__epoch=3)


def test_it_counts_its_parameters() -> None:
    X, y = noise(8, columns=4)
    head = HiddenLayerClassifier(3, training=QUICK).fit(X, y)
    assert head.n_features_in_ == 4
    assert head.n_parameters_ == 4 * 3 + 3 + 3 * 2 + 2


def test_scikit_learn_sees_a_classifier() -> None:
    assert is_classifier(HiddenLayerClassifier())


def test_it_works_in_a_pipeline_under_a_grid_search() -> None:
    X, y = blobs(20, [[0, 0], [2, 0], [0, 2]])
    pipeline = make_pipeline(StandardScaler(), HiddenLayerClassifier(training=Training(epochs=20)))
    rates = "hiddenlayerclassifier__training__learning_rate"
    grid = {rates: np.array([1e-6, 0.05]), "hiddenlayerclassifier__hidden_units": [np.int64(8)]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(X, y)
    assert search.best_params_[rates] == 0.05
    assert search.score(X, y) > 0.95


def test_it_cross_validates_with_integer_labels_and_probabilities() -> None:
    X, y = load_iris(return_X_y=True)
    head = make_pipeline(StandardScaler(), HiddenLayerClassifier(training=Training(epochs=60)))
    assert cross_val_score(head, X, y, cv=3).mean() > 0.9
    assert cross_val_score(head, X, y, cv=3, scoring="neg_log_loss").mean() > -0.3


def test_integer_labels_come_back_as_integers() -> None:
    X, _ = noise(6)
    labels = HiddenLayerClassifier(training=QUICK).fit(X, [10, 2] * 3).predict(X)
    assert labels.dtype.kind == "i"
    assert set(labels.tolist()) <= {2, 10}


def test_bool_labels_come_back_as_bools() -> None:
    X, _ = noise(6)
    assert HiddenLayerClassifier(training=QUICK).fit(X, [True, False] * 3).predict(X).dtype == bool


def test_text_of_dtype_object_is_text() -> None:
    X, y = noise(6)
    head = HiddenLayerClassifier(training=QUICK).fit(X, np.array(y, dtype=object))
    assert head.classes_.dtype.kind == "U"
    assert head.score(X, y) == head.score(X, np.array(y, dtype=object))


# unpleasant input


def test_one_sentence_eight_times_with_both_labels_is_a_coin_toss() -> None:
    X, y = np.full((8, 3), 0.5), ["bad", "good"] * 4
    head = HiddenLayerClassifier().fit(X, y)
    np.testing.assert_allclose(head.predict_proba(X), 0.5, atol=0.02)


def test_a_row_for_each_class_is_enough() -> None:
    head = HiddenLayerClassifier().fit(np.eye(3), ["a", "b", "c"])
    assert head.predict(np.eye(3)).tolist() == ["a", "b", "c"]


def test_rows_of_zeros_are_allowed() -> None:
    head = HiddenLayerClassifier(training=QUICK).fit(np.zeros((4, 3)), ["a", "b", "a", "b"])
    assert np.isfinite(head.predict_proba(np.zeros((1, 3)))).all()


def test_no_rows_have_no_predictions() -> None:
    X, y = noise(8)
    head = HiddenLayerClassifier(training=QUICK).fit(X, y)
    assert head.predict(np.empty((0, 4))).shape == (0,)
    assert head.predict_proba(np.empty((0, 4))).shape == (0, 2)


def test_fit_takes_read_only_float32_vectors_and_does_not_change_them() -> None:
    X, y = noise(8)
    vectors = X.astype(np.float32)
    vectors.flags.writeable = False
    HiddenLayerClassifier(training=QUICK).fit(vectors, y)
    np.testing.assert_array_equal(vectors, X.astype(np.float32))


TWO = np.eye(2)


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (TWO, ["positive", "positive"], "all 2 labels are one class, 'positive'; give examples"),
        (TWO, ["a", "b", "a"], "X has 2 rows but y has 3 labels"),
        (TWO, ["a", None], "label 1 is None"),
        (TWO, ["a", 1], "label 1 is 1; label 0 is text, and all must be of one kind"),
        (TWO, "ab", "labels is a single str, 'ab'"),
        (TWO, None, "the target y is None"),
        (TWO, np.array(["a", "a"], dtype=object), "one class, 'a'"),
        (TWO, [4, 4], "one class, 4"),
        ([[0.0, 1.0], [np.nan, 1.0]], ["a", "b"], r"X\[1, 0\] is nan"),
        ([[0.0, np.inf], [0.0, 1.0]], ["a", "b"], r"X\[0, 1\] is inf"),
        ([[0.0, 1e300], [0.0, 1.0]], ["a", "b"], r"X\[0, 1\] is inf"),
        (np.empty((0, 3)), [], "nothing to learn from: X has 0 sample"),
        (np.empty((2, 0)), ["a", "b"], "nothing to learn from: .* 0 feature"),
        ([0.0, 1.0], ["a", "b"], r"X has shape \(2,\).*Reshape your data"),
        ([[0.0], [1.0, 2.0]], ["a", "b"], "X is not a matrix of real numbers"),
        ([["1"], ["2"]], ["a", "b"], "X is not a matrix of real numbers"),
        (TWO * 1j, ["a", "b"], "X is not a matrix of real numbers"),
    ],
)
def test_input_that_cannot_be_fitted_is_refused(
    X: Any,  # noqa: ANN401  (wrong on purpose)
    y: Any,  # noqa: ANN401
    message: str,
) -> None:
    with pytest.raises(InputError, match=message):
        HiddenLayerClassifier().fit(X, y)


def test_a_sparse_matrix_is_refused_with_a_remedy() -> None:
    from scipy.sparse import csr_array

    with pytest.raises(InputError, match=r"X is sparse.*toarray"):
        HiddenLayerClassifier().fit(csr_array(TWO), ["a", "b"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ([1.0], r"sample_weight has the shape \(1,\); give one weight per row, as \(2,\)"),
        ([1.0, -1.0], r"sample_weight\[1\] is -1.0"),
        ([np.nan, 1.0], r"sample_weight\[0\] is nan"),
        ([0.0, 0.0], "nothing to learn from"),
        ([1.0, 0.0], "one class, 'a'"),
    ],
)
def test_sample_weights_that_cannot_be_used_are_refused(weight: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        HiddenLayerClassifier().fit(TWO, ["a", "b"], sample_weight=weight)


def test_prediction_needs_the_columns_of_fit() -> None:
    X, y = noise(8)
    head = HiddenLayerClassifier(training=QUICK).fit(X, y)
    with pytest.raises(InputError, match=r"X has 3 features, but .* is expecting 4 features"):
        head.predict(X[:, :3])
    with pytest.raises(InputError, match=r"X\[0, 0\] is nan"):
        head.predict_proba(np.full((1, 4), np.nan))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_units", 0),
        ("hidden_units", 2.5),
        ("hidden_units", True),
        ("activation", "sigmoid"),
        ("class_weight", "even"),
        ("training", None),
        ("seed", -1),
        ("seed", None),
        ("device", "cuda"),
    ],
)
def test_fit_names_a_parameter_that_is_not_allowed(
    name: str,
    value: Any,  # noqa: ANN401  (wrong on purpose)
) -> None:
    head = HiddenLayerClassifier(**{name: value})
    with pytest.raises(SettingError, match=f"{name}=.* is not allowed; it must be "):
        head.fit(TWO, ["a", "b"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epochs", 0),
        ("batch_size", 1.5),
        ("optimizer", "lbfgs"),
        ("learning_rate", 0),
        ("learning_rate", float("nan")),
        ("learning_rate", "fast"),
        ("momentum", 1.0),
        ("dropout", -0.1),
        ("weight_decay", float("inf")),
        ("validation_fraction", 1),
        ("patience", 0),
    ],
)
def test_training_settings_that_are_not_allowed_are_refused(
    name: str,
    value: Any,  # noqa: ANN401  (wrong on purpose)
) -> None:
    with pytest.raises(SettingError, match=f"Training: {name}=.* is not allowed; it must be "):
        Training(**{name: value})


@pytest.mark.parametrize("labels", [["bad", "good"], [0, 1]])
def test_a_class_of_weight_three_is_its_rows_three_times_in_the_loss(labels: list[Any]) -> None:
    X, _ = noise(8)
    y = labels * 4
    weighted = HiddenLayerClassifier(4, class_weight={labels[1]: 3}, training=QUICK).fit(X, y)
    rows = HiddenLayerClassifier(4, training=QUICK).fit(X, y, sample_weight=[1, 3] * 4)
    assert contents(weighted) == contents(rows)


def test_weights_of_integer_labels_survive_saving() -> None:
    X, _ = noise(8)
    head = HiddenLayerClassifier(4, class_weight={np.int64(0): 2, 1: np.float32(0.5)})
    head.set_params(training=QUICK).fit(X, [0, 1] * 4)
    facts, tensors = head.state()
    restored = HiddenLayerClassifier.from_state(json.loads(json.dumps(facts)), tensors)
    assert restored.class_weight == {0: 2, 1: 0.5}
    assert contents(clone(restored).fit(X, [0, 1] * 4)) == contents(head)


def test_a_score_needs_one_label_for_each_row() -> None:
    X, y = noise(8)
    head = HiddenLayerClassifier(4, training=QUICK).fit(X, y)
    with pytest.raises(InputError, match="X has 8 rows but y has 1 labels"):
        head.score(X, y[:1])
    with pytest.raises(InputError, match="X has 8 rows but y has 9 labels"):
        head.score(X, [*y, y[0]])


def test_a_score_needs_a_row_that_weighs_anything() -> None:
    X, y = noise(8)
    head = HiddenLayerClassifier(4, training=QUICK).fit(X, y)
    with pytest.raises(InputError, match="X has 0 rows"):
        head.score(np.zeros((0, X.shape[1])), [])
    with pytest.raises(InputError, match="none of weight above 0"):
        head.score(X, y, sample_weight=np.zeros(8))


# storage


@pytest.mark.parametrize("labels", [["bad", "good"], [3, 7]])
def test_a_state_survives_json_and_predicts_the_same(labels: list[Any]) -> None:
    X, _ = noise(8)
    head = HiddenLayerClassifier(
        np.int64(4),  # type: ignore[arg-type]  # as grid searches set it
        "tanh",
        class_weight="balanced",
        training=Training(epochs=np.int64(3), learning_rate=np.float32(0.5)),  # type: ignore[arg-type]
        seed=2,
    ).fit(X, labels * 4)
    facts, tensors = head.state()
    restored = HiddenLayerClassifier.from_state(json.loads(json.dumps(facts)), tensors)
    assert restored.get_params() == head.get_params()
    assert restored.classes_.tolist() == labels
    np.testing.assert_array_equal(restored.predict_proba(X), head.predict_proba(X))
    assert contents(clone(restored).fit(X, labels * 4)) == contents(head)


def test_a_state_that_names_how_often_folds_were_repeated_is_read(
    saved: tuple[dict[str, Any], dict[str, NDArray[np.float32]]],
) -> None:
    facts, tensors = json.loads(json.dumps(saved[0])), saved[1]
    facts["parameters"]["training"]["fold_repeats"] = 2  # written until 2026-11-28
    restored = HiddenLayerClassifier.from_state(facts, tensors)
    expected = HiddenLayerClassifier.from_state(*saved)
    np.testing.assert_array_equal(
        restored.predict_proba(noise(8)[0]), expected.predict_proba(noise(8)[0])
    )
    assert restored.state()[0] == saved[0]


def test_the_state_of_a_classifier_that_is_not_fitted_is_refused() -> None:
    with pytest.raises(NotFittedError):
        HiddenLayerClassifier().state()


def test_a_restored_classifier_predicts_where_torch_cannot_be_imported(tmp_path: Path) -> None:
    X, y = noise(8)
    head = HiddenLayerClassifier(4, training=QUICK).fit(X, y)
    facts, tensors = head.state()
    (tmp_path / "facts.json").write_text(json.dumps(facts))
    np.savez(tmp_path / "tensors.npz", X=X, **tensors)  # type: ignore[arg-type]
    program = """
import json, sys, pathlib
folder = pathlib.Path(sys.argv[1])
sys.modules["torch"] = sys.modules["sklearn"] = None
import numpy as np
from sentiment_transfer.classification.hidden_layer import HiddenLayerClassifier
tensors = np.load(folder / "tensors.npz")
head = HiddenLayerClassifier.from_state(json.loads((folder / "facts.json").read_text()), tensors)
print(json.dumps(head.predict_proba(tensors["X"]).tolist()))
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    np.testing.assert_array_equal(
        np.array(json.loads(printed), dtype=np.float32), head.predict_proba(X)
    )


SAVED = {
    "hidden_units": 4,
    "activation": "relu",
    "class_weight": None,
    "training": {"epochs": 5},
    "seed": 0,
    "device": "cpu",
}


@pytest.fixture(scope="module")
def saved() -> tuple[dict[str, Any], dict[str, NDArray[np.float32]]]:
    return HiddenLayerClassifier(4, training=QUICK).fit(*noise(8)).state()


@pytest.mark.parametrize(
    ("facts", "tensors", "message"),
    [
        ({"classes": ["bad"]}, {}, r"classes: expected `array` of length >= 2"),
        ({"classes": ["bad", "bad"]}, {}, r"classes \[.*\] must be different"),
        ({"classes": ["bad", "fine", "good"]}, {}, r"output.weight .*\(4, 3\) is needed"),
        ({"classes": ["bad", None]}, {}, r"classes\[1\]: expected"),
        ({"classes": None}, {}, "classes: expected `array`"),
        ({"parameters": {}}, {}, "parameters: .* missing required field"),
        (
            {"parameters": {**SAVED, "hidden_units": 5}},
            {},
            r"hidden.weight .*5\) is needed: .*hidden_units is 5",
        ),
        (
            {"parameters": {**SAVED, "hidden_units": "4"}},
            {},
            "parameters/hidden_units: expected `int`",
        ),
        ({"parameters": {**SAVED, "layers": 2}}, {}, "layers"),
        ({"parameters": {**SAVED, "training": {"epochs": -1}}}, {}, "epochs=-1"),
        ({"parameters": {**SAVED, "training": {"epochs": "1"}}}, {}, "epochs='1'"),
        ({"parameters": {**SAVED, "callbacks": ["x"]}}, {}, "callbacks"),
        ({}, {"hidden.bias": np.zeros(3, np.float32)}, r"hidden.bias has shape \(3,\)"),
        ({}, {"hidden.bias": np.zeros(4)}, "hidden.bias is float64, but float32 is needed"),
        ({}, {"hidden.weight": np.float32(1)}, "hidden.weight"),
        (
            {},
            {"output.bias": np.full(2, np.nan, np.float32)},
            r"output.bias holds nan",
        ),
    ],
)
def test_a_state_that_contradicts_itself_is_refused(
    saved: tuple[dict[str, Any], dict[str, NDArray[np.float32]]],
    facts: dict[str, Any],
    tensors: dict[str, Any],
    message: str,
) -> None:
    with pytest.raises(ModelFileError, match=message):
        check(HiddenLayerClassifier.stored, {**saved[0], **facts}, {**saved[1], **tensors})


@pytest.mark.parametrize("name", ["hidden.weight", "output.weight", "hidden.bias", "output.bias"])
def test_a_missing_tensor_is_named(
    saved: tuple[dict[str, Any], dict[str, NDArray[np.float32]]], name: str
) -> None:
    tensors = {key: tensor for key, tensor in saved[1].items() if key != name}
    with pytest.raises(ModelFileError, match=f"the tensor {name} is missing"):
        check(HiddenLayerClassifier.stored, saved[0], tensors)
