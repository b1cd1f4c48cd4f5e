"""Compare the strategies of transfer learning over budgets of labels, on real review sets.

The pretrained model without labels, classifiers on averaged vectors, a hidden layer, a hidden layer
shared by several domains, fine-tuned vectors, an LSTM with and without pretraining, and the model:
on the same draws of labels and the same test texts. An interrupted run can be resumed (delete the
cache folder after a change to the code).

    python -m scripts.strategies.compare                        everything, some hours
    python -m scripts.strategies.compare --sets mr imdb --arms logistic lstm --budgets 8 100
    python -m scripts.strategies.compare --all imdb             that set with all labels, as well
    python -m scripts.strategies.compare --small                the seconds-long version, for CI
    python -m scripts.strategies.compare --report               tables from the runs there are
"""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from scripts.accuracy.sets import SETS
from scripts.corpora import read_set
from scripts.reports import SAMPLED, add_report_options, finished, start_runs
from scripts.strategies import report
from scripts.strategies.sets import DOMAINS, SEVERAL, STRATEGIES, Ready, make_ready, title_of
from sentiment_transfer.experiments.comparison import compare

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

BUDGETS = (8, 32, 100, 500)


def measure(
    name: str, arms: Sequence[str], budgets: Sequence[int], draws: int, folder: Path
) -> None:
    """Measure what is not measured yet at few labels."""
    path = report.runs_path(folder, name, full=False)
    labels = read_set(name)[0].labels
    enough = min(labels.count(label) for label in set(labels)) * len(set(labels))
    budgets = [budget for budget in budgets if budget <= enough and budget < len(labels)]
    ready: Ready | None = None
    for arm in _possible(name, arms):
        n = min(draws, STRATEGIES[arm])
        todo = [b for b in budgets if title_of(arm) not in finished(path, b, n)]
        if todo:
            ready = ready or make_ready(name, folder, SAMPLED)
            _run(ready, arm, todo, n, path, folder)


def measure_all(name: str, arms: Sequence[str], folder: Path) -> None:
    """Measure one draw of all labels, on all test texts."""
    path = report.runs_path(folder, name, full=True)
    budget = len(read_set(name)[0])
    ready: Ready | None = None
    for arm in _possible(name, arms):
        if arm not in SEVERAL and title_of(arm) not in finished(path, budget, 1):
            ready = ready or make_ready(name, folder)
            _run(ready, arm, [budget], 1, path, folder)


def _possible(name: str, arms: Sequence[str]) -> list[str]:
    """Leave out what learns from all domains, where the set is none."""
    return [arm for arm in arms if arm not in SEVERAL or name in DOMAINS]


def _run(
    ready: Ready, arm: str, budgets: Sequence[int], draws: int, path: Path, folder: Path
) -> None:
    began = time.perf_counter()
    start_runs(path, {"n_test": len(ready.test), "vectors": ready.vectors})
    natural = max(budgets) >= len(ready.pool)  # all labels need not be as many of each class
    compare(
        [], ready.pool, ready.test,
        budgets=budgets, draws=draws, arms={title_of(arm): ready.arm(arm, folder)}, resume=path,
        sampling="natural" if natural else "balanced",
    )  # fmt: skip
    seconds = time.perf_counter() - began
    print(f"{ready.name}, {'/'.join(map(str, budgets))} labels, {arm}: {seconds:.0f} s", flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    real = ("imdb", "mr", "uci_yelp", "uci_imdb", "uci_amazon", *DOMAINS)
    parser.add_argument("--sets", nargs="+", choices=SETS, default=list(real), metavar="SET")
    parser.add_argument("--arms", nargs="+", choices=STRATEGIES, default=list(STRATEGIES))
    parser.add_argument("--budgets", nargs="+", type=int, default=list(BUDGETS), metavar="LABELS")
    parser.add_argument("--draws", type=int, default=8, help="slow arms get 3 at most")
    parser.add_argument("--all", nargs="*", choices=SETS, default=["imdb"], metavar="SET",
                        help="sets to measure with all labels too")  # fmt: skip
    parser.add_argument("--small", action="store_true", help="movies72, two arms, two draws")
    add_report_options(parser)
    options = parser.parse_args()
    if options.small:
        options.sets, options.all, options.draws = ["movies72"], ["movies72"], 2
        options.arms, options.budgets = ["logistic", "hidden-layer"], [2, 8]
    return options


def main() -> None:
    options = _options()
    for name in () if options.report else options.sets:
        measure(name, options.arms, options.budgets, options.draws, options.cache)
    for name in () if options.report else options.all:
        measure_all(name, options.arms, options.cache)
    sets = list(dict.fromkeys([*options.sets, *options.all]))
    report.write(options.cache, options.out, sets, SAMPLED)


if __name__ == "__main__":
    main()
