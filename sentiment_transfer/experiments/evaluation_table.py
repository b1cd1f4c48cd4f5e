"""Measures of a model as plain-text tables."""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Any

from sentiment_transfer.base.tables import format_table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["evaluation_table"]

MEASURES = ("precision", "recall", "f1")


def evaluation_table(report: dict[str, Any], formatted: Callable[..., str] = format_table) -> str:
    """Return the measures of `measure` as tables; ``formatted`` lays out each of them."""
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
        formatted([], _summary(report), align="lll"),
        formatted(["label", "precision %", "recall %", "F1 %", "texts"], by_label),
        formatted(["true label, predicted as:", *labels], confusion),
        formatted(["most confident texts, %", "accuracy %", "least probability"], confident),
    ]
    return "\n".join(tables)


def _summary(report: dict[str, Any]) -> Sequence[Sequence[str]]:
    """Return rows of a measure, its value, and a remark."""
    low, high = map(_percent, report["accuracy_interval"])
    n, classes, excess = f"{report['texts']:,}", report["classes"], report["overconfidence"]
    loss = "infinite" if report["log_loss"] is None else f"{report['log_loss']:.3f}"
    chance = _percent(report["calibration_error_if_calibrated"])
    by_chance = f"error; about {chance} % is expected by chance on {n} texts"
    claims = f"{'more' if excess > 0 else 'less'} confident than accurate, on average"
    majority = report["majority"]
    return [
        ["accuracy", f"{_percent(report['accuracy'])} %", f"95 % interval {low} to {high}"],
        ["macro-F1", f"{_percent(report['macro_f1'])} %", ""],
        *_steps(report),
        ["majority", f"{_percent(majority['accuracy'])} %", f"always {majority['label']}"],
        ["coverage", f"{_percent(report['coverage'])} %", "words with a vector, mean over texts"],
        ["texts", n, f"{report['texts_without_known_word']:,} without a known word"],
        ["calibration", f"{_percent(report['calibration_error'])} %", by_chance],
        ["", f"{_percent(abs(excess))} %", claims],
        ["Brier", f"{report['brier_score']:.3f}", f"a uniform guess has {1 - 1 / classes:.3g}"],
        ["log loss", loss, f"a uniform guess has {log(classes):.3f}"],
    ]


def _steps(report: dict[str, Any]) -> list[list[str]]:
    """Return the rows of ordered labels."""
    if "mean_steps_off" not in report:
        return []
    within = f"at most one step off: {_percent(report['within_one_step'])} % of the texts"
    return [["mean error", f"{report['mean_steps_off']:.2f}", f"steps between labels; {within}"]]


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"
