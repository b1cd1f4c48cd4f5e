"""Token ids of a corpus in memory or in files: memory does not grow with the corpus."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentiment_transfer import SkipGram, WordVectors
from sentiment_transfer.pretraining import corpus_file
from sentiment_transfer.pretraining.corpus_file import (
    drop_pages,
    index_texts,
    iter_chunks,
    merge_vocabularies,
)
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")
TEXTS = ["ship wave sail anchor", "car wheel", "wave ship", "wheel car brake"] * 50

MEASURED = """
import re, sys
from pathlib import Path
import numpy as np
from sentiment_transfer import SkipGram
from sentiment_transfer.pretraining import corpus_file
corpus_file.IN_MEMORY, n = int(sys.argv[2]), int(sys.argv[1])
rng = np.random.default_rng(0)
words = ["word" + "abcdefghij"[i // 10] + "abcdefghij"[i % 10] for i in range(100)]
pool = [" ".join(rng.choice(words, 100)) for _ in range(1000)]
model = SkipGram(16, 2, negative=1, epochs=1).fit(pool[i % 1000] for i in range(n))
assert len(model.corpus_.ids) == 100 * n
print(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def peak_memory(n_texts: int, in_memory: int) -> float:
    """Resident at most, in MB, of a process that pretrains on texts of 100 words."""
    command = [sys.executable, "-c", MEASURED, str(n_texts), str(in_memory)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return int(done.stdout) / 1000


@LINUX
@pytest.mark.slow
def test_memory_is_flat_as_the_corpus_grows() -> None:
    peak_memory(10_000, 0)  # what is compiled on the way takes memory as well
    small, large = peak_memory(30_000, 0), peak_memory(100_000, 0)  # both of several whole rounds
    # 70,000 more texts are 28 MB of ids; their offsets, at most four copies of 8 bytes, are 2 MB
    assert large < small + 10
    assert peak_memory(100_000, 1 << 62) > small + 25


def test_ids_of_a_large_corpus_are_mapped_and_give_the_same_vectors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    in_memory = SkipGram(8, epochs=2).fit(TEXTS)
    monkeypatch.setattr(corpus_file, "IN_MEMORY", 0)
    mapped = SkipGram(8, epochs=2).fit(TEXTS)
    assert isinstance(mapped.corpus_.ids.base, np.memmap)
    assert not isinstance(in_memory.corpus_.ids.base, np.memmap)
    np.testing.assert_array_equal(mapped.corpus_.ids, in_memory.corpus_.ids)
    assert mapped.vectors_.matrix.tobytes() == in_memory.vectors_.matrix.tobytes()


@pytest.mark.parametrize("largest", [0, 1 << 24], ids=["mapped", "in memory"])
def test_no_file_is_left_when_the_ids_are_gone(
    largest: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus_file, "IN_MEMORY", largest)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    model = SkipGram(8, epochs=1).fit(TEXTS)
    part = model.corpus_.ids[5:9]
    expected = part.tolist()
    del model
    gc.collect()
    assert part.tolist() == expected  # a view lives on
    del part
    gc.collect()
    assert not list(tmp_path.iterdir())


def test_no_file_is_left_when_the_texts_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    def broken() -> Iterator[str]:
        yield from TEXTS
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        SkipGram(8, epochs=1).fit(broken())
    assert not list(tmp_path.iterdir())


@LINUX
def test_released_ids_leave_memory_and_are_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = np.arange(1 << 22, dtype=np.int32)
    ids.tofile(tmp_path / "ids")
    mapped = np.asarray(np.memmap(tmp_path / "ids", dtype=np.int32, mode="c"))

    def resident() -> int:
        exact = Path("/proc/self/smaps_rollup").read_text(encoding="ascii")  # other counts lag
        return 1024 * int(exact.split("Rss:")[1].split()[0])

    before = resident()
    assert mapped.sum(dtype=np.int64) == (1 << 22) * ((1 << 22) - 1) // 2
    assert resident() > before + 14_000_000  # of 16 MiB
    drop_pages(mapped)
    assert resident() < before + 1_000_000
    np.testing.assert_array_equal(mapped, ids)

    monkeypatch.setattr(corpus_file, "CHUNK", 1 << 16)
    drop_pages(mapped)
    before = resident()
    read = [(part.sum(dtype=np.int64), resident())[1] for part in iter_chunks(mapped)]
    assert len(read) == 64
    assert max(read) < before + 5_000_000  # a system may map more than it is asked for, here 2 MiB


def test_arrays_that_are_not_mapped_may_be_released_as_well() -> None:
    ids = np.arange(9, dtype=np.int32)
    drop_pages(ids[2:])
    assert ids.tolist() == list(range(9))


def test_texts_of_nothing_give_empty_ids(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(corpus_file, "IN_MEMORY", 0)
    empty = index_texts(["", ""], Tokenizer("en"), min_count=1)
    assert (len(empty.vocabulary), len(empty.corpus), len(empty.corpus.ids)) == (0, 2, 0)


SEA = ["ship wave sail", "wave ship", "sail ship wave harbour"] * 20


KNOWN = ("wave", "engine", "ship", "brake")


@pytest.fixture
def initial() -> WordVectors:
    matrix = np.random.default_rng(1).normal(size=(4, 12)).astype(np.float32)
    vocabulary = Vocabulary(KNOWN, np.array([100, 50, 10, 1]))
    return WordVectors(vocabulary, matrix, Tokenizer("en"), {"bank": "reviews"})


def test_ids_in_a_file_are_renumbered_like_those_in_memory(
    initial: WordVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = index_texts(SEA, Tokenizer("en"), min_count=1, known=initial.vocabulary)
    monkeypatch.setattr(corpus_file, "IN_MEMORY", 0)
    monkeypatch.setattr(corpus_file, "CHUNK", 1024)
    many = SEA * 40  # 7,200 tokens: several chunks
    mapped = index_texts(many, Tokenizer("en"), min_count=1, known=initial.vocabulary)
    assert mapped.corpus.ids.base is not None  # a view of the mapped file
    np.testing.assert_array_equal(
        [mapped.vocabulary.words[i] for i in mapped.corpus.ids],
        [in_memory.vocabulary.words[i] for i in np.tile(in_memory.corpus.ids, 40)],
    )


def test_two_vocabularies_are_united_by_added_counts_and_ties_keep_their_order() -> None:
    new = Vocabulary(("b", "a", "c"), np.array([5, 3, 1]))
    known = Vocabulary(("a", "d", "e"), np.array([4, 5, 1]))
    union, here, numbers = merge_vocabularies(new, known)
    assert union.words == ("a", "b", "d", "c", "e")
    assert union.counts.tolist() == [3 + 4, 5, 5, 1, 1]
    assert here.tolist() == [3, 5, 0, 1, 0]
    assert numbers.tolist() == [1, 0, 3]
