"""Measures of a model, by held-out texts and by cross-validation."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import PredefinedSplit, cross_val_predict

from sentiment_transfer import SentimentClassifier
from sentiment_transfer.base.notice import Notice
from sentiment_transfer.corpus import split_by_text
from sentiment_transfer.errors import InputError, ModelFileError, SettingError
from sentiment_transfer.experiments import evaluate
from sentiment_transfer.experiments.evaluation import measure

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Run, World


@pytest.fixture(scope="module")
def model(world: World) -> SentimentClassifier:
    return SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)


def noisy(world: World, n: int) -> tuple[list[str], list[str]]:
    """Texts of which every fifth has the wrong label."""
    texts, labels = world.few(n)
    flipped = {"positive": "negative", "negative": "positive"}
    return texts, [flipped[x] if i % 5 == 0 else x for i, x in enumerate(labels)]


def test_a_model_is_measured_on_texts_it_has_not_seen(
    world: World, model: SentimentClassifier
) -> None:
    found = evaluate(model, world.test)
    assert found.accuracy == model.score(*world.test)
    assert found.predicted.tolist() == model.predict(world.test[0]).tolist()
    assert str(found).startswith("accuracy ")


def test_a_model_is_named_by_its_file_or_as_shipped(
    world: World, model: SentimentClassifier, tmp_path: Path
) -> None:
    model.save(tmp_path / "mine.safetensors")
    assert (
        evaluate(tmp_path / "mine.safetensors", world.test).report
        == evaluate(model, world.test).report
    )
    assert evaluate("reviews-en", world.test).accuracy > 0.5
    world.vectors.save(tmp_path / "vectors.safetensors")
    with pytest.raises(ModelFileError, match="holds word vectors, not a classifier"):
        evaluate(tmp_path / "vectors.safetensors", world.test)


def test_errors_are_listed_with_the_most_confident_first(
    world: World, model: SentimentClassifier
) -> None:
    texts, labels = noisy(world, 40)
    errors = evaluate(model, (texts, labels)).errors
    assert errors.index.isin(range(0, 40, 5)).all()
    assert len(errors) == 8
    assert errors["probability"].is_monotonic_decreasing
    for row in errors.itertuples():
        assert (row.text, row.label) == (texts[row.Index], labels[row.Index])
        assert row.predicted != row.label


def test_cross_validation_is_that_of_scikit_learn_on_the_same_folds(
    world: World, model: SentimentClassifier
) -> None:
    texts, labels = noisy(world, 40)
    found = evaluate(model, (texts, labels), folds=4, seed=3)
    fold = np.zeros(40)
    for number, rows in enumerate(split_by_text(texts, labels, fractions=[10] * 4, seed=3)):
        fold[rows] = number
    same = SentimentClassifier(vectors=world.vectors, unlabelled=world.unlabelled)
    predicted = cross_val_predict(same, texts, labels, cv=PredefinedSplit(fold))
    assert found.predicted.tolist() == predicted.tolist()


def test_a_repeated_text_is_never_in_two_folds(model: SentimentClassifier) -> None:
    texts = ["the plot was odd", "The plot was odd!"] * 4 + ["good great film", "bad dull film"] * 4
    labels = ["odd"] * 8 + ["good", "bad"] * 4
    found = evaluate(model, (texts, labels), folds=3)
    assert (found.predicted[:8] != "odd").all()


def test_labels_do_not_reach_their_own_fold(world: World, model: SentimentClassifier) -> None:
    labels = np.random.default_rng(0).permutation(world.labels[:60]).tolist()
    assert evaluate(model, (world.texts[:60], labels), folds=5).accuracy < 0.7


@pytest.mark.parametrize(
    ("n", "folds", "error", "message"),
    [
        (4, 5, InputError, "4 labels, fewer than folds=5"),
        (2, 2, InputError, "all labels outside a fold are"),
        (8, 1, SettingError, "folds=1 is not allowed"),
    ],
)
def test_too_few_labels_and_too_few_folds_are_refused(
    world: World, model: SentimentClassifier, n: int, folds: int, error: type, message: str
) -> None:
    with pytest.raises(error, match=message):
        evaluate(model, world.few(n), folds=folds)


def test_ordered_labels_have_a_mean_error_in_steps() -> None:
    truth, order = ["1", "2", "3", "3"], ["1", "2", "3"]
    answers = np.eye(3)[[0, 2, 2, 0]]  # right, one step off, right, two steps off
    report = measure(truth, answers, np.ones(4), np.array(order), order)
    assert report["mean_steps_off"] == (0 + 1 + 0 + 2) / 4
    assert report["within_one_step"] == 3 / 4
    assert "mean_steps_off" not in measure(truth, answers, np.ones(4), np.array(order))


def test_ordered_labels_are_listed_in_their_order(world: World) -> None:
    order = ["poor", "fair", "good"]
    labels = [order[i % 3] for i in range(60)]
    fitted = SentimentClassifier(vectors=world.vectors, ordered=order)
    fitted.pretrain(world.unlabelled).fit(world.texts[:60], labels)
    found = evaluate(fitted, (world.texts[60:120], labels))
    assert [row["label"] for row in found.report["labels"]] == order
    assert "steps between labels" in str(found)


def test_labels_of_a_wrong_column_are_answered_with_the_columns(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "few.csv"
    path.write_text("text,shop,liked\nfine,A,positive\ndull,B,negative\n")
    code, _, err = run("evaluate", "reviews-en", path, "--label", "shop")
    assert code == 3
    assert "name their column with --label COLUMN" in err
    assert "(columns: 'text', 'shop', 'liked'; labels were read from 'shop')" in err


def test_two_unknown_labels_are_shown_how_to_rename_both() -> None:
    rows = (["fine", "dull"], ["yes", "no"])
    with pytest.raises(InputError, match="as in no=negative,yes=positive if they mean this"):
        evaluate("reviews-en", rows)


@pytest.mark.filterwarnings("default")
def test_a_label_that_is_predicted_for_no_text_is_named(
    run: Run, world: World, tmp_path: Path
) -> None:
    labels = ["negative" if label == "negative" else "positive" for label in world.labels[:40]]
    labels[0] = "neutral"
    pd.DataFrame({"text": world.texts[:40], "label": labels}).to_csv(tmp_path / "few.csv")
    with pytest.warns(UserWarning, match="never predicted by the model: 'neutral'"):
        found = evaluate("reviews-en", tmp_path / "few.csv")
    assert found.never_predicted == []
    assert found.report["log_loss"] is None  # the probability of 'neutral' is 0
    assert re.search(r"^log loss +infinite", str(found), re.MULTILINE)
    code, _, err = run("evaluate", "reviews-en", tmp_path / "few.csv", "--folds", 4)
    assert code == 0
    assert "never predicted: neutral; fit --class-weight balanced" in err


# The command line


@pytest.fixture
def labelled(world: World, tmp_path: Path) -> Path:
    texts, labels = noisy(world, 40)
    pd.DataFrame({"text": texts, "label": labels}).to_csv(tmp_path / "few.csv", index=False)
    return tmp_path / "few.csv"


def test_the_command_cross_validates(run: Run, labelled: Path) -> None:
    code, out, _ = run("evaluate", "reviews-en", labelled, "--folds", 4, "--format", "json")
    assert code == 0
    assert f'"accuracy": {evaluate("reviews-en", labelled, folds=4).accuracy}' in out


def test_the_command_writes_the_wrong_texts_to_a_file(
    run: Run, labelled: Path, tmp_path: Path
) -> None:
    code, _, err = run("evaluate", "reviews-en", labelled, "--errors", tmp_path / "wrong.csv")
    assert code == 0
    with (tmp_path / "wrong.csv").open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    expected = evaluate("reviews-en", labelled).errors
    assert [row["text"] for row in rows] == expected["text"].tolist()
    assert f"{len(rows)} of 40 texts have a wrong label" in err


def test_fit_ends_with_an_estimate_of_the_accuracy(
    run: Run, labelled: Path, tmp_path: Path
) -> None:
    fit = ("fit", labelled, "--vectors", "reviews-en", "-o", tmp_path / "m.safetensors")
    code, _, err = run(*fit)
    assert code == 0
    accuracy = 100 * evaluate("reviews-en", labelled, folds=5).accuracy
    assert f"accuracy: {accuracy:.1f} % by cross-validation of these labels in 5 parts" in err
    assert "; always negative: 50.0)" in err
    assert "accuracy" not in run(*fit, "--folds", 0)[2]
    assert run(*fit, "--folds", 1)[0] == 2


def test_fit_says_why_there_is_no_estimate(run: Run, world: World, tmp_path: Path) -> None:
    texts, labels = world.few(2)
    pd.DataFrame({"text": texts, "label": labels}).to_csv(tmp_path / "two.csv", index=False)
    code, _, err = run(
        *("fit", tmp_path / "two.csv", "--vectors", "reviews-en"),
        *("-o", tmp_path / "m.safetensors"),
    )
    assert code == 0
    assert "accuracy: not estimated (all labels outside a fold are" in err


def test_balanced_classes_are_an_option_of_fit(run: Run, labelled: Path, tmp_path: Path) -> None:
    made = tmp_path / "m.safetensors"
    fit = ("fit", labelled, "--vectors", "reviews-en", "--class-weight", "balanced", "-o", made)
    assert run(*fit)[0] == 0
    from sentiment_transfer import load

    loaded = load(made)
    assert isinstance(loaded, SentimentClassifier)
    assert loaded.head_.class_weight == "balanced"
    assert run(*fit, "--head", "logistic")[0] == 2


def test_texts_that_a_model_was_fitted_on_are_counted_in_a_warning(world: World) -> None:
    texts, labels = world.few(8)
    model = SentimentClassifier(vectors=world.vectors).fit(texts, labels)
    test_texts, test_labels = world.test
    mixed = [text.upper() for text in texts[:3]] + test_texts, labels[:3] + test_labels
    with pytest.warns(UserWarning, match=rf"fitted on 3 of these {len(mixed[0])} texts.*folds=5"):
        evaluate(model, mixed)
    evaluate(model, world.test)  # no warning
    evaluate(model, mixed, folds=2)


def test_no_text_is_taken_for_a_known_one_by_a_model_without_hashes() -> None:
    evaluate("reviews-en", (["a great film", "a dull film"], ["positive", "negative"]))


def test_of_a_model_fitted_on_very_many_texts_the_least_number_is_said(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sentiment_transfer.model import training_summary

    monkeypatch.setattr(training_summary, "MOST_DIGESTS", 5)
    texts, labels = world.few(8)
    model = SentimentClassifier(vectors=world.vectors).fit(texts, labels)
    with pytest.warns(UserWarning, match="fitted on at least 5 of these 8 texts"):
        evaluate(model, (texts, labels))


@pytest.mark.parametrize(
    ("negative", "positive"), [("0", "1"), ("neg", "pos"), ("slecht", "Goed"), ("-1", "+1")]
)
def test_usual_names_of_the_labels_that_a_model_predicts_are_read_as_these(
    negative: str, positive: str
) -> None:
    texts = [f"een {word} boek, {i}" for i in range(30) for word in ("mooi", "saai")]
    with pytest.warns(UserWarning, match="30|60"):
        model = SentimentClassifier("nl").pretrain(texts, callback=None)
    labels = [positive, negative] * 2
    with pytest.warns(Notice, match=f"{negative!r} as 'negative'"):
        found = evaluate(model, (texts[:4], labels))
    assert found.accuracy == 1
    assert found.labels.tolist() == ["positive", "negative"] * 2


@pytest.mark.parametrize("labels", [["1", "2"], ["0", "neg"], ["0", "film"]])
def test_labels_of_which_one_is_no_usual_name_are_refused(labels: list[str]) -> None:
    with pytest.raises(InputError, match="rename the labels"):
        evaluate("reviews-en", (["good", "bad"], labels))
