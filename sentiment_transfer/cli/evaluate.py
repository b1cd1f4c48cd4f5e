"""``sentiment-transfer evaluate``."""

from collections import Counter
from math import log
from pathlib import Path
from typing import Annotated, Any

from sentiment_transfer.cli import options
from sentiment_transfer.cli.inputs import Reader, labels_of, open_classifier
from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.output import Writers, table, write_json, writer_for
from sentiment_transfer.corpus import Labelled
from sentiment_transfer.errors import InputError, shown
from sentiment_transfer.experiments.calibration import Reliability, plot_reliability
from sentiment_transfer.experiments.evaluation import measure
from sentiment_transfer.model import SentimentClassifier

__all__ = ["evaluate"]

WRITERS: Writers = {"table": lambda report, file: file.write(_as_text(report)), "json": write_json}

MEASURES = ("precision", "recall", "f1")

LITTLE_KNOWN = 0.3
"""Mean coverage below which a warning is printed."""


def evaluate(
    model: options.ModelFile,
    labelled: Annotated[
        str,
        options.argument(
            "LABELLED", "Labelled texts that the model has not seen: a file, folder or URL."
        ),
    ],
    reliability: Annotated[
        Path | None, options.picture("Also draw accuracy by predicted probability")
    ] = None,
    form: Annotated[str | None, options.form(WRITERS)] = None,
    output: options.Output = None,
    text: options.TextColumn = "text",
    label: options.LabelColumn = "label",
    skip_bad: options.SkipBad = False,
) -> None:
    """Measure a model on labelled texts.

    Prints accuracy with a 95 % interval, the majority baseline, macro-F1, coverage, calibration
    error, Brier score and log loss, precision and recall of each label, the confusion matrix, and
    the accuracy on the most confident texts.
    """
    write = writer_for(form, output, WRITERS)
    classifier = open_classifier(model)
    with Reader(text, label, skip_bad=skip_bad) as read:
        rows = read.labelled(labelled)
    _check_labels(rows, classifier, labelled)
    probabilities, coverage = classifier.answer(rows.texts)
    report = measure(rows.labels, probabilities, coverage, labels_of(classifier))
    if report["coverage"] < LITTLE_KNOWN:
        say(
            f"warning: the model knows {_percent(report['coverage'])} % of the words of these "
            "texts; pretrain on texts of the same kind and language"
        )
    if reliability is not None:
        found = Reliability.of(rows.labels, probabilities, labels_of(classifier))
        plot_reliability(found, reliability)
    write(report)


def _check_labels(rows: Labelled, classifier: SentimentClassifier, place: str) -> None:
    """Raise an InputError if the model has none of the labels; warn if it lacks some."""
    known = set(labels_of(classifier).tolist())
    unknown = Counter(label for label in rows.labels if label not in known)
    answers = ", ".join(map(repr, sorted(known)))
    listed = ", ".join(f"{shown(label)} ({count:,})" for label, count in unknown.most_common(5))
    if unknown.total() == len(rows):
        raise InputError(
            f"has the labels {listed}, but the model predicts {answers}; rename the labels, "
            "or give their column with --label",
            path=place,
        )
    if unknown:
        say(f"warning: {place} has labels that the model never predicts: {listed}")


def _as_text(report: dict[str, Any]) -> str:
    labels = [row["label"] for row in report["labels"]]
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
        table([], _summary(report), align="lll"),
        table(["label", "precision %", "recall %", "F1 %", "texts"], by_label),
        table(["true label, predicted as:", *labels], confusion),
        table(["most confident texts, %", "accuracy %", "least probability"], confident),
    ]
    return "\n".join(tables)


def _summary(report: dict[str, Any]) -> list[list[str]]:
    """Return rows of a measure, its value, and a remark."""
    low, high = map(_percent, report["accuracy_interval"])
    n, classes, excess = f"{report['texts']:,}", report["classes"], report["overconfidence"]
    loss = "" if report["log_loss"] is None else f"{report['log_loss']:.3f}"
    chance = _percent(report["calibration_error_if_calibrated"])
    by_chance = f"error; about {chance} % is expected by chance on {n} texts"
    claims = f"{'more' if excess > 0 else 'less'} confident than accurate, on average"
    majority = report["majority"]
    return [
        ["accuracy", f"{_percent(report['accuracy'])} %", f"95 % interval {low} to {high}"],
        ["macro-F1", f"{_percent(report['macro_f1'])} %", ""],
        ["majority", f"{_percent(majority['accuracy'])} %", f"always {majority['label']}"],
        ["coverage", f"{_percent(report['coverage'])} %", "words with a vector, mean over texts"],
        ["texts", n, f"{report['texts_without_known_word']:,} without a known word"],
        ["calibration", f"{_percent(report['calibration_error'])} %", by_chance],
        ["", f"{_percent(abs(excess))} %", claims],
        ["Brier", f"{report['brier_score']:.3f}", f"a uniform guess has {1 - 1 / classes:.3g}"],
        ["log loss", loss, f"a uniform guess has {log(classes):.3f}"],
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
