"""A model as HTML for notebooks: its settings, and what it was trained on.

Colours are those of the page, so the table is readable on a light and on a dark one.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

from sentiment_transfer.base.estimator import changed_parameters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from sentiment_transfer.model.classifier import SentimentClassifier

__all__ = ["model_html"]

_STYLE = """
.st-model{color-scheme:light dark;overflow-wrap:anywhere;max-width:42rem}
.st-model table{border-collapse:collapse;margin:.3em 0}
.st-model th,.st-model td{background:none;color:inherit;text-align:left;vertical-align:top;
 font-weight:normal;border:0;border-top:1px solid rgba(128,128,128,.4);padding:.15em 1em .15em 0}
.st-model td.st-number{text-align:right;font-variant-numeric:tabular-nums}
.st-model summary{cursor:pointer}
"""


def model_html(model: SentimentClassifier) -> str:
    """Return one ``<div>``; a model that is not trained is said to be so."""
    trained = hasattr(model, "training_summary_")
    rows = [(name, text) for name, text in changed_parameters(model)]
    parts = model.training_summary_.parts() if trained else []
    body = _table(_row(row) for row in [*rows, *(parts or [_state(trained)])])
    history = _history(model.training_summary_.history) if trained else ""
    name = html.escape(type(model).__name__)
    return (
        f'<div class="st-model"><style>{_STYLE}</style><strong>{name}</strong>{body}{history}</div>'
    )


def _state(trained: bool) -> tuple[str, str]:
    return ("trained", "yes" if trained else "not yet")


def _history(history: Sequence[Mapping[str, Any]]) -> str:
    """Return the losses by epoch, folded."""
    if not history:
        return ""
    names = ["loss"] + ["held_out_loss"] * ("held_out_loss" in history[0])
    titles = ["epoch", *(name.replace("_", "-", 1).replace("_", " ") for name in names)]
    head = "".join(f"<th>{title}</th>" for title in titles)
    rows = (
        f'<tr><td class="st-number">{epoch["epoch"] + 1}</td>'
        + "".join(f'<td class="st-number">{_loss(epoch[name])}</td>' for name in names)
        + "</tr>"
        for epoch in history
    )
    table = f"<table><tr>{head}</tr>{''.join(rows)}</table>"
    return f"<details><summary>pretraining, {len(history):,} epochs</summary>{table}</details>"


def _loss(loss: float | None) -> str:
    return "" if loss is None else f"{loss:.4f}"


def _row(cells: tuple[str, str]) -> str:
    name, value = map(html.escape, cells)
    return f"<tr><th>{name}</th><td>{value}</td></tr>"


def _table(rows: Iterable[str]) -> str:
    return f"<table>{''.join(rows)}</table>"
