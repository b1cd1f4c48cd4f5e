"""The scripts that measure the studio: what they count, and that a page keeps its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("starlette", reason="the extra studio is not installed")

from scripts.studio import estimate_page, labelling, speed
from scripts.studio import page as studio_page
from scripts.studio.kills import Outcome, as_text
from sentiment_transfer.studio import BaseModel
from sentiment_transfer.studio.pool import Pool

if TYPE_CHECKING:
    from pathlib import Path

GOOD = ["a great film", "wonderful and moving", "I loved it", "an excellent cast"]
BAD = ["a dull film", "boring and stupid", "I hated it", "an awful cast"]


@pytest.fixture
def project(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [
        f"{text} {number}" for number in ["one", "two", "three", "four", "five"] for text in GOOD
    ]
    texts += [
        f"{text} {number}" for number in ["one", "two", "three", "four", "five"] for text in BAD
    ]
    pool = Pool.of(BaseModel.general("en").model, texts)
    truth = np.repeat(["positive", "negative"], 20)
    monkeypatch.setattr(labelling, "project", lambda _: (pool, truth))


@pytest.mark.usefixtures("project")
def test_a_run_notes_what_the_page_shows_and_what_is_true() -> None:
    noted = labelling.as_records("any", 0, 30, 0.0)
    shown = [each for each in noted if each["kind"] == "Shown"]
    assert [each["n"] for each in shown] == [10, 20]
    assert all(each["everywhere"] == 1 for each in shown)  # seed words make these texts easy
    assert all(0 <= each["low"] <= each["estimate"] <= each["high"] <= 1 for each in shown)


@pytest.mark.usefixtures("project")
def test_flipped_labels_are_noted_apart_from_right_ones() -> None:
    noted = labelling.as_records("any", 0, 30, 0.3)
    assert {each["kind"] for each in noted} == {"Doubts"}
    doubts = noted[0]
    assert len(doubts["wrong"]) + len(doubts["right"]) == doubts["n"] == 8
    assert doubts["wrong"]
    assert max(doubts["wrong"]) < 0.5 < min(doubts["right"])
    assert doubts["n_listed_wrong"] == min(5, len(doubts["wrong"]))


def shown(n: int, low: float, high: float) -> dict[str, Any]:
    truth = {"everywhere": 0.8, "others": 0.8}
    return {"kind": "Shown", "n": n, "estimate": 0.9, "low": low, "high": high, **truth}


def test_coverage_counts_intervals_that_hold_the_accuracy() -> None:
    records = [shown(n, 0.7, 0.9) for n in labelling.SHOWN_AT]
    records += [shown(n, 0.85, 0.95) for n in labelling.SHOWN_AT]
    line = estimate_page._accuracy(records).splitlines()[2]
    # half of the intervals hold 0.8; 0.9 is 10 points off; widths are 20 and 10 points
    assert line == "| 10 | 10 | 50.0 | 10.0 | 10.0 | 15.0 |"


def test_each_script_writes_its_own_part_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "studio.md"
    monkeypatch.setattr(studio_page, "PAGE", page)
    studio_page.write_part("kills", "none lost\n")
    studio_page.write_part("speed", "fast\n")
    studio_page.write_part("kills", "none lost again\n")
    parts = page.read_text("utf-8").split("\n## ")
    assert [part.partition("\n")[2].strip() for part in parts[1:]] == ["fast", "none lost again"]


def test_the_run_with_the_least_load_is_reported() -> None:
    times = {"waited": [80.0] * 3, "own": [60.0] * 3, "posts": [8.0] * 3, "fast": [9.0] * 3}
    rest = {"set": "mr", "n": 10_000, "cpu": 70.0, "first": 3.0, "memory": 500.0, "load": 1.0}
    busy = times | rest | {"waited": [900.0] * 3, "load": 7.0}
    for runs in ([times | rest, busy], [busy, times | rest]):
        (line,) = [each for each in speed.page(runs).splitlines() if each.startswith("| mr")]
        assert line.startswith("| mr | 10,000 | 80 | 80 | 80 | 60 |")


def test_lost_answers_are_said() -> None:
    outcome = Outcome(kills=3, sent=9, acknowledged=7, lost=2, restart=[1.0, 2.0, 3.0])
    said = " ".join(as_text(outcome).split())
    assert "**2 were lost**" in said
    assert "after 2.0 s (median; at most 3.0 s)" in said
