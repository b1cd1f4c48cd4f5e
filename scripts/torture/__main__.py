"""Run the reliability trials, and write ``scripts/results/reliability.md``.

python -m scripts.torture                           # everything, about an hour on two cores
python -m scripts.torture --only kills --count 150  # one kind of trial
python -m scripts.torture --page                    # only the page
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scripts.reliability import FOLDER, PAGE, page, store
from scripts.torture import kills, memory, places, saves, sharing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from scripts.reliability import Outcomes


class Trial(NamedTuple):
    """A kind of trial: what is done, how often by default, and the function that does it."""

    what: str
    times: int
    run: Callable[[int, int, Path], Outcomes]


TRIALS = {
    "kills": Trial(
        "SIGKILL at random moments of checkpointed `pretrain` runs, each resumed until it ends",
        160,
        kills.kills,
    ),
    "comparisons": Trial(
        "SIGKILL at random moments of `compare --resume`, each resumed until it ends",
        40,
        kills.comparisons,
    ),
    "saves": Trial(
        "SIGKILL at random moments of a program that saves one model over another",
        150,
        saves.saves,
    ),
    "savers": Trial("two programs that save over one file, which is read", 100, saves.savers),
    "signals": Trial(
        "SIGTERM and SIGINT at random moments of `pretrain`, `fit` and `predict`",
        150,
        kills.signals,
    ),
    "threads": Trial("calls of one model by eight threads", 800, sharing.threads),
    "processes": Trial("a loaded model in forked and spawned processes", 40, sharing.processes),
    "full_disks": Trial(
        "`pretrain`, `fit` and `predict` on disks of random sizes", 90, places.full_disks
    ),
    "read_only": Trial(
        "`pretrain`, `fit` and `predict` into read-only folders", 30, places.read_only
    ),
    "address_space": Trial(
        f"`predict` of files of random sizes in {places.MEGABYTES} MB of address space",
        40,
        places.address_space,
    ),
    "numba_cache": Trial(
        "`predict` with a cache of numba that is damaged or full", 42, places.numba_cache
    ),
    "long_words": Trial(
        "texts with a long address and a base64 word each, all different", 10**6, memory.long_words
    ),
    "huge_words": Trial("calls with 10 MB of different words", 30, memory.huge_words),
}


def run(name: str, count: int, seed: int) -> Outcomes:
    """Do one kind of trial in a temporary folder and store its outcomes."""
    trial, began = TRIALS[name], time.perf_counter()
    print(f"{name}: {count:,} trials of {trial.what}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        outcomes = trial.run(count, seed, Path(folder))
    seconds = time.perf_counter() - began
    command = f"python -m scripts.torture --only {name} --count {count} --seed {seed}"
    store(name, trial.what, outcomes, seconds, command, FOLDER)
    print(f"{name}: {outcomes.held:,} of {outcomes.tried:,} held in {seconds:.0f} s", flush=True)
    for failure in outcomes.failures:
        print(f"  {failure}", flush=True)
    return outcomes


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only",
        nargs="+",
        choices=TRIALS,
        default=list(TRIALS),
        metavar="NAME",
        help=f"kinds of trials: {', '.join(TRIALS)}",
    )
    parser.add_argument("--count", type=int, help="number of trials of each kind")
    parser.add_argument("--seed", type=int, default=0, help="draws moments, sizes and texts")
    parser.add_argument("--page", action="store_true", help="only write the page")
    options = parser.parse_args(arguments)
    if os.name != "posix":
        sys.exit("the trials need POSIX signals, links and limits; run them on Linux or macOS")
    failed = 0
    for name in [] if options.page else options.only:
        count = TRIALS[name].times if options.count is None else options.count
        failed += len(run(name, count, options.seed).failures)
    PAGE.write_text(page(FOLDER), encoding="utf-8")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
