"""The measurement of the shares of groups: what it draws, and what the report claims of it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from scripts.accuracy.overview import drawn, holds, leads, sizes_table
from scripts.reports import RESULTS
from sentiment_transfer.overview.groups import CLEAR, SPREAD
from sentiment_transfer.overview.page import COVERED, MEAN_ERROR, USUAL_ERROR


@pytest.mark.parametrize("equal", [True, False])
@pytest.mark.parametrize("n_sources", [1, 2, 4])
def test_groups_have_their_shares_and_no_text_twice(equal: bool, n_sources: int) -> None:
    sources = [
        ([f"{s} no {i}" for i in range(900)], [f"{s} yes {i}" for i in range(900)])
        for s in range(n_sources)
    ]
    groups = drawn(sources, equal, np.random.default_rng(0))
    texts = [text for own, _ in groups for text in own]
    assert (len(groups), len(set(texts))) == (4, len(texts))
    for own, n_positive in groups:
        assert sum("yes" in text for text in own) == n_positive
    shares = np.array([n / len(own) for own, n in groups])
    assert (np.ptp(shares) < 0.03) == equal


def test_the_table_counts_errors_and_covered_shares() -> None:
    runs = pd.DataFrame(
        {"n": [30, 40], "share": [0.5, 0.7], "true": [0.6, 0.4], "low": 0.3, "high": [0.7, 0.9]}
    )
    runs.loc[1, "low"] = 0.5
    assert sizes_table(runs)[2] == "| 20 to 50 | 2 | 20.0 | 28.0 | 40.0 | 50.0 |"


def test_leads_are_differences_of_log_odds_in_standard_deviations() -> None:
    runs = pd.DataFrame({"share": [0.8], "rest": [0.5], "variance": [0.17]})
    assert leads(runs, 0.2)[0] == pytest.approx(np.log(4) / np.sqrt(0.17 + 0.08))
    assert abs(leads(runs, 0.2)[0]) > CLEAR


def test_phrases_are_looked_for_as_they_are_spelt() -> None:
    texts = ["It was NOT  good.", "Not goodness", "good, not bad", "不好"]
    assert holds("not good", texts).tolist() == [True, False, False, False]
    assert holds("不好", texts).tolist() == [False, False, False, True]


def test_the_report_claims_what_was_measured() -> None:
    reported = (RESULTS / "overview.md").read_text("utf-8").partition("## The reporting half")[2]
    rows = re.findall(
        r"\| 20 to 500 \| \d+ \| ([\d.]+) \| ([\d.]+) \| [\d.]+ \| ([\d.]+)", reported
    )
    mean, usual, covered = np.array(rows, float).mean(axis=0)
    assert (round(mean), round(usual)) == (MEAN_ERROR, USUAL_ERROR)
    assert covered >= COVERED
    assert f"| {SPREAD:g} |" in reported
