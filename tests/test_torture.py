"""A small edition of the trials in ``scripts/torture``, and the page that shows the large one."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from scripts.reliability import FOLDER, PAGE, Outcomes, page, store
from scripts.torture import __main__ as torture
from scripts.torture.places import has_read_only

if TYPE_CHECKING:
    from pathlib import Path

posix = pytest.mark.skipif(os.name != "posix", reason="POSIX signals, limits and forks")
COUNTS = {
    "kills": 1,
    "saves": 3,
    "savers": 3,
    "signals": 2,
    "threads": 24,
    "processes": 2,
    "full_disks": 1,
    "read_only": 1,
    "address_space": 1,
}
MEMORY = {"long_words": 10_000, "huge_words": 2}


def outcomes_of(name: str, count: int, folder: Path) -> Outcomes:
    outcomes = torture.TRIALS[name].run(count, 0, folder)
    assert outcomes.failures == []
    assert outcomes.held == outcomes.tried >= count
    return outcomes


@posix
@pytest.mark.slow
@pytest.mark.parametrize("name", COUNTS)
def test_a_few_trials_of_each_kind_hold(name: str, tmp_path: Path) -> None:
    if name == "read_only" and not has_read_only():
        pytest.skip("root may write into every folder here")
    outcomes = outcomes_of(name, COUNTS[name], tmp_path)
    assert sum(outcomes.counts.values()) >= 1


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory from /proc")
@pytest.mark.parametrize("name", MEMORY)
def test_memory_stays_bounded_while_no_word_repeats(name: str, tmp_path: Path) -> None:
    outcomes = outcomes_of(name, MEMORY[name], tmp_path)
    assert 50 < outcomes.counts["MB at the peak"] < 600


def test_every_kind_of_trial_is_tested_here_or_with_the_module_that_it_tries() -> None:
    elsewhere = {"comparisons", "numba_cache"}  # test_comparison.py, test_compiled.py
    assert set(torture.TRIALS) - {*COUNTS, *MEMORY} == elsewhere


def test_a_wrong_outcome_is_counted_as_failed_and_described() -> None:
    outcomes = Outcomes()
    outcomes.add("old file intact")
    outcomes.add("old file intact", "fit with 7 bytes: the old file is gone")
    assert (outcomes.tried, outcomes.held) == (2, 1)
    assert outcomes.counts == {"old file intact": 1, "failed": 1}
    assert outcomes.failures == ["old file intact: fit with 7 bytes: the old file is gone"]


def write(folder: Path, name: str, **more: object) -> None:
    result = {
        "what": "kills", "tried": 1234, "outcomes": {"same bytes": 1233, "failed": 1},
        "seconds": 90.04, "date": "2026-01-02", "commit": "abc123", "command": "python -m x",
    }  # fmt: skip
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(result | more), encoding="utf-8")


def test_the_page_shows_every_result_with_its_failures_and_machine(tmp_path: Path) -> None:
    write(tmp_path, "kills", machine="2 cores", failures=["killed after 0.1 s: other bytes"])
    write(tmp_path, "models", what="mutants")
    lines = page(tmp_path).splitlines()
    assert (
        "| kills | 1,234 | same bytes: 1,233<br>failed: 1 | 1.5 | 2026-01-02 | `abc123` "
        "| `python -m x` |"
    ) in lines
    assert sum(line.startswith("| mutants | 1,234 |") for line in lines) == 1
    assert "- `kills` failed: killed after 0.1 s: other bytes" in lines
    assert "- Machine of kills: 2 cores." in lines
    assert "- Machine of models: not recorded." in lines


def test_what_is_stored_is_what_the_page_needs(tmp_path: Path) -> None:
    outcomes = Outcomes()
    outcomes.add("same answer")
    store("threads", "calls by threads", outcomes, 12.34, "python -m y", tmp_path)
    stored = json.loads((tmp_path / "threads.json").read_text(encoding="utf-8"))
    assert stored["outcomes"] == {"same answer": 1}
    assert "| calls by threads | 1 | same answer: 1 | 0.2 |" in page(tmp_path)
    assert f"Machine: {stored['machine']}." in page(tmp_path)


def test_the_page_of_the_repository_is_what_its_files_give() -> None:
    assert list(FOLDER.glob("*.json"))
    assert PAGE.read_text(encoding="utf-8") == page()


@posix
def test_the_exit_code_is_1_if_a_trial_failed_and_the_page_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(count: int, seed: int, folder: Path) -> Outcomes:
        outcomes = Outcomes()
        for i in range(count):
            outcomes.add("held", f"seed {seed}" if i == 1 else None)
        return outcomes

    monkeypatch.setitem(torture.TRIALS, "kills", torture.Trial("kills", 5, fail))
    for name, value in (("FOLDER", tmp_path), ("PAGE", tmp_path / "page.md")):
        monkeypatch.setattr(torture, name, value)
    with pytest.raises(SystemExit) as ended:
        torture.main(["--only", "kills", "--count", "3", "--seed", "7"])
    assert ended.value.code == 1
    assert "kills: 2 of 3 held" in capsys.readouterr().out
    assert "- `kills` failed: held: seed 7" in (tmp_path / "page.md").read_text(encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        torture.main(["--page"])
    assert not ended.value.code
