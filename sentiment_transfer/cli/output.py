"""Write results to standard output or a file: CSV, JSON, JSON lines, tables."""

from __future__ import annotations

import csv
import io
import json
import sys
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from sentiment_transfer.base.atomic import atomic_write
from sentiment_transfer.base.figures import FORMATS
from sentiment_transfer.base.tables import format_table
from sentiment_transfer.cli.messages import printable
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import TextIO

__all__ = [
    "check_picture",
    "check_writable",
    "format_for",
    "model_place",
    "open_output",
    "table",
    "write_csv",
    "write_json",
    "write_json_array",
    "write_json_lines",
]

F = TypeVar("F", bound=StrEnum)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def format_for(chosen: F | None, output: Path | None, formats: type[F]) -> F:
    """Return the chosen format, else the one of the file's suffix, else a table."""
    if chosen is not None:
        return chosen
    suffix = "" if output is None else output.suffix.lower().lstrip(".")
    if suffix in ("", "txt"):
        return formats("table")
    if suffix not in set(formats):
        known = " | ".join(formats)
        raise SettingError(f"{output}: .{suffix} is not a known format; use --format {known}")
    return formats(suffix)


def check_writable(path: Path | None) -> None:
    """Raise an InputError if the path cannot become a file; called before long work."""
    if path is None or str(path) == "-":
        return
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"the folder {path.parent} does not exist"
        raise InputError(f"{what}; give a file in an existing folder", path=str(path))


def check_picture(option: str, path: Path | None) -> None:
    """Raise an error if no picture can be written to the path; called before long work."""
    check_writable(path)
    if path is not None and path.suffix.lower().lstrip(".") not in FORMATS:
        endings = ", .".join(FORMATS)
        raise SettingError(f"{option} {path} is not allowed; the file must end in .{endings}")


def model_place(path: Path) -> Path:
    """Return the path of a model to write, which must not be standard output."""
    if str(path) == "-":
        raise SettingError("-o - is not allowed; name a file, as in -o model.safetensors")
    check_writable(path)
    return path


@contextmanager
def open_output(path: Path | None) -> Iterator[TextIO]:
    r"""Open standard output, or a UTF-8 file that is written atomically.

    A lone surrogate, which UTF-8 cannot encode, becomes its JSON escape, such as ``\ud800``.
    """
    if path is None or str(path) == "-":
        yield sys.stdout
        return
    with atomic_write(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="\n")
        try:
            yield text
        finally:
            text.detach()


def write_csv(rows: Iterable[Mapping[str, object]], file: TextIO, columns: Sequence[str]) -> None:
    """Write columns of rows under a header; texts are quoted, numbers are not.

    A text that a spreadsheet would run as a formula is prefixed with ``'``.
    """
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_harmless(row[column]) for column in columns])


def _harmless(cell: object) -> object:
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


def write_json(document: object, file: TextIO) -> None:
    """Write one document, indented."""
    file.write(f"{_json(document, indent=2)}\n")


def write_json_array(rows: Iterable[object], file: TextIO) -> None:
    """Write one array with an item per line, without collecting the items first."""
    file.write("[")
    file.writelines(f"{',' if i else ''}\n{_json(row)}" for i, row in enumerate(rows))
    file.write("\n]\n")


def write_json_lines(rows: Iterable[object], file: TextIO) -> None:
    """Write one document per line."""
    file.writelines(f"{_json(row)}\n" for row in rows)


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, align: str = "") -> str:
    """Return `format_table` of these cells, with what could drive a terminal escaped."""
    return format_table(
        [printable(cell) for cell in header],
        [[printable(cell) for cell in row] for row in rows],
        align=align,
    )
