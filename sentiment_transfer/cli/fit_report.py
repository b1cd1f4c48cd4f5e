"""What ``sentiment-transfer fit`` says and draws when a model is fitted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_transfer.classification import diagnose, find_rate
from sentiment_transfer.cli.messages import say
from sentiment_transfer.errors import InputError
from sentiment_transfer.experiments.evaluation import cross_validated
from sentiment_transfer.experiments.report import plot_history, plot_rate_range

if TYPE_CHECKING:
    from pathlib import Path

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.model import SentimentClassifier

__all__ = ["accuracy_estimate", "draw_curves", "draw_rates"]

MANY_LABELS = 1_000
"""Labels, times classes, from which the estimate of the accuracy takes more than some seconds."""


def accuracy_estimate(
    model: SentimentClassifier, rows: Labelled, folds: int, seed: int, prevalence: float | None
) -> str:
    """Return the accuracy by cross-validation, or why there is none."""
    folds = min(folds, len(rows))
    if len(rows) * len(model.classes_) >= MANY_LABELS:
        say(
            f"the model is saved; {folds} more fits estimate its accuracy, which may take minutes "
            "(--folds 0 leaves them out)"
        )
    try:
        report = cross_validated(model, rows, folds, seed).report
    except InputError as error:
        return f"accuracy: not estimated ({error.message})"
    low, high = (100 * end for end in report["accuracy_interval"])
    majority = report["majority"]
    shares = "" if prevalence is None else "; at the shares of these labels, not at --prevalence"
    return (
        f"accuracy: {100 * report['accuracy']:.1f} % by cross-validation of these labels in "
        f"{folds} parts (95 % interval {low:.1f} to {high:.1f}; always "
        f"{majority['label']}: {100 * majority['accuracy']:.1f}){shares}"
    )


def draw_curves(model: SentimentClassifier, path: Path) -> None:
    """Draw training and validation error per epoch; say what they mean."""
    history = model.head_.history_
    plot_history(history, path)
    say(f"{path}: {diagnose(history, len(model.classes_), model.prior_)}")


def draw_rates(model: SentimentClassifier, rows: Labelled, path: Path) -> None:
    """Draw a learning-rate range test; say the rate that it suggests."""
    found = find_rate(model.head_, model.encode(rows.texts).features, rows.labels)
    plot_rate_range(found, path)
    rate = model.head_.training.learning_rate
    say(f"{path}: {found}; the network was trained at {rate:g}")
