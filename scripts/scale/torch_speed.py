"""Words a second of the torch engine on the device that torch finds, and what limits them.

    python -m scripts.scale.torch_engine --speed

Reads no corpus: words are drawn at random, with the frequencies of Zipf and Mandelbrot. A word a
second is a word read, before subsampling, as everywhere. Shares of phases are of a run that waits
for the device after each phase, so it is slower than one that does not.
"""

from __future__ import annotations

import contextlib
import itertools
import platform
import sys
import time
from collections import Counter
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

try:
    import numba  # noqa: F401
except (ImportError, SystemError):  # the engine uses none of what numba compiles
    stub: Any = ModuleType("kernel_numba")
    stub.LANE, stub.train = 16, None
    sys.modules["sentiment_transfer.pretraining.kernel_numba"] = stub

from sentiment_transfer.pretraining import blocks_torch, skipgram_torch
from sentiment_transfer.pretraining.engine import Settings
from sentiment_transfer.text import TokenIds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

__all__ = ["measure", "random_corpus"]

N_WORDS = 100_000
LENGTH = 100
SHIFT = 5
"""Of Mandelbrot: subsampling leaves 91 % of the words, and 93 % of those of imdb and amazon."""
PHASES = {
    "read, subsample, cut into blocks": (blocks_torch.Blocks, "read"),
    "weights of windows": (blocks_torch.Blocks, "weigh"),
    "gather rows": (skipgram_torch, "embedding"),
    "gradients": (skipgram_torch, "ascent"),
    "add to rows": (skipgram_torch, "add_rows"),
    "copy the weights to the CPU": (skipgram_torch.Trainer, "copy"),
}


def device() -> str:
    """Return the device that the engine uses."""
    return "cuda" if torch.cuda.is_available() else "cpu"


def random_corpus(n_tokens: int, n_words: int = N_WORDS, seed: int = 0) -> TokenIds:
    """Draw texts of `LENGTH` words, independent of each other; the most frequent word is 0."""
    shares = np.cumsum(1 / (np.arange(n_words) + 1.0 + SHIFT))
    cumulative = torch.from_numpy(shares / shares[-1]).to(device())
    generator = torch.Generator(device()).manual_seed(seed)
    ids = np.empty(n_tokens, np.int32)
    for first in range(0, n_tokens, 1 << 23):
        part = ids[first : first + (1 << 23)]
        draws = torch.rand(len(part), generator=generator, device=device(), dtype=torch.float64)
        words = torch.searchsorted(cumulative, draws).clamp(max=n_words - 1)
        part[:] = words.to(torch.int32).cpu().numpy()
    return TokenIds(ids, np.append(np.arange(0, n_tokens, LENGTH), n_tokens))


def settings_of(vector_size: int) -> Settings:
    """Return the default settings of `SkipGram`, for one epoch."""
    return Settings(vector_size, 5, 5, 1e-3, 0.025, 1e-4, epochs=1, workers=1, seed=0)


def counts_of(corpus: TokenIds) -> NDArray[np.int64]:
    """Count the words of a corpus."""
    return np.bincount(corpus.ids, minlength=N_WORDS)


def timed(corpus: TokenIds, vector_size: int, seconds: float) -> dict[str, float]:
    """Train for an epoch, or ``seconds``; words a second of all rounds, and of the second half.

    The second half has batches of full size. ``loss`` is the mean of the last round.
    """
    counts, settings = counts_of(corpus), settings_of(vector_size)
    times, tokens = [time.perf_counter()], [0]
    for step in skipgram_torch.train_with_torch(corpus, counts, settings):
        times.append(time.perf_counter())
        tokens.append(tokens[-1] + step.tokens)
        if times[-1] - times[0] > seconds:
            break
    half = (len(times) - 1) // 2
    return {
        "whole": tokens[-1] / (times[-1] - times[0]),
        "second half": (tokens[-1] - tokens[half]) / (times[-1] - times[half]),
        "rounds": len(times) - 1,
        "loss": step.loss / step.pairs,
    }


@contextlib.contextmanager
def replaced(holder: object, name: str, value: object) -> Iterator[None]:
    """Give an attribute another value for a while."""
    before = getattr(holder, name)
    setattr(holder, name, value)
    try:
        yield
    finally:
        setattr(holder, name, before)


def wait() -> None:
    """Wait until the device is idle."""
    if device() == "cuda":
        torch.cuda.synchronize()


def phases(corpus: TokenIds, vector_size: int, rounds: int) -> dict[str, float]:
    """Return the share of time of each phase over some rounds with batches of full size."""
    spent: Counter[str] = Counter()

    def watched(phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:  # noqa: ANN401
            wait()
            began = time.perf_counter()
            result = function(*arguments)
            wait()
            spent[phase] += time.perf_counter() - began
            return result

        return call

    with contextlib.ExitStack() as stack:
        for phase, (holder, name) in PHASES.items():
            function = watched(phase, getattr(holder, name))
            stack.enter_context(replaced(holder, name, function))
        stack.enter_context(replaced(skipgram_torch, "SMALLEST", skipgram_torch.LARGEST))
        steps = skipgram_torch.train_with_torch(corpus, counts_of(corpus), settings_of(vector_size))
        next(steps)  # warms up
        spent.clear()
        began = time.perf_counter()
        for _ in itertools.islice(steps, rounds):
            pass
        total = time.perf_counter() - began
    return {**{phase: spent[phase] / total for phase in PHASES},
            "everything else": 1 - sum(spent.values()) / total}  # fmt: skip


def add_in_any_order(matrix: torch.Tensor, rows: torch.Tensor, steps: torch.Tensor) -> None:
    """Add steps to rows without sorting them, so that a GPU gives other bytes in every run."""
    matrix.index_add_(0, rows.reshape(-1), steps.reshape(-1, matrix.shape[1]))


@contextlib.contextmanager
def variant(name: str) -> Iterator[None]:
    """Change the engine in one respect."""
    with contextlib.ExitStack() as stack:
        if name == "rows added in any order":
            stack.enter_context(replaced(skipgram_torch, "add_rows", add_in_any_order))
        elif name == "TF32":
            stack.enter_context(replaced(torch.backends.cuda.matmul, "allow_tf32", value=True))
        elif name.startswith("batches of "):
            size = int(name.rpartition(" ")[2])
            stack.enter_context(replaced(skipgram_torch, "LARGEST", size))
        yield


VARIANTS = ("as it is", "rows added in any order", "TF32", "batches of 8192", "batches of 16384")


def same_bytes(corpus: TokenIds) -> bool:
    """Return whether two runs end with the same bytes."""
    ends = []
    for _ in range(2):
        for step in skipgram_torch.train_with_torch(corpus, counts_of(corpus), settings_of(100)):
            last = step
        ends.append(last.matrix.tobytes())
    return ends[0] == ends[1]


def measure(n_tokens: int, seconds: float) -> None:
    """Print everything, each figure when it is known."""

    def say(*parts: object) -> None:
        print(*parts, flush=True)

    name = torch.cuda.get_device_name() if device() == "cuda" else platform.processor() or "CPU"
    say(f"torch {torch.__version__}, {name}, {torch.get_num_threads()} threads on the CPU")
    corpus = random_corpus(n_tokens)
    kept = blocks_torch.Blocks(counts_of(corpus), settings_of(100), "cpu").kept.sum() / n_tokens
    say(f"{n_tokens:,} words of {N_WORDS:,}, {kept:.0%} left after subsampling")
    few = random_corpus(min(n_tokens, 2_000_000), seed=1)
    timed(few, 100, seconds)  # warms up
    say("the same bytes in two runs:", same_bytes(few))
    for vector_size in (100, 300):
        for changed in VARIANTS if device() == "cuda" else VARIANTS[:1]:
            with variant(changed):
                found = timed(corpus, vector_size, seconds)
            say(
                f"{vector_size} dimensions, {changed}: {found['whole'] / 1e6:.2f} million words/s, "
                f"second half {found['second half'] / 1e6:.2f}, {found['rounds']} rounds, "
                f"loss {found['loss']:.4f}"
            )
        for phase, share in phases(corpus, vector_size, rounds=8).items():
            say(f"    {phase}: {share:.0%}")
