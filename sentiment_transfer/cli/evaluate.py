"""``sentiment-transfer evaluate``."""

from collections import Counter
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from sentiment_transfer.cli.messages import Skips, say
from sentiment_transfer.cli.options import (
    LabelColumn,
    ModelFile,
    Output,
    SkipBad,
    TextColumn,
)
from sentiment_transfer.cli.reading import labelled_of, open_classifier
from sentiment_transfer.cli.writing import (
    aligned,
    check_picture,
    check_place,
    format_for,
    opened,
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


LITTLE_KNOWN = 0.3
"""Mean share of known words below which a model is hardly one for these texts."""


class Format(StrEnum):
    """Forms of the report."""

    table = "table"
    json = "json"


def evaluate(
    model: ModelFile,
    labelled: Annotated[
        str,
        typer.Argument(
            metavar="LABELLED",
            help="Texts with labels that the model has not seen: a file, folder or URL.",
            show_default=False,
        ),
    ],
    reliability: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Also draw how often answers are right by their probability: .svg, .png or .pdf.",
        ),
    ] = None,
    format: Annotated[  # noqa: A002  (the option's name)
        Format | None, typer.Option(help="By the ending of -o FILE, or else table.")
    ] = None,
    output: Output = None,
    text: TextColumn = "text",
    label: LabelColumn = "label",
    skip_bad: SkipBad = False,
) -> None:
    """Measure a model on labelled texts.

    Prints accuracy with its interval beside the majority baseline, F1, figures for each label, who
    is taken for whom, how many words the model knows, whether probabilities mean what they say
    (calibration error), and how accurate it is where only the surest texts are answered.
    """
    form = format_for(format, output, Format)
    check_place(output)
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
    with opened(output) as file:
        if form is Format.json:
            write_json(report, file)
        else:
            file.write(_as_text(report))


def _check_labels(rows: Labelled, classifier: SentimentClassifier, place: str) -> None:
    """Refuse labels that the model has none of; name those that it can never answer."""
    known = set(classifier.classes_.tolist())
    unknown = Counter(label for label in rows.labels if label not in known)
    answers = ", ".join(map(repr, sorted(known)))
    listed = ", ".join(f"{label!r} ({count:,})" for label, count in unknown.most_common(5))
    if unknown.total() == len(rows):
        raise InputError(
            f"holds the labels {listed}, the model answers {answers}; rename the labels, "
            "or name their column with --label",
            path=place,
        )
    if unknown:
        say(f"warning: {place} holds labels the model never answers, always wrong here: {listed}")


def measure(
    classifier: SentimentClassifier, rows: Labelled, probabilities: NDArray[np.float64]
) -> dict[str, Any]:
    """Compare predictions with labels.

    The interval is Wilson's, of 95 %. The majority baseline always answers the most frequent label
    of these texts. Macro-F1 is the mean over the labels of these texts.
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
    """Tell whether probabilities mean what they say; a label the model never answers has none."""
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
        ["coverage", f"{_percent(report['coverage'])} %", "words with a vector, mean of the texts"],
        [
            "texts",
            f"{report['texts']:,}",
            f"{report['texts_without_known_word']:,} with no known word",
        ],
        *_calibration_rows(report),
    ]
    by_label = [["label", "precision %", "recall %", "F1 %", "texts"]]
    for row in report["labels"]:
        figures = [_percent(row[name]) for name in ("precision", "recall", "f1")]
        by_label.append([row["label"], *figures, f"{row['texts']:,}"])
    confusion = [["true, predicted as:", *labels]]
    for label, counts in zip(labels, report["confusion"], strict=True):
        confusion.append([label, *(f"{count:,}" for count in counts)])
    sure = [["if the surest are answered, %", "accuracy %", "probability at least"]]
    for row in {row["answered"]: row for row in report["answered"]}.values():
        figures = [_percent(row["answered"]), _percent(row["accuracy"]), f"{row['threshold']:.2f}"]
        sure.append(figures)
    tables = [aligned(summary, left=3), aligned(by_label), aligned(confusion), aligned(sure)]
    return "\n".join(tables)


def _calibration_rows(report: dict[str, Any]) -> list[list[str]]:
    excess, loss, k = report["overconfidence"], report["log_loss"], report["classes"]
    claims = "more" if excess > 0 else "less"
    chance = _percent(report["calibration_error_if_calibrated"])
    return [
        [
            "calibration",
            f"{_percent(report['calibration_error'])} %",
            f"error, of perfect probabilities about {chance} % on so many texts",
        ],
        ["", f"{_percent(abs(excess))} %", f"{claims} sure than right, on average"],
        ["Brier", f"{report['brier_score']:.3f}", f"{1 - 1 / k:.3g} is a blind guess's"],
        ["log loss", "" if loss is None else f"{loss:.3f}", f"{np.log(k):.3f} is a blind guess's"],
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
