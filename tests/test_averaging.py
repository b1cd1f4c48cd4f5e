"""Means of word vectors against sums by hand."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer import AveragingEncoder, WordVectors
from sentiment_transfer.errors import InputError
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from conftest import World

DULL, PLOT, WARM = (0.7, 0.8, 0.0), (0.1, 1.5, -1.0), (0.3, 0.6, 2.0)


@pytest.fixture
def three() -> WordVectors:
    words = Vocabulary(("dull", "plot", "warm"), np.array([4, 3, 2]))
    return WordVectors(words, np.array([DULL, PLOT, WARM], np.float32), Tokenizer("en"))


def plain(vectors: WordVectors, **settings: Any) -> AveragingEncoder:  # noqa: ANN401
    return AveragingEncoder(vectors, **{"center": False, "normalize": False} | settings)


def test_a_sentence_is_the_mean_of_its_distinct_words(three: WordVectors) -> None:
    encoded = plain(three).fit(["dull"]).transform(["dull plot warm", "plot dull plot", "", "zzz"])
    expected = [
        [(0.7 + 0.1 + 0.3) / 3, (0.8 + 1.5 + 0.6) / 3, (0.0 - 1.0 + 2.0) / 3],
        [(0.1 + 0.7) / 2, (1.5 + 0.8) / 2, (-1.0 + 0.0) / 2],  # "plot" counts once
        [0.0, 0.0, 0.0],  # the empty sentence
        [0.0, 0.0, 0.0],  # unknown words only
    ]
    np.testing.assert_allclose(encoded, expected, rtol=1e-6)
    assert encoded.dtype == np.float32
    assert encoded.shape == (4, 3)


def test_without_distinct_it_is_the_mean_of_all_tokens(three: WordVectors) -> None:
    encoded = plain(three, distinct=False).fit(["dull"]).transform(["plot dull plot"])
    expected = [[(2 * 0.1 + 0.7) / 3, (2 * 1.5 + 0.8) / 3, (2 * -1.0 + 0.0) / 3]]
    np.testing.assert_allclose(encoded, expected, rtol=1e-6)


def test_unknown_words_and_stop_words_change_nothing(three: WordVectors) -> None:
    encoder = plain(three).fit(["dull"])
    first, second = encoder.transform(["dull plot", "The zzz dull, and the PLOT..."])
    np.testing.assert_array_equal(first, second)


def test_every_word_has_weight_one(three: WordVectors) -> None:
    assert plain(three).fit(["dull"]).weights_.tolist() == [1, 1, 1]


def test_the_centre_is_the_mean_over_fitted_texts_that_have_a_known_word(
    three: WordVectors,
) -> None:
    encoder = plain(three, center=True).fit(["dull", "plot warm", "zzz", ""])
    centre = [(d + (p + w) / 2) / 2 for d, p, w in zip(DULL, PLOT, WARM, strict=True)]
    np.testing.assert_allclose(encoder.mean_, centre, rtol=1e-6)
    expected = [d - c for d, c in zip(DULL, centre, strict=True)]
    found = encoder.transform(["dull", "zzz"])
    np.testing.assert_allclose(found[0], expected, rtol=1e-5, atol=1e-7)
    assert found[1].tolist() == [0, 0, 0]  # not minus the centre


def test_by_default_rows_are_centred_and_of_length_one(three: WordVectors) -> None:
    encoder = AveragingEncoder(three).fit(["dull", "plot warm"])
    away = [d - (d + (p + w) / 2) / 2 for d, p, w in zip(DULL, PLOT, WARM, strict=True)]
    length = sqrt(sum(x * x for x in away))
    found = encoder.transform(["dull", ""])
    np.testing.assert_allclose(found[0], [x / length for x in away], rtol=1e-5, atol=1e-7)
    assert found[1].tolist() == [0, 0, 0]


def test_the_centre_is_zero_if_no_fitted_text_has_a_known_word(three: WordVectors) -> None:
    encoder = AveragingEncoder(three).fit(["zzz", ""])
    assert encoder.mean_.tolist() == [0, 0, 0]
    np.testing.assert_allclose(np.linalg.norm(encoder.transform(["dull"])), 1, rtol=1e-6)


def test_texts_token_ids_and_a_generator_give_the_same_vectors(three: WordVectors) -> None:
    texts = ["dull plot", "warm", "zzz"]
    encoder = AveragingEncoder(three).fit(texts)
    expected = encoder.transform(texts)
    np.testing.assert_array_equal(encoder.transform(three.encode(texts)), expected)
    np.testing.assert_array_equal(encoder.transform(text for text in texts), expected)
    np.testing.assert_array_equal(AveragingEncoder(three).fit_transform(iter(texts)), expected)


def test_a_vector_does_not_depend_on_the_other_texts(world: World) -> None:
    encoder = AveragingEncoder(world.vectors).fit(world.unlabelled)
    together = encoder.transform(world.texts)
    alone = np.concatenate([encoder.transform([text]) for text in world.texts])
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_no_text_gives_no_row_and_cannot_be_fitted_on(three: WordVectors) -> None:
    assert plain(three).fit(["dull"]).transform([]).shape == (0, 3)
    with pytest.raises(InputError, match="no text to fit the encoder on"):
        AveragingEncoder(three).fit([])


def test_a_single_str_is_refused(three: WordVectors) -> None:
    encoder = AveragingEncoder(three).fit(["dull"])
    for use in (encoder.fit, encoder.transform, encoder.fit_transform):
        with pytest.raises(InputError, match="single str"):
            use("dull plot")


@pytest.mark.parametrize("settings", [{}, {"distinct": False}, {"center": False}])
def test_the_state_gives_back_the_same_encoder(
    three: WordVectors, settings: dict[str, Any]
) -> None:
    encoder = AveragingEncoder(three, **settings).fit(["dull plot", "warm"])
    facts, tensors = encoder.state()
    copy = AveragingEncoder.from_state(facts, tensors, three)
    assert copy.get_params(deep=False) == encoder.get_params(deep=False)
    texts = ["dull plot plot", "warm", ""]
    np.testing.assert_array_equal(copy.transform(texts), encoder.transform(texts))


def test_a_state_with_word_weights_loads_and_encodes_with_them(three: WordVectors) -> None:
    facts, tensors = plain(three).fit(["dull"]).state()
    tensors["weights"] = np.array([1.0, 3.0, 1.0], np.float32)
    encoder = AveragingEncoder.from_state(
        facts | {"weighting": "idf", "a": 1e-3},
        tensors,
        three,  # written until 2026-11-28
    )
    expected = [(d + 3 * p) / 4 for d, p in zip(DULL, PLOT, strict=True)]
    np.testing.assert_allclose(encoder.transform(["dull plot"]), [expected], rtol=1e-6)
    assert encoder.state()[1]["weights"].tolist() == [1, 3, 1]
    assert encoder.fit(["dull"]).weights_.tolist() == [1, 1, 1]
