"""The memory that is available, by the machine and by control groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sentiment_transfer.base import memory

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of control groups on a machine with 5,000 bytes available."""
    monkeypatch.setattr(memory, "CGROUP", tmp_path)
    monkeypatch.setattr(memory, "OWN_CGROUPS", tmp_path / "own")
    monkeypatch.setattr(memory, "_available", lambda: 5_000)
    return tmp_path


def limit(folder: Path, most: str, used: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "memory.max").write_text(f"{most}\n")
    (folder / "memory.current").write_text(f"{used}\n")


def test_the_limit_of_a_control_group_counts(groups: Path) -> None:
    limit(groups, "max", 700)
    assert memory.available_memory() == 5_000
    limit(groups, "1000", 700)
    assert memory.available_memory() == 300
    (groups / "memory.stat").write_text("anon 500\ninactive_file 150\n")
    assert memory.available_memory() == 450
    limit(groups, "9000", 700)
    assert memory.available_memory() == 5_000


def test_the_control_group_of_the_process_and_those_around_it_count(groups: Path) -> None:
    (groups / "own").write_text("0::/user.slice/run-7.scope\n")
    limit(groups / "user.slice" / "run-7.scope", "4000", 1_000)
    limit(groups / "user.slice" / "other.scope", "10", 10)
    assert memory.available_memory() == 3_000
    limit(groups / "user.slice", "4000", 2_500)
    assert memory.available_memory() == 1_500


def test_the_control_group_of_version_1_counts(groups: Path) -> None:
    (groups / "own").write_text("9:name=systemd:/\n4:cpu,memory:/job/a:b\n0::/\n")
    place = groups / "memory" / "job" / "a:b"
    place.mkdir(parents=True)
    (place / "memory.limit_in_bytes").write_text("3000\n")
    (place / "memory.usage_in_bytes").write_text("2000\n")
    assert memory.available_memory() == 1_000


def test_a_group_that_is_not_there_is_no_limit(groups: Path) -> None:
    (groups / "own").write_text("0::/../elsewhere\nnonsense\n")
    assert memory.available_memory() == 5_000
