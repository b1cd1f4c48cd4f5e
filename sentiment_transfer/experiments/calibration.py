"""Whether probabilities mean what they say, and what it costs to answer only where one is sure.

The confidence in an answer is the probability of the most probable label. Of all answers given
with a confidence of 0.8, four fifths should be right.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import Literal, Self, TypeAlias

    from numpy.typing import ArrayLike, NDArray

    Bins: TypeAlias = Literal["width", "mass"]

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
    """Confidence beside accuracy, in bins of answers of like confidence; empty bins are left out.

    Attributes
    ----------
    confidence, accuracy
        Means over the answers of each bin, float64 ``(n_bins,)``, confidence rising.
    count
        Answers in each bin, int64 ``(n_bins,)``.
    """

    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    count: NDArray[np.int64]

    @classmethod
    def of(
        cls,
        truth: Sequence[str] | NDArray[np.str_],
        probabilities: ArrayLike,
        classes: Sequence[str] | NDArray[np.str_],
        *,
        n_bins: int | None = None,
        bins: Bins = "mass",
    ) -> Self:
        """Compare answers with labels.

        Parameters
        ----------
        truth
            Labels, ``(n,)``; one that is no class is never answered, so always wrong.
        probabilities
            ``(n, k)``, in the order of ``classes``.
        n_bins
            At most so many; 15, as Guo et al. 2017 have it, or one for every 50 answers where those
            are fewer.
        bins
            ``"mass"``: as many answers in each, so that no bin rests on a handful; equal
            probabilities stand in one bin. ``"width"``: equal parts of 0 to 1, as Guo et al. have
            them.
        """
        right, confidence = _answers(truth, probabilities, classes)
        n_bins = min(15, max(1, len(right) // 50)) if n_bins is None else n_bins
        if n_bins < 1 or bins not in ("width", "mass"):
            raise SettingError(
                f"n_bins={n_bins}, bins={bins!r} cannot work; take 1 or more bins of 'width' or "
                "'mass'"
            )
        order = np.argsort(confidence, kind="stable")
        if bins == "mass":  # equal answers share a bin, or it would hang on their order
            rising = confidence[order]
            number = np.searchsorted(rising, rising) * n_bins // len(order)
        else:  # the bin (i / n, (i + 1) / n] holds its upper end
            number = np.maximum(np.ceil(confidence[order] * n_bins).astype(np.intp) - 1, 0)
        count = np.bincount(number, minlength=n_bins)
        kept = count > 0
        sums = (np.bincount(number, v[order], n_bins)[kept] for v in (confidence, right))
        means = [total / count[kept] for total in sums]
        return cls(means[0], means[1], count[kept])

    @property
    def expected_error(self) -> float:
        """Expected calibration error: mean over answers of ``|accuracy - confidence|`` by bins."""
        gaps = np.abs(self.accuracy - self.confidence)
        return float(self.count @ gaps / self.count.sum())

    @property
    def error_by_chance(self) -> float:
        """What ``expected_error`` would be about if probabilities were right.

        The mean distance of a share of ``n`` from its true value ``p`` is about
        ``sqrt(2 p (1 - p) / (pi n))``: on few texts much of the error is this.
        """
        p = self.confidence
        gaps = np.sqrt(2 * p * (1 - p) / (np.pi * self.count))
        return float(self.count @ gaps / self.count.sum())

    @property
    def overconfidence(self) -> float:
        """Mean confidence less accuracy: above 0 where the model claims too much."""
        return float(self.count @ (self.confidence - self.accuracy) / self.count.sum())


@dataclass(frozen=True)
class SelectiveAccuracy:
    """What comes of answering the surest texts only.

    Attributes
    ----------
    share, accuracy
        Share of texts answered, and how many of those answers are right.
    threshold
        The lowest probability among them.
    """

    share: float
    accuracy: float
    threshold: float


def selective_accuracy(
    truth: Sequence[str] | NDArray[np.str_],
    probabilities: ArrayLike,
    classes: Sequence[str] | NDArray[np.str_],
    shares: Sequence[float] = (1.0, 0.9, 0.8, 0.5),
) -> list[SelectiveAccuracy]:
    """Accuracy when the surest ``share`` of the texts is answered, for each share.

    One minus the selective risk (El-Yaniv & Wiener 2010, *On the Foundations of Noise-free
    Selective Classification*). A threshold answers all texts of equal confidence or none, so more
    may be answered than asked for, never fewer.
    """
    right, confidence = _answers(truth, probabilities, classes)
    falling = np.sort(confidence)[::-1]
    rows = []
    for share in shares:
        if not 0 < share <= 1:
            raise SettingError(f"a share of {share} cannot be answered; give one above 0, up to 1")
        threshold = float(falling[max(1, int(np.ceil(share * len(falling)))) - 1])
        sure = confidence >= threshold
        rows.append(SelectiveAccuracy(float(sure.mean()), float(right[sure].mean()), threshold))
    return rows


def brier_score(
    truth: Sequence[str] | NDArray[np.str_],
    probabilities: ArrayLike,
    classes: Sequence[str] | NDArray[np.str_],
) -> float:
    """Mean of ``sum_k (p_k - [truth is k])^2`` (Brier 1950): 0 is perfect, a coin has 0.5."""
    p = _checked(truth, probabilities, classes)
    hit = np.asarray(truth)[:, None] == np.asarray(classes)[None, :]
    missing = ~hit.any(axis=1)  # the true label got no probability at all
    return float((((p - hit) ** 2).sum(axis=1) + missing).mean())


def log_loss(
    truth: Sequence[str] | NDArray[np.str_],
    probabilities: ArrayLike,
    classes: Sequence[str] | NDArray[np.str_],
) -> float:
    """Mean of ``-log p(truth)``: a coin has 0.69; a label that is no class has no finite loss.

    Those are left out; NaN if no other is left.
    """
    p = _checked(truth, probabilities, classes)
    hit = np.asarray(truth)[:, None] == np.asarray(classes)[None, :]
    given = p[hit]
    if not len(given):
        return float("nan")
    return float(-np.log(np.maximum(given, np.finfo(np.float64).tiny)).mean())


def _checked(
    truth: Sequence[str] | NDArray[np.str_],
    probabilities: ArrayLike,
    classes: Sequence[str] | NDArray[np.str_],
) -> NDArray[np.float64]:
    p = np.asarray(probabilities, dtype=np.float64)
    if p.shape != (len(truth), len(classes)) or not len(truth):
        raise InputError(
            f"probabilities have shape {p.shape}; {len(truth)} labels and {len(classes)} classes "
            "need one row for each label, at least one, and one column for each class"
        )
    return p


def _answers(
    truth: Sequence[str] | NDArray[np.str_],
    probabilities: ArrayLike,
    classes: Sequence[str] | NDArray[np.str_],
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Whether each answer is right, and its probability."""
    p = _checked(truth, probabilities, classes)
    right = np.asarray(classes)[p.argmax(axis=1)] == np.asarray(truth)
    return right, p.max(axis=1)


def plot_reliability(reliability: Reliability, path: str | Path) -> None:
    """Draw accuracy against confidence, with 95 % intervals (Wilson), to PNG, SVG or PDF.

    On the diagonal probabilities mean what they say.
    """
    from matplotlib.figure import Figure

    from sentiment_transfer.figures import AGAINST, FOR, save_figure

    figure = Figure(figsize=(4.5, 4.6), layout="constrained")
    axes = figure.add_subplot()
    low, high = _wilson(reliability.accuracy, reliability.count)
    accuracy, confidence = 100 * reliability.accuracy, 100 * reliability.confidence
    axes.plot([0, 100], [0, 100], color=AGAINST, linestyle="--", label="as it should be")
    axes.errorbar(
        confidence,
        accuracy,
        yerr=[accuracy - 100 * low, 100 * high - accuracy],
        color=FOR,
        linestyle="none",
        marker="o",
        elinewidth=1.2,
        label="this model",
    )
    least = 5 * (min(confidence.min(), (100 * low).min()) // 5)
    axes.set_xlim(least, 102)
    axes.set_ylim(least, 102)
    axes.set_xlabel("probability of the answer, %")
    axes.set_ylabel("answers that are right, %")
    axes.set_title(_title(reliability), fontsize=10)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    save_figure(figure, path)


def _title(reliability: Reliability) -> str:
    n, error = int(reliability.count.sum()), 100 * reliability.expected_error
    chance = 100 * reliability.error_by_chance
    return f"{n:,} texts\ncalibration error {error:.1f} points (by chance {chance:.1f})"


def _wilson(
    share: NDArray[np.float64], n: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Ends of Wilson's interval of 95 % for shares of ``n``."""
    from scipy.stats import binomtest

    right = np.rint(share * n).astype(int).tolist()
    intervals = [
        binomtest(k, of).proportion_ci(0.95, method="wilson")
        for k, of in zip(right, n.tolist(), strict=True)
    ]
    return np.array([each.low for each in intervals]), np.array([each.high for each in intervals])
