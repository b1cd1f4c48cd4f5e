"""The measurements of updates and of stopping: planted faults are faults, rules do as named."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from scripts.advice.refusals import shuffled, wrong
from scripts.advice.stopping import EPOCHS, RULE, regrets, rules, two_classes
from scripts.advice.updating import FULL, SETTINGS, _summary
from scripts.advice.updating import RULE as UPDATE
from sentiment_transfer.corpus import Labelled

NAN = float("nan")


def a_run(losses: list[float], accuracies: list[float], **more: Any) -> dict[str, Any]:  # noqa: ANN401
    unknown = [NAN] * len(EPOCHS)
    leads = [[(NAN, NAN)] * len(EPOCHS)] * len(EPOCHS)
    facts = {"name": "mr", "n": 300, "auc": unknown, "neigh": unknown, "lead": leads}
    return {**facts, "loss": losses, "full": accuracies, **more}


def test_shuffled_texts_have_the_same_words_and_lengths() -> None:
    texts = ["a dull plot", "great", "so it goes on"]
    mixed = shuffled(texts)
    assert Counter(" ".join(mixed).split()) == Counter(" ".join(texts).split())
    assert [len(text.split()) for text in mixed] == [3, 1, 4]
    assert mixed != texts
    assert sorted("".join(shuffled(["好吃", "太差了"]))) == sorted("好吃太差了")


def test_a_third_of_the_labels_is_turned() -> None:
    labels = ["positive", "negative"] * 15
    turned = wrong(labels, 1 / 3)
    assert sum(a != b for a, b in zip(labels, turned, strict=True)) == 10
    assert wrong(labels, 1.0) == ["negative", "positive"] * 15


def test_stars_become_two_classes() -> None:
    rows = two_classes(Labelled(list("abcd"), ["1", "3", "5", "4"]))
    assert (rows.texts, rows.labels) == (["a", "c", "d"], ["negative", "positive", "positive"])


def test_the_rule_stops_two_doublings_after_the_least_loss() -> None:
    run = a_run([4.0, 3.0, 2.5, 2.6, 2.8, 3.0, 3.1], [60, 61, 62, 63, 64, 70, 69, 69])
    assert EPOCHS[rules()[RULE](run)] == 16
    assert regrets([run], rules()[RULE]) == {("mr", 300): 70 - 64}
    assert regrets([run], rules()["always 32"]) == {("mr", 300): 0}


def test_hindsight_is_the_best_mean_over_samples() -> None:
    losses = [4.0, 3.0, 2.5, 2.6, 2.8, 3.0, 3.1]
    first = a_run(losses, [50, 50, 50, 50, 70, 60, 50, 50])
    second = a_run(losses, [50, 50, 50, 50, 50, 64, 66, 50])
    assert regrets([first, second], rules()["always 16"]) == {("mr", 300): 62 - 60}


def test_flips_are_reported_as_a_share_of_those_of_the_reference() -> None:
    chosen = next(s.name for s in SETTINGS if s.choosing and s.same_kind)
    facts = {"setting": chosen, "labels": 0, "before": 70.0, "bad": 1.0}
    rows = [
        {**facts, "arm": FULL, "accuracy": 75.0, "flips": 10.0},
        {**facts, "arm": UPDATE, "accuracy": 74.0, "flips": 4.0},
    ]
    line = next(line for line in _summary(rows, 0) if UPDATE in line)
    assert "74.0 | 4.0 (1.0), 0.40" in line


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda one: one.name)
def test_settings_of_a_set_are_in_one_half(setting: Any) -> None:  # noqa: ANN401
    halves = {one.choosing for one in SETTINGS if one.old[0] == setting.old[0]}
    assert len(halves) == 1
