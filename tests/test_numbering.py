"""Words are numbered and counted, and rare ones forgotten where there are very many."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentiment_transfer.text import Tokenizer, numbering
from sentiment_transfer.text.indexing import index_corpus

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sentiment_transfer.text import TokenIds, Vocabulary
    from sentiment_transfer.text.scanner import TokenScanner

LETTERS = "bcdfghjklm"
ONCE = {"wave", "coast"}


def word(number: int) -> str:
    return "w" + "o".join(LETTERS[int(digit)] for digit in str(number))  # no letter three times


def a_hundredth(n_tokens: int) -> int:
    """Return a count that fewer common words reach if words that occur once are counted too."""
    return n_tokens // 100


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """4,000 texts of common words, each with one that occurs nowhere else."""
    rng = np.random.default_rng(0)
    common = [word(i) for i in range(100)]
    return [" ".join([*rng.choice(common, 30), word(1_000 + i)]) for i in range(4_000)]


def as_words(vocabulary: Vocabulary, ids: TokenIds) -> list[list[str]]:
    return [[vocabulary.words[i] for i in ids[text]] for text in range(len(ids))]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[numbering.Numbering]:
    """Every numbering that is made; their scanners are replaced after 500 words."""
    found: list[numbering.Numbering] = []

    class Watched(numbering.Numbering):
        def __init__(self, scanner: TokenScanner, min_count: Callable[[int], int]) -> None:
            super().__init__(scanner, min_count)
            found.append(self)

    monkeypatch.setattr("sentiment_transfer.text.indexing.Numbering", Watched)
    monkeypatch.setattr("sentiment_transfer.text.indexing.BATCH_CHARACTERS", 10_000)
    monkeypatch.setattr(numbering, "MANY_WORDS", 500)
    return found


@pytest.mark.parametrize("small", [0, 1 << 40], ids=["compiled", "readable"])
@pytest.mark.parametrize("min_count", [1, 2, 5, a_hundredth])
def test_a_corpus_of_very_many_words_is_indexed_as_by_one_scanner(
    texts: list[str],
    made: list[numbering.Numbering],
    min_count: int | Callable[[int], int],
    small: int,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr("sentiment_transfer.text.indexing.SMALL_CHARACTERS", small)
    vocabulary, ids = index_corpus(texts, Tokenizer(), min_count=min_count, spill=tmp_path / "ids")
    monkeypatch.setattr(numbering, "MANY_WORDS", 1 << 30)
    whole, all_ids = index_corpus(texts, Tokenizer(), min_count=min_count)
    assert vocabulary.words == whole.words
    assert vocabulary.counts.tolist() == whole.counts.tolist()
    assert ids.ids.tolist() == all_ids.ids.tolist()
    assert ids.offsets.tolist() == all_ids.offsets.tolist()
    assert made[0].n_tokens == made[1].n_tokens == sum(made[1].counts().values())
    assert len(made[1].counts()) > 4_000
    n_kept = len(made[0].counts())
    assert n_kept == len(made[1].counts()) if min_count == 1 else n_kept < 1_000


def test_a_rare_word_that_occurs_again_has_its_number_and_its_count(
    made: list[numbering.Numbering], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.text.indexing.BATCH_CHARACTERS", 1)
    monkeypatch.setattr(numbering, "MANY_WORDS", 3)
    texts = ["sea sea", "road", "ship", "wave", "road", "road", "sea", "ship", "coast", "ship"]
    # after "wave" there are four words; those of the median count, 1, are stored as hashes
    vocabulary, ids = index_corpus(texts, Tokenizer(), min_count=2)
    counts = Counter(word for text in texts for word in text.split() if word not in ONCE)
    assert dict(zip(vocabulary.words, vocabulary.counts.tolist(), strict=True)) == counts
    assert vocabulary.words == ("sea", "road", "ship")  # each 3 times: in the order first seen
    kept = [[word for word in text.split() if word not in ONCE] for text in texts]
    assert as_words(vocabulary, ids) == kept
    assert set(made[0].counts()) < {*counts, *ONCE}
