"""Polarity without seed words: labels find such words in unlabelled texts of the same kind."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.base import clone

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.errors import InputError, NotFittedError, SettingError
from sentiment_transfer.polarity import PolarityEncoder
from sentiment_transfer.polarity.learning import polarity_from_labels
from sentiment_transfer.polarity.mixture import Features

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import World
    from numpy.typing import NDArray

NAMES = {"positive": "north", "negative": "south"}
"""Labels that no language knows: what is learnt comes from the texts."""


def few(world: World, n: int = 16) -> tuple[list[str], list[str]]:
    texts, labels = world.few(n)
    return texts, [NAMES[label] for label in labels]


def untaught(world: World) -> SentimentClassifier:
    return SentimentClassifier(vectors=world.vectors, seeds=None).pretrain(world.unlabelled)


def taught(world: World, n: int = 16) -> SentimentClassifier:
    return untaught(world).fit(*few(world, n))


def right(model: SentimentClassifier, world: World) -> float:
    texts, labels = world.test
    return float(np.mean(model.predict(texts) == [NAMES[label] for label in labels]))


def test_labels_teach_what_seed_words_would_and_unlabelled_texts_carry_it(world: World) -> None:
    model = taught(world)
    # the same labels without unlabelled texts of their own
    plain = SentimentClassifier(vectors=world.vectors, seeds=None).fit(*few(world))
    assert plain.encoder_.polarity_ is None
    assert right(model, world) >= right(plain, world)
    assert right(model, world) > 0.9
    assert min(model.encoder_.polarity_.pivot_texts) > 20


def test_words_get_a_polarity_towards_the_second_class(world: World) -> None:
    model = taught(world)
    assert model.head_.order_.tolist() == ["north", "south"]
    assert model.polarity("awful") > 0.5 > -0.5 > model.polarity("wonderful")
    with pytest.raises(NotFittedError, match="no labels of two classes taught it any"):
        untaught(world).polarity("awful")


def test_it_is_the_polarity_of_the_formula_module(world: World) -> None:
    model = taught(world)
    texts, labels = few(world)
    expected = polarity_from_labels(
        world.vectors.matrix,
        world.vectors.encode(world.unlabelled),
        world.vectors.encode(texts),
        np.array(labels) == "south",
    )
    np.testing.assert_array_equal(model.encoder_.polarity_.word_scores, expected.word_scores)
    names = [(member.name, member.share) for member in model.head_.mixture_.members_]
    assert names == [("polarity", 0.5), ("plain_mean", 0.5)]
    assert model.head_.mixture_.score_weight_mean == 0.75


def test_stage_three_alone_teaches_as_fit_does_and_leaves_the_encoder_it_found(
    world: World,
) -> None:
    texts, labels = few(world, 24)
    model = untaught(world)
    encoded, test = model.encode(texts), model.encode(world.test[0])
    draws = []
    for rows in (np.arange(16), np.arange(8, 24)):
        drawn = copy.copy(model).fit_encoded(encoded[rows], [labels[i] for i in rows])
        draws.append(drawn.predict_proba_encoded(test))
        whole = untaught(world).fit([texts[i] for i in rows], [labels[i] for i in rows])
        np.testing.assert_allclose(draws[-1], whole.predict_proba(world.test[0]), atol=1e-6)
    assert model.encoder_.polarity_ is None
    assert not np.allclose(*draws)


def test_other_labels_teach_anew(world: World) -> None:
    texts, labels = few(world, 40)
    model = untaught(world).fit(texts[:16], labels[:16])
    encoded = model.encode(texts[16:])  # made with the polarity of the first labels
    model.fit_encoded(encoded, labels[16:])
    once = untaught(world).fit(texts[16:], labels[16:])
    np.testing.assert_allclose(
        model.predict_proba(world.test[0]), once.predict_proba(world.test[0]), atol=1e-6
    )
    assert (model.encoder_.polarity_.word_scores == once.encoder_.polarity_.word_scores).all()


def test_many_texts_at_once_are_read_in_the_fused_pass_too(world: World) -> None:
    model = taught(world)
    texts = [*world.texts, "zzz", ""]
    many = texts * (110_000 // sum(map(len, texts)) + 1)
    assert sum(map(len, many)) > 100_000
    expected = model.predict_proba(texts)
    np.testing.assert_allclose(model.predict_proba(many)[: len(texts)], expected, atol=1e-6)


def test_explanations_stay_exact(world: World) -> None:
    model = taught(world)
    text = "wonderful cast, terrible plot"
    explanation = model.explain(text, "south")
    shares = dict(explanation.pieces)
    assert shares["terrible"] > 0 > shares["wonderful"]
    features = model.encode([text]).features
    words = model.head_.words_.transform(features.grams)
    parts = Features(features.score, features.polarity_mean, features.plain_mean, words)
    polarity, of_words = model.encoder_.polarity_, 0.0
    for m in model.head_.mixture_.members_:
        slope = m.weights.get("score", [0.0])[0]
        of_no_word = m.bias - slope * polarity.cut / polarity.spread
        of_words += m.share * (m.decision(parts)[0] - of_no_word)
    assert sum(shares.values()) == pytest.approx(of_words, abs=1e-5)


def test_a_file_keeps_what_labels_taught_but_not_the_texts_to_teach_it_anew(
    world: World, tmp_path: Path
) -> None:
    model = taught(world)
    model.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    assert isinstance(loaded, SentimentClassifier)
    np.testing.assert_allclose(
        loaded.predict_proba(world.texts), model.predict_proba(world.texts), atol=1e-6
    )
    assert loaded.polarity("awful") == model.polarity("awful")
    assert loaded.seeds is None
    with pytest.warns(UserWarning, match="adapt the model to unlabelled texts before fitting it"):
        loaded.fit(*few(world, 20))
    assert loaded.encoder_.polarity_ is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded.fit(*few(world, 20))  # nothing is forgotten the second time
        loaded.adapt(world.unlabelled).fit(*few(world))
    np.testing.assert_allclose(
        loaded.predict_proba(world.texts), model.predict_proba(world.texts), atol=1e-6
    )


def test_a_clone_has_learnt_nothing_and_learns_the_same(world: World) -> None:
    model = taught(world)
    other = clone(model)
    assert not hasattr(other, "encoder_")
    other.pretrain(world.unlabelled).fit(*few(world))
    np.testing.assert_array_equal(
        other.predict_proba(world.texts), model.predict_proba(world.texts)
    )


def test_three_classes_and_none_do_without(world: World) -> None:
    texts, labels = world.few(30)
    three = [label if i % 3 else "mixed" for i, label in enumerate(labels)]
    model = untaught(world).fit(texts, three)
    assert model.encoder_.polarity_ is None
    with pytest.raises(InputError, match="no labels and no polarity score"):
        untaught(world).fit([], [])
    with pytest.raises(InputError, match="at least two classes"):
        untaught(world).fit(texts[:2], ["north"] * 2)


def test_labels_that_contradict_each_other_teach_nothing(world: World) -> None:
    text = world.texts[:1]
    model = untaught(world).fit(text * 8, ["north", "south"] * 4)
    np.testing.assert_allclose(model.predict_proba(text), [[0.5, 0.5]], atol=1e-6)


def test_a_known_prevalence_cuts_the_score_that_labels_taught(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors, seeds=None, prevalence=0.2)
    model.pretrain(world.unlabelled).fit(*few(world))
    score = model.encode(world.unlabelled).features.score
    assert abs(np.mean(score > 0) - 0.2) < 0.02


def test_an_encoder_with_seed_words_is_not_taught(world: World) -> None:
    encoder = PolarityEncoder(world.vectors).fit(world.unlabelled)
    features = encoder.transform(world.texts[:2])
    y: NDArray[np.int64] = np.array([0, 1])
    with pytest.raises(SettingError, match="give seeds=None"):
        encoder.with_polarity_from_labels(world.vectors.encode(world.unlabelled), features, y)
    assert encoder.head_input(features) is features
