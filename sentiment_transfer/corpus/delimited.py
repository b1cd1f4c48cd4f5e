"""CSV and TSV."""

from __future__ import annotations

import importlib.util
import re
import warnings
from functools import cache
from itertools import chain, islice, takewhile
from typing import TYPE_CHECKING, Any, cast

from sentiment_transfer.base.notice import Notice, level_of_caller
from sentiment_transfer.corpus.columns import usual
from sentiment_transfer.corpus.formulas import LABELS, undefended
from sentiment_transfer.corpus.lines import JOINED, MARK, open_lines
from sentiment_transfer.corpus.rows import LONGEST_ROW, OR_SKIP, Record, Unanswered
from sentiment_transfer.corpus.tabular import rows_below_header
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.rows import Item
    from sentiment_transfer.corpus.sources import FileOptions, Location

__all__ = ["csv_rows"]

SEPARATORS = (",", ";", "\t", "|")
MARK_NAMES = {";": "';'", "\t": "a tab", "|": "'|'"}
FIRST_LINES = 20
"""Lines by which the separator is recognised."""

_SEP = re.compile(r'"?sep=([^"\w\s]|\t)"?\r?\n')
"""A first line that names the separator, as Excel reads and writes it."""


def csv_rows(
    location: Location, columns: Columns, options: FileOptions, *, delimiter: str = ","
) -> Iterator[Item]:
    """Read a table with a header; the place of a row is its first line.

    Quoting is strict (RFC 4180): rows with text after a closing quote, with a quote that is never
    closed, or with more or fewer fields than the header are bad rows. White space before the quote
    that opens a field is dropped. In place of a comma, another separator that the first lines have
    is used if they make no sense with a comma, which a notice says.
    """
    name = location.name
    with open_lines(location, options) as lines:
        first, start = list(islice(lines, FIRST_LINES)), 0
        if options.sep is not None:
            delimiter = options.sep
        elif named := first and isinstance(first[0], str) and _SEP.fullmatch(first[0]):
            delimiter, start = named[1], 1
        elif delimiter == ",":
            delimiter = _separator(first, columns, name)
        feed = _LineFeed(chain(first[start:], lines), name, delimiter, start)
        for item in rows_below_header(_checked(feed), columns, name):
            if not isinstance(item, tuple):
                yield item
            elif isinstance(item[2], Unanswered):
                yield item[0], undefended(str(item[1])), item[2]
            elif isinstance(item[2], Record):
                yield item[0], undefended(str(item[1])), _undefended(item[2])
            else:
                line, text, label = item
                yield line, undefended(str(text)), str(label).strip(MARK).strip()


def _undefended(record: Record) -> Record:
    """Return the record without the apostrophes in front of texts that would be run."""
    pairs = zip(record.names, record.values, strict=True)
    values = [value if name in LABELS else undefended(str(value)) for name, value in pairs]
    return Record(record.names, values)


def _separator(lines: Sequence[str | InputError], columns: Columns, name: str) -> str:
    """Return the separator of a file by its first lines: a comma, unless only another one fits.

    That gives a header with the wanted columns, or at least all lines the same number of fields.
    """
    readable = list(takewhile(lambda line: isinstance(line, str), lines))
    tables = {mark: _parsed(cast("list[str]", readable), mark) for mark in SEPARATORS}
    if not tables[","] or _has_columns(tables[","], columns):
        return ","
    fitting = [mark for mark in SEPARATORS[1:] if _has_columns(tables[mark], columns)]
    even = [mark for mark in SEPARATORS[1:] if _is_even(tables[mark])]
    if not fitting and (len(tables[","][0]) > 1 or not even):
        return ","
    chosen = (fitting or even)[0]
    message = f"{name}: the separator is {MARK_NAMES[chosen]}; if that is wrong, pass sep=..."
    warnings.warn(message, Notice, stacklevel=level_of_caller())
    return chosen


def _parsed(lines: list[str], delimiter: str) -> list[list[str]]:
    """Return the records of a few lines, without the last one, which may be cut off."""
    records = _records(_LineFeed(iter(lines), "", delimiter))
    found = [item[1] for item in records if isinstance(item, tuple)]
    return found[:-1] if len(lines) == FIRST_LINES and len(found) > 1 else found


def _has_columns(table: list[list[str]], columns: Columns) -> bool:
    header = [field.strip() for field in table[0]] if table else []
    return set(usual(columns, header).wanted) <= set(header)


def _is_even(table: list[list[str]]) -> bool:
    return len(table) > 1 and len(table[0]) > 1 and len({len(record) for record in table}) == 1


def _checked(feed: _LineFeed) -> Iterator[tuple[int, list[str]] | InputError | None]:
    """Yield the records; one that cannot be a row below the header is an error."""
    header: list[str] | None = None
    for item in _records(feed):
        if not isinstance(item, tuple) or header is None:
            yield item
            header = item[1] if isinstance(item, tuple) else header
            continue
        line, fields = item
        message = ""
        if feed.merged(len(header)):
            message = (
                f"a quote on this line joins the rows of lines {line} to {feed.number} into "
                f"one; close it, or double it and quote the field, {OR_SKIP}"
            )
        elif len(header) == 1 and f"{MARK}{header[0]}" in fields[0]:
            message = f"{JOINED}, {OR_SKIP}"
        elif len(fields) != len(header):
            message = (
                f"{len(fields)} fields where the header has {len(header)}; "
                f"quote a field that holds a separator, {OR_SKIP}"
            )
        yield InputError(message, path=feed.name, line=line) if message else item


def _records(feed: _LineFeed) -> Iterator[tuple[int, list[str]] | InputError | None]:
    """Yield each record with its first line, an error for a bad one, None for a blank line."""
    csv = _own_csv()
    reader = csv.reader(feed, delimiter=feed.delimiter, strict=True)
    while True:
        first = feed.start_row()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except _BadLine as bad:
            yield bad.error
        except csv.Error as error:
            lines = f" (lines {first} to {feed.number})" if feed.number > first else ""
            message = f"{_csv_message(str(error), lines)}, {OR_SKIP}"
            yield InputError(message, path=feed.name, line=first)
        else:
            yield (first, fields) if fields else None


def _csv_message(error: str, lines: str) -> str:
    """Return what a message of the csv module means, and the remedy."""
    if error.startswith("new-line character"):
        return f"a carriage return outside quotes{lines}; quote the field, or end lines with \\n"
    what = error.replace("unexpected end of data", "a quote is never closed")
    return f"{what}{lines}; close quotes, and double those inside a field"


class _BadLine(Exception):  # noqa: N818  (never leaves this module)
    """Carries the error of one line through the csv module."""

    def __init__(self, error: InputError) -> None:
        self.error = error


class _LineFeed:
    """Lines for the csv module; limits the length of a row, and drops spaces before its quotes."""

    def __init__(
        self, lines: Iterator[str | InputError], name: str, delimiter: str, number: int = 0
    ) -> None:
        self.number = number
        self.name = name
        self.delimiter = delimiter
        self._lines = lines
        self._spaced = re.compile(rf'(?:^|{re.escape(delimiter)}) +"')
        self.start_row()

    def start_row(self) -> int:
        """Return the number of the line on which the next row begins."""
        self._room = LONGEST_ROW
        self._row: list[str] = []
        self._in_quotes = False
        return self.number + 1

    def merged(self, width: int) -> bool:
        """Whether each line of the row read last would be a row of a TSV file by itself."""
        several = self.delimiter == "\t" and width > 1 and len(self._row) > 1
        return several and all(line.count("\t") == width - 1 for line in self._row)

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.number += 1
        if isinstance(line, InputError):
            raise _BadLine(line)
        self._room -= len(line)
        if self._room < 0:
            first = self.number - len(self._row)
            message = (
                f"a row of more than {LONGEST_ROW:,} characters (lines {first} to {self.number}); "
                f"look on line {first} for a quote that is not closed, {OR_SKIP}"
            )
            raise _BadLine(InputError(message, path=self.name, line=first))
        self._row.append(line)
        return self._tight(line) if '"' in line else line

    def _tight(self, line: str) -> str:
        """Drop the spaces between a separator and the quote that opens a field."""
        parts = line.split('"')
        outside = range(int(self._in_quotes), len(parts) - 1, 2)
        if self._spaced.search(line):
            for i in outside:
                part = parts[i].rstrip(" ")
                if part.endswith(self.delimiter) or (not part and i == 0 and len(self._row) == 1):
                    parts[i] = part
            line = '"'.join(parts)
        self._in_quotes ^= len(parts) % 2 == 0
        return line


@cache
def _own_csv() -> Any:  # noqa: ANN401  (a module)
    """Load a second instance of the C module behind `csv`, with a field limit of its own.

    The limit, 131,072 characters a field, is state of the module: raising it in `csv` would raise
    it for the whole process. Here `_LineFeed` bounds the rows.
    """
    spec = importlib.util.find_spec("_csv")
    if spec is None or spec.loader is None:
        raise ImportError("this Python has no _csv module")
    own = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(own)
    own.field_size_limit(LONGEST_ROW)
    return own
