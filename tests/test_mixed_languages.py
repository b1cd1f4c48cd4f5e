"""Texts to pretrain on that are in several languages are reported with the share of each."""

from __future__ import annotations

import json
import sys
import warnings
from typing import TYPE_CHECKING

import pytest

from sentiment_transfer import SentimentClassifier, WordVectors, load
from sentiment_transfer.base.executors import Serial
from sentiment_transfer.languages.detection import guessable, language_shares
from sentiment_transfer.model.mixed_languages import (
    MixedLanguagesWarning,
    languages_of,
    warn_of_mixed_languages,
)
from sentiment_transfer.model.training_summary import TrainingSummary
from sentiment_transfer.pretraining.shared_texts import SharedTexts
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

DUTCH = [
    "De kamer was schoon en het personeel was heel vriendelijk, een aanrader.",
    "Ik vond het een saai boek en heb het niet uitgelezen, zonde van het geld.",
    "Het verhaal is goed geschreven, maar het einde was een beetje flauw.",
]
ENGLISH = [
    "The room was clean and the staff were very friendly, I would go again.",
    "It was a dull book and I did not finish it, a waste of money and time.",
    "The story is well written, but the end of it was a little disappointing.",
]
JAPANESE = ["部屋がとても綺麗で、スタッフも親切でした。", "朝食が美味しくなくて残念でした。"]
CHINESE = ["房间很干净，服务态度非常好，下次还会来。", "味道一般，送餐太慢了，很失望。"]
KOREAN = ["배우들의 연기가 정말 훌륭했고 감동적이었다.", "지루하고 재미없는 영화였다 돈이 아깝다."]
INDONESIAN = [
    "pelayanan di restoran ini sangat lambat, tapi makanannya enak dan tidak mahal",
    "kamarnya bersih dan stafnya ramah banget, nggak nyesel deh menginap di sini",
]
MALAY = ["perkhidmatan hotel ini memuaskan cuma kereta sewa agak mahal kerana cuti"]


def mixed(one: list[str], n_one: int, other: list[str], n_other: int) -> list[str]:
    parts = (one, n_one), (other, n_other)
    return [texts[i % len(texts)] for texts, n in parts for i in range(n)]


@pytest.mark.parametrize(
    ("one", "other", "codes"),
    [
        (DUTCH, ENGLISH, ("nl", "en")),
        (ENGLISH, DUTCH, ("en", "nl")),
        (KOREAN, ENGLISH, ("ko", "en")),
        (JAPANESE, CHINESE, ("ja", "zh")),
        (CHINESE, JAPANESE, ("zh", "ja")),
        (ENGLISH, KOREAN, ("en", "ko")),
        (INDONESIAN, ENGLISH, ("id", "en")),
    ],
)
@pytest.mark.parametrize("n_other", [20, 90])
def test_languages_of_a_mixture_have_their_shares(
    one: list[str], other: list[str], codes: tuple[str, str], n_other: int
) -> None:
    shares = languages_of(mixed(one, 180, other, n_other), Tokenizer(codes[0]))
    total = 180 + n_other
    expected = {codes[0]: round(180 / total, 3), codes[1]: round(n_other / total, 3)}
    assert list(shares.items()) == list(expected.items())  # the largest first


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        (mixed(DUTCH, 500, ENGLISH, 14), "nl"),  # 2.7 %
        (mixed(DUTCH, 100, ENGLISH, 19), "nl"),  # 19 texts
        (DUTCH * 100, "nl"),
        (DUTCH * 100, "en"),  # one language, though another one
        (mixed(INDONESIAN, 180, MALAY, 20), "id"),  # taken for each other
        (mixed(ENGLISH, 180, ["nice", "mooi", "👍", "10/10"], 90), "en"),  # too short
        ([f"qwrtz {i} blorpsnorf wibblegrmpf" for i in range(100)], "en"),
        (["." * 50, "12345 " * 9] * 50, "en"),
        ([""], "en"),
        ([], "nl"),
    ],
)
def test_texts_in_one_language_are_not_reported(texts: list[str], code: str) -> None:
    assert languages_of(texts, Tokenizer(code)) == {}


def test_close_languages_count_as_one_unless_both_are_frequent() -> None:
    few, many = mixed(INDONESIAN, 180, MALAY, 20), mixed(INDONESIAN, 180, MALAY, 60)
    assert list(language_shares(few)) == ["id"]
    assert language_shares(many) == {"id": 0.75, "ms": 0.25}


def test_without_py3langid_no_language_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "py3langid", None)
    assert languages_of(mixed(DUTCH, 50, ENGLISH, 50), Tokenizer("nl")) == {}


@pytest.mark.parametrize(
    ("texts", "code"), [(ENGLISH, "en"), (KOREAN, "ko"), (CHINESE, "zh"), (JAPANESE, "ja")]
)
def test_nothing_is_guessed_where_texts_show_their_language(
    monkeypatch: pytest.MonkeyPatch, texts: list[str], code: str
) -> None:
    import py3langid

    def classify(text: str) -> None:
        raise AssertionError(text)

    monkeypatch.setattr(py3langid, "classify", classify)
    assert languages_of(texts * 100, Tokenizer(code)) == {}


def test_at_most_2000_texts_are_guessed_evenly_spread() -> None:
    texts = [f"this is the long text number {i:05}" for i in range(5_000)]
    chosen = guessable(["short", *texts])
    assert len(chosen) == 2_000
    assert chosen == sorted(chosen)
    assert chosen[:2] == [texts[0], texts[2]]
    assert chosen[-1] >= texts[-4]
    assert guessable(["七个字的中文呢", "六个字的中文"]) == ["七个字的中文呢"]  # 3 bytes each
    assert guessable(["\ud800" * 20, "a" * 19 + "1"]) == []


def test_the_warning_names_shares_and_what_to_do() -> None:
    message = (
        r"of a sample of 100 texts 80 % look Dutch \(nl\) and 20 % look English \(en\); all are "
        r"read as Dutch, .* Give the texts of one language, or go on"
    )
    with pytest.warns(MixedLanguagesWarning, match=message):
        warn_of_mixed_languages(mixed(DUTCH, 80, ENGLISH, 20), Tokenizer("nl"))


@pytest.mark.filterwarnings("ignore::sentiment_transfer.model.inputs.LittleTextWarning")
def test_pretraining_warns_before_it_learns_and_keeps_the_shares_in_files(tmp_path: Path) -> None:
    texts = mixed(DUTCH, 80, ENGLISH, 20)
    progress: list[object] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error", MixedLanguagesWarning)
        with pytest.raises(MixedLanguagesWarning):
            SentimentClassifier("nl").pretrain(texts, callback=progress.append)
    assert not progress
    with pytest.warns(MixedLanguagesWarning) as raised:
        model = SentimentClassifier("nl").pretrain(texts, callback=None)
    assert [one.filename for one in raised if one.category is MixedLanguagesWarning] == [__file__]
    assert model.training_summary_.languages == {"nl": 0.8, "en": 0.2}
    model.save(tmp_path / "model.safetensors")
    model.vectors_.save(tmp_path / "vectors.safetensors")
    again, vectors = load(tmp_path / "model.safetensors"), load(tmp_path / "vectors.safetensors")
    assert isinstance(again, SentimentClassifier)
    assert isinstance(vectors, WordVectors)
    assert again.training_summary_.languages == {"nl": 0.8, "en": 0.2}
    on_them = SentimentClassifier("nl", vectors=vectors)
    on_them.fit(["mooi", "slecht"] * 2, ["pos", "neg"] * 2)
    assert on_them.training_summary_.languages == {"nl": 0.8, "en": 0.2}


@pytest.mark.filterwarnings("ignore::sentiment_transfer.model.inputs.LittleTextWarning")
@pytest.mark.filterwarnings(
    "ignore::sentiment_transfer.model.mixed_languages.MixedLanguagesWarning"
)
@pytest.mark.parametrize("shared", [False, True], ids=["here", "by workers"])
def test_the_language_of_a_text_is_guessed_once(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, *, shared: bool
) -> None:
    import py3langid

    from sentiment_transfer import read_texts

    guessed: list[str] = []

    def classify(text: str) -> tuple[str, float]:
        guessed.append(text)
        return ("nl" if text in DUTCH else "en"), 0.0

    monkeypatch.setattr(py3langid, "classify", classify)
    texts = mixed(DUTCH, 80, ENGLISH, 20)
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(texts), encoding="utf-8")
    given = SharedTexts(read_texts(path), Serial(), tmp_path / "state") if shared else texts
    model = SentimentClassifier("nl").pretrain(given, callback=None)
    assert model.training_summary_.languages == {"nl": 0.8, "en": 0.2}
    assert sorted(guessed) == sorted(texts)


@pytest.mark.filterwarnings("ignore::sentiment_transfer.model.inputs.LittleTextWarning")
def test_a_model_of_one_language_says_nothing_of_languages() -> None:
    model = SentimentClassifier("nl").pretrain(DUTCH * 20, callback=None)
    assert model.training_summary_.languages == {}
    assert "languages" not in model.vectors_.metadata


def test_texts_to_adapt_shipped_vectors_to_are_reported() -> None:
    with pytest.warns(MixedLanguagesWarning, match="80 % look English"):
        SentimentClassifier(vectors="reviews-en").pretrain(mixed(ENGLISH, 80, DUTCH, 20))


@pytest.mark.filterwarnings("ignore::sentiment_transfer.model.inputs.LittleTextWarning")
def test_texts_that_workers_read_are_reported(tmp_path: Path) -> None:
    from sentiment_transfer import read_texts

    path = tmp_path / "texts.txt"
    path.write_text("\n".join(mixed(DUTCH, 80, ENGLISH, 20)), encoding="utf-8")
    shared = SharedTexts(read_texts(path), Serial(), tmp_path / "state")
    with pytest.warns(MixedLanguagesWarning, match="20 % look English"):
        model = SentimentClassifier("nl").pretrain(shared, callback=None)
    assert model.training_summary_.languages == {"nl": 0.8, "en": 0.2}


def test_another_language_alone_is_not_reported_as_a_mixture() -> None:
    """Most texts look French: that warning names the remedy, which is another language."""
    french = [f"un film excellent, je suis très content de la chambre {i}" for i in range(40)]
    with pytest.warns(UserWarning, match="are read as English") as raised:
        SentimentClassifier().pretrain(french, callback=None)
    assert MixedLanguagesWarning not in {one.category for one in raised}


@pytest.mark.parametrize("given", [None, 3, "nl", ["nl"], {"nl": "much", "en": 2.0, "xx": 0.5}])
def test_languages_of_another_form_in_a_file_are_left_out(given: object) -> None:
    model = load("reviews-en")
    assert isinstance(model, SentimentClassifier)
    vectors = model.vectors_
    odd = WordVectors(
        vectors.vocabulary,
        vectors.matrix,
        vectors.tokenizer,
        {**vectors.metadata, "languages": given},
    )
    assert TrainingSummary.of_vectors(odd).languages == {}


@pytest.mark.filterwarnings("default")
def test_the_command_reports_languages_and_inspect_shows_them(run: Run, tmp_path: Path) -> None:
    texts, model = tmp_path / "texts.txt", tmp_path / "model.safetensors"
    texts.write_text("\n".join(mixed(DUTCH, 80, ENGLISH, 20)), encoding="utf-8")
    code, _, err = run("pretrain", texts, "-o", model, "--language", "nl")
    assert code == 0
    assert err.count("80 % look Dutch (nl) and 20 % look English (en)") == 1
    _, out, _ = run("inspect", model)
    assert "languages, of a sample in pretraining" in out
    _, out, _ = run("inspect", model, "--format", "json")
    shown = json.loads(out)["trained on"]["languages, of a sample in pretraining"]
    assert shown == {"Dutch": 0.8, "English": 0.2}
