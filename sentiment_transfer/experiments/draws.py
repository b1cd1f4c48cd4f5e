"""The texts that are labelled in each draw, the same for every arm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from sentiment_transfer.base.estimator import is_integer_from
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Rows = NDArray[np.intp]
    Labels = NDArray[np.str_]
    Draw = tuple[int, int, Rows]

__all__ = ["Sampling", "draw_labelled", "plan_draws"]

Sampling = Literal["balanced", "natural"]


def draw_labelled(
    labels: Sequence[str], budget: int, sampling: Sampling, *, seed: int, draw: int
) -> Rows:
    """Choose ``budget`` texts to be labelled.

    ``"balanced"`` takes the same number of each class; a remainder goes to classes at random.
    ``"natural"`` samples from all texts, but if all of two or more are of one class, one is
    replaced by a text of another class. The choice depends on the labels and
    ``(seed, budget, draw)`` alone.

    Returns row numbers, intp ``(budget,)``, in random order, none twice. ``InputError`` if there
    are fewer texts than ``budget``, or too few of a class; ``SettingError`` for another
    ``sampling``.
    """
    if sampling not in ("balanced", "natural"):
        raise SettingError(
            f"sampling={sampling!r} is not allowed; it must be 'balanced' or 'natural'"
        )
    if not 0 <= budget <= len(labels):
        raise InputError(
            f"a budget of {budget:,} labels cannot be drawn from {len(labels):,} labelled texts; "
            "give more texts or a smaller budget"
        )
    choose = _balanced if sampling == "balanced" else _natural
    return choose(np.asarray(labels), budget, np.random.default_rng([seed, budget, draw]))


def plan_draws(
    labels: Sequence[str], budgets: Sequence[int], draws: int, sampling: Sampling, seed: int
) -> list[Draw]:
    """List the draws of a comparison: each budget once, rising, with its number and rows.

    A budget of 0 and a budget of all texts have one draw: every other would be the same. Raises as
    `draw_labelled`, and ``SettingError`` for numbers out of range.
    """
    numbers = [("draws", draws, 1), ("seed", seed, 0), *(("budget", b, 0) for b in budgets)]
    for name, value, least in numbers:
        if not is_integer_from(value, least):
            raise SettingError(
                f"{name}={value!r} is not allowed; it must be an integer of at least {least}"
            )
    if not len(budgets):
        raise SettingError("budgets is empty; it must hold at least one number of labels")
    return [
        (budget, draw, draw_labelled(labels, budget, sampling, seed=seed, draw=draw))
        for budget in sorted({int(budget) for budget in budgets})
        for draw in range(draws if 0 < budget < len(labels) else 1)
    ]


def _balanced(labels: Labels, budget: int, generator: np.random.Generator) -> Rows:
    classes = np.unique(labels)
    share, rest = divmod(budget, max(1, len(classes)))
    extra = generator.permutation(len(classes)) < rest
    chosen = [np.zeros(0, dtype=np.intp)]
    for label, size in zip(classes, share + extra, strict=True):
        rows = np.flatnonzero(labels == label)
        if size > len(rows):
            raise InputError(
                f"a balanced budget of {budget:,} needs {size:,} texts labelled {str(label)!r}; "
                f"there are {len(rows):,} (draw with sampling='natural', or lower the budget)"
            )
        chosen.append(generator.choice(rows, size, replace=False))
    return generator.permutation(np.concatenate(chosen))


def _natural(labels: Labels, budget: int, generator: np.random.Generator) -> Rows:
    rows = generator.choice(len(labels), budget, replace=False).astype(np.intp)
    if budget >= 2:
        others = np.flatnonzero(labels != labels[rows[0]])
        if len(others) and (labels[rows] == labels[rows[0]]).all():
            rows[-1] = generator.choice(others)
    return rows
