"""The choice of a member of the bank: by evidence, ties to the general one, reasons in words."""

from __future__ import annotations

import os
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.base import clone

from sentiment_transfer import SentimentClassifier, WordVectors, load, read_labelled, read_texts
from sentiment_transfer.base.notice import Notice
from sentiment_transfer.errors import ModelFileError, SettingError
from sentiment_transfer.languages import load_language
from sentiment_transfer.model.choice import Candidate, MemberChoice, choose_member, first_of
from sentiment_transfer.pretraining import bank
from sentiment_transfer.pretraining.bank import bank_names, bank_path, is_shipped

if TYPE_CHECKING:
    from collections.abc import Iterator

MOVIES = Path(__file__).parent.parent / "corpora" / "movies72"
HELD_OUT = read_labelled(MOVIES / "held_out.csv")
TEXTS = HELD_OUT.texts
LABELS = np.array(HELD_OUT.labels)
SORTED = [TEXTS[i] for i in np.argsort(LABELS, kind="stable")]
PAIRS = [
    f"{one} {SORTED[j]}" for i, one in enumerate(SORTED) for j in range(i + 1, min(i + 4, 220))
]
"""Longer texts, more of which hold seed words."""
UNLABELLED = list(read_texts(MOVIES / "unlabelled.txt"))


@pytest.fixture(scope="module")
def general() -> SentimentClassifier:
    model = load("reviews-en")
    assert isinstance(model, SentimentClassifier)
    return model


@pytest.fixture(scope="module")
def noise(general: SentimentClassifier, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A member with random vectors, which knows the seed words but nothing else."""
    path = tmp_path_factory.mktemp("bank") / "noise-en.safetensors"
    vectors = general.vectors_.randomised(0)
    SentimentClassifier(vectors=vectors).pretrain(UNLABELLED).save(path, dtype="int8")
    return str(path)


def test_without_a_rival_the_general_one_is_taken(general: SentimentClassifier) -> None:
    choice = choose_member("en", TEXTS, names=["reviews-en"])
    assert choice.name == "reviews-en"
    assert choice.reason == "it is the only one"


def test_a_member_that_is_clearly_better_is_chosen_without_labels(noise: str) -> None:
    choice = choose_member("en", PAIRS, names=[noise, "reviews-en"])
    assert choice.name == "reviews-en"
    assert choice.chosen.agreement > choice.candidates[0].agreement + 0.1
    assert choice.chosen.agreement_lead > 2
    assert choice.n_labels == 0
    assert f"on {choice.n_seed_texts} texts with seed words it is" in choice.reason


def test_a_worse_member_is_not_chosen(noise: str) -> None:
    choice = choose_member("en", PAIRS, names=["reviews-en", noise])
    assert choice.name == "reviews-en"
    assert choice.candidates[1].lead < -2
    assert "none predicts clearly better" in choice.reason


def test_an_equal_member_is_a_tie_and_the_general_one_is_taken(
    general: SentimentClassifier, tmp_path: Path
) -> None:
    path = tmp_path / "same-en.safetensors"
    general.save(path)
    choice = choose_member("en", TEXTS, (TEXTS, LABELS), names=["reviews-en", str(path)])
    assert choice.name == "reviews-en"
    assert choice.candidates[1].lead == 0


def test_labels_are_evidence_where_seed_words_are_none(noise: str) -> None:
    chosen = np.random.default_rng(0).permutation(len(TEXTS))[:60]
    english = load_language("en")
    seeds = {*english.positive_seeds, *english.negative_seeds}
    words = [re.findall(r"\w+", TEXTS[i].lower()) for i in chosen]
    plain = [" ".join(w for w in text if w not in seeds) for text in words]
    labels = LABELS[chosen]
    without = choose_member("en", plain, names=[noise, "reviews-en"])
    assert without.name == noise
    assert not without.evidence
    assert "are too few to compare" in without.reason
    choice = choose_member("en", plain, (plain, labels), names=[noise, "reviews-en"])
    assert (choice.n_seed_texts, choice.n_labels) == (0, 60)
    assert np.isnan(choice.chosen.agreement)
    assert choice.name == "reviews-en"
    assert choice.chosen.log_loss < choice.candidates[0].log_loss
    assert choice.reason.startswith("on 60 labels it is")


@pytest.mark.parametrize(
    "labels",
    [["positive"] * 60, ["a"] * 59 + ["b"], ["positive", "negative"] * 5],
    ids=["one class", "one text of a class", "too few"],
)
def test_labels_that_cannot_be_left_out_are_no_evidence(noise: str, labels: list[str]) -> None:
    texts = TEXTS[: len(labels)]
    choice = choose_member("en", texts, (texts, np.array(labels)), names=["reviews-en", noise])
    assert choice.n_labels == 0
    assert all(np.isnan(one.log_loss) for one in choice.candidates)


@pytest.mark.parametrize(
    "texts",
    [[], ["", " "], ["qwertz asdfgh"] * 50, ["great"] * 50],
    ids=["none", "blank", "unknown words", "one polarity"],
)
def test_texts_without_evidence_leave_the_general_one(noise: str, texts: list[str]) -> None:
    choice = choose_member("en", texts, names=["reviews-en", noise])
    assert choice.name == "reviews-en"
    assert choice.n_seed_texts == 0
    assert "too few" in str(choice)


def test_leads_of_two_kinds_add_up_by_stouffers_method() -> None:
    both = Candidate("a", agreement_lead=1.5, log_loss_lead=2.5)
    assert both.lead == pytest.approx((1.5 + 2.5) / 2**0.5)
    assert Candidate("a", agreement_lead=1.5).lead == 1.5
    assert Candidate("a").lead == 0


def test_the_table_marks_the_chosen_one_and_ends_with_the_reason() -> None:
    candidates = (
        Candidate("reviews-en", 0.95, agreement=0.9),
        Candidate("goods-en", 0.97, agreement=0.934, agreement_lead=3.06),
    )
    choice = MemberChoice("goods-en", candidates, 500, 123, 0)
    assert str(choice) == (
        "              words known  seed words predicted  lead\n"
        "  reviews-en       95.0 %                90.0 %\n"
        "* goods-en         97.0 %                93.4 %  +3.1\n"
        "goods-en: on 123 texts with seed words it is 3.1 standard errors ahead of reviews-en"
    )


def test_a_stream_is_read_once_and_none_of_it_is_lost() -> None:
    def stream() -> Iterator[str]:
        yield from map(str, range(20_003))

    first, everything = first_of(stream())
    assert first == [str(i) for i in range(20_000)]
    assert list(everything) == [str(i) for i in range(20_003)]


def test_a_single_string_is_refused() -> None:
    from sentiment_transfer.errors import InputError

    with pytest.raises(InputError, match="list"):
        first_of("a text")


def test_other_languages_and_other_models_are_refused(tmp_path: Path, noise: str) -> None:
    with pytest.raises(SettingError, match="has no member for language='xx'"):
        choose_member("xx", TEXTS)
    with pytest.raises(SettingError, match="not for language='en'"):
        choose_member("en", TEXTS, names=["reviews-en", "reviews-zh"])
    with pytest.raises(ModelFileError, match="does not exist"):
        choose_member("en", TEXTS, names=["reviews-en", str(tmp_path / "none.safetensors")])
    vectors = tmp_path / "vectors.safetensors"
    loaded = load(noise)
    assert isinstance(loaded, SentimentClassifier)
    loaded.vectors_.save(vectors)
    assert isinstance(load(vectors), WordVectors)
    with pytest.raises(SettingError, match="word vectors alone"):
        choose_member("en", TEXTS, names=["reviews-en", str(vectors)])
    other = tmp_path / "other.safetensors"
    seeds = (["good"], ["bad"])
    SentimentClassifier(vectors=loaded.vectors_, seeds=seeds).pretrain(TEXTS).save(other)
    with pytest.raises(SettingError, match="no polarity from the seed words of the language"):
        choose_member("en", TEXTS, names=["reviews-en", str(other)])


# ---- vectors="auto"


def test_auto_says_what_it_chose_and_answers_as_that_member_adapted() -> None:
    texts = UNLABELLED
    with pytest.warns(Notice, match=r"chose \S+-en: "):
        model = SentimentClassifier(vectors="auto").pretrain(iter(texts))
    assert model.choice_ is not None
    chosen = SentimentClassifier(vectors=model.choice_.name).pretrain(texts)
    assert np.array_equal(model.predict_proba(TEXTS), chosen.predict_proba(TEXTS))
    assert model.training_summary_.started_from == model.choice_.name
    assert chosen.choice_ is None


def test_auto_chooses_again_for_other_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def choose(language: str, texts: object, labelled: object = None, **_: object) -> MemberChoice:
        seen.append(labelled)
        return MemberChoice("reviews-en", (Candidate("reviews-en"),), 0, 0, 0)

    monkeypatch.setattr("sentiment_transfer.model.pretrained.choose_member", choose)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Notice)
        model = SentimentClassifier(vectors="auto")
        model.fit(TEXTS[:20], LABELS[:20])
        model.fit(TEXTS[20:40], LABELS[20:40])
        assert len(seen) == 2
        assert model.choice_ is not None
        clone(model).fit(TEXTS[:20], LABELS[:20])
        assert len(seen) == 3
        pretrained = SentimentClassifier(vectors="auto").pretrain(TEXTS)
        pretrained.fit(TEXTS[:20], LABELS[:20])
        assert len(seen) == 4  # the unlabelled texts decided
        assert seen[-1] is None
        given = SentimentClassifier(vectors="auto", unlabelled=TEXTS)
        given.fit(TEXTS[:20], LABELS[:20])
        assert seen[-1] is not None
        assert pretrained.adapt(TEXTS[50:]).choice_ is not None


# ---- members of other people


@pytest.fixture
def published(noise: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "bank"
    folder.mkdir()
    (folder / "noise-en.safetensors").write_bytes(Path(noise).read_bytes())
    (folder / "readme.txt").write_text("not a model")
    (folder / "plain.safetensors").write_text("a name without a language")
    monkeypatch.setenv(bank.FOLDERS, str(folder))
    return folder


def test_files_in_the_folders_of_the_variable_are_members(published: Path) -> None:
    assert "noise-en" in bank_names()
    assert "noise-en" in bank_names("en")
    assert "noise-en" not in bank_names("zh")
    assert "plain" not in bank_names()
    assert bank_path("noise-en") == published / "noise-en.safetensors"
    assert not is_shipped("noise-en")
    assert bank_names("en")[0] == "reviews-en"
    assert isinstance(load("noise-en"), SentimentClassifier)
    model = SentimentClassifier(vectors="noise-en").fit(TEXTS[:20], LABELS[:20])
    assert model.predict(["great"]).tolist() == ["positive"]
    assert "noise-en" in [one.name for one in choose_member("en", TEXTS).candidates]


def test_the_first_of_two_folders_counts(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = tmp_path / "second"
    second.mkdir()
    for name in ("noise-en", "other-en"):
        (second / f"{name}.safetensors").write_bytes(b"x")
    monkeypatch.setenv(bank.FOLDERS, os.pathsep.join([str(published), "", str(second)]))
    assert bank_path("noise-en").parent == published
    assert bank_path("other-en").parent == second


def test_a_folder_that_is_missing_and_a_name_that_is_taken_are_refused(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(bank.FOLDERS, str(published / "none"))
    with pytest.raises(SettingError, match="is no folder; correct it"):
        bank_names()
    monkeypatch.setenv(bank.FOLDERS, str(published))
    (published / "reviews-en.safetensors").write_bytes(b"x")
    with pytest.raises(SettingError, match="ships with the package; rename it"):
        bank_names()


GOODS = ["charger", "stroller", "kettle", "jacket", "blender", "headset"]
PARTS = ["battery", "zipper", "lid", "strap", "button", "cord"]


def test_words_of_a_kind_decide_where_members_predict_as_well() -> None:
    about = [f"the {part} of this {item}" for item in GOODS for part in PARTS]
    texts = [f"great, {this} works" for this in about] + [f"awful, {this} broke" for this in about]
    choice = choose_member("en", texts)
    assert choice.name == "goods-en"
    assert choice.chosen.likeness > 0
    assert choice.reason.startswith("the words of the texts are rather those of its kind")


def test_words_alone_decide_nothing() -> None:
    texts = [f"the {part} of this {item} came in time" for item in GOODS for part in PARTS]
    choice = choose_member("en", texts)
    assert choice.name == "reviews-en"
    assert choice.candidates[-1].likeness_lead > 2
    assert "too few to compare" in choice.reason


def test_film_reviews_are_not_given_to_the_member_for_goods() -> None:
    assert choose_member("en", TEXTS).name in ("films-en", "reviews-en")
