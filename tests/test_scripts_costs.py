"""Seconds of CPU and sizes of the arms: how they are computed, and how they are reported."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from scripts.accuracy import costs, report
from scripts.accuracy.arms import KINDS
from scripts.accuracy.costs import PRICED, Priced, Size, price
from sentiment_transfer.corpus import Labelled
from sentiment_transfer.experiments.baselines import majority_arm

if TYPE_CHECKING:
    from sentiment_transfer.experiments.arms import Arm

DRAWN = Labelled([f"text {i}" for i in range(100)], ["negative", "positive"] * 50)
SHORT, LONG = ["short"] * 1_000, ["long " * 200] * 1_000


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Ten seconds a fit, 10 ms a short text and a second a long one; notes the numbers of texts."""
    timed: list[int] = []

    def seconds(arm: Arm, drawn: Labelled, test: list[str]) -> float:
        timed.append(len(test))
        return 10 + sum(1.0 if len(text) > 10 else 0.01 for text in test)

    monkeypatch.setattr(costs, "cpu_seconds", seconds)
    return timed


def test_seconds_of_the_fit_are_taken_off_and_long_texts_scaled_up(clock: list[int]) -> None:
    priced = Priced(lambda _: majority_arm(), Size, n_long=100)
    found = price(priced, DRAWN, SHORT, LONG)
    assert found["fit"] == pytest.approx(10 + 0.01)  # one text is predicted
    assert found["short"] == pytest.approx(1_000 * 0.01, abs=0.02)
    assert found["long"] == pytest.approx(1_000 * 1.0, abs=0.2)
    assert clock == [1, 1, 1_000, 100]  # the first loads and compiles, and does not count


def test_an_arm_that_predicts_as_another_is_only_fitted(clock: list[int]) -> None:
    priced = Priced(lambda _: majority_arm(), Size, predicts_as="minilm")
    assert price(priced, DRAWN, SHORT, LONG) == {"fit": 10.01}
    assert clock == [1]


def test_cpu_seconds_are_those_of_preparing_fitting_and_predicting() -> None:
    assert 0 < costs.cpu_seconds(majority_arm(), DRAWN, SHORT[:3]) < 10


def test_every_arm_that_is_timed_is_measured_under_the_same_name() -> None:
    assert set(PRICED) <= set(KINDS)


def test_costs_stand_beside_the_accuracy_with_100_labels() -> None:
    known = pd.read_csv(StringIO(
        "arm,mb,parameters,fit,short,long,n_long\n"
        "mpnet + logistic regression,404.5,109.5,8.25,84.0,1200.4,100\n"
        "pretrained model: adapting it to 9 texts,,,0.5,,,\n"
        "VADER,0.4,,0.0,0.08,2.33,1000\n"
    ))  # fmt: skip
    table = pd.read_csv(StringIO(
        "set,prevalence,budget,arm,mean\n"
        "mr,balanced,100,mpnet + logistic regression,81.86\n"
        "mr,balanced,8,mpnet + logistic regression,69.94\n"
        "mr,natural,100,mpnet + logistic regression,50.0\n"
    ))  # fmt: skip
    assert report._cost_lines(known, table)[2:] == [
        "| mpnet + logistic regression | 404 | 110 | 8.25 | 84 | 1,200 (100) | 81.9 |  |",
        "| pretrained model: adapting it to 9 texts |  |  | 0.50 |  |  |  |  |",
        "| VADER | 0.4 |  | 0.00 | 0.08 | 2.33 |  |  |",
    ]
