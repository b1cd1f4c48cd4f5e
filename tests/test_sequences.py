"""Token ids as input of trainable encoders: cutting, batching and the layout by steps."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from sentiment_transfer.encoding.sequences import (
    Sequences,
    Steps,
    distinct,
    head_and_tail,
    length_buckets,
    longest_first,
)
from sentiment_transfer.text import TokenIds

TEXTS = st.lists(st.lists(st.integers(0, 9), max_size=7), max_size=8)


def listed(ids: TokenIds) -> list[list[int]]:
    return [ids[text].tolist() for text in range(len(ids))]


def test_rows_are_chosen_in_the_order_given() -> None:
    texts = Sequences(TokenIds.from_lists([[1, 2], [], [3]]))
    assert listed(texts[np.array([2, 0, 0])].ids) == [[3], [1, 2], [1, 2]]
    assert texts.lengths.tolist() == [2, 0, 1]
    assert len(texts[np.zeros(0, np.intp)]) == 0


def test_a_long_text_keeps_a_quarter_of_the_tokens_from_its_start_and_the_rest_at_its_end() -> None:
    texts = [[*range(10)], [5, 6], [], [*range(8)]]
    # of 8 tokens 8 // 4 = 2 are from the start
    expected = [[0, 1, 4, 5, 6, 7, 8, 9], [5, 6], [], [*range(8)]]
    assert listed(head_and_tail(TokenIds.from_lists(texts), 8)) == expected
    assert listed(head_and_tail(TokenIds.from_lists(texts), 1)) == [[9], [6], [], [7]]


@given(TEXTS, st.integers(1, 9))
def test_no_text_exceeds_the_maximum_and_short_texts_are_unchanged(
    texts: list[list[int]], most: int
) -> None:
    cut = listed(head_and_tail(TokenIds.from_lists(texts), most))
    assert [len(text) for text in cut] == [min(len(text), most) for text in texts]
    for short, text in zip(cut, texts, strict=True):
        first = min(most // 4, len(text))
        rest = len(short) - first
        assert short == (text if len(text) <= most else text[:first] + text[len(text) - rest :])


@given(TEXTS)
def test_each_word_of_a_text_is_kept_once(texts: list[list[int]]) -> None:
    assert listed(distinct(TokenIds.from_lists(texts), 10)) == [sorted(set(t)) for t in texts]


def test_longest_first_batches_hold_each_text_with_a_token_once() -> None:
    lengths = np.array([3, 0, 9, 1, 2, 9])
    batches = [rows.tolist() for rows in longest_first(lengths, 9)]
    assert batches == [[2], [5], [0, 4, 3]]  # 9, 9, then three of at most 3: 9 tokens
    assert list(longest_first(np.zeros(3, np.int64), 9)) == []


def test_length_buckets_hold_each_text_once_and_need_little_padding() -> None:
    lengths = np.random.default_rng(0).integers(0, 400, 5_003)
    batches = list(length_buckets(lengths, 32, torch.Generator().manual_seed(1)))
    assert sorted(np.concatenate(batches).tolist()) == list(range(5_003))
    padded = sum(len(rows) * lengths[rows].max() for rows in batches)
    assert padded < 1.1 * lengths.sum()
    first = [lengths[rows].mean() for rows in batches]
    assert first != sorted(first)  # the batches are not sorted by length
    again = list(length_buckets(lengths, 32, torch.Generator().manual_seed(1)))
    assert all((a == b).all() for a, b in zip(batches, again, strict=True))
    other = list(length_buckets(lengths, 32, torch.Generator().manual_seed(2)))
    assert not all(np.array_equal(a, b) for a, b in zip(batches, other, strict=True))


def test_packed_steps_equal_those_of_torch() -> None:
    texts = [[5], [7, 8, 9], [], [1, 2]]
    steps = Steps.of(TokenIds.from_lists(texts))
    assert steps.order.tolist() == [1, 3, 0]
    theirs = torch.nn.utils.rnn.pack_sequence(
        [torch.tensor(texts[row]) for row in steps.order.tolist()]
    )
    assert steps.packed.tolist() == theirs.data.tolist() == [7, 1, 5, 8, 2, 9]
    assert steps.sizes.tolist() == theirs.batch_sizes.tolist() == [3, 2, 1]


@pytest.mark.parametrize("backward", [False, True])
@given(texts=TEXTS)
def test_padding_follows_the_last_token_that_is_read(
    backward: bool, texts: list[list[int]]
) -> None:
    steps = Steps.of(TokenIds.from_lists(texts), backward=backward)
    rows = sorted((i for i, t in enumerate(texts) if t), key=lambda i: -len(texts[i]))
    assert steps.order.tolist() == rows
    for column, row in enumerate(rows):
        text = texts[row][::-1] if backward else texts[row]
        assert steps.lengths[column] == len(text)
        assert steps.ids[: len(text), column].tolist() == text
        assert not steps.ids[len(text) :, column].any()


def test_no_text_and_empty_texts_give_no_step() -> None:
    for texts in ([], [[], []]):
        steps = Steps.of(TokenIds.from_lists(texts))
        assert len(steps.order) == len(steps.ids) == len(steps.packed) == len(steps.sizes) == 0
