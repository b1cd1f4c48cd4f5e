"""The index of grams gives what looking each gram up gives."""

from __future__ import annotations

import numpy as np
import pytest

from sentiment_transfer.text.grams import Grams, GramTfidf, word_number
from sentiment_transfer.text.grams_index import IndexedGrams


def grams_of(*texts: str) -> Grams:
    split = [text.split() for text in texts]
    numbers = np.array([word_number(word) for words in split for word in words], np.uint64)
    return Grams.of_words(numbers, np.cumsum([0, *map(len, split)], dtype=np.int64))


POOL = grams_of("good film good film", "", "dull dull dull plot", "unknown", "good dull", "film")


@pytest.mark.parametrize("taught", [("good film", "dull plot"), ("plot",), ("nothing of these",)])
def test_an_index_weighs_grams_as_looking_them_up_does(taught: tuple[str, ...]) -> None:
    tfidf = GramTfidf().fit(grams_of(*taught))
    expected = tfidf.transform(POOL).toarray()
    indexed = tfidf.transform(IndexedGrams.of(POOL))
    assert indexed.dtype == np.float64
    np.testing.assert_allclose(indexed.toarray(), expected, rtol=1e-6)


def test_known_grams_of_an_index_are_weighed_by_hand() -> None:
    tfidf = GramTfidf().fit(grams_of("dull plot"))
    row = tfidf.transform(IndexedGrams.of(POOL)).toarray()[2]  # dull dull dull plot
    # idf is the same for each gram: log(2 / 2) + 1; tf is 3 for dull, 1 for plot and for the pair
    weights = {"dull": 1 + np.log(3), "plot": 1.0, "dull plot": 1.0}
    length = np.sqrt(sum(weight**2 for weight in weights.values()))
    assert sorted(row) == pytest.approx(sorted(w / length for w in weights.values()), rel=1e-6)


def test_no_texts_have_an_empty_index() -> None:
    tfidf = GramTfidf().fit(grams_of("dull plot"))
    assert tfidf.transform(IndexedGrams.of(grams_of())).shape == (0, 3)


def test_rows_of_an_index_are_grams_again() -> None:
    chosen = IndexedGrams.of(POOL)[np.array([4, 1])]
    assert [*np.diff(chosen.offsets)] == [3, 0]


def test_grams_that_are_weighed_in_parts_are_weighed_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    tfidf = GramTfidf().fit(grams_of("good film", "unknown dull", "new plot"))
    whole = tfidf.transform(IndexedGrams.of(POOL)).toarray()
    monkeypatch.setattr("sentiment_transfer.text.grams_index.PART", 2)
    parts = tfidf.transform(IndexedGrams.of(POOL)).toarray()
    np.testing.assert_allclose(parts, whole, rtol=1e-12)
    np.testing.assert_allclose(whole, tfidf.transform(POOL).toarray(), rtol=1e-6)
