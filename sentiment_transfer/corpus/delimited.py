"""CSV and TSV."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from sentiment_transfer.corpus.columns import column_places, guessed
from sentiment_transfer.corpus.formulas import LABELS, undefended
from sentiment_transfer.corpus.lines import JOINED, MARK, decoded_lines
from sentiment_transfer.corpus.rows import LONGEST_ROW, OR_SKIP, Record
from sentiment_transfer.corpus.sources import open_binary
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.rows import Item
    from sentiment_transfer.corpus.sources import Location

__all__ = ["csv_rows"]


def csv_rows(
    location: Location, columns: Columns, max_bytes: int, *, delimiter: str
) -> Iterator[Item]:
    """Read a table with a header; the place of a row is its first line.

    Quoting is strict (RFC 4180): rows with text after a closing quote, with a quote that is never
    closed, or with more or fewer fields than the header are bad rows. White space around labels,
    and before the quote that opens a field, is dropped, as is a repeated header where
    files were joined.
    """
    name = location.name
    with open_binary(location, max_bytes) as stream:
        header: list[str] | None = None
        feed = _LineFeed(decoded_lines(stream, name), name, delimiter)
        for item in _records(feed):
            if item is None:
                yield None
            elif header is None:
                if isinstance(item, InputError):
                    raise item
                header = item[1]
                if not set(columns.wanted) <= set(header):
                    header = [field.strip() for field in header]
                columns = guessed(columns, header, name)
                places = column_places(columns, header, name)
                names, as_is = tuple(header), [column in LABELS for column in header]
            elif isinstance(item, InputError):
                yield item
            elif feed.merged(len(header)):
                yield InputError(
                    f"a quote on this line joins the rows of lines {item[0]} to {feed.number} into "
                    f"one; close it, or double it and quote the field, {OR_SKIP}",
                    path=name,
                    line=item[0],
                )
            elif len(header) > 1 and item[1] == header:
                yield f"{name}:{item[0]}: the header once more; left out"
            elif len(header) == 1 and f"{MARK}{header[0]}" in item[1][0]:
                yield InputError(f"{JOINED}, {OR_SKIP}", path=name, line=item[0])
            elif len(item[1]) != len(header):
                yield InputError(
                    f"{len(item[1])} fields where the header has {len(header)}; "
                    f"quote a field that holds a separator, {OR_SKIP}",
                    path=name,
                    line=item[0],
                )
            else:
                line, fields = item
                text = undefended(fields[places[0]])
                if columns.keep:
                    pairs = zip(fields, as_is, strict=True)
                    values = [field if plain else undefended(field) for field, plain in pairs]
                    yield line, text, Record(names, values)
                else:
                    yield line, text, fields[places[-1]].strip(MARK).strip()


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

    def __init__(self, lines: Iterator[str | InputError], name: str, delimiter: str) -> None:
        self.number = 0
        self.name = name
        self.delimiter = delimiter
        self._lines = lines
        self._spaced = re.compile(rf'(?:^|{delimiter}) +"')
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
