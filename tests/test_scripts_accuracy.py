from __future__ import annotations

import csv
import json
import shutil
import statistics
from typing import TYPE_CHECKING

import pytest
from in_process import said_by

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.needs_extra("plot", "torch")

ARMS = ("model", "tfidf", "majority")


def measure(folder: Path, *more: str) -> str:
    from scripts.accuracy.measure import main

    places = ("--cache", folder / "cache", "--out", folder / "out")
    return said_by(main, "--small", "--arms", *ARMS, *places, *more)


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "out" / "accuracy.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def runs(folder: Path) -> list[dict[str, float | str]]:
    path = folder / "cache" / "runs" / "movies72-balanced.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()[1:]]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("accuracy")
    measure(folder)
    return folder


def test_every_arm_has_its_row_at_every_number_of_labels(measured: Path) -> None:
    found = {(row["arm"], int(row["budget"]), int(row["draws"])) for row in table(measured)}
    assert found == {
        ("pretrained model", 0, 1),
        ("pretrained model", 2, 3),
        ("pretrained model", 8, 3),
        ("TF-IDF + logistic regression", 2, 3),
        ("TF-IDF + logistic regression", 8, 3),
        ("majority class", 2, 3),
        ("majority class", 8, 3),
    }


def test_the_table_holds_mean_spread_and_worst_of_the_runs(measured: Path) -> None:
    drawn = [
        100 * float(run["accuracy"])
        for run in runs(measured)
        if run["arm"] == "pretrained model" and run["budget"] == 8
    ]
    row = next(r for r in table(measured) if r["arm"] == "pretrained model" and r["budget"] == "8")
    assert float(row["mean"]) == pytest.approx(sum(drawn) / 3, abs=0.006)
    assert float(row["sd"]) == pytest.approx(statistics.stdev(drawn), abs=0.006)
    assert float(row["worst"]) == pytest.approx(min(drawn), abs=0.006)


def test_markdown_and_curve_are_written(measured: Path) -> None:
    markdown = (measured / "out" / "accuracy.md").read_text(encoding="utf-8")
    picture = (measured / "out" / "accuracy-movies72.svg").read_text(encoding="utf-8")
    assert "## movies72" in markdown
    assert "| TF-IDF + logistic regression |" in markdown
    assert "165 test texts" in markdown
    assert "TF-IDF + logistic regression" in picture


def test_a_second_call_measures_only_what_is_missing(measured: Path) -> None:
    before = runs(measured)
    output = measure(measured, "--budgets", "0", "2", "4", "8")
    assert "movies72, balanced, 4 labels, model tfidf majority" in output
    assert runs(measured)[: len(before)] == before
    assert {run["budget"] for run in runs(measured)[len(before) :]} == {4}


def test_rows_of_arms_and_sets_that_were_not_run_again_stay(measured: Path, tmp_path: Path) -> None:
    shutil.copytree(measured, tmp_path, dirs_exist_ok=True)
    rows, path = table(tmp_path), tmp_path / "out" / "accuracy.csv"
    other = rows[0] | {"set": "mr", "arm": "VADER", "mean": "12.34"}
    stale = [row | {"mean": "0.0"} for row in rows]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(other))
        writer.writeheader()
        writer.writerows([*stale, other])
    measure(tmp_path, "--report")
    again = table(tmp_path)
    assert [row for row in again if row["arm"] != "VADER"] == rows
    others = [(row["set"], row["mean"]) for row in again if row["arm"] == "VADER"]
    assert others == [("mr", "12.34")]
    assert "VADER" in (tmp_path / "out" / "accuracy.md").read_text(encoding="utf-8")
