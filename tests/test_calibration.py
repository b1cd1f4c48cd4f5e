"""Calibration, proper scores and selective accuracy, by hand and by scikit-learn."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as log_loss_of_scikit_learn

from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.experiments.calibration import (
    Reliability,
    SelectiveAccuracy,
    brier_score,
    log_loss,
    plot_reliability,
    selective_accuracy,
)

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

CLASSES = ["bad", "good"]


def pairs(*good: float) -> NDArray[np.float64]:
    p = np.array(good)
    return np.stack([1 - p, p], axis=1)


def drawn(n: int, sharper: float = 1.0, seed: int = 0) -> tuple[NDArray[np.str_], NDArray[Any]]:
    """Labels drawn from probabilities, and these with their log odds multiplied."""
    rng = np.random.default_rng(seed)
    f = rng.normal(size=n) * 2
    truth = np.where(rng.random(n) < 1 / (1 + np.exp(-f)), "good", "bad")
    return truth, pairs(*(1 / (1 + np.exp(-sharper * f))))


def test_the_error_by_hand() -> None:
    # two answers in (0.6, 0.7], one of them right; two in (0.9, 1], both right
    truth = ["good", "bad", "good", "bad"]
    found = Reliability.of(truth, pairs(0.65, 0.67, 0.95, 0.01), CLASSES, n_bins=10, bins="width")
    np.testing.assert_allclose(found.confidence, [(0.65 + 0.67) / 2, (0.95 + 0.99) / 2])
    np.testing.assert_allclose(found.accuracy, [1 / 2, 2 / 2])
    assert found.count.tolist() == [2, 2]
    expected = (2 * abs(0.66 - 0.5) + 2 * abs(0.97 - 1)) / 4
    assert found.expected_error == pytest.approx(expected)
    assert found.overconfidence == pytest.approx((2 * (0.66 - 0.5) + 2 * (0.97 - 1)) / 4)


def test_a_bin_holds_its_upper_end() -> None:
    found = Reliability.of(["good"] * 2, pairs(0.5, 0.51), CLASSES, n_bins=2, bins="width")
    assert found.count.tolist() == [1, 1]


def test_bins_of_equal_mass_hold_equally_many() -> None:
    truth, p = drawn(1000)
    found = Reliability.of(truth, p, CLASSES, n_bins=10)
    assert found.count.tolist() == [100] * 10
    assert (np.diff(found.confidence) > 0).all()
    assert found.count @ found.accuracy == pytest.approx(
        np.sum(np.array(CLASSES)[p.argmax(axis=1)] == truth)
    )


@pytest.mark.parametrize(("n", "bins"), [(30, 1), (120, 2), (10_000, 15)])
def test_few_texts_get_few_bins(n: int, bins: int) -> None:
    assert len(Reliability.of(*drawn(n), CLASSES).count) == bins


@pytest.mark.parametrize("bins", ["mass", "width"])
def test_calibrated_probabilities_have_only_the_error_expected_by_chance(bins: Any) -> None:  # noqa: ANN401
    found = Reliability.of(*drawn(20_000), CLASSES, bins=bins)
    assert found.expected_error < 2.5 * found.expected_error_if_calibrated < 0.025
    assert abs(found.overconfidence) < 0.01


def test_the_expected_error_is_the_mean_error_of_calibrated_probabilities() -> None:
    found = [Reliability.of(*drawn(500, seed=seed), CLASSES) for seed in range(100)]
    mean = np.mean([one.expected_error for one in found])
    assert found[0].expected_error_if_calibrated == pytest.approx(mean, rel=0.1)


def test_overconfidence_is_positive_and_underconfidence_negative() -> None:
    sharp = Reliability.of(*drawn(5_000, sharper=3), CLASSES)
    flat = Reliability.of(*drawn(5_000, sharper=0.3), CLASSES)
    assert sharp.expected_error > 0.08 < flat.expected_error
    assert sharp.overconfidence > 0.08
    assert flat.overconfidence < -0.08


def test_a_label_that_is_no_class_is_always_wrong() -> None:
    found = Reliability.of(["mixed", "mixed"], pairs(0.9, 0.1), CLASSES)
    assert found.accuracy.tolist() == [0]
    assert brier_score(["mixed"], pairs(0.9), CLASSES) == pytest.approx(0.1**2 + 0.9**2 + 1)
    assert np.isnan(log_loss(["mixed"], pairs(0.9), CLASSES))
    assert log_loss(["mixed", "good"], pairs(0.9, 0.8), CLASSES) == pytest.approx(-np.log(0.8))


def test_scores_of_two_classes_equal_those_of_scikit_learn() -> None:
    truth, p = drawn(300)
    assert log_loss(truth, p, CLASSES) == pytest.approx(log_loss_of_scikit_learn(truth, p))
    of_one = brier_score_loss(truth == "good", p[:, 1], scale_by_half=True)
    assert brier_score(truth, p, CLASSES) == pytest.approx(2 * of_one)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_scores_of_three_classes_by_their_formulas_in_either_precision(dtype: Any) -> None:  # noqa: ANN401
    rng = np.random.default_rng(0)
    p = rng.dirichlet([1, 1, 1], size=500).astype(dtype)
    classes = ["c", "a", "b"]  # in the order of the columns, which need not be sorted
    number = rng.integers(0, 3, 500)
    truth = [classes[i] for i in number]
    exact = p.astype(np.float64)
    squares = ((exact - np.eye(3)[number]) ** 2).sum(axis=1)
    assert brier_score(truth, p, classes) == pytest.approx(squares.mean(), rel=1e-6)
    losses = -np.log(exact[np.arange(500), number])
    assert log_loss(truth, p, classes) == pytest.approx(losses.mean(), rel=1e-6)


def test_rows_that_do_not_sum_to_1_are_refused() -> None:
    with pytest.raises(InputError, match=r"sum to 1\.5, not 1"):
        brier_score(["good"], [[0.5, 1.0]], CLASSES)


def test_a_uniform_guess_has_the_scores_named_in_the_report() -> None:
    coin = pairs(*[0.5] * 4)
    truth = ["bad", "good", "good", "bad"]
    assert brier_score(truth, coin, CLASSES) == pytest.approx(0.5)
    assert log_loss(truth, coin, CLASSES) == pytest.approx(0.693, abs=5e-4)


def test_a_wrong_prediction_of_probability_1_has_a_finite_loss() -> None:
    assert np.isfinite(log_loss(["bad"], pairs(1.0), CLASSES))


def test_the_most_confident_texts_are_answered_first() -> None:
    truth = ["good", "good", "bad", "bad", "good"]
    p = pairs(0.9, 0.8, 0.7, 0.4, 0.45)  # right, right, wrong, right, wrong
    rows = selective_accuracy(truth, p, CLASSES, shares=(1.0, 0.6, 0.4))
    assert rows == [
        SelectiveAccuracy(1.0, 3 / 5, 0.55),
        SelectiveAccuracy(0.6, 2 / 3, 0.7),
        SelectiveAccuracy(0.4, 1.0, 0.8),
    ]


def test_texts_of_equal_confidence_are_answered_together() -> None:
    rows = selective_accuracy(["good"] * 4, pairs(0.9, 0.9, 0.9, 0.6), CLASSES, shares=(0.5,))
    assert rows == [SelectiveAccuracy(0.75, 1.0, 0.9)]


@pytest.mark.parametrize("share", [0, -0.1, 1.1])
def test_a_share_outside_0_to_1_is_refused(share: float) -> None:
    with pytest.raises(SettingError, match="above 0 and at most 1"):
        selective_accuracy(["good"], pairs(0.9), CLASSES, shares=(share,))


def test_wrong_shapes_and_bins_are_refused() -> None:
    with pytest.raises(InputError, match=r"shape \(1, 2\); 2 labels and 2 classes"):
        Reliability.of(["good", "bad"], pairs(0.9), CLASSES)
    with pytest.raises(InputError, match="at least one"):
        brier_score([], np.zeros((0, 2)), CLASSES)
    for settings in ({"n_bins": 0}, {"bins": "equal"}):
        with pytest.raises(SettingError, match=r"(n_bins=0|bins='equal') is not allowed"):
            Reliability.of(["good"], pairs(0.9), CLASSES, **settings)  # type: ignore[arg-type]


def test_the_confidence_in_three_classes_is_the_highest_probability() -> None:
    p = [[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]]
    found = Reliability.of(["b", "c"], p, ["a", "b", "c"])
    assert found.confidence.tolist() == [pytest.approx(0.55)]
    assert found.accuracy.tolist() == [0.5]
    squares = 0.2**2 + 0.5**2 + 0.3**2 + 0.6**2 + 0.3**2 + 0.9**2
    assert brier_score(["b", "c"], p, ["a", "b", "c"]) == pytest.approx(squares / 2)


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_picture_is_the_same_every_time(tmp_path: Path, suffix: str) -> None:
    found = Reliability.of(*drawn(600), CLASSES)
    for name in ("a", "b"):
        plot_reliability(found, tmp_path / f"{name}.{suffix}")
    assert (tmp_path / f"a.{suffix}").read_bytes() == (tmp_path / f"b.{suffix}").read_bytes()


def test_the_title_of_the_picture_has_the_error_and_the_expected_one(
    tmp_path: Path,
) -> None:
    found = Reliability.of(*drawn(600, sharper=3), CLASSES)
    plot_reliability(found, tmp_path / "a.svg")
    written = re.findall(r"<text[^>]*>([^<]*)</text>", (tmp_path / "a.svg").read_text())
    error, chance = 100 * found.expected_error, 100 * found.expected_error_if_calibrated
    title = f"calibration error {error:.1f} points (if calibrated about {chance:.1f})"
    assert {"600 texts", title} <= set(written)


def test_one_bin_of_confidence_1_can_be_drawn(tmp_path: Path) -> None:
    plot_reliability(Reliability.of(["good"], pairs(1.0), CLASSES), tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 0


def test_the_error_of_equal_probabilities_does_not_depend_on_their_order() -> None:
    p = np.full((100, 2), 0.5)
    for truth in (["a"] * 50 + ["b"] * 50, ["a", "b"] * 50):
        reliability = Reliability.of(truth, p, ["a", "b"], n_bins=2)
        assert reliability.expected_error == 0
        assert reliability.count.tolist() == [100]


def test_bins_that_are_all_right_or_all_wrong_are_drawn(tmp_path: Path) -> None:
    for n in (4, 10, 14, 19, 24, 399):  # rounding put the interval's end inside there
        for truth, error in (("a", "10.0"), ("b", "90.0")):  # 90 % is claimed, all or none right
            p = np.tile([0.9, 0.1], (n, 1))
            reliability = Reliability.of([truth] * n, p, ["a", "b"], n_bins=1)
            plot_reliability(reliability, tmp_path / "r.svg")
            written = re.findall(r"<text[^>]*>([^<]*)</text>", (tmp_path / "r.svg").read_text())
            assert f"{n} texts" in written
            assert any(error in text and "error" in text for text in written)
