"""Logistic regression with a Gaussian prior on every weight, at its posterior mode.

One example has ``p(y = 1) = sigmoid(f)`` with ``f = bias + sum_b X_b w_b`` over blocks ``b`` of
features, ``w_b ~ N(mean_b, variance_b I)`` and ``bias ~ N(bias_mean, 0.3)``. ``fit_map``
minimises, with sample weights ``c``,

    ``sum_i c_i log(1 + exp(-(2 y_i - 1) f_i)) + sum_b |w_b - mean_b|^2 / (2 variance_b)
    + (bias - bias_mean)^2 / (2 * 0.3)``.

The prior makes this strictly convex, so there is one minimum whatever the examples: separable, of
one class only, one alone, none (then it is the prior mean).

It is found by Newton's method with a line search, on the weights standardised by their prior. Each
step is solved by conjugate gradients, so that features enter as products only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csc_array, csc_matrix, csr_array, csr_matrix

    Vector: TypeAlias = NDArray[np.float64]
    Features: TypeAlias = NDArray[np.floating] | csr_array | csr_matrix

__all__ = ["Block", "MapLogistic", "fit_map", "held_out", "leave_one_out", "log_loss"]

BIAS_VARIANCE = 0.3
FOLDS = 5
TOLERANCE = 1e-11  # a step expected to take off less than this share of the loss is the last
FOLD_TOLERANCE = 1e-7


@dataclass(frozen=True, eq=False)
class Block:
    """Features under one prior.

    Attributes
    ----------
    features
        ``(n, d)``, dense or ``scipy.sparse`` in CSR form, finite.
    variance
        Prior variance of all the ``d`` weights, or of each, ``(d,)``; above 0.
    mean
        Prior mean of all of them, or of each, ``(d,)``.
    """

    features: Features
    variance: float | NDArray[np.float64]
    mean: float | NDArray[np.float64] = 0.0


@dataclass(frozen=True, eq=False)
class MapLogistic:
    """The posterior mode: float64 weights ``(d,)`` of each block, and the bias."""

    weights: tuple[Vector, ...]
    bias: float

    def decision(self, features: Sequence[Features]) -> Vector:
        """``f = bias + sum_b X_b w_b``, float64 ``(n,)``, for the blocks' features in order."""
        f = np.full(features[0].shape[0], self.bias)
        for X, w in zip(features, self.weights, strict=True):
            f += X @ w
        return f


@dataclass(frozen=True, eq=False)
class _Examples:
    """Checked float64 input, each block divided by its prior: weights ``theta ~ N(0, I)``."""

    scaled: tuple[Features, ...]
    prior_f: Vector
    y: Vector
    weight: Vector

    def rows(self, chosen: NDArray[np.bool_]) -> _Examples:
        scaled = tuple(X[chosen] for X in self.scaled)
        return _Examples(scaled, self.prior_f[chosen], self.y[chosen], self.weight[chosen])

    @property
    def widths(self) -> list[int]:
        return [X.shape[1] for X in self.scaled]

    def product(self, theta: Vector) -> Vector:
        """Return ``X theta`` of all blocks side by side."""
        f = np.zeros(len(self.y))
        for X, part in zip(self.scaled, _split(theta, self.widths), strict=True):
            f += X @ part
        return f

    def transposed_product(self, v: Vector) -> Vector:
        """Return ``X' v``."""
        return np.concatenate([X @ v for X in self._transposed])

    @cached_property
    def _transposed(self) -> list[NDArray[np.floating] | csc_array | csc_matrix]:
        """Each block transposed; for sparse ones that takes scipy as long as a small product."""
        return [X.T for X in self.scaled]

    def kernel(self) -> Vector:
        """Return ``X X'``, ``(n, n)``."""
        K = np.zeros((len(self.y), len(self.y)))
        for X in self.scaled:
            product = X @ X.T
            K += product if isinstance(product, np.ndarray) else product.toarray()
        return K

    def loss(self, f: Vector) -> float:
        return float(self.weight @ log_loss(f, self.y))

    def slope(self, f: Vector) -> tuple[Vector, Vector]:
        """First derivative of the log likelihood by ``f``, and minus the second."""
        from scipy.special import expit

        p = expit(f)
        return self.weight * (self.y - p), self.weight * p * (1 - p)


def log_loss(f: Vector, y: ArrayLike) -> Vector:
    """``-log p(y)`` of each example, float64 ``(n,)``, for decision values and labels 0 or 1."""
    return np.logaddexp(np.zeros(len(f)), np.where(np.asarray(y) > 0, -f, f))


def fit_map(
    blocks: Sequence[Block],
    y: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    bias_mean: float = 0.0,
) -> MapLogistic:
    """Find the posterior mode.

    Parameters
    ----------
    blocks
        At least one; all with the same ``n`` rows, which may be 0.
    y
        Labels 0 or 1, ``(n,)``.
    sample_weight
        What each example counts for, ``(n,)``, not negative; 1 where it is not given.
    bias_mean
        Prior mean of the bias.

    Raises
    ------
    InputError
        Rows do not match, or a value is not finite, not 0 or 1, or negative.
    SettingError
        There is no block, or a variance is not above 0.
    """
    priors = _with_bias(blocks, bias_mean)
    examples = _check(priors, y, sample_weight)
    theta = _newton(examples, np.zeros(sum(examples.widths)), TOLERANCE)
    *weights, bias = _unscale(theta, priors)
    return MapLogistic(tuple(weights), float(bias[0]))


def leave_one_out(
    model: MapLogistic,
    blocks: Sequence[Block],
    y: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    bias_mean: float = 0.0,
) -> Vector:
    """Decision value of each example in a model that has not seen its label, float64 ``(n,)``.

    ``model`` and the other arguments are those of ``fit_map``; the priors must not follow from the
    labels (else see `held_out`). It is the mean of the Laplace approximation's cavity distribution,
    without a refit, in ``O(n^3)``:
    ``f_i - g_i V_ii / (1 - W_i V_ii)``, where ``g`` and ``-W`` are the first and second derivatives
    of the log likelihood and ``V = (K^-1 + W)^-1`` is the posterior covariance of ``f`` (Opper &
    Winther 2000, *Neural Computation* 12; Vehtari et al. 2016, *JMLR* 17(103), LA-LOO). It equals
    Rasmussen & Williams' (5.12) on Laplace's Gaussian sites,
    ``f_i - (a_i / [(K + W^-1)^-1]_ii - a_i / W_i)``, and stays finite where ``W_i`` vanishes.
    """
    priors = _with_bias(blocks, bias_mean)
    examples = _check(priors, y, sample_weight)
    theta = _scale([*model.weights, np.array([model.bias])], priors)
    return _cavity_means(examples, examples.prior_f + examples.product(theta))


def held_out(
    model: MapLogistic,
    blocks_of: Callable[[NDArray[np.bool_]], Sequence[Block]],
    y: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    bias_mean: float = 0.0,
) -> Vector:
    """Decision value of each example in a model that has not seen its fold, float64 ``(n,)``.

    Five stratified folds, each fitted from where ``model`` stands, which `fit_map` found: to four
    fifths of the examples, so slightly pessimistic. ``blocks_of(rows)`` gives the blocks, of all
    examples, with the priors that the examples ``rows`` teach, bool ``(n,)``: nothing else may be
    learnt of the labels of those held out.
    """
    labels = np.asarray(y)
    fold = np.empty(len(labels), dtype=np.intp)
    fold[np.argsort(labels, kind="stable")] = np.arange(len(fold)) % FOLDS
    f = np.empty(len(fold))
    for held in (fold == i for i in range(FOLDS)):
        priors = _with_bias(blocks_of(~held), bias_mean)
        examples = _check(priors, y, sample_weight)
        theta = _scale([*model.weights, np.array([model.bias])], priors)
        found = _newton(examples.rows(~held), theta, FOLD_TOLERANCE)
        of_held = examples.rows(held)
        f[held] = of_held.prior_f + of_held.product(found)
    return f


def _with_bias(blocks: Sequence[Block], mean: float) -> list[Block]:
    """Add the bias as a block of one column of ones."""
    if not blocks:
        raise SettingError("no block of features; logistic regression needs at least one")
    return [*blocks, Block(np.ones((blocks[0].features.shape[0], 1)), BIAS_VARIANCE, mean)]


def _check(blocks: list[Block], y: ArrayLike, sample_weight: ArrayLike | None) -> _Examples:
    for block in blocks:
        variance = np.asarray(block.variance)
        if not ((variance > 0) & np.isfinite(variance)).all():
            raise SettingError(f"a prior variance is {variance}; it must be above 0 and finite")
    labels = np.asarray(y, dtype=np.float64)
    shape = (blocks[0].features.shape[0],)
    weight = np.ones(shape) if sample_weight is None else np.asarray(sample_weight, np.float64)
    rows = [block.features.shape[:1] for block in blocks]
    if not all(other == shape for other in (labels.shape, weight.shape, *rows)):
        raise InputError(
            f"labels have shape {labels.shape}, sample weights {weight.shape} and the blocks "
            f"{[n for (n,) in rows[:-1]]} rows; all must be of the same number of examples"
        )
    if not np.isin(labels, (0, 1)).all():
        raise InputError("labels must be 0 or 1; encode the classes first")
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise InputError("sample weights must be finite and not negative")
    scaled = tuple(_scaled(block.features, np.sqrt(block.variance)) for block in blocks)
    prior_f = np.zeros(shape)
    for block in blocks:
        prior_f += block.features @ np.broadcast_to(block.mean, block.features.shape[1])
    return _Examples(scaled, prior_f, labels, weight)


def _scaled(features: Features, scale: float | Vector) -> Features:
    """Scale columns, in float64: products of mixed precision copy the matrix every time."""
    values = features if isinstance(features, np.ndarray) else features.data
    if not np.isfinite(values).all():
        raise InputError("features hold NaN or infinite values")
    scaled = features.astype(np.float64)
    if isinstance(scaled, np.ndarray):
        return scaled * scale
    scaled.data *= np.broadcast_to(scale, scaled.shape[1:])[scaled.indices]
    return scaled


def _split(theta: Vector, widths: list[int]) -> list[Vector]:
    return np.split(theta, np.cumsum(widths)[:-1])


def _scale(weights: list[Vector], blocks: list[Block]) -> Vector:
    """Weights in units of their prior."""
    pairs = zip(weights, blocks, strict=True)
    return np.concatenate([(w - block.mean) / np.sqrt(block.variance) for w, block in pairs])


def _unscale(theta: Vector, blocks: list[Block]) -> list[Vector]:
    parts = _split(theta, [block.features.shape[1] for block in blocks])
    pairs = zip(parts, blocks, strict=True)
    return [block.mean + np.sqrt(block.variance) * part for part, block in pairs]


def _newton(examples: _Examples, theta: Vector, tolerance: float) -> Vector:
    """Take Newton steps ``(I + X' W X) step = downhill``, each by truncated conjugate gradients."""
    from scipy.sparse.linalg import LinearOperator, cg

    f = examples.prior_f + examples.product(theta)
    for _ in range(100):
        gradient, W = examples.slope(f)
        downhill = examples.transposed_product(gradient) - theta

        def curvature(v: Vector, W: Vector = W) -> Vector:
            return v + examples.transposed_product(W * examples.product(v))

        hessian = LinearOperator((len(theta), len(theta)), matvec=curvature, dtype=np.float64)
        accuracy = min(0.1, float(np.sqrt(np.linalg.norm(downhill))))
        step, _ = cg(hessian, downhill, rtol=accuracy)
        rise = examples.product(step)
        length, done = _step_length(
            examples, f, rise, float(theta @ step), float(step @ step), gradient, tolerance
        )
        theta, f = theta + length * step, f + length * rise
        if done:
            break
    return theta


def _step_length(
    examples: _Examples,
    f: Vector,
    rise: Vector,
    linear: float,
    quadratic: float,
    gradient: Vector,
    tolerance: float,
) -> tuple[float, bool]:
    """Halve the step until the objective falls (Armijo), and tell whether it is the last one.

    At length ``t`` the decision values are ``f + t rise`` and the penalty changes by
    ``t linear + t^2 quadratic / 2``.
    """
    loss = examples.loss(f)
    decrease = float(gradient @ rise) - linear
    for halvings in range(40):
        t = 0.5**halvings
        change = examples.loss(f + t * rise) - loss + t * linear + t**2 * quadratic / 2
        if change <= -1e-4 * t * decrease:
            return t, decrease <= tolerance * (1 + loss)
    return 0.0, True  # rounding hides any further decrease


def _factor(K: Vector, root: Vector) -> Vector:
    """Lower Cholesky factor of ``I + W^1/2 K W^1/2``, whose eigenvalues are at least 1."""
    B = root[:, None] * K * root
    B[np.diag_indices_from(B)] += 1
    return np.linalg.cholesky(B).astype(np.float64, copy=False)


def _cavity_means(examples: _Examples, f: Vector) -> Vector:
    """See ``leave_one_out``; ``V = K - K W^1/2 (I + W^1/2 K W^1/2)^-1 W^1/2 K``."""
    from scipy.linalg import solve_triangular

    K = examples.kernel()
    gradient, W = examples.slope(f)
    root = np.sqrt(W)
    half: Vector = solve_triangular(_factor(K, root), root[:, None] * K, lower=True)
    V: Vector = np.diag(K) - (half**2).sum(axis=0)
    return f - gradient * V / np.maximum(1 - W * V, 1e-12)
