"""Diagnosis of a training history: too high a learning rate, overfitting, underfitting, or fine.

The losses after each epoch are divided by the loss of always predicting the class frequencies
(``log k`` for ``k`` classes of equal size). The first rule that holds gives the verdict:

- the training loss rises far above that baseline, or often jumps up: too high a rate;
- the validation loss rises well above its minimum, or is far above the training loss: overfitting;
- the loss was still falling in the last epochs, or never came well below the baseline:
  underfitting;
- otherwise fine, or without a validation loss "not validated".

The thresholds are rules of thumb; the tests check them on histories whose cause is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.classification.settings import Epoch

__all__ = ["Diagnosis", "diagnose"]

Verdict = Literal["too high a rate", "underfitting", "overfitting", "fine", "not validated"]

# Losses as multiples of the baseline's
MAX_TRAINING_LOSS = 1.5
"""A training loss above it means divergence."""
JUMP = 0.03
"""A rise of the training loss from one epoch to the next that counts as a jump."""
MAX_JUMPS = 0.25
"""Share of the epochs that may be jumps."""
MAX_RISE = 0.1
"""How far the last validation loss may be above the lowest."""
MAX_GAP = 0.3
"""How far the lowest validation loss may be above the training loss of that epoch."""
STILL_FALLING = 0.05
"""Share of the total decrease that the last fifth of the epochs may have added."""
LEARNT = 0.85
"""A training loss that is never below it means that nothing was learnt."""


@dataclass(frozen=True)
class Diagnosis:
    """Verdict on a training history, the figures behind it, and what to change.

    Attributes
    ----------
    verdict
        ``"fine"``, ``"overfitting"``, ``"underfitting"``, ``"too high a rate"`` or ``"not
        validated"``.
    reason
        The figures.
    remedy
        What to change.

    Examples
    --------
    >>> found = diagnose([Epoch(0.6, 0.3, None, None, 0.003), Epoch(0.2, 0.0, None, None, 0.003)])
    >>> found.verdict, found.remedy
    ('underfitting', 'use more epochs or a higher learning rate')
    """

    verdict: Verdict
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.verdict}: {self.reason}; {self.remedy}"


def diagnose(
    history: Sequence[Epoch], n_classes: int = 2, shares: ArrayLike | None = None
) -> Diagnosis:
    """Diagnose the ``history_`` of a fitted network.

    Parameters
    ----------
    history
        Of `HiddenLayerClassifier`, an `Epoch` each.
    n_classes
        Number of labels.
    shares
        Weighted class frequencies of the labels, ``(n_classes,)``, by default equal: with 9 of 10
        labels in one class, a loss of 0.33 is that of always predicting the frequencies.

    Returns
    -------
    Diagnosis
        The first fault that is found; otherwise ``"fine"`` or ``"not validated"``.

    Raises
    ------
    InputError
        The history is empty.

    Examples
    --------
    >>> fits = [Epoch(0.6 / i, 0.1, 0.6 + 0.1 * i, 0.3, 0.003) for i in range(1, 6)]
    >>> print(diagnose(fits))
    overfitting: the validation loss was lowest after epoch 1, 0.7, and 1.1 after epoch 5, while
    the training loss went from 0.6 to 0.12; the network of epoch 1 is kept; use more labels,
    more dropout or weight decay, or fewer hidden units
    """
    if not history:
        raise InputError("the history is empty; fit the network first")
    p = np.full(n_classes, 1 / n_classes) if shares is None else np.asarray(shares, np.float64)
    baseline = -float(p[p > 0] @ np.log(p[p > 0]))
    training = np.array([baseline, *(epoch.loss for epoch in history)]) / baseline
    held_out = [epoch.validation_loss for epoch in history if epoch.validation_loss is not None]
    validation = np.array([baseline, *held_out]) / baseline if held_out else None
    return (
        _too_high(training, history)
        or (None if validation is None else _overfitting(training, validation, history))
        or _underfitting(training, training if validation is None else validation)
        or _fine(history, held_out)
    )


def _too_high(training: NDArray[np.float64], history: Sequence[Epoch]) -> Diagnosis | None:
    jumps = int((np.diff(training[1:]) > JUMP).sum())
    if training.max() <= MAX_TRAINING_LOSS and jumps <= MAX_JUMPS * len(history):
        return None
    worst = int(training[1:].argmax())
    return Diagnosis(
        "too high a rate",
        f"the training loss jumped up in {jumps} of {len(history)} epochs and was "
        f"{history[worst].loss:.3g} after epoch {worst + 1}",
        f"lower the learning rate, now {history[-1].learning_rate:g}, to a third or a tenth, or "
        "use the rate that a range test suggests",
    )


def _overfitting(
    training: NDArray[np.float64], validation: NDArray[np.float64], history: Sequence[Epoch]
) -> Diagnosis | None:
    best = int(validation[1:].argmin()) + 1
    risen = validation[-1] > validation[best] + MAX_RISE
    if not risen and validation[best] - training[best] <= MAX_GAP:
        return None
    kept, last = history[best - 1], history[-1]
    after = f", and {last.validation_loss:.3g} after epoch {len(history)}" if risen else ""
    return Diagnosis(
        "overfitting",
        f"the validation loss was lowest after epoch {best}, {kept.validation_loss:.3g}{after}, "
        f"while the training loss went from {kept.loss:.3g} to {last.loss:.3g}",
        f"the network of epoch {best} is kept; use more labels, more dropout or weight decay, or "
        "fewer hidden units",
    )


def _underfitting(training: NDArray[np.float64], losses: NDArray[np.float64]) -> Diagnosis | None:
    n_epochs = len(losses) - 1
    fall = losses[-1 - max(1, n_epochs // 5)] - losses[-1]
    if losses.argmin() == n_epochs and fall > STILL_FALLING * (1 - losses[-1]):
        return Diagnosis(
            "underfitting",
            f"the loss was still falling in the last of {n_epochs} epochs",
            "use more epochs or a higher learning rate",
        )
    if training.min() < LEARNT:
        return None
    return Diagnosis(
        "underfitting",
        f"the training loss stayed at {training.min():.0%} of the loss of guessing",
        "use more hidden units, more epochs or a higher learning rate, less weight decay or "
        "dropout; if nothing helps, the vectors do not separate these labels",
    )


def _fine(history: Sequence[Epoch], held_out: Sequence[float]) -> Diagnosis:
    if not held_out:
        return Diagnosis(
            "not validated",
            f"the training loss fell to {history[-1].loss:.3g}; no texts were held out, so whether "
            "it fits other texts was not measured",
            "use more labels: a fifth of each class is held out if that makes at least 20 rows",
        )
    best = int(np.argmin(held_out))
    return Diagnosis(
        "fine",
        f"the validation loss was lowest after epoch {best + 1}, {held_out[best]:.3g}, with a "
        f"training loss of {history[best].loss:.3g}",
        "nothing needs to be changed",
    )
