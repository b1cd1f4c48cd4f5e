"""Answers and tables as CSV, JSON and JSON lines."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any, TextIO

from sentiment_transfer.corpus.formulas import LABELS
from sentiment_transfer.scoring.cells import csv_cell

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["write_csv", "write_json_array", "write_json_lines"]


def write_csv(
    header: Iterable[str],
    rows: Iterable[Iterable[object]],
    file: TextIO,
    *,
    delimiter: str = ",",
    labels: Collection[str] = LABELS,
) -> None:
    """Write rows under a header; fields are quoted where that is needed.

    A text that a spreadsheet would run as a formula is prefixed with ``'``, which the readers of
    this package take off; the columns ``labels`` are written as they are.
    """
    names = list(header)
    ends: Any = _LineFeeds(file)
    writer = csv.writer(ends, delimiter=delimiter)
    writer.writerow(names)
    cells = [_label if name in labels else csv_cell for name in names]
    writer.writerows([cell(value) for cell, value in zip(cells, row, strict=True)] for row in rows)


def _label(value: object) -> object:
    return value if isinstance(value, str) else csv_cell(value)


CSV_END = "\r\n"


class _LineFeeds:
    r"""Ends rows with ``\n``, where the csv module quotes ``\r`` only if it ends them with it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, row: str) -> None:
        self._file.write(f"{row.removesuffix(CSV_END)}\n")


def write_json_array(rows: Iterable[object], file: TextIO) -> None:
    """Write one array with an item per line, without collecting the items first."""
    file.write("[")
    file.writelines(f"{',' if i else ''}\n{_compact(row)}" for i, row in enumerate(rows))
    file.write("\n]\n")


def write_json_lines(rows: Iterable[object], file: TextIO) -> None:
    """Write one document per line."""
    file.writelines(f"{_compact(row)}\n" for row in rows)


_compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
