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
if a bound is not what was installed.
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

from scripts.release import environments
from scripts.release.environments import BIN, MINORS, installed, pythons, requirements, uv
from scripts.reports import RESULTS, ROOT, markdown_table

__all__ = ["EXTRAS", "TESTS", "Run", "bounds", "main", "untrue"]

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
    >>> bounds(["numpy>=2.1", "uvloop>=0.21; sys_platform != 'win32'"])
    {'numpy': '2.1', 'uvloop': '0.21'}
    """
    found = {}
    for line in lines:
        name, _, bound = line.partition(";")[0].strip().partition(">=")
        found[name.lower()] = bound
    return found


def same_version(one: str, other: str) -> bool:
    """Return whether two versions are equal but for zeros at the end and a post-release."""
    parts = [re.sub(r"(\.0)+$", "", version.partition(".post")[0]) for version in (one, other)]
    return parts[0] == parts[1]


def untrue(lines: list[str], versions: dict[str, str]) -> dict[str, str]:
    """Return installed versions that are above the lower bound of their requirement, by name."""
    return {
        name: versions[name]
        for name, bound in bounds(lines).items()
        if name in versions and not same_version(bound, versions[name])
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
    for number, kind in COUNTED.findall(done.stdout.splitlines()[-1]):
        counts["failed" if kind.startswith("error") else kind] += int(number)
    if done.returncode and not counts["failed"]:
        counts["failed"] = 1
    return counts


def measure(minor: str, python: Path, resolution: str, folder: Path, files: list[str]) -> Run:
    """Install and test one environment."""
    home = install(python, resolution, folder / f"{minor}-{resolution}")
    versions = installed(home)
    above = untrue(requirements(*EXTRAS), versions) if resolution == LOWEST else {}
    named = ", ".join(f"{name} {version}" for name, version in above.items())
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    return Run(today, minor, resolution, **tested(home, files), above=named)


def kept(path: Path, run: Run) -> list[Run]:
    """Write a run to a table in place of an earlier one of the same environment; return all."""
    rows: list[dict[str, str]] = []
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
    runs = [Run(**{**row, **{name: int(row[name]) for name in COUNTS}}) for row in rows]
    others = [r for r in runs if (r.python, r.resolution) != (run.python, run.resolution)]
    runs = sorted([*others, run], key=lambda r: (r.python, r.resolution == HIGHEST))
    with path.open("w", newline="", encoding="utf-8") as file:
        names = [field.name for field in fields(Run)]
        writer = csv.DictWriter(file, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(map(asdict, runs))
    return runs


def page(runs: list[Run], missing: list[str], files: list[str]) -> str:
    """Return the page of results."""
    header = ("Python", "versions", "date", "passed", "failed", "skipped", "above the bound")
    titles = {LOWEST: "oldest allowed", HIGHEST: "newest"}
    rows = [
        (
            *(r.python, titles[r.resolution], r.date),
            *(r.passed, r.failed, r.skipped, r.above or "none"),
        )
        for r in runs
    ]
    lacking = (
        f"Not found on this machine, so not tested: {', '.join(missing)}."
        if missing
        else ("Every Python from 3.11 to 3.13 was found.")
    )
    return "\n".join(
        [
            "# Oldest and newest versions of what the package needs",
            "",
            "By `python -m scripts.release.bounds`. uv installs the",
            f"base and the extras {', '.join(EXTRAS)} from wheels, with",
            "the oldest versions that `pyproject.toml` allows (`lowest-direct`) and the newest;",
            f"then {len(files)} files of tests run. {lacking}",
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
    found, missing = pythons(tuple(chosen.python.split(",")))
    print(f"found {found}; missing {missing or 'none'}", flush=True)
    runs: list[Run] = []
    for minor, python in found.items():
        for resolution in chosen.resolution.split(","):
            run = measure(minor, python, resolution, chosen.folder, chosen.tests)
            runs = kept(chosen.out / "bounds.csv", run)
            text = page(runs, missing, chosen.tests)
            (chosen.out / "bounds.md").write_text(text, encoding="utf-8")
    if any(r.failed or r.above for r in runs):
        sys.exit("a test failed, or a bound is not what was installed: see bounds.md")


if __name__ == "__main__":
    main()
