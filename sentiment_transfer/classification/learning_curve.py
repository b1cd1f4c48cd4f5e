"""What the losses of training and validation say, in plain words, and what to do about it.

Told apart, in this order, from the losses after each epoch, as parts of the loss of guessing by the
shares of the classes alone (``log k`` for ``k`` classes of one size):

- the training loss rose far above guessing, or jumps up again and again: too high a rate;
- the validation loss turned and rose well above its lowest, or lies far above the training loss:
  overfitting;
- the loss was still falling when the epochs ran out, or never came well below guessing:
  underfitting;
- otherwise: fine.

Without a validation loss nothing is known of texts not learned from, and that is what is said.
The limits are rules of thumb; the tests hold them to histories whose cause is known.
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

OUTBREAK = 1.5
"""A training loss of so many times that of guessing is no learning."""
JUMP = 0.03
"""A rise of the training loss from one epoch to the next that counts as a jump."""
JUMPS = 0.25
"""Share of the epochs that may be jumps."""
RISE = 0.1
"""How far the validation loss may rise above its lowest again."""
GAP = 0.3
"""How far the lowest validation loss may lie above the training loss of that epoch."""
STILL_FALLING = 0.05
"""Share of all that was learned which the last fifth of the epochs may have added."""
GUESSING = 0.85
"""Below this something has been learned."""


@dataclass(frozen=True)
class Diagnosis:
    """What a history says.

    Attributes
    ----------
    verdict
        ``"too high a rate"``, ``"underfitting"``, ``"overfitting"``, ``"fine"`` or
        ``"not validated"``.
    reason
        The figures it rests on.
    remedy
        What to change.
    """

    verdict: Verdict
    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.verdict}: {self.reason}; {self.remedy}"


def diagnose(
    history: Sequence[Epoch], n_classes: int = 2, shares: ArrayLike | None = None
) -> Diagnosis:
    """Read the ``history_`` of a fitted network of ``n_classes`` labels.

    ``shares`` ``(n_classes,)`` is how the labels divide between the classes, as their weights have
    it: with 9 of 10 in one, a loss of 0.33 is no more than guessing. Without, all are of one size.

    Raises
    ------
    InputError
        There is no epoch in it.
    """
    if not history:
        raise InputError("the history is empty; fit the network first")
    p = np.full(n_classes, 1 / n_classes) if shares is None else np.asarray(shares, np.float64)
    guessing = -float(p[p > 0] @ np.log(p[p > 0]))
    training = np.array([guessing, *(epoch.loss for epoch in history)]) / guessing
    held_out = [epoch.validation_loss for epoch in history if epoch.validation_loss is not None]
    validation = np.array([guessing, *held_out]) / guessing if held_out else None
    return (
        _too_high(training, history)
        or (None if validation is None else _overfitting(training, validation, history))
        or _underfitting(training, validation, history)
        or _fine(history)
    )


def _too_high(training: NDArray[np.float64], history: Sequence[Epoch]) -> Diagnosis | None:
    jumps = int((np.diff(training[1:]) > JUMP).sum())
    if training.max() <= OUTBREAK and jumps <= JUMPS * len(history):
        return None
    worst = int(training[1:].argmax())
    rate = history[-1].learning_rate
    return Diagnosis(
        "too high a rate",
        f"the training loss jumped up in {jumps} of {len(history)} epochs and was "
        f"{history[worst].loss:.3g} after epoch {worst + 1}",
        f"lower the learning rate, now {rate:g}, to a third or a tenth, or let the range test "
        "suggest one",
    )


def _overfitting(
    training: NDArray[np.float64], validation: NDArray[np.float64], history: Sequence[Epoch]
) -> Diagnosis | None:
    best = int(validation[1:].argmin()) + 1
    risen = validation[-1] > validation[best] + RISE
    if not risen and validation[best] - training[best] <= GAP:
        return None
    kept, last = history[best - 1], history[-1]
    after = f", and {last.validation_loss:.3g} after epoch {len(history)}" if risen else ""
    return Diagnosis(
        "overfitting",
        f"the validation loss was lowest after epoch {best}, {kept.validation_loss:.3g}{after}, "
        f"while the training loss went from {kept.loss:.3g} to {last.loss:.3g}",
        f"the network of epoch {best} is kept; give more labels, more dropout or weight decay, or "
        "fewer hidden units",
    )


def _underfitting(
    training: NDArray[np.float64],
    validation: NDArray[np.float64] | None,
    history: Sequence[Epoch],
) -> Diagnosis | None:
    losses = training if validation is None else validation
    fifth = max(1, len(history) // 5)
    fall, learned = losses[-1 - fifth] - losses[-1], 1 - losses[-1]
    if losses.argmin() == len(history) and fall > STILL_FALLING * learned:
        return Diagnosis(
            "underfitting",
            f"the loss was still falling when the epochs, {len(history)}, ran out",
            "allow more epochs, or raise the learning rate",
        )
    if training.min() < GUESSING:
        return None
    return Diagnosis(
        "underfitting",
        f"the training loss stayed at {training.min():.0%} of the loss of guessing",
        "give more hidden units, more epochs or a higher learning rate, less weight decay or "
        "dropout; if nothing helps, the vectors do not tell these labels apart",
    )


def _fine(history: Sequence[Epoch]) -> Diagnosis:
    last = history[-1]
    if last.validation_loss is None:
        return Diagnosis(
            "not validated",
            f"the training loss fell to {last.loss:.3g}, which says nothing about other texts",
            "give more labels: a fifth of each class is held out where that makes 20 or more, and "
            "there are no copies",
        )
    losses = [epoch.validation_loss for epoch in history if epoch.validation_loss is not None]
    best = losses.index(min(losses))
    return Diagnosis(
        "fine",
        f"the validation loss was lowest after epoch {best + 1}, {losses[best]:.3g}, beside a "
        f"training loss of {history[best].loss:.3g}",
        "nothing needs to be changed",
    )
