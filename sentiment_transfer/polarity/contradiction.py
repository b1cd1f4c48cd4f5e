"""A warning, with figures, if the labels contradict the seed words."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_transfer.polarity.mixture import LogisticMixture

__all__ = ["SeedsContradictedWarning", "contradiction_message", "warn_if_contradicted"]

CHANCE = math.log(2)
"""Log loss of the probability 1/2."""
EVIDENCE = 2.0
"""Minimum excess of the score's log loss over chance, summed over all labels (odds of 7 to 1);
lowers false alarms at 8 labels from 1 in 12 to 1 in 60 on single sentences."""


class SeedsContradictedWarning(UserWarning):
    """The labels contradict the polarity score."""


def contradiction_message(mixtures: Sequence[LogisticMixture]) -> str | None:
    """Return the message of the warning; None if the labels do not contradict the score.

    Of several mixtures, one per step between ordered classes, more than half must be contradicted.
    """
    contradicted = [mixture for mixture in mixtures if _is_contradicted(mixture)]
    if 2 * len(contradicted) <= len(mixtures):
        return None
    n = sum(mixture.n_labels_ for mixture in contradicted)
    alone = sum(mixture.score_log_loss_ for mixture in contradicted) / n
    seeded, plain = (
        sum(mixture.leave_one_out_log_loss_[name] for mixture in contradicted) / n
        for name in ("polarity", "plain_mean")
    )
    return (
        f"the labels contradict the seed words: the log loss per label of the seed words alone is "
        f"{alone:.2f} (chance is {CHANCE:.2f}); on left-out labels the model has {seeded:.2f} with "
        f"seed words and {plain:.2f} without. Check whether the labels are swapped; if they are "
        "not about sentiment, use no seed words (seeds=None) or those of your own classes "
        "(seeds=...)"
    )


def warn_if_contradicted(mixtures: Sequence[LogisticMixture]) -> None:
    """Warn if the labels contradict the polarity score."""
    message = contradiction_message(mixtures)
    if message is not None:
        # the caller of SentimentClassifier.fit, which is above fit_encoded and the head's fit
        warnings.warn(message, SeedsContradictedWarning, stacklevel=5)


def _is_contradicted(mixture: LogisticMixture) -> bool:
    """Return whether the labels are predicted better without the score, or with its reverse.

    From its prior mean of 2, the score's weight falls below 0 only if many labels contradict it.
    """
    compared = {"polarity", "plain_mean"} <= set(mixture.leave_one_out_log_loss_)
    if not compared or mixture.score_log_loss_ < mixture.n_labels_ * CHANCE + EVIDENCE:
        return False
    weights = [member.weights["score"][0] for member in mixture.members_ if member.name == "score"]
    return mixture.seeds_contradicted_ or any(weight < 0 for weight in weights)
