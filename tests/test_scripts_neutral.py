from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from scripts.accuracy.neutral import (
    CLASSES,
    Texts,
    cells,
    encode,
    halved,
    measure,
    predictions,
    without_neutral,
)
from sentiment_transfer import SentimentClassifier
from sentiment_transfer.polarity.several_classes import SeveralClasses

if TYPE_CHECKING:
    from conftest import World


def rated(world: World) -> Texts:
    """The texts of the world, every third without its polarity."""
    texts = [*world.texts]
    labels = np.array(world.labels)
    texts[::3] = ["the film began at noon"] * len(texts[::3])
    labels[::3] = "neutral"
    return Texts([f"{text} {i}" for i, text in enumerate(texts)], labels)


def test_halves_of_a_pool_share_no_text_and_all_classes() -> None:
    texts = [f"text {i}" for i in range(30)]
    first, second = halved(Texts(texts, np.array(CLASSES * 10)))
    assert sorted(first.texts + second.texts) == sorted(texts)
    assert set(first.labels) == set(second.labels) == set(CLASSES)
    assert first.labels.tolist() == [CLASSES[int(t.split()[1]) % 3] for t in first.texts]


@pytest.mark.filterwarnings("ignore")
def test_arms_are_measured_on_the_same_draws(world: World) -> None:
    pool, test = halved(rated(world))
    encoded = encode(pool, test, SentimentClassifier(vectors=world.vectors).pretrain(pool.texts))
    found = measure(encoded, 30, "balanced", draws=3)
    assert found.shape == (3, 2, 3)  # draws, accuracy and macro-F1, arms
    assert (found <= 100).all()
    assert found[:, 0].min() > 40  # three balanced classes
    answers = [*predictions(encoded, np.arange(12))]
    assert [len(answer) for answer in answers] == [len(encoded.test_labels)] * 3


@pytest.mark.filterwarnings("ignore")
def test_the_steps_alone_are_what_two_mixtures_answer(world: World) -> None:
    texts, labels = rated(world)
    model = SentimentClassifier(vectors=world.vectors, ordered=list(CLASSES)).fit(texts, labels)
    features = model.encode(texts).features
    head = model.head_
    alone = without_neutral(head)
    assert len(head.mixture_.mixtures_) == 3
    assert isinstance(alone.mixture_, SeveralClasses)
    assert len(alone.mixture_.mixtures_) == 2
    assert not np.allclose(alone.predict_proba(features), head.predict_proba(features), atol=1e-3)


def test_a_gain_has_the_standard_error_of_its_draws() -> None:
    figures = np.zeros((2, 2, 3))
    figures[:, 0] = [[50, 60, 61], [50, 60, 63]]
    assert cells(figures)[:3] == ["50.0", "60.0", "62.0 (+2.0 ± 1.0)"]
