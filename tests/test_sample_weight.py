"""Weights of labelled texts, and the methods that scikit-learn's tools call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.ensemble import VotingClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.model_selection import cross_val_score, cross_validate
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils.validation import NotFittedError, check_is_fitted

from sentiment_transfer import HiddenLayerClassifier, LSTMEncoder, SentimentClassifier
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from .conftest import World


def pretrained(world: World, **settings: Any) -> SentimentClassifier:  # noqa: ANN401
    return SentimentClassifier(vectors=world.vectors, **settings).pretrain(world.unlabelled)


@pytest.mark.parametrize("head", [None, LogisticRegression()], ids=["default", "logistic"])
def test_a_text_of_weight_two_counts_as_two_texts(world: World, head: object) -> None:
    texts, labels = world.few(5)
    weighted = pretrained(world, head=head).fit(texts, labels, sample_weight=[2, 1, 1, 1, 1])
    repeated = pretrained(world, head=head).fit([texts[0], *texts], [labels[0], *labels])
    for some in (world.test[0], ["qwertz"]):
        np.testing.assert_allclose(
            weighted.predict_proba(some), repeated.predict_proba(some), atol=1e-5
        )


@pytest.mark.parametrize(
    "settings",
    [{}, {"head": HiddenLayerClassifier()}, {"encoder": LSTMEncoder(units=4)}],
    ids=["default", "hidden layer", "LSTM"],
)
def test_a_text_of_weight_zero_counts_as_none(world: World, settings: dict[str, Any]) -> None:
    texts, labels = world.few(10)
    texts, labels = [*texts, world.texts[11]], [*labels, "unused"]
    weight = [1.0] * 10 + [0.0]
    weighted = pretrained(world, **settings).fit(texts, labels, sample_weight=weight)
    without = pretrained(world, **settings).fit(texts[:10], labels[:10])
    assert weighted.classes_.tolist() == ["negative", "positive"]
    answers = weighted.predict_proba(world.test[0]), without.predict_proba(world.test[0])
    np.testing.assert_allclose(*answers, atol=1e-6)


def test_encoded_texts_are_weighted_too(world: World) -> None:
    texts, labels = world.few(10)
    weight = np.arange(1, 11)
    model = pretrained(world)
    encoded = model.fit_encoded(model.encode(texts), labels, weight).predict_proba(world.test[0])
    fitted = pretrained(world).fit(texts, labels, weight).predict_proba(world.test[0])
    np.testing.assert_array_equal(encoded, fitted)


@pytest.mark.parametrize(
    ("weight", "message"),
    [
        ([1.0] * 7, r"sample_weight has the shape \(7,\)"),
        ([-1.0] * 8, r"sample_weight\[0\] is -1.0"),
        ([0.0] * 8, "no text has a sample_weight above 0"),
    ],
)
def test_weights_that_are_not_allowed_are_refused(
    world: World, weight: list[float], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        pretrained(world).fit(*world.few(8), sample_weight=weight)


def test_a_head_without_weights_is_named(world: World) -> None:
    model = pretrained(world, head=KNeighborsClassifier())
    with pytest.raises(SettingError, match="KNeighborsClassifier takes no sample_weight"):
        model.fit(*world.few(8), sample_weight=[1.0] * 8)


def test_the_score_is_weighted(world: World) -> None:
    model = pretrained(world)
    texts, labels = ["good great", "awful bad", "good great"], ["positive", "negative", "negative"]
    assert model.score(texts, labels) == pytest.approx(2 / 3)
    assert model.score(texts, labels, sample_weight=[1, 1, 2]) == pytest.approx(2 / 4)
    with pytest.raises(InputError, match="none of weight above 0"):
        model.score(texts, labels, sample_weight=[0, 0, 0])


def test_log_odds_and_log_probabilities_follow_from_the_probabilities(world: World) -> None:
    texts = ["good great film", "awful", "qwertz"]
    model = pretrained(world)
    p = model.predict_proba(texts)
    np.testing.assert_allclose(model.predict_log_proba(texts), np.log(p))
    np.testing.assert_allclose(model.decision_function(texts), np.log(p[:, 1] / p[:, 0]))
    three = model.fit(world.texts[:9], ["a", "b", "c"] * 3)
    p = three.predict_proba(texts)
    np.testing.assert_allclose(three.decision_function(texts), np.log(p / (1 - p)))


def test_scorers_that_need_log_odds_and_weighted_voting_work(world: World) -> None:
    texts, labels = world.few(40)
    model = SentimentClassifier(vectors=world.vectors)
    scores = cross_validate(model, texts, labels, scoring=["roc_auc", "neg_log_loss"], cv=2)
    assert scores["test_roc_auc"].min() > 0.9
    assert scores["test_neg_log_loss"].min() > -log_loss([0, 1], [0.5, 0.5])
    voting = VotingClassifier([("a", model), ("b", model)], voting="soft")
    voting.fit(texts, labels, sample_weight=np.ones(40))
    assert voting.score(*world.test) > 0.9


def test_a_pipeline_and_a_frozen_model_are_taken_as_fitted(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors)
    with pytest.raises(NotFittedError):
        check_is_fitted(model)
    pipeline = make_pipeline(model).fit(*world.few(8))
    assert pipeline.score(*world.test) > 0.9
    assert FrozenEstimator(pipeline[-1]).fit([], []).predict(["good great"]) == ["positive"]
    assert cross_val_score(make_pipeline(model), *world.few(40), cv=2).min() > 0.8
