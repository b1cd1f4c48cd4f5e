"""The formats of answers in files: text, or bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, TextIO

from sentiment_transfer.corpus.formulas import LABELS
from sentiment_transfer.scoring.excel_output import write_excel
from sentiment_transfer.scoring.parquet_output import write_parquet
from sentiment_transfer.scoring.text_output import write_csv, write_json_array, write_json_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sentiment_transfer.scoring.predictions import Predictions

__all__ = ["BINARY_WRITERS", "FORMS", "TEXT_WRITERS"]

TEXT_WRITERS: Mapping[str, Callable[[Predictions, TextIO], object]] = {
    "json": lambda found, file: write_json_array(found.records(), file),
    "csv": lambda found, file: _write_csv(found, file, ","),
    "tsv": lambda found, file: _write_csv(found, file, "\t"),
    "jsonl": lambda found, file: write_json_lines(found.records(), file),
}
BINARY_WRITERS: Mapping[str, Callable[[Predictions, BinaryIO], object]] = {
    "parquet": lambda found, file: write_parquet(found.different_names, found.rows(), file),
    "xlsx": lambda found, file: write_excel(found.names, found.rows(), file, found.on_notice),
}
FORMS = (*TEXT_WRITERS, *BINARY_WRITERS)


def _write_csv(found: Predictions, file: TextIO, delimiter: str) -> None:
    labels = {*LABELS, found.label_name}
    write_csv(found.names, found.rows(), file, delimiter=delimiter, labels=labels)
