"""The experiment on little text: its rule is that of the package, and its page holds the claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from scripts.accuracy.little_text import (
    BEFORE,
    CHOSEN,
    COUNTING,
    Case,
    agreement,
    counted,
    rules,
    runs_of,
)
from scripts.reports import RESULTS
from sentiment_transfer import WordVectors
from sentiment_transfer.corpus import Labelled
from sentiment_transfer.encoding import PretrainingTexts
from sentiment_transfer.polarity.little_text import balance_weight
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from conftest import World


@pytest.mark.parametrize("n_tokens", [100, 8_000, 50_000, 290_000, 2_000_000])
def test_the_rule_of_the_page_is_that_of_the_package(n_tokens: int) -> None:
    vocabulary = Vocabulary(("film",), np.array([n_tokens]))
    vectors = WordVectors(vocabulary, np.ones((1, 2), np.float32), Tokenizer("en"))
    row = pd.Series({"tokens": n_tokens, "texts": 1, "agreement": 0.7})
    assert rules()[CHOSEN](row) == pytest.approx(balance_weight(vectors))


def test_a_tie_of_counting_is_half_right(world: World) -> None:
    texts = ["great and good", "bad", "awful", "no seed"]
    tested = Labelled(texts, ["positive", "negative", "positive", "negative"])
    assert counted(Case(world.vectors, [], tested)) == 100 * (1 + 1 + 0 + 0.5) / 4


def test_other_words_of_left_out_texts_agree_with_seed_words_if_vectors_hold_polarity(
    world: World,
) -> None:
    texts = PretrainingTexts(world.vectors.encode(world.unlabelled), world.unlabelled)
    assert agreement(world.vectors, texts) > 0.8
    noise = agreement(world.vectors.randomised(0), texts)
    assert noise < agreement(world.vectors, texts)


def test_the_runs_of_a_sample_hold_every_arm_at_every_number_of_labels(world: World) -> None:
    tested = Labelled(world.texts, world.labels)
    runs = pd.DataFrame(runs_of(Case(world.vectors, world.unlabelled, tested)))
    counts = runs.groupby("arm").size()
    assert counts[COUNTING] == 1
    assert (counts.drop(COUNTING) == 1 + 3 + 2).all()
    assert len(counts) == 9
    assert runs["accuracy"].between(40, 100).all()
    assert BEFORE in counts


def test_the_measured_rule_is_never_worse_than_counting_or_than_the_model_before() -> None:
    table = pd.read_csv(RESULTS / "little-text.csv")
    means = table.pivot_table(index=["set", "texts", "labels"], columns="arm", values="mean")
    none = means.xs(0, level="labels")
    assert len(none) > 25
    assert (none[CHOSEN] - none[COUNTING]).min() >= -0.1
    much = means[means.index.get_level_values("texts") >= 10_000]
    assert len(much) >= 6
    assert (much[CHOSEN] - much[BEFORE]).min() >= -0.2
