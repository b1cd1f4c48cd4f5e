"""The measurement of parts of words: what its arms compute, and what its table shows."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from scripts.accuracy.subword_arms import (
    _merged_pairs,
    _pieces,
    composed,
    divided,
    learnt_pieces,
    whole_words,
)
from scripts.accuracy.subwords import WORDS, table
from sentiment_transfer import WordVectors
from sentiment_transfer.languages import load_language
from sentiment_transfer.text import Tokenizer, Vocabulary


def test_the_most_frequent_pair_is_merged_first() -> None:
    counts = Counter({"lower": 5, "lowest": 6, "nicer": 6, "wider": 3})
    ranks = _merged_pairs(counts, 3)
    # e-r stands in lower, nicer, wider: 14 times; l-o and then lo-w: 11 times
    assert list(ranks) == [("e", "r"), ("l", "o"), ("lo", "w")]
    assert _pieces("slower", ranks) == ["s", "low", "er"]
    assert _pieces("x", ranks) == ["x"]


def test_seed_words_and_words_with_a_role_stay_whole() -> None:
    texts = ["meesterwerk niet boek boeken"] * 9
    prepare = learnt_pieces("nl", texts, 2, further=False)
    assert prepare("meesterwerk niet") == "meesterwerk niet"
    assert prepare("boek").split() != ["boek"]
    with_words = learnt_pieces("nl", texts, 2, further=True)
    assert with_words("boek").split() == ["boek", *prepare("boek").split()]


def test_the_arms_differ_in_cuts_alone() -> None:
    whole, cut = load_language(whole_words("ko")), load_language(divided("ko", 2))
    assert cut.cuts == load_language("ko").cuts
    assert {c.strip("^|") for c in whole.cuts} == {c.strip("^|") for c in cut.cuts}
    assert not any(c.startswith("|") for c in whole.cuts)
    assert load_language(whole_words("nl")).cuts == ()
    assert "|prachtig|" in load_language(divided("nl", 5)).cuts


@pytest.mark.parametrize("way", ["neighbours", "regression", "prefix"])
def test_a_composed_vector_is_near_those_of_words_alike_and_0_without_any(way: str) -> None:
    words = (*(f"good{i}" for i in range(10)), *(f"dull{i}" for i in range(10)))
    matrix = np.repeat(np.eye(2, dtype=np.float32), 10, axis=0)
    vectors = WordVectors(Vocabulary(words, np.ones(20, np.int64)), matrix, Tokenizer("en"))
    good, nothing = composed(vectors, way, (2, 3))(["goodish", "zzz"])
    assert good[0] > good[1] + 0.3
    assert not nothing.any()


def test_the_table_has_the_mean_difference_from_the_same_seed() -> None:
    runs = pd.DataFrame(
        [
            {"set": "ko_movies", "most": 9, "texts": 9, "arm": arm, "seed": seed, "0": score}
            for arm, scores in ((WORDS, (70.0, 72.0)), ("other", (71.0, 74.0)))
            for seed, score in enumerate(scores)
        ]
    ).assign(**{"8": 50.0, "100": 50.0, "rare texts": np.nan})
    runs = runs.assign(coverage=60.0, vectors=1000, seconds=2.0)
    base, other = table(runs)[2:]
    assert "| 71.0 |" in base
    # differences of 1 and 2: mean 1.5; t of one degree of freedom is 12.7, times 0.5
    assert "| 72.5, +1.5 (-4.9 to +7.9) |" in other
