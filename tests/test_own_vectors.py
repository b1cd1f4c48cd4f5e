"""Own vectors in place of a member of the bank: only if they are clearly better."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.base.notice import Notice
from sentiment_transfer.model.own_vectors import (
    MIN_OWN_TEXTS,
    OwnVectors,
    compare_own,
    quick_skipgram,
)
from sentiment_transfer.polarity import PolarityEncoder

SYLLABLES = ["ba", "zo", "ki", "plu", "dre", "fim"]
WORDS = ["".join(three) for three in product(SYLLABLES, repeat=3)][:60]


def reviews(n: int, *, foreign: bool) -> list[str]:
    """Texts whose made-up words, unknown to any member, go with seed words of one polarity."""
    rng = np.random.default_rng(0)
    texts = []
    for i in range(n):
        positive = i % 2 == 0
        side = WORDS[:20] if positive else WORDS[20:40]
        seed = ("great", "wonderful") if positive else ("awful", "terrible")
        own = [*rng.choice(side, 4), *rng.choice(WORDS[40:], 4)] if foreign else ["film", "loved"]
        words = [*own, rng.choice(seed), *rng.choice(["the", "film", "we", "saw"], 2)]
        texts.append(" ".join(map(str, [*rng.permutation(words), f"number{i}"])))
    return texts


@pytest.fixture(scope="module")
def member() -> PolarityEncoder:
    model = load("reviews-en")
    assert isinstance(model, SentimentClassifier)
    encoder = model.encoder_
    assert isinstance(encoder, PolarityEncoder)
    return encoder


def test_own_vectors_are_better_on_words_that_the_member_does_not_know(
    member: PolarityEncoder,
) -> None:
    found = compare_own(member, reviews(2_400, foreign=True))
    assert found is not None
    assert found.is_better
    assert found.area > 0.9 > found.member_area
    assert found.n_seed_texts == 800


def test_few_texts_are_not_compared(member: PolarityEncoder) -> None:
    assert compare_own(member, reviews(MIN_OWN_TEXTS - 1, foreign=True)) is None
    assert compare_own(member, reviews(8, foreign=True) * 1_000) is None


def test_texts_without_seed_words_are_not_compared(member: PolarityEncoder) -> None:
    assert compare_own(member, [f"the cup number{i} is here" for i in range(2_100)]) is None


def test_a_lead_within_the_error_or_the_margin_is_not_enough() -> None:
    assert OwnVectors(0.86, 0.80, 2.1, 500).is_better
    assert not OwnVectors(0.86, 0.80, 1.9, 500).is_better
    assert not OwnVectors(0.84, 0.80, 5.0, 500).is_better


def test_auto_pretrains_own_vectors_and_says_why() -> None:
    texts = reviews(2_400, foreign=True)
    model = SentimentClassifier(vectors="auto")
    with pytest.warns(Notice, match="chose own vectors: vectors of these texts predict hidden"):
        model.pretrain(texts, callback=None)
    assert model.choice_ is not None
    assert model.choice_.takes_own
    assert WORDS[0] in model.vectors_.words
    assert model.predict([" ".join(WORDS[:5]), " ".join(WORDS[20:25])]).tolist() == [
        *("positive", "negative")
    ]


def test_quick_pretraining_has_epochs_by_the_number_of_tokens() -> None:
    few, many = (quick_skipgram(["a fine film"] * n, "en", 0).epochs for n in (10, 10_000_000))
    assert (few, many) == (100, 3)
