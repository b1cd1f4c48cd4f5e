"""Which texts to label next: none twice, none with a label, and those that are worth it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import CORPORA

from sentiment_transfer import SentimentClassifier, load, read_texts
from sentiment_transfer.advice import estimate_accuracy, suggest_texts
from sentiment_transfer.advice.labels.suggestion import RANDOM_LABELS, diverse_rows, way_of
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run

THINGS = ["plot", "cast", "music", "pace", "script", "end", "hero", "sound", "light", "idea"]
GOOD = [f"I loved the {thing}, it was wonderful." for thing in THINGS]
BAD = [f"The {thing} was awful, a waste of time." for thing in THINGS]
PLAIN = [f"They have a {thing} there." for thing in THINGS]
TEXTS = GOOD + BAD + PLAIN


@pytest.fixture(scope="module")
def model() -> SentimentClassifier:
    loaded = load("reviews-en")
    assert isinstance(loaded, SentimentClassifier)
    return loaded


@pytest.fixture(scope="module")
def without_seeds() -> SentimentClassifier:
    return SentimentClassifier(vectors="reviews-en", seeds=None).pretrain(TEXTS)


# ---- the choice


def test_the_first_labels_of_a_model_with_seed_words_measure_it(model: SentimentClassifier) -> None:
    found = suggest_texts(model, TEXTS, 12)
    assert found.way == "measure"
    assert len(set(found.rows.tolist())) == 12
    assert found.strata is not None
    right = np.ones(12, bool)
    assert estimate_accuracy(right, found.strata, found.shares).accuracy == 1
    assert "measure" in str(found)


def test_a_model_that_knows_nothing_starts_in_the_middle_of_clusters(
    without_seeds: SentimentClassifier,
) -> None:
    found = suggest_texts(without_seeds, TEXTS, 3)
    assert found.way == "typical"
    kinds = {row // 10 for row in found.rows.tolist()}  # good, bad and plain texts
    assert kinds == {0, 1, 2}


def test_with_labels_of_two_classes_the_unsure_texts_are_chosen(
    without_seeds: SentimentClassifier,
) -> None:
    labelled = (GOOD[:4] + BAD[:4], ["p"] * 4 + ["n"] * 4)
    found = suggest_texts(without_seeds, TEXTS, 4, labelled)
    assert found.way == "uncertain"
    assert all(TEXTS[row] in PLAIN for row in found.rows)
    assert "never measure the accuracy by these labels" in str(found)


def test_labels_of_one_class_still_choose_typical_texts(without_seeds: SentimentClassifier) -> None:
    assert suggest_texts(without_seeds, TEXTS, 3, (GOOD[:2], ["p", "p"])).way == "typical"


def test_labelled_repeated_blank_and_unknown_texts_are_not_chosen(
    without_seeds: SentimentClassifier,
) -> None:
    texts = [*TEXTS, *TEXTS, "", "  ", "qwertz", *["great"] * 8]
    labelled = (GOOD[:4] + BAD[:4], ["p"] * 4 + ["n"] * 4)
    texts.append(GOOD[0].upper())  # a repeat up to case
    found = suggest_texts(without_seeds, texts, 1_000, labelled)
    chosen = [texts[row] for row in found.rows]
    assert sorted(chosen) == sorted({*TEXTS, "great"} - {*GOOD[:4], *BAD[:4]})


def test_texts_that_measure_may_have_no_known_word(model: SentimentClassifier) -> None:
    found = suggest_texts(model, [*TEXTS, *(f"qwertz{i}" for i in range(10))], 30)
    assert any(row >= 30 for row in found.rows)


def test_the_choice_depends_on_the_seed_alone(without_seeds: SentimentClassifier) -> None:
    first, same = (suggest_texts(without_seeds, TEXTS, 5, seed=1).rows for _ in range(2))
    assert first.tolist() == same.tolist()


def test_the_model_is_not_changed(model: SentimentClassifier) -> None:
    before = model.predict_proba(TEXTS)
    suggest_texts(model, TEXTS, 4, (GOOD[:4] + BAD[:4], ["n"] * 4 + ["p"] * 4))
    np.testing.assert_array_equal(model.predict_proba(TEXTS), before)


def test_stars_are_labels_too(model: SentimentClassifier) -> None:
    labelled = (GOOD[:4] + BAD[:4] + PLAIN[:4], [5] * 4 + [1] * 4 + [3] * 4)
    assert len(suggest_texts(model, TEXTS, 5, labelled).rows) == 5


@pytest.mark.parametrize("texts", [[], ["", " "], ["great", "Great!"]])
def test_nothing_to_choose_is_an_error(model: SentimentClassifier, texts: list[str]) -> None:
    with pytest.raises(InputError, match="without a label; give other texts"):
        suggest_texts(model, texts, 5, (["great", "dull"], ["p", "n"]))


def test_nothing_to_learn_from_is_an_error(without_seeds: SentimentClassifier) -> None:
    with pytest.raises(InputError, match="has a known word; give other texts"):
        suggest_texts(without_seeds, ["qwertz", "asdf"], 5)


@pytest.mark.parametrize("n", [0, -1, 1.5, "3"])
def test_a_number_below_one_is_refused(model: SentimentClassifier, n: int) -> None:
    with pytest.raises(SettingError, match="must be an integer of at least 1"):
        suggest_texts(model, TEXTS, n)


# ---- its parts


def test_the_way_depends_on_what_is_known() -> None:
    assert way_of(0, 20, knows_polarity=True, predicts=True) == "measure"
    assert way_of(0, 9, knows_polarity=True, predicts=True) == "random"  # too few for strata
    assert way_of(20, 20, knows_polarity=True, predicts=True) == "random"
    assert way_of(RANDOM_LABELS, 20, knows_polarity=True, predicts=True) == "uncertain"
    assert way_of(0, 20, knows_polarity=False, predicts=False) == "typical"
    assert way_of(8, 20, knows_polarity=False, predicts=True) == "uncertain"


def test_each_cluster_gives_its_heaviest_row() -> None:
    rng = np.random.default_rng(0)
    X = np.repeat([[0.0, 0], [10, 0], [0, 10]], 5, axis=0) + rng.normal(0, 0.1, (15, 2))
    weight = np.full(15, 0.1)
    weight[[2, 7, 14]] = 0.5, 0.4, 0.3
    assert diverse_rows(X, weight, 3, rng).tolist() == [2, 7, 14]


def test_of_equal_weights_the_middle_is_chosen() -> None:
    X = np.array([[-1.0, 0], [0, 0.01], [1, 0], [99, 0], [100, 0.01], [101, 0]])
    rows = diverse_rows(X, np.ones(6), 2, np.random.default_rng(0))
    assert sorted(rows.tolist()) == [1, 4]


def test_equal_texts_give_as_many_rows_as_wanted() -> None:
    with pytest.warns(UserWarning, match="distinct clusters"):
        rows = diverse_rows(np.ones((8, 2)), np.ones(8), 5, np.random.default_rng(0))
    assert len(set(rows.tolist())) == 5


# ---- the command


def test_the_command_writes_texts_to_label_that_budget_reads(run: Run, tmp_path: Path) -> None:
    texts = CORPORA / "movies72" / "unlabelled.txt"
    to_label = tmp_path / "to-label.csv"
    code, _, err = run("advise", "suggest", "reviews-en", texts, "-n", 20, "-o", to_label)
    assert code == 0
    assert "20 texts to label next, after 0 labels" in err
    lines = to_label.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "text,label,drawn,stratum,share"
    assert len(lines) == 21
    filled = tmp_path / "filled.csv"
    labelled = [line.replace(",,", ",positive,") for line in lines[:-1]]
    filled.write_text("\n".join([*labelled, lines[-1].replace(",,", ",negative,")]), "utf-8")
    code, out, _ = run("advise", "budget", "reviews-en", filled, "--format", "json")
    assert code == 0
    assert json.loads(out)["accuracy"]["n_labels"] == 20


def test_labels_of_uncertain_texts_do_not_measure(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "labelled.csv"
    rows = [f'"{text}",positive,random' for text in GOOD] + [f'"{t}",negative,random' for t in BAD]
    rows += [f'"{text}",positive,uncertain' for text in PLAIN]
    path.write_text("text,label,drawn\n" + "\n".join(rows) + "\n", encoding="utf-8")
    code, out, err = run("advise", "budget", "reviews-en", path, "--format", "json")
    assert code == 0
    assert json.loads(out)["accuracy"]["n_labels"] == 20
    assert "texts that were chosen as hard or typical, left out: 10" in err


def test_texts_with_a_label_are_left_out(run: Run, tmp_path: Path) -> None:
    path, labelled = tmp_path / "texts.csv", tmp_path / "labelled.csv"
    listed = list(read_texts(CORPORA / "movies72" / "unlabelled.txt"))[:12]
    path.write_text("text\n" + "\n".join(f'"{t}"' for t in TEXTS), encoding="utf-8")
    labelled.write_text(f'text,label\n"{GOOD[0]}",positive\n"{BAD[0]}",negative\n', "utf-8")
    code, out, _ = run(
        *("advise", "suggest", "reviews-en", path, "--labelled", labelled, "-n", 50),
        *("--format", "json"),
    )
    chosen = [row["text"] for row in json.loads(out)]
    assert code == 0
    assert len(chosen) == 28
    assert not {GOOD[0], BAD[0]} & {*chosen}
    assert listed[0] not in chosen
