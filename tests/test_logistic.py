from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.optimize import approx_fprime, root
from scipy.sparse import csr_array
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from sentiment_transfer.classification.logistic import (
    Block,
    MapLogistic,
    fit_map,
    held_out,
    leave_one_out,
    log_loss,
)
from sentiment_transfer.classification.newton import _conjugate_gradients_in_kernel
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


def problem(n: int, d: int, seed: int = 0) -> tuple[list[Block], Array]:
    """Three blocks: one column with a prior slope, dense vectors, sparse words."""
    rng = np.random.default_rng(seed)
    score = rng.normal(size=(n, 1))
    dense = rng.normal(size=(n, d)) / np.sqrt(d)
    words = csr_array(np.where(rng.random((n, 2 * d)) < 0.2, rng.random((n, 2 * d)), 0))
    y = (score[:, 0] + dense[:, 0] + rng.normal(size=n) > 0).astype(np.float64)
    return [Block(score, 0.75**2, 1.5), Block(dense, 1.0), Block(words, 10.0)], y


def rows(blocks: list[Block], chosen: NDArray[np.bool_]) -> list[Block]:
    return [Block(block.features[chosen], block.variance, block.mean) for block in blocks]


def stacked(model: MapLogistic) -> Array:
    return np.concatenate([*model.weights, [model.bias]])


def objective(theta: Array, blocks: list[Block], y: Array, c: Array) -> float:
    """The sum in the module's docstring, term by term."""
    f, penalty, at = np.full(len(y), theta[-1]), theta[-1] ** 2 / (2 * 0.3), 0
    for block in blocks:
        w = theta[at : at + block.features.shape[1]]
        f = f + block.features @ w
        penalty += ((w - block.mean) ** 2).sum() / (2 * block.variance)
        at += len(w)
    return float((c * np.log1p(np.exp(-(2 * y - 1) * f))).sum() + penalty)


@pytest.mark.parametrize("kind", [np.asarray, csr_array])
def test_a_variance_for_each_weight_is_a_scale_of_its_column(kind: type) -> None:
    blocks, y = problem(30, 4)
    X = blocks[1].features
    variance = np.array([0.1, 1.0, 5.0, 40.0])
    one = fit_map([blocks[0], Block(kind(X), variance, 0.5)], y)
    scaled = fit_map([blocks[0], Block(X * np.sqrt(variance), 1.0, 0.5 / np.sqrt(variance))], y)
    np.testing.assert_allclose(one.weights[1], scaled.weights[1] * np.sqrt(variance), atol=1e-6)
    assert one.bias == pytest.approx(scaled.bias, abs=1e-6)


def test_the_slope_of_the_objective_is_zero_at_the_mode_by_finite_differences() -> None:
    blocks, y = problem(30, 12)
    c = np.random.default_rng(1).random(30) * 3
    at_mode = stacked(fit_map(blocks, y, c))
    at_prior_mean = np.array([1.5, *[0.0] * 36, 0.0])
    slope = approx_fprime(at_mode, objective, 1e-7, blocks, y, c)
    assert np.abs(slope).max() < 1e-4
    assert np.abs(approx_fprime(at_prior_mean, objective, 1e-7, blocks, y, c)).max() > 0.1


@pytest.mark.parametrize("weighted", [False, True])
def test_weights_are_those_of_scikit_learn_where_the_models_coincide(weighted: bool) -> None:
    # one zero-mean block: C = variance; the bias as one more feature of constant sqrt(0.3 / 2)
    rng = np.random.default_rng(3)
    X = rng.normal(size=(40, 60))
    y = (X[:, 0] + rng.normal(size=40) > 0.5).astype(int)
    c = rng.random(40) * 2 if weighted else None
    column = np.sqrt(0.3 / 2)
    peer = LogisticRegression(C=2.0, fit_intercept=False, tol=1e-10, max_iter=10_000)
    peer.fit(np.hstack([X, np.full((40, 1), column)]), y, sample_weight=c)
    model = fit_map([Block(X, 2.0)], y, c)
    np.testing.assert_allclose(model.weights[0], peer.coef_[0, :-1], atol=1e-5)
    assert model.bias == pytest.approx(peer.coef_[0, -1] * column, abs=1e-5)


def test_fewer_examples_than_features_match_the_dual_solution_of_scipy() -> None:
    """At the mode ``theta = X' g(f)`` and ``f = m + K g(f)``, of as many unknowns as examples."""
    blocks, y = problem(30, 40)
    c = np.random.default_rng(2).random(30) * 4
    model = fit_map(blocks, y, c, bias_mean=-0.7)
    prior_f, K = np.full(30, -0.7), np.full((30, 30), 0.3)
    for block in blocks:
        X = np.asarray(block.features @ np.eye(block.features.shape[1]))
        prior_f += X.sum(axis=1) * block.mean
        K += block.variance * X @ X.T
    found = root(lambda f: f - prior_f - K @ (c * (y - expit(f))), prior_f, tol=1e-13)
    assert found.success
    f = model.decision([block.features for block in blocks])
    np.testing.assert_allclose(f, found.x, rtol=0, atol=1e-6)


def test_more_examples_than_features_match_scikit_learn() -> None:
    rng = np.random.default_rng(4)
    X = rng.normal(size=(3000, 5)).astype(np.float32)
    y = (X[:, 0] - X[:, 1] + rng.logistic(size=3000) > 0).astype(int)
    peer = LogisticRegression(C=0.5, fit_intercept=False, tol=1e-10).fit(
        np.hstack([X, np.full((3000, 1), np.sqrt(0.3 / 0.5))]), y
    )
    np.testing.assert_allclose(
        fit_map([Block(X, 0.5)], y).weights[0], peer.coef_[0, :-1], atol=1e-5
    )


def test_without_examples_the_weights_are_the_prior_means() -> None:
    blocks = [Block(np.zeros((0, 1)), 0.5, 1.5), Block(np.zeros((0, 3)), 1.0)]
    model = fit_map(blocks, [], bias_mean=0.25)
    assert [w.tolist() for w in model.weights] == [[1.5], [0.0, 0.0, 0.0]]
    assert model.bias == 0.25
    assert leave_one_out(model, blocks, [], bias_mean=0.25).shape == (0,)


def test_one_example_solves_the_scalar_equation() -> None:
    # f = 2 w + b with w = v 2 a, b = 0.3 a, a = 1 - sigmoid(f): f = 4.3 a for v = 1
    model = fit_map([Block(np.array([[2.0]]), 1.0)], [1])
    f = 2 * model.weights[0][0] + model.bias
    assert f == pytest.approx(4.3 / (1 + np.exp(f)), abs=1e-6)
    assert model.weights[0][0] / model.bias == pytest.approx(2 / 0.3)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e3])
def test_separable_data_converge_at_any_scale(scale: float) -> None:
    X = scale * np.array([[-2.0], [-1.0], [1.0], [2.0]])
    blocks = [Block(X, 100.0)]
    y = np.array([0.0, 0.0, 1.0, 1.0])
    model = fit_map(blocks, y)
    slope = X[:, 0] @ (y - 1 / (1 + np.exp(-model.decision([X])))) - model.weights[0][0] / 100
    assert abs(slope) < 1e-5 * max(scale, 1)
    assert model.bias == pytest.approx(0, abs=1e-6)


def test_huge_sample_weights_on_noise_converge() -> None:
    rng = np.random.default_rng(5)
    X, y = rng.normal(size=(12, 20)), (rng.random(12) > 0.5).astype(float)
    c = 10.0 ** rng.integers(-3, 7, size=12)
    model = fit_map([Block(X, 10.0)], y, c)
    f = model.decision([X])
    slope = X.T @ (c * (y - 1 / (1 + np.exp(-f)))) - model.weights[0] / 10
    assert np.isfinite(slope).all()
    assert np.abs(slope).max() < 1e-3
    assert np.isfinite(leave_one_out(model, [Block(X, 10.0)], y, c)).all()


def test_an_example_given_twice_is_an_example_of_weight_two() -> None:
    blocks, y = problem(20, 15)
    once = fit_map(blocks, y, np.r_[2.0, np.ones(19)])
    again = np.r_[0, np.arange(20)]
    twice = fit_map([Block(b.features[again], b.variance, b.mean) for b in blocks], y[again])
    np.testing.assert_allclose(stacked(twice), stacked(once), atol=1e-6)


def test_an_example_of_weight_zero_changes_nothing_and_leaving_it_out_neither() -> None:
    blocks, y = problem(20, 15)
    c = np.r_[0.0, np.ones(19)]
    model = fit_map(blocks, y, c)
    without = fit_map(rows(blocks, c > 0), y[1:])
    np.testing.assert_allclose(stacked(model), stacked(without), atol=1e-9)
    f = model.decision([block.features for block in blocks])
    assert leave_one_out(model, blocks, y, c)[0] == pytest.approx(f[0])


@pytest.mark.parametrize("weighted", [False, True])
def test_leave_one_out_agrees_with_refits(weighted: bool) -> None:
    blocks, y = problem(60, 40)
    c = np.random.default_rng(6).uniform(0.5, 1.5, 60) if weighted else np.ones(60)
    quick = leave_one_out(fit_map(blocks, y, c), blocks, y, c)
    refitted = np.empty(60)
    for i in range(60):
        rest = np.arange(60) != i
        model = fit_map(rows(blocks, rest), y[rest], c[rest])
        refitted[i] = model.decision([block.features[i : i + 1] for block in blocks])[0]
    in_sample = fit_map(blocks, y, c).decision([block.features for block in blocks])
    assert np.abs(quick - refitted).max() < 0.15
    assert np.abs(in_sample - refitted).max() > 1  # what leaving out is there to reveal
    assert log_loss(quick, y).sum() == pytest.approx(log_loss(refitted, y).sum(), rel=0.01)


def test_leave_one_out_is_the_formula_of_gaussian_processes() -> None:
    # Rasmussen & Williams (5.12) on Laplace's sites, with the inverse written out
    rng = np.random.default_rng(7)
    score, dense = rng.normal(size=(15, 1)), rng.normal(size=(15, 20))
    y = (score[:, 0] + rng.normal(size=15) > 0).astype(np.float64)
    blocks = [Block(score, 0.75**2, 1.5), Block(csr_array(dense), 3.0)]
    model = fit_map(blocks, y)
    f = model.decision([score, dense])
    K = 0.3 + 0.75**2 * score @ score.T + 3 * dense @ dense.T
    p = 1 / (1 + np.exp(-f))
    W, alpha = p * (1 - p), y - p
    inverse = np.linalg.inv(K + np.diag(1 / W))
    expected = f - (alpha / np.diag(inverse) - alpha / W)
    np.testing.assert_allclose(leave_one_out(model, blocks, y), expected, atol=1e-7)


def test_folds_of_many_examples_agree_with_leave_one_out() -> None:
    blocks, y = problem(900, 30)
    model = fit_map(blocks, y)
    closed = leave_one_out(model, blocks, y)
    folds = held_out(model, lambda _: blocks, y)
    in_sample = model.decision([block.features for block in blocks])
    loss = log_loss(folds, y).mean()
    assert loss == pytest.approx(log_loss(closed, y).mean(), rel=0.04)
    assert loss > log_loss(in_sample, y).mean() * 1.1
    assert np.corrcoef(folds, closed)[0, 1] > 0.98


def test_folds_are_plain_refits_on_every_fifth_example_of_each_class() -> None:
    blocks, y = problem(50, 10)
    y = np.repeat([0.0, 1.0], 25)
    asked: list[list[int]] = []

    def blocks_of(rest: NDArray[np.bool_]) -> list[Block]:
        asked.append(np.flatnonzero(~rest).tolist())
        return blocks

    folds = held_out(fit_map(blocks, y), blocks_of, y)
    assert asked == [list(range(fold, 50, 5)) for fold in range(5)]
    for fold in range(5):
        held = np.arange(50) % 5 == fold
        model = fit_map(rows(blocks, ~held), y[~held])
        expected = model.decision([block.features[held] for block in blocks])
        np.testing.assert_allclose(folds[held], expected, atol=1e-2)


def test_bad_input_is_refused_by_what_is_wrong_with_it() -> None:
    X = np.ones((2, 3))
    with pytest.raises(InputError, match="the same number of examples"):
        fit_map([Block(X, 1.0)], [0, 1, 1])
    with pytest.raises(InputError, match="the same number of examples"):
        fit_map([Block(X, 1.0), Block(X[:1], 1.0)], [0, 1])
    with pytest.raises(InputError, match="0 or 1"):
        fit_map([Block(X, 1.0)], [0, 2])
    with pytest.raises(InputError, match="not negative"):
        fit_map([Block(X, 1.0)], [0, 1], [1, -1])
    with pytest.raises(InputError, match="NaN"):
        fit_map([Block(X * np.nan, 1.0)], [0, 1])
    with pytest.raises(InputError, match="NaN"):
        fit_map([Block(csr_array(X * np.inf), 1.0)], [0, 1])
    with pytest.raises(SettingError, match="above 0"):
        fit_map([Block(X, 0.0)], [0, 1])
    with pytest.raises(SettingError, match="at least one"):
        fit_map([], [0, 1])


def test_few_examples_are_solved_in_their_kernel_as_many_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(0)
    blocks = [Block(rng.normal(size=(30, 50)), 2.0, 0.1), Block(rng.random((30, 20)), 0.5)]
    y, weight = rng.integers(0, 2, 30), rng.random(30)
    by_kernel = fit_map(blocks, y, weight, bias_mean=0.3)
    monkeypatch.setattr("sentiment_transfer.classification.logistic.MOST_IN_KERNEL", -1)
    by_features = fit_map(blocks, y, weight, bias_mean=0.3)
    assert by_kernel.bias == pytest.approx(by_features.bias, abs=1e-9)
    for one, other in zip(by_kernel.weights, by_features.weights, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-9)


def test_a_kernel_that_rounding_makes_indefinite_is_no_harm() -> None:
    same = np.full((4, 3), 1e-9)
    model = fit_map([Block(same, 1.0)], np.array([1, 0, 1, 0]))
    reference = fit_map([Block(np.vstack([same] * 200), 1.0)], np.tile([1, 0, 1, 0], 200))
    np.testing.assert_allclose(model.decision([same]), 0, atol=1e-6)
    np.testing.assert_allclose(reference.decision([same]), 0, atol=1e-6)


def test_a_direction_of_no_length_ends_the_solver() -> None:
    K = np.array([[0.0, 1e-9], [1e-9, 0.0]])  # one eigenvalue is below 0
    step, rise = _conjugate_gradients_in_kernel(K, np.ones(2), np.array([1.0, -1.0]))
    assert (step == 0).all()
    assert (rise == 0).all()
