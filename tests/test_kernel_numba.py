from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

import sentiment_transfer
from sentiment_transfer.pretraining.kernel_numba import BLOCK, MAX_STEP
from sentiment_transfer.pretraining.shards import (
    LossSum,
    Tables,
    Weights,
    build_tables,
    random_state,
    train_shard,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

STATE = random_state(5, 0)


# The same stochastic gradient descent, plainly: Python integers, float64, one term at a time.


def xorshift(state: int) -> int:
    state ^= state << 13 & (1 << 64) - 1
    state ^= state >> 7
    return state ^ state << 17 & (1 << 64) - 1


def centres(
    text: list[int], tables: Tables, window: int, random: list[int], at: list[int]
) -> Iterator[tuple[int, list[int], list[int]]]:
    """Each centre word with its context and its negatives; ``random`` and ``at`` are carried on."""
    words = []
    for word in text:
        random[0] = xorshift(random[0])
        if random[0] >> 32 <= tables.keep[word]:
            words.append(word)
    negatives: list[int] = []
    for i, word in enumerate(words):
        if i % BLOCK == 0:
            negatives = tables.noise[at[0] : at[0] + tables.shared].tolist()
            at[0] += tables.shared
            if at[0] + 2 * tables.shared > len(tables.noise):
                at[0] = 0
        random[0] = xorshift(random[0])
        reach = 1 + ((random[0] >> 32) * window >> 32)
        yield word, words[max(0, i - reach) : i] + words[i + 1 : i + reach + 1], negatives


def sigmoid(x: Matrix | float) -> Matrix:
    return np.asarray(1 / (1 + np.exp(-np.asarray(x))))


def centre_loss(v: Matrix, rows: Matrix, signs: Matrix, weights: Matrix) -> float:
    return float(weights @ np.minimum(15.8, -np.log(sigmoid(signs * (rows @ v)))))


def reference(
    start: Weights,
    texts: list[list[int]],
    tables: Tables,
    window: int,
    negative: int,
    rates: tuple[float, float],
) -> tuple[Matrix, Matrix, float, int]:
    """Input, output, summed loss and pairs after training on the texts."""
    inputs, outputs = (part.astype(np.float64) for part in start)
    random = [int(STATE)]
    at = [(xorshift(int(STATE)) >> 32) * (len(tables.noise) - 2 * tables.shared) >> 32]
    total, read, loss, pairs = sum(map(len, texts)), 0, 0.0, 0
    for text in texts:
        rate = rates[0] + (rates[1] - rates[0]) * read / total
        read += len(text)
        for word, context, negatives in centres(text, tables, window, random, at):
            m, k = len(context), len(negatives)
            drawn = negatives + context
            signs = np.array([-1.0] * k + [1.0] * m)
            weights = np.array([m * negative / k] * k + [1.0] * m)
            v = inputs[word].copy()
            loss += centre_loss(v, outputs[drawn], signs, weights)
            pairs += m
            tamed = min(rate, MAX_STEP / max(1, m * (1 + negative)))
            steps = tamed * weights * signs * (1 - sigmoid(signs * (outputs[drawn] @ v)))
            for row, step in zip(drawn, steps, strict=True):
                inputs[word] += step * outputs[row]
                outputs[row] += step * v
    return inputs, outputs, loss, pairs


def flat(texts: list[list[int]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    return np.array([word for text in texts for word in text], dtype=np.int32), offsets


def some_weights(n_words: int, size: int) -> Weights:
    random = np.random.default_rng(3)
    return Weights.from_vectors(*(random.normal(0, 0.3, (2, n_words, size))))


def counts_of(texts: list[list[int]], n_words: int) -> NDArray[np.int64]:
    return np.bincount(flat(texts)[0], minlength=n_words)


SHORT = [[0, 1, 2, 3, 4, 1]]
SEVERAL_BLOCKS = [
    np.random.default_rng(1).integers(0, 12, n).tolist() for n in (30, 0, 1, 2, 9, 41, 8)
]


@pytest.mark.parametrize("texts", [SHORT, SEVERAL_BLOCKS], ids=["one block", "several blocks"])
@pytest.mark.parametrize(
    ("size", "window", "negative", "sample"),
    [(7, 2, 5, 0.0), (16, 5, 5, 0.05), (33, 12, 20, 0.0), (20, 1, 1, 0.1)],
)
def test_the_kernel_does_what_the_plain_reference_does(
    texts: list[list[int]], size: int, window: int, negative: int, sample: float
) -> None:
    tables = build_tables(
        counts_of(texts, 12), sample=sample, window=window, negative=negative, seed=2
    )
    weights = some_weights(12, size)
    inputs, outputs, loss, pairs = reference(weights, texts, tables, window, negative, (0.05, 0.01))

    loss_sum = train_shard(weights, *flat(texts), tables, rates=(0.05, 0.01), state=STATE)

    np.testing.assert_allclose(weights.input, inputs, rtol=0, atol=1e-5)
    np.testing.assert_allclose(weights.output, outputs, rtol=0, atol=1e-5)
    assert loss_sum.pairs == pairs
    assert loss_sum.loss == pytest.approx(loss, rel=1e-4)
    assert not weights.input[:, size:].any()
    assert not weights.output[:, size:].any()


def test_a_step_of_the_reference_is_the_gradient_of_the_objective_by_finite_differences() -> None:
    # one text of two words, window 1: the first centre is alone in its step
    tables = build_tables(np.array([5, 5, 5]), sample=0, window=1, negative=3, seed=0)
    start, rate, eps = some_weights(3, 4), 1e-3, 1e-6
    _, context, negatives = next(centres([0, 1], tables, 1, [int(STATE)], [0]))
    drawn = np.array(negatives + context)
    signs = np.array([-1.0] * tables.shared + [1.0])
    weights = np.array([3 / tables.shared] * tables.shared + [1.0])
    v, rows = start.input[0].astype(np.float64), start.output.astype(np.float64)

    def numeric(what: Matrix) -> Matrix:
        gradient = np.zeros_like(what)
        for place in np.ndindex(what.shape):
            old = what[place]
            what[place] = old + eps
            above = centre_loss(v, rows[drawn], signs, weights)
            what[place] = old - eps
            gradient[place] = (above - centre_loss(v, rows[drawn], signs, weights)) / (2 * eps)
            what[place] = old
        return gradient

    steps = rate * weights * signs * (1 - sigmoid(signs * (rows[drawn] @ v)))
    moved = np.zeros_like(rows)
    np.add.at(moved, drawn, steps[:, None] * v)
    np.testing.assert_allclose(steps @ rows[drawn], -rate * numeric(v), atol=1e-9)
    np.testing.assert_allclose(moved, -rate * numeric(rows), atol=1e-9)


def test_shared_negatives_have_the_expected_loss_of_equation_4() -> None:
    # window 1: the pairs are the neighbours, so eq. 4 can be summed over the noise distribution
    text = np.random.default_rng(4).integers(0, 6, 400).tolist()
    counts = counts_of([text], 6)
    weights = some_weights(6, 8)
    u, v = weights.output.astype(np.float64), weights.input.astype(np.float64)
    noise = counts**0.75 / (counts**0.75).sum()
    pairs = [(a, b) for a, b in itertools.pairwise(text)]
    expected = sum(
        -np.log(sigmoid(u[o] @ v[c])) - 3 * noise @ np.log(sigmoid(-(u @ v[c])))
        for a, b in pairs
        for c, o in ((a, b), (b, a))
    )
    tables = build_tables(counts, sample=0, window=1, negative=3, seed=0)

    tallies = [
        train_shard(weights, *flat([text]), tables, rates=(0.0, 0.0), state=random_state(seed))
        for seed in range(50)
    ]

    assert tallies[0].pairs == 2 * 399
    assert np.mean([loss_sum.loss for loss_sum in tallies]) == pytest.approx(expected, rel=3e-3)


def test_the_loss_starts_at_log_2_for_each_of_the_six_terms_of_a_pair() -> None:
    weights = Weights.initial(12, 10, seed=0)
    tables = build_tables(counts_of(SEVERAL_BLOCKS, 12), sample=0, window=5, negative=5, seed=0)
    loss_sum = train_shard(weights, *flat(SEVERAL_BLOCKS), tables, rates=(0.0, 0.0), state=STATE)
    assert loss_sum.loss / loss_sum.pairs == pytest.approx(6 * np.log(2), rel=2e-5)


def test_extreme_dot_products_give_finite_losses() -> None:
    weights = Weights.from_vectors(np.full((2, 16), 30.0), np.full((2, 16), -30.0))
    tables = build_tables(np.array([1, 1]), sample=0, window=1, negative=5, seed=0)
    loss_sum = train_shard(weights, *flat([[0, 1]]), tables, rates=(0.0, 0.0), state=STATE)
    assert loss_sum.pairs == 2
    assert loss_sum.loss == pytest.approx(2 * 15.8, rel=1e-3)  # the negatives fit perfectly


def test_rates_of_0_leave_the_weights_alone_and_the_loss_grows_on_unfit_texts() -> None:
    texts = [[0, 1] * 50, [2, 3] * 50]
    tables = build_tables(counts_of(texts, 4), sample=0, window=1, negative=5, seed=0)
    weights = Weights.initial(4, 10, seed=0)
    for step in range(30):
        train_shard(weights, *flat(texts), tables, rates=(0.1, 0.1), state=random_state(step))
    before = [part.copy() for part in weights]

    fit = train_shard(weights, *flat(texts), tables, rates=(0.0, 0.0), state=STATE)
    mixed = [[0, 2] * 50, [1, 3] * 50]
    unfit = train_shard(weights, *flat(mixed), tables, rates=(0.0, 0.0), state=STATE)

    assert fit.loss / fit.pairs < 0.75 * unfit.loss / unfit.pairs
    for part, old in zip(weights, before, strict=True):
        np.testing.assert_array_equal(part, old)


def test_subsampling_keeps_the_share_that_the_thresholds_say() -> None:
    counts = np.array([20_000, 100])
    tables = build_tables(counts, sample=0.04, window=1, negative=5, seed=0)
    ids = np.zeros(20_000, np.int32)
    loss_sum = train_shard(
        Weights.initial(2, 4, 0), ids, np.array([0, 20_000]), tables, rates=(0, 0), state=STATE
    )
    share = 20_000 / 20_100
    expected = 20_000 * ((0.04 / share) ** 0.5 + 0.04 / share)
    assert loss_sum.words == pytest.approx(expected, rel=0.03)  # sd is 1.3 %


@pytest.mark.parametrize(
    "texts", [[], [[]], [[], [], []], [[0]], [[0], [], [1]]], ids=["none", "empty", "3", "1", "1+1"]
)
def test_texts_without_a_pair_change_nothing(texts: list[list[int]]) -> None:
    weights = some_weights(2, 5)
    before = [part.copy() for part in weights]
    tables = build_tables(np.array([1, 1]), sample=0, window=5, negative=5, seed=0)
    loss_sum = train_shard(weights, *flat(texts), tables, rates=(0.1, 0.1), state=STATE)
    assert loss_sum == LossSum(0.0, 0, sum(map(len, texts)))
    for part, old in zip(weights, before, strict=True):
        np.testing.assert_array_equal(part, old)


def test_a_vocabulary_of_one_word_trains_to_a_finite_optimum() -> None:
    weights = Weights.initial(1, 8, seed=0)
    tables = build_tables(np.array([200]), sample=0, window=2, negative=5, seed=0)
    ids, offsets = flat([[0] * 200])
    for step in range(40):
        train_shard(weights, ids, offsets, tables, rates=(0.05, 0.05), state=random_state(step))
    # -log p - 5 log(1 - p) is least at p = 1 / 6
    p = sigmoid(float(weights.input[0] @ weights.output[0]))
    assert p == pytest.approx(1 / 6, abs=0.01)


def test_read_only_memory_mapped_ids_are_trained_on_by_the_same_code(tmp_path: Path) -> None:
    from sentiment_transfer.pretraining.kernel_numba import train

    ids, offsets = flat(SEVERAL_BLOCKS)
    np.save(tmp_path / "ids.npy", ids)
    mapped = np.load(tmp_path / "ids.npy", mmap_mode="r")
    tables = build_tables(counts_of(SEVERAL_BLOCKS, 12), sample=0, window=5, negative=5, seed=0)
    results = []
    versions = set()
    sources: list[NDArray[Any]] = [ids, mapped, ids.astype(np.int64), np.repeat(ids, 2)[::2]]
    for source in sources:
        weights = Weights.initial(12, 6, seed=0)
        train_shard(weights, source, offsets, tables, rates=(0.1, 0.1), state=STATE)
        results.append(weights.input)
        versions.add(len(train.signatures))
    for result in results:
        np.testing.assert_array_equal(result, results[0])
    assert len(versions) == 1


PROGRAM = """
import numpy as np
from sentiment_transfer.pretraining.kernel_numba import train
from sentiment_transfer.pretraining.shards import *
tables = build_tables(np.ones(3, np.int64), sample=0, window=5, negative=5, seed=0)
weights = Weights.initial(3, 4, 0)
ids, offsets = np.array([0, 1, 2], np.int32), np.array([0, 3])
loss_sum = train_shard(weights, ids, offsets, tables, rates=(0.1, 0.1), state=random_state(1))
print(loss_sum.pairs > 0, sum(train.stats.cache_hits.values()), len(train.signatures))
"""


def run_program(package: Path, **environment: str) -> list[str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA_")}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PROGRAM],
        cwd=package,
        env={**clean, "PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


PACKAGE = Path(sentiment_transfer.__file__).parent


def test_a_second_process_compiles_nothing_though_the_package_folder_is_read_only(
    tmp_path: Path,
) -> None:
    copy = tmp_path / "site" / "sentiment_transfer"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / "pretraining" / "__pycache__").write_text("no folder can be made here")
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    assert run_program(copy.parent, **home) == ["True", "0", "1"]
    assert run_program(copy.parent, **home) == ["True", "1", "1"]


def test_training_works_where_nothing_can_be_cached() -> None:
    only = "numba.core.caching.UserProvidedCacheLocator"
    result = run_program(PACKAGE.parent, NUMBA_CACHE_LOCATOR_CLASSES=only)
    assert result == ["True", "0", "1"]


COMPILES = """
import gc, json, sys
import numpy as np
from numba.core.dispatcher import Dispatcher
from sentiment_transfer import SkipGram
from sentiment_transfer.pretraining import corpus_file, skipgram
folder, workers, corpus_file.IN_MEMORY = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
skipgram.TOKENS_A_WORKER = 1
rng = np.random.default_rng(0)
texts = [" ".join(rng.choice(["ship", "wave", "car", "wheel"], 20)) for _ in range(2_000)]
SkipGram(8, epochs=1, workers=workers).fit(texts, held_out=texts[:9], checkpoint=folder)
used = [f for f in gc.get_objects() if issubclass(type(f), Dispatcher) and f.signatures]
hits, misses = (sum(sum(count.values()) for count in counts) for counts in zip(
    *((f.stats.cache_hits, f.stats.cache_misses) for f in used)
))
signatures = sorted(f"{f.py_func.__qualname__}{s}" for f in used for s in f.signatures)
print(json.dumps([hits, misses, signatures]))
"""


@pytest.mark.slow
def test_nothing_compiles_again_in_a_second_process(tmp_path: Path) -> None:
    def compiled(name: str, workers: int, in_memory: int) -> tuple[int, int, list[str]]:
        """How many functions were read from the cache, how many compiled, and for which types."""
        folder = str(tmp_path / name)
        command = [sys.executable, "-c", COMPILES, folder, str(workers), str(in_memory)]
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
        return tuple(json.loads(done.stdout))

    compiled("first", 2, 1 << 24)
    hits, misses, signatures = compiled("again", 2, 1 << 24)
    assert hits > 0
    assert misses == 0
    # one thread, and ids in a file: the same functions for the same types
    hits, misses, others = compiled("alone", 1, 10)
    assert hits > 0
    assert misses == 0
    assert set(others) <= set(signatures)
