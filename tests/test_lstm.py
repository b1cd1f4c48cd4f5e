"""The LSTM against torch's packed sequences, and against a loop over one text at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence

from sentiment_transfer import LSTMEncoder, SentimentClassifier
from sentiment_transfer.encoding import Tuning
from sentiment_transfer.encoding import lstm as lstm_module
from sentiment_transfer.errors import InputError, ModelFileError, SettingError
from sentiment_transfer.text import TokenIds

if TYPE_CHECKING:
    from conftest import World
    from numpy.typing import NDArray

    from sentiment_transfer.encoding.lstm_numpy import Pooling
    from sentiment_transfer.pretraining import WordVectors

POOLINGS: list[Pooling] = ["mean", "max", "last"]
every_pooling = pytest.mark.parametrize("pooling", POOLINGS)
both = pytest.mark.parametrize("bidirectional", [True, False])


def random_ids(n_words: int, lengths: list[int], seed: int = 0) -> TokenIds:
    rng = np.random.default_rng(seed)
    return TokenIds.from_lists([rng.integers(0, n_words, n).tolist() for n in lengths])


LENGTHS = [4, 0, 1, 17, 2, 1, 0, 9]


def fitted(vectors: WordVectors, **settings: Any) -> LSTMEncoder:  # noqa: ANN401
    encoder = LSTMEncoder(vectors, **{"units": 5} | settings).fit([])
    rng = np.random.default_rng(3)
    for name, array in encoder.weights_.items():  # biases as well, and of a size that saturates
        encoder.weights_[name] = rng.normal(size=array.shape).astype(np.float32)
    return encoder


def torch_lstm(encoder: LSTMEncoder) -> torch.nn.LSTM:
    lstm = torch.nn.LSTM(
        encoder.known_vectors.vector_size, encoder.units, bidirectional=encoder.bidirectional
    )
    names = {"input": "weight_ih_l0", "recurrent": "weight_hh_l0", "bias": "bias_ih_l0"}
    state = {key: torch.zeros_like(value) for key, value in lstm.state_dict().items()}
    for name, array in encoder.weights_.items():
        direction, _, part = name.partition(".")
        state[names[part] + ("_reverse" if direction == "backward" else "")] = torch.tensor(array)
    lstm.load_state_dict(state)
    return lstm


def by_torch(encoder: LSTMEncoder, ids: TokenIds) -> NDArray[Any]:
    """Each text's states out of torch's packed LSTM over all of them at once, pooled."""
    known = [i for i in range(len(ids)) if len(ids[i])]
    matrix = torch.tensor(encoder.matrix_)
    packed = pack_sequence([matrix[ids[i].tolist()] for i in known], enforce_sorted=False)
    with torch.no_grad():
        states, (last, _) = torch_lstm(encoder)(packed)
    padded, lengths = pad_packed_sequence(states)
    expected = np.zeros((len(ids), encoder.size), np.float32)
    for column, i in enumerate(known):
        own = padded[: lengths[column], column]
        pooled = {
            "mean": own.mean(0), "max": own.amax(0), "last": torch.cat(list(last[:, column])),
        }  # fmt: skip
        expected[i] = pooled[encoder.pooling].numpy()
    return expected


def by_hand(encoder: LSTMEncoder, text: NDArray[np.int32]) -> NDArray[np.float64]:
    """One text, one token after the other, in float64."""

    def sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return 1 / (1 + np.exp(-x))

    parts = []
    for name in encoder.directions:
        W, U, b = (encoder.weights_[f"{name}.{part}"].astype(np.float64)
                   for part in ("input", "recurrent", "bias"))  # fmt: skip
        h = c = np.zeros(encoder.units)
        states = []
        for word in text if name == "forward" else text[::-1]:
            i, f, g, o = np.split(W @ encoder.matrix_[word] + U @ h + b, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            states.append(h)
        pooled = {"mean": np.mean(states, 0), "max": np.max(states, 0), "last": states[-1]}
        parts.append(pooled[encoder.pooling])
    return np.concatenate(parts)


# Prediction, without torch


@every_pooling
@both
def test_numpy_computes_what_torch_s_packed_sequences_do(
    vectors: WordVectors, pooling: Pooling, bidirectional: bool
) -> None:
    encoder = fitted(vectors, pooling=pooling, bidirectional=bidirectional)
    ids = random_ids(len(vectors), LENGTHS)
    np.testing.assert_allclose(encoder.transform(ids), by_torch(encoder, ids), atol=1e-5)


@every_pooling
def test_a_text_is_encoded_the_same_alone_and_with_longer_texts(
    vectors: WordVectors, pooling: Pooling
) -> None:
    encoder = fitted(vectors, pooling=pooling)
    ids = random_ids(len(vectors), LENGTHS)
    together = encoder.transform(ids)
    for i in range(len(ids)):
        alone = encoder.transform(TokenIds.from_lists([ids[i].tolist()]))
        np.testing.assert_allclose(alone[0], together[i], atol=1e-6)


def test_last_states_are_those_after_the_last_and_before_the_first_token(
    vectors: WordVectors,
) -> None:
    encoder = fitted(vectors, pooling="last")
    ids = random_ids(len(vectors), [3, 40, 8])
    encoded = encoder.transform(ids)
    for i in range(3):
        np.testing.assert_allclose(encoded[i], by_hand(encoder, ids[i]), atol=1e-5)
    assert encoded.shape == (3, 2 * 5)
    first_changed = TokenIds(ids.ids.copy(), ids.offsets)
    first_changed.ids[0] = (ids.ids[0] + 1) % len(vectors)
    moved = encoder.transform(first_changed)[0] - encoded[0]
    assert np.abs(moved[5:]).max() > 1e-3  # the backward direction reads it last


def test_the_size_of_a_batch_does_not_change_the_vectors(
    vectors: WordVectors, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = fitted(vectors)
    ids = random_ids(len(vectors), [7, 1, 0, 30, 2] * 9)
    expected = encoder.transform(ids)
    monkeypatch.setattr(lstm_module, "BATCH_TOKENS", 20)
    np.testing.assert_allclose(encoder.transform(ids), expected, atol=1e-6)


def test_texts_without_a_known_word_are_all_zero(vectors: WordVectors) -> None:
    encoder = fitted(vectors)
    assert not encoder.transform(["", "zzz"]).any()
    assert encoder.transform([]).shape == (0, 10)


def test_texts_and_their_ids_give_the_same_vectors_and_a_single_str_is_refused(
    vectors: WordVectors,
) -> None:
    encoder = fitted(vectors)
    texts = ["good film", "the plot was dull", "zzz"]
    np.testing.assert_array_equal(
        encoder.transform(texts), encoder.head_input(encoder.sequences(texts))
    )
    np.testing.assert_array_equal(
        encoder.transform(iter(texts)), encoder.transform(vectors.encode(texts))
    )
    with pytest.raises(InputError, match="single str"):
        encoder.transform("good film")


def test_the_order_of_words_matters(vectors: WordVectors) -> None:
    encoder = fitted(vectors)
    a, b = encoder.transform(["good film bad plot", "bad film good plot"])
    assert np.abs(a - b).max() > 1e-3


def test_long_texts_are_cut_to_their_start_and_end(vectors: WordVectors) -> None:
    encoder = fitted(vectors, max_tokens=4)
    long, short = "film good bad plot dull", "film bad plot dull"
    np.testing.assert_array_equal(*encoder.transform([long, short]))


# Training, with torch


@every_pooling
@both
def test_training_computes_the_same_vectors_as_prediction(
    vectors: WordVectors, pooling: Pooling, bidirectional: bool
) -> None:
    encoder = fitted(vectors, pooling=pooling, bidirectional=bidirectional)
    ids = random_ids(len(vectors), LENGTHS)
    layers = encoder.layers(encoder.weights_, "cpu")
    with torch.no_grad():
        found = layers.encode(torch.tensor(encoder.matrix_), ids, 0.0, torch.Generator())
    np.testing.assert_allclose(found.numpy(), by_torch(encoder, ids), atol=1e-5)


@every_pooling
def test_gradients_agree_with_finite_differences_and_padding_adds_nothing(
    vectors: WordVectors, pooling: Pooling
) -> None:
    encoder = fitted(vectors, units=2, pooling=pooling)
    ids = random_ids(len(vectors), [3, 1, 6])
    along = np.random.default_rng(5).normal(size=(3, 4))
    layers = encoder.layers(encoder.weights_, "cpu")
    rows = torch.tensor(encoder.matrix_, requires_grad=True)
    encoded = layers.encode(rows, ids, 0.0, torch.Generator())
    torch.autograd.backward((encoded * torch.tensor(along)).sum())

    def value() -> float:
        return float(sum(along[i] @ by_hand(encoder, ids[i]) for i in range(3)))

    assert rows.grad is not None
    encoder.matrix_ = encoder.matrix_.astype(np.float64)  # type: ignore[assignment]
    arrays = {name: array.astype(np.float64) for name, array in encoder.weights_.items()}
    encoder.weights_ = arrays  # type: ignore[assignment]
    gradients = {name: p.grad for name, p in layers.parameters.items()} | {"rows": rows.grad}
    rng = np.random.default_rng(6)
    for name, array in (arrays | {"rows": encoder.matrix_}).items():
        gradient = gradients[name]
        assert gradient is not None
        for place in map(tuple, rng.integers(0, array.shape, (12, array.ndim)).tolist()):
            before, slopes = array[place], []
            for step in (1e-5, -1e-5):
                array[place] = before + step
                slopes.append(value() / (2 * step))
            array[place] = before
            assert float(gradient[place]) == pytest.approx(sum(slopes), abs=2e-4)
    unread = np.setdiff1d(np.arange(len(vectors)), ids.ids)
    assert not rows.grad[unread].any()  # the padding's word 0, if no text has it, included


def test_torch_s_global_generator_is_not_used(vectors: WordVectors) -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    encoder = fitted(vectors)
    encoder.layers(encoder.weights_, "cpu")
    assert torch.equal(torch.rand(3), expected)


# The start, settings, files


def test_the_start_is_drawn_by_the_seed_with_open_forget_gates(vectors: WordVectors) -> None:
    a, b, c = (LSTMEncoder(vectors, 3, seed=seed).fit([]) for seed in (1, 1, 2))
    assert all((a.start_[name] == b.start_[name]).all() for name in a.start_)
    assert (a.start_["forward.input"] != c.start_["forward.input"]).all()
    assert (a.start_["forward.input"] != a.start_["backward.input"]).all()
    assert a.start_["backward.bias"].tolist() == [0] * 3 + [1] * 3 + [0] * 6
    bound = np.sqrt(6 / (3 + 3))
    assert np.abs(a.start_["forward.recurrent"]).max() <= bound


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"units": 0}, "units=0 is not allowed; it must be an integer of at least 1"),
        ({"max_tokens": 2.5}, "max_tokens=2.5 is not allowed"),
        ({"pooling": "sum"}, "pooling='sum' is not allowed; it must be 'mean', 'max' or 'last'"),
        ({"tuning": None}, "tuning=None is not allowed; it must be a Tuning"),
        ({"seed": -1}, "seed=-1 is not allowed"),
        ({"vectors": None}, "has no word vectors; pass vectors="),
    ],
)
def test_settings_that_cannot_work_are_named(
    vectors: WordVectors, settings: dict[str, Any], message: str
) -> None:
    encoder = LSTMEncoder(**{"vectors": vectors} | settings)
    with pytest.raises(SettingError, match=message):
        encoder.fit(["good film"])


@pytest.mark.parametrize(
    ("kind", "settings", "message"),
    [
        (
            Tuning,
            {"vectors_rate": -0.1},
            "vectors_rate=-0.1 is not allowed; it must be a number of at least 0",
        ),
        (
            Tuning,
            {"dropout": 1.0},
            "dropout=1.0 is not allowed; it must be a number of at least 0 and below 1",
        ),
        (Tuning, {"clip": 0}, "clip=0 is not allowed; it must be a number above 0, or None"),
    ],
)
def test_settings_that_are_not_allowed_are_refused(
    kind: type[Tuning], settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        kind(**settings)


def test_fields_of_tuning_are_set_through_the_encoder(vectors: WordVectors) -> None:
    encoder = LSTMEncoder(vectors, tuning=Tuning(layers_rate=3))
    encoder.set_params(tuning__dropout=0.5)
    assert encoder.tuning == Tuning(layers_rate=3, dropout=0.5)
    assert encoder.get_params()["tuning__layers_rate"] == 3
    with pytest.raises(SettingError, match="Tuning has no parameter dropuot; it has vectors_rate"):
        encoder.set_params(tuning__dropuot=0.5)


@pytest.mark.parametrize(
    "settings",
    [{}, {"pooling": "last", "bidirectional": False}, {"units": np.int64(4), "max_tokens": 3}],
)
def test_the_state_gives_back_the_same_encoder(
    vectors: WordVectors, settings: dict[str, Any]
) -> None:
    encoder = fitted(vectors, **settings)
    matrix = vectors.matrix.copy()
    matrix[[2, 40]] += 1
    encoder = encoder.learnt(encoder.weights_, matrix)
    facts, tensors = encoder.state()
    assert tensors["moved.words"].tolist() == [2, 40]
    copy = LSTMEncoder.from_state(facts, tensors, vectors)
    assert copy.get_params(deep=False) == encoder.get_params(deep=False)
    texts = [*map(" ".join, zip(vectors.words, vectors.words[7:], strict=False)), ""]
    np.testing.assert_array_equal(copy.transform(texts), encoder.transform(texts))
    for name, array in encoder.start_.items():
        np.testing.assert_array_equal(copy.start_[name], array)


def test_a_state_with_former_settings_of_tuning_loads(vectors: WordVectors) -> None:
    encoder = fitted(vectors)
    facts, tensors = encoder.state()
    tuning = facts["tuning"] | {"unfreeze_every": 2, "l2_sp": 100.0}  # written until 2026-11-28
    copy = LSTMEncoder.from_state(facts | {"tuning": tuning}, tensors, vectors)
    assert copy.tuning == encoder.tuning
    np.testing.assert_array_equal(copy.transform(["a b"]), encoder.transform(["a b"]))


def test_a_state_of_an_lstm_pretrained_as_a_language_model_loads(vectors: WordVectors) -> None:
    encoder = fitted(vectors)
    facts, tensors = encoder.state()
    settings = {"epochs": 1, "batch_size": 64, "window": 32, "negatives": 9, "device": "cpu"}
    for former in (None, settings):  # written until 2026-11-28
        copy = LSTMEncoder.from_state(facts | {"language_model": former}, tensors, vectors)
        np.testing.assert_array_equal(copy.transform(["a b"]), encoder.transform(["a b"]))
        assert "language_model" not in copy.state()[0]


@pytest.mark.parametrize(
    "facts",
    [{"units": "5"}, {"tuning": {"dropout": 2}}, {"tuning": None}, {"pooling": "x"}, {"y": 1}],
)
def test_a_state_with_other_facts_is_refused(vectors: WordVectors, facts: dict[str, Any]) -> None:
    own, tensors = fitted(vectors).state()
    with pytest.raises(ModelFileError):
        LSTMEncoder.from_state(own | facts, tensors, vectors)


def test_inside_a_classifier_the_vectors_are_set(world: World) -> None:
    encoder = LSTMEncoder(units=4)
    model = SentimentClassifier(vectors=world.vectors, encoder=encoder).pretrain(world.unlabelled)
    assert model.encoder_.vectors is world.vectors
    assert encoder.vectors is None
