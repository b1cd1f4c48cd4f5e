"""Weights of labelled texts by their class."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.classification.class_weight import row_weights
from sentiment_transfer.errors import SettingError
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.polarity.members import Features
from sentiment_transfer.polarity.mixture import LogisticMixture
from sentiment_transfer.polarity.several_classes import SeveralClasses

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import World

LABELS = np.array(["bad"] * 6 + ["good"] * 2)


def test_balanced_classes_count_the_same_together() -> None:
    weights = row_weights(LABELS, ["bad", "good"], "balanced")
    assert weights.tolist() == [8 / (2 * 6)] * 6 + [8 / (2 * 2)] * 2
    assert weights[:6].sum() == pytest.approx(weights[6:].sum())


@pytest.mark.parametrize("class_weight", ["balanced", {"bad": 0.5, "good": 3.0}, None])
def test_weights_are_those_of_scikit_learn(class_weight: Any) -> None:  # noqa: ANN401
    expected = compute_sample_weight(class_weight, LABELS)
    np.testing.assert_allclose(row_weights(LABELS, ["bad", "good"], class_weight), expected)


def test_a_class_left_out_of_a_mapping_weighs_one() -> None:
    assert row_weights(LABELS, ["bad", "good"], {"good": 4}).tolist() == [1] * 6 + [4] * 2


@pytest.mark.parametrize("kind", [int, np.int64, np.uint8])
@pytest.mark.parametrize("dtype", [np.int64, np.int8])
def test_integer_keys_of_any_type_name_integer_classes(kind: Any, dtype: Any) -> None:  # noqa: ANN401
    labels = np.array([0, 1, 0, 2], dtype)
    weights = row_weights(labels, [0, 1, 2], {kind(0): 0.5, kind(2): 3})
    assert weights.tolist() == [0.5, 1, 0.5, 3]


def test_a_text_key_does_not_name_an_integer_class() -> None:
    with pytest.raises(SettingError, match="class_weight names '0'; the classes are 0, 1"):
        row_weights(np.array([0, 1]), [0, 1], {"0": 2.0})


@pytest.mark.parametrize(
    ("class_weight", "message"),
    [
        ("even", "class_weight='even' is not allowed; it must be None, 'balanced' or a mapping"),
        ({"god": 2}, "class_weight names 'god'; the classes are 'bad', 'good'"),
        ({0: 2}, "class_weight names 0; the classes are 'bad', 'good'"),
        ({"bad": "2"}, "class_weight\\['bad'\\]='2' is not allowed"),
        ({"bad": True}, "class_weight\\['bad'\\]=True is not allowed"),
        (
            {"bad": 0},
            "class_weight\\['bad'\\]=0 is not allowed; it must be a finite number above 0",
        ),
        ({"bad": float("nan")}, "class_weight\\['bad'\\]=nan is not allowed"),
    ],
)
def test_weights_that_are_not_allowed_are_refused(class_weight: Any, message: str) -> None:  # noqa: ANN401
    with pytest.raises(SettingError, match=message):
        row_weights(LABELS, ["bad", "good"], class_weight)


def test_without_labels_there_are_no_weights_and_any_class_may_be_named() -> None:
    assert row_weights(LABELS[:0], ["negative", "positive"], {"good": 2}).tolist() == []


def test_a_text_of_weight_two_is_that_text_twice() -> None:
    rng = np.random.default_rng(0)
    n = 30
    y = rng.integers(0, 2, n)
    score, plain = rng.normal(size=n) + y, rng.normal(size=(n, 5))
    twice = np.concatenate([np.arange(n), np.arange(10)])
    weighted = LogisticMixture(compare_members=False).fit(
        Features(score, plain, plain), y, np.where(np.arange(n) < 10, 2, 1)
    )
    repeated = LogisticMixture(compare_members=False).fit(
        Features(score[twice], plain[twice], plain[twice]), y[twice]
    )
    features = Features(score, plain, plain)
    np.testing.assert_allclose(
        weighted.predict_proba(features), repeated.predict_proba(features), atol=1e-8
    )
    assert weighted.n_labels_ == repeated.n_labels_ == 40
    assert weighted.score_log_loss_ == pytest.approx(repeated.score_log_loss_)


def test_weights_reach_every_member_and_the_comparison() -> None:
    rng = np.random.default_rng(1)
    y = rng.integers(0, 2, 24)
    features = Features(rng.normal(size=24) + y, rng.normal(size=(24, 4)), rng.normal(size=(24, 4)))
    even = LogisticMixture().fit(features, y)
    skewed = LogisticMixture().fit(features, y, np.where(y == 1, 5.0, 1.0))
    for a, b in zip(even.members_, skewed.members_, strict=True):
        assert b.bias > a.bias
        assert skewed.leave_one_out_log_loss_[a.name] != even.leave_one_out_log_loss_[a.name]
    three = SeveralClasses(ordered=False).fit(
        replace_score(features), np.arange(24) % 3, 3, np.full(24, 2.0)
    )
    assert {mixture.n_labels_ for mixture in three.mixtures_} == {48}


def replace_score(features: Features) -> Features:
    return Features(None, features.polarity_mean, features.plain_mean)


def skewed(world: World) -> tuple[list[str], list[str]]:
    """Thirty positive texts to six negative ones."""
    positive = [i for i, label in enumerate(world.labels[:120]) if label == "positive"][:30]
    negative = [i for i, label in enumerate(world.labels[:120]) if label == "negative"][:6]
    rows = [*positive, *negative]
    return [world.texts[i] for i in rows], [world.labels[i] for i in rows]


def test_balanced_weights_move_a_skewed_model_to_the_rare_class(world: World) -> None:
    texts, labels = skewed(world)
    encoder = PolarityEncoder(world.vectors).fit(world.unlabelled)
    features, test = encoder.transform(texts), encoder.transform(world.test[0])
    plain = PolarityClassifier().fit(features, labels)
    balanced = PolarityClassifier(class_weight="balanced").fit(features, labels)
    shift = balanced.predict_proba(test)[:, 0] - plain.predict_proba(test)[:, 0]
    assert shift.mean() > 0.01


def test_a_weighted_head_keeps_the_default_stages_and_survives_a_file(
    world: World, tmp_path: Path
) -> None:
    head = PolarityClassifier(class_weight={"negative": 3.0})
    model = SentimentClassifier(vectors=world.vectors, head=head)
    model.pretrain(world.unlabelled)
    before = model.predict_proba(world.texts)  # no label yet
    model.fit(*skewed(world))
    assert isinstance(model.encoder_, PolarityEncoder)
    assert isinstance(model.head_, PolarityClassifier)
    assert not hasattr(head, "mixture_")  # what was passed in stays as it was
    model.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    assert isinstance(loaded, SentimentClassifier)
    assert loaded.head.get_params() == head.get_params()
    np.testing.assert_array_equal(
        loaded.predict_proba(world.texts), model.predict_proba(world.texts)
    )
    loaded.fit(*skewed(world))
    np.testing.assert_allclose(
        loaded.predict_proba(world.texts), model.predict_proba(world.texts), atol=1e-6
    )
    assert not np.allclose(before, model.predict_proba(world.texts))


def test_the_model_s_language_and_order_go_before_those_of_the_head(world: World) -> None:
    head = PolarityClassifier("zh", class_weight="balanced", ordered=["worse", "better"])
    model = SentimentClassifier(vectors=world.vectors, head=head).pretrain(world.unlabelled)
    assert model.head_.language == "en"
    assert model.classes_.tolist() == ["better", "worse"]
    model.set_params(ordered=["poor", "fine"]).fit(world.texts[:4], ["fine", "poor"] * 2)
    assert model.head_.order_.tolist() == ["poor", "fine"]
