"""The accuracy from a few labels: unbiased, with an interval that holds."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.advice import AccuracyEstimate, estimate_accuracy, texts_to_measure
from sentiment_transfer.advice.labels.measuring import (
    allocation,
    equal_strata,
    right_predictions,
)
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.experiments.statistics import wilson_interval

THINGS = ["plot", "cast", "music", "pace", "script", "end", "hero", "sound", "light", "idea"]
TEXTS = [
    *(f"I loved the {thing}, it was wonderful." for thing in THINGS),
    *(f"The {thing} was awful, a waste of time." for thing in THINGS),
    *(f"They have a {thing} there." for thing in THINGS),
]


@pytest.fixture(scope="module")
def model() -> SentimentClassifier:
    loaded = load("reviews-en")
    assert isinstance(loaded, SentimentClassifier)
    return loaded


# ---- the texts


def test_all_strata_are_labelled_and_the_unsure_ones_more(model: SentimentClassifier) -> None:
    chosen = texts_to_measure(model, TEXTS, 15)
    counts = np.bincount(chosen.strata)[1:]
    assert counts.sum() == len(chosen) == len(set(chosen.rows.tolist())) == 15
    assert counts.min() >= 2
    assert counts[-1] > counts[0]
    assert set(chosen.shares) == {6 / 30}


def test_the_first_stratum_holds_the_surest_texts(model: SentimentClassifier) -> None:
    confidence = model.predict_proba(TEXTS).max(axis=1)
    chosen = texts_to_measure(model, TEXTS, 30)
    sure = confidence[chosen.rows[chosen.strata == 1]]
    unsure = confidence[chosen.rows[chosen.strata == 5]]
    assert sure.min() > unsure.max()


def test_the_choice_depends_on_the_seed_alone(model: SentimentClassifier) -> None:
    first, same, other = (texts_to_measure(model, TEXTS, 12, seed=s).rows for s in (0, 0, 1))
    assert first.tolist() == same.tolist()
    assert first.tolist() != other.tolist()


def test_equal_texts_are_taken_once_and_n_is_at_most_all(model: SentimentClassifier) -> None:
    chosen = texts_to_measure(model, TEXTS * 3, 1_000)
    assert len(chosen) == 30
    assert len({(TEXTS * 3)[row] for row in chosen.rows}) == 30


def test_eight_copies_of_one_text_are_too_few(model: SentimentClassifier) -> None:
    with pytest.raises(InputError, match="1 different texts are too few; give 10 or more"):
        texts_to_measure(model, ["It was great."] * 8, 10)


@pytest.mark.parametrize("n", [9, 0, -1, 2.5, True])
def test_too_few_labels_to_draw_are_refused(model: SentimentClassifier, n: int) -> None:
    with pytest.raises(SettingError, match="must be an integer of at least 10"):
        texts_to_measure(model, TEXTS, n)


def test_labels_go_where_they_reduce_the_variance_most() -> None:
    confidence = np.repeat([0.99, 0.9, 0.8, 0.7, 0.5], 100)
    strata = equal_strata(confidence)
    labels = allocation(confidence, strata, 50)
    wanted = np.array([sqrt(p * (1 - p)) + 0.05 for p in (0.99, 0.9, 0.8, 0.7, 0.5)])
    assert labels.sum() == 50
    np.testing.assert_allclose(labels, 50 * wanted / wanted.sum(), atol=1)


def test_no_stratum_gets_more_labels_than_it_has_texts() -> None:
    confidence = np.linspace(1, 0.5, 20)
    strata = equal_strata(confidence)
    assert (allocation(confidence, strata, 20) == 4).all()


# ---- the estimate


def test_without_strata_the_interval_is_nearly_that_of_wilson() -> None:
    right = [True] * 40 + [False] * 10
    found = estimate_accuracy(right)
    assert found.accuracy == 0.8
    low, high = wilson_interval(40, 50)
    # p(1 - p) of the shrunk accuracy equals its variance times n
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-6)
    assert found.n_as_good == pytest.approx(50)
    low, high = wilson_interval(round(0.8 * found.n_for_5_points), found.n_for_5_points)
    assert high - low == pytest.approx(0.1, abs=0.002)


def test_the_estimate_is_the_sum_over_strata_of_share_times_accuracy() -> None:
    right = [1, 1, 1, 0, 1, 0, 0]
    strata = [1, 1, 1, 2, 2, 2, 2]
    shares = [0.7, 0.7, 0.7, 0.3, 0.3, 0.3, 0.3]
    assert estimate_accuracy(right, strata, shares).accuracy == pytest.approx(0.7 * 1 + 0.3 / 4)


def test_labels_are_enough_only_if_the_interval_is_narrow() -> None:
    few = estimate_accuracy([True] * 20)
    assert few.high - few.low > 0.1
    assert few.n_for_5_points > 20
    assert "label" in few.verdict.next_step
    many = estimate_accuracy([True] * 300 + [False] * 60)
    assert many.high - many.low < 0.1
    assert many.n_for_5_points <= 360


@pytest.mark.parametrize("names", [("neg", "pos"), ("0", "1"), ("Bad", "Good"), ("1", "5")])
def test_labels_of_other_names_count_by_their_polarity(
    model: SentimentClassifier, names: tuple[str, str]
) -> None:
    texts = TEXTS[:20]
    labels = [names[1]] * 10 + [names[0]] * 10
    assert right_predictions(model, texts, labels).all()
    assert not right_predictions(model, texts, labels[::-1]).any()
    assert right_predictions(model, texts, [label == names[1] for label in labels]).all()


@pytest.mark.parametrize("labels", [["sport", "film"] * 10, ["1", "2", "3", "5"] * 5])
def test_labels_that_the_model_never_predicts_are_refused(
    model: SentimentClassifier, labels: list[str]
) -> None:
    with pytest.raises(InputError, match="and the model predicts 'negative', 'positive'; fit"):
        right_predictions(model, TEXTS[:20], labels)


def test_two_labels_of_unknown_meaning_are_shown_how_to_rename_them(
    model: SentimentClassifier,
) -> None:
    with pytest.raises(InputError) as refused:
        right_predictions(model, TEXTS[:20], ["yes"] * 10 + ["no"] * 10)
    example = "rename the labels, as in no=negative,yes=positive if 'yes' is the positive one"
    assert example in str(refused.value)


def test_labels_of_one_class_measure_nothing(model: SentimentClassifier) -> None:
    with pytest.raises(InputError, match="which measures one class alone"):
        right_predictions(model, TEXTS[:20], ["positive"] * 20)


def test_shares_of_strata_without_a_label_are_divided() -> None:
    found = estimate_accuracy([1, 0, 1, 1], [1, 1, 2, 2], [0.2, 0.2, 0.6, 0.6])
    assert found.accuracy == pytest.approx((0.2 * 0.5 + 0.6 * 1) / 0.8)


def test_strata_that_separate_right_from_wrong_save_labels() -> None:
    right = np.array([1] * 25 + [0] * 25)
    strata, shares = np.array([1] * 25 + [2] * 25), np.full(50, 0.5)
    found, plain = estimate_accuracy(right, strata, shares), estimate_accuracy(right)
    assert found.n_as_good > 2 * 50
    assert found.high - found.low < plain.high - plain.low
    assert found.n_for_5_points < plain.n_for_5_points


def test_the_interval_of_all_right_labels_is_not_empty() -> None:
    found = estimate_accuracy([True] * 10)
    assert found.accuracy == found.high == 1
    assert found.low == pytest.approx(wilson_interval(10, 10)[0], abs=0.01)


def test_the_interval_holds_in_19_of_20_draws_and_the_estimate_is_unbiased() -> None:
    rng = np.random.default_rng(0)
    confidence = rng.uniform(0.5, 1, 2_000)
    right = rng.random(2_000) < confidence - 0.05  # too sure by five points
    strata = equal_strata(confidence)
    labels = allocation(confidence, strata, 40)
    estimates, held = [], 0
    for _ in range(400):
        rows = np.concatenate(
            [rng.choice(np.flatnonzero(strata == h), k) for h, k in enumerate(labels)]
        )
        found = estimate_accuracy(right[rows], strata[rows], np.full(len(rows), 0.2))
        estimates.append(found.accuracy)
        held += found.low <= right.mean() <= found.high
    assert 0.92 <= held / 400 <= 0.99
    assert np.mean(estimates) == pytest.approx(right.mean(), abs=0.012)
    p = right.mean()
    assert np.var(estimates) < p * (1 - p) / 40


def test_the_verdict_has_the_interval_and_what_is_missing() -> None:
    text = str(AccuracyEstimate(0.86, 0.79, 0.91, 60, 78.4, 180))
    assert text.startswith("accuracy 86.0 %, 95 % interval 79.0 to 91.0 %")
    assert "60 labels, as good as 78 drawn at random" in text
    assert "label 120 more to know it within 5 points" in text
    assert "this is enough" in str(AccuracyEstimate(0.86, 0.85, 0.87, 200, 200, 180))


@pytest.mark.parametrize(
    ("right", "strata", "shares", "said"),
    [
        ([], None, None, "no labels"),
        ([1, 0], [1, 2], None, "belong together"),
        ([1, 0], [1, 2], [0.5], "2 labels, 2 strata and 1 shares"),
        ([1, 0], [1, 1], [0.4, 0.5], "the same for all texts of a stratum"),
        ([1, 0], [1, 2], [0.9, 0.5], "at most 1"),
        ([1, 0], [1, 2], [0.9, -0.1], "positive"),
        ([1, 0], [1, 2], [0.9, np.nan], "positive"),
    ],
)
def test_impossible_strata_are_refused(
    right: object, strata: object, shares: object, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        estimate_accuracy(right, strata, shares)  # type: ignore[arg-type]
