"""``sentiment-transfer bank``, and ``auto`` in fit and adapt."""

from __future__ import annotations

import io
import json
import re
import sys
from typing import TYPE_CHECKING

import pytest
from conftest import CORPORA

from sentiment_transfer import SentimentClassifier, WordVectors, load, read_texts
from sentiment_transfer.pretraining.bank import FOLDERS, bank_names, bank_path

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

MOVIES = CORPORA / "movies72"
UNLABELLED = MOVIES / "unlabelled.txt"
HELD_OUT = MOVIES / "held_out.csv"


def test_list_has_each_member_with_its_kind_and_size(run: Run) -> None:
    code, out, _ = run("bank", "list")
    assert code == 0
    lines = out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == [*bank_names()]
    for line in lines:
        assert re.search(r"reviews of [\w ,]+  +[\d,]+  +[\d,]+  +[\d,]+  +\d\.\d$", line)


def test_list_of_one_language_as_json(run: Run) -> None:
    code, out, _ = run("bank", "list", "--language", "zh", "--format", "json")
    assert code == 0
    cards = json.loads(out)
    assert [card["name"] for card in cards] == [*bank_names("zh")]
    assert all(card["shipped"] and card["texts"] > 10_000 for card in cards)


@pytest.mark.parametrize("name", bank_names())
def test_a_card_names_texts_labels_and_accuracy(run: Run, name: str) -> None:
    code, out, _ = run("bank", "describe", name)
    assert code == 0
    terms = "CC BY-SA 4.0" if name == "reviews-id" else "free for research"
    for part in (terms, "labels of other texts", "unlabelled texts", "no label"):
        assert part in out
    assert str(bank_path(name)) in out


def test_a_model_file_of_ones_own_has_a_card_without_what_is_not_known(
    run: Run, tmp_path: Path
) -> None:
    path = tmp_path / "own.safetensors"
    SentimentClassifier().pretrain(read_texts(UNLABELLED)).save(path)
    code, out, _ = run("bank", "describe", str(path))
    assert code == 0
    assert re.search(r"^texts +62; \d+ words have a vector$", out, re.MULTILINE)
    assert "unlabelled texts" not in out
    assert "accuracy" not in out


@pytest.mark.parametrize(
    "metadata",
    [
        {"texts": "many"},
        {"teachers": [{"x": 1}]},
        {"accuracy": [1, 2]},
        {"accuracy": {"a": {}}},
        {},
    ],
)
def test_a_card_of_other_people_may_say_anything(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, metadata: dict[str, object]
) -> None:
    model = load("goods-en")
    assert isinstance(model, SentimentClassifier)
    given = model.vectors_
    vectors = WordVectors(given.vocabulary, given.matrix, given.tokenizer, metadata)
    path = tmp_path / "theirs-en.safetensors"
    SentimentClassifier(vectors=vectors).pretrain(read_texts(UNLABELLED)).save(path, dtype="int8")
    monkeypatch.setenv(FOLDERS, str(tmp_path))
    assert run("bank", "describe", "theirs-en")[0] == 0
    code, out, _ = run("bank", "list")
    assert code == 0
    assert "theirs-en" in out


@pytest.mark.filterwarnings("default")
def test_a_broken_file_of_others_is_left_out_of_the_list_with_a_warning(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "junk-en.safetensors").write_bytes(b"junk")
    monkeypatch.setenv(FOLDERS, str(tmp_path))
    code, out, err = run("bank", "list")
    assert code == 0
    assert "junk-en" not in out
    assert f"{tmp_path / 'junk-en.safetensors'} is left out" in err


def test_a_list_of_a_language_without_a_member_is_refused(run: Run) -> None:
    code, _, err = run("bank", "list", "--language", "fr")
    assert code == 2
    assert "no member is for --language fr; there are en, id, ko, zh" in err


def test_a_card_of_something_else_is_refused(run: Run, tmp_path: Path) -> None:
    code, _, err = run("bank", "describe", "hotels-en")
    assert code == 4
    assert "does not exist" in err
    model = load("reviews-en")
    assert isinstance(model, SentimentClassifier)
    model.vectors_.save(tmp_path / "vectors.safetensors")
    code, _, err = run("bank", "describe", str(tmp_path / "vectors.safetensors"))
    assert code == 2
    assert "word vectors alone" in err


def test_judge_shows_each_candidate_and_the_next_command(run: Run) -> None:
    code, out, err = run("bank", "judge", str(UNLABELLED))
    assert code == 0
    for name in bank_names("en"):
        assert name in out
    chosen = re.search(r"^\* (\S+)", out, re.MULTILINE)
    assert chosen
    assert f"{chosen[1]}: " in out.splitlines()[-1]
    assert f"sentiment-transfer adapt {chosen[1]} TEXTS" in err


def test_judge_uses_labels_and_other_files(run: Run, tmp_path: Path) -> None:
    model = load("reviews-en")
    assert isinstance(model, SentimentClassifier)
    path = tmp_path / "own.safetensors"
    SentimentClassifier(vectors=model.vectors_).pretrain(read_texts(UNLABELLED)).save(path)
    arguments = ["--labelled", str(HELD_OUT), "--member", str(path), "--format", "json"]
    code, out, _ = run("bank", "judge", str(UNLABELLED), *arguments)
    assert code == 0
    found = json.loads(out)
    assert found["n_labels"] == 220
    assert [one["name"] for one in found["candidates"]] == [*bank_names("en"), str(path)]
    assert all(0 < one["log_loss"] < 1 for one in found["candidates"])
    assert found["reason"]
    assert found["candidates"][0]["lead"] == 0


@pytest.mark.filterwarnings("default")
def test_judge_warns_of_texts_of_another_language(run: Run) -> None:
    code, _, err = run("bank", "judge", CORPORA / "movies72_zh" / "unlabelled.txt")
    assert code == 0
    assert "look Chinese (zh); use a model of that language, such as reviews-zh" in err


def test_judge_of_another_language(run: Run) -> None:
    chinese = CORPORA / "movies72_zh" / "unlabelled.txt"
    code, out, _ = run("bank", "judge", chinese, "--language", "zh")
    assert code == 0
    assert "reviews-zh" in out
    assert "reviews-en" not in out
    code, _, err = run("bank", "judge", str(UNLABELLED), "--language", "fr")
    assert code == 2
    assert "no member for --language fr" in err


def test_a_folder_of_members_that_is_missing_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(FOLDERS, str(tmp_path / "none"))
    code, _, err = run("bank", "list")
    assert code == 2
    assert f"{tmp_path / 'none'}, which is not a folder" in err


def test_quiet_says_nothing_of_the_choice(run: Run, tmp_path: Path) -> None:
    made = tmp_path / "model.safetensors"
    assert run("adapt", "auto", UNLABELLED, "-o", made, "--quiet") == (0, "", "")
    assert run("fit", HELD_OUT, "--vectors", "auto", "-o", made, "--quiet") == (0, "", "")


def test_adapt_auto_prints_the_choice_and_adapts_that_member(run: Run, tmp_path: Path) -> None:
    made = tmp_path / "adapted.safetensors"
    code, _, err = run("adapt", "auto", str(UNLABELLED), "-o", str(made))
    assert code == 0
    said = re.search(r"^chose (\S+): (.+)$", err, re.MULTILINE)
    assert said
    model = load(made)
    assert isinstance(model, SentimentClassifier)
    assert model.training_summary_.started_from == said[1]
    assert model.training_summary_.n_adaptation_texts == 62
    code, _, err = run("adapt", "reviews-en", str(UNLABELLED), "-o", str(made), "--language", "en")
    assert code == 2
    assert "--language is for the model auto" in err


@pytest.mark.parametrize("unlabelled", [True, False])
def test_fit_auto_chooses_by_texts_and_labels(run: Run, tmp_path: Path, unlabelled: bool) -> None:
    made = tmp_path / "model.safetensors"
    more = ["--unlabelled", str(UNLABELLED)] if unlabelled else []
    code, _, err = run(
        "fit", str(HELD_OUT), "--vectors", "auto", "-o", str(made), "--folds", "0", *more
    )
    assert code == 0
    said = re.search(r"^chose (\S+): (.+)$", err, re.MULTILINE)
    assert said
    assert "220 labels" in said[2]
    model = load(made)
    assert isinstance(model, SentimentClassifier)
    assert model.training_summary_.n_labels == 220
    assert model.training_summary_.started_from == said[1]


def test_fit_auto_reads_standard_input_once(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "model.safetensors"
    stream = io.TextIOWrapper(io.BytesIO(UNLABELLED.read_bytes()), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", stream)
    code, _, err = run("fit", "--vectors", "auto", "--unlabelled", "-", "-o", made)
    assert code == 0, err
    model = load(made)
    assert isinstance(model, SentimentClassifier)
    assert model.training_summary_.n_adaptation_texts == 62
