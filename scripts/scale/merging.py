"""Rules of merging that were compared: the weight of the summed changes of each word."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Scale = Callable[[NDArray[np.float64], int, float], NDArray[np.float32]]
    Rate = Callable[[int], float]

__all__ = ["RULES", "TRIED", "Rule", "merge_scale", "raised", "rate_factor"]

MAX_FACTOR = 4.0
"""Most that the rate is raised: the kernel limits the steps of higher ones (`MAX_STEP`)."""

STEPS_TO_SETTLE = 60.0
"""Occurrences at a rate of 0.025 after which a word's vectors have settled; see `merge_scale`."""

SETTLED_SHARES = 16
"""With more replicas words count as settled earlier: overshoots of words together add up."""


class Rule(NamedTuple):
    """A rule: a function in place of the package's `merge_scale`, or None for that one.

    ``rate`` returns the factor of the learning rate inside the shares. With ``now`` the weights are
    computed for the rate of each round, and otherwise for that of the first.
    """

    scale: Scale | None
    rate: Rate = lambda _: 1.0
    now: bool = False


def rate_factor(replicas: int) -> float:
    """Factor of the learning rate inside the shares: the root of their number, at most 4."""
    return min(MAX_FACTOR, replicas**0.5)


def merge_scale(
    occurrences: NDArray[np.float64], replicas: int, alpha: float
) -> NDArray[np.float32]:
    """Weight of the summed changes of each word's vectors, float32 ``(n_words,)``.

    The replicas learn at the rate ``alpha * rate_factor(replicas)``; ``alpha`` is the rate of one
    share. A step at the rate 0.025 closes a fraction 1 / s of the gap between a word's vectors and
    the point where they settle. With n ``occurrences`` in a shard and ``q = alpha / 0.025``, R
    shards one after the other would close ``1 - exp(-n R q / s)`` of it, and each replica, at a
    rate raised by f, closes ``1 - exp(-n f q / s)``. The weight is the first divided by R times the
    second: ``1 / f`` for a rare word, ``1 / R`` for a frequent one. With f = 1 the weights fall
    from 1 to ``1 / R``; with f = R all are ``1 / R``, the mean at a rate raised by R.
    """
    settled = STEPS_TO_SETTLE * min(1.0, SETTLED_SHARES / replicas)
    return raised(rate_factor, settled)(occurrences, replicas, alpha)


def raised(rate: Rate, settled: float) -> Scale:
    """Return the function of `merge_scale` for other factors of the rate and another s."""

    def scale(occurrences: NDArray[np.float64], replicas: int, alpha: float) -> NDArray[np.float32]:
        all_shards = np.maximum(occurrences, 1e-6) * replicas * (alpha / 0.025) / settled
        one_shard = all_shards * rate(replicas) / replicas
        weight: NDArray[np.float64] = np.expm1(-all_shards) / (replicas * np.expm1(-one_shard))
        return weight.astype(np.float32)

    return scale


def _power(power: float) -> Scale:
    """Weight ``replicas ** power`` for every word: 0 is the sum, -1 the mean."""

    def scale(occurrences: NDArray[np.float64], replicas: int, _: float) -> NDArray[np.float32]:
        return np.full(len(occurrences), replicas**power, np.float32)

    return scale


RULES = {
    "by frequency": Rule(None),
    "by frequency, rate by root": Rule(merge_scale, rate_factor),
    "sum over root": Rule(_power(-0.5)),
    "sum": Rule(_power(0.0)),
    "mean": Rule(_power(-1.0)),
    "mean, rate by shares": Rule(_power(-1.0), float),
}
"""The rules of the report."""

RATES: dict[str, Rate] = {
    **{f"{most:g}": lambda n, most=most: min(most, n) for most in (1, 2, 4, 8)},
    "root": rate_factor,
}

TRIED = {
    f"rate {name}, settled {settled:g}{', now' * now}": Rule(raised(rate, settled), rate, now)
    for name, rate in RATES.items()
    for settled in (7.5, 15, 30, 60, 120)
    for now in (False, True)
}
"""Rules between the package's and the mean at a raised rate, of which one was chosen."""
