"""Texts are any iterable of str; what would iterate over something else is refused everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from sentiment_transfer import (
    AveragingEncoder,
    LSTMEncoder,
    SentimentClassifier,
    SkipGram,
    compare,
)
from sentiment_transfer.encoding import TunedAveragingEncoder
from sentiment_transfer.errors import InputError
from sentiment_transfer.polarity import PolarityEncoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import World

COLUMNS = {"text": ["good film", "bad film"], "label": ["p", "n"]}
NO_TEXTS: dict[str, Any] = {
    "a mapping": COLUMNS,
    "a table": pd.DataFrame(COLUMNS),
    "an Arrow table": pa.table(COLUMNS),
    "a str": "good film",
    "bytes": b"good film",
    "a set": {"good film", "bad film"},
    "a matrix": np.array([["good", "film"], ["bad", "film"]]),
    "None": None,
    "a number": 3,
}
TAKERS: dict[str, Callable[[World, SentimentClassifier, Any], Any]] = {
    "AveragingEncoder.fit": lambda w, m, x: AveragingEncoder(w.vectors).fit(x),
    "AveragingEncoder.transform": lambda w, m, x: (
        AveragingEncoder(w.vectors).fit(w.texts).transform(x)
    ),
    "AveragingEncoder.fit_transform": lambda w, m, x: AveragingEncoder(w.vectors).fit_transform(x),
    "TunedAveragingEncoder.fit": lambda w, m, x: TunedAveragingEncoder(w.vectors).fit(x),
    "LSTMEncoder.transform": lambda w, m, x: LSTMEncoder(w.vectors).fit([]).transform(x),
    "PolarityEncoder.fit": lambda w, m, x: PolarityEncoder(w.vectors).fit(x),
    "PolarityEncoder.fit_transform": lambda w, m, x: PolarityEncoder(w.vectors).fit_transform(x),
    "WordVectors.coverage": lambda w, m, x: w.vectors.coverage(x),
    "WordVectors.encode": lambda w, m, x: w.vectors.encode(x),
    "SkipGram.fit": lambda w, m, x: SkipGram(min_count=1, epochs=1).fit(x),
    "pretrain": lambda w, m, x: SentimentClassifier(vectors=w.vectors).pretrain(x),
    "adapt": lambda w, m, x: m.adapt(x),
    "fit": lambda w, m, x: m.fit(x, ["p", "n"]),
    "encode": lambda w, m, x: m.encode(x),
    "predict": lambda w, m, x: m.predict(x),
    "answer": lambda w, m, x: m.answer(x),
    "predict_or_abstain": lambda w, m, x: m.predict_or_abstain(x),
    "coverage": lambda w, m, x: m.coverage(x),
    "score": lambda w, m, x: m.score(x, ["p", "n"]),
    "explain": lambda w, m, x: m.explain(None if isinstance(x, str) else x),
}


@pytest.fixture(scope="module")
def model(world: World) -> SentimentClassifier:
    return SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)


@pytest.mark.parametrize("texts", NO_TEXTS.values(), ids=NO_TEXTS)
@pytest.mark.parametrize("take", TAKERS.values(), ids=TAKERS)
def test_what_are_no_texts_is_refused_wherever_texts_are_given(
    world: World,
    model: SentimentClassifier,
    take: Callable[[World, SentimentClassifier, Any], Any],
    texts: Any,  # noqa: ANN401
) -> None:
    with pytest.raises(InputError, match="text"):
        take(world, model, texts)


@pytest.mark.parametrize("texts", [COLUMNS, pd.DataFrame(COLUMNS), "good film", {"good"}, None])
def test_an_encoder_that_fits_without_reading_texts_refuses_them_too(
    world: World,
    texts: Any,  # noqa: ANN401
) -> None:
    with pytest.raises(InputError, match="texts is"):
        LSTMEncoder(world.vectors).fit(texts)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_comparison_refuses_a_mapping_in_each_place(world: World, place: int) -> None:
    given: list[Any] = [world.unlabelled, world.few(8), world.test]
    given[place] = dict.fromkeys(given[0])
    with pytest.raises(InputError):
        compare(*given, budgets=[2], draws=1)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"a": "good"}, r"texts is a mapping; pass its values: list\(texts.values\(\)\)"),
        ({"good"}, r"texts is a set, which has no order; pass a list: sorted\(texts\)"),
        (None, "texts is None; pass a list of texts"),
        (3, "texts is 3; pass a list of texts"),
    ],
)
def test_the_remedy_is_named(model: SentimentClassifier, texts: Any, message: str) -> None:  # noqa: ANN401
    with pytest.raises(InputError, match=message):
        model.predict(texts)


def test_values_and_columns_are_texts(model: SentimentClassifier) -> None:
    table = pd.DataFrame(COLUMNS)
    expected = model.predict(COLUMNS["text"]).tolist()
    given = [table.text, table["text"].to_numpy(), {"a": "good film", "b": "bad film"}.values()]
    for texts in (*given, pa.array(COLUMNS["text"]), iter(COLUMNS["text"]), table.text.array):
        assert model.predict(texts).tolist() == expected
