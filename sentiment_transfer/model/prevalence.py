"""The share of positive texts among many, with an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.model.coverage import warn_of_unknown_words
from sentiment_transfer.polarity.class_order import polar_classes
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
    mixture = getattr(stages.head, "mixture_", None)
    parts = [*_answers(stages, label, said, by_score=_seeds_count(mixture))]
    columns = zip(*parts, strict=True)
    p, positive, balance, coverage = (np.concatenate(column) for column in columns)
    known = coverage > 0
    if not known.any():
        raise InputError(
            f"none of {len(said):,} texts holds a known word; are they in the language of the "
            f"model, {stages.vectors.tokenizer.language!r}?"
        )
    warn_of_unknown_words(said, coverage, stages.vectors, stages.summary.coverage)
    left_out = mixture.left_out_ if isinstance(mixture, LogisticMixture) else None
    found = estimate_share(positive[known], balance[known], p[known], left_out)
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
            f"one; the labels of this model are {listed}: count its predictions, or fit it to two "
            "labels"
        )
    positive: Label = polar[1]
    return positive


class _Answers(NamedTuple):
    """Of each text of a batch: probability, sign of the score, balance, and coverage."""

    p: NDArray[np.float64]
    positive: NDArray[np.bool_]
    balance: NDArray[np.floating]
    coverage: NDArray[np.float64]


def _answers(
    stages: FittedStages, label: Label, texts: list[str], *, by_score: bool
) -> Iterator[_Answers]:
    """Return each batch's answers; without ``by_score``, those of the model are the sign."""
    column = stages.classes.tolist().index(label)
    for start in range(0, len(texts), BATCH_TEXTS):
        encoded = stages.encoder.encode(texts[start : start + BATCH_TEXTS])
        p, features = stages.predict_proba_encoded(encoded)[:, column], encoded.features
        positive, balance = p > 0.5, np.zeros(len(p), np.float32)
        if by_score and features.score is not None:
            positive, balance = features.score > 0, features.polarity_mean[:, -1]
        yield _Answers(p, positive, balance, encoded.coverage)


def _seeds_count(mixture: object) -> bool:
    """Return whether a score by seed words is evidence: no labels, or labels that agree with it."""
    if not isinstance(mixture, LogisticMixture):
        return False
    return not mixture.n_labels_ or mixture.score_log_loss_ < mixture.n_labels_ * CHANCE
