"""A small edition of the kills of ``scripts.scale.kills``, and its training script."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from scripts.scale import kills, train
from scripts.torture.programs import write_texts

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.needs_extra("cluster")]


@pytest.mark.parametrize("name", ["workers", "clients"])
def test_a_training_that_is_killed_ends_with_the_file_of_threads(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kills, "BETWEEN", (0.5, 2.0))
    outcomes = kills.run(name, 1, 3000, 8, 0)
    assert outcomes.tried == 1
    assert outcomes.counts["runs with the same file"] >= 1
    assert not outcomes.failures


def test_kills_that_change_the_file_are_failures() -> None:
    outcomes, training = kills.Outcomes(), kills.Training.__new__(kills.Training)
    training.expected = "expected"
    kills._compare(training, "place", "expected", outcomes)
    assert not outcomes.failures
    kills._compare(training, "place", "other", outcomes)
    assert outcomes.failures == ["place: other instead of expected"]


def test_every_executor_learns_the_same_vectors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    draw = kills.random.Random(0)
    paths = [write_texts(tmp_path / f"{number}.csv", 200, draw) for number in range(2)]
    hashes = set()
    for executor in ("none", "serial", "local:2"):
        options = ["--executor", executor, "--epochs", "1", "--place", str(tmp_path / executor)]
        train.main([*map(str, paths), *options])
        hashes.add(json.loads(capsys.readouterr().out)["hash"])
    assert len(hashes) == 1
