"""The choice of a member of the bank: by evidence, ties to the general one, reasons in words."""

from __future__ import annotations

import copy
import os
import re
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from scripts.corpora import read_set
from sentiment_transfer import SentimentClassifier, WordVectors, load, read_labelled, read_texts
from sentiment_transfer.base.notice import Notice
from sentiment_transfer.errors import InputError, ModelFileError, SettingError
from sentiment_transfer.languages import load_language
from sentiment_transfer.model.choice import Candidate, MemberChoice, choose_member, first_of
from sentiment_transfer.model.evidence import likeness_of_words, usable_labels
from sentiment_transfer.model.files import open_member
from sentiment_transfer.pretraining import bank
from sentiment_transfer.pretraining.bank import bank_names, bank_path, is_shipped
from sentiment_transfer.text import Tokenizer, Vocabulary

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


def test_without_a_rival_the_general_one_is_taken_and_no_text_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sentiment_transfer.model.choice.likeness_of_words", None)
    choice = choose_member("en", TEXTS, names=["reviews-en"])
    assert choice.name == "reviews-en"
    assert choice.reason == "it is the only member"


def test_a_member_that_is_clearly_better_is_chosen_without_labels(noise: str) -> None:
    choice = choose_member("en", PAIRS, names=[noise, "reviews-en"])
    assert choice.name == "reviews-en"
    assert choice.chosen.agreement > choice.candidates[0].agreement + 0.1
    assert choice.chosen.agreement_lead > 2
    assert choice.n_labels == 0
    assert f"on {choice.n_seed_texts} texts with seed words it is better than" in choice.reason


def test_a_worse_member_is_not_chosen(noise: str) -> None:
    choice = choose_member("en", PAIRS, names=["reviews-en", noise])
    assert choice.name == "reviews-en"
    assert choice.candidates[1].lead < -2
    assert "no member is clearly better" in choice.reason


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
    assert "too few to compare" in without.reason
    choice = choose_member("en", plain, (plain, labels), names=[noise, "reviews-en"])
    assert (choice.n_seed_texts, choice.n_labels) == (0, 60)
    assert np.isnan(choice.chosen.agreement)
    assert choice.name == "reviews-en"
    assert choice.chosen.log_loss < choice.candidates[0].log_loss
    assert choice.reason.startswith("on 60 labels it is better than")


@pytest.mark.parametrize(
    "labels",
    [["positive"] * 60, ["a"] * 59 + ["b"], ["positive", "negative"] * 5],
    ids=["one class", "one text of a class", "too few"],
)
def test_labels_that_cannot_be_left_out_are_no_evidence(noise: str, labels: list[str]) -> None:
    texts = TEXTS[: len(labels)]
    choice = choose_member("en", texts, (texts, np.array(labels)), names=["reviews-en", noise])
    assert (choice.n_labels, choice.n_labels_given) == (0, len(labels))
    assert all(np.isnan(one.log_loss) for one in choice.candidates)
    assert f"the {len(labels)} labels are not used: 30 of two classes are needed" in choice.reason


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
    assert Candidate("a", agreement_lead=0.0, log_loss_lead=2.1).lead < 1.5  # a tie is evidence
    assert np.isnan(Candidate("a").lead)


def test_the_table_marks_the_chosen_one_and_ends_with_the_reason() -> None:
    candidates = (
        Candidate("reviews-en", 0.95, agreement=0.9, agreement_lead=0.0),
        Candidate("goods-en", 0.97, agreement=0.934, agreement_lead=3.06),
    )
    choice = MemberChoice("goods-en", candidates, 500, 123, 0)
    assert str(choice) == (
        "              words known  seed words predicted  lead\n"
        "  reviews-en       95.0 %                90.0 %\n"
        "* goods-en         97.0 %                93.4 %  +3.1\n"
        "goods-en: on 123 texts with seed words it is better than reviews-en, by 3.1 standard "
        "errors"
    )


def test_a_stream_is_read_once_and_none_of_it_is_lost() -> None:
    def stream() -> Iterator[str]:
        yield from map(str, range(20_003))

    first, everything = first_of(stream())
    assert first == [str(i) for i in range(20_000)]
    assert list(everything) == [str(i) for i in range(20_003)]


def test_a_single_string_is_refused() -> None:
    with pytest.raises(InputError, match="list"):
        first_of("a text")


def test_other_languages_and_other_models_are_refused(tmp_path: Path, noise: str) -> None:
    with pytest.raises(SettingError, match="has no member for language='xx'"):
        choose_member("xx", TEXTS)
    with pytest.raises(SettingError, match="reviews-zh is for 'zh', not language='en'"):
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


def test_a_model_without_any_seed_word_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "no-seeds.safetensors"
    words = ["plot", "film", "scene"]
    vocabulary = Vocabulary(tuple(words), np.array([3, 2, 1]))
    vectors = WordVectors(vocabulary, np.eye(3, 8, dtype=np.float32), Tokenizer("en"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = SentimentClassifier(vectors=vectors)
        model.fit(["plot", "film", "plot scene", "film scene"], ["a", "b", "a", "b"]).save(path)
    with pytest.raises(SettingError, match="no polarity from the seed words"):
        choose_member("en", TEXTS, names=["reviews-en", str(path)])


def test_a_rare_third_class_costs_its_labels_only(noise: str) -> None:
    labels = LABELS.copy().astype(object)
    labels[0] = "unsure"
    choice = choose_member("en", TEXTS, (TEXTS, labels.astype(str)), names=[noise, "reviews-en"])
    assert (choice.n_labels, choice.n_labels_given) == (219, 220)


@pytest.mark.parametrize("seed", range(3))
def test_a_class_that_is_not_in_the_sample_of_labels_does_no_harm(seed: int) -> None:
    labels = np.array(["n"] * 2 + ["p"] * 3_000)
    texts = [f"text {i}" for i in range(len(labels))]
    known, kept = usable_labels(texts, labels, seed)
    assert len(known) == len(kept) in (0, 1_000)
    many = np.array(["n", "p"] * 1_500)
    known, kept = usable_labels(texts, many[:3_000], seed)
    assert len(known) == len(kept) == 1_000
    assert known == sorted(known, key=lambda text: int(text.split()[1]))


def test_lists_of_labels_of_any_type_are_read_and_another_number_is_refused(noise: str) -> None:
    numbers = [int(label == "positive") for label in LABELS]
    choice = choose_member("en", PAIRS, (TEXTS, numbers), names=[noise, "reviews-en"])
    assert choice.n_labels == 220
    with pytest.raises(InputError, match="220 texts and 219 labels"):
        choose_member("en", PAIRS, (TEXTS, numbers[1:]), names=[noise, "reviews-en"])


def test_stars_are_evidence_as_well(noise: str) -> None:
    stars = np.where(LABELS == "positive", "5", "1").astype(object)
    stars[::7] = "3"
    choice = choose_member("en", PAIRS, (TEXTS, stars.astype(str)), names=[noise, "reviews-en"])
    assert choice.chosen.log_loss < choice.candidates[0].log_loss


def test_repeated_texts_are_no_further_evidence(noise: str) -> None:
    once = choose_member("en", PAIRS, names=["reviews-en", noise])
    again = choose_member("en", PAIRS * 3, names=["reviews-en", noise])
    assert once == again


def test_the_error_of_likeness_is_the_spread_over_draws_of_texts() -> None:
    encoders = {n: open_member(n).encoder for n in ("reviews-en", "goods-en")}
    rng = np.random.default_rng(0)
    drawn = [
        likeness_of_words(encoders, [TEXTS[i] for i in rng.integers(0, 220, 220)])["goods-en"]
        for _ in range(60)
    ]
    spread = np.std([figure.value for figure in drawn])
    assert np.mean([f.value / f.lead for f in drawn]) == pytest.approx(spread, rel=0.3)


def test_a_member_that_knows_few_of_the_words_has_no_likeness(tmp_path: Path) -> None:
    encoder = open_member("reviews-en").encoder
    few = copy.copy(encoder)
    vectors = encoder.vectors
    vocabulary = Vocabulary(vectors.words[:300], vectors.counts[:300])
    few.vectors = WordVectors(vocabulary, vectors.matrix[:300], vectors.tokenizer)
    found = likeness_of_words({"all": encoder, "few": few}, TEXTS)
    assert found.keys() == {"all"}
    assert found["all"] == (0.0, 0.0)


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


def test_auto_keeps_its_choice_with_another_head() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Notice)
        model = SentimentClassifier(vectors="auto", head=LogisticRegression())
        assert model.fit(TEXTS[:60], LABELS[:60]).choice_ is not None
        other = SentimentClassifier(vectors="auto").pretrain(UNLABELLED)
        other.set_params(head=LogisticRegression()).fit(TEXTS[:60], LABELS[:60])
        assert other.choice_ is not None


def test_settings_that_auto_cannot_have_are_refused_before_the_choice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr("sentiment_transfer.model.pretrained.choose_member", fail)
    with pytest.raises(SettingError, match="vectors='auto' include the polarity of words"):
        SentimentClassifier(vectors="auto", seeds=(["fine"], ["dull"])).fit(TEXTS, LABELS)
    with pytest.raises(SettingError, match="held_out is for the training of word vectors"):
        SentimentClassifier(vectors="auto").pretrain(TEXTS, held_out=TEXTS)
    with pytest.raises(SettingError, match="'auto' chooses one"):
        SentimentClassifier(vectors="Auto").fit(TEXTS, LABELS)


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


def test_members_that_cannot_be_used_are_left_out_with_a_warning(published: Path) -> None:
    (published / "junk-en.safetensors").write_bytes(b"no model")
    (published / "noise-zh.safetensors").write_bytes(
        (published / "noise-en.safetensors").read_bytes()
    )
    with pytest.warns(UserWarning, match=r"junk-en\.safetensors is left out: "):
        choice = choose_member("en", PAIRS)
    assert "junk-en" not in [one.name for one in choice.candidates]
    with pytest.warns(UserWarning, match="noise-zh is for 'en', not language='zh'"):
        choose_member("zh", ["好"])
    with pytest.raises(ModelFileError):  # a name that is given is not left out
        choose_member("en", PAIRS, names=["reviews-en", "junk-en"])


def test_a_member_without_seed_words_is_left_out_with_a_warning(published: Path) -> None:
    loaded = load("noise-en")
    assert isinstance(loaded, SentimentClassifier)
    model = SentimentClassifier(vectors=loaded.vectors_, seeds=(["good"], ["bad"]))
    model.pretrain(TEXTS).save(published / "own-en.safetensors")
    with pytest.warns(UserWarning, match="own-en is left out: it has no polarity from the seed"):
        choice = choose_member("en", PAIRS)
    assert "own-en" not in [one.name for one in choice.candidates]


def test_a_model_file_is_read_whatever_the_variable_says(
    noise: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(bank.FOLDERS, "/no/such/folder")
    assert isinstance(load(noise), SentimentClassifier)


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
    with pytest.raises(SettingError, match="is not a folder; correct it"):
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
    assert choice.reason.startswith("the words of the texts are closer to its own than to those of")


def test_words_alone_decide_nothing() -> None:
    texts = [f"the {part} of this {item} came in time" for item in GOODS for part in PARTS]
    choice = choose_member("en", texts)
    assert choice.name == "reviews-en"
    assert choice.candidates[-1].likeness_lead > 2
    assert "too few to compare" in choice.reason


def test_film_reviews_are_not_given_to_the_member_for_goods() -> None:
    choice = choose_member("en", PAIRS)
    goods = next(one for one in choice.candidates if one.name == "goods-en")
    assert goods.likeness < -0.2
    assert goods.lead < -2
    assert choice.name != "goods-en"


@pytest.mark.corpus
@pytest.mark.parametrize(
    ("name", "chosen"),
    [("uci_imdb", "films-en"), ("amazon/baby", "goods-en"), ("uci_yelp", "reviews-en")],
)
def test_real_texts_are_given_to_the_member_of_their_kind(
    real_corpora: Path, name: str, chosen: str
) -> None:
    assert choose_member("en", read_set(name).pool.texts).name == chosen
