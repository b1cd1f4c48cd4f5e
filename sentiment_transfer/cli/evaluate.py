"""``sentiment-transfer evaluate``."""

from collections import Counter
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from sentiment_transfer.cli.inputs import labelled_of, open_classifier
from sentiment_transfer.cli.messages import Skips, say
from sentiment_transfer.cli.options import (
    LabelColumn,
    ModelFile,
    Output,
    SkipBad,
    TextColumn,
)
from sentiment_transfer.cli.output import (
    check_picture,
    check_writable,
    format_for,
    open_output,
    table,
    write_json,
)
from sentiment_transfer.corpus import Labelled
from sentiment_transfer.errors import InputError
from sentiment_transfer.experiments.calibration import (
    Reliability,
    brier_score,
    log_loss,
    plot_reliability,
    selective_accuracy,
)
from sentiment_transfer.experiments.statistics import macro_f1
from sentiment_transfer.model import SentimentClassifier

__all__ = ["evaluate"]

MEASURES = ("precision", "recall", "f1")

LITTLE_KNOWN = 0.3
"""Mean coverage below which a warning is printed."""


class Format(StrEnum):
    """Output formats."""

    table = "table"
    json = "json"


def evaluate(
    model: ModelFile,
    labelled: Annotated[
        str,
        typer.Argument(
            metavar="LABELLED",
            help="Labelled texts that the model has not seen: a file, folder or URL.",
            show_default=False,
        ),
    ],
    reliability: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Also draw accuracy by predicted probability: .svg, .png or .pdf.",
        ),
    ] = None,
    format: Annotated[  # noqa: A002  (the option's name)
        Format | None,
        typer.Option(
            metavar="FORMAT", help="table or json; the default is the suffix of -o, else table."
        ),
    ] = None,
    output: Output = None,
    text: TextColumn = "text",
    label: LabelColumn = "label",
    skip_bad: SkipBad = False,
) -> None:
    """Measure a model on labelled texts.

    Prints accuracy with a 95 % interval, the majority baseline, macro-F1, coverage, calibration
    error, Brier score and log loss, precision and recall of each label, the confusion matrix, and
    the accuracy on the most confident texts.
    """
    form = format_for(format, output, Format)
    check_writable(output)
    check_picture("--reliability", reliability)
    classifier = open_classifier(model)
    with Skips() as on_skip:
        rows = labelled_of(labelled, text=text, label=label, skip_bad=skip_bad, on_skip=on_skip)
    _check_labels(rows, classifier, labelled)
    probabilities = classifier.predict_proba(rows.texts)
    report = measure(classifier, rows, probabilities)
    if report["coverage"] < LITTLE_KNOWN:
        say(
            f"warning: the model knows {_percent(report['coverage'])} % of the words of these "
            "texts; pretrain on texts of the same kind and language"
        )
    if reliability is not None:
        found = Reliability.of(rows.labels, probabilities, classifier.classes_)
        plot_reliability(found, reliability)
    with open_output(output) as file:
        if form is Format.json:
            write_json(report, file)
        else:
            file.write(_as_text(report))


def _check_labels(rows: Labelled, classifier: SentimentClassifier, place: str) -> None:
    """Raise an InputError if the model has none of the labels; warn if it lacks some."""
    known = set(classifier.classes_.tolist())
    unknown = Counter(label for label in rows.labels if label not in known)
    answers = ", ".join(map(repr, sorted(known)))
    listed = ", ".join(f"{label!r} ({count:,})" for label, count in unknown.most_common(5))
    if unknown.total() == len(rows):
        raise InputError(
            f"has the labels {listed}, but the model predicts {answers}; rename the labels, "
            "or give their column with --label",
            path=place,
        )
    if unknown:
        say(f"warning: {place} has labels that the model never predicts: {listed}")


def measure(
    classifier: SentimentClassifier, rows: Labelled, probabilities: NDArray[np.float64]
) -> dict[str, Any]:
    """Return measures of the predictions, as values for JSON.

    The interval of the accuracy is Wilson's, at 95 %. The majority baseline predicts the most
    frequent label of these texts. Macro-F1 is the mean over the labels of these texts.
    """
    from scipy.stats import binomtest
    from sklearn.metrics import precision_recall_fscore_support

    truth, predicted = np.asarray(rows.labels), classifier.classes_[probabilities.argmax(axis=1)]
    coverage = classifier.coverage(rows.texts)
    right = int((truth == predicted).sum())
    interval = binomtest(right, len(rows)).proportion_ci(0.95, method="wilson")
    labels = np.union1d(truth, predicted).tolist()
    figures = precision_recall_fscore_support(truth, predicted, labels=labels, zero_division=0)
    majority, count = Counter(rows.labels).most_common(1)[0]
    return {
        "texts": len(rows),
        "accuracy": right / len(rows),
        "accuracy_interval": [float(interval.low), float(interval.high)],
        "macro_f1": macro_f1(truth, predicted),
        "majority": {"label": majority, "accuracy": count / len(rows)},
        "coverage": float(coverage.mean()),
        "texts_without_known_word": int((coverage == 0).sum()),
        **_calibration(truth, probabilities, classifier.classes_),
        "labels": [
            dict(zip(("label", "precision", "recall", "f1", "texts"), row, strict=True))
            for row in zip(labels, *(column.tolist() for column in figures), strict=True)
        ],
        "confusion": [
            [int(np.sum((truth == true) & (predicted == answer))) for answer in labels]
            for true in labels
        ],
    }


def _calibration(
    truth: NDArray[np.str_], probabilities: NDArray[np.float64], classes: NDArray[np.str_]
) -> dict[str, Any]:
    """Return measures of the probabilities; the log loss is over texts of known labels."""
    given = truth, probabilities, classes
    loss = log_loss(*given)
    reliability = Reliability.of(*given)
    return {
        "calibration_error": reliability.expected_error,
        "calibration_error_if_calibrated": reliability.expected_error_if_calibrated,
        "calibration_error_15_equal_widths": Reliability.of(
            *given, n_bins=15, bins="width"
        ).expected_error,
        "overconfidence": reliability.overconfidence,
        "classes": len(classes),
        "brier_score": brier_score(*given),
        "log_loss": None if np.isnan(loss) else loss,
        "answered": [asdict(row) for row in selective_accuracy(*given)],
    }


def _as_text(report: dict[str, Any]) -> str:
    low, high = (_percent(end) for end in report["accuracy_interval"])
    majority = report["majority"]
    labels = [row["label"] for row in report["labels"]]
    summary = [
        ["accuracy", f"{_percent(report['accuracy'])} %", f"95 % interval {low} to {high}"],
        ["macro-F1", f"{_percent(report['macro_f1'])} %", ""],
        ["majority", f"{_percent(majority['accuracy'])} %", f"always {majority['label']}"],
        ["coverage", f"{_percent(report['coverage'])} %", "words with a vector, mean over texts"],
        [
            "texts",
            f"{report['texts']:,}",
            f"{report['texts_without_known_word']:,} without a known word",
        ],
        *_calibration_rows(report),
    ]
    by_label = [
        [row["label"], *(_percent(row[name]) for name in MEASURES), f"{row['texts']:,}"]
        for row in report["labels"]
    ]
    confusion = [
        [label, *(f"{count:,}" for count in counts)]
        for label, counts in zip(labels, report["confusion"], strict=True)
    ]
    answered = {row["answered"]: row for row in report["answered"]}  # few texts give equal shares
    confident = [
        [_percent(share), _percent(row["accuracy"]), f"{row['threshold']:.2f}"]
        for share, row in answered.items()
    ]
    tables = [
        table([], summary, align="lll"),
        table(["label", "precision %", "recall %", "F1 %", "texts"], by_label),
        table(["true label, predicted as:", *labels], confusion),
        table(["most confident texts, %", "accuracy %", "least probability"], confident),
    ]
    return "\n".join(tables)


def _calibration_rows(report: dict[str, Any]) -> list[list[str]]:
    excess, loss, k = report["overconfidence"], report["log_loss"], report["classes"]
    claims = "more" if excess > 0 else "less"
    chance = _percent(report["calibration_error_if_calibrated"])
    return [
        [
            "calibration",
            f"{_percent(report['calibration_error'])} %",
            f"error; about {chance} % is expected by chance on {report['texts']:,} texts",
        ],
        ["", f"{_percent(abs(excess))} %", f"{claims} confident than accurate, on average"],
        ["Brier", f"{report['brier_score']:.3f}", f"a uniform guess has {1 - 1 / k:.3g}"],
        ["log loss", "" if loss is None else f"{loss:.3f}", f"a uniform guess has {np.log(k):.3f}"],
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
