"""Whether the package works with the oldest versions it allows, and with the newest.

    python -m scripts.release.bounds [--python 3.11,3.12,3.13] [--folder FOLDER] [--tests FILE...]

For every Python from 3.11 to 3.13 that is found, uv installs the base and the extras below twice:
the oldest versions that pyproject.toml allows (``lowest-direct``; what they need in turn is the
newest), and the newest. Only wheels are taken, so that a bound whose version has none for a
Python is found: uv then takes a later one, and the page names it. A part of the tests runs in each
environment. torch is in none of them, as pip resolves it to gigabytes; its tests are left out, as
the page says. They run with the version of scripts/constraints.txt, in the environment of
scripts/dev.py.

Writes scripts/results/bounds.md and the runs in bounds.csv; ends with an error if a test fails, or
if a bound is not what was installed, or if no Python is found.
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scripts.release import environments
from scripts.release.environments import BIN, MINORS, installed, name_of, pythons, requirements, uv
from scripts.reports import RESULTS, ROOT, markdown_table

__all__ = ["EXTRAS", "TESTS", "Run", "applying", "bounds", "main", "untrue"]

EXTRAS = ("advice", "cluster", "excel", "hub", "ja", "onnx", "plot", "studio", "zh")
NO_WHEEL = ("jieba", "unidic-lite")
"""Packages that are archives of sources only; the oldest allowed is the newest there is."""
TOOLS = ("pytest", "hypothesis", "httpx", "onnxruntime", "safetensors", "zstandard")
"""What the tests below need as well, in the newest version that fits."""
TESTS = (
    *("array_estimators", "text_estimators", "contracts", "vector_encoder", "calibration"),
    *("golden", "tables", "parquet", "excel", "formats", "storage", "store", "tokenizer"),
    *("segmenter", "detection", "skipgram", "grams", "report", "statistics", "schema"),
    *("progress_bars", "cli", "cli_predict", "advice_corpora", "serving_api", "studio_app"),
    *("cluster", "export_onnx", "hub", "public_names", "startup"),
)
"""Test files that reach every package that the base and the extras need."""
LOWEST, HIGHEST = "lowest-direct", "highest"
COUNTS = ("passed", "failed", "skipped")
APPLYING = """
import sys
from packaging.requirements import Requirement
for line in sys.argv[1:]:
    marker = Requirement(line).marker
    if marker is None or marker.evaluate():
        print(line)
"""
COUNTED = re.compile(r"(\d+) (passed|failed|skipped|errors?)")


@dataclass(frozen=True)
class Run:
    """Tests in one environment."""

    date: str
    python: str
    resolution: str
    passed: int
    failed: int
    skipped: int
    above: str
    """Packages whose oldest allowed version could not be installed, with the one in its place."""


def bounds(lines: list[str]) -> dict[str, str]:
    """Return the lower bound of each requirement by name.

    Examples
    --------
    >>> bounds(["py_lang.id>=2.1", "uvloop>=0.21; sys_platform != 'win32'"])
    {'py-lang-id': '2.1', 'uvloop': '0.21'}
    """
    found = {}
    for line in lines:
        name, _, bound = line.partition(";")[0].strip().partition(">=")
        found[name_of(name)] = bound
    return found


def same_version(one: str, other: str) -> bool:
    """Return whether two versions are equal but for zeros at the end and a post-release."""
    parts = [re.sub(r"(\.0)+$", "", version.partition(".post")[0]) for version in (one, other)]
    return parts[0] == parts[1]


def applying(python: Path, lines: list[str]) -> list[str]:
    """Return the requirements whose markers apply to a Python, which has the package packaging."""
    return environments.run(python, "-c", APPLYING, *lines).splitlines()


def untrue(lines: list[str], versions: dict[str, str]) -> dict[str, str]:
    """Return what is installed in place of the lower bound of a requirement, by name."""
    found = {name: versions.get(name, "not installed") for name in bounds(lines)}
    return {
        name: found[name]
        for name, bound in bounds(lines).items()
        if not same_version(bound, found[name])
    }


def install(python: Path, resolution: str, folder: Path) -> Path:
    """Make an environment with the oldest or the newest versions, and the tests' own packages."""
    tool, home = uv(folder.parent), folder / BIN / "python"
    lines = requirements(*EXTRAS)
    wheels = folder.parent / "wheels.txt"
    wheels.write_text("\n".join(line for line in lines if not line.startswith(NO_WHEEL)))
    archives = [line.replace(">=", "==") for line in lines if line.startswith(NO_WHEEL)]
    environments.run(tool, "venv", "--quiet", "--clear", "--seed", "--python", python, folder)
    into = (tool, "pip", "install", "--quiet", "--python", home)
    environments.run(*into, "--no-build", "--resolution", resolution, "--requirement", wheels)
    environments.run(*into, *archives)
    held = folder.parent / "held.txt"
    held.write_text("\n".join(map("==".join, installed(home).items())))
    environments.run(*into, "--constraint", held, *TOOLS)
    environments.run(*into, "--no-deps", "--editable", ROOT)
    return home


def tested(python: Path, files: list[str]) -> dict[str, int]:
    """Run test files in an environment and return how many passed, failed and were skipped."""
    settings = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    settings.pop("PYTHONPATH", None)
    line = [str(python), "-m", "pytest", "-q", "-m", "not slow", *files]
    done = subprocess.run(line, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)
    print("\n".join(done.stdout.splitlines()[-40:]), done.stderr[-2000:], flush=True)
    counts = dict.fromkeys(COUNTS, 0)
    for number, kind in COUNTED.findall("".join(done.stdout.splitlines()[-1:])):
        counts["failed" if kind.startswith("error") else kind] += int(number)
    if not counts["failed"] and (done.returncode or not counts["passed"]):
        counts["failed"] = 1
    return counts


def measure(minor: str, python: Path, resolution: str, folder: Path, files: list[str]) -> Run:
    """Install and test one environment."""
    home = install(python, resolution, folder / f"{minor}-{resolution}")
    lines = applying(home, requirements(*EXTRAS))
    above = untrue(lines, installed(home)) if resolution == LOWEST else {}
    named = ", ".join(f"{name} {version}" for name, version in above.items())
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return Run(today, minor, resolution, **tested(home, files), above=named)


def read(path: Path) -> list[Run]:
    """Return the runs of a table; none if it is not there."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    return [Run(**{**row, **{name: int(row[name]) for name in COUNTS}}) for row in rows]


def kept(path: Path, run: Run) -> list[Run]:
    """Write a run to a table in place of an earlier one of the same environment; return all."""
    others = [r for r in read(path) if (r.python, r.resolution) != (run.python, run.resolution)]
    runs = sorted([*others, run], key=lambda r: (r.python, r.resolution == HIGHEST))
    with path.open("w", newline="", encoding="utf-8") as file:
        names = [field.name for field in fields(Run)]
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, runs))
    return runs


def page(runs: list[Run], asked: list[str], missing: list[str], files: list[str]) -> str:
    """Return the page of results; ``missing`` are some of the Pythons ``asked`` for."""
    header = ("Python", "versions", "date", "passed", "failed", "skipped", "above the bound")
    titles = {LOWEST: "oldest allowed", HIGHEST: "newest"}
    rows = [
        (
            *(r.python, titles[r.resolution], r.date),
            *(r.passed, r.failed, r.skipped, r.above or "none"),
        )
        for r in runs
    ]
    return "\n".join(
        [
            "# Oldest and newest versions of what the package needs",
            "",
            "By `python -m scripts.release.bounds`. uv installs the",
            f"base and the extras {', '.join(EXTRAS)} from wheels, with",
            "the oldest versions that `pyproject.toml` allows (`lowest-direct`) and the newest;",
            f"then {len(files)} files of tests run. Asked for was Python {', '.join(asked)};",
            f"not found on this machine, so not tested: {', '.join(missing) or 'none'}.",
            "",
            *markdown_table(header, rows, left=3),
            "",
            "The last column names packages whose oldest allowed version has no wheel for that",
            "Python. torch is in none of these environments: its tests run with the version of",
            "`scripts/constraints.txt` only, so `torch>=2.5` (the first with wheels for Python",
            "3.13) is a bound that no test has tried; nor were the bounds of the extras minilm,",
            "model2vec and wordllama.",
            "",
        ]
    )


def main(arguments: list[str] | None = None) -> None:
    """Measure and write the page."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--python", default=",".join(MINORS), help="versions, with commas between")
    parser.add_argument("--resolution", default=f"{LOWEST},{HIGHEST}")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "bounds")
    parser.add_argument("--tests", nargs="*", default=[f"tests/test_{name}.py" for name in TESTS])
    parser.add_argument("--out", type=Path, default=RESULTS)
    chosen = parser.parse_args(arguments)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    asked = chosen.python.split(",")
    found, missing = pythons(tuple(asked))
    if not found:
        sys.exit(f"Python {', '.join(missing)} is not on this machine")
    print(f"found {found}; missing {missing or 'none'}", flush=True)
    runs: list[Run] = []
    for minor, python in found.items():
        for resolution in chosen.resolution.split(","):
            run = measure(minor, python, resolution, chosen.folder, chosen.tests)
            runs = kept(chosen.out / "bounds.csv", run)
            text = page(runs, asked, missing, chosen.tests)
            (chosen.out / "bounds.md").write_text(text, encoding="utf-8")
    if any(r.failed or r.above for r in runs):
        sys.exit("a test failed, or a bound is not what was installed: see bounds.md")


if __name__ == "__main__":
    main()
