"""Matrices in fewer bits: what is lost, by hand arithmetic, and what must not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from sentiment_transfer import SentimentClassifier, WordVectors, load
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.pretraining.precision import compress, restore
from sentiment_transfer.storage import load_file
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from sentiment_transfer.pretraining.precision import Precision

SMALL: tuple[Precision, ...] = ("float16", "int8")


def random_matrix(rows: int = 200, columns: int = 30) -> np.ndarray:
    rng = np.random.default_rng(5)
    scales = 10.0 ** rng.uniform(-6, 3, size=(rows, 1))
    return (rng.standard_normal((rows, columns)) * scales).astype(np.float32)


def some_vectors(n_words: int = 50) -> WordVectors:
    words = tuple(f"word{i}" for i in range(n_words))
    counts = np.arange(n_words, 0, -1, dtype=np.int64)
    return WordVectors(Vocabulary(words, counts), random_matrix(n_words, 7), Tokenizer("en"))


def test_int8_rounds_to_the_nearest_of_127_steps() -> None:
    # the step is 1.27 / 127 = 0.01, cut to 16 bits
    tensors = compress(np.array([[1.27, -0.5, 0.0149, 0.0151, -0.004]], np.float32), "int8")
    assert tensors["vectors"].tolist() == [[127, -50, 1, 2, 0]]
    assert tensors["vectors"].dtype == np.int8
    assert tensors["vectors.steps"].dtype == np.float32
    assert 0.01 * (1 - 2**-15) <= tensors["vectors.steps"][0] <= 0.01


def test_int8_treats_both_signs_alike() -> None:
    matrix = random_matrix()
    np.testing.assert_array_equal(
        compress(-matrix, "int8")["vectors"], -compress(matrix, "int8")["vectors"]
    )


def test_int8_is_off_by_at_most_half_a_step_of_its_own_row() -> None:
    matrix = random_matrix()
    error = np.abs(restore(compress(matrix, "int8")).astype(np.float64) - matrix)
    # half of a step, which is at most a 127th of the largest value; 2^-22 for float32 arithmetic
    bound = np.abs(matrix).max(axis=1) / 127 / 2 * (1 + 2**-22)
    assert (error <= bound[:, None]).all()
    assert (error.max(axis=1) > 0.5 * bound).all()  # the bound is not idle


def test_int8_of_a_row_of_zeros_is_zeros() -> None:
    matrix = np.array([[0, 0, 0], [1, 0, -1]], np.float32)
    tensors = compress(matrix, "int8")
    assert tensors["vectors.steps"][0] == 0
    np.testing.assert_allclose(restore(tensors), matrix, rtol=2**-15)


def test_int8_survives_the_largest_and_the_smallest_floats() -> None:
    info = np.finfo(np.float32)
    matrix = np.array([[info.max, -info.max], [1e-36, -1e-37], [1e-45, -1e-45]], np.float32)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        restored = restore(compress(matrix, "int8"))
    assert np.isfinite(restored).all()
    np.testing.assert_allclose(restored[0], matrix[0], rtol=2**-15)
    assert restored[1:].tolist() == [[0, 0], [0, 0]]  # too small for a step of full precision


def test_float16_is_off_by_at_most_a_2048th() -> None:
    matrix = random_matrix()
    error = np.abs(restore(compress(matrix, "float16")).astype(np.float64) - matrix)
    assert (error <= np.maximum(np.abs(matrix) * 2.0**-11, 2.0**-25)).all()


def test_float16_refuses_what_would_become_infinite_and_says_what_to_do() -> None:
    fits = np.array([[65_519.0, -65_504.0]], np.float32)
    assert restore(compress(fits, "float16")).tolist() == [[65_504.0, -65_504.0]]
    with pytest.raises(InputError, match=r"65520 does not fit float16.*use int8"):
        compress(np.array([[1.0, -65_520.0]], np.float32), "float16")


def test_an_unknown_dtype_is_refused_by_name() -> None:
    with pytest.raises(
        SettingError, match=r"dtype='int4' is not allowed; .*'float32', 'float16' or"
    ):
        compress(random_matrix(), "int4")  # type: ignore[arg-type]


@pytest.mark.parametrize("dtype", SMALL)
@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (3, 0)])
def test_empty_matrices_keep_their_shape(dtype: Precision, shape: tuple[int, int]) -> None:
    assert restore(compress(np.zeros(shape, np.float32), dtype)).shape == shape


@pytest.mark.parametrize("dtype", ["float32", *SMALL])
def test_compressing_again_loses_nothing_more(dtype: Precision) -> None:
    once = compress(random_matrix(), dtype)
    twice = compress(restore(once), dtype)
    assert once.keys() == twice.keys()
    for name, tensor in once.items():
        assert tensor.tobytes() == twice[name].tobytes()


@pytest.mark.parametrize("dtype", ["float32", *SMALL])
def test_a_file_saved_loaded_and_saved_has_the_same_bytes(tmp_path: Path, dtype: Precision) -> None:
    some_vectors().save(tmp_path / "a", dtype=dtype)
    loaded = WordVectors.load(tmp_path / "a")
    loaded.save(tmp_path / "b", dtype=dtype)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert loaded.matrix.dtype == np.float32
    assert loaded.counts.dtype == np.int64


def test_smaller_files_hold_the_same_words_counts_and_facts(tmp_path: Path) -> None:
    vectors = some_vectors()
    sizes = []
    for dtype in ("float32", *SMALL):
        vectors.save(tmp_path / dtype, dtype=dtype)
        loaded = WordVectors.load(tmp_path / dtype)
        assert loaded.words == vectors.words
        assert loaded.counts.tolist() == vectors.counts.tolist()
        sizes.append(load_file(tmp_path / dtype).tensors["vectors"].nbytes)
    assert sizes == [50 * 7 * 4, 50 * 7 * 2, 50 * 7]


def test_a_classifier_saved_in_int8_predicts_nearly_the_same(tmp_path: Path) -> None:
    good = [f"a great lovely wonderful story number{i} excellent" for i in range(40)]
    bad = [f"a bad awful boring plot number{i} terrible" for i in range(40)]
    model = SentimentClassifier(seed=3).pretrain(good + bad)
    model.fit(good[:4] + bad[:4], ["positive"] * 4 + ["negative"] * 4)
    for dtype in ("float32", *SMALL):
        model.save(tmp_path / dtype, dtype=dtype)
    exact = model.predict_proba(good + bad)
    for dtype in SMALL:
        loaded = load(tmp_path / dtype)
        assert isinstance(loaded, SentimentClassifier)
        np.testing.assert_allclose(loaded.predict_proba(good + bad), exact, atol=0.03)
    stored = load_file(tmp_path / "int8").tensors
    assert stored["vectors/vectors"].dtype == np.int8
