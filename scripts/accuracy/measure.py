"""Measure accuracy with few labels or none, and compare it with what others use.

The model, its ablations, the baselines and the peers, on the same draws of labels and the same test
texts. An interrupted run can be resumed: vectors, runs and features are kept in a cache folder
(delete it after a change to the code). Arms whose package is missing are left out.

    python -m scripts.accuracy.measure                     everything, many hours
    python -m scripts.accuracy.measure --sets mr imdb --arms model tfidf --budgets 0 8 100
    python -m scripts.accuracy.measure --prevalence natural --budgets 8 100
    python -m scripts.accuracy.measure --arms e5 mpnet --budgets 8 32 100 --draws 5
                                                           the slowest arms must be named
    python -m scripts.accuracy.measure --develop           choose vectors on the pools alone
    python -m scripts.accuracy.measure --small             the seconds-long version, for CI
    python -m scripts.accuracy.measure --report            tables from the runs there are
"""

from __future__ import annotations

import argparse
import copy
import importlib.util
import time
from typing import TYPE_CHECKING

import numpy as np

from scripts.accuracy import peers, report
from scripts.accuracy.arms import KINDS, possible
from scripts.accuracy.sets import SETS, SOURCES, Measured, make_ready
from scripts.corpora import read_set, sampled
from scripts.reports import SAMPLED, add_report_options, finished, start_runs
from sentiment_transfer.experiments.comparison import compare
from sentiment_transfer.experiments.draws import draw_labelled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.experiments.draws import Sampling

BUDGETS = (0, 2, 8, 16, 32, 100, 500)


def measure(
    name: str,
    arms: Sequence[str],
    budgets: Sequence[int],
    draws: int,
    prevalence: Sampling,
    folder: Path,
) -> None:
    """Measure what is missing, and keep it in the folder."""
    pool = read_set(name)[0]
    enough = _largest(pool, prevalence)
    budgets = [budget for budget in budgets if budget <= enough]
    groups = [
        ([b for b in budgets if b < 500], draws),
        ([b for b in budgets if b == 500], min(draws, 8)),
        ([b for b in budgets if b > 500], 1),
    ]
    ready = None
    for speed in report.SPEEDS:
        path = report.runs_path(folder, name, prevalence, speed)
        for group, n in groups:
            todo = {
                budget: _missing(
                    name, [a for a in arms if KINDS[a].speed == speed], budget, n, path
                )
                for budget in group
            }
            todo = {budget: missing for budget, missing in todo.items() if missing}
            if todo:
                ready = ready or make_ready(name, SETS[name].vectors, folder)
                missing = [arm for arm in arms if any(arm in m for m in todo.values())]
                _compare(ready, missing, list(todo), n, prevalence, path, speed)


def _largest(pool: Labelled, prevalence: Sampling) -> int:
    """Most labels that can be drawn."""
    if prevalence == "natural":
        return len(pool)
    counts = np.unique(pool.labels, return_counts=True)[1]
    return int(counts.min() * len(counts))


def _missing(name: str, arms: Sequence[str], budget: int, draws: int, path: Path) -> list[str]:
    done = finished(path, budget, draws if budget else 1)
    return [
        arm
        for arm in arms
        if possible(KINDS[arm], SETS[name], budget) and KINDS[arm].title not in done
    ]


def _compare(
    ready: Measured,
    arms: Sequence[str],
    budgets: Sequence[int],
    draws: int,
    prevalence: Sampling,
    path: Path,
    speed: report.Speed,
) -> None:
    began = time.perf_counter()
    most = {"fast": None, "slow": SAMPLED, "slowest": ready.plan.few}
    test = sampled(ready.test, most[speed])
    made = {KINDS[arm].title: KINDS[arm].make(ready) for arm in arms}
    start_runs(path, {"n_test": len(test), "vectors": ready.vectors})
    compare(
        [], ready.pool, test,
        budgets=budgets, draws=draws, sampling=prevalence, arms=made, resume=path,
    )  # fmt: skip
    print(
        f"{ready.name}, {prevalence}, {'/'.join(map(str, budgets))} labels, {' '.join(arms)}: "
        f"{time.perf_counter() - began:.0f} s",
        flush=True,
    )


def develop(sets: Sequence[str], draws: int, folder: Path, out: Path) -> None:
    """Compare vectors on the pools: labels drawn there, accuracy on the pool's other rows."""
    lines = ["set,vectors,adapted,labels,draws,mean,sd,worst"]
    for name in sets:
        language = SOURCES[SETS[name].vectors].language
        candidates = {
            "en": ["reviews", "products", "movies"],
            "zh": ["hotel", "waimai", "chinese"],
        }[language]
        for vectors in candidates:
            ready = make_ready(name, vectors, folder)
            for adapted, model in ((True, ready.adapted), (False, ready.general)):
                encoded, labels = model.encode(ready.pool.texts), np.array(ready.pool.labels)
                for budget in (0, 8, 100):
                    figures = []
                    for draw in range(draws if budget else 1):
                        rows = draw_labelled(
                            ready.pool.labels, budget, "balanced", seed=1, draw=draw
                        )
                        rest = np.setdiff1d(np.arange(len(labels)), rows)
                        fitted = copy.copy(model).fit_encoded(encoded[rows], labels[rows])
                        right = fitted.predict_encoded(encoded[rest]) == labels[rest]
                        figures.append(100 * float(right.mean()))
                    lines.append(
                        f"{name},{vectors},{adapted},{budget},{len(figures)},"
                        f"{np.mean(figures):.2f},{_deviation(figures):.2f},{min(figures):.2f}"
                    )
                    print(lines[-1], flush=True)
    out.mkdir(parents=True, exist_ok=True)
    (out / "accuracy-development.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _deviation(figures: Sequence[float]) -> float:
    return float(np.std(figures, ddof=1)) if len(figures) > 1 else float("nan")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    real = [name for name in SETS if name != "movies72"]
    everything = [*KINDS]
    parser.add_argument("--sets", nargs="+", choices=SETS, default=real, metavar="SET")
    parser.add_argument("--arms", nargs="+", choices=KINDS, metavar="ARM")
    parser.add_argument("--budgets", nargs="+", type=int, metavar="LABELS")
    parser.add_argument("--draws", type=int, default=20, help="at 500 labels 8 at most")
    parser.add_argument(
        "--prevalence", nargs="+", choices=("balanced", "natural"), default=["balanced", "natural"]
    )
    parser.add_argument("--small", action="store_true", help="movies72 with 3 draws, and no peer")
    parser.add_argument("--develop", action="store_true", help="choose vectors on the pools")
    add_report_options(parser)
    options = parser.parse_args()
    if options.small:
        options.sets, options.prevalence, options.draws = ["movies72"], ["balanced"], 3
        options.budgets = options.budgets or [0, 2, 8]
        everything = [name for name, kind in KINDS.items() if kind.package is None]
    options.arms = options.arms or [n for n in everything if KINDS[n].speed != "slowest"]
    return options


def main() -> None:
    options = _options()
    budgets = {"balanced": options.budgets or BUDGETS, "natural": options.budgets or (8, 100)}
    if options.develop:
        develop(
            [n for n in options.sets if SETS[n].ordered is None], 20, options.cache, options.out
        )
        return
    packages = {KINDS[arm].package for arm in options.arms} - {None}
    for package in sorted(p for p in packages if p and importlib.util.find_spec(p) is None):
        print(f"{package} is not installed; its arms are not measured")
    if "glove" in options.arms and not peers.vector_file():
        print("SENTIMENT_TRANSFER_GLOVE names no file of vectors; GloVe is not measured")
    for prevalence in () if options.report else options.prevalence:
        for name in options.sets:
            measure(
                name, options.arms, budgets[prevalence], options.draws, prevalence, options.cache
            )
    reported = [name for name in SETS if name in options.sets or name != "movies72"]
    floors = {name: SETS[name].floors for name in reported}
    titles = [kind.title for kind in KINDS.values()]
    report.write(options.cache, options.out, floors, titles)


if __name__ == "__main__":
    main()
