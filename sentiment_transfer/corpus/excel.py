"""Excel workbooks (.xlsx, .xlsm), read row by row with openpyxl.

A few bytes can stand for gigabytes, so the sizes of a workbook's parts are checked before a part is
expanded; and one cell in the last corner of a sheet must not make rows of 16,384 cells of a million
rows, so only as many columns are read as the header names.
"""

from __future__ import annotations

import datetime as dt
import warnings
import zipfile
from itertools import islice
from typing import TYPE_CHECKING, Any

from sentiment_transfer.base.extras import require_openpyxl
from sentiment_transfer.base.notice import Notice, level_of_caller
from sentiment_transfer.corpus.encodings import OLD_EXCEL, OLE
from sentiment_transfer.corpus.rows import NoValue
from sentiment_transfer.corpus.sources import suffixes
from sentiment_transfer.corpus.tabular import rows_below_header
from sentiment_transfer.errors import InputError, shortened, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.rows import Item
    from sentiment_transfer.corpus.sources import FileOptions, Location

    Row = tuple[object, ...]

__all__ = ["excel_rows"]

MAX_ROW, MAX_COLUMN = 1_048_576, 16_384
"""The size of a sheet of Excel."""

HEADER_ROWS = 1000
"""The header is looked for in this many rows."""

BESIDE = 20
"""Columns to the right of the header in which cells are noticed."""

BATCH = 500

LARGE_PART = 64 << 20
LARGEST_STRINGS = 1 << 30
EXPANSION = 100
"""Largest expansion of a part of more than ``LARGE_PART`` bytes; sheets have some 10 to 30."""

ERRORS = {
    *("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"),
    *("#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!"),
}
AGAIN = "open it in Excel and save it again as .xlsx"


def excel_rows(location: Location, columns: Columns, options: FileOptions) -> Iterator[Item]:
    """Read a sheet whose first row that is not empty is the header; the first sheet by default.

    Values are read as CSV would have them: the integer 1 is "1", and a formula is its stored value.
    The error of a formula in a wanted column makes a bad row. Places are Excel's numbers of rows.
    """
    name = location.name
    require_openpyxl()
    if suffixes(name)[1]:
        raise InputError("a workbook is compressed inside; unpack the file", path=name)
    try:
        raw = location.fs.open(location.path, "rb")
    except OSError as error:
        raise InputError(f"cannot be opened: {error}", path=name) from error
    with raw:
        _check_archive(raw, name, options.max_bytes)
        book = _Book(raw, name, options.sheet)
        try:
            for item in rows_below_header(book.records(typed=columns.keep), columns, name):
                if isinstance(item, tuple) and columns.keep:
                    yield item[0], _field(item[1]), item[2]
                else:
                    yield item
        finally:
            book.close()


def _check_archive(raw: BinaryIO, name: str, max_bytes: int) -> None:
    """Raise for what is no workbook, or would expand too far."""
    start = raw.read(8)
    if start == OLE:
        raise InputError(OLD_EXCEL, path=name)
    if start[:2] != b"PK":
        message = "is not an Excel workbook; a table of text needs a name that ends in .csv"
        raise InputError(message, path=name)
    try:
        parts = zipfile.ZipFile(raw).infolist()
    except Exception as error:
        raise _damaged(name, error) from error
    if sum(part.file_size for part in parts) > max_bytes:
        raise InputError(
            f"expands to more than max_bytes={max_bytes:,} bytes; "
            "pass a larger max_bytes if you trust the file",
            path=name,
        )
    for part in parts:
        rows = "sheets/" in part.filename or "haredStrings" in part.filename
        most = max(LARGE_PART, EXPANSION * part.compress_size) if rows else LARGE_PART
        most = min(most, LARGEST_STRINGS) if "haredStrings" in part.filename else most
        if part.file_size > most and part.filename.endswith((".xml", ".rels")):
            raise InputError(
                f"{shortened(part.filename)} would expand from {part.compress_size:,} to "
                f"{part.file_size:,} bytes; save the sheet as CSV",
                path=name,
            )


def _damaged(name: str, error: Exception) -> InputError:
    what = " ".join(str(error).split()) or type(error).__name__
    return InputError(f"cannot be read as Excel: {shortened(what, 200)}; {AGAIN}", path=name)


class _Book:
    """An open workbook and the sheet of it that is read."""

    def __init__(self, raw: BinaryIO, name: str, sheet: str | None) -> None:
        import openpyxl

        self._name = name
        raw.seek(0)
        # openpyxl warns of what it does not need, and raises what the damage happens to lead to
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self._book = openpyxl.load_workbook(
                    raw, read_only=True, data_only=True, keep_links=False
                )
                sheets = {each.title: each for each in self._book.worksheets}
            except Exception as error:
                raise _damaged(name, error) from error
        self._title = self._chosen(sheets, sheet)
        self._sheet = sheets[self._title]

    def _chosen(self, sheets: dict[str, Any], wanted: str | None) -> str:
        """Return the name of the sheet to read, and say so if there are others."""
        listed = shortened(", ".join(map(shown, sheets)), 300)
        if wanted is not None:
            if wanted not in sheets:
                message = f"no sheet {shown(wanted)}; the sheets are {listed or 'none'}"
                raise InputError(message, path=self._name)
            return wanted
        visible = [title for title, each in sheets.items() if each.sheet_state == "visible"]
        if not visible:
            raise InputError(f"has no visible sheet; {AGAIN}", path=self._name)
        if len(visible) > 1:
            others = shortened(", ".join(map(shown, visible[1:])), 300)
            warnings.warn(
                f"{self._name}: the sheet {shown(visible[0])} is read; for another one "
                f"({others}), pass sheet=...",
                Notice,
                stacklevel=level_of_caller(),
            )
        return visible[0]

    def close(self) -> None:
        self._book.close()

    def records(self, *, typed: bool) -> Iterator[tuple[str, list[object]] | str | None]:
        """Yield the header and the rows below it, None for an empty row between them.

        Cells are text, or with ``typed`` what Excel has: numbers, dates.
        """
        convert = _typed if typed else _field
        first, header = self._header()
        if header is None:
            message = f"the sheet {shown(self._title)} is empty; name another one with sheet=..."
            raise InputError(message, path=self._name)
        yield f"row {first}", list(header)
        width, empty, beside = len(header), 0, 0
        wide = min(width + BESIDE, MAX_COLUMN)
        gap: Row | None = None
        for number, row in enumerate(self._rows(first + 1, MAX_ROW, wide), first + 1):
            if row is gap:  # openpyxl yields one object for all rows that are not in the file
                empty += 1
                continue
            beside += any(value is not None for value in row[width:])
            if all(value is None for value in row[:width]):
                empty, gap = empty + 1, row
                continue
            yield from [None] * empty
            empty = 0
            fields = [convert(value) for value in row[:width]]
            yield f"row {number}", fields + [None] * (width - len(fields))
        if beside:
            yield f"{self._name}: cells beside the columns of the header left out: {beside:,} rows"

    def _header(self) -> tuple[int, list[str] | None]:
        """Return the number of the first row that is not empty, and the names in it."""
        for number, row in enumerate(self._rows(1, HEADER_ROWS, MAX_COLUMN), 1):
            last = max((place for place, value in enumerate(row) if value is not None), default=-1)
            if last >= 0:
                fields = map(_field, row[: last + 1])
                return number, ["" if field is None else str(field) for field in fields]
        return 0, None

    def _rows(self, first: int, last: int, width: int) -> Iterator[Row]:
        rows = self._sheet.iter_rows(
            min_row=first, max_row=last, min_col=1, max_col=width, values_only=True
        )
        while True:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                try:
                    batch = list(islice(rows, BATCH))
                except Exception as error:
                    raise _damaged(self._name, error) from error
            if not batch:
                return
            yield from batch


def _typed(value: object) -> object:
    """Return a cell as it is, but a day as a date: Excel has days and times of day alike."""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date()
    return value.replace("_x000D_", "\r") if isinstance(value, str) else value


def _field(value: object) -> object:
    """Return a cell as text, as a CSV file would have it, or what it is in place of a value."""
    if isinstance(value, str):
        if value in ERRORS:
            return NoValue(f"the error {value} of a formula")
        return value.replace("_x000D_", "\r")  # how Excel stores a carriage return
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return str(value.date() if value.time() == dt.time() else value)
    try:
        return None if value is None else str(value)
    except ValueError:  # Python writes no integer of more than 4,300 digits
        return NoValue("an integer of thousands of digits")
