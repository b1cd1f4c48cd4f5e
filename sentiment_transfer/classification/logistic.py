"""Logistic regression with a Gaussian prior on every weight, at its posterior mode.

One example has ``p(y = 1) = sigmoid(f)`` with ``f = bias + sum_b X_b w_b`` over blocks ``b`` of
features, ``w_b ~ N(mean_b, variance_b I)`` and ``bias ~ N(bias_mean, 0.3)``. ``fit_map``
minimises, with sample weights ``c``,

    ``sum_i c_i log(1 + exp(-(2 y_i - 1) f_i)) + sum_b |w_b - mean_b|^2 / (2 variance_b)
    + (bias - bias_mean)^2 / (2 * 0.3)``.

The prior makes the objective strictly convex, so it has one minimum for any examples: separable,
of one class only, a single one, or none (the minimum is then the prior mean).

The solver (`classification.newton`) works on weights standardised by their prior. They are a sum of
examples, so for few examples the same iterates are computed as coefficients of this sum, from the
kernel, ``(n, n)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sentiment_transfer.classification.newton import newton, newton_in_kernel
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csc_array, csc_matrix, csr_array, csr_matrix

    Vector: TypeAlias = NDArray[np.float64]
    Features: TypeAlias = NDArray[np.floating] | csr_array | csr_matrix

__all__ = ["Block", "MapLogistic", "fit_map", "held_out", "leave_one_out", "log_loss"]

BIAS_VARIANCE = 0.3
FOLDS = 5
TOLERANCE = 1e-11  # stop after a step whose expected decrease is below this share of the loss
FOLD_TOLERANCE = 1e-7
MOST_IN_KERNEL = 500
"""Examples up to which products with their kernel are faster than with sparse features."""


@dataclass(frozen=True, eq=False)
class Block:
    """Features under one prior: ``(n, d)``, dense or ``scipy.sparse`` in CSR form, finite.

    Prior variance (above 0) and mean of the weights are one number each, or ``(d,)``.
    """

    features: Features
    variance: float | NDArray[np.float64]
    mean: float | NDArray[np.float64] = 0.0

    @cached_property
    def scaled(self) -> Features:
        """The features in float64, columns scaled by their prior; raises ``InputError``."""
        return _scaled(self.features, np.sqrt(self.variance))

    @cached_property
    def kernel(self) -> Vector:
        """``X X'`` of the scaled features, ``(n, n)``; kept for all models that share the block."""
        K = self.scaled @ self.scaled.T
        return K if isinstance(K, np.ndarray) else np.asarray(K.toarray())


@dataclass(frozen=True, eq=False)
class MapLogistic:
    """The posterior mode: float64 weights ``(d,)`` of each block, and the bias."""

    weights: tuple[Vector, ...]
    bias: float

    def decision(self, features: Sequence[Features]) -> Vector:
        """Return ``f = bias + sum_b X_b w_b``, float64 ``(n,)``; features in the blocks' order."""
        f = np.full(features[0].shape[0], self.bias)
        for X, w in zip(features, self.weights, strict=True):
            f += X @ w
        return f


@dataclass(frozen=True, eq=False)
class Examples:
    """Checked float64 input, with columns scaled by their prior, so ``theta ~ N(0, I)``."""

    scaled: tuple[Features, ...]
    prior_f: Vector
    y: Vector
    weight: Vector

    def rows(self, chosen: NDArray[np.bool_]) -> Examples:
        """Return the chosen examples."""
        scaled = tuple(X[chosen] for X in self.scaled)
        return Examples(scaled, self.prior_f[chosen], self.y[chosen], self.weight[chosen])

    @cached_property
    def columns(self) -> list[slice]:
        """Places of each block's weights in ``theta``."""
        ends = np.cumsum([X.shape[1] for X in self.scaled]).tolist()
        return [slice(first, end) for first, end in zip([0, *ends], ends, strict=False)]

    def product(self, theta: Vector) -> Vector:
        """Return ``X theta``, with ``X`` the blocks stacked horizontally."""
        parts = zip(self.scaled, self.columns, strict=True)
        f: Vector = sum((X @ theta[own] for X, own in parts), np.zeros(len(self.y)))
        return f

    def transposed_product(self, v: Vector) -> Vector:
        """Return ``X' v``."""
        return np.concatenate([X @ v for X in self._transposed])

    @cached_property
    def _transposed(self) -> list[NDArray[np.floating] | csc_array | csc_matrix]:
        """Each block transposed, once: for sparse blocks as slow as a small product."""
        return [X.T for X in self.scaled]

    def loss(self, f: Vector) -> float:
        """Return the negative log likelihood at the scores ``f``, weighted."""
        return float(self.weight @ log_loss(f, self.y))

    def slope(self, f: Vector) -> tuple[Vector, Vector]:
        """Return the first derivative of the log likelihood by ``f``, and minus the second."""
        from scipy.special import expit

        p = expit(f)
        return self.weight * (self.y - p), self.weight * p * (1 - p)


def log_loss(f: Vector, y: ArrayLike) -> Vector:
    """Return ``-log p(y)`` of each example, float64 ``(n,)``; labels are 0 or 1."""
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
        At least one; all with the same number ``n`` of rows, which may be 0.
    y
        Labels 0 or 1, ``(n,)``.
    sample_weight
        Weight of each example, ``(n,)``, not negative; 1 by default.
    bias_mean
        Prior mean of the bias.

    Raises
    ------
    InputError
        Rows do not match, or a value is not finite, not 0 or 1, or negative.
    SettingError
        There is no block, or a variance is not above 0.
    """
    priors, examples = _prepare(blocks, y, sample_weight, bias_mean)
    if len(examples.y) <= min(MOST_IN_KERNEL, examples.columns[-1].stop):
        a = newton_in_kernel(examples, _kernel(priors), TOLERANCE)
        theta = examples.transposed_product(a)
    else:
        theta = newton(examples, np.zeros(examples.columns[-1].stop), TOLERANCE)
    *weights, bias = (
        prior.mean + np.sqrt(prior.variance) * theta[own]
        for prior, own in zip(priors, examples.columns, strict=True)
    )
    return MapLogistic(tuple(weights), float(bias[0]))


def leave_one_out(
    model: MapLogistic,
    blocks: Sequence[Block],
    y: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    bias_mean: float = 0.0,
) -> Vector:
    """Return each example's decision value by a model fitted without it, float64 ``(n,)``.

    ``model`` and the other arguments are those of `fit_map`; the priors must not depend on the
    labels (else see `held_out`). The value is the mean of the Laplace approximation's cavity
    distribution, computed without a refit in ``O(n^3)``:
    ``f_i - g_i V_ii / (1 - W_i V_ii)``, where ``g`` and ``-W`` are the first and second derivatives
    of the log likelihood and ``V = (K^-1 + W)^-1`` is the posterior covariance of ``f`` (Opper &
    Winther 2000, *Neural Computation* 12; Vehtari et al. 2016, *JMLR* 17(103), LA-LOO). It equals
    Rasmussen & Williams' (5.12) on Laplace's Gaussian sites,
    ``f_i - (a_i / [(K + W^-1)^-1]_ii - a_i / W_i)``, and stays finite where ``W_i`` vanishes.
    """
    from scipy.linalg import solve_triangular

    priors, examples = _prepare(blocks, y, sample_weight, bias_mean)
    f = examples.prior_f + examples.product(_scale(model, priors))
    gradient, W = examples.slope(f)
    K, root = _kernel(priors), np.sqrt(W)
    B = np.eye(len(K)) + root[:, None] * K * root  # its eigenvalues are at least 1
    half = solve_triangular(np.linalg.cholesky(B), root[:, None] * K, lower=True)
    V: Vector = np.diag(K) - (half**2).sum(axis=0)  # V = K - K W^1/2 B^-1 W^1/2 K
    return f - gradient * V / np.maximum(1 - W * V, 1e-12)


def held_out(
    model: MapLogistic,
    blocks_of: Callable[[NDArray[np.bool_]], Sequence[Block]],
    y: ArrayLike,
    sample_weight: ArrayLike | None = None,
    *,
    bias_mean: float = 0.0,
) -> Vector:
    """Return each example's decision value by a model fitted without its fold, float64 ``(n,)``.

    Uses five stratified folds. Each fit starts at ``model``, the result of `fit_map`, and has four
    fifths of the examples, so the values are slightly pessimistic. ``blocks_of(rows)`` returns the
    blocks of all examples, with priors computed from the examples ``rows`` only, bool ``(n,)``.
    """
    labels = np.asarray(y)
    fold = np.empty(len(labels), dtype=np.intp)
    fold[np.argsort(labels, kind="stable")] = np.arange(len(fold)) % FOLDS
    f = np.empty(len(fold))
    for held in (fold == i for i in range(FOLDS)):
        priors, examples = _prepare(blocks_of(~held), y, sample_weight, bias_mean)
        found = newton(examples.rows(~held), _scale(model, priors), FOLD_TOLERANCE)
        of_held = examples.rows(held)
        f[held] = of_held.prior_f + of_held.product(found)
    return f


def _prepare(
    blocks: Sequence[Block], y: ArrayLike, sample_weight: ArrayLike | None, bias_mean: float
) -> tuple[list[Block], Examples]:
    """Add the bias as a block of one column of ones, check the input and scale it."""
    if not blocks:
        raise SettingError("blocks=[] is not allowed; it must hold at least one block of features")
    rows = [block.features.shape[0] for block in blocks]
    blocks = [*blocks, Block(np.ones((rows[0], 1)), BIAS_VARIANCE, bias_mean)]
    for variance in (np.asarray(block.variance) for block in blocks):
        if not ((variance > 0) & np.isfinite(variance)).all():
            raise SettingError(f"variance={variance} is not allowed; it must be above 0 and finite")
    labels = np.asarray(y, dtype=np.float64)
    weight = np.ones(len(labels)) if sample_weight is None else np.asarray(sample_weight, float)
    if weight.shape != labels.shape or any((n,) != labels.shape for n in rows):
        raise InputError(
            f"labels have shape {labels.shape}, sample weights {weight.shape} and the blocks "
            f"{rows} rows; all must have the same number of examples"
        )
    if not np.isin(labels, (0, 1)).all():
        raise InputError("labels must be 0 or 1; encode the classes first")
    if not (np.isfinite(weight).all() and (weight >= 0).all()):
        raise InputError("sample weights must be finite and not negative")
    scaled = tuple(block.scaled for block in blocks)
    means = (np.broadcast_to(block.mean, block.features.shape[1]) for block in blocks)
    prior_f = sum(block.features @ mean for block, mean in zip(blocks, means, strict=True))
    return blocks, Examples(scaled, prior_f, labels, weight)


def _kernel(blocks: Sequence[Block]) -> Vector:
    """Return ``X X'``, ``(n, n)``, with ``X`` the blocks stacked horizontally."""
    return np.sum([block.kernel for block in blocks], axis=0)  # type: ignore[no-any-return]


def _scaled(features: Features, scale: float | Vector) -> Features:
    """Scale columns, in float64: products of mixed precision copy the matrix each time."""
    values = features if isinstance(features, np.ndarray) else features.data
    if not np.isfinite(values).all():
        raise InputError("features hold NaN or infinite values")
    scaled = features.astype(np.float64)
    if isinstance(scaled, np.ndarray):
        return scaled * scale
    scaled.data *= np.broadcast_to(scale, scaled.shape[1:])[scaled.indices]
    return scaled


def _scale(model: MapLogistic, blocks: list[Block]) -> Vector:
    """Return the weights in units of their prior."""
    pairs = zip([*model.weights, np.array([model.bias])], blocks, strict=True)
    return np.concatenate([(w - block.mean) / np.sqrt(block.variance) for w, block in pairs])
