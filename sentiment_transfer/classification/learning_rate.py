"""Which learning rate: let it rise through a short run, and see where the loss falls and breaks.

The range test of Smith (2015, *Cyclical Learning Rates for Training Neural Networks*, 3.3; 2018,
*A Disciplined Approach to Neural Network Hyper-Parameters*, 4): a network that starts anew takes
one mini-batch a step, while the rate grows by the same factor each time. Too low a rate hardly
moves the loss, a good one lowers it, too high a one drives it up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.classification.hidden_layer import HiddenLayerClassifier
    from sentiment_transfer.classification.inputs import Labels

__all__ = ["RateRange", "find_rate"]

SMOOTHING = 0.9
"""Share of the earlier losses in a smoothed one."""

BROKEN = 4.0
"""The loss has broken out once it is so many times the lowest one."""


@dataclass(frozen=True, eq=False)
class RateRange:
    """What a range test found.

    Attributes
    ----------
    rates
        Learning rates tried, rising by the same factor; float64 ``(n,)``.
    losses
        The smoothed loss of the mini-batches up to each, ``(n,)``: the weighted mean
        cross-entropy in nats; they end where it broke out, if it did.
    """

    rates: NDArray[np.float64]
    losses: NDArray[np.float64]

    @property
    def suggested(self) -> float | None:
        """A tenth of the rate at which the loss had come nine tenths of its way down.

        None where no rate lowered the loss. There too high a rate is near. (At the lowest loss it
        may be long past: a few labels are soon learnt by heart, and then no rate lifts the loss.
        The steepest fall was at times no more than the noise of the first steps.)
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
                f"no learning rate of {self.rates[0]:.2g} to {self.rates[-1]:.2g} lowered the loss,"
                f" {self.losses[0]:.3f}; try lower ones"
            )
        return (
            f"suggested learning rate {self.suggested:.2g} (of {self.rates[0]:.2g} to "
            f"{self.rates[-1]:.2g} tried, the loss fell from {self.losses[0]:.3f} to "
            f"{np.nanmin(self.losses):.3f}, and was nearly there at {self._nearly_lowest:.2g})"
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
    """Run the range test for a classifier with its optimizer, batches and dropout, on the CPU.

    Without weight decay: its pull grows with the rate and would end each run at 0.

    Parameters
    ----------
    head
        The classifier; it stays as it is, fitted or not, and its own learning rate is not used.
    X, y
        What it would be fitted on. Nothing is held out: a rate that suits the training rows is
        looked for, not an answer that suits others.
    lowest, highest
        Ends of the rates that are tried.
    steps
        Mini-batches in a run.
    runs
        Runs, each from its own start by the head's seed; their losses are averaged, for one alone
        is ragged.

    Raises
    ------
    InputError, SettingError
        As ``fit``; or the ends are not in order.
    """
    if not 0 < lowest < highest < math.inf or steps < 10 or runs < 1:
        raise SettingError(
            f"a range test from {lowest} to {highest} in {steps} steps and {runs} runs cannot "
            "work; the rates rise from above 0, in 10 steps or more"
        )
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
    """Exponential mean without bias to the start: ``m_t / (1 - b^t)``, ``m_t = b m + (1-b) l``."""
    mean, smooth = 0.0, []
    for t, loss in enumerate(losses.tolist(), 1):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * loss
        smooth.append(mean / (1 - SMOOTHING**t))
    return np.array(smooth)
