"""Files to take away: labels, the model, the model as a page, a labelled file."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment_transfer.corpus.formulas import defended
from sentiment_transfer.export import page_of, tables_of
from sentiment_transfer.model.files import write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_transfer.model import FittedStages
    from sentiment_transfer.studio.uploads import Table

__all__ = ["labels_csv", "labels_jsonl", "model_file", "model_page", "predicted_csv"]

FIRST = ("text", "label", "at", "way", "guess", "probability", "source")
"""Columns of the labels, before those of the texts."""
ANSWERS = ("label", "probability", "coverage")
BATCH = 4096


def labels_csv(rows: Sequence[dict[str, Any]]) -> bytes:
    """Return labels as CSV; what a spreadsheet would run is defused."""
    names = dict.fromkeys([*FIRST, *(name for row in rows for name in row)])
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(map(defended, names))
    for row in rows:
        writer.writerow([_cell(name, row.get(name)) for name in names])
    return file.getvalue().encode("utf-8", "replace")


def _cell(name: str, value: Any) -> Any:  # noqa: ANN401
    return defended(value) if isinstance(value, str) and name != "label" else value


def labels_jsonl(rows: Sequence[dict[str, Any]]) -> bytes:
    """Return labels as JSON lines."""
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")


def model_file(stages: FittedStages) -> bytes:
    """Return the model as `load` reads it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        write(path, stages, "float32")
        return path.read_bytes()


def model_page(stages: FittedStages, name: str) -> bytes:
    """Return the model as one page; raises ``SettingError`` for a model that is not ported."""
    return page_of(tables_of(stages, name)).encode("utf-8")


def predicted_csv(stages: FittedStages, table: Table) -> bytes:
    """Return a table with label, probability and coverage of each text, as ``predict`` writes it.

    A text that a spreadsheet would run is defused.
    """
    place = table.columns.index(table.text_column)
    taken = {*table.columns}
    new = [name if name not in taken else f"predicted_{name}" for name in ANSWERS]
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([defended(name) for name in (*table.columns, *new)])
    for start in range(0, len(table.rows), BATCH):
        rows = table.rows[start : start + BATCH]
        probabilities, coverage = stages.answer([row[place] or "" for row in rows])
        labels = stages.most_probable(probabilities).tolist()
        best = probabilities.max(axis=1).round(6).tolist()
        for row, *answer in zip(rows, labels, best, coverage.round(6).tolist(), strict=True):
            cells = [defended(value) if isinstance(value, str) else value for value in row]
            writer.writerow([*cells, *answer])
    return file.getvalue().encode("utf-8", "replace")
