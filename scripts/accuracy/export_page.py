"""Measure exported pages: answers beside those of Python, size, and sentences a second.

    python -m scripts.accuracy.export_page     two minutes; writes results/export.md

Needs Node and Chromium. In Chromium the script that a page has is timed in a page of its own, which
also holds the texts. The first pass meets each word for the first time, while the engine compiles.
"""

from __future__ import annotations

import json
import platform
import re
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scripts.corpora import read_set
from scripts.reports import RESULTS, markdown_table
from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.errors import SettingError
from sentiment_transfer.export import page_of, script_of, tables_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SETS = ("mr", "imdb")
MOST = 5_000
"""Test texts of imdb; mr has 5,331, of which all are used."""
LABELS = 1_000
PASSES = 7
_MEASURE = f"""
function measure(model, texts) {{
  const speeds = [];
  let answers = [];
  for (let i = 0; i < {PASSES}; i++) {{
    const begin = performance.now();
    answers = model.predict(texts);
    speeds.push(texts.length / ((performance.now() - begin) / 1000));
  }}
  return JSON.stringify([speeds, answers.map((own) => own.probabilities)]);
}}
"""
COLUMNS = (
    "model", "page, MB", "set", "texts", "engine", "same label, %", "largest difference",
    "first pass, texts/s", "later passes, texts/s",
)  # fmt: skip
NOTE = """# Exported pages

Written by `scripts/accuracy/export_page.py`: answers of `sentiment-transfer export` in Node {node}
and Chromium {chromium}, beside those of Python: texts with the same label, and the largest
difference of a probability. Speed on one core of {machine}, shared with other work: the first pass
in a new process, then median (slowest to fastest) of {later} more. `mr` has sentences, `imdb`
reviews of 230 words. Targets: at most 5.5 MB, 99.9 % and 0.0001, 10,000 sentences a second in
Chromium.
"""


class Run(NamedTuple):
    """Texts a second in each pass, and the probabilities, float64 ``(n_texts, n_classes)``."""

    speeds: list[float]
    probabilities: NDArray[np.float64]


def in_node(script: str, texts: Sequence[str]) -> Run:
    """Run an exported script in Node."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.cjs").write_text(script, encoding="utf-8")
        (folder / "texts.json").write_text(json.dumps(texts))
        program = (
            f'{_MEASURE} const texts = JSON.parse(require("fs").readFileSync("texts.json"));'
            'process.stdout.write(measure(require("./model.cjs"), texts));'
        )
        return _run_of(_output([_found("node"), "-e", program], folder))


def in_chromium(script: str, texts: Sequence[str]) -> Run:
    """Run an exported script in Chromium, headless, in a page from disk."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.js").write_text(script, encoding="utf-8")
        (folder / "measure.js").write_text(
            f"{_MEASURE} const texts = {json.dumps(texts)};"
            'document.querySelector("pre").textContent = measure(SentimentModel, texts);'
        )
        scripts = "".join(f'<script src="{n}.js"></script>' for n in ("model", "measure"))
        (folder / "page.html").write_text(
            f'<!doctype html><meta charset="utf-8"><pre></pre>{scripts}'
        )
        page = (folder / "page.html").as_uri()
        options = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={name}/own"]
        shown = _output([_found("chromium"), *options, "--dump-dom", page], folder)
        found = re.search("<pre>(.*)</pre>", shown)
        if found is None:
            raise RuntimeError("Chromium shows no measurement; the page has not run")
        return _run_of(found[1])


ENGINES = {"node": in_node, "chromium": in_chromium}


def rows(name: str, model: SentimentClassifier, sets: dict[str, list[str]]) -> list[list[str]]:
    """Return the rows of one model: each set in each engine."""
    tables = tables_of(model.stages_)
    size, script = len(page_of(tables).encode()) / 1e6, script_of(tables)
    found = []
    for set_name, texts in sets.items():
        expected = model.predict_proba(texts)
        for engine, run_in in ENGINES.items():
            run = run_in(script, texts)
            same = (run.probabilities.argmax(axis=1) == expected.argmax(axis=1)).mean()
            first, *later = run.speeds
            found.append([
                name,
                f"{size:.2f}",
                set_name,
                f"{len(texts):,}",
                engine,
                f"{100 * same:.2f}",
                f"{np.abs(run.probabilities - expected).max():.0e}",
                f"{first:,.0f}",
                f"{statistics.median(later):,.0f} ({min(later):,.0f} to {max(later):,.0f})",
            ])  # fmt: skip
    return found


def main() -> None:
    """Measure the shipped model, and one with labels."""
    mr = read_set("mr")
    rng = np.random.default_rng(0)
    chosen = rng.permutation(len(mr.pool.texts))[:LABELS]
    labelled = [mr.pool.texts[i] for i in chosen], [mr.pool.labels[i] for i in chosen]
    sets = {name: some_texts(name, rng) for name in SETS}
    models = {
        "reviews-en": load("reviews-en"),
        f"{LABELS:,} labels of mr": SentimentClassifier(vectors="reviews-en").fit(*labelled),
    }
    table = [row for name, model in models.items() for row in rows(name, model, sets)]
    versions = {
        name: re.findall(r"[\d.]+", _output([_found(name), "--version"], Path.cwd()))[0]
        for name in ENGINES
    }
    note = NOTE.format(**versions, machine=platform.machine(), later=PASSES - 1)
    page = "\n".join([note, *markdown_table(COLUMNS, table), ""])
    (RESULTS / "export.md").write_text(page, encoding="utf-8")


def some_texts(name: str, rng: np.random.Generator) -> list[str]:
    """Return the test texts of a set, at most 5,000 long ones."""
    texts = list(read_set(name).test.texts)
    if name == "mr" or len(texts) <= MOST:
        return texts
    return [texts[i] for i in rng.permutation(len(texts))[:MOST]]


def _found(program: str) -> str:
    path = shutil.which(program)
    if path is None:
        raise SettingError(f"{program} is not installed; the measurement runs in it")
    return path


def _output(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, check=True, encoding="utf-8")
    return done.stdout


def _run_of(text: str) -> Run:
    speeds, probabilities = json.loads(text)
    return Run(speeds, np.array(probabilities))


if __name__ == "__main__":
    main()
