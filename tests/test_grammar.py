"""Phrases are read as what they mean: patterns, symbols, both scanners, and what explains them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.languages import load_language
from sentiment_transfer.languages.grammar import GrammarRules
from sentiment_transfer.model.explanation import cut
from sentiment_transfer.text import Tokenizer, Vocabulary
from sentiment_transfer.text.grammar import Grammar
from sentiment_transfer.text.grammar_match import NO_TOKEN
from sentiment_transfer.text.indexing import SMALL_CHARACTERS
from sentiment_transfer.text.reading import read_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

WORDS = ("good", "bad", "fine", "film", "plot", "was", "dull", "not", "but", "not_bad", "the")
NOTHING = {"values": {}, "classes": {}, "unions": {}, "patterns": [], "version": 1}
NO_SIGNS: dict[str, list[str]] = {"joy": ["🙂"], "sorrow": ["🙁"]}


def vocabulary(words: Sequence[str] = WORDS) -> Vocabulary:
    return Vocabulary(tuple(words), np.ones(len(words), np.int64))


def grammar(*patterns: dict[str, Any], words: Sequence[str] = WORDS, **parts: Any) -> Grammar:  # noqa: ANN401
    data = {**NOTHING, "values": {"good": ["fine", "good"]}, **parts, "patterns": list(patterns)}
    rules = GrammarRules.from_dict(data, NO_SIGNS)
    return Grammar(rules, Tokenizer("en"), vocabulary(words))


def read(text: str, own: Grammar, words: Sequence[str] = WORDS) -> list[str]:
    """The tokens that are left, ``?`` for an unknown one, with their weight where it is not 1."""
    _, mended = own.read(text)
    kept = [(row, w) for row, w in zip(mended.rows, mended.weights, strict=True) if row > NO_TOKEN]
    names = [words[row] if row >= 0 else "?" for row, _ in kept]
    return [n if w == 1 else f"{n}*{w:.1f}" for n, (_, w) in zip(names, kept, strict=True)]


@pytest.mark.parametrize(
    ("pattern", "text", "tokens"),
    [
        ({"match": "not bad", "means": "good"}, "the plot was not bad", "plot fine"),
        ({"match": "not bad", "means": "good"}, "bad, not good", "bad not ?"),
        ({"match": "not very? bad", "means": "good"}, "not very bad", "fine"),
        ({"match": "not very? bad", "means": "good"}, "not very very bad", "not ? ? not_bad"),
        ({"match": "not very* bad", "means": "good"}, "not very very bad", "fine"),
        ({"match": "not .. bad", "means": "good"}, "not the film was bad", "? fine"),
        ({"match": "not .. bad", "means": "good"}, "not a b c d bad", "not ? ? ? bad"),
        ({"match": "not .. bad", "means": "good"}, "not film, bad", "not ? bad"),  # not_film
        ({"match": "dull/bad", "means": "good"}, "dull bad film", "fine fine film"),
        (
            {"match": "(but)", "before": 0.5},
            "bad. dull film but good",
            "bad dull*0.5 film*0.5 but good",
        ),
        ({"match": "film", "mutes": "<any>"}, "bad film dull plot, good", "bad good"),
        ({"match": "(film)", "mutes": "<any>"}, "bad film dull plot, good", "bad film good"),
        ({"match": "^ bad", "means": "good"}, "bad film, bad plot bad", "fine film fine plot bad"),
        ({"match": "~brr", "means": "good"}, "brr film", "fine film"),
        ({"match": "~film", "means": "good"}, "brr film", "? film"),
    ],
)
def test_a_pattern_changes_the_tokens_that_it_matches_and_no_other(
    pattern: dict[str, Any], text: str, tokens: str
) -> None:
    assert read(text, grammar(pattern)) == tokens.split()


def test_the_first_pattern_that_matches_applies_and_a_word_belongs_to_one_match() -> None:
    first = {"match": "not bad", "means": "good"}
    second = {"match": "not bad film"}
    assert read("not bad film", grammar(first, second)) == ["fine", "film"]
    assert read("not bad film", grammar(second, first)) == []
    overlapping = {"match": "bad film", "means": "good"}
    assert read("not bad film", grammar(first, overlapping)) == ["fine", "film"]


def test_a_class_and_the_words_of_several_classes_match_like_their_words() -> None:
    classes = {"fault": ["bad", "dull"], "praise": ["good"]}
    parts = {"classes": classes, "unions": {"polar": ["fault", "praise"]}}
    own = grammar({"match": "not <polar>", "means": "good"}, **parts)
    assert read("not dull", own) == ["fine"]
    assert read("not good", own) == ["fine"]
    assert read("not film", own) == ["not", "?"]


def test_a_value_is_the_first_word_with_a_vector_and_without_one_the_pattern_is_left_out() -> None:
    pattern = {"match": "not bad", "means": "good"}
    assert read("not bad", grammar(pattern, words=("good", "not")), ("good", "not")) == ["good"]
    assert read("not bad", grammar(pattern, words=("not", "bad")), ("not", "bad")) == ["not", "?"]


def test_an_elongated_word_of_any_length_is_its_plain_form() -> None:
    own = grammar({"match": "not bad", "means": "good"})
    for text in ("goood", "gooooooooood", "GOOOOD", "gggoooddd"):
        assert read(text, own) == ["good"]
    assert read("baaaad", own) == ["bad"]
    assert read("not baaaad", own) == ["fine"]
    assert read("zzzzoooo", own) == ["?"]
    assert read("goodd", own) == ["?"]  # a slip, not elongated


@pytest.mark.parametrize("text", ["", "  ", "...", "!?", "👍🏽", "\0", "not", "but"])
def test_texts_without_words_or_with_half_a_phrase_are_read(text: str) -> None:
    own = grammar({"match": "not bad", "means": "good"}, {"match": "(but)", "before": 0.5})
    _, mended = own.read(text)
    assert len(mended.rows) == len(own.spans(text))


PIECES = [
    *["not", "never", "no", "far", "from", "bad", "good", "great", "but", "although", "wish", "i"],
    *["would", "have", "could", "been", "film", ".", ",", "!", "<3", "#NotGood", "👍", "soooo"],
    *["the", "was", "a", "dull", "than", "better", "as", "less", "anything", ":-(", "isn't"],
]


@pytest.fixture(scope="module")
def english() -> SentimentClassifier:
    model = load("reviews-en")
    assert isinstance(model, SentimentClassifier)
    return model


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join), max_size=6))
def test_the_compiled_reader_reads_as_the_readable_one(
    english: SentimentClassifier, texts: list[str]
) -> None:
    vectors = english.vectors_
    many = [*texts, "film " * (SMALL_CHARACTERS // 5 + 1)]
    few = read_texts(texts, vectors.tokenizer, vectors.vocabulary, grammar=vectors.grammar)
    read_fast = read_texts(many, vectors.tokenizer, vectors.vocabulary, grammar=vectors.grammar)
    for i, text in enumerate(texts):
        _, mended = vectors.grammar.read(text)
        kept = mended.rows != NO_TOKEN
        np.testing.assert_array_equal(few.rows[i], mended.rows[kept])
        np.testing.assert_array_equal(read_fast.rows[i], mended.rows[kept])
        start, end = few.rows.offsets[i : i + 2]
        assert few.weights is not None
        assert read_fast.weights is not None
        np.testing.assert_array_equal(few.weights[start:end], mended.weights[kept])
        np.testing.assert_array_equal(read_fast.weights[start:end], mended.weights[kept])


@pytest.mark.parametrize("text", ["The film was great.", "bad film", "a story of two people"])
def test_a_text_without_a_phrase_is_answered_as_without_a_grammar(
    english: SentimentClassifier, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = english.predict_proba([text, "Not bad, but far from great."])[0]
    monkeypatch.setattr(type(english.encoder_), "grammar", None)
    np.testing.assert_array_equal(english.predict_proba([text, "bad"])[0], answer)


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ("The room was bad.", "The room was not bad."),
        ("I would have loved a good bed.", "I loved the good bed."),
        ("It was far from good.", "It was good."),
        ("Lovely staff, but an awful room.", "An awful room, but lovely staff."),
        ("👎", "👍"),
        ("</3", "<3"),
        ("#NotGood", "#GoodStuff"),
    ],
)
def test_of_two_texts_the_better_one_is_answered_as_better(
    english: SentimentClassifier, worse: str, better: str
) -> None:
    p = english.predict_proba([worse, better])[:, 1]
    assert p[0] < 0.5 < p[1]


def test_chinese_phrases_are_read_too() -> None:
    pytest.importorskip("jieba", reason="the extra zh is not installed")
    model = load("reviews-zh")
    assert isinstance(model, SentimentClassifier)
    p = model.predict_proba(["一点也不差", "谈不上好吃", "没得说", "[赞]"])[:, 1]
    assert (p > 0.5).tolist() == [True, False, True, True]


def test_a_phrase_is_one_piece_of_an_explanation_and_the_sum_is_exact(
    english: SentimentClassifier,
) -> None:
    text = "Well, the room was not bad at all, but I can't recommend it :'("
    found = english.explain(text, "positive")
    shares = dict(found.pieces)
    # labels of other texts weigh words as they stand; the seed words' score has what is meant
    by_seeds = english.encoder_.word_shares(text, english.head_)["seed words"].tolist()
    of_seeds = dict(cut(text, english.encoder_.spans(text), by_seeds)[0])
    assert of_seeds["not bad"] > 0.2
    assert shares[":'("] < -0.1
    assert found.text == text
    p = english.predict_proba([text])[0, 1]
    assert found.log_odds == pytest.approx(np.log(p / (1 - p)), abs=1e-9)


def test_models_with_seed_words_of_their_own_have_no_grammar() -> None:
    texts = ["good great film", "bad awful film"] * 30
    model = SentimentClassifier(seeds=(["good"], ["bad"])).pretrain(texts)
    assert model.encoder_.grammar is None


@pytest.mark.parametrize("code", ["en", "zh"])
def test_the_words_of_a_grammar_are_pieces_that_texts_can_have(code: str) -> None:
    if code == "zh":
        pytest.importorskip("jieba", reason="the extra zh is not installed")
    tokenizer = Tokenizer(code)
    for name in ("fault", "praise"):
        for word in load_language(code).grammar.classes[name]:
            assert tokenizer.entry(word).word == word
