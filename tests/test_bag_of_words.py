from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.text import vocabulary
from sentiment_transfer.text.bag_of_words import (
    distinct_counts,
    mean_of_texts,
    mean_vectors,
    text_counts,
)
from sentiment_transfer.text.vocabulary import TokenIds, chunks, select

if TYPE_CHECKING:
    import pytest

VECTORS = np.array([[1.0, 0.0], [0.0, 2.0], [4.0, 4.0]], dtype=np.float32)
TEXTS = [[2, 0, 2], [], [1], [0, 1, 1, 1], [2]]


def listed(ids: TokenIds) -> list[list[int]]:
    return [ids[text].tolist() for text in range(len(ids))]


def test_a_word_counts_once_however_often_it_stands_in_a_text() -> None:
    counts = distinct_counts(TokenIds.from_lists(TEXTS), 3)
    assert counts.dtype == np.float32
    assert counts.toarray().tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]]


def test_counting_leaves_the_corpus_as_it_was() -> None:
    ids = TokenIds.from_lists(TEXTS)
    mean_vectors(ids, VECTORS)
    distinct_counts(ids, 3)
    assert listed(ids) == TEXTS


def test_means_are_over_distinct_words_and_zero_for_an_empty_text() -> None:
    expected = [
        [(1 + 4) / 2, (0 + 4) / 2],
        [0, 0],
        [0, 2],
        [(1 + 0) / 2, (0 + 2) / 2],
        [4, 4],
    ]
    means = mean_vectors(TokenIds.from_lists(TEXTS), VECTORS)
    assert means.dtype == np.float32
    assert means.tolist() == expected


def test_weights_pull_the_mean_and_weight_zero_hides_a_word() -> None:
    weights = np.array([3, 1, 0], dtype=np.float32)
    means = mean_vectors(TokenIds.from_lists(TEXTS), VECTORS, weights)
    assert means.tolist() == [[1, 0], [0, 0], [0, 2], [3 / 4, 2 / 4], [0, 0]]


def test_chunks_give_back_every_text_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "CHUNK_TOKENS", 3)
    parts = list(chunks(TokenIds.from_lists(TEXTS)))
    assert [listed(part) for part in parts] == [
        [[2, 0, 2], []],
        [[1]],
        [[0, 1, 1, 1]],  # longer than a chunk
        [[2]],
    ]
    whole = mean_vectors(TokenIds.from_lists(TEXTS), VECTORS)
    monkeypatch.setattr(vocabulary, "CHUNK_TOKENS", 1000)
    assert (mean_vectors(TokenIds.from_lists(TEXTS), VECTORS) == whole).all()


def test_an_empty_corpus_has_no_chunks_and_no_means() -> None:
    empty = TokenIds.from_lists([])
    assert list(chunks(empty)) == []
    assert mean_vectors(empty, VECTORS).shape == (0, 2)
    assert distinct_counts(empty, 3).shape == (0, 3)


def test_selected_texts_come_in_the_order_asked_for() -> None:
    chosen = select(TokenIds.from_lists(TEXTS), np.array([3, 1, 0, 3]))
    assert listed(chosen) == [[0, 1, 1, 1], [], [2, 0, 2], [0, 1, 1, 1]]
    assert len(select(TokenIds.from_lists(TEXTS), np.array([], dtype=np.intp))) == 0
    last = select(TokenIds.from_lists(TEXTS), np.array([-1]))
    assert listed(last) == [TEXTS[-1]]


def test_the_mean_of_texts_is_that_of_the_texts_with_a_word_chunk_by_chunk(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = TokenIds.from_lists(TEXTS)
    # [2, 0, 2] -> (2.5, 2), [1] -> (0, 2), [0, 1, 1, 1] -> (0.5, 1), [2] -> (4, 4), [] is none
    expected = [(2.5 + 0 + 0.5 + 4) / 4, (2 + 2 + 1 + 4) / 4]
    assert mean_of_texts(ids, VECTORS).tolist() == expected
    monkeypatch.setattr(vocabulary, "CHUNK_TOKENS", 3)
    assert mean_of_texts(ids, VECTORS).tolist() == expected
    weights = np.array([0, 1, 3], np.float32)  # the word 0 counts for nothing
    assert mean_of_texts(ids, VECTORS, weights).tolist() == [
        (4 + 0 + 0 + 4) / 4,
        (4 + 2 + 2 + 4) / 4,
    ]
    twice = mean_of_texts(TokenIds.from_lists([[2, 0, 2]]), VECTORS, distinct=False)
    np.testing.assert_allclose(twice, [(4 + 1 + 4) / 3, 8 / 3], rtol=1e-6)
    assert mean_of_texts(TokenIds.from_lists([[], []]), VECTORS).tolist() == [0, 0]


def test_a_word_is_counted_once_a_text_chunk_by_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = TokenIds.from_lists(TEXTS)
    # 0 is in the first and the fourth text, 1 in the third and the fourth, 2 in the first and last
    assert text_counts(ids, 4).tolist() == [2, 2, 2, 0]
    monkeypatch.setattr(vocabulary, "CHUNK_TOKENS", 3)
    assert text_counts(ids, 4).tolist() == [2, 2, 2, 0]
    assert text_counts(TokenIds.from_lists([[], []]), 2).tolist() == [0, 0]
