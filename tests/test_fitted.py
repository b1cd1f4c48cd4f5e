"""Fitted stages: the model abstains where it is unsure."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentiment_transfer import SentimentClassifier
from sentiment_transfer.errors import NotFittedError, SettingError

if TYPE_CHECKING:
    from conftest import World


@pytest.fixture(scope="module")
def model(world: World) -> SentimentClassifier:
    return SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled).fit(*world.few(20))


def test_the_label_is_answered_where_its_probability_reaches_the_threshold(
    model: SentimentClassifier, world: World
) -> None:
    p = model.predict_proba(world.texts).max(axis=1)
    below = float(np.median(p))
    found = model.predict_or_abstain(world.texts, below)
    expected = np.where(p >= below, model.predict(world.texts), "unsure")
    assert found.tolist() == expected.tolist()
    assert 0.4 < np.mean(found == "unsure") < 0.6


def test_a_threshold_of_nothing_answers_all_but_texts_without_a_known_word(
    model: SentimentClassifier,
) -> None:
    found = model.predict_or_abstain(["good film", "zzz", ""], below=0, unsure="do not know at all")
    assert found.tolist() == ["positive", "do not know at all", "do not know at all"]
    assert model.predict_or_abstain([]).shape == (0,)


@pytest.mark.parametrize("below", [-0.1, 1.1, float("nan")])
def test_a_threshold_that_is_no_probability_is_refused(
    model: SentimentClassifier, below: float
) -> None:
    with pytest.raises(SettingError, match="it must be a number from 0 to 1"):
        model.predict_or_abstain(["good"], below)


def test_no_answer_must_not_be_called_like_an_answer(model: SentimentClassifier) -> None:
    with pytest.raises(SettingError, match="unsure='positive' is a class of this model"):
        model.predict_or_abstain(["good"], unsure="positive")


def test_an_unfitted_model_says_so(world: World) -> None:
    with pytest.raises(NotFittedError):
        SentimentClassifier(vectors=world.vectors).predict_or_abstain(["good"])


def test_compiled_answers_are_those_of_the_plain_path(
    model: SentimentClassifier, world: World
) -> None:
    texts = [*world.texts, "", "zzz", "not good at all :)"]
    plain = model.stages_.answer(texts, compiled=False)
    assert model.stages_.compile()
    compiled = model.stages_.answer(texts, compiled=True)
    np.testing.assert_allclose(compiled.probabilities, plain.probabilities, atol=1e-6)
    np.testing.assert_allclose(compiled.coverage, plain.coverage)
    assert compiled.probabilities[-2].tolist() == model.prior_.tolist()


def test_stages_without_a_fast_path_answer_on_the_plain_one(
    model: SentimentClassifier, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sentiment_transfer.model.fast_path import FastPath

    monkeypatch.setattr(FastPath, "of", lambda *_: None)
    stages = pickle.loads(pickle.dumps(model.stages_))  # noqa: S301  (without its fast path)
    assert not stages.compile()
    found = stages.answer(world.texts[:5], compiled=True).probabilities
    np.testing.assert_allclose(found, model.predict_proba(world.texts[:5]))
