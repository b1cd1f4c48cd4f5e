"""All measures of a model's answers on labelled texts."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.labels import as_labels
from sentiment_transfer.experiments.calibration import (
    Reliability,
    brier_score,
    log_loss,
    selective_accuracy,
)
from sentiment_transfer.experiments.statistics import macro_f1

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

__all__ = ["measure"]


def measure(
    truth: Sequence[str],
    probabilities: NDArray[np.float64],
    coverage: NDArray[np.float64],
    classes: NDArray[np.str_],
) -> dict[str, Any]:
    """Return measures of answers, as values for JSON.

    The interval of the accuracy is Wilson's, at 95 %. The majority baseline predicts the most
    frequent label of these texts. Macro-F1 is the mean over the labels of these texts. The log
    loss is computed from texts whose label is a class, and None if there are none.

    ``truth`` are labels, ``(n,)``; an answer to one that is not in ``classes``, ``(k,)``, is always
    wrong. ``probabilities``, ``(n, k)``, are in the order of ``classes``; ``coverage`` is the share
    of each text's tokens that the model knows, ``(n,)``.
    """
    from scipy.stats import binomtest
    from sklearn.metrics import precision_recall_fscore_support

    n, true, predicted = len(truth), as_labels(truth), classes[probabilities.argmax(axis=1)]
    right = int((true == predicted).sum())
    interval = binomtest(right, n).proportion_ci(0.95, method="wilson")
    labels = np.union1d(true, predicted).tolist()
    figures = precision_recall_fscore_support(true, predicted, labels=labels, zero_division=0)
    majority, count = Counter(truth).most_common(1)[0]
    answers = true, probabilities, classes
    reliability, loss = Reliability.of(*answers), log_loss(*answers)
    return {
        "texts": n,
        "accuracy": right / n,
        "accuracy_interval": [float(interval.low), float(interval.high)],
        "macro_f1": macro_f1(true, predicted),
        "majority": {"label": majority, "accuracy": count / n},
        "coverage": float(coverage.mean()),
        "texts_without_known_word": int((coverage == 0).sum()),
        "calibration_error": reliability.expected_error,
        "calibration_error_if_calibrated": reliability.expected_error_if_calibrated,
        "calibration_error_15_equal_widths": Reliability.of(
            *answers, n_bins=15, bins="width"
        ).expected_error,
        "overconfidence": reliability.overconfidence,
        "classes": len(classes),
        "brier_score": brier_score(*answers),
        "log_loss": None if np.isnan(loss) else loss,
        "answered": [asdict(row) for row in selective_accuracy(*answers)],
        "labels": [
            dict(zip(("label", "precision", "recall", "f1", "texts"), row, strict=True))
            for row in zip(labels, *(column.tolist() for column in figures), strict=True)
        ],
        "confusion": [
            [int(np.sum((true == label) & (predicted == answer))) for answer in labels]
            for label in labels
        ],
    }
