"""Settings as JSON, and models whose settings are NumPy's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer import (
    AveragingEncoder,
    HiddenLayerClassifier,
    LSTMEncoder,
    SentimentClassifier,
    SkipGram,
    WordVectors,
    load,
)
from sentiment_transfer.base.estimator import to_json
from sentiment_transfer.classification import Training
from sentiment_transfer.encoding import TunedAveragingEncoder, Tuning
from sentiment_transfer.polarity import PolarityClassifier
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import World

NUMPY = {int: np.int64, float: np.float64, bool: np.bool_, str: np.str_}
QUICK = Training(epochs=2)
TUNING = Tuning(word_dropout=0.1)
MODELS: dict[str, Callable[[], SentimentClassifier]] = {
    "default": lambda: SentimentClassifier(prevalence=0.4, seed=1),
    "informed": lambda: SentimentClassifier(head=PolarityClassifier(class_weight="balanced")),
    "averaging": lambda: SentimentClassifier(
        encoder=AveragingEncoder(None, center=False),  # type: ignore[arg-type]  # set by the model
        head=HiddenLayerClassifier(3, class_weight="balanced", training=QUICK, seed=1),
    ),
    "tuned averaging": lambda: SentimentClassifier(
        encoder=TunedAveragingEncoder(tuning=TUNING),
        head=HiddenLayerClassifier(3, training=QUICK),
    ),
    "lstm": lambda: SentimentClassifier(
        encoder=LSTMEncoder(units=3, max_tokens=9, tuning=TUNING),
        head=HiddenLayerClassifier(3, training=QUICK),
    ),
}


def plain_settings(estimator: Any) -> list[str]:  # noqa: ANN401
    """Names of the settings that are one number, bool or text."""
    return [name for name, value in estimator.get_params().items() if type(value) in NUMPY]


def as_numpy(estimator: Any, name: str) -> dict[str, Any]:  # noqa: ANN401
    value = estimator.get_params()[name]
    return {name: NUMPY[type(value)](value)}


SWEEP = [(kind, name) for kind, make in MODELS.items() for name in plain_settings(make())]


def test_the_sweep_reaches_every_group_of_settings() -> None:
    assert {("default", "prevalence"), ("informed", "head__class_weight")} <= set(SWEEP)
    assert {("lstm", "encoder__tuning__clip"), ("averaging", "encoder__center")} <= set(SWEEP)
    assert ("averaging", "head__training__weight_decay") in SWEEP


def answers(model: SentimentClassifier, world: World) -> Any:  # noqa: ANN401
    return model.predict_proba([*world.test[0][:20], "nothing known"])


@pytest.fixture(scope="module")
def expected(world: World) -> dict[str, Any]:
    return {kind: answers(fitted(make(), world), world) for kind, make in MODELS.items()}


def fitted(model: SentimentClassifier, world: World) -> SentimentClassifier:
    model.set_params(vectors=world.vectors)
    return model.pretrain(world.unlabelled[:40]).fit(*world.few(12))


@pytest.mark.parametrize(("kind", "name"), SWEEP)
def test_a_numpy_setting_gives_the_same_model_and_is_saved(
    world: World, expected: dict[str, Any], tmp_path: Path, kind: str, name: str
) -> None:
    model = MODELS[kind]()
    fitted(model.set_params(**as_numpy(model, name)), world)
    model.save(tmp_path / "m.safetensors")
    again = load(tmp_path / "m.safetensors")
    assert isinstance(again, SentimentClassifier)
    np.testing.assert_array_equal(answers(model, world), expected[kind])
    np.testing.assert_array_equal(answers(again, world), expected[kind])


TEXTS = ["a good film with a warm story", "a dull film with a bad plot", "not good at all"] * 9


def skipgram() -> SkipGram:
    tokenizer = Tokenizer(stemmer="nltk:porter")
    return SkipGram(6, 3, epochs=2, min_count=2, workers=2, seed=3, tokenizer=tokenizer)


@pytest.mark.parametrize("name", plain_settings(skipgram()))
def test_a_numpy_setting_gives_the_same_vectors_and_is_saved(tmp_path: Path, name: str) -> None:
    plain = skipgram().fit(TEXTS).vectors_
    estimator = skipgram()
    vectors = estimator.set_params(**as_numpy(estimator, name)).fit(TEXTS).vectors_
    vectors.save(tmp_path / "v.safetensors")
    again = WordVectors.load(tmp_path / "v.safetensors")
    for one in (vectors, again):
        assert one.words == plain.words
        np.testing.assert_array_equal(one.matrix, plain.matrix)
    assert again.metadata == plain.metadata
    assert again.tokenizer.get_params() == plain.tokenizer.get_params()


@pytest.mark.parametrize(
    "seeds",
    [
        (["good", "great"], ["bad", "awful"]),
        [("good", "great"), ("bad", "awful")],
        [["good", "great"], ["bad", "awful"]],
        ({"good", "great"}, {"bad", "awful"}),
    ],
    ids=["tuple of lists", "list of tuples", "list of lists", "tuple of sets"],
)
def test_seed_words_in_any_sequence_are_saved(
    world: World,
    tmp_path: Path,
    seeds: Any,  # noqa: ANN401
) -> None:
    model = fitted(SentimentClassifier(seeds=seeds), world)
    model.save(tmp_path / "m.safetensors")
    again = load(tmp_path / "m.safetensors")
    assert isinstance(again, SentimentClassifier)
    np.testing.assert_array_equal(answers(again, world), answers(model, world))
    assert [set(side) for side in again.encoder_.seeds] == [{"good", "great"}, {"bad", "awful"}]


@pytest.mark.parametrize(
    "ordered",
    [("negative", "positive"), np.array(["negative", "positive"])],
    ids=["tuple", "array"],
)
def test_ordered_labels_in_any_sequence_are_saved(
    world: World,
    tmp_path: Path,
    ordered: Any,  # noqa: ANN401
) -> None:
    model = fitted(SentimentClassifier(ordered=ordered), world)
    model.save(tmp_path / "m.safetensors")
    again = load(tmp_path / "m.safetensors")
    assert isinstance(again, SentimentClassifier)
    np.testing.assert_array_equal(answers(again, world), answers(model, world))
    assert again.ordered == ["negative", "positive"]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.True_, True),
        (np.str_("auto"), "auto"),
        (None, None),
        ((1, [2, (np.int8(3),)]), [1, [2, [3]]]),
        (np.arange(3), [0, 1, 2]),
        ({"b", "a"}, ["a", "b"]),
        ({np.str_("good"): np.float64(2)}, {"good": 2.0}),
        ({np.int64(0): 1, 1: (2,)}, [[0, 1], [1, [2]]]),
        (
            Tuning(clip=None, dropout=np.float64(0.5)),
            {**Tuning().get_params(), "clip": None, "dropout": 0.5},
        ),
    ],
)
def test_settings_become_what_json_gives_back_equal(value: Any, plain: Any) -> None:  # noqa: ANN401
    found = to_json(value)
    assert found == plain
    assert type(found) is type(plain)
    assert json.loads(json.dumps(found)) == found
