from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from sklearn.linear_model import LogisticRegression

from sentiment_transfer import HiddenLayerClassifier, LSTMEncoder, SentimentClassifier, load
from sentiment_transfer.classification import Training
from sentiment_transfer.encoding import TunedAveragingEncoder, Tuning
from sentiment_transfer.errors import NotFittedError

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import World


def fitted(world: World, **stages: Any) -> SentimentClassifier:  # noqa: ANN401
    model = SentimentClassifier(vectors=world.vectors, **stages).pretrain(world.unlabelled)
    return model.fit(*world.few(20))


def dense_parameters(*sizes: int) -> int:
    """Weights and biases of fully connected layers of these sizes."""
    return sum((a + 1) * b for a, b in itertools.pairwise(sizes))


def test_a_hidden_layer_on_averages_trains_its_two_layers_alone(world: World) -> None:
    head = HiddenLayerClassifier(4, training=Training(epochs=2))
    model = fitted(world, head=head)
    table = model.parameters()
    n_words, d = world.vectors.matrix.shape
    assert table.trained == dense_parameters(d, 4, 2) == model.head_.n_parameters_
    # the encoder has a mean and a weight for each word, from texts without labels
    assert table.total == n_words * d + (d + n_words) + dense_parameters(d, 4, 2)
    assert [stage.trained for stage in table.stages] == [0, 0, table.trained]


def test_a_linear_head_trains_a_weight_for_each_dimension_and_a_bias(world: World) -> None:
    table = fitted(world, head=LogisticRegression()).parameters()
    assert table.trained == dense_parameters(world.vectors.vector_size, 1) == 17


def test_an_encoder_that_learned_with_the_head_counts_what_moved(
    world: World, tmp_path: Path
) -> None:
    head = HiddenLayerClassifier(4, training=Training(epochs=2))
    tuning = Tuning(vectors_rate=1.0, word_dropout=0.0)
    model = fitted(world, encoder=TunedAveragingEncoder(tuning=tuning), head=head)
    n_words, d = world.vectors.matrix.shape
    words, encoder, last = model.parameters().stages
    labelled = {word for text in world.few(20)[0] for word in text.split()}
    assert words.trained == len(labelled & set(world.vectors.words)) * d
    assert words.total == n_words * d
    assert (encoder.trained, encoder.total) == (0, d)  # the centre stays
    assert last.trained == dense_parameters(d, 4, 2)
    model.save(tmp_path / "model.safetensors")
    assert load(tmp_path / "model.safetensors").parameters() == model.parameters()  # type: ignore[union-attr]


def test_an_lstm_counts_its_gates(world: World) -> None:
    head = HiddenLayerClassifier(4, training=Training(epochs=2))
    encoder = LSTMEncoder(units=3, tuning=Tuning(vectors_rate=0))
    table = fitted(world, encoder=encoder, head=head).parameters()
    d = world.vectors.vector_size
    one_way = 4 * 3 * (d + 3 + 1)  # four gates see input and state, and have a bias
    assert [stage.trained for stage in table.stages] == [
        0,
        2 * one_way,
        dense_parameters(2 * 3, 4, 2),
    ]


def test_the_table_is_told_in_words_and_is_the_same_from_a_file(
    world: World, tmp_path: Path
) -> None:
    model = fitted(world, head=HiddenLayerClassifier(4, training=Training(epochs=2)))
    model.save(tmp_path / "model.safetensors")
    loaded = load(tmp_path / "model.safetensors")
    assert isinstance(loaded, SentimentClassifier)
    assert loaded.parameters() == model.parameters()
    lines = str(model.parameters()).splitlines()
    assert lines[0].split() == ["trained", "on", "labels", "total"]
    total = f"{model.parameters().total:,}"
    assert lines[-2].split() == ["together", f"{16 * 4 + 4 + 4 * 2 + 2}", total]
    assert lines[-1].split() == ["from", "scratch", total, total]


def test_the_default_stages_count_words_only_by_their_weights(world: World) -> None:
    model = fitted(world)
    weights = sum(
        1 + sum(part.size for part in member.weights.values())
        for member in model.head_.mixture_.members_
    )
    head = model.parameters().stages[-1]
    assert head.trained == head.total
    assert head.total == weights + model.head_.words_.idf_.size


def test_without_labels_nothing_is_counted_as_taught_by_them(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    head = model.parameters().stages[-1]
    assert (head.trained, head.total) == (0, 2)  # the score's slope and the bias, at their priors


def test_polarity_that_labels_taught_is_counted_as_taught(world: World) -> None:
    _, encoder, _ = fitted(world, seeds=None).parameters().stages
    assert encoder.trained == encoder.total - world.vectors.vector_size  # all but the centre


def test_a_model_without_a_head_has_no_table(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors, seeds=None).pretrain(world.unlabelled)
    with pytest.raises(NotFittedError):
        model.parameters()
