"""Pretraining from Parquet, JSON lines and text, wherever they lie, in memory that stays flat."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import fsspec
import numpy as np
import pandas as pd
import pytest

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.base.memory import release_memory
from sentiment_transfer.corpus.texts import TextTally
from sentiment_transfer.text import vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")
PRAISE, BLAME = "superb lovely tasty friendly", "awful dirty cold rude"


@pytest.fixture(scope="module")
def texts() -> list[str]:
    rng = np.random.default_rng(0)
    sides = [side.split() for side in (PRAISE, BLAME)]
    things = ["room", "soup", "staff", "bed", "view", "breakfast"]
    return [" ".join([*rng.choice(sides[i % 2], 4), *rng.choice(things, 3)]) for i in range(400)]


def written(path: Path, texts: list[str]) -> Path:
    if path.suffix == ".parquet":
        pd.DataFrame({"text": texts}).to_parquet(path)
    elif path.suffix == ".jsonl":
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    else:
        path.write_text("\n".join(texts))
    return path


def test_the_same_texts_give_the_same_vectors_in_every_format_and_place(
    run: Run, tmp_path: Path, texts: list[str]
) -> None:
    memory = fsspec.filesystem("memory")
    sources = [written(tmp_path / f"texts.{form}", texts) for form in ("parquet", "jsonl", "txt")]
    memory.pipe("/scale/texts.parquet", sources[0].read_bytes())
    memory.pipe("/scale/texts.jsonl", sources[1].read_bytes())
    urls = ["memory://scale/texts.parquet", "memory://scale/*.jsonl", f"file://{sources[2]}"]
    matrices = set()
    for i, source in enumerate([*sources, *urls]):
        output = tmp_path / f"{i}.safetensors"
        code, _, err = run("pretrain", source, "-o", output, "--epochs", 2, "--vector-size", 8)
        assert code == 0, err
        assert "400 texts" in err
        vectors = getattr(load(output), "vectors_", None)
        assert vectors is not None
        matrices.add((vectors.words, vectors.matrix.tobytes()))
    assert len(matrices) == 1


def test_several_files_are_one_corpus(run: Run, tmp_path: Path, texts: list[str]) -> None:
    whole = written(tmp_path / "whole.parquet", texts)
    parts = written(tmp_path / "a.parquet", texts[:150]), written(tmp_path / "b.jsonl", texts[150:])
    matrices = set()
    for i, sources in enumerate([(whole,), parts]):
        output = tmp_path / f"{i}.safetensors"
        assert run("pretrain", *sources, "-o", output, "--epochs", 2, "--vector-size", 8)[0] == 0
        model = load(output)
        assert isinstance(model, SentimentClassifier)
        matrices.add(model.vectors_.matrix.tobytes())
    assert len(matrices) == 1


def test_polarity_is_learnt_from_a_sample_of_a_large_corpus(
    texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = SentimentClassifier(seed=0).pretrain(texts)
    monkeypatch.setattr(vocabulary, "MANY_TEXTS", 300)
    monkeypatch.setattr(vocabulary, "SAMPLED_TEXTS", 200)
    sampled = SentimentClassifier(seed=0).pretrain(texts)
    assert sampled.vectors_.matrix.tobytes() == whole.vectors_.matrix.tobytes()
    assert not np.array_equal(sampled.encoder_.mean_, whole.encoder_.mean_)
    np.testing.assert_allclose(sampled.encoder_.mean_, whole.encoder_.mean_, atol=0.02)
    assert sampled.predict([PRAISE, BLAME]).tolist() == ["positive", "negative"]
    assert len(sampled.unlabelled_.ids) == sampled.unlabelled_.n_known == 400


def test_repeated_texts_are_counted_exactly_up_to_a_limit_and_then_estimated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stream = [f"text {i % 9_000}" for i in range(12_000)]  # 3,000 of them repeat another
    exact = TextTally()
    assert list(exact.watch([*stream, "", " "])) == [*stream, "", " "]
    assert (exact.n, exact.n_empty, exact.n_repeated) == (12_002, 2, 3_000)
    assert exact.n_repeated_is_exact
    monkeypatch.setattr(TextTally, "KEPT", 1_000)
    estimate = TextTally()
    list(estimate.watch(stream))
    assert not estimate.n_repeated_is_exact
    # about 560 of the hashes are kept, a sixteenth: a standard deviation of some 5 % of 3,000
    assert estimate.n_repeated == pytest.approx(3_000, rel=0.4)


def test_a_text_that_is_repeated_again_and_again_is_one_hash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(TextTally, "KEPT", 2)
    tally = TextTally()
    list(tally.watch(["a", "b"] * 1_000))
    assert (tally.n_repeated, tally.n_repeated_is_exact) == (1_998, True)


def test_releasing_memory_changes_no_object() -> None:
    kept = [str(i) for i in range(1_000)]
    release_memory()
    assert kept == [str(i) for i in range(1_000)]


MEASURED = """
import re, sys
from pathlib import Path
from sentiment_transfer import SentimentClassifier, SkipGram
from sentiment_transfer.corpus.texts import TextTally
from sentiment_transfer.pretraining import corpus_file
from sentiment_transfer.text import vocabulary
corpus_file.IN_MEMORY, vocabulary.MANY_TEXTS, vocabulary.SAMPLED_TEXTS = 0, 0, 10_000
vocabulary.LENGTHS, TextTally.KEPT = 10_000, 1_000
sides = [side.split() for side in sys.argv[2:]]
pool = [" ".join([side[i // 4 % 4], side[i % 4]]) for i in range(16) for side in sides]
model = SentimentClassifier(skipgram=SkipGram(16, 2, negative=1, epochs=1))
tally, n = TextTally(), int(sys.argv[1])
model.pretrain(tally.watch(pool[i % 32] for i in range(n)))
assert model.unlabelled_.n_known == tally.n == n
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def peak_memory(n_texts: int) -> float:
    """Resident at most, in MB, of a process that pretrains a classifier on texts of two words."""
    command = [sys.executable, "-c", MEASURED, str(n_texts), PRAISE, BLAME]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return int(done.stdout) / 1000


@LINUX
@pytest.mark.slow
def test_memory_does_not_grow_with_the_number_of_texts() -> None:
    peak_memory(20_000)  # what is compiled on the way takes memory as well
    few, many = peak_memory(200_000), peak_memory(1_700_000)
    # mapped ids and offsets, 24 MB more, are resident while they are read; 8 bytes a text for
    # anything else would be 12 MB more
    assert many < few + 24 + 8
