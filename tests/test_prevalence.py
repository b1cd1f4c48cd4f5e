from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import norm

from sentiment_transfer.polarity.prevalence import (
    LeftOut,
    ShareEstimate,
    combined,
    estimate_share,
    share_by_counting,
    share_by_seeds,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray


def test_the_share_and_its_interval_are_those_of_the_log_odds() -> None:
    found = ShareEstimate(0.5, 0.3)
    low, high = found.interval
    assert found.share == pytest.approx(1 / (1 + math.exp(-0.5)))
    for end, quantile in ((low, 0.025), (high, 0.975)):
        assert math.log(end / (1 - end)) == pytest.approx(norm.ppf(quantile, 0.5, 0.3), abs=1e-6)


def test_extreme_log_odds_do_not_overflow() -> None:
    assert ShareEstimate(-1e4, 1e4).interval == (0, 1)


def test_the_signs_of_the_balances_are_counted() -> None:
    found = share_by_seeds(np.array([1.0] * 60 + [0.1] * 39 + [-0.5] * 24 + [0.0] * 500))
    assert found is not None
    assert found.log_odds == pytest.approx(-1 + 1.4 * math.log(100 / 25))
    assert found.sd**2 == pytest.approx(0.45**2 + 1.4**2 * (1 / 100 + 1 / 25))


def test_few_texts_with_seed_words_are_little_evidence() -> None:
    few, many = (share_by_seeds(np.repeat([1.0, -1.0], [2 * n, n])) for n in (1, 1000))
    assert few is not None
    assert many is not None
    assert few.sd > 2 * many.sd


def test_texts_without_seed_words_are_no_evidence() -> None:
    assert share_by_seeds(np.zeros(100)) is None
    assert share_by_seeds(np.zeros(0)) is None


def test_estimates_are_averaged_by_their_inverse_variances() -> None:
    # precisions 4 and 1
    found = combined([ShareEstimate(1, 0.5), ShareEstimate(-1, 1)])
    assert found.log_odds == pytest.approx((4 * 1 + 1 * -1) / 5)
    assert found.sd == pytest.approx(5**-0.5)
    assert combined([ShareEstimate(1, 0.5)]) == ShareEstimate(1, 0.5)


def test_counted_answers_have_the_error_of_the_model_and_that_of_the_count() -> None:
    found = share_by_counting(np.arange(100) < 70)
    assert found is not None
    assert found.log_odds == pytest.approx(1.4 * math.log(70.5 / 30.5))
    assert found.sd**2 == pytest.approx(0.45**2 + 1.4**2 / (100 * 0.7 * 0.3), rel=0.01)
    assert share_by_counting(np.zeros(0, bool)) is None


@pytest.mark.parametrize("positive", [True, False])
def test_equal_answers_to_a_few_texts_do_not_exclude_the_other_polarity(positive: bool) -> None:
    found = share_by_counting(np.full(3, positive))
    assert found is not None
    low, high = found.interval
    assert low < 0.7
    assert high > 0.3


def left_out(
    n: int, share: float, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Probabilities of a model that is too sure and leans to the positive, and the truth."""
    y = np.arange(n) < round(share * n)
    return 1 / (1 + np.exp(-(2 * y - 0.6 + rng.normal(size=n)))), y


def test_adjusted_counts_find_the_share_whatever_that_of_the_labels_was() -> None:
    rng = np.random.default_rng(0)
    labelled = LeftOut.of(*left_out(4_000, 0.8, rng), np.ones(4_000))
    assert labelled is not None
    for share in (0.05, 0.2, 0.4):
        p, _ = left_out(5_000, share, rng)
        found = labelled.share_in(p, share)
        assert found is not None
        assert found.share == pytest.approx(share, abs=0.03)
        assert abs((p > 0.5).mean() - share) > 0.05  # what counting would say


def test_the_interval_of_adjusted_counts_covers_the_share() -> None:
    rng, n_covered = np.random.default_rng(1), 0
    for _ in range(200):
        labelled = LeftOut.of(*left_out(40, 0.5, rng), np.ones(40))
        assert labelled is not None
        found = labelled.share_in(left_out(200, 0.3, rng)[0], 0.3)
        assert found is not None
        own = replace(found, sd=math.sqrt(found.sd**2 - 0.4**2))  # but for what these texts lack
        low, high = own.interval
        n_covered += low <= 0.3 <= high
    assert 0.9 < n_covered / 200 < 0.99


def test_left_out_texts_are_weighted() -> None:
    p, y = np.array([0.2, 0.4, 0.8, 0.6]), np.array([False, False, True, True])
    found = LeftOut.of(p, y, np.array([3.0, 1.0, 1.0, 1.0]))
    assert found is not None
    assert found.means == pytest.approx(((3 * 0.2 + 0.4) / 4, 0.7))
    assert found.variances[1] == pytest.approx(np.var([0.8, 0.6], ddof=1) / 2)


def test_one_text_of_a_class_is_no_adjustment() -> None:
    assert LeftOut.of(np.array([0.2, 0.4, 0.8]), np.array([False, False, True]), np.ones(3)) is None


def test_equal_answers_to_both_classes_are_no_adjustment() -> None:
    found = LeftOut.of(np.full(8, 0.5), np.arange(8) % 2 == 0, np.ones(8))
    assert found is not None
    assert found.share_in(np.full(9, 0.5), 0.5) is None


def test_labels_narrow_the_interval_and_move_the_share() -> None:
    rng = np.random.default_rng(2)
    labelled = LeftOut.of(*left_out(400, 0.5, rng), np.ones(400))
    p, y = left_out(2_000, 0.3, rng)
    positive = y | (rng.random(2_000) < 0.4)  # four in ten negative texts seem positive
    without, having = estimate_share(positive), estimate_share(positive, None, p, labelled)
    assert having.sd < without.sd / 1.3
    assert abs(having.share - 0.3) < abs(without.share - 0.3) / 1.5
    assert estimate_share(positive, None, p) == without


@pytest.mark.parametrize("n", [1, 3, 10])
def test_of_few_texts_the_interval_is_at_least_that_of_a_share(n: int) -> None:
    low, high = estimate_share(np.full(n, fill_value=True)).interval
    assert high > 0.97
    assert low < (0.05) ** (1 / n)  # all n positive: the lower end of the exact interval
