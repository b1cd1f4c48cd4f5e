"""The scripts that try a release: what they read from pyproject.toml, and what their pages say."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.release import bounds, weight
from scripts.release.environments import MINORS, PROJECT, installed, name_of, pythons, requirements
from scripts.reports import RESULTS

TESTS = Path(__file__).parent


def test_a_python_that_is_not_there_is_named_as_missing() -> None:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    found, missing = pythons((here, "3.99"))
    assert list(found) == [here]
    assert missing == ["3.99"]


def test_the_pythons_are_those_of_the_classifiers() -> None:
    named = [line for line in PROJECT["classifiers"] if "Python :: 3." in line]
    assert [line.rpartition(" ")[2] for line in named] == list(MINORS)


def test_requirements_are_those_of_the_base_and_of_the_extras() -> None:
    assert requirements() == PROJECT["dependencies"]
    assert "jieba>=0.42.1" in requirements("zh")
    assert not [line for line in requirements(*bounds.EXTRAS) if line.startswith("torch")]


@pytest.mark.parametrize("name", ["archives", "bounds", "weight"])
def test_what_workflows_run_before_anything_is_installed_needs_no_package(name: str) -> None:
    line = [sys.executable, "-S", "-c", f"import scripts.release.{name}"]
    subprocess.run(line, cwd=TESTS.parent, check=True)  # noqa: S603


# Bounds


def test_a_version_above_its_bound_is_found_and_zeros_and_posts_do_not_count() -> None:
    lines = ["numpy>=2.1", "pandas>=2.2.3", "uvloop>=0.21; sys_platform != 'win32'", "rich>=13"]
    installed = {"numpy": "2.1.0", "pandas": "2.2.4", "uvloop": "0.21.0", "rich": "13.0.0.post1"}
    assert bounds.untrue(lines, installed) == {"pandas": "2.2.4"}
    assert bounds.untrue(lines, {**installed, "pandas": "2.2.3"}) == {}


def test_names_with_hyphens_are_compared_with_what_is_installed() -> None:
    home = Path(sys.executable)
    named = {name_of(line) for line in requirements("hub", "studio")} & installed(home).keys()
    assert {"scikit-learn", "huggingface-hub", "prometheus-client"} <= named
    lines = ["Huggingface.Hub>=0", "prometheus_client>=0"]
    assert bounds.untrue(lines, installed(home)).keys() == {"huggingface-hub", "prometheus-client"}


def test_what_is_not_installed_is_named_if_it_applies() -> None:
    lines = ["none-such>=1", "other>=1; python_version < '3'", "third>=1; python_version > '3'"]
    left = bounds.applying(Path(sys.executable), lines)
    found = bounds.untrue(left, {"third": "1.0"})
    assert found == {"none-such": "not installed"}


@pytest.mark.parametrize(
    ("code", "output"), [(3, ""), (0, ""), (5, "no tests ran"), (0, "2 skipped in 1 s")]
)
def test_tests_that_do_not_run_count_as_a_failure(
    code: int, output: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = subprocess.CompletedProcess([], code, output, "")
    monkeypatch.setattr(bounds.subprocess, "run", lambda *_, **__: done)
    assert bounds.tested(Path(sys.executable), [])["failed"] == 1


def test_without_any_python_that_was_asked_for_it_ends_with_an_error(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"Python 3\.98, 3\.99 is not on this machine"):
        bounds.main(["--python", "3.98,3.99", "--folder", str(tmp_path), "--out", str(tmp_path)])


def test_every_file_of_tests_and_every_extra_exists() -> None:
    assert [name for name in bounds.TESTS if not (TESTS / f"test_{name}.py").is_file()] == []
    assert set(bounds.EXTRAS) <= PROJECT["optional-dependencies"].keys()


def test_the_tests_with_other_versions_reach_dask_whose_extra_is_installed() -> None:
    assert "cluster" in bounds.EXTRAS
    assert "cluster" in bounds.TESTS
    assert "Dask" not in bounds.page([], [], [], [])  # nothing of it is left out


def test_the_page_of_bounds_names_what_is_missing_and_what_is_above() -> None:
    old = bounds.Run("2026-11-30", "3.11", bounds.LOWEST, 90, 0, 4, "")
    runs = [old, bounds.Run("2026-11-30", "3.13", bounds.HIGHEST, 9, 1, 0, "")]
    text = bounds.page(runs, ["3.11", "3.12"], ["3.12"], ["tests/test_a.py"])
    assert "| 3.11 | oldest allowed | 2026-11-30 | 90 | 0 | 4 | none |" in text
    assert "| 3.13 | newest | 2026-11-30 | 9 | 1 | 0 | none |" in text
    assert "Asked for was Python 3.11, 3.12;\n" in text
    assert "not tested: 3.12." in text
    assert "not tested: none." in bounds.page(runs, ["3.11"], [], [])


def test_the_page_of_bounds_is_what_its_runs_give() -> None:
    text = bounds.page(bounds.read(RESULTS / "bounds.csv"), [*MINORS], [], [*bounds.TESTS])
    assert text == (RESULTS / "bounds.md").read_text(encoding="utf-8")


def test_a_run_takes_the_place_of_an_earlier_one_of_the_same_environment(tmp_path: Path) -> None:
    table = tmp_path / "bounds.csv"
    new = bounds.Run("2026-11-30", "3.13", bounds.HIGHEST, 9, 1, 0, "")
    old = bounds.Run("2026-11-30", "3.11", bounds.LOWEST, 8, 0, 0, "numpy 2.2.0")
    again = bounds.Run("2026-12-01", "3.13", bounds.HIGHEST, 10, 0, 0, "")
    assert bounds.kept(table, new) == [new]
    assert bounds.kept(table, old) == [old, new]
    assert bounds.kept(table, again) == [old, again]


# Weight


def test_every_package_that_the_base_needs_has_a_purpose_and_no_other_has() -> None:
    assert weight.PURPOSES.keys() == {name_of(line) for line in PROJECT["dependencies"]}


def test_a_package_that_nothing_asks_for_directly_is_needed_by_another() -> None:
    numba = weight.Package("numba", "1", 10, ("llvmlite", "numpy"))
    llvmlite = weight.Package("llvmlite", "1", 20, ())
    pip = weight.Package("pip", "1", 30, ())
    every = [numba, llvmlite, pip]
    assert [weight.purpose(package, every) for package in every] == [
        weight.PURPOSES["numba"],
        "needed by numba",
        "came with the environment",
    ]


def test_what_is_on_disk_is_counted_in_blocks_and_links_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"x" * 100_000)
    counted = weight.on_disk(tmp_path)
    assert 100_000 <= counted < 130_000
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    assert weight.on_disk(tmp_path) < counted + 20_000


def test_the_page_of_weights_has_the_figures_of_its_table() -> None:
    with (RESULTS / "install.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["package"]: int(row["bytes"]) for row in csv.DictReader(file)}
    text = (RESULTS / "install.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"\*\*([\d,]+) MB\*\*", text)
    assert int(shown.replace(",", "")) == round(rows["(all)"] / weight.MEGABYTE)
    assert rows["(all)"] <= weight.TARGET
    for package, size in re.findall(r"^\| ([\w-]+) \|.* \| ([\d.]+) \|$", text, re.MULTILINE):
        assert float(size) == round(rows[package] / weight.MEGABYTE, 1)
