"""What the reports of the measuring scripts share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from scripts.reports import finished, markdown_table, read_runs, start_runs, summarise

if TYPE_CHECKING:
    from pathlib import Path

RUNS = """{"description": "not a run"}
{"arm": "a", "budget": 8, "draw": 0, "accuracy": 0.5, "macro_f1": 0.4, "seconds": 1.0}
{"arm": "a", "budget": 8, "draw": 1, "accuracy": 0.7, "macro_f1": 0.6, "seconds": 2.0}
{"arm": "b", "budget": 8, "draw": 0, "accuracy": 0.9, "macro_f1": 0.9, "seconds": 3.0}
{"arm": "b", "budget": 8, "dr"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "runs" / "set.jsonl"
    start_runs(path, {"n_test": 100})
    path.write_text(RUNS, encoding="utf-8")
    return path


def test_runs_are_read_with_their_facts_and_without_the_line_cut_off(path: Path) -> None:
    runs = read_runs(path, set="films")
    assert runs["arm"].tolist() == ["a", "a", "b"]
    assert set(runs["n_test"]) == {100}
    assert set(runs["set"]) == {"films"}


def test_where_there_are_no_runs_none_are_read_and_no_arm_is_finished(tmp_path: Path) -> None:
    assert read_runs(tmp_path / "none.jsonl").empty
    assert finished(tmp_path / "none.jsonl", 8, 1) == set()


def test_an_arm_is_finished_when_it_has_all_draws_of_a_budget(path: Path) -> None:
    assert finished(path, 8, 1) == {"a", "b"}
    assert finished(path, 8, 2) == {"a"}
    assert finished(path, 100, 1) == set()


def test_a_summary_has_mean_deviation_and_worst_in_percent(path: Path) -> None:
    row = summarise(read_runs(path), ["arm"]).set_index("arm").loc["a"]
    assert row["draws"] == 2
    assert row["mean"] == pytest.approx(100 * (0.5 + 0.7) / 2)
    assert row["sd"] == pytest.approx(100 * (0.1**2 + 0.1**2) ** 0.5)
    assert row["worst"] == pytest.approx(50)
    assert row["macro_f1"] == pytest.approx(100 * (0.4 + 0.6) / 2)
    assert row["seconds"] == pytest.approx(1.5)


def test_a_table_aligns_text_to_the_left_and_numbers_to_the_right() -> None:
    assert markdown_table(["arm", "set", "n"], [["a", "b", 3]], left=2) == [
        "| arm | set | n |",
        "| --- | --- | ---: |",
        "| a | b | 3 |",
    ]


@pytest.mark.parametrize("row", [["a"], ["a", 1, 2]])
def test_a_row_that_is_not_as_wide_as_the_header_is_refused(row: list[object]) -> None:
    with pytest.raises(ValueError, match=f"{len(row)} cells for 2 columns"):
        markdown_table(["arm", "mean"], [["b", 2], row])
