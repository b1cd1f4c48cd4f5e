"""A warning, with numbers, where what was known before the labels does not fit them."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_transfer.polarity.mixture import LogisticMixture

__all__ = ["SeedsContradictedWarning", "contradiction_message", "warn_if_contradicted"]

COIN = math.log(2)
"""Log loss of saying a half to everything."""
EVIDENCE = 2.0
"""By so much must the score do worse than a coin, in all labels together: odds of 7 to 1. Without
it one draw in twelve of 8 right labels raised the alarm on single sentences, with it one in 60."""


class SeedsContradictedWarning(UserWarning):
    """The labels speak against the polarity score."""


def contradiction_message(mixtures: Sequence[LogisticMixture]) -> str | None:
    """Say how the polarity score fails the labels; None where it does not.

    Of several mixtures, one for each step between ordered classes, more than half must be misled.
    """
    misled = [mixture for mixture in mixtures if _is_misled(mixture)]
    if 2 * len(misled) <= len(mixtures):
        return None
    n = sum(mixture.n_labels_ for mixture in misled)
    alone = sum(mixture.score_log_loss_ for mixture in misled) / n
    seeded, plain = (
        sum(mixture.leave_one_out_log_loss_[name] for mixture in misled) / n
        for name in ("polarity", "plain_mean")
    )
    return (
        f"the seed words do not seem to fit these labels: alone they have a log loss of {alone:.2f}"
        f" a label, where a coin has {COIN:.2f}; on labels left out the model has {seeded:.2f} "
        f"with what they taught, {plain:.2f} without. Look whether the labels are swapped; if they "
        "are not about sentiment, go without seed words (seeds=None), or give words of your own "
        "classes (seeds=...)"
    )


def warn_if_contradicted(mixtures: Sequence[LogisticMixture]) -> None:
    """Warn where the labels speak against the polarity score."""
    message = contradiction_message(mixtures)
    if message is not None:
        # the caller of SentimentClassifier.fit, which is above fit_encoded and the head's fit
        warnings.warn(message, SeedsContradictedWarning, stacklevel=5)


def _is_misled(mixture: LogisticMixture) -> bool:
    """Whether the score misleads: the labels are better off without it, or with its reverse.

    From its prior of 2 the slope falls below 0 only where many labels contradict the score.
    """
    compared = {"polarity", "plain_mean"} <= set(mixture.leave_one_out_log_loss_)
    if not compared or mixture.score_log_loss_ < mixture.n_labels_ * COIN + EVIDENCE:
        return False
    slopes = [member.weights["score"][0] for member in mixture.members_ if member.name == "score"]
    return mixture.seeds_contradicted_ or any(slope < 0 for slope in slopes)
