"""The experiment on corpora: forms of the score by hand, curves, and their forecast."""

from __future__ import annotations

import numpy as np
import pytest

from scripts.advice.corpora_curves import Curve, forecasts, shorter
from scripts.advice.corpora_described import _edited
from scripts.advice.corpora_forms import FORMS, rank_correlation
from scripts.advice.corpora_runs import Run, seed_counts, without
from sentiment_transfer.advice import CorpusPart


def run_of(scores: list[float], accuracy: float = 80) -> Run:
    """Six texts, the last one with as many seed words of either side."""
    positive, negative = np.array([1, 2, 0, 1, 0, 1.0]), np.array([0, 0, 1, 3, 2, 1.0])
    return Run(np.array(scores), positive, negative, accuracy, accuracy, 100)


def test_forms_of_the_score_are_those_of_hand_sums() -> None:
    run = run_of([-1, 2, -2, 1, -3, 9])
    found = {name: form(run) for name, form in FORMS.items() if name != "of clear texts"}
    assert found["area under the curve"] == pytest.approx(
        (2 / 3 + 1) / 2
    )  # -1 is above two of three
    assert found["of pure texts"] == 1
    assert found["balanced accuracy at the cut"] == pytest.approx((1 / 2 + 2 / 3) / 2)
    balance = [1, 1, -1, -0.5, -1]
    expected = np.corrcoef([-1, 2, -2, 1, -3], balance)[0, 1]
    assert found["correlation with the balance"] == pytest.approx(expected)


def test_runs_are_ranked() -> None:
    runs = [run_of([-1, 2, -2, 1, -3, 9], 70), run_of([3, 2, -2, 1, -3, 9], 80)]
    assert rank_correlation(runs, FORMS["area under the curve"]) == pytest.approx(1)


def test_seed_words_are_counted_once_a_text() -> None:
    positive, negative = seed_counts(["good good great", "not good, awful", "", "plot"], "en")
    assert positive.tolist() == [2, 0, 0, 0]
    assert negative[0] == negative[2] == negative[3] == 0
    assert negative[1] >= 1


def test_texts_that_repeat_others_or_earlier_ones_are_left_out() -> None:
    assert without(["a", "b", "a", "C!"], ["c"]) == ["a", "b"]


def test_the_table_of_forecasts_has_the_errors_of_both_halves() -> None:
    parts = tuple(
        CorpusPart(n, 100 * n, a, 0.0)
        for n, a in zip((50, 150, 500, 1500), (0.6, 0.7, 0.76, 0.8), strict=True)
    )
    curves = [Curve(name, parts, np.array([70, 75, 77, 78.0])) for name in ("imdb", "mr")]
    lines = forecasts(curves)
    assert sum("500 → 1,500" in line for line in lines) == 2
    assert "no change 4.00), of accuracy" in lines[-1]
    assert [len(curve.parts) for curve in shorter(curves)] == []
    assert curves[0].gain == 1


def test_an_edited_copy_differs_in_some_words() -> None:
    text = " ".join(f"word{i}" for i in range(1_000))
    edited = _edited(text, np.random.default_rng(0)).split()
    assert 20 < edited.count("edited") < 90
