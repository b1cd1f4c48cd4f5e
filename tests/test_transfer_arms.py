"""The strategies of transfer learning: what is trained, from what start, and what a draw varies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.sparse import csr_array

from sentiment_transfer import LSTMEncoder, SentimentClassifier, compare, load
from sentiment_transfer.encoding import TunedAveragingEncoder
from sentiment_transfer.errors import NotFittedError, SettingError
from sentiment_transfer.experiments.arms import RandomVectorsArm, by_name, default_arms
from sentiment_transfer.experiments.baselines import NaiveBayesSVM
from sentiment_transfer.experiments.transfer_arms import (
    NbsvmFeaturesArm,
    ZeroShotArm,
    averages_stages,
    left_out_scores,
    lstm_stages,
    shipped,
)

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import World

    from sentiment_transfer.experiments.arms import Arm

CLASSES = ["negative", "positive"]
NOTHING = np.zeros(0, np.intp), np.zeros(0, np.str_)
ROWS = np.arange(20)


@pytest.fixture(scope="module")
def model(world: World) -> SentimentClassifier:
    return SentimentClassifier(vectors=world.vectors).pretrain(world.unlabelled)


def prepared(arm: Arm, world: World, classes: list[str] = CLASSES) -> Arm:
    arm.prepare(world.few(40)[0], world.test[0], classes)
    return arm


def labels_of(world: World) -> np.ndarray:
    return np.array(world.labels)[ROWS]


def test_zero_shot_is_the_shipped_model_whatever_the_labels(
    world: World, model: SentimentClassifier
) -> None:
    arm = prepared(ZeroShotArm(shipped(model)), world)
    assert not arm.needs_labels
    bank = load("reviews-en")
    assert isinstance(bank, SentimentClassifier)
    expected = bank.predict(world.test[0]).tolist()
    assert arm.predict(*NOTHING, 0).tolist() == expected
    wrong_way_round = labels_of(world)[::-1]
    assert arm.predict(ROWS, wrong_way_round, 1).tolist() == expected


def test_zero_shot_uses_the_labels_only_to_match_class_names(
    world: World, model: SentimentClassifier
) -> None:
    arm = prepared(ZeroShotArm(shipped(model)), world, ["x", "y"])
    assert arm.needs_labels
    bank = load("reviews-en")
    assert isinstance(bank, SentimentClassifier)
    positive = bank.predict(world.test[0]) == "positive"
    for name, other in (("x", "y"), ("y", "x")):
        renamed = np.where(labels_of(world) == "positive", name, other)
        expected = np.where(positive, name, other).tolist()
        assert arm.predict(ROWS, renamed, 0).tolist() == expected
        renamed[:4] = renamed[:4][::-1]  # some labels that are wrong change nothing
        assert arm.predict(ROWS, renamed, 0).tolist() == expected


def test_zero_shot_follows_a_given_order_and_refuses_three_classes(
    world: World, model: SentimentClassifier
) -> None:
    arm = prepared(ZeroShotArm(shipped(model), ["y", "x"]), world, ["x", "y"])
    assert not arm.needs_labels
    found = arm.predict(*NOTHING, 0)
    assert np.mean((found == "x") == (np.array(world.test[1]) == "positive")) > 0.8
    with pytest.raises(SettingError, match="two classes, and there are 3: a, b, c"):
        prepared(ZeroShotArm(shipped(model)), world, ["a", "b", "c"])


def test_a_language_without_a_shipped_model_is_named(world: World) -> None:
    model = SentimentClassifier("xx", vectors=world.vectors)
    with pytest.raises(
        SettingError, match=r"language 'xx' ships .* there are reviews-en, films-en, "
    ):
        shipped(model)


def test_fine_tuning_starts_from_the_pretrained_vectors_and_moves_them(
    world: World, model: SentimentClassifier
) -> None:
    tuned = model.with_head(**averages_stages())
    assert isinstance(tuned.encoder_, TunedAveragingEncoder)
    assert tuned.vectors_ is model.vectors_
    tuned.fit(*world.few(16))
    moved = np.abs(tuned.encoder_.matrix_ - world.vectors.matrix).max()
    assert 0 < moved < 0.5 * np.abs(world.vectors.matrix).max()
    assert not hasattr(model, "history_")


def test_from_scratch_draws_other_vectors_by_the_seed(
    world: World, model: SentimentClassifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    made = SentimentClassifier.with_random_vectors

    def watched(self: SentimentClassifier) -> SentimentClassifier:
        other = made(self)
        drawn.append(other.vectors_.matrix)
        return other

    monkeypatch.setattr(SentimentClassifier, "with_random_vectors", watched)
    arm = prepared(RandomVectorsArm(model.with_head(**averages_stages())), world)
    drawn.clear()
    answers = [arm.predict(ROWS, labels_of(world), seed).tolist() for seed in (4, 4, 5)]
    assert answers[0] == answers[1]
    np.testing.assert_array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
    assert not any(np.array_equal(matrix, world.vectors.matrix) for matrix in drawn)


def test_the_lstm_starts_by_the_seed_of_its_head(world: World, model: SentimentClassifier) -> None:
    plain = model.with_head(**lstm_stages())
    assert isinstance(plain.encoder_, LSTMEncoder)
    assert plain.vectors_ is model.vectors_
    start = plain.encoder_.start_["forward.input"]
    assert np.array_equal(plain.encoder_.start_for(0)["forward.input"], start)
    assert not np.array_equal(plain.encoder_.start_for(1)["forward.input"], start)


def test_each_strategy_runs_by_its_name(world: World, model: SentimentClassifier) -> None:
    names = ["zero-shot", "fine-tuned", "end-to-end", "lstm", "lstm-scratch"]
    few, test = world.few(40), (world.test[0][:30], world.test[1][:30])
    result = compare(model, few, test, budgets=[0, 8], draws=2, arms=names)
    titles = list(by_name(names, model))
    at_zero = result.runs[result.runs["budget"] == 0]
    assert at_zero["arm"].tolist() == titles[:1]  # the others need labels
    assert result.runs[result.runs["budget"] == 8].groupby("arm").size().to_dict() == dict.fromkeys(
        titles, 2
    )
    zero_shot = result.runs[result.runs["arm"] == titles[0]]["accuracy"]
    assert zero_shot.nunique() == 1


def test_only_arms_with_random_vectors_need_the_unlabelled_texts(
    world: World, model: SentimentClassifier, tmp_path: Path
) -> None:
    model.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    assert isinstance(loaded, SentimentClassifier)
    for stages in (averages_stages(), lstm_stages()):
        assert loaded.with_head(**stages).fit(*world.few(40)).score(*world.test) > 0.8
    for name in ("end-to-end", "random"):  # these fail at once, before any arm has run
        with pytest.raises(NotFittedError, match=rf"'{name}' needs .* call model.pretrain\("):
            by_name([name], loaded)


@pytest.mark.needs_extra("torch")
def test_default_arms_leave_out_random_vectors_until_there_are_unlabelled_texts(
    world: World, model: SentimentClassifier, tmp_path: Path
) -> None:
    model.save(tmp_path / "m")
    loaded = load(tmp_path / "m")
    assert isinstance(loaded, SentimentClassifier)
    arms, left_out = default_arms(loaded)
    assert list(left_out) == ["random vectors, hidden layer"]
    assert len(arms) == 6
    arms, left_out = default_arms(loaded.pretrain(world.unlabelled))
    assert left_out == {}
    assert len(arms) == 7


# NB-SVM's scores as features


def test_a_text_s_own_label_does_not_affect_its_score() -> None:
    rng = np.random.default_rng(0)
    X, Z = (
        csr_array((rng.random((30, 60)) < 0.4) * 1.0),
        csr_array((rng.random((5, 60)) < 0.4) * 1.0),
    )
    y = np.tile(["a", "b", "b"], 10)
    scores, seen = left_out_scores(NaiveBayesSVM(0.1, beta=1), X, y, Z, seed=1)
    assert scores.shape == (30, 1)
    fitted = NaiveBayesSVM(0.1, beta=1).fit(X, y)
    np.testing.assert_array_equal(seen[:, 0], fitted.decision_function(Z))
    sure = fitted.decision_function(X)
    assert np.mean((sure > 0) == (y == "b")) > 0.9  # labels are noise, and it overfits
    assert np.mean((scores[:, 0] > 0) == (y == "b")) < 0.75


@pytest.mark.parametrize("y", [["a", "b", "b", "b"], ["a", "b", "c", "c"]])
def test_scores_are_zero_if_a_class_has_one_text(y: list[str]) -> None:
    X = csr_array(np.eye(4))
    scores, seen = left_out_scores(NaiveBayesSVM(), X, np.array(y), X, seed=0)
    assert not scores.any()
    assert scores.shape == seen.shape == (4, 1 if len(set(y)) == 2 else 3)


def test_scores_of_words_help_where_the_vectors_are_random(world: World) -> None:
    vectors = world.vectors.randomised(0)
    blind = SentimentClassifier(vectors=vectors, seeds=None).pretrain(world.unlabelled)
    rows, truth = np.arange(120), np.array(world.labels[120:])
    right = {}
    for name in ("hidden-layer", "nbsvm-features"):
        (arm,) = by_name([name], blind).values()
        arm.prepare(world.texts[:120], world.texts[120:], CLASSES)
        answers = arm.predict(rows, np.array(world.labels[:120]), 3)
        right[name] = np.mean(answers == truth)
    assert right["nbsvm-features"] > right["hidden-layer"] + 0.02


def test_drawn_texts_without_a_word_still_give_predictions(
    world: World, model: SentimentClassifier
) -> None:
    arm = NbsvmFeaturesArm(model)
    arm.prepare(["", "...", "", "!"], ["good film", ""], CLASSES)
    answers = arm.predict(np.arange(4), np.array(["a", "b", "a", "b"]), 0)
    assert set(answers) <= {"a", "b"}
