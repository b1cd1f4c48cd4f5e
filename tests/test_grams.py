from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from sklearn.feature_extraction.text import TfidfVectorizer

from sentiment_transfer.errors import NotFittedError
from sentiment_transfer.text import Tokenizer
from sentiment_transfer.text.grams import (
    Grams,
    GramTfidf,
    gram_number,
    squared_log_count_ratio,
    word_number,
)
from sentiment_transfer.text.reading import grams_of_texts

if TYPE_CHECKING:
    from conftest import World

EVERY_WORD = Tokenizer("en", stop_words=False, mark_negation=False)
TEXTS = st.lists(
    st.lists(st.sampled_from(["a", "the", "dull", "warm", "plot", "end", "but"]), max_size=7).map(
        " ".join
    ),
    max_size=6,
)


def grams(texts: list[str]) -> Grams:
    return grams_of_texts(texts, EVERY_WORD)


def listed(found: Grams) -> list[list[int]]:
    ends = found.offsets.tolist()
    return [sorted(found.numbers[begin:end].tolist()) for begin, end in pairwise(ends)]


def by_hand(text: str) -> list[int]:
    words = text.split()
    pairs = pairwise(words)
    return sorted([*map(gram_number, words), *(gram_number(*pair) for pair in pairs)])


@given(TEXTS)
def test_a_text_has_its_words_and_neighbouring_pairs_and_no_pair_across_texts(
    texts: list[str],
) -> None:
    assert listed(grams(texts)) == [by_hand(text) for text in texts]


def test_three_words_have_two_pairs_and_one_word_has_none() -> None:
    found = grams(["dull warm plot", "", "dull"])
    assert np.diff(found.offsets).tolist() == [3 + 2, 0, 1]
    assert found.numbers.dtype == np.uint64
    assert len(found) == 3


def test_stop_words_are_words_here() -> None:
    assert gram_number("the", "plot") in listed(grams(["the plot"]))[0]


def test_a_pair_depends_on_its_order_and_a_number_on_nothing_but_the_words() -> None:
    assert gram_number("not", "good") != gram_number("good", "not")
    assert gram_number("good") == word_number("good")
    # pinned: a saved model finds its grams by these numbers, on any machine and in any process
    assert gram_number("good") == 3509812042012788487
    assert gram_number("喜欢") == 17327270235522401110
    assert gram_number("not", "good") == 1418329047321338226


@given(TEXTS, st.data())
def test_rows_are_chosen_by_number_in_any_order_and_repeatedly(
    texts: list[str], data: st.DataObject
) -> None:
    rows = data.draw(st.lists(st.integers(0, len(texts) - 1), max_size=5) if texts else st.just([]))
    chosen = grams(texts)[np.array(rows, dtype=np.intp)]
    assert listed(chosen) == [by_hand(texts[i]) for i in rows]
    assert chosen.offsets[0] == 0


def test_rows_are_chosen_by_a_mask_too() -> None:
    chosen = grams(["dull", "warm plot", "end"])[np.array([True, False, True])]
    assert listed(chosen) == [by_hand("dull"), by_hand("end")]


def scikit_learn(texts: list[str], min_df: int = 1) -> TfidfVectorizer:
    return TfidfVectorizer(
        sublinear_tf=True,
        ngram_range=(1, 2),
        tokenizer=str.split,
        token_pattern=None,
        min_df=min_df,
    ).fit(texts)


def assert_equal_to_scikit_learn(
    ours: csr_array, numbers: np.ndarray[Any, Any], theirs: TfidfVectorizer, texts: list[str]
) -> None:
    names = theirs.get_feature_names_out()
    columns = np.searchsorted(numbers, [gram_number(*name.split()) for name in names])
    expected = theirs.transform(texts).toarray()
    assert ours.shape == expected.shape
    np.testing.assert_allclose(ours.toarray()[:, columns], expected, atol=1e-6)


@settings(deadline=None, max_examples=50)
@given(TEXTS, TEXTS)
def test_weights_are_those_of_scikit_learn(fitted: list[str], texts: list[str]) -> None:
    if not any(fitted):
        return
    ours = GramTfidf().fit(grams(fitted))
    weighted = ours.transform(grams(texts))
    if texts:
        assert_equal_to_scikit_learn(weighted, ours.numbers_, scikit_learn(fitted), texts)
    assert weighted.shape == (len(texts), len(ours.numbers_))


def test_weights_of_a_corpus_are_those_of_scikit_learn(world: World) -> None:
    ours = GramTfidf().fit(grams(world.unlabelled))
    weighted = ours.transform(grams(world.texts))
    assert weighted.dtype == np.float32
    assert_equal_to_scikit_learn(
        weighted, ours.numbers_, scikit_learn(world.unlabelled), world.texts
    )


def test_from_a_thousand_texts_on_a_gram_stands_in_two_of_them() -> None:
    words = [f"w{i % 700}" for i in range(1000)]  # w300 to w699 stand in one text only
    ours = GramTfidf().fit(grams(words))
    assert_equal_to_scikit_learn(
        ours.transform(grams(words)), ours.numbers_, scikit_learn(words, min_df=2), words
    )
    assert len(ours.numbers_) == 300
    assert len(GramTfidf().fit(grams(words[:999])).numbers_) == 700


def test_columns_are_sorted_by_number() -> None:
    numbers = GramTfidf().fit(grams(["dull warm plot end"])).numbers_
    assert (np.diff(numbers.astype(object)) > 0).all()


def test_rows_have_length_one_or_zero_where_nothing_is_known() -> None:
    weighted = (
        GramTfidf()
        .fit(grams(["dull warm", "plot"]))
        .transform(grams(["dull dull plot", "", "zzz yyy"]))
    )
    np.testing.assert_allclose(np.linalg.norm(weighted.toarray(), axis=1), [1, 0, 0], rtol=1e-6)


def test_without_texts_there_are_no_columns() -> None:
    nothing = GramTfidf().fit(grams([]))
    assert nothing.transform(grams(["dull", ""])).shape == (2, 0)
    assert nothing.transform(grams([])).shape == (0, 0)


def test_a_second_fit_starts_afresh() -> None:
    weights = GramTfidf().fit(grams(["dull warm"])).fit(grams(["plot"]))
    assert weights.numbers_.tolist() == [gram_number("plot")]
    assert weights.idf_.tolist() == [1.0]  # log((1 + 1) / (1 + 1)) + 1


def test_a_word_tells_as_much_as_it_is_unevenly_divided() -> None:
    words = np.array([[0.7, 0.7, 0], [0.5, 0, 0.5], [0.2, 0.3, 0]])  # texts 0, 1 against text 2
    p, q = np.array([1 + 2, 1 + 1, 1 + 1]), np.array([1 + 1, 1 + 1, 1 + 0])
    r = np.log(p / 7) - np.log(q / 5)
    for matrix in (words, csr_array(words)):
        np.testing.assert_allclose(squared_log_count_ratio(matrix, [1, 1, 0], np.ones(3)), r**2)
    twice = squared_log_count_ratio(
        np.repeat(words, [2, 1, 3], axis=0), [1, 1, 1, 0, 0, 0], np.ones(6)
    )
    np.testing.assert_allclose(squared_log_count_ratio(words, [1, 1, 0], [2, 1, 3]), twice)


def test_an_evenly_divided_word_keeps_a_prior() -> None:
    assert (squared_log_count_ratio(np.ones((2, 1)), [1, 0], np.ones(2)) > 0).all()


def test_before_fit_there_are_no_weights() -> None:
    with pytest.raises(NotFittedError, match="call fit first"):
        GramTfidf().transform(grams(["dull"]))
