"""A short run of the fuzzer of model files; `scripts/results/reliability.md` has a long one."""

from __future__ import annotations

import copy
import random
import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scripts.fuzz import model_files
from scripts.fuzz.model_files import Report, fuzz, make, seeds
from scripts.fuzz.model_mutants import CHANGES, written
from sentiment_transfer.storage import load_file

if TYPE_CHECKING:
    from pathlib import Path

MUTANTS = 800


@pytest.mark.slow
@pytest.mark.needs_extra("zh")
def test_mutated_model_files_are_refused_or_answer_equally_on_both_paths() -> None:
    report = fuzz(0, MUTANTS)
    assert report.failures == {}
    assert report.tried == MUTANTS
    assert report.outcomes["loaded, and equal on both paths"] > MUTANTS / 5
    assert len([kind for kind in report.outcomes if kind.startswith("refused")]) >= 8


def test_what_the_independent_writer_writes_is_what_the_package_reads(tmp_path: Path) -> None:
    for content in seeds()[0]:
        (tmp_path / "m").write_bytes(written(content))
        found = load_file(tmp_path / "m")
        assert found.manifest == content.manifest
        assert found.tensors.keys() == content.tensors.keys()
        for name, tensor in content.tensors.items():
            np.testing.assert_array_equal(found.tensors[name], tensor, strict=True)


def test_a_mutant_is_the_same_whenever_it_is_made() -> None:
    for number in range(40):
        first, second = (written(make(7, number)) for _ in range(2))
        assert first == second


def test_making_mutants_leaves_the_seeds_as_they_are() -> None:
    before = [written(content) for content in seeds()[0]]
    rng = random.Random(0)
    for name in CHANGES:
        for content in seeds()[0]:
            CHANGES[name][0](rng, copy.deepcopy(content), seeds()[0])
    assert [written(content) for content in seeds()[0]] == before


def test_a_child_process_that_dies_is_a_failure_of_its_mutant(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def child(seed: int, first: int, last: int) -> subprocess.Popen[str]:
        """Try mutants, and end by signal 11 during mutant 1."""
        code = f"""
import json, os
for number in range({first}, {last}):
    print(json.dumps([number, None]), flush=True)
    if number == 1:
        os.kill(os.getpid(), 11)
    print(json.dumps([number, "refused: shape"]), flush=True)
"""
        command = [sys.executable, "-c", code]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603

    monkeypatch.setattr(model_files, "_child", child)
    report = fuzz(0, 4)
    assert report.failures == {1: "failed: the process ended by -11"}
    assert report.outcomes["refused: shape"] == 3
    assert report.tried == 4


def test_the_table_counts_failures_of_a_kind_together() -> None:
    report = Report()
    for number, outcome in enumerate(["refused: shape", "failed: x (1)", "failed: x (2)"]):
        report.add(number, outcome)
    assert report.table().splitlines()[2:] == ["| failed: x | 2 |", "| refused: shape | 1 |"]
    assert report.failures == {1: "failed: x (1)", 2: "failed: x (2)"}
    assert report.tried == 3
