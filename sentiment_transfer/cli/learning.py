"""How a network learned: pictures to files, and what they say on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_transfer.cli.messages import say

if TYPE_CHECKING:
    from pathlib import Path

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.model import SentimentClassifier

__all__ = ["draw_curves", "draw_rates"]


def draw_curves(model: SentimentClassifier, path: Path) -> None:
    """Draw the history of a fitted network and say its reading."""
    from sentiment_transfer.classification.reading import read_history
    from sentiment_transfer.experiments.report import plot_history

    history = model.head_.history_
    plot_history(history, path)
    say(f"{path}: {read_history(history, len(model.classes_), model.prior_)}")


def draw_rates(model: SentimentClassifier, rows: Labelled, path: Path) -> None:
    """Run a range test on the vectors that the network was fitted on; say what it suggests."""
    from sentiment_transfer.classification.rate_range import find_rate
    from sentiment_transfer.experiments.report import plot_rate_range

    found = find_rate(model.head_, model.encode(rows.texts).features, rows.labels)
    plot_rate_range(found, path)
    say(f"{path}: {found}; the network learned at {model.head_.training.learning_rate:g}")
