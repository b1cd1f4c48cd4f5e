"""A cold start imports what it needs, and nothing that takes long."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from sentiment_transfer import (
    AveragingEncoder,
    HiddenLayerClassifier,
    LSTMEncoder,
    SentimentClassifier,
)
from sentiment_transfer.text.bag_of_words import FEW_TEXTS, mean_vectors
from sentiment_transfer.text.vocabulary import TokenIds

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import World

OWN_ENCODERS: dict[str, type[Any]] = {"hidden layer": AveragingEncoder, "LSTM": LSTMEncoder}
HEAVY = ["torch", "gensim", "sklearn", "scipy", "matplotlib", "pandas", "pyarrow", "numba", "nltk"]


def imported_by(code: str, *arguments: object) -> list[str]:
    """Which of the heavy packages a new process has imported after running some code."""
    report = f"import sys, json; print(json.dumps([m for m in {HEAVY} if m in sys.modules]))"
    done = subprocess.run(  # noqa: S603  (our own interpreter and code)
        [sys.executable, "-c", f"{code}\n{report}", *map(str, arguments)],
        check=True,
        capture_output=True,
        text=True,
    )
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture
def saved(world: World, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """A model file: the default stages with ``n`` labels, or another head."""
    model = SentimentClassifier(vectors=world.vectors)
    if request.param in OWN_ENCODERS:
        encoder = OWN_ENCODERS[request.param](world.vectors)
        head = HiddenLayerClassifier(4)
        model = SentimentClassifier(vectors=world.vectors, encoder=encoder, head=head)
    model.pretrain(world.unlabelled)
    if request.param:
        model.fit(*world.few(20))
    model.save(tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


every_kind = pytest.mark.parametrize("saved", [0, 20, *OWN_ENCODERS], indirect=True)


def test_importing_the_package_imports_nothing_heavy() -> None:
    assert imported_by("import sentiment_transfer") == []


@every_kind
def test_a_model_answers_for_a_few_texts_with_numpy_alone(saved: Path) -> None:
    code = (
        "import sys, sentiment_transfer\n"
        "model = sentiment_transfer.load(sys.argv[1])\n"
        "texts = ['It was really stupid.', 'A charming film!', '', 'zzz']\n"
        "model.predict(texts), model.predict_proba(texts), model.coverage(texts)"
    )
    assert imported_by(code, saved) == []


@every_kind
def test_the_command_answers_for_one_text_with_numpy_alone(saved: Path, tmp_path: Path) -> None:
    text = tmp_path / "one.txt"
    text.write_text("It was really stupid.\n", encoding="utf-8")
    code = (
        "import sys\n"
        "sys.argv[1:1] = ['predict']\n"
        "from sentiment_transfer.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
    )
    assert imported_by(code, saved, text) == []


def test_few_texts_have_the_means_they_have_among_many() -> None:
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(300, 7)).astype(np.float32)
    weights = rng.random(300).astype(np.float32)
    weights[0] = 0
    lists = [rng.integers(0, 300, n).tolist() for n in (1, 2, 7, 40, 500)] + [[0], []]
    few, many = TokenIds.from_lists(lists), TokenIds.from_lists(lists + [[]] * FEW_TEXTS)
    assert len(few) <= FEW_TEXTS < len(many)
    for distinct in (True, False):
        for weighting in (None, weights):
            one = mean_vectors(few, vectors, weighting, distinct=distinct)
            other = mean_vectors(many, vectors, weighting, distinct=distinct)
            np.testing.assert_array_equal(one, other[: len(lists)])
            assert one.dtype == other.dtype == np.dtype(np.float32)


def test_word_weights_are_the_same_full_and_sparse(world: World) -> None:
    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    weights = model.fit(*world.few(20)).head_.words_
    grams = model.encode([*world.texts, "film film film", "", "zzz"]).features.grams
    sparse = weights.transform(grams).toarray()
    np.testing.assert_allclose(weights.transform_few(grams), sparse, rtol=1e-6, atol=0)
    assert (np.abs(sparse).sum(axis=1) > 0).sum() > 100
