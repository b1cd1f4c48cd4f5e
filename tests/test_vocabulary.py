from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_transfer.errors import InputError
from sentiment_transfer.text import TokenIds, Vocabulary, vocabulary
from sentiment_transfer.text.vocabulary import lengths, sample_texts

LISTS = st.lists(st.lists(st.integers(0, 9), max_size=5), max_size=8)


def listed(corpus: TokenIds) -> list[list[int]]:
    return [corpus[i].tolist() for i in range(len(corpus))]


def test_the_example_of_the_docstring() -> None:
    corpus = TokenIds.from_lists([[1, 0], [], [0]])
    assert corpus.ids.tolist() == [1, 0, 0]
    assert corpus.offsets.tolist() == [0, 2, 2, 3]
    assert corpus.ids.dtype == np.int32
    assert corpus.offsets.dtype == np.int64
    assert listed(corpus) == [[1, 0], [], [0]]
    assert corpus.text_index.tolist() == [0, 0, 2]


@given(LISTS)
def test_lists_come_back_as_they_went_in(lists: list[list[int]]) -> None:
    corpus = TokenIds.from_lists(lists)
    assert listed(corpus) == lists
    assert corpus.text_index.tolist() == [i for i, ids in enumerate(lists) for _ in ids]


@given(st.lists(LISTS, max_size=4))
def test_concatenated_batches_are_the_whole(batches: list[list[list[int]]]) -> None:
    whole = TokenIds.concatenate([TokenIds.from_lists(lists) for lists in batches])
    assert listed(whole) == [ids for lists in batches for ids in lists]
    assert whole.ids.dtype == np.int32
    assert whole.offsets.dtype == np.int64


def test_a_text_is_counted_from_the_end_too_and_never_outside() -> None:
    corpus = TokenIds.from_lists([[7], [8, 9]])
    assert corpus[-1].tolist() == [8, 9]
    assert corpus[-2].tolist() == [7]
    for outside in (2, -3):
        with pytest.raises(IndexError, match=f"text {outside} of a corpus of 2"):
            corpus[outside]


def test_iterating_over_a_corpus_ends() -> None:
    corpus = TokenIds.from_lists([[7], [8, 9]])
    assert [ids.tolist() for ids in corpus] == [[7], [8, 9]]  # type: ignore[attr-defined]


def test_an_empty_corpus_has_no_text_and_no_token() -> None:
    for corpus in (TokenIds.from_lists([]), TokenIds.concatenate([])):
        assert len(corpus) == 0
        assert corpus.offsets.tolist() == [0]
        assert corpus.text_index.tolist() == []


def test_words_stand_by_frequency_and_ties_in_the_order_first_seen() -> None:
    vocabulary = Vocabulary.from_counts({"b": 2, "rare": 1, "top": 9, "a": 2}, min_count=2)
    assert vocabulary.words == ("top", "b", "a")
    assert vocabulary.counts.tolist() == [9, 2, 2]
    assert vocabulary.counts.dtype == np.int64
    assert [vocabulary.index[word] for word in vocabulary.words] == [0, 1, 2]


def test_the_least_count_may_depend_on_the_number_of_tokens() -> None:
    told = []

    def least(n_tokens: int) -> int:
        told.append(n_tokens)
        return 3

    assert Vocabulary.from_counts({"a": 3, "b": 2}, min_count=least).words == ("a",)
    assert told == [3 + 2]


def test_unknown_tokens_are_left_out_and_repeats_stay() -> None:
    vocabulary = Vocabulary.from_counts({"plot": 2, "dull": 1})
    assert vocabulary.encode(["dull", "zzz", "plot", "dull"]) == [1, 0, 1]
    assert "plot" in vocabulary
    assert "zzz" not in vocabulary
    assert len(vocabulary) == 2


def test_no_word_is_a_vocabulary_too() -> None:
    empty = Vocabulary.from_counts({})
    assert len(empty) == 0
    assert empty.encode(["plot"]) == []
    assert empty.counts.dtype == np.int64


def test_a_vocabulary_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(InputError, match="2 words but 1 counts"):
        Vocabulary(("a", "b"), np.array([1]))
    with pytest.raises(InputError, match="'b' is twice"):
        Vocabulary(("a", "b", "b"), np.array([3, 2, 1]))


def test_lengths_of_texts_come_a_part_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "LENGTHS", 2)
    ids = TokenIds.from_lists([[1], [], [1, 2, 3], [4], [5, 6]])
    assert [part.tolist() for part in lengths(ids.offsets)] == [[1, 0], [3, 1], [2]]
    assert ids.longest == 3
    assert TokenIds.from_lists([]).longest == 0
    assert TokenIds.from_lists([[]]).longest == 0


def test_a_sample_of_a_large_corpus_has_a_text_of_every_part(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ids = TokenIds.from_lists([i, i] for i in range(100))
    assert sample_texts(ids, seed=0) is ids
    monkeypatch.setattr(vocabulary, "MANY_TEXTS", 99)
    monkeypatch.setattr(vocabulary, "SAMPLED_TEXTS", 20)
    sample = sample_texts(ids, seed=0)
    chosen = sample.ids[::2]
    assert (chosen // 5).tolist() == [*range(20)]  # one of each five
    assert sample.ids[1::2].tolist() == chosen.tolist()
    assert sample.offsets.tolist() == [*range(0, 41, 2)]
    assert sample_texts(ids, seed=0).ids.tolist() == sample.ids.tolist()
    assert sample_texts(ids, seed=1).ids.tolist() != sample.ids.tolist()


def test_a_sample_is_smaller_where_texts_are_long(monkeypatch: pytest.MonkeyPatch) -> None:
    ids = TokenIds.from_lists([[i] * 10 for i in range(100)])
    monkeypatch.setattr(vocabulary, "MANY_TOKENS", 999)
    monkeypatch.setattr(vocabulary, "SAMPLED_TOKENS", 250)
    assert len(sample_texts(ids, seed=0)) == 250 // 10
