"""Newton's method with a line search, for logistic regression with a Gaussian prior.

Each step is solved by truncated conjugate gradients, which need products with the features only, or
with the kernel of few examples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from sentiment_transfer.classification.logistic import Examples, Vector

__all__ = ["newton", "newton_in_kernel"]

MOST_STEPS = 100


def newton(examples: Examples, theta: Vector, tolerance: float) -> Vector:
    """Take Newton steps ``(I + X' W X) step = downhill``, each by truncated conjugate gradients."""
    f = examples.prior_f + examples.product(theta)
    for _ in range(MOST_STEPS):
        gradient, W = examples.slope(f)
        downhill = examples.transposed_product(gradient) - theta
        step = _conjugate_gradients(examples, W, downhill)
        rise, decrease = examples.product(step), float(downhill @ step)
        loss = examples.loss(f)
        t = _length(examples, f, rise, decrease, float(theta @ step), float(step @ step))
        theta, f = theta + t * step, f + t * rise
        if not t or decrease <= tolerance * (1 + loss):
            break
    return theta


def newton_in_kernel(examples: Examples, K: Vector, tolerance: float) -> Vector:
    """Return ``a`` with ``theta = X' a`` of `newton` from zero, without products with ``X``.

    With the kernel ``K = X X'``, ``|X' v|^2 = v' K v``; a step ``X' s`` raises ``f`` by ``K s``.
    """
    f, a = examples.prior_f, np.zeros(len(examples.y))
    for _ in range(MOST_STEPS):
        gradient, W = examples.slope(f)
        step, rise = _conjugate_gradients_in_kernel(K, W, gradient - a)
        decrease, loss = float((gradient - a) @ rise), examples.loss(f)
        t = _length(examples, f, rise, decrease, float(a @ rise), float(step @ rise))
        a, f = a + t * step, f + t * rise
        if not t or decrease <= tolerance * (1 + loss):
            break
    return a


def _length(
    examples: Examples, f: Vector, rise: Vector, decrease: float, linear: float, quadratic: float
) -> float:
    """Return the share of a step to take: it is halved until the objective falls (Armijo).

    The share is 0 if rounding hides any decrease. ``linear`` and ``quadratic`` are ``theta' step``
    and ``step' step``.
    """
    loss = examples.loss(f)
    for t in (0.5**halvings for halvings in range(40)):
        change = examples.loss(f + t * rise) - loss + t * linear + t**2 * quadratic / 2
        if change <= -1e-4 * t * decrease:
            return t
    return 0.0


def _conjugate_gradients(examples: Examples, W: Vector, downhill: Vector) -> Vector:
    """Solve ``(I + X' W X) step = downhill``, more exactly as ``downhill`` gets shorter.

    The method of Hestenes & Stiefel (1952). With scipy's `cg`, which has the same iterates, a fit
    to 8 examples takes a third longer.
    """
    step, residual, direction = np.zeros(len(downhill)), downhill, downhill
    square = start = float(downhill @ downhill)
    for _ in range(10 * len(downhill)):
        if square <= start * min(0.01, start**0.5):
            break
        image = direction + examples.transposed_product(W * examples.product(direction))
        length = square / float(direction @ image)
        step, residual = step + length * direction, residual - length * image
        before, square = square, float(residual @ residual)
        direction = residual + square / before * direction
    return step


def _conjugate_gradients_in_kernel(K: Vector, W: Vector, downhill: Vector) -> tuple[Vector, Vector]:
    """Return ``s`` and ``K s`` for the iterates ``X' s`` of `_conjugate_gradients`.

    ``downhill`` is given as coefficients as well.
    """
    step, k_step = np.zeros(len(downhill)), np.zeros(len(downhill))
    residual, k_residual = downhill, K @ downhill
    direction, k_direction = residual, k_residual
    square = start = max(float(residual @ k_residual), 0.0)  # below 0 by rounding alone
    for _ in range(10 * len(downhill)):
        if square <= start * min(0.01, start**0.5):
            break
        image = direction + W * k_direction
        length = square / float(k_direction @ image)
        step, k_step = step + length * direction, k_step + length * k_direction
        residual, k_residual = residual - length * image, k_residual - length * (K @ image)
        before, square = square, float(residual @ k_residual)
        direction = residual + square / before * direction
        k_direction = k_residual + square / before * k_direction
    return step, k_step
