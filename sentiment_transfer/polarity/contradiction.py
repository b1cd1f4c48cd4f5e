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
    return (
        "the labels contradict the seed words: chance comes closer to them than words of known "
        f"polarity (log loss {CHANCE:.2f} and {alone:.2f} per label). Check whether the labels are "
        "swapped or in the wrong order; if they are not about sentiment, use no seed words "
        "(seeds=None) or those of your own classes (seeds=...)"
    )


def warn_if_contradicted(mixtures: Sequence[LogisticMixture]) -> None:
    """Warn if the labels contradict the polarity score."""
    message = contradiction_message(mixtures)
    if message is not None:
        # the caller of SentimentClassifier.fit, which is above fit_encoded and the head's fit
        warnings.warn(message, SeedsContradictedWarning, stacklevel=5)
