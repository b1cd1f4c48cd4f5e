"""Folders of model2vec."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from sentiment_transfer import WordVectors
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TOKENS = ["[PAD]", "[UNK]", "good", "##ing", "dull", "café"]
ROWS = np.arange(18, dtype=np.float32).reshape(6, 3)
WORD_PIECE = {
    "type": "WordPiece",
    "unk_token": "[UNK]",
    "continuing_subword_prefix": "##",
    "vocab": {token: i for i, token in enumerate(TOKENS)},
}


def folder(
    place: Path, model: dict[str, Any], tensors: dict[str, NDArray[Any]], *more: dict[str, Any]
) -> Path:
    """The layout of ``StaticModel.save_pretrained``."""
    place.mkdir(exist_ok=True)
    added = [{"id": 0, "content": "[PAD]", "special": True}, *more]
    tokenizer = {"version": "1.0", "added_tokens": added, "model": model}
    (place / "tokenizer.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    save_file(tensors, place / "model.safetensors")
    return place


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as raised:
        WordVectors.read(path, "model2vec")
    assert raised.value.path == str(path)
    return str(raised.value)


def test_whole_words_have_the_rows_of_their_tokens(tmp_path: Path) -> None:
    path = folder(tmp_path / "m", WORD_PIECE, {"embeddings": ROWS})
    skipped = r"3 of 6 words are skipped: 2 special \(.* word 0\), 1 a piece of a word \(.* word 3"
    with pytest.warns(UserWarning, match=skipped):
        found = WordVectors.read(path, "model2vec")
    assert found.words == ("good", "dull", "café")
    np.testing.assert_array_equal(found.matrix, ROWS[[2, 4, 5]])
    with pytest.warns(UserWarning, match="skipped"):
        assert WordVectors.read(path, "model2vec", limit=1).words == ("good",)


@pytest.mark.filterwarnings("ignore:.*skipped")
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i1"])
def test_rows_are_mapped_and_weighted_as_model2vec_does(tmp_path: Path, dtype: str) -> None:
    tensors = {
        "embeddings": ROWS[:2].astype(dtype),
        "mapping": np.array([0, 0, 1, 0, 0, 1]),
        "weights": np.array([1, 1, 0.5, 1, 2, 4]),
    }
    found = WordVectors.read(folder(tmp_path / "m", WORD_PIECE, tensors), "model2vec")
    assert found["good"].tolist() == [3 * 0.5, 4 * 0.5, 5 * 0.5]
    assert found["dull"].tolist() == [0, 2, 4]
    assert found["café"].tolist() == [12, 16, 20]


@pytest.mark.filterwarnings("ignore:.*skipped")
def test_words_of_unigram_begin_with_a_mark(tmp_path: Path) -> None:
    vocab = [["[PAD]", 0], ["<unk>", 0], ["▁good", -1], ["ing", -2], ["▁", -3], ["▁好看", -4]]
    model = {"type": "Unigram", "unk_id": 1, "vocab": vocab}
    found = WordVectors.read(folder(tmp_path / "m", model, {"embeddings": ROWS}), "model2vec")
    assert found.words == ("good", "好看")
    np.testing.assert_array_equal(found.matrix, ROWS[[2, 5]])


@pytest.mark.filterwarnings("ignore:.*skipped")
def test_words_that_were_added_to_the_tokenizer_are_words(tmp_path: Path) -> None:
    added = {"id": 6, "content": "wow", "special": False}
    rows = np.vstack([ROWS, [[7, 7, 7]]]).astype(np.float32)
    path = folder(tmp_path / "m", WORD_PIECE, {"embeddings": rows}, added)
    assert WordVectors.read(path, "model2vec")["wow"].tolist() == [7, 7, 7]


@pytest.mark.parametrize(
    "model",
    [
        {"type": "BPE", "vocab": {"Ġgood": 0, "ing": 1}},
        {"type": "BPE", "vocab": {"good</w>": 0, "ing</w>": 1}, "end_of_word_suffix": "</w>"},
        {"type": "Unigram", "vocab": [["good", 0], ["ing", 0]]},
        {"type": "WordPiece", "vocab": {"good": 0}, "continuing_subword_prefix": ""},
    ],
    ids=["bytes", "ends of words", "no mark", "no prefix"],
)
def test_words_that_cannot_be_told_from_pieces_are_refused(
    tmp_path: Path, model: dict[str, Any]
) -> None:
    message = refusal(folder(tmp_path / "m", model, {"embeddings": ROWS}))
    assert f"its tokenizer ({model['type']}) does not mark which tokens are whole words" in message


def test_a_folder_without_its_files_is_refused(tmp_path: Path) -> None:
    assert "a folder with model.safetensors and tokenizer.json" in refusal(tmp_path)
    assert "a folder with model.safetensors" in refusal(tmp_path / "none")


@pytest.mark.parametrize(
    "tensors",
    [
        {"embeddings": ROWS[:5]},
        {"embeddings": ROWS[0]},
        {"other": ROWS},
        {"embeddings": ROWS, "mapping": np.full(6, 6)},
        {"embeddings": ROWS, "mapping": np.full(6, -1)},
        {"embeddings": ROWS, "weights": np.ones(3)},
    ],
    ids=["too few", "a vector", "none", "above", "below", "weights"],
)
def test_tensors_that_do_not_fit_are_refused(
    tmp_path: Path, tensors: dict[str, NDArray[Any]]
) -> None:
    path = folder(tmp_path / "m", WORD_PIECE, tensors)
    assert "its parts do not fit together" in refusal(path)


def test_rows_that_are_not_finite_are_named(tmp_path: Path) -> None:
    rows = ROWS.copy()
    rows[4, 1] = np.nan
    path = folder(tmp_path / "m", WORD_PIECE, {"embeddings": rows})
    assert "word 4: the vector of 'dull' holds NaN" in refusal(path)


@pytest.mark.filterwarnings("ignore:.*skipped")
@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_mutated_folder_is_refused_or_read_as_finite_vectors(tmp_path: Path, name: str) -> None:
    path = folder(tmp_path / "m", WORD_PIECE, {"embeddings": ROWS, "mapping": np.arange(6)})
    content, rng = (path / name).read_bytes(), np.random.default_rng(12)
    refused = 0
    for _ in range(500):
        mutant = bytearray(content)
        for at in rng.integers(len(mutant), size=rng.integers(1, 4)):
            mutant[at] = rng.choice([rng.integers(256), *b'{}[]",019-'])
        cut = rng.integers(len(mutant)) if rng.random() < 0.3 else None
        (path / name).write_bytes(mutant[:cut])
        try:
            found = WordVectors.read(path, "model2vec")
        except InputError:
            refused += 1
        else:
            assert np.isfinite(found.unit_matrix).all()
            assert len(set(found.words)) == len(found)
    assert 0 < refused < 500


def test_model2vec_is_read_and_not_written(vectors: WordVectors, tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="format='model2vec' is not allowed; it can be read"):
        vectors.write(tmp_path / "m", "model2vec")
