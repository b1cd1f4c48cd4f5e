"""Measures of a model on labelled texts: held-out ones, or its own by cross-validation."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.notice import Notice
from sentiment_transfer.classification.labels import as_labels
from sentiment_transfer.corpus import read_labelled
from sentiment_transfer.errors import InputError, ModelFileError, shortened, shown
from sentiment_transfer.experiments.calibration import (
    Reliability,
    brier_score,
    log_loss,
    selective_accuracy,
)
from sentiment_transfer.experiments.cross_validation import (
    FOLDS,
    left_out_probabilities,
    with_order_as_text,
)
from sentiment_transfer.experiments.evaluation_table import evaluation_table
from sentiment_transfer.experiments.leaks import warn_of_fitted
from sentiment_transfer.experiments.statistics import macro_f1, wilson_interval
from sentiment_transfer.model import SentimentClassifier, load
from sentiment_transfer.model.coverage import warn_of_unknown_words
from sentiment_transfer.model.defaults import new_head, uses_default_stages
from sentiment_transfer.polarity.class_order import classes_named
from sentiment_transfer.polarity.contradiction import SeedsContradictedWarning

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray
    from pandas import DataFrame

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.encoding import EncodedTexts

__all__ = ["Evaluation", "cross_validated", "evaluate", "measure"]


@dataclass(frozen=True, eq=False)
class Evaluation:
    """The result of `evaluate`; ``print`` shows it as tables.

    Attributes
    ----------
    report
        All measures by name, as values for JSON; see `measure`. ``folds`` are those of a
        cross-validation, or None; ``fitted_texts`` is the number of texts that the model was
        fitted on, at least.
    texts, labels, predicted, probability
        The texts, ``(n,)``, with their labels as text, the most probable labels, and the
        probabilities of these.
    classes
        The labels that the model knows, ``(k,)``.
    reliability
        Accuracy by probability.

    Examples
    --------
    >>> labelled = ["A fine film.", "A dull plot.", "Great!"], ["positive", "negative", "negative"]
    >>> found = evaluate("reviews-en", labelled)
    >>> round(found.accuracy, 2), found.errors["text"].tolist()
    (0.67, ['Great!'])
    """

    report: dict[str, Any]
    texts: Sequence[str]
    labels: NDArray[np.str_]
    predicted: NDArray[np.str_]
    probability: NDArray[np.float64]
    classes: NDArray[np.str_]
    reliability: Reliability

    @property
    def accuracy(self) -> float:
        """Share of texts with the right label."""
        accuracy: float = self.report["accuracy"]
        return accuracy

    @property
    def errors(self) -> DataFrame:
        """The texts with a wrong label, the most confident first.

        The columns are ``label``, ``predicted``, ``probability`` (of the predicted label) and
        ``text``; the index is the number of the text.
        """
        import pandas as pd

        wrong = np.flatnonzero(self.labels != self.predicted)
        rows = wrong[np.argsort(-self.probability[wrong], kind="stable")]
        columns = {
            "label": self.labels[rows],
            "predicted": self.predicted[rows],
            "probability": self.probability[rows],
            "text": [self.texts[row] for row in rows],
        }
        return pd.DataFrame(columns, index=rows)

    @property
    def never_predicted(self) -> list[str]:
        """Labels of the texts that the model knows and predicts for no text."""
        possible = set(self.classes.tolist()) - set(self.predicted.tolist())
        return [row["label"] for row in self.report["labels"] if row["label"] in possible]

    def __str__(self) -> str:
        return evaluation_table(self.report)


def evaluate(
    model: SentimentClassifier | str | Path,
    labelled: Any,  # noqa: ANN401  (whatever read_labelled takes)
    *,
    folds: int | None = None,
    seed: int = 0,
) -> Evaluation:
    """Measure a model on labelled texts.

    Parameters
    ----------
    model
        A model, the path of its file, or the name of one that ships with the package.
    labelled
        Texts that the model has not seen: whatever `read_labelled` takes, such as a file, a
        DataFrame, a pair of texts and labels. Labels are compared as text. A warning counts the
        texts that the model was fitted on.
    folds
        If given, stage three of the model is fitted to all other folds of ``labelled`` and measured
        on each: an estimate for a model fitted to these labels. A model without pretrained stages
        gets them as in `SentimentClassifier.fit`. Otherwise the model is measured as it is.
    seed
        Of the division into folds.

    Returns
    -------
    Evaluation
        ``print`` shows it.

    Raises
    ------
    InputError
        There is no text, the model has none of the labels, or there are too few for ``folds``.
    ModelFileError
        ``model`` is not a classifier.

    Examples
    --------
    >>> labelled = ["A fine film.", "A dull plot."], ["positive", "negative"]
    >>> evaluate("reviews-en", labelled).accuracy
    1.0
    """
    classifier = model if isinstance(model, SentimentClassifier) else load(model)
    if not isinstance(classifier, SentimentClassifier):
        raise ModelFileError("holds word vectors, not a classifier", path=str(model))
    rows = read_labelled(labelled)
    if folds is not None:
        return cross_validated(classifier, rows, folds, seed)
    classes = classifier.classes_.astype(np.str_)
    rows = _with_classes_named(rows, classes, classifier.language)
    _check_labels(rows, classes)
    n_fitted = warn_of_fitted(classifier, rows.texts)
    probabilities, coverage = classifier.answer(rows.texts)
    order = classifier.stages_.known_order
    return _evaluation(rows, probabilities, coverage, classes, order, fitted_texts=n_fitted)


def cross_validated(
    model: SentimentClassifier, rows: Labelled, folds: int = FOLDS, seed: int = 0
) -> Evaluation:
    """Measure a model by cross-validation; see `evaluate`."""
    if not hasattr(model, "encoder_"):
        from sklearn.base import clone

        model = clone(model).fit(rows.texts, rows.labels)
    encoded, labels = model.encode(rows.texts), as_labels(rows.labels)
    usual = model.training_summary_.coverage
    warn_of_unknown_words(rows.texts, encoded.coverage, model.vectors_, usual)
    own = with_order_as_text(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SeedsContradictedWarning)
        probabilities, classes = left_out_probabilities(
            own, rows.texts, encoded, labels, folds, seed
        )
    order = _order_of(own, encoded, labels)
    return _evaluation(rows, probabilities, encoded.coverage, classes, order, folds=folds)


def _order_of(
    model: SentimentClassifier, encoded: EncodedTexts, labels: NDArray[np.str_]
) -> list[str] | None:
    """Return the classes in the order in which a fit on all labels has them, if it has one."""
    if not uses_default_stages(model):
        return None
    order = new_head(model).known_order(labels, encoded.features.score)
    return None if order is None else order.astype(np.str_).tolist()


def _evaluation(
    rows: Labelled,
    probabilities: NDArray[np.float64],
    coverage: NDArray[np.float64],
    classes: NDArray[np.str_],
    order: Any,  # noqa: ANN401  (a list of text, or None)
    *,
    folds: int | None = None,
    fitted_texts: int = 0,
) -> Evaluation:
    report = measure(rows.labels, probabilities, coverage, classes, order)
    report |= {"folds": folds, "fitted_texts": fitted_texts}
    best = probabilities.argmax(axis=1)
    confidence = probabilities[np.arange(len(best)), best]
    truth = as_labels(rows.labels)
    reliability = Reliability.of(truth, probabilities, classes)
    return Evaluation(report, rows.texts, truth, classes[best], confidence, classes, reliability)


def _with_classes_named(rows: Labelled, classes: NDArray[np.str_], language: str) -> Labelled:
    """Return rows whose labels are classes, if they are usual names of these: 1 of positive."""
    labels, known = set(rows.labels), classes.tolist()
    named = None if labels & set(known) or not labels else classes_named(labels, known, language)
    if named is None:
        return rows
    read_as = ", ".join(f"{shown(label)} as {shown(named[label])}" for label in sorted(named))
    warnings.warn(
        f"the model predicts {' and '.join(map(repr, known))}, so labels are read by their usual "
        f"names: {read_as}; rename them if they mean something else",
        Notice,
        stacklevel=3,
    )
    return replace(rows, labels=[named[label] for label in rows.labels])


def _check_labels(rows: Labelled, classes: NDArray[np.str_]) -> None:
    """Raise ``InputError`` if the model has none of the labels; warn if it lacks some."""
    known = set(classes.tolist())
    unknown = Counter(label for label in rows.labels if label not in known)
    answers = ", ".join(map(repr, sorted(known)))
    listed = ", ".join(f"{shown(label)} ({count:,})" for label, count in unknown.most_common(5))
    if unknown.total() == len(rows):
        pairs = list(zip(sorted(unknown), sorted(known), strict=False))
        pairs = pairs if len(unknown) == len(known) == 2 else pairs[:1]
        example = ",".join(f"{shortened(label)}={name}" for label, name in pairs)
        raise InputError(
            f"the labels are {listed}, but the model predicts {answers}; rename the labels, as in "
            f"{example} if they mean this, or name their column with label=..."
        )
    if unknown:
        warnings.warn(f"some labels are never predicted by the model: {listed}", stacklevel=3)


def measure(
    truth: Sequence[str],
    probabilities: NDArray[np.float64],
    coverage: NDArray[np.float64],
    classes: NDArray[np.str_],
    order: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Return measures of answers, as values for JSON.

    The interval of the accuracy is Wilson's, at 95 %. The majority baseline predicts the most
    frequent label of these texts. Macro-F1 is the mean over the labels of these texts. The log
    loss is computed from texts whose label is a class, and None if there are none.

    ``truth`` are labels, ``(n,)``; an answer to one that is not in ``classes``, ``(k,)``, is always
    wrong. ``probabilities``, ``(n, k)``, are in the order of ``classes``; ``coverage`` is the share
    of each text's tokens that the model knows, ``(n,)``. With ``order``, all labels from the most
    negative to the most positive, the measures include the mean distance between the true and the
    predicted label in steps, and the share of texts that are at most one step off.
    """
    from sklearn.metrics import precision_recall_fscore_support

    n, true, predicted = len(truth), as_labels(truth), classes[probabilities.argmax(axis=1)]
    right = int((true == predicted).sum())
    labels = _in_order(np.union1d(true, predicted).tolist(), order)
    figures = precision_recall_fscore_support(true, predicted, labels=labels, zero_division=0)
    majority, count = Counter(truth).most_common(1)[0]
    answers = true, probabilities, classes
    reliability = Reliability.of(*answers)
    finite = set(truth) <= set(classes.tolist())  # a label that is no class has a probability of 0
    return {
        "texts": n,
        "accuracy": right / n,
        "accuracy_interval": wilson_interval(right, n),
        "macro_f1": macro_f1(true, predicted),
        **_steps(true, predicted, order),
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
        "log_loss": log_loss(*answers) if finite else None,
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


def _in_order(labels: list[str], order: Sequence[str] | None) -> list[str]:
    """Return labels in this order, then others by name."""
    places = {} if order is None else {label: place for place, label in enumerate(order)}
    return sorted(labels, key=lambda label: (places.get(label, len(places)), label))


def _steps(
    true: NDArray[np.str_], predicted: NDArray[np.str_], order: Sequence[str] | None
) -> dict[str, float]:
    """Return the mean distance in steps, and the share within one, if all labels are ordered."""
    if order is None or len(order) < 3 or not np.isin(true, order).all():
        return {}
    place = {label: i for i, label in enumerate(order)}
    pairs = zip(true.tolist(), predicted.tolist(), strict=True)
    steps = np.array([abs(place[label] - place[answer]) for label, answer in pairs])
    return {"mean_steps_off": float(steps.mean()), "within_one_step": float(np.mean(steps <= 1))}
