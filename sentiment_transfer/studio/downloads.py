"""Files to take away: labels, the model, the model as a page, a labelled file."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment_transfer.corpus.formulas import defended
from sentiment_transfer.errors import InputError
from sentiment_transfer.export import page_of, tables_of
from sentiment_transfer.model.files import write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_transfer.model import FittedStages

__all__ = ["labels_csv", "labels_jsonl", "model_file", "model_page", "predicted_csv"]

FIRST = ("text", "label", "at", "way", "guess", "probability", "source")
"""Columns of the labels, before those of the texts."""
LONGEST_SECONDS = 600


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


def predicted_csv(stages: FittedStages, texts: Path) -> bytes:
    """Return a file with label, probability and coverage of each text, as ``predict`` writes it.

    It runs in a process of its own. Raises ``InputError`` with what it says if it fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        model, output = Path(folder) / "model.safetensors", Path(folder) / "predicted.csv"
        write(model, stages, "float32")
        command = [sys.executable, "-m", "sentiment_transfer", "predict", str(model), str(texts)]
        ended = subprocess.run(  # noqa: S603  (our own command; the path is ours too)
            [*command, "-o", str(output), "--skip-bad"],
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=LONGEST_SECONDS,
            check=False,
        )
        if ended.returncode or not output.exists():
            said = ended.stderr.strip().splitlines()[-1:] or ["no reason is known"]
            raise InputError(said[0].removeprefix("error: ").replace(str(texts.parent), ""))
        return output.read_bytes()
