"""Results to standard output or a file: CSV, JSON, JSON lines, aligned columns."""

from __future__ import annotations

import csv
import io
import json
import sys
from contextlib import contextmanager
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from sentiment_transfer.atomic import atomic_write
from sentiment_transfer.cli.messages import printable
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.figures import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import TextIO

__all__ = [
    "aligned",
    "check_picture",
    "check_place",
    "format_for",
    "model_place",
    "opened",
    "write_csv",
    "write_json",
    "write_json_array",
    "write_json_lines",
]

F = TypeVar("F", bound=StrEnum)

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def format_for(chosen: F | None, output: Path | None, formats: type[F]) -> F:
    """Take the format that was asked for, or the one the file's name ends in, or a table."""
    if chosen is not None:
        return chosen
    suffix = "" if output is None else output.suffix.lower().lstrip(".")
    if suffix in ("", "txt"):
        return formats("table")
    if suffix not in set(formats):
        known = ", ".join(formats)
        raise SettingError(f"{output}: no format ends in .{suffix}; choose --format: {known}")
    return formats(suffix)


def check_place(path: Path | None) -> None:
    """Refuse, before long work begins, a path that cannot become a file."""
    if path is None or str(path) == "-":
        return
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"the folder {path.parent} does not exist"
        raise InputError(f"{what}; name a file in a folder that exists", path=str(path))


def check_picture(option: str, path: Path | None) -> None:
    """Refuse, before long work begins, a path that no picture can be written to."""
    check_place(path)
    if path is not None and path.suffix.lower().lstrip(".") not in FORMATS:
        raise SettingError(f"{option} {path}: end it in .{', .'.join(FORMATS)}")


def model_place(path: Path) -> Path:
    """Check where a model is to be written; standard output is no place for it."""
    if str(path) == "-":
        raise SettingError("-o -: a model is written to a named file, as in -o model.safetensors")
    check_place(path)
    return path


@contextmanager
def opened(path: Path | None) -> Iterator[TextIO]:
    r"""Open standard output, or a UTF-8 file that appears whole when the block ends well.

    A lone surrogate, which UTF-8 cannot carry, becomes ``\ud800``: in JSON its very escape.
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
    """Write the columns of rows under a header, texts in quotes, numbers without.

    A text that a spreadsheet would run as a formula gets a ``'`` before it.
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
    """Write one array, an item a line, as the items come."""
    file.write("[")
    file.writelines(f"{',' if i else ''}\n{_json(row)}" for i, row in enumerate(rows))
    file.write("\n]\n")


def write_json_lines(rows: Iterable[object], file: TextIO) -> None:
    """Write one document a line."""
    file.writelines(f"{_json(row)}\n" for row in rows)


def _json(value: object, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)


def aligned(rows: Sequence[Sequence[str]], left: int = 1) -> str:
    """Lay out rows in columns; the first ``left`` columns are flush left, the others right."""
    rows = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines)
