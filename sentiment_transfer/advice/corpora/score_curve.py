"""How the label-free score grows with the corpus: a curve of known shape, fitted to few points.

Above chance, the area under the curve grows with the number ``t`` of tokens as a Hill function::

    a(t) = 1/2 + c r(t),    r(t) = t^h / (t^h + m^h)

slowly at first, fastest around ``m`` tokens, then towards the ceiling ``1/2 + c``. ``c`` and ``m``
differ between corpora, and are averaged over with their posterior weights on a grid: normal errors
of the points, a normal prior of ``c`` and a log-normal one of ``m``. ``h`` and the priors were
chosen on half of the corpora of ``scripts/advice/corpora.py``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["CurveShape", "Growth", "forecast_growth"]

LEAST_ERROR, ERROR_OF_TEXT = 0.003, 0.3
"""Standard error of the area of a part of ``n`` texts: the root of ``0.003^2 + 0.3^2 / n``."""
CURVE_ERROR = 0.0075
"""Standard deviation of a score around its curve at three times the text."""
MIDDLES = np.geomspace(1e3, 1e6, 40)
CEILINGS = np.linspace(0.05, 0.45, 41)


@dataclass(frozen=True)
class CurveShape:
    """What is known of the curve before a point is measured.

    Attributes
    ----------
    steepness
        ``h``.
    middle, middle_spread
        Median of ``m``, in tokens, and standard deviation of its logarithm.
    ceiling, ceiling_spread
        Mean and standard deviation of ``c``.
    """

    steepness: float = 0.7
    middle: float = 20_000.0
    middle_spread: float = 0.7
    ceiling: float = 0.33
    ceiling_spread: float = 0.05


SHAPE = CurveShape()


@dataclass(frozen=True)
class Growth:
    """A forecast of the area under the curve, with standard deviations.

    Attributes
    ----------
    area, area_error
        At the forecast number of tokens.
    gain, gain_error
        Growth of the curve from the last point to there.
    """

    area: float
    area_error: float
    gain: float
    gain_error: float


def forecast_growth(
    tokens: NDArray[np.float64],
    texts: NDArray[np.float64],
    areas: NDArray[np.float64],
    target: float,
    n_draws: int = 1,
    shape: CurveShape = SHAPE,
) -> Growth:
    """Forecast the area at ``target`` tokens.

    Parameters
    ----------
    tokens, texts, areas
        Of parts of a corpus from small to large, ``(n,)``: the numbers of tokens and of texts, and
        the area, a mean over ``n_draws`` draws of the part.
    shape
        What is known of the curve before.
    """
    errors = np.sqrt(LEAST_ERROR**2 + ERROR_OF_TEXT**2 / (texts * n_draws))
    at_parts = _share(tokens[None, :], MIDDLES[:, None], shape)[:, None, :]
    misses = (areas - 0.5 - CEILINGS[None, :, None] * at_parts) / errors
    log_weights = -0.5 * (misses**2).sum(axis=2)
    log_weights -= 0.5 * (np.log(MIDDLES / shape.middle) / shape.middle_spread)[:, None] ** 2
    log_weights -= 0.5 * ((CEILINGS - shape.ceiling) / shape.ceiling_spread)[None, :] ** 2
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    at_target = _share(target, MIDDLES, shape)[:, None]
    area, area_error = _moments(0.5 + CEILINGS * at_target, weights)
    gain = _moments(CEILINGS * (at_target - at_parts[:, :, -1]), weights)
    return Growth(area, math.hypot(area_error, CURVE_ERROR), *gain)


def _share(
    tokens: NDArray[np.float64] | float, middle: NDArray[np.float64], shape: CurveShape
) -> NDArray[np.float64]:
    """Return ``r``, the share of the ceiling that is reached."""
    share: NDArray[np.float64] = 1 / (1 + (middle / tokens) ** shape.steepness)
    return share


def _moments(values: NDArray[np.float64], weights: NDArray[np.float64]) -> tuple[float, float]:
    """Return the weighted mean and standard deviation."""
    mean = float((weights * values).sum())
    return mean, float(np.sqrt((weights * (values - mean) ** 2).sum()))
