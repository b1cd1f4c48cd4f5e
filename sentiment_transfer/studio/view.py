"""What is shown of a model and of its labels, made from arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.advice.labels.forecast import MIN_LABELS
from sentiment_transfer.advice.labels.measuring import estimate_accuracy
from sentiment_transfer.errors import shortened
from sentiment_transfer.serving.messages import Contribution
from sentiment_transfer.studio import messages as m
from sentiment_transfer.studio.choosing import LEAST_TO_SHOW

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from sentiment_transfer.advice import LabelForecast
    from sentiment_transfer.advice.labels.measuring import AccuracyEstimate
    from sentiment_transfer.advice.verdict import Verdict
    from sentiment_transfer.studio.learning import FittedPool
    from sentiment_transfer.studio.learning_curve import Labelled

__all__ = [
    "ASK",
    "LISTED",
    "curve_of",
    "doubts_of",
    "estimate_of",
    "history_of",
    "item_of",
    "verdict_of",
]

ASK = 0.15
"""A label less probable than this is asked about at once: 1 to 3 % of the right ones that measure,
and a third of the wrong ones (``scripts/studio/estimate.py``)."""
LISTED = 5
MOST_IN_HISTORY = 24
LONGEST = 1_000
"""Characters of a text whose label is doubtful."""
LONGEST_EXPLAINED = 5_000
"""Characters; a longer text is shown without tints."""


def verdict_of(found: Verdict) -> m.Verdict:
    """Return a verdict as the page takes it."""
    return m.Verdict(found.found, found.evidence, found.next_step)


def item_of(fitted: FittedPool, row: int, text: str, coverage: float, way: m.Phase) -> m.Item:
    """Return a text to label, with the guess of the model and why."""
    item = m.Item(row + 1, text, way, None, None, coverage, [], [text])
    if fitted.model is None or not coverage:
        return item
    best = int(fitted.proba[row].argmax())
    item.guess, item.probability = str(fitted.classes[best]), float(fitted.proba[row, best])
    if len(text) <= LONGEST_EXPLAINED:
        found = fitted.model.stages_.explain_answer(text, fitted.proba[row], coverage)
        item.pieces = [Contribution(*piece) for piece in found.pieces]
        item.gaps = [*found.gaps]
    return item


def estimate_of(fitted: FittedPool, given: Labelled, about: str = "") -> m.Estimate | None:
    """Return the accuracy of the model as it is; None with fewer than 8 labels that measure.

    Each label is judged by a model that was fitted without it. ``about`` says of which texts.
    """
    judges = given.judges
    if len(judges) < LEAST_TO_SHOW or not fitted.predicts:
        return None
    found = estimate_accuracy(fitted.right[judges], given.strata[judges], given.share[judges])
    verdict = verdict_of(found.verdict)
    verdict.evidence += about
    verdict.next_step = _to_measure(found, *fitted.proba.shape)
    return m.Estimate(found.accuracy, found.low, found.high, found.n_labels, verdict)


def _to_measure(found: AccuracyEstimate, n_texts: int, n_classes: int) -> str:
    if found.accuracy < 1 / n_classes:
        return "check that the labels mean what the classes of the model mean"
    more = found.n_for_5_points - found.n_labels
    if found.n_for_5_points > n_texts:
        return "each label that measures narrows this"
    if more > 0:
        return f"{more:,} more labels that measure give an interval of 5 points"
    return "this is enough to know it within 5 points"


def history_of(fitted: FittedPool, given: Labelled) -> list[m.ForecastPoint]:
    """Return how the estimate of this model and its interval follow from the first labels."""
    judges = given.judges
    if len(judges) < LEAST_TO_SHOW or not fitted.predicts:
        return []
    ends = np.linspace(LEAST_TO_SHOW, len(judges), MOST_IN_HISTORY).round().astype(np.intp)
    points = []
    for n in np.unique(ends).tolist():
        first = judges[:n]
        found = estimate_accuracy(fitted.right[first], given.strata[first], given.share[first])
        points.append(m.ForecastPoint(n, found.accuracy, found.low, found.high))
    return points


def curve_of(found: LabelForecast) -> m.Curve:
    """Return the learning curve as the page takes it."""
    return m.Curve(
        [m.Point(*point) for point in found.points],
        [m.ForecastPoint(*each[:4]) for each in found.forecasts],
        m.Verdict(found.verdict.found, found.verdict.evidence, _go_on(found)),
        found.says_stop,
    )


def _go_on(found: LabelForecast) -> str:
    if found.says_stop:
        return "stop here, unless classes or kinds of text are missing among the labels"
    if found.is_flat:
        return "twice as many labels would hardly help; hundreds may"
    if found.n_labels < MIN_LABELS:
        return f"go on labelling; a forecast needs {MIN_LABELS} labels"
    return "go on labelling" if found.forecasts else found.verdict.next_step


def doubts_of(fitted: FittedPool, texts: Sequence[str], confirmed: Container[int]) -> list[m.Doubt]:
    """Return the doubtful labels, the most doubtful first, but for rows that are confirmed.

    The first `LISTED` are listed; any of them may be the last label.
    """
    found: list[m.Doubt] = []
    for i in np.argsort(fitted.of_given, kind="stable").tolist():
        row, expected = int(fitted.rows[i]), int(fitted.left_out[i].argmax())
        if fitted.of_given[i] >= 0.5:
            break
        is_clear = fitted.left_out[i, expected] > 0.5  # of several classes, none may be
        if row not in confirmed and expected != fitted.labels[i] and is_clear:
            given, other = fitted.classes[fitted.labels[i]], fitted.classes[expected]
            p = float(fitted.of_given[i])
            text = shortened(texts[row], LONGEST)
            found.append(m.Doubt(row + 1, text, str(given), str(other), p))
    return found
