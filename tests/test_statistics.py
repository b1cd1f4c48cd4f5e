from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_rel

from sentiment_transfer.experiments.statistics import (
    accuracy,
    macro_f1,
    paired_interval,
    summarise,
)


def test_accuracy_is_the_share_of_right_answers() -> None:
    assert accuracy(np.array(["a", "b", "b"]), np.array(["a", "b", "a"])) == 2 / 3


def test_macro_f1_by_hand() -> None:
    truth = np.array(["a", "a", "a", "b"])
    predicted = np.array(["a", "a", "b", "b"])
    of_a, of_b = 2 * 2 / (3 + 2), 2 * 1 / (1 + 2)
    assert macro_f1(truth, predicted) == pytest.approx((of_a + of_b) / 2)


def test_macro_f1_leaves_out_classes_that_are_only_predicted() -> None:
    truth = np.array(["a", "a", "b", "b"])
    predicted = np.array(["a", "c", "b", "b"])
    of_a, of_b = 2 * 1 / (2 + 1), 2 * 2 / (2 + 2)
    assert macro_f1(truth, predicted) == pytest.approx((of_a + of_b) / 2)


def test_the_paired_interval_by_hand() -> None:
    mean, low, high = paired_interval([0.9, 0.7], [0.8, 0.5])
    # differences 0.1 and 0.2: sd sqrt(2) * 0.05, t(0.975, 1) = 12.706
    assert mean == pytest.approx(0.15)
    assert (low, high) == pytest.approx((0.15 - 12.706 * 0.05, 0.15 + 12.706 * 0.05), abs=1e-4)


def test_the_interval_ends_at_1_and_minus_1() -> None:
    assert paired_interval([1.0, 0.5], [0.0, 0.4])[1:] == (-1.0, 1.0)


def test_one_draw_gives_no_interval_and_a_missing_partner_no_gain() -> None:
    mean, *ends = paired_interval([0.9], [0.5])
    assert mean == pytest.approx(0.4)
    assert all(map(math.isnan, ends))
    assert all(map(math.isnan, paired_interval([0.9, 0.8], [0.5, math.nan])))


def runs(*rows: tuple[str, int, int, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["arm", "budget", "draw", "accuracy"])
    return table.assign(macro_f1=table["accuracy"] / 2, seconds=2.0)


def test_the_summary_pairs_the_arms_draw_by_draw() -> None:
    # the draws of b stand in another order: a - b is 0.1 and 0.2, not 0.3 and 0.0
    table = summarise(
        runs(("a", 8, 0, 0.9), ("a", 8, 1, 0.7), ("b", 8, 1, 0.6), ("b", 8, 0, 0.7)), "a"
    ).set_index("arm")
    expected = ttest_rel([0.7, 0.6], [0.9, 0.7]).confidence_interval(0.95)
    assert table.loc["b", "gain"] == pytest.approx(-0.15)
    assert (table.loc["b", "gain_low"], table.loc["b", "gain_high"]) == pytest.approx(
        tuple(expected)
    )
    assert table.loc["a", ["gain", "gain_low", "gain_high"]].tolist() == [0, 0, 0]
    assert table.loc["a", "mean"] == pytest.approx(0.8)
    assert table.loc["a", "std"] == pytest.approx(math.sqrt(0.1**2 + 0.1**2))  # n - 1 = 1
    assert table.loc["a", "worst"] == 0.7
    assert table.loc["a", "macro_f1"] == pytest.approx(0.4)
    assert table.loc["a", "draws"] == 2


def test_budgets_rise_and_arms_keep_their_order() -> None:
    table = summarise(runs(*((arm, b, 0, 0.5) for arm in "zab" for b in (20, 0, 8))), "z")
    assert list(zip(table["budget"], table["arm"], strict=True)) == [
        (budget, arm) for budget in (0, 8, 20) for arm in "zab"
    ]


def test_one_draw_has_no_spread() -> None:
    table = summarise(runs(("a", 8, 0, 0.9), ("b", 8, 0, 0.7)), "a").set_index("arm")
    assert math.isnan(table.loc["b", "std"])
    assert table.loc["b", "gain"] == pytest.approx(-0.2)
    assert math.isnan(table.loc["b", "gain_low"])


def test_where_the_reference_was_not_measured_there_is_no_gain() -> None:
    table = summarise(runs(("a", 8, 0, 0.9), ("b", 0, 0, 0.6), ("b", 8, 0, 0.7)), "a")
    gains = table.set_index(["budget", "arm"])["gain"]
    assert math.isnan(gains[0, "b"])
    assert gains[8, "b"] == pytest.approx(-0.2)
