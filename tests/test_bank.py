"""The bank that ships with the package: it must load quickly, be small, and know good from bad."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from scripts.bank import build
from scripts.corpora import read_set
from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.corpus import split_by_text
from sentiment_transfer.errors import SettingError
from sentiment_transfer.pretraining.bank import bank_names, bank_path
from sentiment_transfer.storage import load_file

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("reviews-en", "films-en", "goods-en", "reviews-zh")

OBVIOUS = {
    "reviews-en": {
        "positive": [
            "What a wonderful film, I loved every minute of it.",
            "Works perfectly, great quality, highly recommend it.",
            "The food was delicious and the staff were friendly.",
            "Not bad at all, I really enjoyed it.",
        ],
        "negative": [
            "It was really stupid.",
            "A boring waste of time, the acting is awful.",
            "It broke after two days and I want a refund.",
            "The food was not good and the service was terrible.",
        ],
    },
    "films-en": {
        "positive": [
            "A moving, clever film with superb acting.",
            "One of the best novels I have read this year.",
            "Funny and touching from the first scene to the last.",
            "I was not bored for a minute.",
        ],
        "negative": [
            "The plot is dull and the dialogue silly.",
            "A tedious, predictable book; I gave up halfway.",
            "Wooden acting, and the script is a mess.",
            "It is not funny at all.",
        ],
    },
    "goods-en": {
        "positive": [
            "It fits perfectly and looks great.",
            "Easy to install, works every time.",
            "My daughter loves it, well worth the price.",
            "Excellent quality, I would buy it again.",
        ],
        "negative": [
            "It broke after two days.",
            "Cheaply made, I returned it for a refund.",
            "The zipper is useless and the fabric is itchy.",
            "Do not waste your money on this.",
        ],
    },
    "reviews-zh": {
        "positive": [
            "房间很干净，服务很好，下次还会来。",
            "味道不错，送餐也快。",
            "这本书写得很精彩，值得推荐。",
        ],
        "negative": [
            "太难吃了，再也不会点了。",
            "房间很脏，服务态度很差。",
            "质量太差，非常失望，后悔买了。",
        ],
    },
}


def classifier(name: str) -> SentimentClassifier:
    model = load(bank_path(name))
    assert isinstance(model, SentimentClassifier)
    return model


@pytest.fixture(scope="module", params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def model(name: str) -> SentimentClassifier:
    return classifier(name)


def test_the_bank_has_english_and_chinese_members_the_general_ones_first() -> None:
    assert bank_names() == NAMES


def test_an_unknown_name_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(
        SettingError, match="no 'reviews-xx'; it has: reviews-en, films-en, goods-en, "
    ):
        bank_path("reviews-xx")


@pytest.mark.parametrize("name", ["../bank/reviews-en", "reviews-en.safetensors", "", "__init__"])
def test_a_name_is_not_a_path(name: str) -> None:
    with pytest.raises(SettingError, match="the bank has no"):
        bank_path(name)


def test_a_file_is_small(name: str) -> None:
    assert bank_path(name).stat().st_size < 4_200_000


def test_a_file_loads_in_well_under_a_second(name: str) -> None:
    load(bank_path(name))  # imports what reading needs
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        load(bank_path(name))
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.5


def test_loading_takes_a_few_times_the_file_in_memory(name: str) -> None:
    program = (
        "import resource, sys; from sentiment_transfer import load; "
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; "
        "before = peak(); model = load(sys.argv[1]); print(peak() - before)"
    )
    pytest.importorskip("resource", reason="memory is measured on POSIX systems only")
    command = [sys.executable, "-c", program, str(bank_path(name))]
    run = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    unit = 1 if sys.platform == "darwin" else 1024
    assert int(run.stdout) * unit < 60e6  # float32 rows 10 MB, words, and what reading imports


def test_obvious_sentences_are_told_apart_without_a_label(
    name: str, model: SentimentClassifier
) -> None:
    for label, texts in OBVIOUS[name].items():
        assert model.predict(texts).tolist() == [label] * len(texts)


def test_eight_labels_are_enough_to_fit(name: str, model: SentimentClassifier) -> None:
    texts = [t for pair in zip(*OBVIOUS[name].values(), strict=True) for t in pair]
    labels = ["up", "down"] * (len(texts) // 2)
    fitted = classifier(name).fit(texts, labels)
    assert fitted.predict(texts).tolist() == labels


def test_saving_what_was_loaded_gives_the_same_content_again(
    name: str, model: SentimentClassifier, tmp_path: Path
) -> None:
    model.save(tmp_path / "again.safetensors", dtype="int8")
    first, again = load_file(bank_path(name)), load_file(tmp_path / "again.safetensors")
    assert again.manifest == first.manifest
    assert again.tensors.keys() == first.tensors.keys()
    for key, tensor in first.tensors.items():
        assert again.tensors[key].dtype == tensor.dtype
        np.testing.assert_array_equal(again.tensors[key], tensor)


def test_the_card_tells_sources_terms_counts_settings_and_accuracy(
    name: str, model: SentimentClassifier
) -> None:
    card = model.vectors_.metadata
    assert card["bank"] == name
    assert card["kind"].startswith("reviews of ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", card["built"])
    assert sum(source["texts"] for source in card["sources"]) == card["texts"]
    assert all(source["terms"] for source in card["sources"])
    assert {source["name"] for source in card["sources"]} == set(card["accuracy"])
    assert all(0 < f["8_labels_worst"] <= f["8_labels"] < 100 for f in card["accuracy"].values())
    assert card["settings"]["vector_size"] == model.vectors_.vector_size
    assert "no text is contained" in card["note"]


def test_a_file_holds_no_text_and_nothing_rare(name: str, model: SentimentClassifier) -> None:
    stored = load_file(bank_path(name))
    words = model.vectors_.words
    assert max(map(len, words)) <= 40
    assert not [word for word in words if re.search(r"\s|\d{5}|@|https?|www", word)]
    assert model.vectors_.metadata["settings"]["min_texts"] >= 20
    assert model.vectors_.counts.min() >= 20
    assert stored.tensors["encoder/frequency.counts"].min() >= 20
    assert stored.tensors["head/grams"].size == 0  # no word block: it comes with labels
    assert len(json.dumps(stored.manifest)) < 10_000


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("set_name", "name", "least"),
    [
        ("mr", "reviews-en", 70.0),
        ("uci_yelp", "reviews-en", 79.0),
        ("uci_imdb", "reviews-en", 82.0),
        ("uci_amazon", "reviews-en", 78.0),
        ("zh_waimai", "reviews-zh", 80.0),
        ("zh_hotel", "reviews-zh", 76.0),
    ],
)
def test_no_label_at_all_beats_a_floor_on_the_test_halves(
    real_corpora: Path, set_name: str, name: str, least: float
) -> None:
    frame = pd.read_parquet(real_corpora / set_name / "all.parquet")
    labels = np.array(["negative", "positive"])[frame["label"]]
    _, test = split_by_text(frame["text"], labels.tolist(), fractions=(0.5, 0.5), seed=0)
    score = classifier(name).score(frame["text"].iloc[test].tolist(), labels[test].tolist())
    assert 100 * score >= least


@pytest.mark.filterwarnings("ignore:the labels contradict the seed words")  # 62 texts teach little
def test_a_built_file_has_its_card_and_the_same_bytes_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "BANK", tmp_path)
    monkeypatch.setitem(build.TERMS, "movies72", "reviews of one's own; public domain")
    plan = build.Plan(
        "tiny-en", "a few reviews", ("movies72",), 2, ("movies72",), vector_size=8, min_texts=1
    )
    table = build.build(plan)
    path = tmp_path / "tiny-en.safetensors"
    first = path.read_bytes()
    model = load(path)
    assert isinstance(model, SentimentClassifier)
    facts = model.vectors_.metadata
    assert facts["bank"] == "tiny-en"
    assert "adapted" not in repr(model)
    pool, unlabelled, _ = read_set("movies72")
    tokens = [model.vectors_.tokenizer(text) for text in pool.texts + unlabelled]
    known = [np.mean([token in model.vectors_ for token in text]) for text in tokens]
    assert facts["coverage"] == pytest.approx(np.mean(known), abs=1e-4)
    (source,) = facts["sources"]
    assert source["terms"] == "reviews of one's own; public domain"
    (taught,) = model.encoder_.taught_.sources
    assert (taught.name, taught.positive) == ("movies72", pool.labels.count("positive"))
    assert facts["teachers"] == [{"name": "movies72", "terms": source["terms"]}]
    figures = facts["accuracy"]["movies72"]
    assert f"| movies72 | {figures['development_texts']} | {figures['no_label']} |" in table
    build.build(plan)
    assert path.read_bytes() == first
