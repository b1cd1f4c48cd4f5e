"""The share of positive texts among many, with an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.polarity.class_order import polar_classes
from sentiment_transfer.polarity.features import PolarityFeatures
from sentiment_transfer.polarity.mixture import CHANCE, LogisticMixture
from sentiment_transfer.polarity.prevalence import estimate_share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sentiment_transfer.classification.labels import Label
    from sentiment_transfer.model.fitted import FittedStages

__all__ = ["PrevalenceEstimate", "estimate_prevalence"]

BATCH_TEXTS = 4_096


@dataclass(frozen=True)
class PrevalenceEstimate:
    """Share of the texts that have the positive label.

    Attributes
    ----------
    share, low, high
        The share and the ends of its 95 % interval, between 0 and 1.
    n
        Number of texts, without blank ones.
    n_blank
        Number of blank texts, which were left out.
    n_unknown
        Number of the ``n`` texts without a known word: their share is taken to be that of the rest.
    label
        The positive label.
    """

    share: float
    low: float
    high: float
    n: int
    n_blank: int
    n_unknown: int
    label: Label

    def __str__(self) -> str:
        ends = f"{100 * self.low:.0f} to {100 * self.high:.0f} %"
        texts = "1 text" if self.n == 1 else f"{self.n:,} texts"
        return f"{100 * self.share:.0f} % of {texts} are {self.label} (95 %: {ends})"


def estimate_prevalence(stages: FittedStages, texts: list[str]) -> PrevalenceEstimate:
    """Estimate the share of positive texts; see `SentimentClassifier.estimate_prevalence`."""
    label = positive_label(stages)
    said = [text for text in texts if text.strip()]
    if not said:
        reason = f"all {len(texts):,} texts are blank" if texts else "there is no text"
        raise InputError(f"{reason}; give texts to estimate the share of positive ones")
    parts = [*_answers(stages, label, said)]
    p, balance, known = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    if not known.any():
        raise InputError(
            f"none of {len(said):,} texts holds a known word; are they in the language of the "
            f"model, {stages.vectors.tokenizer.language!r}?"
        )
    mixture = getattr(stages.head, "mixture_", None)
    left_out = mixture.left_out_ if isinstance(mixture, LogisticMixture) else None
    seeds = balance[known] if _seeds_count(mixture) else None
    found = estimate_share(p[known], seeds, left_out)
    low, high = found.interval
    n_unknown = int((~known).sum())
    return PrevalenceEstimate(
        *(found.share, low, high, len(said), len(texts) - len(said), n_unknown), label
    )


def positive_label(stages: FittedStages) -> Label:
    """Return the positive one of two labels; ``SettingError`` if there is none."""
    classes: list[Label] = stages.classes.tolist()
    polar = polar_classes(classes, stages.vectors.tokenizer.language)
    given = getattr(stages.head, "ordered", None)
    if len(classes) == 2 and given is not None and given is not False:
        polar = tuple(stages.order.tolist())
    if polar is None:
        listed = ", ".join(map(str, classes[:10]))
        raise SettingError(
            "the share of positive texts needs a model of two labels, a negative and a positive "
            f"one; the labels of this model are {listed}"
        )
    positive: Label = polar[1]
    return positive


def _answers(
    stages: FittedStages, label: Label, texts: list[str]
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]]:
    """Return each batch's probabilities of a label, balances of seed words, and known texts."""
    column = stages.classes.tolist().index(label)
    for start in range(0, len(texts), BATCH_TEXTS):
        encoded = stages.encoder.encode(texts[start : start + BATCH_TEXTS])
        balance = np.zeros(len(encoded))
        features = encoded.features
        if isinstance(features, PolarityFeatures) and features.polarity_mean is not None:
            balance = np.asarray(features.polarity_mean[:, -1], dtype=np.float64)
        p = stages.predict_proba_encoded(encoded)[:, column]
        yield p, balance, encoded.known


def _seeds_count(mixture: object) -> bool:
    """Return whether seed words are evidence: there are no labels, or they agree with the score."""
    if not isinstance(mixture, LogisticMixture):
        return False
    return not mixture.n_labels_ or mixture.score_log_loss_ < mixture.n_labels_ * CHANCE
