"""Polarity learnt from labels and unlabelled texts of the same kind, without seed words."""

from __future__ import annotations

import copy
import warnings
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.base import clone

from sentiment_transfer import SentimentClassifier, SkipGram, load
from sentiment_transfer.errors import InputError, NotFittedError, SettingError
from sentiment_transfer.polarity import PolarityEncoder
from sentiment_transfer.polarity.learning import polarity_from_labels
from sentiment_transfer.polarity.members import Features
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import World
    from numpy.typing import NDArray

NAMES = {"positive": "north", "negative": "south"}
"""Names that no language lists as labels."""


def few(world: World, n: int = 16) -> tuple[list[str], list[str]]:
    texts, labels = world.few(n)
    return texts, [NAMES[label] for label in labels]


def unfitted(world: World) -> SentimentClassifier:
    return SentimentClassifier(vectors=world.vectors, seeds=None).pretrain(world.unlabelled)


def fitted(world: World, n: int = 16) -> SentimentClassifier:
    return unfitted(world).fit(*few(world, n))


def right(model: SentimentClassifier, world: World) -> float:
    texts, labels = world.test
    return float(np.mean(model.predict(texts) == [NAMES[label] for label in labels]))


def test_polarity_is_learnt_from_labels_and_unlabelled_texts(world: World) -> None:
    model = fitted(world)
    # the same labels without unlabelled texts of their own
    plain = SentimentClassifier(vectors=world.vectors, seeds=None).fit(*few(world))
    assert plain.encoder_.polarity_ is None
    assert right(model, world) >= right(plain, world)
    assert right(model, world) > 0.9
    assert min(model.encoder_.polarity_.pivot_texts) > 20


def test_words_of_the_second_class_have_positive_polarity(world: World) -> None:
    model = fitted(world)
    assert model.head_.order_.tolist() == ["north", "south"]
    assert model.polarity("awful") > 0.5 > -0.5 > model.polarity("wonderful")
    with pytest.raises(NotFittedError, match="no labels of two classes"):
        unfitted(world).polarity("awful")


def test_the_encoder_uses_polarity_from_labels(world: World) -> None:
    model = fitted(world)
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


def test_fit_encoded_learns_as_fit_does_and_does_not_change_the_encoder(
    world: World,
) -> None:
    texts, labels = few(world, 24)
    model = unfitted(world)
    encoded, test = model.encode(texts), model.encode(world.test[0])
    draws = []
    for rows in (np.arange(16), np.arange(8, 24)):
        drawn = copy.copy(model).fit_encoded(encoded[rows], [labels[i] for i in rows])
        draws.append(drawn.predict_proba_encoded(test))
        whole = unfitted(world).fit([texts[i] for i in rows], [labels[i] for i in rows])
        np.testing.assert_allclose(draws[-1], whole.predict_proba(world.test[0]), atol=1e-6)
    assert model.encoder_.polarity_ is None
    assert not np.allclose(*draws)


def test_other_labels_replace_the_polarity(world: World) -> None:
    texts, labels = few(world, 40)
    model = unfitted(world).fit(texts[:16], labels[:16])
    encoded = model.encode(texts[16:])  # made with the polarity of the first labels
    model.fit_encoded(encoded, labels[16:])
    once = unfitted(world).fit(texts[16:], labels[16:])
    np.testing.assert_allclose(
        model.predict_proba(world.test[0]), once.predict_proba(world.test[0]), atol=1e-6
    )
    assert (model.encoder_.polarity_.word_scores == once.encoder_.polarity_.word_scores).all()


def test_the_fast_path_uses_the_polarity_from_labels(world: World) -> None:
    model = fitted(world)
    texts = [*world.texts, "zzz", ""]
    many = texts * (110_000 // sum(map(len, texts)) + 1)
    assert sum(map(len, many)) > 100_000
    expected = model.predict_proba(texts)
    np.testing.assert_allclose(model.predict_proba(many)[: len(texts)], expected, atol=1e-6)


def test_explanations_are_exact(world: World) -> None:
    model = fitted(world)
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


def test_a_file_holds_the_polarity_from_labels_but_not_the_texts_to_learn_it_again(
    world: World, tmp_path: Path
) -> None:
    model = fitted(world)
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
        loaded.fit(*few(world, 20))  # no polarity is discarded the second time
        loaded.adapt(world.unlabelled).fit(*few(world))
    np.testing.assert_allclose(
        loaded.predict_proba(world.texts), model.predict_proba(world.texts), atol=1e-6
    )


def test_a_clone_is_unfitted_and_learns_the_same(world: World) -> None:
    model = fitted(world)
    with pytest.warns(UserWarning, match="give the texts as a parameter"):
        other = clone(model)
    assert not hasattr(other, "encoder_")
    other.pretrain(world.unlabelled).fit(*few(world))
    np.testing.assert_array_equal(
        other.predict_proba(world.texts), model.predict_proba(world.texts)
    )


def test_no_polarity_is_learnt_from_three_classes(world: World) -> None:
    texts, labels = world.few(30)
    three = [label if i % 3 else "mixed" for i, label in enumerate(labels)]
    model = unfitted(world).fit(texts, three)
    assert model.encoder_.polarity_ is None
    with pytest.raises(InputError, match="no labels and no polarity score"):
        unfitted(world).fit([], [])
    with pytest.raises(InputError, match="at least two classes"):
        unfitted(world).fit(texts[:2], ["north"] * 2)


@pytest.mark.filterwarnings("ignore:.* texts have two labels")
def test_contradictory_labels_give_probability_one_half(world: World) -> None:
    text = world.texts[:1]
    model = unfitted(world).fit(text * 8, ["north", "south"] * 4)
    np.testing.assert_allclose(model.predict_proba(text), [[0.5, 0.5]], atol=1e-6)


def test_a_known_prevalence_cuts_the_score_learnt_from_labels(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors, seeds=None, prevalence=0.2)
    model.pretrain(world.unlabelled).fit(*few(world))
    score = model.encode(world.unlabelled).features.score
    assert abs(np.mean(score > 0) - 0.2) < 0.02


def test_an_encoder_with_seed_words_refuses_polarity_from_labels(world: World) -> None:
    encoder = PolarityEncoder(world.vectors).fit(world.unlabelled)
    features = encoder.transform(world.texts[:2])
    y: NDArray[np.int64] = np.array([0, 1])
    with pytest.raises(SettingError, match="give seeds=None"):
        encoder.with_polarity_from_labels(world.vectors.encode(world.unlabelled), features, y)
    assert encoder.head_input(features) is features


@pytest.mark.parametrize("stemmer", ["nltk:porter", "nltk:lancaster", "nltk:snowball"])
def test_seed_words_of_a_language_are_stemmed_as_texts_are(stemmer: str) -> None:
    praise = ["amazing", "loved", "enjoyable", "delightful", "charming"]
    blame = ["boring", "disappointing", "useless", "annoying", "terrible"]
    tokenizer = Tokenizer(stemmer=stemmer)
    texts = [f"{a} film not {b} plot" for a in praise + blame for b in praise + blame] * 3
    texts += ["we would not recommend it"] * 5
    vectors = SkipGram(tokenizer=tokenizer, vector_size=4, epochs=1).fit(texts).vectors_
    polarity = PolarityEncoder(vectors).fit(texts).polarity_
    assert polarity is not None
    signs = dict(zip(vectors.words, polarity.seed_signs.tolist(), strict=True))
    assert {signs[tokenizer(word)[0]] for word in praise} == {1}
    assert {signs[tokenizer(word)[0]] for word in blame} == {-1}
    assert signs[tokenizer("not recommend")[1]] == -1
