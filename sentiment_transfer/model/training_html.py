"""A model as HTML for notebooks: its settings, and what it was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_transfer.base.estimator import changed_parameters
from sentiment_transfer.base.notebook_html import html_box, html_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from sentiment_transfer.model.classifier import SentimentClassifier

__all__ = ["model_html"]


def model_html(model: SentimentClassifier) -> str:
    """Return one ``<div>``; a model that is not trained is said to be so."""
    trained = hasattr(model, "training_summary_")
    parts = model.training_summary_.parts() if trained else []
    body = html_table([*changed_parameters(model), *(parts or [_state(trained)])])
    history = _history(model.training_summary_.history) if trained else ""
    return html_box(type(model).__name__, body + history)


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
