"""Training of encoder and head together: what is updated, how much, when, and the result."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from scipy.special import log_softmax
from sklearn.linear_model import LogisticRegression
from test_lstm import by_hand

from sentiment_transfer import HiddenLayerClassifier, LSTMEncoder, SentimentClassifier, load
from sentiment_transfer.classification import Training
from sentiment_transfer.classification.joint_torch import EmbeddingTable, JointTrainer
from sentiment_transfer.classification.network_torch import Examples
from sentiment_transfer.encoding import TrainableEncoder, TunedAveragingEncoder, Tuning
from sentiment_transfer.errors import InputError, NotFittedError, SettingError
from sentiment_transfer.text import TokenIds

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from conftest import World

    from sentiment_transfer.base.progress import Progress
    from sentiment_transfer.classification.inputs import Labels
    from sentiment_transfer.encoding import Sequences

PLAIN = Tuning(word_dropout=0, dropout=0)
KINDS: dict[str, Callable[..., TrainableEncoder]] = {
    "averages": lambda vectors=None, tuning=PLAIN, **settings: TunedAveragingEncoder(
        vectors, tuning=tuning, **settings
    ),
    "lstm": lambda vectors=None, tuning=PLAIN, **settings: LSTMEncoder(
        vectors, 8, tuning=tuning, **settings
    ),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def exactly(**settings: Any) -> Tuning:  # noqa: ANN401
    """Settings without dropout, so that what is left is exact."""
    return Tuning(**{"word_dropout": 0, "dropout": 0} | settings)


def network(**settings: Any) -> HiddenLayerClassifier:  # noqa: ANN401
    training = {"epochs": 15, "learning_rate": 0.02, "weight_decay": 0.0} | settings
    return HiddenLayerClassifier(6, "tanh", training=Training(**training))


def trained(
    encoder: TrainableEncoder, head: HiddenLayerClassifier, texts: Sequences, labels: Labels
) -> tuple[TrainableEncoder, HiddenLayerClassifier]:
    """Return the encoder after training, and the head."""
    return head.fit_end_to_end(encoder, texts, labels), head


def learnt(
    world: World,
    kind: str,
    tuning: Tuning | None = None,
    n: int = 40,
    **settings: Any,  # noqa: ANN401
) -> tuple[TrainableEncoder, HiddenLayerClassifier, TrainableEncoder]:
    """The encoder before learning, the head, and the encoder after it."""
    encoder = KINDS[kind](world.vectors, tuning=tuning or PLAIN).fit(world.unlabelled)
    texts, labels = world.few(n)
    after, head = trained(encoder, network(**settings), encoder.sequences(texts), labels)
    return encoder, head, after


def model_of(world: World, kind: str, **settings: Any) -> SentimentClassifier:  # noqa: ANN401
    encoder = KINDS[kind](**settings)
    model = SentimentClassifier(vectors=world.vectors, encoder=encoder, head=network())
    return model.pretrain(world.unlabelled)


# Learning


@every_kind
def test_test_accuracy_exceeds_90_percent(world: World, kind: str) -> None:
    assert model_of(world, kind).fit(*world.few(40)).score(*world.test) > 0.9


def test_an_lstm_learns_labels_that_depend_on_word_order_only(world: World) -> None:
    pairs = [("good film", "film good"), ("bad plot", "plot bad"), ("great cast", "cast great")]
    texts = [text for pair in pairs for text in pair] * 4
    labels = ["adjective first", "noun first"] * 12
    model = model_of(world, "lstm").fit(texts, labels)
    assert model.score(texts, labels) == 1.0
    assert model_of(world, "averages").fit(texts, labels).score(texts, labels) == 0.5


def test_the_gradient_of_the_joint_loss_agrees_with_finite_differences(world: World) -> None:
    """Head, LSTM and word vectors by one formula, in float64 and text by text."""
    encoder = LSTMEncoder(world.vectors, 2, tuning=PLAIN).fit([])
    head = HiddenLayerClassifier(3, "tanh", seed=4)
    learner = JointTrainer(encoder, head, 2)
    ids = TokenIds.from_lists([[1, 2, 3], [4], [], [2, 2, 5, 1]])
    y, weight = np.array([0, 1, 1, 0]), np.array([0.5, 1.5, 1.0, 1.0])
    batch = Examples(torch.arange(4), torch.tensor(y), torch.tensor(weight, dtype=torch.float32))
    words, rows, encoded = learner.encode(encoder_sequences(ids), batch, learning=True)
    torch.autograd.backward(learner.network.loss(encoded))
    other = LSTMEncoder(world.vectors, 2).fit([])
    other.weights_ = {k: a.astype(np.float64) for k, a in learner.weights.items()}  # type: ignore[misc]
    other.matrix_ = world.vectors.matrix.astype(np.float64)  # type: ignore[assignment]
    W1, W2, b1, b2 = (a.astype(np.float64) for a in learner.network.arrays())

    def loss() -> float:
        x = np.array([by_hand(other, ids[i]) if len(ids[i]) else np.zeros(4) for i in range(4)])
        scores = log_softmax(np.tanh(x @ W1 + b1) @ W2 + b2, axis=1)
        return float(np.mean(-weight * scores[np.arange(4), y]))

    gradients = {name: p.grad for name, p in learner.layers.parameters.items()}
    gradients |= dict(zip(("W1", "W2", "b1", "b2"), (p.grad for p in learner.network.parameters)))  # noqa: B905
    arrays = other.weights_ | {"W1": W1, "W2": W2, "b1": b1, "b2": b2}
    assert words.tolist() == [1, 2, 3, 4, 5]
    table = torch.zeros(world.vectors.matrix.shape).index_copy(0, words, rows.grad)
    rng = np.random.default_rng(7)
    for name, array in (arrays | {"vectors": other.matrix_}).items():
        gradient = table if name == "vectors" else gradients[name]
        assert gradient is not None
        places = rng.integers(0, (6, 16) if name == "vectors" else array.shape, (10, array.ndim))
        for place in map(tuple, places.tolist()):
            before, slopes = array[place], []
            for step in (1e-5, -1e-5):
                array[place] = before + step
                slopes.append(loss() / (2 * step))
            array[place] = before
            assert float(gradient[place]) == pytest.approx(sum(slopes), abs=1e-5)


def encoder_sequences(ids: TokenIds) -> Any:  # noqa: ANN401
    from sentiment_transfer.encoding import Sequences

    return Sequences(ids)


@every_kind
def test_the_same_seed_gives_the_same_bytes_and_another_does_not(world: World, kind: str) -> None:
    torch.manual_seed(5)
    expected = torch.rand(2)
    torch.manual_seed(5)
    made = []
    for seed in (1, 1, 2):
        model = model_of(world, kind, tuning=Tuning(dropout=0.2, word_dropout=0.2))
        model.set_params(head__seed=seed, head__training__dropout=0.3).fit(*world.few(20))
        made.append(model.predict_proba(world.texts).tobytes() + model.encoder_.matrix_.tobytes())
    assert made[0] == made[1] != made[2]
    assert torch.equal(torch.rand(2), expected)


@every_kind
def test_a_second_fit_forgets_the_first(world: World, kind: str) -> None:
    once = model_of(world, kind).fit(*world.few(20))
    twice = model_of(world, kind).fit(world.texts[20:60], world.labels[20:60])
    first_matrix = twice.encoder_.matrix_
    twice.fit(*world.few(20))
    np.testing.assert_array_equal(twice.predict_proba(world.texts), once.predict_proba(world.texts))
    assert not np.array_equal(twice.encoder_.matrix_, first_matrix)


@every_kind
def test_an_encoded_pool_can_be_used_for_several_fits(world: World, kind: str) -> None:
    """What the arms of a comparison do: encode once, then fit on rows of it."""
    model = model_of(world, kind)
    encoded, rows = model.encode(world.texts), np.arange(0, 40, 2)
    rows = np.concatenate([rows, rows + 1])
    model.fit_encoded(encoded[rows[::-1]], np.array(world.labels)[rows[::-1]])
    model.fit_encoded(encoded[rows], np.array(world.labels)[rows])
    expected = model_of(world, kind).fit(
        [world.texts[i] for i in rows], [world.labels[i] for i in rows]
    )
    np.testing.assert_array_equal(model.predict_encoded(encoded), expected.predict(world.texts))


@every_kind
def test_early_stopping_returns_the_best_epoch(world: World, kind: str) -> None:
    texts, labels = world.texts, list(world.labels)
    encoder = KINDS[kind](world.vectors, tuning=exactly(vectors_rate=1)).fit(world.unlabelled)
    head = network(epochs=60, patience=2, learning_rate=0.1)
    sequences = encoder.sequences(texts)
    kept, head = trained(encoder, head, sequences, labels)
    losses = [epoch.validation_loss for epoch in head.history_]
    assert 3 <= len(losses) < 60
    best = int(np.argmin(losses))
    assert len(losses) == best + 1 + 2
    # training for that many epochs ends at the best epoch of the first
    again, same = trained(
        encoder, network(epochs=best + 1, patience=60, learning_rate=0.1), sequences, labels
    )
    assert [epoch.validation_loss for epoch in same.history_] == losses[: best + 1]
    np.testing.assert_array_equal(same.weights_[0], head.weights_[0])
    np.testing.assert_array_equal(again.matrix_, kept.matrix_)
    for name, array in kept.weights_.items():
        np.testing.assert_array_equal(again.weights_[name], array)


def test_with_few_labels_nothing_is_held_out_and_all_epochs_run(world: World) -> None:
    _, head, _ = learnt(world, "averages", n=20, epochs=7)
    assert len(head.history_) == 7
    assert head.history_[0].validation_loss is None
    assert head.history_[-1].loss < head.history_[0].loss


def test_progress_counts_texts_and_ends_with_training(world: World) -> None:
    seen: list[Progress] = []
    head = network(epochs=3).set_params(callbacks=[seen.append])
    encoder = LSTMEncoder(world.vectors, 4).fit([])
    trained(encoder, head, encoder.sequences(world.texts), world.labels)
    assert [progress.done for progress in seen] == [160, 320, 480]  # 40 of 200 are held out
    assert seen[0].total == 480
    assert seen[0].unit == "texts"
    assert seen[-1].eta == 0
    assert "validation_loss" in seen[0].metrics


# What is updated


@every_kind
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_frozen_vectors_are_unchanged_and_tuned_ones_change_for_the_words_read(
    world: World, kind: str, optimizer: str
) -> None:
    _, _, frozen = learnt(world, kind, exactly(vectors_rate=0), optimizer=optimizer)
    assert frozen.matrix_.tobytes() == world.vectors.matrix.tobytes()
    before, _, tuned = learnt(world, kind, exactly(vectors_rate=0.5), n=2, optimizer=optimizer)
    moved = (tuned.matrix_ != world.vectors.matrix).any(axis=1)
    read = np.unique(before.sequences(world.few(2)[0]).ids.ids)
    assert np.flatnonzero(moved).tolist() == read.tolist()
    assert before.matrix_ is world.vectors.matrix  # which itself is never changed


def test_layers_of_rate_zero_are_unchanged_while_vectors_below_them_change(world: World) -> None:
    before, _, after = learnt(world, "lstm", exactly(layers_rate=0, vectors_rate=1))
    for name, array in before.start_for(0).items():
        assert array.tobytes() == after.weights_[name].tobytes()
    assert not np.array_equal(after.matrix_, world.vectors.matrix)


def test_initial_weights_are_drawn_by_the_seed_of_the_head_and_kept(world: World) -> None:
    encoder = LSTMEncoder(world.vectors, 4, tuning=exactly(layers_rate=0, vectors_rate=0), seed=0)
    sequences = encoder.fit([]).sequences(world.few(20)[0])
    head = network(epochs=2).set_params(seed=1)
    after, _ = trained(encoder, head, sequences, world.few(20)[1])
    for name, array in encoder.start_for(1).items():
        np.testing.assert_array_equal(after.start_[name], array)
        np.testing.assert_array_equal(after.weights_[name], array)
    assert after.matrix_ is world.vectors.matrix  # frozen, so that no copy is kept


def test_an_encoder_that_was_not_fitted_is_named(world: World) -> None:
    for kind in (LSTMEncoder, TunedAveragingEncoder):
        encoder = kind(world.vectors)
        with pytest.raises(NotFittedError, match=f"{kind.__name__} is not fitted"):
            trained(encoder, network(), encoder.sequences(["good"]), ["a"])


def test_the_training_loss_of_an_epoch_is_measured_after_it_and_without_dropout(
    world: World,
) -> None:
    encoder = LSTMEncoder(world.vectors, 4, tuning=Tuning(word_dropout=0.5, dropout=0.5)).fit([])
    texts, labels = world.few(20)
    after, head = trained(encoder, network(epochs=3), encoder.sequences(texts), labels)
    p = head.predict_proba(after.transform(texts))
    truth = np.searchsorted(head.classes_, labels)
    expected = -np.log(p[np.arange(20), truth]).mean()
    assert head.history_[-1].loss == pytest.approx(expected, rel=1e-5)
    assert head.history_[-1].error == np.mean(p.argmax(axis=1) != truth)


def test_a_smaller_rate_changes_the_vectors_less(world: World) -> None:
    distances = []
    for rate in (0.01, 0.1, 1.0):
        _, _, after = learnt(world, "averages", exactly(vectors_rate=rate), epochs=3)
        distances.append(float(np.linalg.norm(after.matrix_ - world.vectors.matrix)))
    assert distances == sorted(distances)
    assert distances[0] < distances[2] / 20


def test_a_step_of_the_embedding_table_equals_torch_s_on_a_dense_matrix() -> None:
    matrix = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32)
    table = EmbeddingTable(matrix, network(), 0.1, "cpu")
    dense = torch.tensor(matrix, requires_grad=True)
    adam = torch.optim.Adam([dense], lr=0.1)
    words = torch.tensor([1, 4])
    for step in range(3):
        gradient = torch.full((2, 3), 0.5 + step)
        table.step(words, gradient)
        dense.grad = torch.zeros(5, 3).index_copy(0, words, gradient)
        adam.step()
    np.testing.assert_allclose(table.now.numpy(), dense.detach().numpy(), rtol=1e-5)
    assert table.now[[0, 2, 3]].numpy().tobytes() == matrix[[0, 2, 3]].tobytes()


def test_long_gradients_are_clipped(world: World) -> None:
    """Plain gradient descent moves everything together by rate times the gradient's length."""
    encoder = TunedAveragingEncoder(world.vectors, tuning=exactly(vectors_rate=1, clip=1e-3)).fit(
        []
    )
    settings = {"optimizer": "sgd", "momentum": 0.0, "learning_rate": 1.0}
    head = network(epochs=1, batch_size=40, **settings)
    start = JointTrainer(encoder, head, 2).network.arrays()
    texts, labels = world.few(40)
    after, head = trained(encoder, head, encoder.sequences(texts), labels)
    now = (*head.weights_, *head.biases_, after.matrix_)
    moves = [b - a for a, b in zip((*start, world.vectors.matrix), now, strict=True)]
    length = np.sqrt(sum(float((move.astype(np.float64) ** 2).sum()) for move in moves))
    assert length == pytest.approx(1e-3, rel=0.02)


# Input


@every_kind
def test_texts_without_a_known_word_get_the_prior(world: World, kind: str) -> None:
    model = model_of(world, kind)
    model.fit([*world.texts[:9], "", "zzz"], [*world.labels[:9], "positive", "positive"])
    expected = [(4 + 1) / (11 + 2), (7 + 1) / (11 + 2)]
    assert world.labels[:9].count("positive") == 5
    np.testing.assert_allclose(model.predict_proba(["", "zzz yyy"]), [expected] * 2)
    assert model.coverage(["", "zzz"]).tolist() == [0, 0]
    assert model.predict_proba([]).shape == (0, 2)
    blind = model_of(world, kind).fit(["zzz", "yyy", ""], ["a", "b", "b"])
    assert blind.predict(["xxx"]).tolist() == ["b"]
    assert np.isfinite(blind.predict_proba(["good film"])).all()


@every_kind
def test_one_class_alone_is_refused(world: World, kind: str) -> None:
    with pytest.raises(InputError, match="at least two"):
        model_of(world, kind).fit(world.texts[:4], ["positive"] * 4)


@every_kind
def test_three_classes_are_learnt(world: World, kind: str) -> None:
    labels = [label if i % 3 else "mixed" for i, label in enumerate(world.labels)]
    model = model_of(world, kind).fit(world.texts[:60], labels[:60])
    assert model.classes_.tolist() == ["mixed", "negative", "positive"]
    np.testing.assert_allclose(model.predict_proba(world.texts).sum(axis=1), 1, atol=1e-6)


def test_only_a_hidden_layer_can_be_trained_with_an_encoder(world: World) -> None:
    model = SentimentClassifier(
        vectors=world.vectors, encoder=LSTMEncoder(units=4), head=LogisticRegression()
    )
    with pytest.raises(
        SettingError, match=r"LSTMEncoder .*, which LogisticRegression does not support"
    ):
        model.fit(*world.few(20))


def test_different_numbers_of_texts_and_labels_are_refused(world: World) -> None:
    encoder = TunedAveragingEncoder(world.vectors).fit([])
    texts = encoder.sequences(world.texts[:3])
    with pytest.raises(InputError, match="3 texts but 2 labels"):
        trained(encoder, network(), texts, ["a", "b"])


def test_a_learning_rate_that_diverges_is_named(world: World) -> None:
    head = network(learning_rate=1e30, optimizer="sgd", epochs=30).set_params(activation="relu")
    encoder = TunedAveragingEncoder(world.vectors, tuning=exactly(clip=None)).fit([])
    texts, labels = world.few(40)
    with pytest.raises(SettingError, match=r"learning_rate=1e\+30 is too high"):
        trained(encoder, head, encoder.sequences(texts), labels)


# In a model


def test_the_default_head_is_a_hidden_layer(world: World) -> None:
    encoder = LSTMEncoder(units=4)
    model = SentimentClassifier(vectors=world.vectors, encoder=encoder, seed=3)
    model.fit(*world.few(20))
    assert isinstance(model.head_, HiddenLayerClassifier)
    assert (model.head_.seed, model.head_.device) == (3, "auto")


@every_kind
def test_random_vectors_are_the_only_difference(world: World, kind: str) -> None:
    model = model_of(world, kind, tuning=exactly(vectors_rate=0))
    other = model.with_random_vectors()
    assert other.vectors_.words == world.vectors.words
    assert other.encoder_.vectors is other.vectors_
    assert other.encoder_.tuning == model.encoder_.tuning
    score = model.fit(*world.few(40)).score(*world.test)
    assert other.fit(*world.few(40)).score(*world.test) < score


@every_kind
def test_explanations_by_omission_have_the_right_signs(world: World, kind: str) -> None:
    model = model_of(world, kind).fit(*world.few(40))
    explanation = model.explain("great film, terrible story", "positive")
    shares = dict(explanation.pieces)
    assert shares["great"] > 0 > shares["terrible"]


@every_kind
def test_a_saved_model_predicts_and_learns_as_before(
    world: World, kind: str, tmp_path: Path
) -> None:
    settings: dict[str, Any] = {"tuning": exactly(vectors_rate=0.5)}
    model = model_of(world, kind, **settings).fit(*world.few(20))
    model.save(tmp_path / "a")
    loaded = load(tmp_path / "a")
    assert isinstance(loaded, SentimentClassifier)
    texts = [*world.texts, "", "zzz"]
    np.testing.assert_allclose(
        loaded.predict_proba(texts), model.predict_proba(texts), rtol=0, atol=1e-6
    )
    loaded.save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    again, expected = loaded.fit(*world.few(40)), model.fit(*world.few(40))
    np.testing.assert_array_equal(again.predict_proba(texts), expected.predict_proba(texts))


def test_a_model_from_a_file_takes_an_encoder_that_needs_no_texts(
    world: World, tmp_path: Path
) -> None:
    SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled).save(tmp_path / "a")
    loaded = load(tmp_path / "a")
    assert isinstance(loaded, SentimentClassifier)
    for encoder in (LSTMEncoder(units=8), TunedAveragingEncoder()):
        model = loaded.with_head(network(), encoder=encoder).fit(*world.few(40))
        assert model.score(*world.test) > 0.9


@every_kind
def test_a_loaded_model_answers_where_torch_is_missing(
    world: World, kind: str, tmp_path: Path
) -> None:
    model = model_of(world, kind).fit(*world.few(20))
    model.save(tmp_path / "m")
    texts = [*world.texts[:5], ""]
    code = f"""
import json, sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {{"torch", "sklearn", "gensim", "pandas", "numba"}}:
            raise ImportError(name + " is not here")
sys.meta_path.insert(0, Missing())
from sentiment_transfer import load
print(json.dumps(load({str(tmp_path / "m")!r}).predict_proba({texts!r}).tolist()))
"""
    run = subprocess.run(  # noqa: S603  (our own code)
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    np.testing.assert_allclose(json.loads(run.stdout), model.predict_proba(texts), atol=1e-6)
