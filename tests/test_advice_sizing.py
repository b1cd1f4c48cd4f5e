"""The size of the head: the smallest that is not clearly worse, and its parameters."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from conftest import CORPORA

from scripts.advice.sizing import HALVES, RULES, SETS, regrets, within, worst_case
from sentiment_transfer import SentimentClassifier, WordVectors, load, read_labelled
from sentiment_transfer.advice import HeadSize, HeadSizing, size_head
from sentiment_transfer.advice.diagnosis.left_out import Folds
from sentiment_transfer.advice.sizing.sizing import corrected_error, difference_error
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.text import Tokenizer, Vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Run, World

REVIEWS = read_labelled(CORPORA / "movies72" / "held_out.csv")
TEXTS, LABELS = REVIEWS.texts[:40], REVIEWS.labels[:40]


@pytest.fixture(scope="module")
def model() -> SentimentClassifier:
    loaded = load("reviews-en")
    assert isinstance(loaded, SentimentClassifier)
    return loaded


def sizing(losses: dict[int, tuple[float, float]], n: int = 100, chosen: int = 0) -> HeadSizing:
    """Sizes with log losses and standard errors of their distance from the best."""
    best = min(loss for loss, _ in losses.values())
    sizes = tuple(
        HeadSize(units, 0.8, loss, loss - best, error, 10 * units + 11, 10 * units + 1_011)
        for units, (loss, error) in losses.items()
    )
    return HeadSizing(sizes, chosen, 0.85, 0.3, n, 5, 2)


# ---- the choice


def test_a_linear_head_is_taken_where_a_hidden_layer_gains_nothing(world: World) -> None:
    pytest.importorskip("torch")
    model = SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)
    found = size_head(model, *world.few(40), sizes=[16, 0], repeats=1)
    assert [one.hidden_units for one in found.sizes] == [0, 16]
    assert found.hidden_units == 0
    assert found.chosen.accuracy > 0.8
    assert str(found).startswith("no hidden layer")


def test_a_hidden_layer_is_taken_where_classes_cannot_be_divided_by_a_line() -> None:
    pytest.importorskip("torch")
    corners = {"east": (1, 1), "west": (-1, -1), "north": (1, -1), "south": (-1, 1)}
    rows = np.array([*corners.values()], np.float32)
    vectors = WordVectors(Vocabulary((*corners,), np.array([9, 8, 7, 6])), rows, Tokenizer())
    texts = [f"{word} {i}" for i in range(15) for word in corners]
    labels = ["x" if i % 4 < 2 else "y" for i in range(60)]
    model = SentimentClassifier(vectors=vectors, seeds=None).pretrain(texts)
    found = size_head(model, texts, labels, sizes=[0, 16], repeats=1)
    assert found.hidden_units == 16
    assert found.chosen.accuracy == 1
    assert found.sizes[0].accuracy < 0.8


def test_without_torch_no_hidden_layer_can_still_be_measured(model: SentimentClassifier) -> None:
    found = size_head(model, TEXTS, LABELS, sizes=[0])
    (one,) = found.sizes
    assert (one.behind, one.error) == (0, 0)
    assert found.default_accuracy is not None


def test_parameters_are_counted_beside_training_from_scratch(model: SentimentClassifier) -> None:
    pytest.importorskip("torch")
    found = size_head(model, TEXTS, LABELS, sizes=[0, 8], folds=2, repeats=1)
    d, vectors = 100, model.vectors_.matrix.size
    assert [one.trained for one in found.sizes] == [d + 1, d * 8 + 8 + 8 * 2 + 2]
    assert [one.total - one.trained for one in found.sizes] == [vectors, vectors]


def test_labels_of_three_classes_have_a_row_of_weights_each(model: SentimentClassifier) -> None:
    stars = [*"135"] * 13
    found = size_head(model, TEXTS[:39], [int(s) for s in stars], sizes=[0], folds=3)
    assert found.sizes[0].trained == 3 * 101


def test_the_model_is_not_changed_and_seeds_repeat(model: SentimentClassifier) -> None:
    before = model.predict_proba(TEXTS[:5])
    first, second = (size_head(model, TEXTS, LABELS, sizes=[0], seed=3) for _ in range(2))
    assert first == second
    assert first != size_head(model, TEXTS, LABELS, sizes=[0], seed=4)
    np.testing.assert_array_equal(model.predict_proba(TEXTS[:5]), before)


def test_empty_unknown_and_equal_texts_are_sized(model: SentimentClassifier) -> None:
    texts = [*TEXTS, "", "qwertz", *["a fine film"] * 8]
    labels = [*LABELS, "positive", "negative", *["positive"] * 8]
    assert 0 < size_head(model, texts, labels, sizes=[0]).chosen.accuracy < 1
    same = size_head(model, ["a film"] * 8, ["a", "b"] * 4, sizes=[0])
    assert same.chosen.log_loss == pytest.approx(np.log(2))
    assert same.verdict.found == "can't tell yet"


# ---- the error


def test_the_corrected_error_by_hand() -> None:
    assert corrected_error(np.array([1.0, 2.0, 3.0]), 1, 3) == pytest.approx((1 / 3 + 1 / 2) ** 0.5)
    assert corrected_error(np.array([1.0]), 1, 3) == 0
    assert corrected_error(np.ones(4), 1, 4) == 0


def test_the_error_of_a_difference_is_that_of_its_means_over_folds() -> None:
    folds = Folds.of([f"text {i}" for i in range(10)], np.array(["a", "b"] * 5), folds=5)
    one = np.arange(10.0)[None]
    means = np.array([one[0, test].mean() for test in folds.tests[0]])
    expected = ((1 / 5 + 2 / 8) * means.var(ddof=1)) ** 0.5
    assert difference_error(one, np.zeros((1, 10)), folds) == pytest.approx(expected)
    assert difference_error(one, one, folds) == 0


# ---- the verdict


def test_the_verdict_names_the_size_the_best_one_and_the_default_head() -> None:
    found = sizing({0: (0.42, 0.03), 8: (0.40, 0.0)})
    assert found.verdict.found == "no hidden layer"
    assert "the lowest is 0.400 with 8 hidden units" in found.verdict.evidence
    assert "11 parameters are learnt from 100 labels, 1,011 from scratch" in found.verdict.evidence
    assert "leave head= out" in found.verdict.next_step
    assert "the default head" in found.table


def test_few_labels_cannot_tell() -> None:
    assert sizing({0: (0.4, 0.0)}, n=20).verdict.found == "can't tell yet"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sizes": []}, "sizes="),
        ({"sizes": [0, -1]}, "must be a list of integers from 0"),
        ({"sizes": "0,8"}, "sizes='0,8'"),
        ({"folds": 1}, "folds=1 is not allowed"),
        ({"repeats": 0}, "repeats=0 is not allowed"),
    ],
)
def test_wrong_settings_are_refused(
    model: SentimentClassifier, settings: dict[str, Any], message: str
) -> None:
    with pytest.raises(SettingError, match=message):
        size_head(model, TEXTS, LABELS, **settings)


@pytest.mark.parametrize("labels", [["a"] * 4, ["a", "a", "a", "b"]])
def test_labels_that_cannot_be_left_out_are_refused(
    model: SentimentClassifier, labels: list[str]
) -> None:
    with pytest.raises(InputError, match="give at least two texts of each of two classes"):
        size_head(model, TEXTS[:4], labels)


# ---- the command


@pytest.mark.needs_extra("plot", "torch")
def test_the_command_shows_sizes_and_draws_them(run: Run, tmp_path: Path) -> None:
    path, picture = tmp_path / "few.csv", tmp_path / "sizes.svg"
    rows = [f'"{text.replace(chr(34), "")}",{y}' for text, y in zip(TEXTS, LABELS, strict=True)]
    path.write_text("text,label\n" + "\n".join(rows) + "\n", encoding="utf-8")
    given = ("advise", "sizing", "reviews-en", path, "--sizes", "0,8", "--repeats", 1)
    code, out, err = run(*given, "--plot", picture)
    assert code == 0
    assert "* " in out
    assert "the default head" in out
    assert "parameters are learnt from 40 labels" in err
    assert "hidden units" in picture.read_text(encoding="utf-8")
    code, out, _ = run(*given, "--format", "json")
    assert code == 0
    assert [one["hidden_units"] for one in json.loads(out)["sizes"]] == [0, 8]


def test_the_command_refuses_sizes_that_are_no_numbers(run: Run) -> None:
    code, _, err = run("advise", "sizing", "reviews-en", "no.csv", "--sizes", "0,x")
    assert code == 2
    assert "--sizes 0,x is not allowed" in err


# ---- the measurement


def test_rules_take_the_first_size_within_its_error_and_regret_what_they_lose() -> None:
    assert within([0.5, 0.45, 0.44], [0.05, 0.02, 0.0]) == 1  # .06 > .05, .01 <= .02
    run = {
        "set": "mr",
        "n": 32,
        "draw": 0,
        "loss": [0.5, 0.4, 0.6, 0.7],
        "loss_error": [0.05, 0.0, 0.1, 0.1],
        "right": [0.8, 0.7, 0.8, 0.9],
        "right_error": [0.2, 0.1, 0.1, 0.0],
        "test": [0.70, 0.72, 0.71, 0.69],
    }
    assert [rule(run) for rule in RULES.values()] == [1, 0, 1, 3, 0, 2]
    assert regrets([run], RULES["always none"]) == pytest.approx([2.0])
    other = {**run, "draw": 1, "test": [0.80, 0.72, 0.71, 0.69]}  # none is best on the mean
    assert regrets([run, other], RULES["always none"]) == pytest.approx([0.0, 0.0])
    assert worst_case([run, other], RULES["always none"]) == pytest.approx([2.0, 0.0])


def test_halves_of_the_sets_do_not_overlap() -> None:
    assert sorted([*HALVES["choosing"], *HALVES["reporting"]]) == sorted(SETS)
    assert min(map(len, HALVES.values())) >= 3
