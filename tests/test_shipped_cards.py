"""The cards of the shipped models are those of their files and of the measurements."""

from __future__ import annotations

import pandas as pd
import pytest

from scripts.bank.build import BANK
from scripts.bank.cards import phrases_misread, shipped_card
from scripts.reports import RESULTS
from sentiment_transfer.pretraining.bank import bank_names, is_shipped

SHIPPED = [name for name in bank_names() if is_shipped(name)]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_card_is_what_the_script_writes(name: str) -> None:
    written = (BANK / f"{name}.md").read_text(encoding="utf-8")
    assert written == str(shipped_card(name)), "run python -m scripts.bank.cards"


def test_there_is_no_card_of_a_model_that_does_not_ship() -> None:
    assert sorted(path.stem for path in BANK.glob("*.md")) == sorted(SHIPPED)


def test_the_worst_form_of_phrases_is_listed_first() -> None:
    rows = pd.read_csv(RESULTS / "phrases.csv")
    rows = rows[(rows["language"] == "en") & (rows["half"] == "test")]
    rows = rows[(rows["arm"] == "this package") & (rows["form"] != "all forms")]
    worst = rows.loc[rows["accuracy"].idxmin()]
    first = phrases_misread("en").splitlines()[4]
    assert first.startswith(f"| {worst['form']} |")


def test_a_language_without_phrases_lists_none() -> None:
    assert phrases_misread("nl") == ""
