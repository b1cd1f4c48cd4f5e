"""The measurement of the choice of a member: what is lost and gained, and that nothing leaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.bank.build import read_texts_of
from scripts.bank.choosing import ALL, Row, development_of, each_set, summary, unlabelled_of
from scripts.bank.plans import PLANS
from sentiment_transfer.corpus import find_overlap

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [
    Row("one", ALL, 0, {"reviews-en": 80.0, "goods-en": 83.0}, 83.0, ["goods-en"]),
    Row("two", ALL, 0, {"reviews-en": 90.0, "goods-en": 86.0}, 86.0, ["goods-en"]),
    Row("two", ALL, 100, {"reviews-en": 91.0, "goods-en": 90.0}, 90.5, ["goods-en", "reviews-en"]),
]


def test_lost_is_against_the_best_in_hindsight_and_gained_against_the_general_one() -> None:
    assert [row.lost for row in ROWS] == [0, 4, 0.5]
    assert [row.gained for row in ROWS] == [3, -4, -0.5]


def test_the_summary_has_means_and_extremes_over_sets() -> None:
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in summary(ROWS)]
    none, hundred = cells[2:]
    assert none == [
        "up to 4,000 texts", "none", "2", "85.00", "84.50", "84.50", "-0.50", "-4.0", "2.00", "4.0",
        "1",
    ]  # fmt: skip
    assert hundred[1:3] == ["100", "1"]


def test_a_set_says_which_members_were_chosen_how_often() -> None:
    lines = each_set(ROWS)
    assert "| two | 0 | 90.0 | 86.0 | goods-en | 4.0 |" in lines
    assert "| two | 100 | 91.0 | 90.0 | goods-en 1, reviews-en 1 | 0.5 |" in lines


@pytest.mark.corpus
def test_members_learn_from_no_text_that_they_are_judged_on(real_corpora: Path) -> None:
    judged = []
    for name in ("amazon/books", "uci_amazon", "tweets3"):
        held = development_of(name)
        assert len(held) > 200
        assert set(held.labels) == {"negative", "positive"}
        judged += held.texts
    goods = next(plan for plan in PLANS if plan.name == "goods-en")
    learnt = read_texts_of(goods.sources, hold_out=True, barred=judged)
    assert not len(find_overlap(learnt.texts, judged))


@pytest.mark.corpus
def test_unlabelled_texts_are_the_same_each_time_and_more_extend_fewer(real_corpora: Path) -> None:
    some = unlabelled_of("uci_yelp", 100)
    assert some == unlabelled_of("uci_yelp", 200)[:100]
    assert len(set(some)) > 90
