from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentiment_transfer.errors import SettingError
from sentiment_transfer.polarity.cut import check_prevalence, choose_cut, two_means_cut
from sentiment_transfer.polarity.prevalence import ShareEstimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

NO_SEEDS = np.zeros(1000)


def one_group(n: int = 1000) -> NDArray[np.float64]:
    """Normally distributed scores of mean 3 and standard deviation 2."""
    quantiles = (np.arange(n) + 0.5) / n
    return np.array([NormalDist(3, 2).inv_cdf(q) for q in quantiles])


def balances(n_positive: int, n_negative: int, n: int = 1000) -> NDArray[np.float64]:
    """Half of the words of a sentence may be of the other polarity: what counts is the sign."""
    rest = n - n_positive - n_negative
    return np.repeat([0.2, -1.0, 0.0], [n_positive, n_negative, rest])


def share_above(scores: NDArray[np.float64], cut: float) -> float:
    return float((scores > cut).mean())


def test_two_means_cut_is_the_midpoint_of_the_two_means() -> None:
    # deviations from the mean 4.5: 4.5, -4.5, 3.5, -3.5; of the groups' means: 4
    assert two_means_cut(np.array([9.0, 0.0, 8.0, 1.0])) == ((0.5 + 8.5) / 2, 64 / 65)
    assert two_means_cut(np.array([0.0, 0.0, 0.0, 10.0])) == (5, 1)  # not the median
    assert two_means_cut(np.array([3.0, 3.0])) == (3, 0)
    assert two_means_cut(np.array([7.0])) == (7, 0)


def test_two_means_cut_minimises_the_squared_distances() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        values = np.sort(rng.normal(size=15) + rng.choice([0, 3], 15))
        splits = [(values[:k], values[k:]) for k in range(1, 15)]

        def within(split: tuple[NDArray[np.float64], ...]) -> float:
            return sum(float(((group - group.mean()) ** 2).sum()) for group in split)

        low, high = min(splits, key=within)
        found = two_means_cut(values)
        assert found.cut == pytest.approx((low.mean() + high.mean()) / 2)
        assert found.explained == pytest.approx(1 - within((low, high)) / within((values,)))


def test_two_means_explains_0_64_of_one_normal_distribution() -> None:
    found = two_means_cut(one_group())
    assert found.explained == pytest.approx(2 / np.pi, abs=0.003)
    assert found.cut == pytest.approx(3, abs=0.02)


@pytest.mark.parametrize(("n_positive", "n_negative"), [(200, 99), (400, 99), (30, 249), (5, 0)])
def test_one_group_is_cut_at_the_share_that_seed_words_suggest(
    n_positive: int, n_negative: int
) -> None:
    odds = np.exp(-1) * ((n_positive + 1) / (n_negative + 1)) ** 1.4
    cut = choose_cut(one_group(), balances(n_positive, n_negative))
    assert share_above(one_group(), cut) == pytest.approx(odds / (1 + odds), abs=0.002)


def test_an_earlier_polarity_weighs_by_its_precision() -> None:
    seeds = balances(200, 99)
    alone = choose_cut(one_group(), seeds)
    sure, unsure = (
        choose_cut(one_group(), seeds, earlier=ShareEstimate(-2.0, sd)) for sd in (0.01, 100)
    )
    assert unsure == pytest.approx(alone, abs=0.001)
    assert share_above(one_group(), sure) == pytest.approx(1 / (1 + np.exp(2)), abs=0.002)


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.9])
def test_two_distinct_groups_are_told_apart_whatever_seed_words_suggest(share: float) -> None:
    rng = np.random.default_rng(0)
    upper = np.arange(1000) < 1000 * share
    scores = np.where(upper, 5, -5) + 0.5 * rng.normal(size=1000)
    assert two_means_cut(scores).explained > 0.8
    for seeds in (balances(900, 1), balances(1, 900)):
        cut = choose_cut(scores, seeds)
        assert ((scores > cut) == upper).all()


def test_between_one_group_and_two_the_log_odds_are_averaged() -> None:
    values = np.concatenate([one_group(500), one_group(500) + 5.45])
    explained = two_means_cut(values).explained
    assert 0.72 < explained < 0.78
    weight = (explained - 0.7) / 0.1
    seeds = -1 + 1.4 * np.log(301 / 51)  # the groups are equal: log odds of 0
    odds = np.exp((1 - weight) * seeds)
    cut = choose_cut(values, balances(300, 50))
    expected = NormalDist(values.mean(), values.std()).inv_cdf(1 / (1 + odds))
    assert cut == pytest.approx(expected, abs=0.01)


def test_without_seed_words_and_an_earlier_polarity_2_means_decides() -> None:
    values = np.random.default_rng(1).normal(size=1000) ** 3
    assert choose_cut(values, NO_SEEDS) == two_means_cut(values).cut


def test_a_given_share_is_the_quantile_of_the_scores() -> None:
    values = np.arange(10.0)
    assert share_above(values, choose_cut(values, balances(9, 1, 10), prevalence=0.3)) == 0.3
    with pytest.raises(TypeError):
        choose_cut(values, NO_SEEDS, "0.3")  # type: ignore[misc, arg-type]


@pytest.mark.parametrize("values", [[2.0], [2.0, 2.0, 2.0]])
def test_equal_scores_are_cut_at_their_value(values: list[float]) -> None:
    scores = np.array(values)
    assert choose_cut(scores, np.ones(len(scores))) == 2
    assert choose_cut(scores, np.zeros(len(scores))) == 2


@pytest.mark.parametrize("value", [0, 1, 80, "0.5", float("nan")])
def test_a_share_outside_0_and_1_is_refused(value: object) -> None:
    with pytest.raises(SettingError, match=r"prevalence=.* must be a number between 0 and 1"):
        check_prevalence(value)  # type: ignore[arg-type]
