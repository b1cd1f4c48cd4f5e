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
from scripts.bank.teaching import lessons_of, two_classes
from scripts.corpora import read_set
from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.base.notice import Notice
from sentiment_transfer.corpus import find_overlap
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model import choose_member
from sentiment_transfer.model.coverage import UnknownWordsWarning, guessed_language
from sentiment_transfer.pretraining.bank import bank_names, bank_path
from sentiment_transfer.storage import load_file
from sentiment_transfer.studio.base_model import BaseModel

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("reviews-en", "films-en", "goods-en", "reviews-id", "reviews-ko", "reviews-zh")
LARGEST = {"reviews-id": 700_000, "reviews-ko": 1_500_000, "reviews-zh": 500_000}

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
    "reviews-id": {
        "positive": [
            "tempat nya nyaman , saya pasti kembali lagi .",
            "barang bagus , pengiriman cepat , saya puas .",
            "harga murah , rasa enak",
            "makanan enak dan tidak mahal",
        ],
        "negative": [
            "pelayanan sangat buruk , saya kecewa .",
            "makanan tidak enak dan mahal .",
            "barang rusak , penjual tidak menjawab .",
            "kotor , lambat dan tidak nyaman",
        ],
    },
    "reviews-ko": {
        "positive": [
            "정말 재미있고 감동적인 영화",
            "최고의 명작입니다",
            "배우들 연기가 훌륭하다. 추천합니다",
            "지루하지 않고 재밌어요",
        ],
        "negative": [
            "지루하고 재미없는 영화",
            "최악이다. 돈이 아깝다",
            "스토리도 엉망이고 연기도 별로",
            "하나도 재미있지 않았다",
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


def test_the_bank_has_members_of_four_languages_the_general_ones_first() -> None:
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
    assert bank_path(name).stat().st_size < LARGEST.get(name, 4_200_000)


def test_all_files_together_leave_the_wheel_below_twelve_megabytes() -> None:
    """With 9.1 MB of them it has 8.7 MB: they are hardly smaller when packed."""
    assert sum(bank_path(name).stat().st_size for name in NAMES) < 10_500_000


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


@pytest.mark.parametrize(
    ("text", "language"),
    [("영화가 정말 재미있고 감동적이다", "ko"), ("makanan enak dan tempat nya nyaman", "id")],
)
def test_texts_of_a_language_with_a_member_get_it_where_a_model_is_needed(
    text: str, language: str
) -> None:
    """As Chinese ones do: in the studio, in `report`, in what is said of unknown words."""
    name = f"reviews-{language}"
    texts = [f"{text} {i}" for i in range(30)]
    assert guessed_language(texts) == language
    assert BaseModel.general(language).model.language == language
    with pytest.warns(UnknownWordsWarning, match=f"such as {name}"):
        classifier("reviews-en").adapt(texts)
    choice = choose_member(language, texts)
    assert (choice.name, choice.reason) == (name, "it is the only member")
    with pytest.warns(Notice, match=f"chose {name}"):
        model = SentimentClassifier(language, vectors="auto").fit(texts[:2], ["good", "bad"])
    assert model.vectors_.words == classifier(name).vectors_.words


def test_neutral_texts_are_pretrained_on_but_teach_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "id_smsa"
    folder.mkdir()
    train = {"text": [f"kata {i}" for i in range(9)], "label": [0, 1, 2] * 3}
    pd.DataFrame(train).to_parquet(folder / "train.parquet")
    dev = {"text": ["Kata 1", "kata 2.", "lain"], "label": [1, 2, 0]}
    pd.DataFrame(dev).to_parquet(folder / "dev.parquet")
    monkeypatch.setenv("SENTIMENT_TRANSFER_CORPORA", str(tmp_path))
    texts = build.read_texts_of(("id_smsa",), hold_out=False)
    tested = {"kata 1", "kata 2"}  # as written otherwise
    assert texts.texts == [text for text in train["text"] if text not in tested]
    (lesson,) = lessons_of(["id_smsa"]).values()
    assert lesson.texts == ["kata 0", "kata 3", "kata 5", "kata 6", "kata 8"]
    assert lesson.labels == ["negative", "negative", "positive", "negative", "positive"]


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["ko_movies", "id_smsa"])
def test_no_text_of_the_part_for_testing_is_in_what_a_member_learns_from(
    real_corpora: Path, name: str
) -> None:
    tested = pd.read_parquet(real_corpora / name / "dev.parquet")["text"].tolist()
    learnt = build.read_texts_of((name,), hold_out=False).texts
    assert len(learnt) > 10_000
    assert not len(find_overlap(learnt, tested))
    assert not len(find_overlap(lessons_of([name])[name].texts, tested))


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
        ("ko_movies", "reviews-ko", 78.0),
        ("id_smsa", "reviews-id", 88.0),
    ],
)
def test_no_label_at_all_beats_a_floor_on_the_test_halves(
    real_corpora: Path, set_name: str, name: str, least: float
) -> None:
    test = two_classes(read_set(set_name).test)
    assert 100 * classifier(name).score(test.texts, test.labels) >= least


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
