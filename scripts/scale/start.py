"""Measure how long a local cluster needs to start, and what a call costs.

    python -m scripts.scale.start [--times 7] [--workers 2]

Prints seconds until the workers wait for work, import of Dask included, by the clock and of CPU
time of all processes (start and end), and milliseconds of `map` with two calls that do nothing.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import time

from sentiment_transfer.cluster import connect

CALLS = 50


def measure(workers: int) -> None:
    """Start one cluster, and print the three figures."""
    began = time.perf_counter()
    with connect(f"local:{workers}") as executor:
        started = time.perf_counter() - began
        list(executor.map(abs, [1, 2]))
        waits = []
        for _ in range(CALLS):
            began = time.perf_counter()
            list(executor.map(abs, [1, 2]))
            waits.append(1000 * (time.perf_counter() - began))
    kinds = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    spent = sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)
    print(f"{started:.2f} {spent:.2f} {statistics.median(waits):.1f} {min(waits):.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--times", type=int, default=7)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--once", action="store_true", help="in this process")
    given = parser.parse_args()
    if given.once:
        measure(given.workers)
        return
    line = [sys.executable, "-m", "scripts.scale.start", "--once", "--workers", str(given.workers)]
    print(f"load {os.getloadavg()[0]:.1f}; seconds to start, of CPU; ms a map, fewest", flush=True)
    for _ in range(given.times):
        subprocess.run(line, check=True)


if __name__ == "__main__":
    main()
