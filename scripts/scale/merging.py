"""Rules of merging that were compared: the weight of the summed changes of each word."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.pretraining.schedule import rate_factor

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Scale = Callable[[NDArray[np.float64], int, float], NDArray[np.float32]]
    Rate = Callable[[int], float]

__all__ = ["RULES", "TRIED", "Rule", "by_frequency", "raised"]


class Rule(NamedTuple):
    """A rule: a function in place of the package's `merge_scale`, or None for that and its rate.

    ``rate`` returns the factor of the learning rate inside the shares. With ``now`` the weights are
    computed for the rate of each round, and otherwise for that of the first.
    """

    scale: Scale | None
    rate: Rate = lambda _: 1.0
    now: bool = False


def by_frequency(
    occurrences: NDArray[np.float64], replicas: int, alpha: float
) -> NDArray[np.float32]:
    """Weights from 1 for rare words to ``1 / R`` for frequent ones, which the package had before.

    It is the rule of `raised` at a rate that is not raised, with s = 30, less for more than four
    replicas and for rates above 0.025.
    """
    settled = 30.0 * min(1.0, 4 / replicas) * min(1.0, 0.025 / alpha)
    a = np.exp(-np.maximum(occurrences, 1e-6) / settled)
    scale: NDArray[np.float64] = (1 - a**replicas) / (replicas * (1 - a))
    return scale.astype(np.float32)


def raised(rate: Rate, settled: float) -> Scale:
    """Return the function of `rounds.merge_scale` for other factors of the rate and another s."""

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
    "by frequency": Rule(by_frequency),
    "by frequency, rate by root": Rule(None),
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
