"""The script that compares estimates of pretraining with runs."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

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
