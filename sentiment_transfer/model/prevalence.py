"""The share of positive texts among many, with an interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.errors import InputError, SettingError, shown
from sentiment_transfer.model.coverage import other_vectors, sample_of, warn_of_unknown_words
from sentiment_transfer.polarity.class_order import polar_classes
from sentiment_transfer.polarity.mixture import CHANCE, LogisticMixture
from sentiment_transfer.polarity.prevalence import estimate_share
from sentiment_transfer.text.writing_systems import require_spaces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.classification.labels import Label
    from sentiment_transfer.model.fitted import FittedStages
    from sentiment_transfer.polarity.prevalence import LeftOut

__all__ = ["PrevalenceEstimate", "ShareEvidence", "estimate_prevalence", "share_evidence"]

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


@dataclass(frozen=True, eq=False)
class ShareEvidence:
    """What each of ``n`` texts says of the share of positive ones.

    Attributes
    ----------
    p
        Probability of the positive label, float64 ``(n,)``.
    positive
        Whether a text is positive by its polarity score, ``(n,)``.
    balance
        Balance of its seed words, ``(n,)``.
    coverage
        Share of its tokens that have a vector, float64 ``(n,)``.
    blank
        Whether it is blank, ``(n,)``.
    label
        The positive label.
    language
        Of the model.
    left_out
        Probabilities of labelled texts that were left out, if the model was fitted to some.
    """

    p: NDArray[np.float64]
    positive: NDArray[np.bool_]
    balance: NDArray[np.floating]
    coverage: NDArray[np.float64]
    blank: NDArray[np.bool_]
    label: Label
    language: str
    left_out: LeftOut | None = None

    def __len__(self) -> int:
        return len(self.p)

    def estimate(self, rows: NDArray[np.intp] | None = None) -> PrevalenceEstimate:
        """Estimate the share of positive texts among some of the texts, by default all.

        Raises ``InputError`` if there is none, all are blank, or none has a known word.
        """
        chosen = np.arange(len(self)) if rows is None else rows
        said = chosen[~self.blank[chosen]]
        if not len(said):
            reason = f"all {len(chosen):,} texts are blank" if len(chosen) else "there is no text"
            raise InputError(f"{reason}; give texts to estimate the share of positive ones")
        known = said[self.coverage[said] > 0]
        if not len(known):
            raise InputError(
                f"none of {len(said):,} texts holds a known word; are they in the language of the "
                f"model, {self.language!r}?"
            )
        parts = self.positive[known], self.balance[known], self.p[known]
        found = estimate_share(*parts, self.left_out)
        n_blank, n_unknown = len(chosen) - len(said), len(said) - len(known)
        return PrevalenceEstimate(
            found.share, *found.interval, len(said), n_blank, n_unknown, self.label
        )


def estimate_prevalence(stages: FittedStages, texts: list[str]) -> PrevalenceEstimate:
    """Estimate the share of positive texts; see `SentimentClassifier.estimate_prevalence`."""
    evidence = share_evidence(stages, texts)
    found = evidence.estimate()
    rows = np.flatnonzero(~evidence.blank)
    said, coverage = [texts[i] for i in rows.tolist()], evidence.coverage[rows]
    warn_of_unknown_words(said, coverage, stages.vectors, stages.summary.coverage)
    return found


def share_evidence(stages: FittedStages, texts: Sequence[str]) -> ShareEvidence:
    """Judge texts, which are read once, so that shares of any of them can be estimated.

    Raises ``SettingError`` if the labels are not a negative and a positive one, and ``InputError``
    if no word is known and the texts have no spaces between words.
    """
    label = positive_label(stages)
    mixture = getattr(stages.head, "mixture_", None)
    none = _Answers(np.zeros(0), np.zeros(0, np.bool_), np.zeros(0), np.zeros(0))
    parts = [none, *_answers(stages, label, texts, by_score=_seeds_count(mixture))]
    if not any(part.coverage.any() for part in parts):
        require_spaces(sample_of(texts), stages.vectors.tokenizer, other_vectors)
    return ShareEvidence(
        p=np.concatenate([part.p for part in parts]),
        positive=np.concatenate([part.positive for part in parts]),
        balance=np.concatenate([part.balance for part in parts]),
        coverage=np.concatenate([part.coverage for part in parts]),
        blank=np.array([not text.strip() for text in texts], np.bool_),
        label=label,
        language=stages.vectors.tokenizer.language,
        left_out=mixture.left_out_ if isinstance(mixture, LogisticMixture) else None,
    )


def positive_label(stages: FittedStages) -> Label:
    """Return the positive one of two labels; ``SettingError`` if there is none."""
    classes: list[Label] = stages.classes.tolist()
    polar = polar_classes(classes, stages.vectors.tokenizer.language)
    given = getattr(stages.head, "ordered", None)
    if len(classes) == 2 and given is not None and given is not False:
        polar = tuple(stages.order.tolist())
    if polar is None:
        raise SettingError(_no_positive_label(classes))
    positive: Label = polar[1]
    return positive


def _no_positive_label(classes: list[Label]) -> str:
    """Return why there is no positive label, and what to do about it."""
    if len(classes) == 2:
        first, second = classes
        return (
            f"it is not known which of this model's labels is positive, {shown(first)} or "
            f"{shown(second)}; fit it again and rename the labels, as in "
            f"{first}=negative,{second}=positive if {shown(second)} is the positive one"
        )
    listed = ", ".join(map(str, classes[:10]))
    return (
        "the share of positive texts needs a model of two labels, a negative and a positive one; "
        f"the labels of this model are {listed}: count its predictions, or fit it to two labels"
    )


class _Answers(NamedTuple):
    """Of each text of a batch: probability, sign of the score, balance, and coverage."""

    p: NDArray[np.float64]
    positive: NDArray[np.bool_]
    balance: NDArray[np.floating]
    coverage: NDArray[np.float64]


def _answers(
    stages: FittedStages, label: Label, texts: Sequence[str], *, by_score: bool
) -> Iterator[_Answers]:
    """Return each batch's answers; without ``by_score``, those of the model are the sign."""
    column = stages.classes.tolist().index(label)
    for start in range(0, len(texts), BATCH_TEXTS):
        encoded = stages.encoder.encode(list(texts[start : start + BATCH_TEXTS]))
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
