"""Emoticons become emoji and hashtags words, and each character knows where it comes from."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_transfer.languages import load_signs
from sentiment_transfer.text import Tokenizer
from sentiment_transfer.text.scanner import prepare_signs
from sentiment_transfer.text.signs import expanded, expanded_spans

SIGNS = load_signs()
JOY, SORROW = SIGNS["joy"][0], SIGNS["sorrow"][0]


@pytest.mark.parametrize("sign", SIGNS["joy_signs"] + SIGNS["sorrow_signs"])
def test_every_listed_emoticon_becomes_an_emoji_of_its_kind(sign: str) -> None:
    emoji = JOY if sign in SIGNS["joy_signs"] else SORROW
    for text in (sign, f"room {sign}", f"{sign} room"):
        assert expanded(text).split() == [
            part if part == "room" else emoji for part in text.split()
        ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "fine",
        "https://x.org/a",
        "a:b",
        "3:30",
        "x = 3",
        "i <3000 you",
        "(see: a)",
        "C:\\d",
        "a_b",
    ],
)
def test_what_is_no_emoticon_stays(text: str) -> None:
    assert expanded(text) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#NotGood", "#Not Good"),
        ("#notgood", "#notgood"),
        ("#NEVERAgain", "#NEVER Again"),
        ("#Top10Hotels", "#Top10 Hotels"),
        ("# NotGood", "# NotGood"),
        ("so #ÉtéChaud!", "so #Été Chaud!"),
    ],
)
def test_hashtags_are_split_at_capitals(text: str, words: str) -> None:
    assert expanded(text) == words


@given(
    st.lists(st.sampled_from([*SIGNS["joy_signs"], "#NotGood", "a", " ", "é", "#"])).map("".join)
)
def test_spans_rise_and_cover_what_a_character_comes_from(text: str) -> None:
    new, spans = expanded(text), expanded_spans(text)
    assert len(spans) == len(new)
    assert all(0 <= start <= end <= len(text) for start, end in spans)
    assert all(b[0] >= a[0] and b[1] >= a[1] for a, b in pairwise(spans))
    for character, (start, end) in zip(new, spans, strict=True):
        if end - start == 1 and character != JOY:
            assert text[start] == character


def test_both_ways_of_preparing_find_the_same_signs() -> None:
    from sentiment_transfer.text.pieces_numba import Splitter

    tokenizer = Tokenizer("en")
    texts = [f"room {sign} bed" for sign in SIGNS["joy_signs"] + SIGNS["sorrow_signs"]]
    texts += ["#NotGood", "x#NotGood", "plain"]
    splitter = Splitter(lambda text: prepare_signs(tokenizer, text), signs=True)
    numbers, offsets = splitter.split(texts)
    pieces = splitter.from_number(0)
    for i, text in enumerate(texts):
        found = [pieces[n] for n in numbers[offsets[i] : offsets[i + 1]]]
        assert found == tokenizer.pieces(prepare_signs(tokenizer, text)), text
