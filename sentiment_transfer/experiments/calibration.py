"""Calibration of probabilities, and accuracy on the most confident answers.

The confidence in an answer is the probability of the most probable label. Of all answers given
with a confidence of 0.8, four fifths should be right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self, TypeAlias

import numpy as np

from sentiment_transfer.base.extras import require_matplotlib
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.experiments.statistics import wilson_interval

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import ArrayLike, NDArray

    Bins: TypeAlias = Literal["width", "mass"]
    Names: TypeAlias = Sequence[str] | NDArray[np.str_]
    Shares: TypeAlias = NDArray[np.float64]

__all__ = [
    "Reliability",
    "SelectiveAccuracy",
    "brier_score",
    "log_loss",
    "plot_reliability",
    "selective_accuracy",
]


@dataclass(frozen=True, eq=False)
class Reliability:
    """Mean confidence and accuracy in bins of similar confidence; empty bins are left out.

    Attributes
    ----------
    confidence, accuracy
        Means over the answers of each bin, float64 ``(n_bins,)``, confidence rising.
    count
        Answers in each bin, int64 ``(n_bins,)``.
    """

    confidence: Shares
    accuracy: Shares
    count: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        truth: Names,
        probabilities: ArrayLike,
        classes: Names,
        *,
        n_bins: int | None = None,
        bins: Bins = "mass",
    ) -> Self:
        """Compare answers, by ``(n, k)`` probabilities in the order of ``classes``, with labels.

        Parameters
        ----------
        truth
            Labels, ``(n,)``; an answer to one that is not in ``classes`` is always wrong.
        n_bins
            Maximum number of bins; by default 15, as in Guo et al. 2017, or one for every 50
            answers if that is fewer.
        bins
            ``"mass"``: the same number of answers in each, with equal probabilities in one bin.
            ``"width"``: equal parts of 0 to 1, as in Guo et al.
        """
        right, confidence = _answers(truth, probabilities, classes)
        n_bins = min(15, max(1, len(right) // 50)) if n_bins is None else n_bins
        if n_bins < 1:
            raise SettingError(f"{n_bins=} is not allowed; it must be an integer of at least 1")
        if bins not in ("width", "mass"):
            raise SettingError(f"{bins=} is not allowed; it must be 'width' or 'mass'")
        if bins == "mass":  # equal answers share a bin, or it would depend on their order
            rank = np.searchsorted(np.sort(confidence), confidence)
            number = rank * n_bins // len(rank)
        else:  # the bin (i / n, (i + 1) / n] holds its upper end
            number = np.maximum(np.ceil(confidence * n_bins) - 1, 0)
        _, number, count = np.unique(number, return_inverse=True, return_counts=True)
        mean, share = (np.bincount(number, values) / count for values in (confidence, right))
        return cls(mean, share, count)

    @property
    def expected_error(self) -> float:
        """Expected calibration error: mean over answers of ``|accuracy - confidence|`` by bins."""
        return self._mean(np.abs(self.accuracy - self.confidence))

    @property
    def expected_error_if_calibrated(self) -> float:
        """Approximate ``expected_error`` of calibrated probabilities on as many texts.

        The mean distance of a share of ``n`` from its true value ``p`` is about
        ``sqrt(2 p (1 - p) / (pi n))``, which is much of the error on few texts.
        """
        p = self.confidence
        return self._mean(np.sqrt(2 * p * (1 - p) / (np.pi * self.count)))

    @property
    def overconfidence(self) -> float:
        """Mean confidence less accuracy: above 0 for an overconfident model."""
        return self._mean(self.confidence - self.accuracy)

    def _mean(self, values: Shares) -> float:
        """Mean over answers of a value of each bin."""
        return float(np.average(values, weights=self.count))


@dataclass(frozen=True)
class SelectiveAccuracy:
    """Share of texts answered, accuracy of those answers, and the lowest confidence among them."""

    answered: float
    accuracy: float
    threshold: float


def selective_accuracy(
    truth: Names,
    probabilities: ArrayLike,
    classes: Names,
    shares: Sequence[float] = (1.0, 0.9, 0.8, 0.5),
) -> list[SelectiveAccuracy]:
    """Accuracy when the most confident share of the texts is answered, for each of ``shares``.

    One minus the selective risk (El-Yaniv & Wiener 2010, *On the Foundations of Noise-free
    Selective Classification*). A threshold answers all texts of equal confidence or none, so more
    may be answered than asked for, never fewer.
    """
    right, confidence = _answers(truth, probabilities, classes)
    falling = np.sort(confidence)[::-1]
    rows = []
    for share in shares:
        if not 0 < share <= 1:
            raise SettingError(
                f"shares={share} is not allowed; it must be a number above 0 and at most 1"
            )
        threshold = float(falling[max(1, int(np.ceil(share * len(falling)))) - 1])
        sure = confidence >= threshold
        rows.append(SelectiveAccuracy(float(sure.mean()), float(right[sure].mean()), threshold))
    return rows


def brier_score(truth: Names, probabilities: ArrayLike, classes: Names) -> float:
    """Mean of ``sum_k (p_k - [truth is k])^2`` (Brier 1950): 0 is perfect, a coin has 0.5."""
    from sklearn.metrics import brier_score_loss

    p = _checked(truth, probabilities, classes)
    others = np.setdiff1d(truth, classes)  # labels that are no class have a probability of 0
    p = np.hstack([p, np.zeros((len(p), len(others)))])
    labels = np.concatenate([classes, others])
    order = np.argsort(labels)
    return float(brier_score_loss(truth, p[:, order], labels=labels[order], scale_by_half=False))


def log_loss(truth: Names, probabilities: ArrayLike, classes: Names) -> float:
    """Mean of ``-log p(truth)``: a coin has 0.69.

    Labels that are no class, whose loss is not finite, are left out; NaN if no other is left.
    """
    from sklearn import metrics

    p = _checked(truth, probabilities, classes)
    known = np.isin(truth, classes)
    if not known.any():
        return float("nan")
    order = np.argsort(classes)
    labels = np.asarray(classes)[order]
    return float(metrics.log_loss(np.asarray(truth)[known], p[known][:, order], labels=labels))


def _checked(truth: Names, probabilities: ArrayLike, classes: Names) -> Shares:
    """Return float64 ``(n, k)``, rows scaled to sum to 1, as float32 ones do only roughly."""
    p = np.asarray(probabilities, dtype=np.float64)
    if p.shape != (len(truth), len(classes)) or not len(truth):
        raise InputError(
            f"probabilities have shape {p.shape}; {len(truth)} labels and {len(classes)} classes "
            "need one row for each label, at least one, and one column for each class"
        )
    total = p.sum(axis=1, keepdims=True)
    if not np.allclose(total, 1, atol=1e-3):
        raise InputError(
            f"probabilities of a text sum to {total.flat[abs(total - 1).argmax()]}, not 1"
        )
    scaled: Shares = p / total
    return scaled


def _answers(
    truth: Names, probabilities: ArrayLike, classes: Names
) -> tuple[NDArray[np.bool_], Shares]:
    """Whether each answer is right, and its probability."""
    p = _checked(truth, probabilities, classes)
    right = np.asarray(classes)[p.argmax(axis=1)] == np.asarray(truth)
    return right, p.max(axis=1)


def plot_reliability(reliability: Reliability, path: str | Path) -> None:
    """Draw accuracy against confidence, with 95 % intervals (Wilson), to PNG, SVG or PDF.

    Calibrated probabilities lie on the diagonal.
    """
    require_matplotlib()
    from matplotlib.figure import Figure

    from sentiment_transfer.base.figures import AGAINST, FOR, save_figure

    figure = Figure(figsize=(4.5, 4.6), layout="constrained")
    axes = figure.add_subplot()
    low, high = _wilson(reliability.accuracy, reliability.count)
    accuracy, confidence = 100 * reliability.accuracy, 100 * reliability.confidence
    axes.plot([0, 100], [0, 100], color=AGAINST, linestyle="--", label="calibrated")
    spread = [(accuracy - 100 * low).tolist(), (100 * high - accuracy).tolist()]
    axes.errorbar(
        confidence,
        accuracy,
        yerr=spread,  # no arrays: of one bin, matplotlib would take each for a number
        color=FOR,
        linestyle="none",
        marker="o",
        elinewidth=1.2,
        label="this model",
    )
    ends = 5 * (min(confidence.min(), (100 * low).min()) // 5), 102
    axes.set(xlim=ends, xlabel="probability of the answer, %")
    axes.set(ylim=ends, ylabel="answers that are right, %")
    n, error = int(reliability.count.sum()), 100 * reliability.expected_error
    chance = f"(if calibrated about {100 * reliability.expected_error_if_calibrated:.1f})"
    title = f"{n:,} texts\ncalibration error {error:.1f} points {chance}"
    axes.set_title(title, fontsize=10)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    save_figure(figure, path)


def _wilson(share: Shares, n: NDArray[np.int64]) -> tuple[Shares, Shares]:
    """Ends of Wilson's interval of 95 % for shares of ``n``."""
    right = np.rint(share * n).astype(int)
    low, high = np.array([*map(wilson_interval, right.tolist(), n.tolist())]).T
    return low, high
