"""Words are numbered and counted, and rare ones forgotten where there are very many."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentiment_transfer.text import Tokenizer, numbering
from sentiment_transfer.text.indexing import index_corpus

if TYPE_CHECKING:
    from pathlib import Path

    from sentiment_transfer.text import TokenIds, Vocabulary

LETTERS = "bcdfghjklm"


def word(number: int) -> str:
    return "w" + "o".join(LETTERS[int(digit)] for digit in str(number))  # no letter three times


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """4,000 texts of common words, each with one that occurs nowhere else."""
    rng = np.random.default_rng(0)
    common = [word(i) for i in range(100)]
    return [" ".join([*rng.choice(common, 30), word(1_000 + i)]) for i in range(4_000)]


def as_words(vocabulary: Vocabulary, ids: TokenIds) -> list[list[str]]:
    return [[vocabulary.words[i] for i in ids[text]] for text in range(len(ids))]


@pytest.mark.parametrize("small", [0, 1 << 40], ids=["compiled", "readable"])
def test_words_that_would_be_dropped_are_forgotten_and_nothing_else_changes(
    texts: list[str], small: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sentiment_transfer.text.indexing.SMALL_CHARACTERS", small)
    monkeypatch.setattr("sentiment_transfer.text.indexing.BATCH_CHARACTERS", 10_000)
    whole = index_corpus(texts, Tokenizer(), min_count=5)
    made = []

    class Watched(numbering.Numbering):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)  # type: ignore[arg-type]
            made.append(self)

    monkeypatch.setattr("sentiment_transfer.text.indexing.Numbering", Watched)
    monkeypatch.setattr(numbering, "MANY_WORDS", 500)
    vocabulary, ids = index_corpus(texts, Tokenizer(), min_count=5, spill=tmp_path / "ids")
    assert vocabulary.words == whole[0].words
    assert vocabulary.counts.tolist() == whole[0].counts.tolist()
    assert ids.ids.tolist() == whole[1].ids.tolist()
    assert ids.offsets.tolist() == whole[1].offsets.tolist()
    assert made[0].n_numbers > 4_000
    assert len(made[0].words()) < 700


def test_no_word_is_forgotten_that_is_to_be_kept(
    texts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.text.indexing.BATCH_CHARACTERS", 10_000)
    monkeypatch.setattr(numbering, "MANY_WORDS", 500)
    vocabulary, ids = index_corpus(texts, Tokenizer(), min_count=1)
    tokens = [Tokenizer()(text) for text in texts]
    assert as_words(vocabulary, ids) == tokens
    counts = Counter(word for text in tokens for word in text)
    assert len(counts) > 4_000
    assert dict(zip(vocabulary.words, vocabulary.counts.tolist(), strict=True)) == counts


def test_a_word_that_comes_back_is_counted_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sentiment_transfer.text.indexing.BATCH_CHARACTERS", 1)
    monkeypatch.setattr(numbering, "MANY_WORDS", 3)
    texts = ["sea sea", "road", "ship", "wave", "road", "road", "sea"]
    # after "wave" there are four words; of the median count, 1, are those that are forgotten
    vocabulary, ids = index_corpus(texts, Tokenizer(), min_count=2)
    assert vocabulary.words == ("sea", "road")
    assert vocabulary.counts.tolist() == [3, 2]
    assert as_words(vocabulary, ids) == [["sea", "sea"], [], [], [], ["road"], ["road"], ["sea"]]
