from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.stats import norm

from sentiment_transfer.polarity.prevalence import (
    ShareEstimate,
    combined,
    share_by_counting,
    share_by_seeds,
)


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
    assert found.share == pytest.approx(0.7, abs=0.003)
    assert found.sd**2 == pytest.approx(0.45**2 + 1 / (100 * 0.7 * 0.3), rel=0.01)
    assert share_by_counting(np.zeros(0, bool)) is None


@pytest.mark.parametrize("positive", [True, False])
def test_equal_answers_to_a_few_texts_do_not_exclude_the_other_polarity(positive: bool) -> None:
    found = share_by_counting(np.full(3, positive))
    assert found is not None
    low, high = found.interval
    assert 0 < low < 0.8
    assert 0.2 < high < 1
