"""Which texts get a label in which draw: chosen once, the same for every arm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["Prevalence", "draw_labelled"]

Prevalence = Literal["balanced", "natural"]


def draw_labelled(
    labels: Sequence[str], budget: int, prevalence: Prevalence, *, seed: int, draw: int
) -> NDArray[np.intp]:
    """Choose ``budget`` texts to be labelled.

    ``"balanced"`` takes the same number of each class (what is left over goes to classes at
    random); ``"natural"`` takes texts as they come, and draws again while a class is missing that
    could be there. The choice depends on ``(seed, budget, draw)`` alone.

    Returns
    -------
    ndarray of intp, shape (budget,)
        Row numbers in random order; none for a budget of 0.
    """
    if not 0 <= budget <= len(labels):
        raise InputError(
            f"a budget of {budget} labels cannot be drawn from {len(labels)} labelled texts"
        )
    generator = np.random.default_rng([seed, budget, draw])
    if prevalence == "balanced":
        return _balanced(np.asarray(labels), budget, generator)
    if prevalence == "natural":
        return _natural(np.asarray(labels), budget, generator)
    raise SettingError(f"prevalence={prevalence!r} is not known; use 'balanced' or 'natural'")


def _balanced(
    labels: NDArray[np.str_], budget: int, generator: np.random.Generator
) -> NDArray[np.intp]:
    classes = np.unique(labels)
    share, rest = divmod(budget, len(classes))
    extra = generator.permutation(len(classes)) < rest
    chosen = [np.zeros(0, dtype=np.intp)]
    for label, more in zip(classes, extra, strict=True):
        rows = np.flatnonzero(labels == label)
        if share + more > len(rows):
            raise InputError(
                f"a balanced budget of {budget} needs {share + more} texts labelled {label!r}; "
                f"there are {len(rows)} (draw with prevalence='natural', or lower the budget)"
            )
        chosen.append(generator.choice(rows, share + more, replace=False))
    return generator.permutation(np.concatenate(chosen))


def _natural(
    labels: NDArray[np.str_], budget: int, generator: np.random.Generator
) -> NDArray[np.intp]:
    reachable = min(2, budget, len(np.unique(labels)))
    while True:
        rows = generator.choice(len(labels), budget, replace=False)
        if len(np.unique(labels[rows])) >= reachable:
            return rows
