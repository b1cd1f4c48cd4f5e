from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pytest
from sklearn.base import clone

from sentiment_transfer.classification import HiddenLayerClassifier, Training
from sentiment_transfer.classification.learning_rate import RateRange, find_rate
from sentiment_transfer.classification.training_torch import range_losses
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.experiments.report import plot_rate_range

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

Optimizer = Literal["adam", "sgd"]


def examples(n: int = 200, scale: float = 1.0) -> tuple[NDArray[Any], NDArray[Any]]:
    X = np.random.default_rng(0).standard_normal((n, 20))
    return scale * X, np.where(X[:, 0] + X[:, 1] * X[:, 2] > 0, "good", "bad")


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_the_suggested_rate_learns_better_than_one_far_below_or_above(
    optimizer: Optimizer, scale: float
) -> None:
    X, y = examples(scale=scale)
    head = HiddenLayerClassifier(training=Training(epochs=20, optimizer=optimizer))
    suggested = find_rate(head, X, y).suggested
    losses = []
    for factor in (0.01, 1, 300):
        tried = clone(head).set_params(training__learning_rate=factor * suggested)
        try:
            losses.append(tried.fit(X, y).history_[-1].loss)
        except SettingError:  # it grew beyond all bounds
            losses.append(np.inf)
    below, chosen, above = losses
    assert chosen < 0.8 * below
    assert chosen < 0.8 * above


def test_the_longer_the_vectors_the_lower_the_rate_of_plain_descent() -> None:
    head = HiddenLayerClassifier(training=Training(optimizer="sgd"))
    rates = [find_rate(head, *examples(scale=scale)).suggested for scale in (0.1, 1, 10, 100)]
    assert rates == sorted(rates, reverse=True)
    assert rates[0] > 100 * rates[-1]


def test_without_learning_the_losses_are_those_of_the_start() -> None:
    X, y = examples(64)
    head = HiddenLayerClassifier(training=Training(batch_size=64))
    _, rows, numbers, weight = head.prepare(X, y)
    losses = range_losses(head, rows, numbers, weight, np.full(12, 1e-30), 3)
    assert losses == pytest.approx(losses[0], rel=1e-5)
    assert losses[0] != range_losses(head, rows, numbers, weight, np.full(1, 1e-30), 4)[0]


def test_the_runs_follow_from_the_seed_of_the_head() -> None:
    X, y = examples(64)
    first, again, other = (
        find_rate(HiddenLayerClassifier(seed=seed), X, y, steps=20).losses for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_where_no_rate_lowers_the_loss_none_is_suggested() -> None:
    found = RateRange(np.array([0.1, 1.0, 10.0]), np.array([0.7, 0.8, 0.9]))
    assert found.suggested is None
    assert str(found) == "no learning rate from 0.1 to 10 lowered the loss, 0.700; try lower ones"


def test_one_step_at_a_rate_is_the_step_of_training() -> None:
    X, y = examples(64)
    training = Training(
        epochs=1, batch_size=64, optimizer="sgd", learning_rate=0.5, weight_decay=0,
        validation_fraction=0,
    )  # fmt: skip
    head = HiddenLayerClassifier(training=training, seed=3)
    _, rows, numbers, weight = head.prepare(X, y)
    second = range_losses(head, rows, numbers, weight, np.array([0.5, 0.1]), 3)[1]
    assert second == pytest.approx(head.fit(X, y).history_[0].loss, rel=1e-5)


def test_the_losses_end_where_they_break_out_and_the_lowest_gives_the_suggestion() -> None:
    X, y = examples()
    found = find_rate(HiddenLayerClassifier(training=Training(optimizer="sgd")), X, y, highest=1e6)
    assert found.rates[0] == pytest.approx(1e-5)
    assert found.rates[-1] < 1e6
    assert len(found.rates) == len(found.losses)
    assert f"suggested learning rate {found.suggested:.2g} (rates from 1e-05 to" in str(found)


def test_the_suggestion_is_a_tenth_of_where_nine_tenths_of_the_fall_are_done() -> None:
    rates = np.array([0.001, 0.01, 0.1, 1.0, 10.0])
    # from 0.7 down to 0.2 the way is 0.5; nine tenths of it end at 0.25
    assert RateRange(rates, np.array([0.7, 0.6, 0.25, 0.2, 0.9])).suggested == pytest.approx(0.01)
    assert RateRange(rates, np.array([0.7, 0.6, 0.26, 0.2, 0.9])).suggested == pytest.approx(0.1)
    assert RateRange(rates, np.array([0.7, 0.8, 0.9, 1.0, np.nan])).suggested is None


def test_a_few_memorised_labels_do_not_suggest_the_highest_rate() -> None:
    X, _ = examples(8)
    found = find_rate(HiddenLayerClassifier(), X, ["good", "bad"] * 4)
    assert np.nanargmin(found.losses) == len(found.losses) - 1  # no rate lifts it any more
    assert found.suggested < 0.1


def test_the_classifier_stays_as_it_is_and_a_repeat_finds_the_same() -> None:
    X, y = examples(60)
    head = HiddenLayerClassifier(8, training=Training(epochs=2)).fit(X, y)
    before = [array.copy() for array in (*head.weights_, *head.biases_)]
    first, second = find_rate(head, X, y), find_rate(head, X, y)
    for kept, array in zip(before, (*head.weights_, *head.biases_), strict=True):
        np.testing.assert_array_equal(kept, array)
    np.testing.assert_array_equal(first.losses, second.losses)


def test_a_handful_of_rows_is_enough() -> None:
    X, _ = examples(4)
    suggested = find_rate(HiddenLayerClassifier(), X, ["good", "bad"] * 2).suggested
    head = HiddenLayerClassifier(training=Training(epochs=30, learning_rate=suggested))
    assert head.fit(X, ["good", "bad"] * 2).score(X, ["good", "bad"] * 2) == 1


@pytest.mark.parametrize(
    "wrong", [{"lowest": 0.0}, {"lowest": 2.0, "highest": 1.0}, {"steps": 5}, {"runs": 0}]
)
def test_a_range_that_cannot_be_tested_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(SettingError, match=f"{next(iter(wrong))}={next(iter(wrong.values()))}"):
        find_rate(HiddenLayerClassifier(), *examples(), **wrong)


def test_what_cannot_be_fitted_on_is_refused() -> None:
    with pytest.raises(InputError, match="all 4 labels are one class"):
        find_rate(HiddenLayerClassifier(), examples(4)[0], ["good"] * 4)


def test_the_picture_marks_the_suggested_rate(tmp_path: Path) -> None:
    found = RateRange(np.geomspace(1e-4, 1, 5), np.array([0.7, 0.6, 0.3, 0.4, 2.0]))
    path = tmp_path / "rates.svg"
    plot_rate_range(found, path)
    written = re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text())
    assert {"suggested rate, 0.001", "learning rate", "loss, nats"} <= set(written)
