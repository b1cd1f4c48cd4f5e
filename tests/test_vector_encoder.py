"""Encoders to vectors return an array, or a table with named columns if that is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn import config_context
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from sentiment_transfer import AveragingEncoder, LSTMEncoder, SentimentClassifier
from sentiment_transfer.encoding import TunedAveragingEncoder
from sentiment_transfer.errors import SettingError
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import World

    from sentiment_transfer.encoding.vector_encoder import VectorEncoder
    from sentiment_transfer.pretraining import WordVectors

KINDS = pytest.mark.parametrize("kind", [AveragingEncoder, TunedAveragingEncoder, LSTMEncoder])


@KINDS
def test_a_table_has_the_rows_of_the_array_the_index_of_the_texts_and_named_columns(
    kind: Callable[[WordVectors], VectorEncoder], world: World
) -> None:
    texts = pd.Series(world.texts[:6], index=list("fedcba"))
    array = kind(world.vectors).fit_transform(texts)
    encoder = kind(world.vectors).set_output(transform="pandas")
    for table in (encoder.fit_transform(texts), encoder.transform(texts)):
        assert isinstance(table, pd.DataFrame)
        assert np.array_equal(table.to_numpy(), array)
        assert table.index.tolist() == list("fedcba")
        assert table.columns.tolist() == [
            f"{kind.__name__.lower()}{i}" for i in range(array.shape[1])
        ]
        assert table.columns.tolist() == encoder.get_feature_names_out().tolist()
    assert isinstance(encoder.set_output(transform="default").transform(texts), np.ndarray)


@KINDS
def test_a_pipeline_passes_tables_on(kind: Callable[[WordVectors], Any], world: World) -> None:
    texts, labels = world.few(40)
    plain = make_pipeline(kind(world.vectors), LogisticRegression()).fit(texts, labels)
    pipeline = make_pipeline(kind(world.vectors), LogisticRegression())
    pipeline.set_output(transform="pandas").fit(texts, labels)
    assert np.allclose(pipeline.predict_proba(texts), plain.predict_proba(texts))
    names = pipeline[:-1].get_feature_names_out()
    assert pipeline[-1].feature_names_in_.tolist() == names.tolist()


def test_a_copy_keeps_the_output_and_scikit_learns_own_setting_holds_otherwise(
    world: World,
) -> None:
    encoder = AveragingEncoder(world.vectors).fit(world.texts)
    with config_context(transform_output="pandas"):
        assert isinstance(encoder.transform(["good"]), pd.DataFrame)
        encoder.set_output(transform=None)
        assert isinstance(encoder.transform(["good"]), pd.DataFrame)
        encoder.set_output(transform="default")
        assert isinstance(clone(encoder).fit_transform(["good"]), np.ndarray)
    assert isinstance(encoder.transform(["good"]), np.ndarray)


def test_a_classifier_is_not_confused_by_the_output_of_its_encoder(world: World) -> None:
    encoder = AveragingEncoder(world.vectors).set_output(transform="pandas")
    models = [
        SentimentClassifier(vectors=world.vectors, encoder=one, head=LogisticRegression())
        for one in (encoder, AveragingEncoder(world.vectors))
    ]
    answers = [model.fit(*world.few(20)).predict_proba(world.texts) for model in models]
    with config_context(transform_output="pandas"):
        answers.append(models[0].fit(*world.few(20)).predict_proba(world.texts))
    assert np.array_equal(answers[0], answers[1])
    assert np.array_equal(answers[0], answers[2])


def test_another_container_is_refused(world: World) -> None:
    with pytest.raises(SettingError, match="transform='arrow' is not allowed; it must be one of"):
        AveragingEncoder(world.vectors).set_output(transform="arrow")  # type: ignore[arg-type]


def test_the_default_encoder_and_head_work_in_a_pipeline_too(world: World) -> None:
    pipeline = make_pipeline(PolarityEncoder(world.vectors), PolarityClassifier())
    texts, labels = world.test
    assert np.mean(pipeline.fit(*world.few(40)).predict(texts) == labels) > 0.9
