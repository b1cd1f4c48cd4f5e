"""Means of trained word vectors: their start, their gradients and their state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from sentiment_transfer import AveragingEncoder
from sentiment_transfer.encoding import TunedAveragingEncoder
from sentiment_transfer.errors import InputError, ModelFileError, SettingError
from sentiment_transfer.text import TokenIds

if TYPE_CHECKING:
    from conftest import World

TEXTS = ["good film", "good good film plot", "", "zzz", "dull"]


def test_before_training_it_equals_an_averaging_encoder(world: World) -> None:
    plain = AveragingEncoder(world.vectors).fit(world.unlabelled)
    tuned = TunedAveragingEncoder(world.vectors).fit(world.unlabelled)
    np.testing.assert_allclose(tuned.transform(TEXTS), plain.transform(TEXTS), atol=1e-6)
    np.testing.assert_allclose(
        tuned.fit_transform(world.unlabelled), plain.transform(world.unlabelled), atol=1e-6
    )
    np.testing.assert_allclose(tuned.weights_["mean"], plain.mean_, atol=1e-6)


def test_training_computes_the_same_vectors_as_prediction(world: World) -> None:
    encoder = TunedAveragingEncoder(world.vectors).fit(world.unlabelled)
    ids = encoder.sequences(TEXTS).ids
    layers = encoder.layers(encoder.weights_, "cpu")
    assert not layers.parameters
    with torch.no_grad():
        found = layers.encode(torch.tensor(encoder.matrix_), ids, 0.0, torch.Generator())
    np.testing.assert_allclose(found.numpy(), encoder.transform(TEXTS), atol=1e-6)


def test_gradients_agree_with_finite_differences(world: World) -> None:
    encoder = TunedAveragingEncoder(world.vectors).fit(world.unlabelled)
    ids = TokenIds.from_lists([[0, 2], [], [1]])
    along = np.random.default_rng(1).normal(size=(3, 16))

    def value(matrix: np.ndarray) -> float:
        total = 0.0
        for i in (0, 2):
            centred = matrix[ids[i]].mean(axis=0) - encoder.weights_["mean"].astype(np.float64)
            total += float(along[i] @ centred / np.linalg.norm(centred))
        return total

    rows = torch.tensor(encoder.matrix_, requires_grad=True)
    layers = encoder.layers(encoder.weights_, "cpu")
    encoded = layers.encode(rows, ids, 0.0, torch.Generator())
    torch.autograd.backward((encoded * torch.tensor(along)).sum())
    assert rows.grad is not None
    assert not rows.grad[3:].any()
    for place in [(0, 0), (1, 5), (2, 15), (1, 0)]:
        slopes = []
        for step in (1e-6, -1e-6):
            matrix = encoder.matrix_.astype(np.float64)
            matrix[place] += step
            slopes.append(value(matrix) / (2 * step))
        assert float(rows.grad[place]) == pytest.approx(sum(slopes), abs=1e-5)


def test_it_may_be_fitted_on_no_text(world: World) -> None:
    encoder = TunedAveragingEncoder(world.vectors).fit([])
    assert not encoder.weights_["mean"].any()
    np.testing.assert_allclose(np.linalg.norm(encoder.transform(["good film"])), 1, rtol=1e-6)


def test_a_single_str_and_missing_vectors_are_refused(world: World) -> None:
    with pytest.raises(InputError, match="single str"):
        TunedAveragingEncoder(world.vectors).fit("good film")
    with pytest.raises(SettingError, match="has no word vectors"):
        TunedAveragingEncoder().fit(["good film"])


def test_the_state_holds_the_changed_words_and_gives_back_the_encoder(world: World) -> None:
    encoder = TunedAveragingEncoder(world.vectors).fit(world.unlabelled)
    matrix = world.vectors.matrix.copy()
    matrix[world.vectors.id_of("good")] *= -1
    encoder = encoder.learnt(encoder.weights_, matrix)
    facts, tensors = encoder.state()
    assert len(tensors["moved.words"]) == 1
    copy = TunedAveragingEncoder.from_state(facts, tensors, world.vectors)
    np.testing.assert_array_equal(copy.transform(TEXTS), encoder.transform(TEXTS))
    assert repr(copy) == repr(encoder)
    with pytest.raises(ModelFileError, match="missing required field `tuning`"):
        TunedAveragingEncoder.from_state({}, tensors, world.vectors)
