"""A warning, with figures, if the labels contradict the seed words."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from sentiment_transfer.polarity.mixture import CHANCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_transfer.polarity.mixture import LogisticMixture

__all__ = ["SeedsContradictedWarning", "contradiction_message", "warn_if_contradicted"]


class SeedsContradictedWarning(UserWarning):
    """The labels contradict the polarity score."""


def contradiction_message(mixtures: Sequence[LogisticMixture]) -> str | None:
    """Return the message of the warning; None if the labels do not contradict the score.

    Of several mixtures, one per step between ordered classes, more than half must be contradicted.
    """
    contradicted = [mixture for mixture in mixtures if mixture.seeds_contradicted_]
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
