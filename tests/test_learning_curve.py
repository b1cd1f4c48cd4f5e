"""Diagnoses of histories of real trainings, and their plots."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer.classification import Epoch, HiddenLayerClassifier, Training
from sentiment_transfer.classification.learning_curve import diagnose
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.experiments.report import plot_history

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

SEEDS = pytest.mark.parametrize("seed", [0, 1])


def learnable(n: int, columns: int = 20, spread: float = 0.5, seed: int = 0) -> Any:  # noqa: ANN401
    """Vectors of which three columns decide the label, but for noise of this spread."""
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, columns))
    noise = spread * rng.standard_normal(n)
    return X, np.where(X[:, :3].sum(axis=1) + noise > 0, "good", "bad")


def one_sign(n: int, seed: int = 0) -> tuple[NDArray[Any], NDArray[Any]]:
    """Whether two columns have one sign, which one hidden unit cannot represent."""
    X = np.random.default_rng(seed).standard_normal((n, 2))
    return X, np.where(X.prod(axis=1) > 0, "good", "bad")


def history(data: Any, units: int = 32, seed: int = 0, **training: Any) -> list[Epoch]:  # noqa: ANN401
    head = HiddenLayerClassifier(units, training=Training(**training), seed=seed)
    return head.fit(*data).history_


@SEEDS
def test_enough_labels_and_the_usual_settings_are_fine(seed: int) -> None:
    reading = diagnose(history(learnable(1000, seed=seed), seed=seed))
    assert reading.verdict == "fine"
    assert "nothing needs to be changed" in str(reading)


@SEEDS
@pytest.mark.parametrize(
    "training",
    [
        {"learning_rate": 1.0},
        {"learning_rate": 10.0},
        {"learning_rate": 1.0, "optimizer": "sgd", "momentum": 0.99},
    ],
)
def test_a_rate_that_is_too_high_is_named_with_its_remedy(seed: int, training: Any) -> None:  # noqa: ANN401
    reading = diagnose(history(learnable(400, seed=seed), seed=seed, **training))
    assert reading.verdict == "too high a rate"
    assert f"lower the learning rate, now {training['learning_rate']:g}" in reading.remedy


@SEEDS
def test_a_rate_a_thirtieth_of_one_too_high_no_longer_is(seed: int) -> None:
    data = learnable(1000, seed=seed)
    for rate, too_high in ((1.0, True), (0.03, False)):
        reading = diagnose(history(data, seed=seed, learning_rate=rate))
        assert (reading.verdict == "too high a rate") == too_high


@SEEDS
def test_a_network_that_is_too_small_underfits_and_a_larger_one_does_not(seed: int) -> None:
    data = one_sign(500, seed)
    settings = {"learning_rate": 0.02, "weight_decay": 1.0, "seed": seed}
    small = diagnose(history(data, units=1, **settings))
    assert small.verdict == "underfitting"
    assert "more hidden units" in small.remedy
    assert diagnose(history(data, units=32, **settings)).verdict != "underfitting"


@SEEDS
def test_too_few_epochs_underfit_and_more_do_not(seed: int) -> None:
    data = learnable(1000, seed=seed)
    short = diagnose(history(data, seed=seed, epochs=4, learning_rate=0.001))
    assert short.verdict == "underfitting"
    assert "still falling in the last of 4 epochs" in short.reason
    assert "more epochs" in short.remedy
    long = history(data, seed=seed, epochs=100, learning_rate=0.001)
    assert diagnose(long).verdict == "fine"


@SEEDS
def test_many_columns_and_few_labels_overfit_and_more_labels_do_not(seed: int) -> None:
    settings = {"weight_decay": 0.0, "learning_rate": 0.01, "seed": seed}
    reading = diagnose(history(learnable(120, 100, seed=seed), **settings))
    assert reading.verdict == "overfitting"
    assert "more labels" in reading.remedy
    more = history(learnable(10_000, 100, seed=seed), **settings | {"learning_rate": 0.001})
    assert diagnose(more).verdict == "fine"


@SEEDS
def test_a_network_that_memorises_noise_overfits(seed: int) -> None:
    rng = np.random.default_rng(seed)
    data = rng.standard_normal((200, 20)), ["bad", "good"] * 100
    epochs = history(data, seed=seed, weight_decay=0.0, learning_rate=0.02)
    reading = diagnose(epochs)
    best = int(np.argmin([epoch.validation_loss or 0.0 for epoch in epochs]))
    assert reading.verdict == "overfitting"
    assert f"lowest after epoch {best + 1}, {epochs[best].validation_loss:.3g}" in reading.reason
    assert f"the network of epoch {best + 1} is kept" in reading.remedy


def test_without_validation_nothing_is_claimed_of_other_texts() -> None:
    reading = diagnose(history(learnable(60)))
    assert reading.verdict == "not validated"
    assert "a fifth of each class is held out" in reading.remedy


def test_without_validation_a_rate_too_high_and_too_few_epochs_still_show() -> None:
    assert diagnose(history(learnable(60), learning_rate=3.0)).verdict == "too high a rate"
    assert diagnose(history(learnable(60), epochs=1)).verdict == "underfitting"


def test_guessing_among_more_classes_is_no_sign_of_too_high_a_rate() -> None:
    guessed = [Epoch(np.log(5) + 0.01 * i, 0.8, None, None, 0.003) for i in (3, 2, 1, 0)]
    assert diagnose(guessed, n_classes=5).verdict == "underfitting"
    assert diagnose(guessed, n_classes=2).verdict == "too high a rate"


def test_no_history_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the history is empty; fit the network first"):
        diagnose([])
    with pytest.raises(InputError, match="the history is empty"):
        plot_history([], tmp_path / "curves.svg")


def words_of(path: Path) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", path.read_text())


def test_the_picture_names_both_curves_and_the_epoch_that_was_kept(tmp_path: Path) -> None:
    epochs = history(learnable(200), epochs=30)
    first, second = tmp_path / "first.svg", tmp_path / "second.svg"
    plot_history(epochs, first)
    plot_history(epochs, second)
    best = int(np.argmin([epoch.validation_loss or 0.0 for epoch in epochs])) + 1
    kept = f"lowest validation loss, epoch {best}"
    assert {"training", "validation", kept, "epochs", "loss, nats"} <= set(words_of(first))
    assert first.read_bytes() == second.read_bytes()


def test_without_validation_one_curve_is_drawn_even_of_one_epoch(tmp_path: Path) -> None:
    plot_history(history(learnable(60), epochs=1), tmp_path / "curves.svg")
    written = words_of(tmp_path / "curves.svg")
    assert "training" in written
    assert "validation" not in " ".join(written)
    with pytest.raises(SettingError, match="use the suffix"):
        plot_history(history(learnable(60), epochs=1), tmp_path / "curves.bmp")


def test_knowing_no_more_than_the_sizes_of_the_classes_is_underfitting() -> None:
    guess = -(0.9 * np.log(0.9) + 0.1 * np.log(0.1))  # 0.325, half of log 2
    flat = [Epoch(guess, 0.1, guess, 0.1, 0.01)] * 20
    assert diagnose(flat, 2, [0.9, 0.1]).verdict == "underfitting"
    assert diagnose(flat, 2).verdict == "fine"  # of classes of one size something was learnt
