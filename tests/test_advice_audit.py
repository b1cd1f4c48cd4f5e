"""The audit of labels: planted errors are found, and nothing but the evidence decides."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import CORPORA

from scripts.advice.audit import FLIPPED, flipped_of
from sentiment_transfer import SentimentClassifier, load, read_labelled
from sentiment_transfer.advice import LabelAudit, audit_labels
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

THINGS = ["plot", "cast", "music", "pace", "script"]
GOOD = [f"I loved the {thing}, it was wonderful." for thing in THINGS]
BAD = [f"The {thing} was awful, a waste of time." for thing in THINGS]
TEXTS = GOOD + BAD
LABELS = ["positive"] * 5 + ["negative"] * 5


@pytest.fixture(scope="module")
def model() -> SentimentClassifier:
    loaded = load("reviews-en")
    assert isinstance(loaded, SentimentClassifier)
    return loaded


def flipped(rows: list[int], labels: list[str] = LABELS) -> list[str]:
    other = {"positive": "negative", "negative": "positive"}
    return [other[label] if i in rows else label for i, label in enumerate(labels)]


def test_right_labels_are_not_suspect(model: SentimentClassifier) -> None:
    found = audit_labels(model, TEXTS, LABELS)
    assert found == LabelAudit((), 10, without_labels=True)
    assert str(found).startswith("none of 10 labels is less probable")


def test_a_wrong_label_is_found_with_what_is_expected(model: SentimentClassifier) -> None:
    found = audit_labels(model, TEXTS, flipped([2, 7]))
    assert {one.row for one in found.suspects} == {2, 7}
    first = next(one for one in found.suspects if one.row == 2)
    assert (first.text, first.label, first.expected) == (TEXTS[2], "negative", "positive")
    assert all(one.probability < 0.5 for one in found.suspects)
    assert str(found).startswith("2 of 10 labels are less probable")


def test_the_most_suspect_are_first_and_many_flips_are_among_them(
    model: SentimentClassifier,
) -> None:
    rows = read_labelled(CORPORA / "movies72" / "held_out.csv")
    flips = np.random.default_rng(0).permutation(len(rows))[:30].tolist()
    found = audit_labels(model, rows.texts, flipped(flips, rows.labels))
    probabilities = [one.probability for one in found.suspects]
    assert probabilities == sorted(probabilities)
    right = sum(one.row in flips for one in found.suspects[:30])
    assert right > 10  # of 220 labels 4 by chance


def test_labels_of_any_type_and_name_are_audited(model: SentimentClassifier) -> None:
    numbers = [int(label == "positive") for label in flipped([2])]
    found = audit_labels(model, TEXTS * 2, np.array(numbers * 2))
    assert {one.row for one in found.suspects} == {2, 12}
    assert found.suspects[0].expected == 1
    truths = audit_labels(model, TEXTS, [bool(n) for n in numbers])
    assert truths.suspects[0].expected is True


def test_labels_that_contradict_the_seed_words_are_judged_by_each_other(
    model: SentimentClassifier,
) -> None:
    turned = flipped([*range(30)], LABELS * 3)
    found = audit_labels(model, TEXTS * 3, turned)
    assert not found.without_labels
    assert not found.suspects
    assert "judged by the other labels" in str(found)


def test_stars_are_audited_by_folds(model: SentimentClassifier) -> None:
    middling = [f"The {what} was all right, neither here nor there." for what in "abcde"]
    texts = (TEXTS + middling) * 4
    stars = (["5"] * 5 + ["1"] * 5 + ["3"] * 5) * 4
    stars[0] = "1"
    found = audit_labels(model, texts, stars)
    assert found.suspects[0].row == 0
    assert found.suspects[0].expected == "5"
    assert not found.without_labels


@pytest.mark.parametrize(
    ("texts", "labels"),
    [(TEXTS[:6], LABELS[:6]), (TEXTS, ["positive"] * 10), (TEXTS, ["a"] * 9 + ["b"]), ([], [])],
    ids=["few", "one class", "one label of a class", "none"],
)
def test_too_few_labels_are_refused(
    model: SentimentClassifier, texts: list[str], labels: list[str]
) -> None:
    with pytest.raises(InputError, match="too few to judge one by the others; give 8 or more"):
        audit_labels(model, texts, labels)


def test_empty_and_unknown_texts_are_judged_by_the_prior(model: SentimentClassifier) -> None:
    texts = [*TEXTS, "", "qwertz"]
    found = audit_labels(model, texts, [*LABELS, "positive", "negative"])
    assert all(np.isfinite(one.probability) for one in found.suspects)


def test_a_model_without_polarity_is_refused(model: SentimentClassifier) -> None:
    bare = SentimentClassifier(vectors="reviews-en", seeds=None).fit(TEXTS, LABELS)
    with pytest.raises(SettingError, match="audited with the polarity of seed words"):
        audit_labels(bare, TEXTS, LABELS)


def test_labels_that_the_model_was_fitted_to_do_not_count(model: SentimentClassifier) -> None:
    fitted = load("reviews-en")
    assert isinstance(fitted, SentimentClassifier)
    fitted.fit(TEXTS, flipped([2, 7]))
    assert audit_labels(fitted, TEXTS, flipped([2])) == audit_labels(model, TEXTS, flipped([2]))


def test_copies_of_one_text_do_not_vouch_for_each_other(model: SentimentClassifier) -> None:
    texts = [*TEXTS, *[TEXTS[2]] * 3]
    labels = [*flipped([2]), *["negative"] * 3]
    found = audit_labels(model, texts, labels)
    assert {one.row for one in found.suspects} == {2, 10, 11, 12}
    alone = audit_labels(model, TEXTS, flipped([2]))
    assert found.suspects[0].probability == pytest.approx(alone.suspects[0].probability)


def test_texts_without_a_known_word_are_left_out_and_counted(model: SentimentClassifier) -> None:
    found = audit_labels(model, [*TEXTS, "", "qwertz"], [*LABELS, "positive", "positive"])
    assert (found.suspects, found.n_labels, found.n_unknown) == ((), 10, 2)
    assert "without a known word, left out: 2" in str(found)
    with pytest.raises(InputError, match="are too few"):
        audit_labels(model, [""] * 10, ["p", "n"] * 5)


def test_a_model_that_is_fitted_without_seed_words_is_refused(model: SentimentClassifier) -> None:
    fitted = SentimentClassifier(vectors=model.vectors_, seeds=None).pretrain(TEXTS)
    fitted.fit(TEXTS, LABELS)
    with pytest.raises(SettingError, match="the polarity of seed words, and the model has none"):
        audit_labels(fitted, TEXTS, LABELS)


def test_what_is_usual_is_said_of_two_classes_alone(model: SentimentClassifier) -> None:
    stars = audit_labels(model, [*TEXTS, *TEXTS], [1, 3] * 5 + [5, 3] * 5)
    assert "of 100 right labels" not in str(stars)
    assert "of 100 right labels" in str(audit_labels(model, TEXTS, flipped([2])))


# ---- the command


def test_the_command_names_wrong_labels_by_file_and_line(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    rows = [f'"{text}",{label}' for text, label in zip(TEXTS, flipped([2, 7]), strict=True)]
    path.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    code, out, err = run("advise", "audit", path)
    assert code == 0
    assert f"{path}, line 4" in out
    assert f"{path}, line 9" in out
    assert "2 of 10 labels are less probable" in err
    code, out, err = run("advise", "audit", path, "-n", 1, "--format", "json")
    assert code == 0
    (one,) = json.loads(out)
    assert one["place"] in (f"{path}, line 4", f"{path}, line 9")
    assert one["expected"] != one["label"]
    assert "the first 1 of 2 are listed" in err


def test_the_command_says_so_if_nothing_is_suspect(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    rows = [f'"{text}",{label}' for text, label in zip(TEXTS, LABELS, strict=True)]
    path.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    code, out, err = run("advise", "audit", path)
    assert (code, out) == (0, "")
    assert "none of 10 labels" in err


def test_places_of_rows_survive_rows_without_a_label(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    rows = [f'"{text}",{label}' for text, label in zip(TEXTS, flipped([2]), strict=True)]
    path.write_text("text,label\nno label,\n" + "\n".join(rows) + "\n", encoding="utf-8")
    code, out, _ = run("advise", "audit", path)
    assert code == 0
    assert f"{path}, line 5" in out


# ---- the measurement


def test_flips_are_among_the_less_certain_half() -> None:
    certainty = np.linspace(0.5, 1, 100)
    assert flipped_of(None, 0).sum() == FLIPPED
    unsure = flipped_of(certainty, 0)
    assert unsure.sum() == FLIPPED
    assert not unsure[50:].any()
