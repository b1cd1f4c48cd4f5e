"""The measurement of languages: the same draws for every method, and what its table shows."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from scripts.accuracy import languages
from scripts.accuracy.language_arms import ARMS, CHARACTERS, OWN, SHIPPED, WORDS, Split, Texts
from scripts.accuracy.languages import Plan, measure, splits, table

if TYPE_CHECKING:
    from pathlib import Path

GOOD, BAD = ("enak", "ramah", "puas"), ("buruk", "kotor", "kecewa")


def sentence(words: tuple[str, ...], i: int) -> str:
    return f"tempat nomor {i} {words[i % 3]} dan {words[(i + 1) % 3]}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A set of Indonesian texts, half of them positive, one of which is in both parts."""
    monkeypatch.setenv("SENTIMENT_TRANSFER_CORPORA", str(tmp_path))
    where = tmp_path / "id_smsa"
    where.mkdir()
    for part, first in (("train", 0), ("dev", 69)):
        texts = [sentence(side, i) for i in range(first, first + 70) for side in (BAD, GOOD)]
        rows = pd.DataFrame({"text": texts, "label": [0, 2] * 70})
        rows.to_parquet(where / f"{part}.parquet")
    return where


def test_texts_that_are_tested_are_neither_pretrained_on_nor_drawn(folder: Path) -> None:
    (split,) = splits(Plan("id_smsa", "id"), development=False, most=None)
    assert len(split.test.texts) == 140
    assert len(split.unlabelled) == len(split.pool.texts) == 138
    assert not {*split.unlabelled} & {*split.test.texts}


def test_every_method_gets_the_same_draws_and_tf_idf_none_without_labels(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(languages, "DRAWS", 2)
    methods = [SHIPPED, WORDS, CHARACTERS]
    options = argparse.Namespace(development=False, most=None, arms=methods)
    runs = pd.DataFrame(measure("id_smsa", Plan("id_smsa", "id"), options))
    drawn = {m: {*map(tuple, of[["sampling", "labels", "draw"]].to_numpy().tolist())}
             for m, of in runs.groupby("arm")}  # fmt: skip
    assert drawn[WORDS] == drawn[CHARACTERS]
    assert drawn[SHIPPED] - drawn[WORDS] == {("balanced", 0, 0), ("natural", 0, 0)}
    assert len(drawn[WORDS]) == 2 * 2 * 2
    few = runs[runs["labels"] == 100].groupby("arm")["accuracy"].mean()
    assert few.min() > 90  # six words tell the classes apart


def test_a_shipped_model_is_not_tested_on_what_it_learnt_from(folder: Path) -> None:
    options = argparse.Namespace(development=True, most=None, arms=[SHIPPED])
    assert list(measure("id_smsa", Plan("id_smsa", "id"), options)) == []
    split = Split(["un film"], Texts(["un film"], np.array(["positive"])), Texts([], np.array([])))
    assert ARMS[SHIPPED]("fr", split) is None  # no French model ships


@pytest.mark.parametrize("method", [WORDS, CHARACTERS])
def test_tf_idf_learns_from_the_drawn_texts_alone(method: str) -> None:
    texts = [sentence(side, i) for i in range(6) for side in (BAD, GOOD)]
    labels = np.array(["negative", "positive"] * 6)
    test = Texts(["enak dan ramah", "buruk dan kotor", "zzz"], np.array([]))
    some, more = (
        ARMS[method]("id", Split([], Texts(pool, labels[: len(pool)]), test))
        for pool in (texts[:6], texts)
    )
    assert some is not None
    assert more is not None
    rows = np.arange(6)
    answers = some.predict(rows, 0).tolist()
    assert answers[:2] == ["positive", "negative"]
    assert answers == more.predict(rows, 0).tolist()


def test_a_shipped_model_has_a_row_of_its_own_and_tf_idf_stands_in_the_row_of_own_vectors() -> None:
    about = {"set": "ko_movies", "split": 0, "tested": 9, "sampling": "balanced", "draw": 0}
    known = {"texts": 7, "coverage": 50.0}
    figures = [(OWN, 0, 70), (OWN, 8, 71), (OWN, 100, 72), (SHIPPED, 0, 80), (SHIPPED, 8, 81)]
    figures += [(WORDS, 8, 50), (WORDS, 100, 60), (CHARACTERS, 8, 51)]
    rows = [
        about | {"arm": m, "labels": n, "accuracy": f, "macro-F1": f}
        | (known if m in (OWN, SHIPPED) else {})
        for m, n, f in figures
    ]  # fmt: skip
    own, shipped = table(pd.DataFrame(rows))[2:4]
    assert own == (
        "| ko_movies | own | 7 | 9 | 50 | macro-F1 | balanced | 70.0 | 71.0 | 72.0 | 70 / 71 / 75 |"
        " 50.0 | 51.0 | 60.0 | - |"
    )
    assert shipped.startswith("| ko_movies | shipped | 7 | 9 | 50 | macro-F1 | balanced | 80.0 |")
    assert shipped.endswith("| 81.0 | - |  |  |  |  |  |")
