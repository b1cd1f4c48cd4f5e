"""Write results to standard output or a file: CSV, TSV, JSON, JSON lines, tables."""

import csv
import io
import json
import stat
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import typer

from sentiment_transfer.base.atomic import atomic_write, check_place
from sentiment_transfer.base.extras import require_matplotlib
from sentiment_transfer.base.figures import FORMATS
from sentiment_transfer.base.tables import format_table
from sentiment_transfer.cli.cells import csv_cell
from sentiment_transfer.cli.messages import printable
from sentiment_transfer.corpus.formulas import LABELS
from sentiment_transfer.errors import SettingError

__all__ = [
    "Writers",
    "check_model",
    "check_picture",
    "check_writable",
    "format_for",
    "is_device",
    "open_bytes",
    "open_output",
    "table",
    "write_csv",
    "write_json",
    "write_json_array",
    "write_json_lines",
    "writer_for",
]

Writers = Mapping[str, Callable[[Any, TextIO], object]]
"""For each format, a function that writes a result to a file."""

BinaryWriters = Mapping[str, Callable[[Any, BinaryIO], object]]
"""The same, of formats that are not text."""


def format_for(form: str | None, output: Path | None, known: Iterable[str]) -> str:
    """Return this format, or that of the file's suffix; raises for one that is not known."""
    suffix = "" if output is None else output.suffix.lower().lstrip(".")
    form = form or ("table" if suffix in ("", "txt") else suffix)
    if form not in known:
        listed = " | ".join(known)
        raise SettingError(f"{output}: .{suffix} is not a known format; use --format {listed}")
    return form


def writer_for(
    form: str | None, output: Path | None, writers: Writers, binary: BinaryWriters | None = None
) -> Callable[[Any], None]:
    """Return a function that writes a result: in this format, or that of the file's suffix."""
    binary = binary or {}
    form = format_for(form, output, [*writers, *binary])

    def write(result: object) -> None:
        if form in binary:
            with open_bytes(output) as raw:
                binary[form](result, raw)
        else:
            with open_output(output) as file:
                writers[form](result, file)

    return write


def check_writable(path: Path | None) -> Path | None:
    """Raise an InputError if the path cannot become a file; called before long work."""
    if path is not None and str(path) != "-" and not is_device(path):
        check_place(path)
    return path


def is_device(path: Path) -> bool:
    """Whether a path is a device or a pipe, such as ``/dev/null``: nothing to be replaced."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)


def check_picture(option: typer.CallbackParam, path: Path | None) -> Path | None:
    """Raise an error if no picture can be written to the path; called before long work."""
    if path is not None and path.suffix.lower().lstrip(".") not in FORMATS:
        endings = ", .".join(FORMATS)
        raise SettingError(
            f"{option.opts[0]} {path} is not allowed; the file must end in .{endings}"
        )
    if path is not None:
        require_matplotlib()
    return check_writable(path)


def check_model(path: Path) -> Path | None:
    """Raise an error if no model can be written to the path, such as standard output."""
    if str(path) == "-":
        raise SettingError("-o - is not allowed; name a file, as in -o model.safetensors")
    check_place(path)
    return path


@contextmanager
def open_output(path: Path | None) -> Iterator[TextIO]:
    r"""Open standard output, or a UTF-8 file that is written atomically.

    A lone surrogate, which UTF-8 cannot encode, becomes its JSON escape, such as ``\ud800``.
    """
    if path is None or str(path) == "-":
        yield sys.stdout
        return
    with open_bytes(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="\n")
        try:
            yield text
        finally:
            text.detach()


@contextmanager
def open_bytes(path: Path | None) -> Iterator[BinaryIO]:
    """Open standard output, a device, or a file that is written atomically."""
    if path is None or str(path) == "-":
        yield sys.stdout.buffer
    elif is_device(path):
        with path.open("wb") as device:
            yield device
    else:
        with atomic_write(path) as file:
            yield file


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


def write_json(document: object, file: TextIO) -> None:
    """Write one document, indented."""
    file.write(f"{json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)}\n")


def write_json_array(rows: Iterable[object], file: TextIO) -> None:
    """Write one array with an item per line, without collecting the items first."""
    file.write("[")
    file.writelines(f"{',' if i else ''}\n{_compact(row)}" for i, row in enumerate(rows))
    file.write("\n]\n")


def write_json_lines(rows: Iterable[object], file: TextIO) -> None:
    """Write one document per line."""
    file.writelines(f"{_compact(row)}\n" for row in rows)


_compact = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, align: str = "") -> str:
    """Return `format_table` of these cells, with what could drive a terminal escaped."""
    header, *rows = ([printable(cell) for cell in row] for row in (header, *rows))
    return format_table(header, rows, align=align)
