"""Learning rate range test: raise the rate during a short run, and see where the loss falls.

The test of Smith (2015, *Cyclical Learning Rates for Training Neural Networks*, 3.3; 2018, *A
Disciplined Approach to Neural Network Hyper-Parameters*, 4): a newly initialised network takes one
mini-batch a step, while the rate grows by a constant factor. Too low a rate hardly changes the
loss, a good one lowers it, and too high a one raises it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.base.extras import require_torch
from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.classification.hidden_layer import HiddenLayerClassifier
    from sentiment_transfer.classification.labels import Labels

__all__ = ["RateRange", "find_rate"]

SMOOTHING = 0.9
"""Share of the earlier losses in a smoothed one."""

BROKEN = 4.0
"""The test ends where the loss exceeds this multiple of the lowest one."""


@dataclass(frozen=True, eq=False)
class RateRange:
    """Result of a range test.

    Attributes
    ----------
    rates
        Learning rates tried, each a constant factor above the last; float64 ``(n,)``.
    losses
        Smoothed loss of the mini-batches up to each rate, ``(n,)``: weighted mean cross-entropy in
        nats.

    Examples
    --------
    >>> import numpy as np
    >>> found = RateRange(np.geomspace(1e-4, 1, 5), np.array([0.69, 0.68, 0.5, 0.3, 2.0]))
    >>> found.suggested
    0.01
    """

    rates: NDArray[np.float64]
    losses: NDArray[np.float64]

    @property
    def suggested(self) -> float | None:
        """A tenth of the rate at which the loss had completed nine tenths of its decrease.

        None if no rate lowered the loss. Near that point the rate becomes too high. The rate of the
        lowest loss can be far too high: few labels are soon memorised, and then no rate raises the
        loss. The steepest decrease was sometimes noise of the first steps.
        """
        return self._nearly_lowest / 10 if np.nanmin(self.losses) < self.losses[0] else None

    @property
    def _nearly_lowest(self) -> float:
        lowest = np.nanmin(self.losses)
        down = self.losses <= lowest + 0.1 * (self.losses[0] - lowest)
        return float(self.rates[down.argmax()])

    def __str__(self) -> str:
        if self.suggested is None:
            return (
                f"no learning rate from {self.rates[0]:.2g} to {self.rates[-1]:.2g} lowered the "
                f"loss, {self.losses[0]:.3f}; try lower ones"
            )
        return (
            f"suggested learning rate {self.suggested:.2g} (rates from {self.rates[0]:.2g} to "
            f"{self.rates[-1]:.2g} lowered the loss from {self.losses[0]:.3f} to "
            f"{np.nanmin(self.losses):.3f}, nine tenths of it by {self._nearly_lowest:.2g})"
        )


def find_rate(
    head: HiddenLayerClassifier,
    X: ArrayLike,
    y: Labels,
    *,
    lowest: float = 1e-5,
    highest: float = 10.0,
    steps: int = 100,
    runs: int = 5,
) -> RateRange:
    """Run the range test with a classifier's optimizer, batch size and dropout, on the CPU.

    Weight decay is left out: it grows with the rate and would end each run at 0.

    Parameters
    ----------
    head
        The classifier. It is not changed, and its own learning rate is not used.
    X, y
        Its training data, ``(n, d)`` and ``(n,)``. Nothing is held out.
    lowest, highest, steps
        Range of the rates, and the number of mini-batches in a run, each at its own rate.
    runs
        Number of runs, each initialised differently by the head's seed. Their losses are averaged.

    Returns
    -------
    RateRange
        With ``steps`` rates, or fewer if the loss became infinite.

    Raises
    ------
    InputError
        The data are not allowed, as in ``fit``.
    SettingError
        The range is not allowed.
    MissingExtraError
        torch is not installed.

    Examples
    --------
    >>> from sentiment_transfer import HiddenLayerClassifier
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> X = rng.normal(size=(40, 5))
    >>> found = find_rate(HiddenLayerClassifier(8, seed=0), X, X[:, 0] > 0, steps=20, runs=1)
    >>> found.rates.shape, found.losses.shape
    ((20,), (20,))
    """
    if not 0 < lowest < highest < math.inf or steps < 10 or runs < 1:
        raise SettingError(
            f"lowest={lowest}, highest={highest}, steps={steps}, runs={runs} are not allowed; they "
            "must hold 0 < lowest < highest < inf, at least 10 steps and at least 1 run"
        )
    require_torch("a HiddenLayerClassifier")
    from sentiment_transfer.classification.training_torch import range_losses

    _, rows, numbers, weight = head.prepare(X, y)
    rates = np.geomspace(lowest, highest, steps)
    seeds = np.random.SeedSequence(int(head.seed)).generate_state(runs).tolist()
    every = [range_losses(head, rows, numbers, weight, rates, seed) for seed in seeds]
    losses = _smoothed(np.mean(every, axis=0))
    broken = np.flatnonzero(~(losses <= BROKEN * np.minimum.accumulate(losses)))
    end = max(10, broken[0] + 1 if len(broken) else steps)
    return RateRange(rates[:end], losses[:end])


def _smoothed(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return bias-corrected moving averages: ``m_t / (1 - b^t)`` with ``m_t = b m + (1-b) l``."""
    mean, smooth = 0.0, []
    for t, loss in enumerate(losses.tolist(), 1):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        smooth.append(mean / (1 - SMOOTHING**t))
    return np.array(smooth)
