"""The warning that labels contradict the seed words."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import restored

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.polarity.contradiction import (
    SeedsContradictedWarning,
    contradiction_message,
)
from sentiment_transfer.polarity.members import Features
from sentiment_transfer.polarity.mixture import LogisticMixture

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import World


def fitted(score_effect: float, n: int = 60) -> LogisticMixture:
    """Fit texts whose class shifts ``plain_mean``, and the score by ``score_effect``."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, n)
    score = score_effect * (2 * y - 1) + rng.normal(size=n)
    plain = rng.normal(size=(n, 8)) / 3
    plain[:, 0] += 2 * y - 1
    return LogisticMixture().fit(Features(score, rng.normal(size=(n, 8)) / 3, plain), y)


def test_no_message_if_the_score_fits() -> None:
    assert contradiction_message([fitted(1.2)]) is None


def test_the_message_names_the_loss_that_of_chance_and_the_remedy() -> None:
    mixture = fitted(-0.2)
    message = contradiction_message([mixture])
    assert message is not None
    assert f"log loss 0.69 and {mixture.score_log_loss_ / 60:.2f} per label" in message
    assert "swapped or in the wrong order" in message
    assert "seeds=None" in message


def test_a_reversed_score_is_contradicted() -> None:
    mixture = fitted(-1.5)
    assert mixture.members_[0].weights["score"][0] < 0
    assert contradiction_message([mixture]) is not None


def test_labels_that_no_member_predicts_contradict_nothing() -> None:
    rng = np.random.default_rng(0)
    x = np.repeat(rng.normal(size=(20, 8)) / 3, 2, axis=0)
    score = np.repeat(rng.normal(size=20), 2)
    mixture = LogisticMixture().fit(Features(score, x, x), [0, 1] * 20)  # each text with both
    losses = mixture.leave_one_out_log_loss_
    assert mixture.score_log_loss_ > 40 * np.log(2)
    assert losses["plain_mean"] > 40 * np.log(2)
    assert not mixture.seeds_contradicted_


def test_ordered_classes_are_contradicted_if_most_steps_are() -> None:
    misled, fine = fitted(-0.2), fitted(1.2)
    assert contradiction_message([misled, misled, fine]) is not None
    assert contradiction_message([misled, fine]) is None
    assert contradiction_message([]) is None


def test_a_mixture_from_a_file_gives_the_same_message() -> None:
    for score_effect in (-0.2, 1.2):
        mixture = fitted(score_effect)
        again = restored(mixture)
        assert contradiction_message([again]) == contradiction_message([mixture])
        assert again.seeds_contradicted_ == mixture.seeds_contradicted_


def test_the_model_warns_when_labels_are_swapped_and_not_when_they_are_right(
    world: World, tmp_path: Path
) -> None:
    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    texts, labels = world.few(40)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(texts, labels)
    swapped = ["negative" if label == "positive" else "positive" for label in labels]
    with pytest.warns(SeedsContradictedWarning, match="log loss .* labels are swapped or"):
        model.fit(texts, swapped)
    model.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    assert isinstance(loaded, SentimentClassifier)
    assert contradiction_message(loaded.head_.mixtures) == contradiction_message(
        model.head_.mixtures
    )
