"""The table of what large corpora cost on a cluster, from figures that are given here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.scale.costs import JOBS, Job, report, row, write

if TYPE_CHECKING:
    from pathlib import Path

COSTS = {
    "counting": 0.2,
    "tokens_a_word": 0.5,
    "texts_a_word": 0.01,
    "training": {"200000 x 300": 1.0, "1000000 x 300": 2.0},
    "read": 0.1,
    "write": 0.5,
    "merge": 0.4,
}
WEIGHTS = 1_000_000 * 304 * 2 * 4


def test_a_worker_moves_weights_ids_and_what_it_merges() -> None:
    found = row(Job(10e9, 1_000_000, 300, 1), COSTS, bandwidth=10, price=0.05)
    ids = 4 * 5e9 / 20
    moved = 2 * WEIGHTS + ids + WEIGHTS + 2 * WEIGHTS / 16
    assert found["rounds"] == 3 * 20
    assert found["traffic_gb_worker_round"] == pytest.approx(moved / 1e9)
    assert found["hours_network"] == pytest.approx(60 * 16 * moved / 1.25e9 / 3600)
    assert found["hours_training"] == pytest.approx(3 * 5000 * 2.0 / 16 / 3600)
    assert found["store_tb"] == pytest.approx((4 * 5e9 + 16 * 1e8 + 20 * WEIGHTS) / 1e12)


def test_the_page_has_a_row_for_each_job_and_says_what_is_unknown() -> None:
    text = report(COSTS, bandwidth=10, price=0.05)
    rows = [line for line in text.splitlines() if "billion |" in line]
    assert len(rows) == len(JOBS) == 4
    assert "Accuracy was measured up to 16 shares" in " ".join(text.split())


def test_the_table_is_written_for_other_programs_too(tmp_path: Path) -> None:
    write(COSTS, 10, 0.05, tmp_path)
    lines = (tmp_path / "scale-costs.csv").read_text().splitlines()
    assert len(lines) == 1 + len(JOBS)
    assert (tmp_path / "scale-costs.md").read_text() == report(COSTS, 10, 0.05)
