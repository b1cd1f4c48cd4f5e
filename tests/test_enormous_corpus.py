"""More than 2^31 tokens: a sparse file of ids, which takes no room on the disk."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentiment_transfer.pretraining import shards
from sentiment_transfer.pretraining.corpus_file import drop_pages
from sentiment_transfer.pretraining.engine import Settings
from sentiment_transfer.pretraining.rounds import Schedule
from sentiment_transfer.pretraining.shards import (
    Weights,
    build_tables,
    random_state,
    split_long,
    train_shard,
)
from sentiment_transfer.text import TokenIds, vocabulary
from sentiment_transfer.text.indexing import _Values
from sentiment_transfer.text.vocabulary import chunks, sample_texts, select

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="its files are not sparse")

FIRST = 2**31 + 12_345
"""Tokens before the texts that are read: one text of word 0, a hole in the file."""

N_WORDS, N_TEXTS, LENGTH = 50, 2_500, 20
SETTINGS = Settings(
    vector_size=8,
    window=3,
    negative=5,
    sample=0.0,
    alpha=0.05,
    min_alpha=1e-3,
    epochs=1,
    workers=2,
    seed=0,
)


@pytest.fixture
def last_ids() -> NDArray[np.int32]:
    """The ids of the texts behind the hole, in which every word occurs."""
    return np.random.default_rng(0).integers(1, N_WORDS, N_TEXTS * LENGTH).astype(np.int32)


@pytest.fixture
def corpus(tmp_path: Path, last_ids: NDArray[np.int32]) -> TokenIds:
    with (tmp_path / "ids").open("wb") as file:
        file.seek(4 * FIRST)
        file.write(last_ids.tobytes())
    assert (tmp_path / "ids").stat().st_blocks * 512 < 10_000_000
    ids = np.asarray(np.memmap(tmp_path / "ids", dtype=np.int32, mode="c"))
    return TokenIds(ids, np.append(0, FIRST + LENGTH * np.arange(N_TEXTS + 1)))


def test_texts_are_found_beyond_the_largest_int32(
    corpus: TokenIds, last_ids: NDArray[np.int32]
) -> None:
    assert corpus.longest == FIRST
    assert corpus[N_TEXTS].tolist() == last_ids[-LENGTH:].tolist()
    chosen = select(corpus, np.array([N_TEXTS, 1]))
    assert chosen.ids.tolist() == [*last_ids[-LENGTH:], *last_ids[:LENGTH]]
    assert chosen.offsets.tolist() == [0, LENGTH, 2 * LENGTH]


def test_long_texts_are_cut_up_to_the_last_token(corpus: TokenIds) -> None:
    offsets = split_long(corpus.offsets)
    assert offsets.dtype == np.int64
    pieces = -(-FIRST // shards.LONGEST_TEXT)
    assert len(offsets) == pieces + N_TEXTS + 1
    assert offsets[pieces - 1 : pieces + 1].tolist() == [(pieces - 1) * 10_000, FIRST]
    assert offsets[-1] == len(corpus.ids)
    assert (np.diff(offsets) > 0).all()


def test_a_chunk_has_about_a_million_tokens_wherever_it_is(corpus: TokenIds) -> None:
    cut = TokenIds(corpus.ids, split_long(corpus.offsets))
    sizes = [len(chunk.ids) for chunk in chunks(cut)]
    assert sum(sizes) == len(corpus.ids)
    assert max(sizes) <= 1 << 20
    *_, last = chunks(cut)
    assert last.ids[-N_TEXTS * LENGTH :].min() > 0
    assert last.offsets[-1] == len(last.ids)


def test_a_sample_reaches_from_the_first_text_to_the_last(
    corpus: TokenIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vocabulary, "SAMPLED_TOKENS", 1 << 21)
    offsets = split_long(corpus.offsets)
    sample = sample_texts(TokenIds(corpus.ids, offsets), seed=0)
    assert len(sample) == 2**21 * (len(offsets) - 1) // len(corpus.ids)
    known = np.diff(sample.offsets) == LENGTH
    assert known[-1]
    assert sample.ids[sample.offsets[:-1][known]].min() > 0  # those behind the hole
    assert not sample.ids[: sample.offsets[1]].any()


def test_every_text_is_trained_on_once_an_epoch(corpus: TokenIds) -> None:
    offsets = split_long(corpus.offsets)
    schedule = Schedule(offsets, SETTINGS)
    assert schedule.tokens.sum() == len(corpus.ids)
    assert schedule.cuts[-1] == len(offsets) - 1
    rounds = [r for r, pieces in enumerate(schedule.pieces) if len(schedule.cuts) - 2 in pieces]
    assert len(rounds) == 1  # the last texts are in one round
    texts = np.concatenate([shard.texts for shard in schedule.shards(0, rounds[0])])
    assert len(offsets) - 2 in texts
    lengths = offsets[texts + 1] - offsets[texts]
    assert lengths.sum() == schedule.tokens[rounds[0]]


def test_a_shard_beyond_the_largest_int32_trains_like_the_same_texts_in_front(
    corpus: TokenIds, last_ids: NDArray[np.int32]
) -> None:
    tables = build_tables(
        np.bincount(last_ids, minlength=N_WORDS), sample=0.0, window=3, negative=5, seed=0
    )

    def trained(ids: NDArray[np.int32], offsets: NDArray[np.int64]) -> tuple[bytes, int]:
        weights = Weights.initial(N_WORDS, 8, seed=0)
        state, rates = random_state(0, 0), (0.05, 0.01)
        words = train_shard(weights, ids, offsets, tables, rates=rates, state=state).words
        return weights.input.tobytes() + weights.output.tobytes(), words

    behind = trained(corpus.ids, corpus.offsets[1:])
    drop_pages(corpus.ids)
    assert behind == trained(last_ids, LENGTH * np.arange(N_TEXTS + 1))
    assert behind[1] == N_TEXTS * LENGTH


def test_ids_are_written_and_read_beyond_the_largest_int32(tmp_path: Path) -> None:
    with (tmp_path / "ids").open("w+b") as file:
        values = _Values(file, np.int32)
        values.write(FIRST, np.array([7, 8, 9], np.int32))
        assert values.read(FIRST - 1, FIRST + 3).tolist() == [0, 7, 8, 9]
        mapped = values.first(FIRST + 2)
    assert len(mapped) == FIRST + 2
    assert mapped[-2:].tolist() == [7, 8]
