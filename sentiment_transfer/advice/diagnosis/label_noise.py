"""How many labels are wrong, judged by a model that never saw one.

The polarity score of a text gives log odds ``l`` of the second of two classes. Labels follow
``p = e + (1 - 2 e) sigmoid(a l + b)``: a wrong label does not depend on the text (Bootkrajang &
Kaban 2012, *Label-noise robust logistic regression*, ECML, with equal rates), and ``a`` and ``b``
adapt the odds to these texts. Irony and misread texts lower ``a``; wrong labels also contradict the
model where it is sure. ``a`` and ``b`` are summed over a grid. The likelihoods of ``e = 0.15`` and
0.02 are compared to decide whether many labels are wrong. A model that is right in fewer than seven
of ten texts looks like wrong labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.advice.labels.audit import odds_without_labels
from sentiment_transfer.polarity import PolarityEncoder

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.model import SentimentClassifier

__all__ = ["LabelNoise", "label_noise", "log_odds_without_labels"]

SLOPES = np.exp(np.linspace(-2, 1.2, 25))
SLOPE_MEDIAN, SLOPE_SPREAD = 0.9, 0.4
"""Of the prior of ``a``, log-normal: the odds of a model without labels are too high."""
BIASES = np.linspace(-3, 3, 25)
"""Of standard deviation 1 before labels are seen."""
RATES = np.linspace(0, 0.5, 51)
RATE_ODDS = 5
"""The prior of ``e`` is Beta(1, 5), up to one half."""
MANY, FEW = 0.15, 0.02
"""Shares of wrong labels that are compared: worth a reading of all labels, and usual."""


@dataclass(frozen=True)
class LabelNoise:
    """How many labels are wrong.

    Attributes
    ----------
    rate
        Posterior mean of the share of wrong labels.
    evidence
        Log likelihood if 15 % of the labels are wrong, less that if 2 % are, in nats.
    area
        Under the ROC curve of the labels by the log odds; 0.5 is chance.
    n
        Number of labels.
    """

    rate: float
    evidence: float
    area: float
    n: int


def label_noise(log_odds: NDArray[np.float64], second: NDArray[np.bool_]) -> LabelNoise:
    """Estimate the share of wrong labels.

    Parameters
    ----------
    log_odds
        Of the second class, by a model that saw no label, ``(n,)``.
    second
        Whether the label is the second class, ``(n,)``; both values must occur.
    """
    from scipy.special import softmax

    found = _log_likelihoods(log_odds, second)
    rate = float(softmax(found + (RATE_ODDS - 1) * np.log(1 - RATES)) @ RATES)
    many, few = (int(np.abs(RATES - share).argmin()) for share in (MANY, FEW))
    return LabelNoise(rate, float(found[many] - found[few]), _area(log_odds, second), len(second))


def _log_likelihoods(
    log_odds: NDArray[np.float64], second: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the log likelihood of each of `RATES`, up to a constant."""
    from scipy.special import expit, logsumexp

    slope, bias = np.meshgrid(SLOPES, BIASES, indexing="ij")
    prior = -0.5 * (np.log(slope / SLOPE_MEDIAN) / SLOPE_SPREAD) ** 2 - 0.5 * bias**2
    p = expit(slope[..., None] * log_odds + bias[..., None])
    of_given = np.where(second, p, 1 - p)
    found = np.empty(len(RATES))
    for i, rate in enumerate(RATES):
        each = np.log(rate + (1 - 2 * rate) * of_given + 1e-12).sum(axis=-1)
        found[i] = logsumexp(each + prior)
    return found


def _area(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(positive, scores))


def log_odds_without_labels(
    model: SentimentClassifier, texts: Sequence[str]
) -> NDArray[np.float64] | None:
    """Return the log odds of the positive class by seed words alone, ``(n,)``.

    None if the model has no polarity. Labels that it was fitted to do not count.
    """
    encoder = model.encoder_
    if not isinstance(encoder, PolarityEncoder) or not encoder.knows_polarity_by_seeds:
        return None
    return odds_without_labels(encoder.transform(texts), encoder.vectors.tokenizer.language)
