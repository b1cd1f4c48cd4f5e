"""Write results to standard output or a file: CSV, JSON, JSON lines, tables."""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import typer

from sentiment_transfer.base.atomic import atomic_write, check_place
from sentiment_transfer.base.extras import require_matplotlib
from sentiment_transfer.base.figures import FORMATS
from sentiment_transfer.base.tables import format_table
from sentiment_transfer.cli.messages import printable
from sentiment_transfer.corpus.formulas import defended
from sentiment_transfer.errors import SettingError

__all__ = [
    "Writers",
    "check_model",
    "check_picture",
    "check_writable",
    "open_output",
    "table",
    "write_csv",
    "write_json",
    "write_json_array",
    "write_json_lines",
    "writer_for",
]

LABELS = ("label", "predicted")
"""Columns of labels, which are written as they are."""

Writers = Mapping[str, Callable[[Any, TextIO], object]]
"""For each format, a function that writes a result to a file."""


def writer_for(form: str | None, output: Path | None, writers: Writers) -> Callable[[Any], None]:
    """Return a function that writes a result: in this format, or that of the file's suffix."""
    suffix = "" if output is None else output.suffix.lower().lstrip(".")
    form = form or ("table" if suffix in ("", "txt") else suffix)
    if form not in writers:
        known = " | ".join(writers)
        raise SettingError(f"{output}: .{suffix} is not a known format; use --format {known}")

    def write(result: object) -> None:
        with open_output(output) as file:
            writers[form](result, file)

    return write


def check_writable(path: Path | None) -> Path | None:
    """Raise an InputError if the path cannot become a file; called before long work."""
    if path is None or str(path) == "-":
        return path
    check_place(path)
    return path


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
    return check_writable(path)


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


def write_csv(header: Iterable[str], rows: Iterable[Iterable[object]], file: TextIO) -> None:
    """Write rows under a header; texts are quoted, numbers are not.

    A text that a spreadsheet would run as a formula is prefixed with ``'``, which the readers of
    this package take off; a label is written as it is.
    """
    names = list(header)
    writer = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(
        [
            defended(cell) if isinstance(cell, str) and name not in LABELS else cell
            for name, cell in zip(names, row, strict=True)
        ]
        for row in rows
    )


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
