from __future__ import annotations

import csv
import json
import statistics
from typing import TYPE_CHECKING

import pytest
from in_process import said_by

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs_extra("plot", "torch")

LOGISTIC, NETWORK = "pretrained, logistic regression", "pretrained, hidden layer"


def compare(folder: Path, *more: str) -> str:
    from scripts.strategies.compare import main

    return said_by(main, "--small", "--cache", folder / "cache", "--out", folder / "out", *more)


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "out" / "strategies.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def runs(folder: Path) -> list[dict[str, float | str]]:
    path = folder / "cache" / "strategies" / "movies72.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[1:]]


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("strategies")
    compare(folder)
    return folder


def test_every_strategy_has_its_row_at_every_number_of_labels(compared: Path) -> None:
    found = {(row["arm"], int(row["budget"]), int(row["draws"])) for row in table(compared)}
    assert found == {
        (arm, budget, 1 if budget == 55 else 2)
        for arm in (LOGISTIC, NETWORK)
        for budget in (2, 8, 55)  # 55 are all there are: one draw
    }


def test_the_table_holds_mean_spread_and_worst_of_the_runs(compared: Path) -> None:
    drawn = [
        100 * float(run["accuracy"])
        for run in runs(compared)
        if run["arm"] == NETWORK and run["budget"] == 8
    ]
    row = next(r for r in table(compared) if r["arm"] == NETWORK and r["budget"] == "8")
    assert float(row["mean"]) == pytest.approx(sum(drawn) / 2, abs=0.006)
    assert float(row["sd"]) == pytest.approx(statistics.stdev(drawn), abs=0.006)
    assert float(row["worst"]) == pytest.approx(min(drawn), abs=0.006)
    assert float(row["seconds"]) > 0


def test_markdown_has_the_number_of_draws_and_a_curve_is_drawn(compared: Path) -> None:
    markdown = (compared / "out" / "strategies.md").read_text(encoding="utf-8")
    picture = (compared / "out" / "strategies-movies72.svg").read_text(encoding="utf-8")
    assert "| arm | 2 labels | 8 labels | 55 labels | seconds |" in markdown
    row = next(line for line in markdown.splitlines() if line.startswith(f"| {NETWORK} |"))
    _, two, eight, every, _ = row.strip("| ").split(" | ")
    assert two.endswith("; 2)")
    assert eight.endswith("; 2)")
    assert every.endswith(" (1)")
    assert "±" not in every
    assert LOGISTIC in picture
    assert NETWORK in picture


def test_a_second_call_measures_only_what_is_missing(compared: Path) -> None:
    before = runs(compared)
    assert compare(compared) == ""
    assert runs(compared) == before
    assert compare(compared, "--report") == ""
