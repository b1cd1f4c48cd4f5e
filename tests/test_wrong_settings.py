"""A setting of a wrong type or range is named, with its value and rule, before any work."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sentiment_transfer import SentimentClassifier, SkipGram
from sentiment_transfer.errors import SettingError

TEXTS = ["a great wonderful film", "a dull awful film"] * 9
LABELS = ["positive", "negative"] * 9

WRONG: list[tuple[str, Any]] = [
    *(("prevalence", value) for value in ("0.5", [0.5], True, 0, 1, float("nan"))),
    *(("seed", value) for value in ("1", 1.5, -1, None)),
    *(("ordered", value) for value in (3, "abc", ["a", 1])),
    *(("seeds", value) for value in (3, "good", (["good"],), (["good"], [3]), ("good", "bad"))),
    *(("vectors", value) for value in (3, np.zeros((2, 2)))),
    *(("skipgram", value) for value in (3, SkipGram, {"window": 3})),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_classifier_names_the_setting_its_value_and_the_rule(name: str, value: Any) -> None:  # noqa: ANN401
    model = SentimentClassifier(**{name: value})
    for call in (model.pretrain, lambda texts: model.fit(texts, LABELS)):
        with pytest.raises(SettingError) as error:
            call(TEXTS)
        assert f"{name}={value!r} is not allowed; it must be " in str(error.value)


@pytest.mark.parametrize("value", ["0.5", [0.5], 2])
def test_adapting_names_a_wrong_prevalence(value: Any) -> None:  # noqa: ANN401
    model = SentimentClassifier().pretrain(TEXTS)
    with pytest.raises(SettingError, match=r"prevalence=.* is not allowed; it must be a number"):
        model.adapt(TEXTS, prevalence=value)


@pytest.mark.parametrize("value", ["0.5", None, [1], 2])
def test_abstaining_names_a_wrong_threshold(value: Any) -> None:  # noqa: ANN401
    model = SentimentClassifier().pretrain(TEXTS).fit(TEXTS, LABELS)
    with pytest.raises(SettingError, match=r"below=.* is not allowed; it must be a number from 0"):
        model.predict_or_abstain(TEXTS, value)


@pytest.mark.parametrize("name", ["alpha", "min_alpha", "sample", "initial", "window", "epochs"])
@pytest.mark.parametrize("value", ["x", [1]])
def test_pretraining_names_a_wrong_setting(name: str, value: Any) -> None:  # noqa: ANN401
    with pytest.raises(SettingError) as error:
        SkipGram(**{name: value}).fit(TEXTS)
    assert f"{name}={value!r}" in str(error.value)


def test_settings_as_numpy_has_them_are_taken() -> None:
    model = SentimentClassifier(
        prevalence=np.float64(0.5), seed=np.int64(1), ordered=np.array(["negative", "positive"])
    )
    model.pretrain(TEXTS).fit(TEXTS, LABELS)
    assert model.predict(TEXTS[:2]).tolist() == LABELS[:2]
