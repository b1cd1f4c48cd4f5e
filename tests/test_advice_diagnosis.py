"""The diagnosis: planted faults are named, sound models are not blamed, figures are right."""

from __future__ import annotations

import json
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conftest import CORPORA

from scripts.advice.diagnosis import HALVES, SETS, SetUp, named, set_ups, shuffled
from sentiment_transfer import (
    HiddenLayerClassifier,
    SentimentClassifier,
    WordVectors,
    load,
    read_labelled,
)
from sentiment_transfer.advice import Diagnosis, diagnose
from sentiment_transfer.advice.diagnosis.check_kinds import KINDS
from sentiment_transfer.advice.diagnosis.checks import Limits, judge
from sentiment_transfer.advice.diagnosis.evidence import DEFAULT, TFIDF, Evidence, ProbeFigures
from sentiment_transfer.advice.diagnosis.label_noise import label_noise, log_odds_without_labels
from sentiment_transfer.advice.diagnosis.left_out import Answers, Folds, WordsProbe, lead
from sentiment_transfer.advice.diagnosis.slices import accuracy_by_slice, holm, slices_of
from sentiment_transfer.advice.diagnosis.vector_checks import (
    Norms,
    cohesion,
    learnt_from,
    likeness,
    norms_of,
    seed_sides,
)
from sentiment_transfer.classification import Training
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

REVIEWS = read_labelled(CORPORA / "movies72" / "held_out.csv")
TEXTS, LABELS = REVIEWS.texts[:100], REVIEWS.labels[:100]
OTHER = {"positive": "negative", "negative": "positive"}
FLIPPED = [OTHER[label] if i % 4 == 0 else label for i, label in enumerate(LABELS)]


@pytest.fixture(scope="module")
def model() -> SentimentClassifier:
    loaded = load("reviews-en")
    assert isinstance(loaded, SentimentClassifier)
    return loaded


def codes(found: Diagnosis) -> set[str]:
    return {one.code for one in found.checks if one.result == "fault"}


# ---- verdicts


def test_a_shipped_model_with_right_labels_is_sound(model: SentimentClassifier) -> None:
    found = diagnose(model, TEXTS, LABELS)
    assert found.part == "sound"
    assert not codes(found) - {"S1"}
    assert str(found).startswith("sound: no check found a fault")
    assert [one.code for one in found.checks] == list(KINDS)


def test_wrong_labels_are_named(model: SentimentClassifier) -> None:
    found = diagnose(model, TEXTS, FLIPPED)
    assert found.part == "labels"
    assert "advise audit" in found.verdict.next_step
    assert found.evidence.noise is not None
    assert 0.1 < found.evidence.noise.rate < 0.4  # a quarter


def test_exchanged_rows_of_vectors_are_named(model: SentimentClassifier) -> None:
    turned = SentimentClassifier(vectors=shuffled(model.vectors_, 0)).pretrain(TEXTS)
    found = diagnose(turned, TEXTS, LABELS)
    assert found.part == "vectors"
    assert {"V1", "V2"} <= codes(found)


def test_a_head_that_learns_labels_by_heart_is_named(model: SentimentClassifier) -> None:
    pytest.importorskip("torch")
    free = Training(weight_decay=0.0, validation_fraction=0.0, epochs=60)
    head = HiddenLayerClassifier(256, training=free)
    large = SentimentClassifier(vectors=model.vectors_, head=head)
    found = diagnose(large.pretrain(TEXTS), TEXTS[:60], LABELS[:60])
    assert found.part == "head"
    assert found.evidence.training.accuracy == 1
    assert found.evidence.probes["the default head"].loss_lead > 1


def test_vectors_of_a_few_texts_are_too_little_text() -> None:
    own = SentimentClassifier().pretrain(TEXTS[:70], callback=None)
    found = diagnose(own, TEXTS, LABELS)
    assert found.part == "too little text"


@pytest.mark.filterwarnings("ignore")
def test_vectors_of_texts_in_french_are_foreign(model: SentimentClassifier) -> None:
    french = ["le film est un vrai chef d'oeuvre avec des acteurs magnifiques"] * 3_000
    own = SentimentClassifier().pretrain(french, callback=None)
    found = diagnose(own, TEXTS, LABELS, reference=model)
    assert found.part == "foreign text"
    assert found.evidence.coverage < 0.1
    assert found.evidence.seed_area != found.evidence.seed_area  # unknown: no seed word


def test_what_comes_first_is_named_and_the_rest_as_well() -> None:
    own = SentimentClassifier().pretrain(TEXTS[:70], callback=None)
    found = diagnose(own, TEXTS, FLIPPED)
    assert found.part == "too little text"
    assert "labels" in found.verdict.found


def test_few_labels_cannot_tell(model: SentimentClassifier) -> None:
    found = diagnose(model, TEXTS[:20], LABELS[:20])
    assert found.part == "can't tell yet"
    assert "label at least 30 texts" in found.verdict.next_step


def test_a_task_that_is_not_about_sentiment_cannot_tell(model: SentimentClassifier) -> None:
    halves = ["a" if len(text) % 2 else "b" for text in TEXTS]
    found = diagnose(model, TEXTS, halves)
    assert found.part == "can't tell yet"
    assert "seeds=None" in found.verdict.next_step


def test_stars_are_judged_by_their_ends(model: SentimentClassifier) -> None:
    thirds = ["1" if y == "negative" else "5" for y in LABELS[:90]]
    for i in range(0, 90, 4):
        thirds[i] = "3"
    found = diagnose(model, TEXTS[:90], thirds)
    assert found.evidence.noise is None or found.evidence.noise.n == 90 - 23
    assert found.evidence.probes["this model"].accuracy > 0.4


def test_labels_of_other_types_and_skewed_classes_are_diagnosed(
    model: SentimentClassifier,
) -> None:
    rows = [i for i, y in enumerate(LABELS) if y == "positive"][:40]
    rows += [i for i, y in enumerate(LABELS) if y == "negative"][:4]
    found = diagnose(model, [TEXTS[i] for i in rows], [LABELS[i] == "positive" for i in rows])
    assert found.part in ("sound", "labels", "can't tell yet")
    assert found.evidence.probes["this model"].accuracy > 0.8


def test_empty_and_unknown_texts_and_copies_are_no_error(model: SentimentClassifier) -> None:
    texts = [*TEXTS[:20], "", "qwertz", *["a good film"] * 8]
    labels = [*LABELS[:20], "positive", "negative", *["positive"] * 8]
    found = diagnose(model, texts, labels)
    assert 0 <= found.evidence.probes["this model"].accuracy <= 1


def test_eight_copies_of_one_text_have_nothing_to_leave_out(model: SentimentClassifier) -> None:
    found = diagnose(model, ["a film"] * 8, ["positive", "negative"] * 4)
    assert found.part == "can't tell yet"
    assert found.evidence.probes["this model"].log_loss == pytest.approx(np.log(2))


@pytest.mark.parametrize(
    ("texts", "labels"),
    [([], []), (["a", "b"], ["x", "x"]), (["a", "b", "c"], ["x", "x", "y"])],
    ids=["none", "one class", "one of a class"],
)
def test_labels_that_cannot_be_left_out_are_refused(
    model: SentimentClassifier, texts: list[str], labels: list[str]
) -> None:
    with pytest.raises(InputError, match="give at least two texts of each of two classes"):
        diagnose(model, texts, labels)


def test_a_head_that_cannot_be_fitted_again_is_refused(
    model: SentimentClassifier, tmp_path: Path
) -> None:
    from sklearn.linear_model import LogisticRegression

    other = model.with_head(LogisticRegression()).fit(TEXTS[:20], LABELS[:20])
    other.save(tmp_path / "m.safetensors")
    loaded: Any = load(tmp_path / "m.safetensors")
    with pytest.raises(SettingError, match="set_params"):
        diagnose(loaded, TEXTS[:20], LABELS[:20])


def test_the_model_is_not_changed_and_its_labels_do_not_count(model: SentimentClassifier) -> None:
    fitted: Any = load("reviews-en")
    fitted.fit(TEXTS[:40], FLIPPED[:40])
    before = fitted.predict_proba(TEXTS[:10])
    found = diagnose(fitted, TEXTS[:60], LABELS[:60])
    np.testing.assert_array_equal(fitted.predict_proba(TEXTS[:10]), before)
    assert found.evidence.probes == diagnose(model, TEXTS[:60], LABELS[:60]).evidence.probes


def test_figures_for_json_have_no_nan(model: SentimentClassifier) -> None:
    known = diagnose(model, TEXTS[:20], LABELS[:20]).as_dict()
    assert json.loads(json.dumps(known, allow_nan=False))["part"] == "can't tell yet"
    assert known["evidence"]["gain"] is None  # the reference has the same words


# ---- limits

FINE = Evidence(
    tokens=1_000_000,
    coverage=0.95,
    relative_coverage=1.0,
    gain=0.2,
    gain_lead=4.0,
    seed_area=0.95,
    seed_neighbours=0.9,
    positive_seeds=60,
    negative_seeds=60,
    cohesion=12.0,
    losses=(2.0, 1.0),
    training=ProbeFigures(0.95, 0.2),
    probes={
        "this model": ProbeFigures(0.85, 0.35),
        "logistic regression": ProbeFigures(0.8, 0.45, -1.0, -2.0),
    },
    without_labels=0.84,
    suspects=0.14,
    noise=label_noise(np.repeat([3.0, -3.0], 50), np.repeat([True, False], 50)),
    slices=(),
)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tokens": 19_999}, "T1"),
        ({"relative_coverage": 0.5}, "T2"),
        ({"gain": -0.3, "gain_lead": -8.0}, "T2"),
        ({"seed_area": 0.6}, "V1"),
        ({"cohesion": 1.0}, "V2"),
        ({"losses": (1.0, 1.0)}, "V3"),
        ({"norms": Norms(1.0, 0.0, 0.9)}, "V4"),
        ({"norms": Norms(1.0, 0.5, 0.1)}, "V4"),
        ({"noise": label_noise(np.repeat([3.0, -3.0], 50), np.arange(100) % 4 > 0)}, None),
    ],
)
def test_each_limit_decides_alone(change: dict[str, Any], code: str | None) -> None:
    found = {one.code for one in judge(replace(FINE, **change)) if one.result == "fault"}
    assert found == ({code} if code else set())


def test_nothing_is_wrong_with_fine_evidence() -> None:
    assert named(FINE) == "sound"
    assert named(replace(FINE, tokens=None, gain=float("nan"))) == "sound"


def test_a_small_difference_in_words_or_an_unsure_one_is_no_other_kind_of_text() -> None:
    assert named(replace(FINE, gain=-0.05, gain_lead=-9.0)) == "sound"
    assert named(replace(FINE, gain=-0.5, gain_lead=-1.0)) == "sound"


def test_a_better_head_that_does_not_learn_by_heart_is_named_by_accuracy() -> None:
    better = ProbeFigures(0.9, 0.3, 4.0, 0.5)
    probes = FINE.probes | {"the default head": better}
    assert named(replace(FINE, probes=probes)) == "head"
    assert named(replace(FINE, probes=probes), Limits(head_lead=5.0)) == "sound"


# ---- vectors


def test_seed_words_on_their_sides_have_an_area_of_one_and_exchanged_ones_do_not(
    model: SentimentClassifier,
) -> None:
    vectors = model.vectors_
    assert seed_sides(vectors).area > 0.98
    assert 0.3 < seed_sides(shuffled(vectors, 1)).area < 0.7


def test_seed_sides_by_hand() -> None:
    positive, negative = [f"p{i}" for i in range(5)], [f"n{i}" for i in range(5)]
    rows = np.array([[1.0, 0.1 * i] for i in range(5)] + [[-1.0, 0.1 * i] for i in range(5)])
    words = Vocabulary((*positive, *negative), np.arange(20, 10, -1))
    vectors = WordVectors(words, rows.astype(np.float32), Tokenizer())
    assert seed_sides(vectors, (positive, negative)) == (1.0, 1.0, 5, 5)
    few = seed_sides(vectors, (positive[:4], negative))
    assert np.isnan(few.area)
    assert few[2:] == (4, 5)


def test_words_of_one_text_are_closer_than_by_chance_only_with_their_own_vectors(
    model: SentimentClassifier,
) -> None:
    assert cohesion(model.vectors_, TEXTS) > 5
    assert abs(cohesion(shuffled(model.vectors_, 0), TEXTS)) < 4
    assert np.isnan(cohesion(model.vectors_, ["", "qwertz", "film film"]))
    assert np.isnan(cohesion(model.vectors_, ["a good film", "a dull plot"] * 50))  # four words


def test_a_head_that_is_hardly_worse_than_another_is_no_fault() -> None:
    near = ProbeFigures(0.85, 0.33, 0.0, 1.0)
    evidence = replace(FINE, training=ProbeFigures(1.0, 0.0), probes=FINE.probes | {TFIDF: near})
    assert named(replace(evidence, probes=FINE.probes | {DEFAULT: near})) == "sound"
    far = ProbeFigures(0.85, 0.25, 0.0, 1.0)
    assert named(replace(evidence, probes=FINE.probes | {DEFAULT: far})) == "head"


def test_tokens_are_counted_unless_counts_are_unknown(model: SentimentClassifier) -> None:
    vectors = model.vectors_
    assert learnt_from(vectors) == vectors.counts.sum()
    ones = Vocabulary(vectors.words, np.ones(len(vectors), np.int64))
    assert learnt_from(WordVectors(ones, vectors.matrix, vectors.tokenizer)) is None


def test_words_are_compared_with_those_of_another_reference_only(
    model: SentimentClassifier,
) -> None:
    same = likeness(model, model, TEXTS)
    assert np.isnan(same.gain)
    goods: Any = load("goods-en")
    assert likeness(goods, model, TEXTS).gain < 0  # films
    assert np.isnan(likeness(goods, None, []).coverage)


def test_norms_by_hand() -> None:
    rows = np.array([[3.0, 4.0], [0.0, 2.0], [0.0, 0.0], [0.0, 0.0]], np.float32)
    words = Vocabulary((*"abcd",), np.array([4, 3, 2, 1]))
    median, zeros, cosine = norms_of(WordVectors(words, rows, Tokenizer()))
    assert (median, zeros) == (1.0, 0.5)  # of 5, 2, 0, 0
    assert cosine == pytest.approx(2 * 0.8 / (4 * 3))  # one pair of 12 ordered ones, twice
    assert norms_of(WordVectors(Vocabulary((), np.zeros(0, int)), rows[:0], Tokenizer())).zeros != 0


# ---- labels


def test_the_share_of_wrong_labels_is_estimated() -> None:
    rng = np.random.default_rng(0)
    odds = rng.normal(0, 3, 2_000)
    truth = rng.random(2_000) < 1 / (1 + np.exp(-odds))
    for rate in (0.0, 0.1, 0.3):
        given = truth ^ (rng.random(2_000) < rate)
        assert label_noise(odds, given).rate == pytest.approx(rate, abs=0.03)


def test_a_model_that_knows_little_is_no_evidence_of_wrong_labels() -> None:
    rng = np.random.default_rng(0)
    odds = rng.normal(0, 1, 400)
    truth = rng.random(400) < 1 / (1 + np.exp(-0.6 * odds))  # right in 62 %
    assert label_noise(odds, truth).evidence < 1
    assert abs(label_noise(np.zeros(100), np.arange(100) % 2 > 0).evidence) < 0.5


def test_log_odds_without_labels_do_not_depend_on_labels(model: SentimentClassifier) -> None:
    fitted: Any = load("reviews-en")
    fitted.fit(TEXTS[:40], FLIPPED[:40])
    expected = log_odds_without_labels(model, TEXTS[:9])
    assert expected is not None
    np.testing.assert_array_equal(log_odds_without_labels(fitted, TEXTS[:9]), expected)
    bare = SentimentClassifier(vectors="reviews-en", seeds=None).fit(TEXTS[:9], LABELS[:9])
    assert log_odds_without_labels(bare, TEXTS[:9]) is None


# ---- left-out answers


def test_every_text_is_left_out_once_in_each_repeat_and_copies_together() -> None:
    texts = [f"text {i // 2}" for i in range(20)]
    folds = Folds.of(texts, np.array(["a", "b"] * 10), repeats=3, seed=1)
    assert len(folds.tests) == 3
    for tests in folds.tests:
        assert sorted(np.concatenate(tests).tolist()) == list(range(20))
        for test in tests:
            assert {i ^ 1 for i in test.tolist()} == set(test.tolist())


def test_answers_by_hand() -> None:
    p = np.array([[[0.9, 0.1], [0.4, 0.6]], [[0.2, 0.8], [0.5, 0.5]]])
    answers = Answers(p, np.array([0, 1]))
    assert answers.right.tolist() == [0.5, 0.5]  # a tie is the first class
    assert answers.accuracy == 0.5
    assert answers.losses[0] == pytest.approx(-(np.log(0.9) + np.log(0.2)) / 2)


def test_a_lead_is_a_mean_in_standard_errors() -> None:
    mean, errors = lead(np.array([1.0, 2.0, 3.0]), np.zeros(3))
    assert mean == 2
    assert errors == pytest.approx(2 / (1 / 3**0.5))
    assert lead(np.ones(3), np.zeros(3)) == (1.0, 0.0)  # no spread, no error


def test_words_without_vectors_predict_and_texts_without_words_get_the_shares() -> None:
    tokens = [["good"], ["bad"]] * 10
    folds = Folds.of([f"{t[0]} {i}" for i, t in enumerate(tokens)], np.array(["p", "n"] * 10))
    assert folds.answers(WordsProbe(tokens)).accuracy == 1
    empty = folds.answers(WordsProbe([[] for _ in tokens]))
    assert empty.log_loss == pytest.approx(np.log(2), abs=0.01)


# ---- parts of the texts


def test_a_part_differs_if_its_accuracy_does_and_p_values_are_corrected() -> None:
    part = np.arange(100) < 30
    right = np.where(part, np.arange(100) % 2 == 0, True)
    (one,) = accuracy_by_slice({"negated": part}, right)
    assert (one.n, one.accuracy, one.others) == (30, 0.5, 1.0)
    assert one.differs
    assert one.low < 0.5 < one.high
    (same,) = accuracy_by_slice({"negated": part}, np.ones(100, bool))
    assert not same.differs
    assert accuracy_by_slice({"rare": np.arange(100) < 5}, right) == ()


def test_holm_by_hand() -> None:
    corrected = holm(np.array([0.01, 0.04, 0.03]))
    np.testing.assert_allclose(corrected, [0.03, 0.06, 0.06])  # 3 x .01, then 2 x .03, 1 x .04
    assert holm(np.zeros(0)).tolist() == []


def test_negated_texts_and_short_ones_are_found(model: SentimentClassifier) -> None:
    parts = slices_of(model.vectors_, ["not good", "a fine film with fine actors", "qwertz"])
    assert parts["negated"].tolist() == [True, False, False]
    assert parts["unknown words"].tolist() == [False, False, True]
    assert parts["long"].tolist() == [False, True, False]


# ---- the command


def test_the_command_shows_checks_probes_and_verdict(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    rows = [f'"{text.replace(chr(34), "")}",{y}' for text, y in zip(TEXTS, FLIPPED, strict=True)]
    path.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    code, out, err = run("advise", "diagnose", "reviews-en", path)
    assert code == 0
    assert "wrong labels" in out
    assert "TF-IDF, no vectors" in out
    assert "no labels, seed words alone" in out
    assert "to do: list them with `advise audit`" in out
    assert err.splitlines()[-3].startswith("labels: wrong labels")
    code, out, _ = run("advise", "diagnose", "reviews-en", path, "--format", "json")
    assert code == 0
    assert json.loads(out)["part"] == "labels"


def test_the_command_says_where_labels_are_too_few(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("text,label\ngood,a\nfine,a\n", encoding="utf-8")
    code, _, err = run("advise", "diagnose", "reviews-en", path)
    assert code == 3
    assert "one.csv: 2 labels of 1 classes cannot be left out" in err


# ---- the measurement


def test_halves_of_the_sets_do_not_overlap_and_every_fault_is_planted_ten_times() -> None:
    assert sorted([*HALVES["choosing"], *HALVES["reporting"]]) == sorted(SETS)
    planted = [one.planted for one in set_ups(HALVES["reporting"])]
    assert planted.count("sound") >= 40
    assert min(planted.count(name) for name in ("oversized head", "tiny corpus")) >= 10
    assert len(set(set_ups(SETS))) == len(list(set_ups(SETS)))
    assert isinstance(next(set_ups(SETS)), SetUp)


def test_shipped_vectors_are_advised_only_for_a_language_that_has_some() -> None:
    found = {
        language: diagnose(foreign(language), TEXTS[:40], LABELS[:40]) for language in ("en", "nl")
    }
    for language, one in found.items():
        assert "T1" in codes(one)
        remedies = [one.verdict.next_step, *(check["remedy"] for check in one.as_dict()["checks"])]
        assert any("vectors='auto'" in remedy for remedy in remedies) == (language == "en")


def foreign(language: str) -> SentimentClassifier:
    """A model of too little text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return SentimentClassifier(language).pretrain(TEXTS * 2, callback=None)
