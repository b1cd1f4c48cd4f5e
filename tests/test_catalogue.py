"""Public corpora are read by name, from local copies here, with their columns and labels."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlparse

import fsspec
import pandas as pd
import pytest

from sentiment_transfer import read_labelled, read_texts
from sentiment_transfer.corpus.catalogue import (
    FOLDERS,
    CataloguePart,
    catalogue,
    find_entry,
    is_entry,
)
from sentiment_transfer.corpus.formats import FORMATS
from sentiment_transfer.errors import InputError
from sentiment_transfer.languages.detection import LANGUAGE_NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(FOLDERS, f"/no-such-folder:{tmp_path}")
    return tmp_path


def put(folder: Path, name: str, part: str, frame: pd.DataFrame) -> None:
    """Write each file of a part as a copy."""
    entry = catalogue()[name]
    for url in entry.parts[part].urls:
        path = folder / name / url.rpartition("/")[2]
        path.parent.mkdir(exist_ok=True)
        if entry.format == "parquet":
            frame.to_parquet(path)
        else:
            frame.to_csv(path, sep="\t" if entry.format == "tsv" else ",", index=False)


def test_every_entry_is_complete() -> None:
    for name, entry in catalogue().items():
        assert is_entry(f"catalogue:{name}")
        assert entry.language in LANGUAGE_NAMES
        assert entry.format in FORMATS
        assert "train" in entry.parts
        assert all((entry.about, entry.terms, entry.text, entry.label))
        assert len(set(entry.labels.values()) - {None}) >= 2
        for part in entry.parts.values():
            assert part.texts > 0
            assert all(urlparse(url).scheme == "https" for url in part.urls)
        every = [url.rpartition("/")[2] for part in entry.parts.values() for url in part.urls]
        assert len(set(every)) == len(every)  # copies lie side by side


@pytest.mark.parametrize("name", catalogue())
def test_each_corpus_is_read_with_its_columns_and_the_meaning_of_its_labels(
    copies: Path, name: str
) -> None:
    entry = catalogue()[name]
    known = {label: meaning for label, meaning in entry.labels.items() if meaning is not None}
    texts = [f"text {label}" for label in known]
    frame = pd.DataFrame({"id": range(len(known)), entry.text: texts, entry.label: map(int, known)})
    put(copies, name, "train", frame)
    files = len(entry.parts["train"].urls)
    rows = read_labelled(f"catalogue:{name}")
    assert rows.texts == texts * files
    assert rows.labels == [*known.values()] * files
    assert list(read_texts(f"catalogue:{name}/train")) == texts * files


def test_a_label_that_stands_for_none_is_none(copies: Path) -> None:
    put(copies, "imdb-reviews", "train", pd.DataFrame({"text": ["a", "b"], "label": [1, -1]}))
    rows = read_labelled("catalogue:imdb-reviews", blank="unlabelled")
    assert (rows.texts, rows.labels, rows.unlabelled) == (["a"], ["positive"], ["b"])


def test_a_corpus_is_one_of_several_sources_and_its_part_is_named(
    copies: Path, tmp_path: Path
) -> None:
    put(copies, "nsmc", "test", pd.DataFrame({"id": [1], "document": ["좋다"], "label": [1]}))
    other = tmp_path / "more.txt"
    other.write_text("A dull plot.\n")
    assert list(read_texts(["catalogue:nsmc/test", str(other)])) == ["좋다", "A dull plot."]


def test_another_column_can_be_named(copies: Path) -> None:
    frame = pd.DataFrame({"title": ["Dull"], "content": ["A dull plot"], "label": [0]})
    put(copies, "amazon-polarity", "test", frame)
    assert list(read_texts("catalogue:amazon-polarity/test", text="title")) == ["Dull"]
    assert list(read_texts("catalogue:amazon-polarity/test")) == ["A dull plot"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("catalogue:yelp-polarty", "did you mean 'yelp-polarity'"),
        ("catalogue:nsmc/dev", "nsmc has no part 'dev'; it has train, test"),
        ("catalogue:zzz", "the catalogue has no corpus 'zzz'; it has imdb-reviews, "),
    ],
)
def test_an_unknown_name_is_refused_with_those_there_are(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        find_entry(name)
    with pytest.raises(InputError, match=message):
        read_texts(name)


def test_a_text_that_only_begins_like_a_name_is_a_text() -> None:
    assert list(read_texts(["catalogue: a fine list", "dull"])) == [
        "catalogue: a fine list",
        "dull",
    ]
    assert not is_entry("catalogue:")
    assert not is_entry(None)


def test_without_a_copy_the_address_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDERS, raising=False)
    entry, part = find_entry("catalogue:waimai")
    assert entry.files(part) == [*entry.parts["train"].urls]


def test_an_address_is_opened_like_that_of_any_file(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "memory://catalogue/waimai_10k.csv"
    with fsspec.open(address, "wt", encoding="utf-8") as file:
        file.write("label,review\n0,太差了\n")
    part = CataloguePart(1, (address,))
    monkeypatch.setitem(
        catalogue(), "waimai", replace(catalogue()["waimai"], parts={"train": part})
    )
    rows = read_labelled("catalogue:waimai")
    assert (rows.texts, rows.labels) == (["太差了"], ["negative"])


def test_commands_read_a_corpus_by_name(run: Run, copies: Path) -> None:
    frame = pd.DataFrame({"label": [1, 0], "review": ["很好吃", "太差了"]})
    put(copies, "waimai", "train", frame)
    code, out, _ = run(
        *("advise", "corpus", "catalogue:waimai", "--language", "zh", "--format", "json")
    )
    assert code == 0
    assert json.loads(out)["corpus"]["n_texts"] == 2
    code, out, _ = run("evaluate", "reviews-zh", "catalogue:waimai")
    assert code == 0
    assert "positive" in out
    copy = copies / "waimai" / "waimai_10k.csv"
    code, _, err = run("predict", "reviews-zh", "catalogue:waimai", "-o", copy)
    assert code != 0
    assert "would replace this file, which is read too" in err


def test_the_catalogue_is_listed(run: Run) -> None:
    code, out, _ = run("advise", "catalogue")
    assert code == 0
    assert [line for line in out.splitlines() if not line.startswith(" ")] == [
        f"catalogue:{name}" for name in catalogue()
    ]
    code, out, _ = run("advise", "catalogue", "--language", "ko", "--format", "json")
    assert [entry["name"] for entry in json.loads(out)] == ["nsmc"]
    code, _, err = run("advise", "catalogue", "--language", "xx")
    assert code == 2
    assert "no corpus is for --language xx; there are en, fr, ko, zh" in err
