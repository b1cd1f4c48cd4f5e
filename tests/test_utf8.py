"""Texts as bytes of an Arrow array are read as the same texts in a list."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_transfer import load
from sentiment_transfer.errors import InputError
from sentiment_transfer.text import Tokenizer
from sentiment_transfer.text.framing_numba import framed
from sentiment_transfer.text.scanner import prepare_signs
from sentiment_transfer.text.utf8 import Utf8Texts

TEXTS = [
    "A GREAT film",
    "",
    "Ça va",
    "İstanbul ǅ",
    "a\0b\0",
    "not <b>bad</b> &amp; more :-D",
    "see http://x.com or @you #GoodFilm",
    "one\n\ntwo",
    "\0",
    "😀 wow",
    "tail",
]


def of(texts: list[str]) -> Utf8Texts:
    return Utf8Texts.of(pa.array(texts, pa.large_string()))


def prepared(text: str) -> str:
    return prepare_signs(Tokenizer(), text)


@pytest.mark.parametrize("signs", [False, True])
@pytest.mark.parametrize("rows", [slice(None), slice(2, 9), slice(4, 5), slice(1, 2)])
def test_bytes_are_framed_as_the_list_is(rows: slice, signs: bool) -> None:
    prepare = prepared if signs else Tokenizer().prepare
    expected = bytes(framed(TEXTS[rows], prepare, signs=signs))
    assert bytes(framed(of(TEXTS)[rows], prepare, signs=signs)) == expected
    sliced = Utf8Texts.of(pa.array(["before", *TEXTS], pa.large_string()).slice(1))
    assert bytes(framed(sliced[rows], prepare, signs=signs)) == expected


WORDS = st.sampled_from(
    ["not", "BAD", "é", "\0", " ", "<", "br", ">", ":)", "&#39;", "'", "ß", "3"]
)


@given(st.lists(st.lists(WORDS, max_size=8).map("".join), max_size=6))
def test_any_texts_are_framed_as_the_list_is(texts: list[str]) -> None:
    expected = bytes(framed(texts, prepared, signs=True))
    assert bytes(framed(of(texts), prepared, signs=True)) == expected


def test_it_is_a_sequence_of_the_texts() -> None:
    texts = of(TEXTS)
    assert list(texts) == TEXTS
    assert (len(texts), texts[-1], texts[2:4][1]) == (len(TEXTS), "tail", TEXTS[3])
    assert list(texts[5:2]) == list(of([])) == []
    assert of(["", ""]).n_bytes == 0
    assert [*of(["", ""])] == ["", ""]
    with pytest.raises(IndexError):
        texts[len(TEXTS)]
    with pytest.raises(IndexError, match="no steps"):
        texts[::2]


def test_batches_end_at_the_size_or_behind_one_text() -> None:
    texts = of(["aaaa", "bb", "cc", "", "dddddddddd", "e"])
    cut = [list(batch) for batch in texts.batches(4)]
    assert cut == [["aaaa"], ["bb", "cc"], ["", "dddddddddd"], ["e"]]
    assert list(of([]).batches(4)) == []


def test_a_text_of_too_many_characters_is_an_error_and_one_of_many_bytes_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sentiment_transfer.text.utf8.MAX_CHARACTERS", 4)
    assert len(list(of(["éééé"]).batches(100))) == 1
    with pytest.raises(InputError, match="text 1 has 5 characters; at most 4 are allowed"):
        list(of(["fine", "ééééé"]).batches(100))


@pytest.mark.parametrize("compiled", [True, False, None])
def test_a_model_answers_bytes_as_it_answers_the_list(compiled: bool | None) -> None:
    stages, texts = load("reviews-en").stages_, [*TEXTS, "It was not great.", "awful"]
    for found, expected in zip(
        stages.answer(of(texts), compiled=compiled),
        stages.answer(texts, compiled=compiled),
        strict=True,
    ):
        np.testing.assert_array_equal(found, expected)
    assert stages.answer(of([]), compiled=compiled).probabilities.shape == (0, 2)
