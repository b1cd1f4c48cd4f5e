"""What 10 and 100 billion words cost on a cluster, from what one processor does here.

    python -m scripts.scale.costs --corpus FOLDER [--price 0.05] [--bandwidth 10]
    python -m scripts.scale.costs --measured FILE ...

Four things are measured, each in CPU time of one thread: reading, counting and ranking texts
(`shared_corpus`), training (`train_shard`, with weights of the full vocabulary, whose rows miss the
caches), and what a worker does with weights in a round of a shared run: read, write and merge. The
table multiplies them with the sizes of a job. Nothing of that size was run: network and disks are
assumed to keep up with the bandwidth given, and the price of a processor is yours to set.
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
import textwrap
import time
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.reports import RESULTS, markdown_table
from sentiment_transfer import read_texts
from sentiment_transfer.base.executors import Serial
from sentiment_transfer.base.store import Store
from sentiment_transfer.pretraining.cluster_estimate import bytes_a_round, store_bytes
from sentiment_transfer.pretraining.engine import Settings
from sentiment_transfer.pretraining.memory_and_disk import weights_bytes
from sentiment_transfer.pretraining.rounds import tables_for
from sentiment_transfer.pretraining.schedule import rounds_of
from sentiment_transfer.pretraining.shards import Weights, padded, random_state, train_shard
from sentiment_transfer.pretraining.shared_corpus import StoredCorpus
from sentiment_transfer.pretraining.shared_rounds import (
    MergeTask,
    SharedRun,
    merge_slice,
    shared_run,
)
from sentiment_transfer.pretraining.shared_texts import SharedTexts
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable

NAME = "scale-costs"
CORES = 16
"""Processors of a machine in the table."""
EPOCHS = 3
TEXT_TOKENS = 80
TRAINED_TOKENS = 3_000_000


@dataclass(frozen=True)
class Job:
    """A job of the table: words of the corpus, words of the vocabulary, dimensions, machines."""

    words: float
    vocabulary: int
    size: int
    machines: int


JOBS = tuple(
    Job(words, vocabulary, 300, machines)
    for words, machines in ((10e9, 1), (100e9, 8))
    for vocabulary in (200_000, 1_000_000)
)
MEASURED_SHARES = 16
"""Most shares whose accuracy was measured, by `scripts.scale.quality`."""


def settings_for(size: int, workers: int = 2) -> Settings:
    """Return the usual settings."""
    return Settings(size, 5, 5, 1e-3, 0.025, 1e-4, EPOCHS, workers, 0)


def cpu(function: Callable[[], object]) -> float:
    """Return the CPU seconds of a call in this process."""
    began = time.process_time()
    function()
    return time.process_time() - began


def measure_counting(corpus: Path) -> dict[str, float]:
    """Return CPU seconds for a million words of texts, and the share of words that are tokens."""
    known = json.loads((corpus / "corpus.json").read_text())
    texts = read_texts(sorted(corpus.glob("*.parquet")))
    found: list[Any] = []
    with tempfile.TemporaryDirectory() as place:
        shared = SharedTexts(texts, Serial(), place)
        seconds = cpu(lambda: found.append(shared.index(Tokenizer(), 5)))
    return {
        "counting": seconds / known["words"] * 1e6,
        "tokens_a_word": found[0].corpus.n_ids / known["words"],
        "texts_a_word": known["texts"] / known["words"],
    }


def measure_training(vocabulary: int, size: int) -> float:
    """Return CPU seconds for a million tokens, drawn by Zipf's law, in texts of usual length."""
    shares = 1 / np.arange(10, vocabulary + 10)
    counts = np.maximum(5, shares / shares.sum() * 1e9).astype(np.int64)
    draws = np.random.default_rng(0).random(TRAINED_TOKENS)
    ids = np.searchsorted(np.cumsum(counts) / counts.sum(), draws).astype(np.int32)
    offsets = np.arange(0, len(ids) + 1, TEXT_TOKENS, dtype=np.int64)
    weights = Weights.initial(vocabulary, size, 0)
    tables = tables_for(counts, settings_for(size))

    def train(end: int) -> None:
        some = offsets[offsets <= end]
        train_shard(weights, ids, some, tables, rates=(0.025, 0.02), state=random_state(0))

    train(10 * TEXT_TOKENS)
    return cpu(lambda: train(len(ids))) / len(ids) * 1e6


def measure_exchange(vocabulary: int, size: int) -> dict[str, float]:
    """Return CPU seconds for a gigabyte of weights: read, written with its hash, and merged."""
    with tempfile.TemporaryDirectory() as place:
        store = Store(place)
        corpus = StoredCorpus([], store.put(np.arange(0, 1000, 10)))
        counts = np.full(vocabulary, 100, np.int64)
        run = shared_run(store, settings_for(size), counts, corpus)
        weights = run.read_weights(run.start)
        gigabytes = sum(matrix.nbytes for matrix in weights) / 1e9
        read = cpu(lambda: run.read_weights(run.start))
        write = cpu(lambda: run.put_weights(weights))
        merged = measure_merge(run)
    return {"read": read / gigabytes, "write": write / gigabytes, "merge": merged}


def measure_merge(run: SharedRun) -> float:
    """Return CPU seconds of merging a gigabyte: one slice and as many replicas as there are."""
    replicas = (run.start[0],) * run.settings.workers
    task = MergeTask(run.place, run.key, 0, run.start[0], replicas, 0)
    merge_slice(task)
    gigabytes = run.n_words / run.settings.workers * 8 * padded(run.settings.vector_size) / 1e9
    return cpu(lambda: merge_slice(task)) / (gigabytes * (1 + run.settings.workers))


def measure(corpus: Path) -> dict[str, Any]:
    """Measure everything that `JOBS` need."""
    found: dict[str, Any] = measure_counting(corpus)
    found["training"] = {
        f"{job.vocabulary} x {job.size}": measure_training(job.vocabulary, job.size)
        for job in {(job.vocabulary, job.size): job for job in JOBS}.values()
    }
    return found | measure_exchange(200_000, 300)


def row(job: Job, costs: dict[str, Any], bandwidth: float, price: float) -> dict[str, float]:
    """Return rounds, network, hours and cost of a job; bandwidth in gigabits a second.

    All words that are no stop words are taken for tokens, as few are rare.
    """
    workers = job.machines * CORES
    tokens = round(job.words * costs["tokens_a_word"])
    in_epoch = rounds_of(tokens, workers)
    rounds, n_texts = EPOCHS * in_epoch, round(job.words * costs["texts_a_word"])
    weights = weights_bytes(job.vocabulary, job.size)
    gigabytes = weights / 1e9
    counting = job.words / 1e6 * costs["counting"] / workers
    training = EPOCHS * tokens / 1e6 * costs["training"][f"{job.vocabulary} x {job.size}"] / workers
    merged = gigabytes / workers * (1 + workers)  # a slice of the weights and of all replicas
    exchange = gigabytes * (costs["read"] + costs["write"]) + merged * costs["merge"]
    traffic = bytes_a_round(weights, 4 * tokens // in_epoch, workers) / 1e9
    network = traffic * CORES * 8 / bandwidth
    seconds = counting + training + rounds * (exchange + network)
    return {
        "words": job.words,
        "vocabulary": job.vocabulary,
        "dimensions": job.size,
        "machines": job.machines,
        "workers": workers,
        "rounds": rounds,
        "weights_gb": gigabytes,
        "traffic_gb_worker_round": traffic,
        "store_tb": store_bytes(tokens, tokens, n_texts, weights, workers) / 1e12,
        "hours_counting": counting / 3600,
        "hours_training": training / 3600,
        "hours_exchange": rounds * exchange / 3600,
        "hours_network": rounds * network / 3600,
        "hours": seconds / 3600,
        "cost": seconds / 3600 * workers * price,
    }


def report(costs: dict[str, Any], bandwidth: float, price: float) -> str:
    """Return the page."""
    rows = [row(job, costs, bandwidth, price) for job in JOBS]
    table = markdown_table(
        ["words", "vocabulary x dimensions", f"machines of {CORES} cores", "workers", "rounds",
         "weights, GB", "GB a worker and round", "store, TB", "counting, h", "training, h",
         "weights, h", "network, h", "hours", "cost, $"],
        [
            [f"{r['words'] / 1e9:.0f} billion", f"{r['vocabulary']:,.0f} x {r['dimensions']:.0f}",
             f"{r['machines']:.0f}", f"{r['workers']:.0f}", f"{r['rounds']:.0f}",
             f"{r['weights_gb']:.2f}",
             f"{r['traffic_gb_worker_round']:.1f}", f"{r['store_tb']:.2f}",
             f"{r['hours_counting']:.2f}", f"{r['hours_training']:.2f}",
             f"{r['hours_exchange']:.2f}", f"{r['hours_network']:.2f}", f"{r['hours']:.1f}",
             f"{r['cost']:.0f}"]
            for r in rows
        ],
        left=2,
    )  # fmt: skip
    parts = prose(INTRODUCTION), [""], table, [""], prose(notes(costs, bandwidth, price)), [""]
    return "\n".join(chain(*parts))


INTRODUCTION = """
What 10 and 100 billion words would cost. Not run: `python -m scripts.scale.costs` computes it from
what one thread does here, for a cluster whose workers have one thread each.
"""


def notes(costs: dict[str, Any], bandwidth: float, price: float) -> str:
    """Return what was assumed and what was measured."""
    most = max(job.machines for job in JOBS) * CORES
    trained = "; ".join(f"{name}: {value:.2f}" for name, value in costs["training"].items())
    return f"""
    {EPOCHS} epochs. Assumed: {bandwidth:g} gigabits a second for each machine, and {price:g} $ for
    an hour of a processor. Measured, in CPU seconds of one thread: reading, counting and ranking a
    million words {costs["counting"]:.2f}; training a million tokens (vocabulary x dimensions),
    {trained}; a gigabyte of weights read {costs["read"]:.2f}, hashed and written
    {costs["write"]:.2f}, merged {costs["merge"]:.2f}. Of the words of reviews
    {100 * costs["tokens_a_word"]:.0f} % are tokens after the stop words. In a round a worker reads
    the weights and the ids of all workers, writes its weights, reads its rows of all others' and
    writes them merged. The most that the store holds is either the ids before and after rare words
    are left out, or the weights of all workers. A machine alone can keep the store on its own disk,
    which then moves what the column of the network is for. Accuracy was measured up to
    {MEASURED_SHARES} shares (scale-quality.md): what {most} workers reach is unknown.
    """


def prose(text: str) -> list[str]:
    """Return lines of a page."""
    return textwrap.wrap(" ".join(text.split()), 104)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, help="of scripts.scale.corpus")
    parser.add_argument("--price", type=float, default=0.05, help="dollars for a processor's hour")
    parser.add_argument("--bandwidth", type=float, default=10, help="gigabits a second")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--measured", type=Path, help="what an earlier call printed, as a file")
    arguments = parser.parse_args()
    if arguments.measured:
        costs = json.loads(arguments.measured.read_text())
    else:
        costs = measure(arguments.corpus)
        print(json.dumps(costs, indent=1))
    write(costs, arguments.bandwidth, arguments.price, arguments.out)


def write(costs: dict[str, Any], bandwidth: float, price: float, out: Path) -> None:
    """Write the page, and its table as CSV."""
    (out / f"{NAME}.md").write_text(report(costs, bandwidth, price), encoding="utf-8")
    rows = [row(job, costs, bandwidth, price) for job in JOBS]
    with (out / f"{NAME}.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: round(value, 4) for name, value in r.items()} for r in rows)


if __name__ == "__main__":
    main()
