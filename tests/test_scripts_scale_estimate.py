"""The script that compares estimates of pretraining with runs."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import pytest

from scripts.scale.estimate import compared, recorded, report

if TYPE_CHECKING:
    from pathlib import Path

RUN = {"wall": 10.0, "cpu": 8.0, "peak_mb": 400.0, "ids_mb": 50.0, "tokens": 1e6}


def test_a_record_of_the_whole_corpus_is_compared(tmp_path: Path) -> None:
    path = tmp_path / "record.csv"
    row = {"run": "undisturbed", "most_on_disk_mb": 50.0, "vocabulary": 9, **RUN}
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, [*row])
        table.writeheader()
        table.writerows([{**row, "run": "killed after 3 s"}, row])
    run = recorded(path)
    assert run == {**RUN, "vocabulary": 9}
    estimate = {**run, "cpu": 10.0, "model_mb": 3.0}
    off = compared(estimate, run)
    assert off["cpu"] == pytest.approx(25)
    assert off["peak_mb"] == 0


def test_the_page_names_each_target_that_is_missed(tmp_path: Path) -> None:
    figures = {f"{name} run": RUN[name] for name in ("cpu", "peak_mb", "ids_mb")}
    figures |= {"cpu estimate": 9.5, "peak_mb estimate": 445.0, "ids_mb estimate": 50.0}
    text = report([{"words": "2 million", **figures}], "Facts.", tmp_path)
    assert "| 2 million | seconds of processors | 10 | 8 | +19 % | 20 % |" in text
    assert "| 2 million | memory, MB | 445 | 400 | +11 % | 10 %, missed |" in text
    assert "Of 3 figures 1 miss their target." in text
    assert (tmp_path / "scale-estimate.csv").read_text().count("2 million") == 1


def test_time_by_the_clock_is_judged_too(tmp_path: Path) -> None:
    row = {"words": "2 million", "wall estimate": 13.0, "wall run": 10.0, "load": 0.25}
    text = report([row], "Facts.", tmp_path)
    assert "| 2 million | seconds by the clock | 13 | 10 | +30 % | 20 %, missed |" in text
    assert "Load of the machine at the start: 0.2 (2 million)." in text
    flat = " ".join(text.split())
    assert "fitted on runs of the corpora of 20 and 100 million words" in flat
    assert "cluster was not compared with a run" in flat


def test_rows_of_sizes_that_are_not_measured_again_stay(tmp_path: Path) -> None:
    def row(words: str, estimate: float) -> dict[str, Any]:
        return {"words": words, "wall estimate": estimate, "wall run": 10.0, "load": 1.0}

    report([row("2 million", 9.0), row("100 million", 9.5)], "Facts.", tmp_path)
    again = {**row("2 million", 11.0), "ids_mb estimate": 1.0, "ids_mb run": 1.0}
    text = report([again, row("1000 million", 10.5)], "Facts.", tmp_path)
    differences = [line.split(" | ")[::4] for line in text.splitlines() if "by the clock |" in line]
    assert differences == [
        ["| 2 million", "+10 %"],
        ["| 100 million", "-5 %"],
        ["| 1000 million", "+5 %"],
    ]
    assert "Of 4 figures 0 miss" in text
    assert len((tmp_path / "scale-estimate.csv").read_text().splitlines()) == 4
