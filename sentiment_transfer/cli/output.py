"""Write results to standard output or a file: CSV, TSV, JSON, JSON lines, tables."""

import io
import json
import os
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
from sentiment_transfer.cli.messages import printable
from sentiment_transfer.errors import SettingError, shown
from sentiment_transfer.scoring.text_output import write_csv, write_json_array, write_json_lines

__all__ = [
    "Writers",
    "check_model",
    "check_picture",
    "check_writable",
    "format_for",
    "is_device",
    "model_path_of",
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


def format_for(form: str | None, output: Path | None, known: Collection[str]) -> str:
    """Return this format, or that of the file's suffix.

    Raises for one that is not known, and for text in a file named as Parquet or the reverse.
    """
    suffix = "" if output is None else output.suffix.lower().lstrip(".")
    form = form or ("table" if suffix in ("", "txt") else suffix)
    if form not in known:
        listed = " | ".join(known)
        raise SettingError(f"{output}: .{suffix} is not a known format; use --format {listed}")
    if suffix in known and suffix != form and "parquet" in (suffix, form):
        raise SettingError(
            f"{output}: the file would hold {form}; end its name with .{form}, or use --format "
            f"{suffix}"
        )
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


def model_path_of(given: str) -> Path:
    """Return a path to write a model to; one that ends with a slash would be that of a folder."""
    if given.endswith(("/", os.sep)):
        raise SettingError(
            f"-o {shown(given)} is not allowed; name a file, as in -o model.safetensors (save of "
            "Python writes folders, with a card)"
        )
    return Path(given)


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


def write_json(document: object, file: TextIO) -> None:
    """Write one document, indented."""
    file.write(f"{json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2)}\n")


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, align: str = "") -> str:
    """Return `format_table` of these cells, with what could drive a terminal escaped."""
    header, *rows = ([printable(cell) for cell in row] for row in (header, *rows))
    return format_table(header, rows, align=align)
