"""Files read line by line: plain text, fastText's labelled lines, JSON lines, CSV and TSV."""

from __future__ import annotations

import codecs
import importlib.util
import json
import re
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from sentiment_transfer.base.messages import shown
from sentiment_transfer.corpus.formulas import undefended
from sentiment_transfer.corpus.rows import LONGEST_ROW, OR_SKIP, column_places, decoded, no_column
from sentiment_transfer.corpus.sources import check_encoding, open_binary
from sentiment_transfer.errors import InputError, shortened

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterable, Iterator

    from sentiment_transfer.corpus.rows import Columns, Item
    from sentiment_transfer.corpus.sources import Location

__all__ = ["csv_rows", "decoded_lines", "fasttext_rows", "json_rows", "plain_lines", "plain_rows"]

MARK = "\ufeff"
JOINED = "a byte order mark within the line: files were joined here; put a line end between them"

LABEL = "__label__"
_LABELS = re.compile(rf"(?:{LABEL}\S*+\s*+)++")


def decoded_lines(stream: io.BufferedReader, name: str) -> Iterator[str | InputError]:
    r"""Yield the lines of a UTF-8 stream with their ends, or the error of a line that is not UTF-8.

    Only ``\n`` ends a line (U+2028 and the like do not). A byte order mark is dropped, also where
    files were joined. Memory is bounded by ``LONGEST_ROW``.
    """
    number = 0
    while line := stream.readline(LONGEST_ROW + 1):
        number += 1
        marked = line.startswith(codecs.BOM_UTF8)
        mark = check_encoding(line, name) if number == 1 else len(codecs.BOM_UTF8) * marked
        if len(line) > mark:
            yield decoded(line[mark:], name, number)
        while len(line) > LONGEST_ROW and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_ROW + 1)


def plain_rows(location: Location, columns: Columns, max_bytes: int) -> Iterator[Item]:
    """Read one text per line; lines that begin with ``__label__`` are fastText's."""
    with open_binary(location, max_bytes) as stream:
        yield from plain_lines(stream, location.name, columns)


def plain_lines(stream: io.BufferedReader, name: str, columns: Columns) -> Iterator[Item]:
    """Read a stream as `plain_rows` reads a file."""
    return _parsed_lines(stream, name, partial(_plain_row, columns))


def fasttext_rows(items: Iterable[object], columns: Columns) -> Iterator[Item]:
    """Read fastText's lines from a list or another iterable."""
    for place, item in enumerate(items):
        try:
            text, label = _fasttext_row(columns, item) if isinstance(item, str) else (item, None)
        except ValueError as error:
            yield InputError(f"row {place}: {error}")
        else:
            yield place, text, label


def json_rows(location: Location, columns: Columns, max_bytes: int) -> Iterator[Item]:
    """Read one JSON object per line; one with a wanted column twice is a bad row."""
    with open_binary(location, max_bytes) as stream:
        yield from _parsed_lines(stream, location.name, partial(_json_row, columns))


def _parsed_lines(
    stream: io.BufferedReader, name: str, parse: Callable[[str], tuple[object, object]]
) -> Iterator[Item]:
    """Yield text and label of each line; a line for which ``parse`` raises is a bad row."""
    for number, line in enumerate(decoded_lines(stream, name), 1):
        if isinstance(line, InputError):
            yield line
        elif line.isspace():
            yield None
        else:
            try:
                row = parse(line)
            except (ValueError, RecursionError) as error:
                yield InputError(str(error), path=name, line=number)
            else:
                yield number, *row


def _plain_row(columns: Columns, line: str) -> tuple[str, str | None]:
    if MARK in line:
        raise ValueError(f"{JOINED}, {OR_SKIP}")
    return _fasttext_row(columns, line)


def _fasttext_row(columns: Columns, line: str) -> tuple[str, str | None]:
    """Split ``__label__good what a film`` into text and label.

    If only texts are wanted, all labels are cut off; otherwise raises ``ValueError`` if the line
    does not have one label.
    """
    front = _LABELS.match(line)
    start = front.end() if front else 0
    text = line[start:].removesuffix("\n").removesuffix("\r")
    if columns.label is None:
        return text, None
    labels = [label.removeprefix(LABEL) for label in line[:start].split()]
    if not labels:
        raise ValueError(
            f"no label; a labelled line begins with {LABEL}, as in '{LABEL}positive a fine film'"
        )
    if len(labels) > 1:
        listed = shortened(", ".join(labels))
        raise ValueError(f"the labels {listed} on one line; keep one, {OR_SKIP}")
    return text, labels[0]


def _json_row(columns: Columns, line: str) -> tuple[object, object]:
    try:
        record = json.loads(line, object_pairs_hook=partial(_fields, columns))
        if not isinstance(record, dict):
            kind = type(record).__name__
            raise ValueError(f'a {kind}, not a JSON object such as {{"text": ...}}')
        for argument, name in zip(("text", "label"), columns.wanted, strict=False):
            if name not in record:
                raise ValueError(no_column(name, argument, list(record)))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{error}; correct the line, {OR_SKIP}") from error
    return record[columns.text], record.get(columns.label)


def _fields(columns: Columns, pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object of JSON as a dict; raises if a wanted column is in it twice."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        for name in columns.wanted:
            if sum(key == name for key, _ in pairs) > 1:
                raise ValueError(f"the column {shown(name)} occurs twice")
    return fields


def csv_rows(
    location: Location, columns: Columns, max_bytes: int, *, delimiter: str
) -> Iterator[Item]:
    """Read a table with a header; the place of a row is its first line.

    Quoting is strict (RFC 4180): rows with text after a closing quote, with a quote that is never
    closed, or with more or fewer fields than the header are bad rows. White space around labels,
    and before the quote that opens a field, is dropped, as is a header that stands again where
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
                places = column_places(columns, header, name)
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
                label = fields[places[-1]].strip(MARK).strip()
                yield line, undefended(fields[places[0]]), label


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
