from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from conftest import restored
from scipy.sparse import csr_array
from scipy.special import expit

from sentiment_transfer.classification.logistic import Block, fit_map, leave_one_out, log_loss
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.polarity.members import MEMBERS, Features, MemberKind
from sentiment_transfer.polarity.mixture import LogisticMixture
from sentiment_transfer.polarity.several_classes import SeveralClasses
from sentiment_transfer.text.grams import squared_log_count_ratio

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Full(Features):
    """Features of which every part is there."""

    score: NDArray[np.float64]
    polarity_mean: NDArray[np.float64]
    plain_mean: NDArray[np.float64]
    words: csr_array


def draw(n: int, score_effect: float = 1.0, seed: int = 0) -> tuple[Full, NDArray[np.int64]]:
    """Texts whose class shifts ``plain_mean``, and the score by ``score_effect``."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    score = score_effect * 1.2 * (2 * y - 1) + rng.normal(size=n)
    polarity_mean, plain_mean = rng.normal(size=(n, 10)), rng.normal(size=(n, 10))
    plain_mean[:, 0] += 3 * (2 * y - 1)
    words = csr_array((rng.random((n, 30)) < 0.1) / np.sqrt(3.0))
    return Full(score, polarity_mean / 4, plain_mean / 4, words), y


def none_of(features: Full) -> Features:
    return Features(*(None if part is None else part[:0] for part in vars(features).values()))


def test_without_labels_the_score_has_its_prior_weight() -> None:
    features, _ = draw(5)
    model = LogisticMixture().fit(none_of(features), [])
    expected = 1 / (1 + np.exp(-2 * features.score))
    p = model.predict_proba(features)
    assert p.dtype == np.float64
    np.testing.assert_allclose(p, np.stack([1 - expected, expected], axis=1), atol=1e-12)
    assert [(m.name, m.share) for m in model.members_] == [("score", 1.0)]


@pytest.mark.parametrize(("n", "members"), [(1, 1), (7, 1), (8, 4), (40, 4)])
def test_members_are_compared_from_eight_labels_on(n: int, members: int) -> None:
    model = LogisticMixture().fit(*draw(n))
    assert len(model.members_) == members
    assert len(model.leave_one_out_log_loss_) == (members if members > 1 else 0)
    assert sum(member.share for member in model.members_) == pytest.approx(1)


def test_shares_are_odds_times_exp_of_minus_the_leave_one_out_loss() -> None:
    features, y = draw(12)
    model = LogisticMixture().fit(features, y)
    blocks = {
        "score": [Block(features.score[:, None], 0.75**2, 2.0)],
        "polarity": [
            Block(features.score[:, None], 0.75**2, 2.0),
            Block(features.polarity_mean, 1.0),
            Block(features.words, 10.0),
        ],
        "polarity_mean": [Block(features.polarity_mean, 3.0), Block(features.words, 10.0)],
        "plain_mean": [Block(features.plain_mean, 3.0), Block(features.words, 10.0)],
    }
    raw = {}
    for name, parts in blocks.items():
        loss = log_loss(leave_one_out(fit_map(parts, y), parts, y), y).sum()
        assert model.leave_one_out_log_loss_[name] == pytest.approx(loss)
        raw[name] = (3 if name in ("score", "polarity") else 1) * np.exp(-loss)
    for member in model.members_:
        assert member.share == pytest.approx(raw[member.name] / sum(raw.values()))


@pytest.mark.parametrize("n", [299, 300])
def test_from_300_labels_on_the_priors_of_words_depend_on_labels(n: int) -> None:
    features, y = draw(n)
    plain = next(m for m in LogisticMixture().fit(features, y).members_ if m.name == "plain_mean")
    variance = 10 * squared_log_count_ratio(features.words, y, np.ones(n)) if n >= 300 else 10.0
    expected = fit_map([Block(features.plain_mean, 3.0), Block(features.words, variance)], y)
    np.testing.assert_allclose(plain.weights["words"], expected.weights[1], atol=1e-6)


def test_the_prediction_is_the_weighted_mean_of_the_members() -> None:
    features, y = draw(30)
    model = LogisticMixture().fit(features, y)
    p = np.zeros(30)
    for member in model.members_:
        f = np.full(30, member.bias)
        for part, weights in member.weights.items():
            f += {**vars(features), "score": features.score[:, None]}[part] @ weights
        p += member.share * expit(f)
    np.testing.assert_allclose(model.predict_proba(features)[:, 1], p, atol=1e-12)
    read = {member.name: list(member.weights) for member in model.members_}
    assert read == {
        "score": ["score"],
        "polarity": ["score", "polarity_mean", "words"],
        "polarity_mean": ["polarity_mean", "words"],
        "plain_mean": ["plain_mean", "words"],
    }


def test_a_helpful_score_is_kept_and_a_misleading_one_gets_no_share() -> None:
    fits = LogisticMixture().fit(*draw(60, score_effect=1.0))
    misleads = LogisticMixture().fit(*draw(60, score_effect=-0.5))
    assert not fits.seeds_contradicted_
    assert misleads.seeds_contradicted_
    assert misleads.members_[0].share < 0.05
    features, y = draw(500, score_effect=-0.5, seed=1)
    accuracy = (misleads.predict_proba(features).argmax(axis=1) == y).mean()
    alone = LogisticMixture(compare_members=False).fit(*draw(60, score_effect=-0.5))
    assert accuracy > (alone.predict_proba(features).argmax(axis=1) == y).mean() + 0.05


def test_a_right_score_that_is_no_longer_needed_is_not_contradicted() -> None:
    features, y = draw(200, score_effect=0.7)
    features = replace(
        features, plain_mean=features.plain_mean * 4
    )  # labels are enough: nearly separable
    model = LogisticMixture().fit(features, y)
    losses = model.leave_one_out_log_loss_
    assert losses["plain_mean"] < losses["polarity"]
    assert model.score_log_loss_ < 200 * np.log(2)
    assert not model.seeds_contradicted_


@pytest.mark.parametrize("n", [2, 40])
def test_without_comparison_polarity_and_plain_mean_have_half_each(n: int) -> None:
    features, y = draw(n)
    model = LogisticMixture(compare_members=False, score_weight_mean=0.75).fit(features, y)
    assert [(member.name, member.share) for member in model.members_] == [
        ("polarity", 0.5),
        ("plain_mean", 0.5),
    ]
    halves = [expit(member.decision(features)) for member in model.members_]
    np.testing.assert_allclose(model.predict_proba(features)[:, 1], np.mean(halves, axis=0))
    assert not model.seeds_contradicted_
    alone = LogisticMixture(compare_members=False).fit(Features(plain_mean=features.plain_mean), y)
    assert [(member.name, member.share) for member in alone.members_] == [("plain_mean", 1.0)]


def test_a_member_added_to_the_table_is_compared_averaged_and_saved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    features, y = draw(20)
    monkeypatch.setitem(MEMBERS, "words", MemberKind(("words",), odds=2.0))
    model = LogisticMixture().fit(features, y)
    added = model.members_[-1]
    alone = fit_map([Block(features.words, 10.0)], y)
    np.testing.assert_allclose(added.weights["words"], alone.weights[0])
    losses = model.leave_one_out_log_loss_
    odds = 2 / 3 * np.exp(losses["score"] - losses["words"])
    assert added.share / model.members_[0].share == pytest.approx(odds)
    again = restored(model)
    np.testing.assert_array_equal(again.predict_proba(features), model.predict_proba(features))


def test_probabilities_stay_in_bounds_where_every_member_is_sure() -> None:
    features, y = draw(20)
    model = LogisticMixture().fit(features, y)
    shares = [member.share for member in model.members_]
    model.members_ = tuple(replace(m, share=m.share * (1 + 1e-9)) for m in model.members_)
    sure = np.array([[1e6], [-1e6]]) * np.ones(len(shares))
    assert model.average(sure).tolist() == [[0, 1], [1, 0]]  # not -1e-9


def test_classes_that_no_problem_finds_possible_are_equally_probable() -> None:
    features, _ = draw(30)
    several = SeveralClasses(ordered=False).fit(features, np.arange(30) % 3, 3)
    impossible = np.full((1, sum(len(m.members_) for m in several.mixtures_)), -1e6)
    np.testing.assert_allclose(several.average(impossible), [[1 / 3] * 3])


def test_a_mixture_needs_only_the_parts_it_reads() -> None:
    features, y = draw(20)
    plain = LogisticMixture().fit(Features(plain_mean=features.plain_mean), y)
    assert [m.name for m in plain.members_] == ["plain_mean"]
    assert np.isnan(plain.score_log_loss_)
    both = LogisticMixture().fit(replace(features, score=None, words=None), y)
    assert [m.name for m in both.members_] == ["polarity_mean", "plain_mean"]
    with pytest.raises(InputError, match=r"fitted with \['polarity_mean'\]"):
        both.predict_proba(Features(plain_mean=features.plain_mean))
    with pytest.raises(SettingError, match="polarity score or sentence vectors"):
        LogisticMixture().fit(Features(words=features.words), y)
    with pytest.raises(InputError, match="same number of examples"):
        LogisticMixture().fit(features, y[:-1])


def test_labels_of_one_class_give_finite_probabilities_above_one_half() -> None:
    features, _ = draw(12)
    model = LogisticMixture().fit(features, np.ones(12))
    p = model.predict_proba(features)[:, 1]
    assert np.isfinite(p).all()
    assert (p < 1).all()
    assert p.mean() > 0.5


def test_from_300_labels_on_folds_replace_leave_one_out() -> None:
    features, y = draw(300)
    folds = np.empty(300, int)
    folds[np.argsort(y, kind="stable")] = np.arange(300) % 5
    model = LogisticMixture().fit(features, y)
    left_out = np.empty(300)
    for held in (folds == fold for fold in range(5)):
        told = squared_log_count_ratio(features.words[~held], y[~held], np.ones(240))
        parts = [(features.plain_mean, 3.0), (features.words, 10 * told)]
        fitted = fit_map([Block(matrix[~held], v) for matrix, v in parts], y[~held])
        left_out[held] = fitted.decision([matrix[held] for matrix, _ in parts])
    expected = log_loss(left_out, y).sum()
    assert model.leave_one_out_log_loss_["plain_mean"] == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize("n", [200, 320, 1200])
def test_random_labels_have_the_log_loss_of_chance(n: int) -> None:
    rng = np.random.default_rng(n)
    words = csr_array((rng.random((n, 2000)) < 0.02).astype(np.float64))
    plain = rng.normal(size=(n, 5)) / np.sqrt(5)
    features = Features(rng.normal(size=n), plain, plain, words)
    losses = LogisticMixture().fit(features, rng.integers(2, size=n)).leave_one_out_log_loss_
    assert min(losses.values()) > 0.97 * n * np.log(2)


def test_shares_sum_to_one_for_very_large_losses() -> None:
    features, y = draw(3000)
    noise = np.random.default_rng(0).permutation(y)
    model = LogisticMixture().fit(features, noise)
    assert min(model.leave_one_out_log_loss_.values()) > 1000  # exp(-1000) is 0: 0 / 0 for all
    assert sum(member.share for member in model.members_) == pytest.approx(1)


def stars(n: int, seed: int = 0) -> tuple[Full, NDArray[np.intp]]:
    """Five ordered classes along the score."""
    features, _ = draw(n, seed=seed)
    score = np.random.default_rng(seed).normal(size=n)
    noisy = score + 0.5 * np.random.default_rng(seed + 1).normal(size=n)
    return replace(features, score=score), np.digitize(noisy, [-1.2, -0.4, 0.4, 1.2])


def test_without_labels_ordered_classes_increase_with_the_score() -> None:
    features, _ = stars(50)
    model = SeveralClasses(ordered=True).fit(none_of(features), [], 5)
    p = model.predict_proba(replace(features, score=np.linspace(-3, 3, 50)))
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert (np.diff(p @ np.arange(5)) > 0).all()
    middle = model.predict_proba(replace(features, score=np.zeros(50)))[0]
    np.testing.assert_allclose(middle, np.full(5, 0.2))


def test_ordered_classes_are_learnt_from_score_and_labels() -> None:
    features, y = stars(100)
    model = SeveralClasses(ordered=True).fit(features, y, 5)
    fresh, truth = stars(500, seed=7)
    p = model.predict_proba(fresh)
    assert (p >= 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert np.abs(p @ np.arange(5) - truth).mean() < 0.75
    assert np.abs(truth - np.median(truth)).mean() > 0.9  # what a constant would reach


def test_unordered_classes_do_not_use_the_score() -> None:
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 150)
    plain = rng.normal(size=(150, 10)) / 2
    plain[np.arange(150), y] += 2
    model = SeveralClasses(ordered=False).fit(
        Features(score=rng.normal(size=150), plain_mean=plain), y, 3
    )
    assert {m.name for mixture in model.mixtures_ for m in mixture.members_} == {"plain_mean"}
    p = model.predict_proba(Features(plain_mean=plain))
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert (p.argmax(axis=1) == y).mean() > 0.9


def test_two_ordered_classes_equal_the_mixture() -> None:
    features, y = draw(30)
    expected = LogisticMixture().fit(features, y).predict_proba(features)
    found = SeveralClasses(ordered=True).fit(features, y, 2).predict_proba(features)
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_labels_outside_the_classes_are_refused() -> None:
    features, _ = draw(2)
    for labels, n_classes in (([0, 3], 3), ([-1, 0], 3), ([0, 0], 1)):
        with pytest.raises(InputError, match="labels must be 0 to"):
            SeveralClasses(ordered=False).fit(features, labels, n_classes)


def test_no_ordered_class_has_probability_0_if_steps_cross() -> None:
    features, y = stars(60)
    p = SeveralClasses(ordered=True).fit(features, y, 5).predict_proba(features)
    assert p.min() >= 0.002 - 1e-12  # a hundredth shared by five
    np.testing.assert_allclose(p.sum(axis=1), 1)


def opinions(n: int, seed: int = 0, lean: float = 1.0) -> tuple[Features, NDArray[np.intp]]:
    """Negative, neutral and positive texts; neutral ones are weak, and lean to either side."""
    rng = np.random.default_rng(seed)
    y = rng.choice(3, n, p=[0.3, 0.4, 0.3])
    side = np.where(y == 1, rng.choice([-1, 1], n), y - 1)
    score = lean * side + rng.normal(size=n) / 2
    strength = 1.5 * np.abs(y - 1) - 0.75 + rng.normal(size=n) / 2
    return Features(score=score, plain_mean=rng.normal(size=(n, 5)) / 4, strength=strength), y


def test_weak_texts_are_neutral_though_their_score_leans_to_a_side() -> None:
    features, y = opinions(60)
    fresh, truth = opinions(400, seed=1)
    model = SeveralClasses(ordered=True).fit(features, y, 3)
    assert len(model.mixtures_) == 3
    found = model.predict_proba(fresh).argmax(axis=1)
    blind = SeveralClasses(ordered=True).fit(replace(features, strength=None), y, 3)
    without = blind.predict_proba(replace(fresh, strength=None)).argmax(axis=1)
    assert (found == truth).mean() > (without == truth).mean() + 0.1


def test_the_probability_of_three_ordered_classes_follows_its_formula() -> None:
    features, y = opinions(60)
    weight = np.where(y == 0, 3.0, 1.0)
    model = SeveralClasses(ordered=True).fit(features, y, 3, weight)
    plain = replace(features, strength=None)
    above = [
        LogisticMixture(bias_mean=bias).fit(plain, y > k, weight).predict_proba(plain)[:, 1]
        for k, bias in ((0, np.log(2)), (1, -np.log(2)))
    ]
    neutral = LogisticMixture(score_weight_mean=0.0, bias_mean=-np.log(2))
    q = neutral.fit(features, y == 1, weight).predict_proba(features)[:, 1]
    counts = np.array([3 * (y == 0).sum(), (y == 1).sum(), (y == 2).sum()])
    shares = (counts + 200 / 3) / (counts.sum() + 200)
    for i, p in enumerate(model.predict_proba(features)):
        first, second = above[0][i], min(above[0][i], above[1][i])
        steps = 0.99 * np.array([1 - first, first - second, second]) + 0.01 / 3
        each = np.array([1 - above[0][i], q[i], above[1][i]])
        joined = (steps + each / each.sum()) / shares**0.25
        np.testing.assert_allclose(p, joined / joined.sum(), atol=1e-9)


def test_without_labels_nothing_is_known_of_a_neutral_class() -> None:
    features, _ = opinions(9)
    model = SeveralClasses(ordered=True).fit(none_of(features), [], 3)
    assert (len(model.mixtures_), model.label_shares_) == (2, None)
    expected = SeveralClasses(ordered=True).fit(none_of(replace(features, strength=None)), [], 3)
    p = model.predict_proba(features)
    np.testing.assert_array_equal(p, expected.predict_proba(features))


@pytest.mark.parametrize(("ordered", "k"), [(True, 2), (True, 4), (True, 5), (False, 3)])
def test_only_the_middle_of_three_ordered_classes_is_neutral(ordered: bool, k: int) -> None:
    features, _ = opinions(40)
    model = SeveralClasses(ordered=ordered).fit(features, np.arange(40) % k, k)
    assert len(model.mixtures_) == (k - 1 if ordered else k)
    assert model.label_shares_ is None
    assert "strength" not in {
        part for mixture in model.mixtures_ for m in mixture.members_ for part in m.weights
    }


def test_a_neutral_class_may_be_named_before_a_text_has_it() -> None:
    features, y = opinions(40)
    polar = np.flatnonzero(y != 1)
    chosen = Features(*(None if v is None else v[polar] for v in vars(features).values()))
    p = SeveralClasses(ordered=True).fit(chosen, y[polar], 3).predict_proba(chosen)
    np.testing.assert_allclose(p.sum(axis=1), 1)
    assert (p.argmax(axis=1) == y[polar]).mean() > 0.9


def test_labels_of_either_sign_never_contradict_a_neutral_class() -> None:
    features, y = opinions(60, lean=-1.0)  # the score has the wrong sign
    step, _, neutral = (
        SeveralClasses(ordered=True)
        .fit(replace(features, polarity_mean=features.plain_mean), y, 3)
        .mixtures_
    )
    assert step.seeds_contradicted_
    assert not neutral.seeds_contradicted_
    assert np.isnan(neutral.score_log_loss_)
