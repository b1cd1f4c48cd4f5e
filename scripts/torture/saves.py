"""Models saved over one another: the file is always one of them, complete."""

from __future__ import annotations

import random
import shutil
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from scripts.reliability import Outcomes
from scripts.reports import ROOT
from scripts.torture.programs import digest, environment, leftovers, load_model, run, start
from sentiment_transfer import SentimentClassifier, read_labelled

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["savers", "saves"]

ASKED = ["It was great, loved it.", "A dull plot and a waste of time.", "qwertz"]

SAVING = """
import sys
from sentiment_transfer import load
one, other, path, times = sys.argv[1:]
models = load(one), load(other)
for i in range(int(times)):
    models[i % 2].save(path)
    print(i, flush=True)
"""
"""Saves two models over one file in turns."""


def _two_models(folder: Path) -> dict[str, Path]:
    """Save two models that answer differently; returns the file of each by its sha256."""
    few = read_labelled(ROOT / "corpora" / "movies72" / "labelled.csv")
    shipped = load_model("reviews-en")
    fitted = SentimentClassifier(vectors="reviews-en").fit(few.texts, few.labels)
    files = {}
    for name, model in (("shipped", shipped), ("fitted", fitted)):
        path = folder / f"{name}.safetensors"
        model.save(path)
        files[digest(path)] = path
    return files


def saves(count: int, seed: int, folder: Path) -> Outcomes:
    """Kill a program that saves one of two models over the other, at random moments.

    Expected: a file that is one of the two, loads and answers as it did, and that the next program
    that saves removes what the killed one left.
    """
    rng = random.Random(seed)
    files, outcomes = _two_models(folder), Outcomes()
    answers = {sha: load_model(path).predict_proba(ASKED) for sha, path in files.items()}
    path = folder / "out" / "model.safetensors"
    path.parent.mkdir()
    line = [sys.executable, "-c", SAVING, *map(str, files.values()), str(path)]
    for _ in range(count):
        before = leftovers(path.parent)
        with start([*line, "1000000"], environment()) as process:
            assert process.stdout is not None  # noqa: S101
            process.stdout.readline()
            stayed = {*before} & {*leftovers(path.parent)}
            moment = round(rng.uniform(0, 0.3), 4)
            time.sleep(moment)
            process.kill()
        wrong = f"temporary files stayed: {stayed}" if stayed else _answer_of(path, answers)
        outcome = "killed within a save" if leftovers(path.parent) else "killed between saves"
        outcomes.add(outcome, wrong and f"{wrong}, killed {moment} s after a save")
    run([*line, "1"], environment())
    for left in leftovers(path.parent):
        outcomes.failures.append(f"the last program left {left}")
    return outcomes


def _answer_of(path: Path, answers: dict[str, NDArray[np.float64]]) -> str | None:
    """Return what is wrong with a saved model, if anything is."""
    copy = path.parent.with_name("copy")
    shutil.copyfile(path, copy)  # another program may replace the file at any time
    sha = digest(copy)
    if sha not in answers:
        return f"the file is neither of the two: {sha}"
    if not np.array_equal(load_model(copy).predict_proba(ASKED), answers[sha]):
        return "the loaded model answers differently"
    return None


def savers(count: int, seed: int, folder: Path) -> Outcomes:
    """Let two programs save over one file ``count`` times each, which is read meanwhile."""
    files, outcomes = _two_models(folder), Outcomes()
    answers = {sha: load_model(path).predict_proba(ASKED) for sha, path in files.items()}
    path = folder / "out" / "model.safetensors"
    path.parent.mkdir()
    line = [sys.executable, "-c", SAVING, *map(str, files.values()), str(path), str(count)]
    with start(line, environment()) as one, start(line, environment()) as other:
        while None in (one.poll(), other.poll()):
            if path.exists():
                outcomes.add("read while two programs save", _answer_of(path, answers))
        for process in (one, other):
            assert process.stdout is not None  # noqa: S101
            assert process.stderr is not None  # noqa: S101
            for _ in process.stdout:
                outcomes.add("saved")
            if process.returncode:
                outcomes.failures.append(process.stderr.read())
    outcomes.failures += [f"left behind: {name}" for name in leftovers(path.parent)]
    return outcomes
