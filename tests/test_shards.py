"""Weights, tables of word frequencies and the checks before the kernel runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentiment_transfer.errors import InputError
from sentiment_transfer.pretraining import shards
from sentiment_transfer.pretraining.shards import (
    Weights,
    build_tables,
    keep_thresholds,
    negative_table,
    padded,
    random_state,
    shared_negatives,
    split_long,
    train_shard,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

STATE = random_state(5, 0)


def flat(texts: list[list[int]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int64)
    return np.array([word for text in texts for word in text], dtype=np.int32), offsets


def test_keep_thresholds_are_word2vecs_probabilities() -> None:
    # shares 0.9, 0.09, 0.01; sample 0.01: sqrt(1/90) + 1/90 = 0.1165..., sqrt(1/9) + 1/9 = 0.4444
    kept = keep_thresholds(np.array([90, 9, 1]), 0.01) / 2**32
    np.testing.assert_allclose(kept, [(1 / 90) ** 0.5 + 1 / 90, 1 / 3 + 1 / 9, 1.0], rtol=1e-6)


def test_sample_0_keeps_every_token() -> None:
    thresholds = keep_thresholds(np.array([1000, 1, 0]), 0.0)
    assert thresholds.dtype == np.uint32
    assert thresholds.tolist() == [2**32 - 1] * 3


def test_the_negative_table_holds_words_by_count_to_the_three_quarters() -> None:
    table = negative_table(np.array([16, 1, 0]), seed=0)  # 16 ** 0.75 = 8
    assert table.dtype == np.int32
    assert np.bincount(table, minlength=3).tolist() == [round(65_536 * 8 / 9), round(65_536 / 9), 0]
    assert 0 < np.flatnonzero(table == 1)[0] < 200  # shuffled
    np.testing.assert_array_equal(table, negative_table(np.array([16, 1, 0]), seed=0))
    assert (table != negative_table(np.array([16, 1, 0]), seed=1)).any()


def test_every_word_of_a_large_vocabulary_is_drawn_as_a_negative() -> None:
    counts = (1e6 / np.arange(1, 30_001)).astype(np.int64)  # Zipf's law
    assert len(np.unique(negative_table(counts, seed=0))) == 30_000


def test_more_negatives_a_pair_draw_more_for_a_block() -> None:
    assert [shared_negatives(n) for n in (1, 5, 10, 20)] == [8, 8, 16, 32]


def test_rows_are_padded_to_whole_lanes_on_cache_lines() -> None:
    assert [padded(d) for d in (1, 16, 17, 100, 300)] == [16, 16, 32, 112, 304]
    weights = Weights.initial(3, 100, seed=0)
    assert weights.input.shape == weights.output.shape == (3, 112)
    assert weights.input.ctypes.data % 64 == weights.output.ctypes.data % 64 == 0


def test_initial_weights_are_word2vecs() -> None:
    weights = Weights.initial(500, 20, seed=1)
    used = weights.input[:, :20] * 20
    assert -0.5 <= used.min() < -0.49
    assert 0.49 < used.max() <= 0.5
    assert not weights.output.any()
    assert not weights.input[:, 20:].any()


def test_training_goes_on_from_given_vectors() -> None:
    weights = Weights.from_vectors([[1, 2], [3, 4]], [[5, 6], [7, 8]])
    assert weights.input[:, :2].tolist() == [[1, 2], [3, 4]]
    assert weights.output[:, :2].tolist() == [[5, 6], [7, 8]]


def test_an_empty_vocabulary_has_empty_tables() -> None:
    tables = build_tables(np.zeros(0, np.int64), sample=1e-3, window=5, negative=5, seed=0)
    assert len(tables.keep) == len(tables.noise) == 0
    weights = Weights.initial(0, 5, seed=0)
    assert train_shard(weights, *flat([[]]), tables, rates=(0.1, 0.1), state=STATE).pairs == 0


def test_long_texts_are_cut_and_no_token_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    assert split_long(np.array([0])).tolist() == [0]
    monkeypatch.setattr(shards, "LONGEST_TEXT", 2)
    assert split_long(np.array([0, 3, 8])).tolist() == [0, 2, 3, 5, 7, 8]
    monkeypatch.setattr(shards, "LONGEST_TEXT", 4)
    assert split_long(np.array([0, 0, 4, 4])).tolist() == [0, 0, 4, 4]


def test_every_token_of_a_long_text_is_trained_on() -> None:
    n = 2 * shards.LONGEST_TEXT + 7
    ids, offsets = np.arange(n, dtype=np.int32), split_long(np.array([0, n]))
    weights = Weights.initial(n, 4, seed=0)
    tables = build_tables(np.ones(n, np.int64), sample=0, window=1, negative=5, seed=0)
    loss_sum = train_shard(weights, ids, offsets, tables, rates=(0.1, 0.1), state=STATE)
    assert loss_sum.words == n
    assert loss_sum.pairs == 2 * (n - 1) - 2 * 2  # neighbours both ways, less the two cuts
    assert weights.output.any(axis=1).all()


@pytest.mark.parametrize(
    ("ids", "offsets", "says"),
    [
        ([0, 3], [0, 2], "token ids 0..3 do not fit 3 words"),
        ([0, -1], [0, 2], "token ids -1..0 do not fit 3 words"),
        ([0, 1], [0, 3], "within 0..2"),
        ([0, 1, 2], [0, 2, 1, 3], "offsets must rise"),
    ],
)
def test_what_would_leave_the_arrays_is_refused(
    ids: list[int], offsets: list[int], says: str
) -> None:
    tables = build_tables(np.ones(3, np.int64), sample=0, window=5, negative=5, seed=0)
    with pytest.raises(InputError, match=says):
        train_shard(
            Weights.initial(3, 4, 0),
            np.array(ids, np.int32),
            np.array(offsets),
            tables,
            rates=(0.1, 0.1),
            state=STATE,
        )


def test_weights_that_are_not_padded_are_refused() -> None:
    tables = build_tables(np.ones(3, np.int64), sample=0, window=5, negative=5, seed=0)
    bare = Weights(np.zeros((3, 10), np.float32), np.zeros((3, 10), np.float32))
    for weights, says in (
        (bare, "the input vectors are float32 .3, 10.*padded"),
        (Weights.initial(4, 10, 0), "the input vectors are float32 .4, 16.* rows for 3 words"),
    ):
        with pytest.raises(InputError, match=says):
            train_shard(weights, *flat([[0, 1]]), tables, rates=(0.1, 0.1), state=STATE)


def test_offsets_of_short_texts_are_not_copied() -> None:
    offsets = np.array([0, 3, 3, 8])
    assert split_long(offsets) is offsets
