"""Contract of every encoder and every head."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sentiment_transfer import AveragingEncoder, HiddenLayerClassifier, LSTMEncoder
from sentiment_transfer.classification import LinearHead, Training
from sentiment_transfer.encoding import TunedAveragingEncoder
from sentiment_transfer.errors import InputError, NotFittedError
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import World
    from numpy.typing import NDArray

    from sentiment_transfer.pretraining import WordVectors

ENCODERS: dict[str, Callable[[WordVectors], Any]] = {
    "averages": AveragingEncoder,
    "tuned averages": TunedAveragingEncoder,
    "LSTM, max": lambda vectors: LSTMEncoder(vectors, 6),
    "LSTM, last": lambda vectors: LSTMEncoder(vectors, 6, pooling="last"),
    "LSTM, mean, one way": lambda v: LSTMEncoder(v, 6, pooling="mean", bidirectional=False),
    "polarity": PolarityEncoder,
}
EVERY_ENCODER = pytest.mark.parametrize("make", ENCODERS.values(), ids=ENCODERS)
TEXTS = ["A great film.", "", "Not good at all, a dull plot", "zzz qqq", "great great film"]


def rows(features: Any) -> NDArray[np.float32]:  # noqa: ANN401
    """The sentence vectors of whatever an encoder gives."""
    matrix: NDArray[np.float32] = getattr(features, "plain_mean", features)
    return matrix


@pytest.fixture
def fitted(make: Callable[[WordVectors], Any], world: World) -> Any:  # noqa: ANN401
    return make(world.vectors).fit(world.unlabelled)


@EVERY_ENCODER
def test_an_encoder_gives_a_finite_float32_row_for_each_text(fitted: Any) -> None:  # noqa: ANN401
    encoded = rows(fitted.transform(TEXTS))
    assert encoded.dtype == np.float32
    assert encoded.ndim == 2
    assert len(encoded) == len(TEXTS)
    assert np.isfinite(encoded).all()
    assert rows(fitted.transform([])).shape == (0, encoded.shape[1])


@EVERY_ENCODER
def test_a_text_without_a_known_word_is_all_zero_and_no_other_is(fitted: Any) -> None:  # noqa: ANN401
    assert rows(fitted.transform(TEXTS)).any(axis=1).tolist() == [True, False, True, False, True]


@EVERY_ENCODER
def test_a_text_is_encoded_the_same_alone_and_with_others(fitted: Any) -> None:  # noqa: ANN401
    together = rows(fitted.transform(TEXTS))
    alone = np.concatenate([rows(fitted.transform([text])) for text in TEXTS])
    np.testing.assert_allclose(alone, together, atol=1e-6)
    np.testing.assert_allclose(rows(fitted.transform(iter(TEXTS))), together, atol=1e-6)


@EVERY_ENCODER
def test_an_encoder_refuses_a_single_str_and_raises_if_not_fitted(
    make: Callable[[WordVectors], Any],
    fitted: Any,  # noqa: ANN401
    world: World,
) -> None:
    with pytest.raises(InputError, match="single str"):
        fitted.transform("great film")
    with pytest.raises(NotFittedError):
        make(world.vectors).transform(TEXTS)


@EVERY_ENCODER
def test_from_state_gives_the_same_encoder(fitted: Any, world: World) -> None:  # noqa: ANN401
    again = type(fitted).from_state(*fitted.state(), world.vectors)
    assert again.get_params(deep=False) == fitted.get_params(deep=False)
    np.testing.assert_array_equal(rows(again.transform(TEXTS)), rows(fitted.transform(TEXTS)))


@EVERY_ENCODER
def test_a_second_fit_of_an_encoder_does_not_depend_on_the_first(
    make: Callable[[WordVectors], Any],
    fitted: Any,  # noqa: ANN401
    world: World,
) -> None:
    twice = make(world.vectors).fit(world.texts).fit(world.unlabelled)
    np.testing.assert_array_equal(rows(twice.transform(TEXTS)), rows(fitted.transform(TEXTS)))


# Heads


class Linear:
    """`LinearHead` of a fitted logistic regression."""

    def fit(self, X: Any, y: Any) -> LinearHead:  # noqa: ANN401
        return LinearHead.of(LogisticRegression(C=100).fit(X, y))


QUICK = Training(epochs=30)
HEADS: dict[str, Callable[[], Any]] = {
    "hidden layer": lambda: HiddenLayerClassifier(8, training=QUICK),
    "hidden layer, tanh": lambda: HiddenLayerClassifier(8, "tanh", training=QUICK),
    "linear": Linear,
    "informed": PolarityClassifier,
}
EVERY_HEAD = pytest.mark.parametrize("make", HEADS.values(), ids=HEADS)
EVERY_COUNT = pytest.mark.parametrize("k", [2, 3])


def labelled(
    make: Callable[[], Any], world: World, k: int, n: int = 60
) -> tuple[Any, NDArray[np.str_]]:
    """Features as the head takes them, and labels by the texts' vectors, out of order."""
    encoder: Any = PolarityEncoder if make is PolarityClassifier else AveragingEncoder
    features = encoder(world.vectors).fit(world.unlabelled).transform(world.texts[:n])
    along = rows(features)[:, 0]
    places = np.digitize(along, np.quantile(along, np.arange(1, k) / k))
    return features, np.array(["second", "first", "third"])[places]


@EVERY_HEAD
@EVERY_COUNT
def test_a_head_learns_and_returns_probabilities_in_the_order_of_its_classes(
    make: Callable[[], Any], world: World, k: int
) -> None:
    X, y = labelled(make, world, k)
    head = make().fit(X, y)
    p = head.predict_proba(X)
    assert head.classes_.tolist() == sorted(set(y.tolist()))
    assert p.shape == (len(y), k)
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1, atol=1e-6)
    assert np.mean(head.classes_[p.argmax(axis=1)] == y) > 1.7 / k


@EVERY_HEAD
@EVERY_COUNT
def test_a_probability_depends_on_its_own_row_only(
    make: Callable[[], Any], world: World, k: int
) -> None:
    X, y = labelled(make, world, k)
    head = make().fit(X, y)
    some = np.array([7, 3, 11])
    np.testing.assert_allclose(head.predict_proba(X[some]), head.predict_proba(X)[some], atol=1e-6)
    assert head.predict_proba(X[some[:0]]).shape == (0, k)


@EVERY_HEAD
def test_two_fits_of_a_head_are_equal_and_do_not_change_the_input(
    make: Callable[[], Any], world: World
) -> None:
    X, y = labelled(make, world, 2)
    before = rows(X).copy(), y.copy()
    first, second = (make().fit(X, y).predict_proba(X) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(rows(X), before[0])
    np.testing.assert_array_equal(y, before[1])


@EVERY_HEAD
def test_a_head_refuses_labels_of_one_class(make: Callable[[], Any], world: World) -> None:
    X, y = labelled(make, world, 2)
    with pytest.raises(ValueError, match="class"):
        make().fit(X, np.repeat(y[:1], len(y)))


@EVERY_HEAD
@EVERY_COUNT
def test_from_state_gives_the_same_head(make: Callable[[], Any], world: World, k: int) -> None:
    X, y = labelled(make, world, k)
    head = make().fit(X, y)
    again = type(head).from_state(*head.state())
    assert again.classes_.tolist() == head.classes_.tolist()
    np.testing.assert_allclose(again.predict_proba(X), head.predict_proba(X), atol=1e-7)


@EVERY_HEAD
def test_a_second_fit_of_a_head_does_not_depend_on_the_first(
    make: Callable[[], Any], world: World
) -> None:
    X, y = labelled(make, world, 2)
    head = make()
    head.fit(X, labelled(make, world, 3)[1])
    np.testing.assert_array_equal(
        head.fit(X, y).predict_proba(X), make().fit(X, y).predict_proba(X)
    )
