"""Files of which each line is a row: plain text, fastText's labelled lines, JSON lines."""

from __future__ import annotations

import codecs
import json
import re
from functools import partial
from typing import TYPE_CHECKING

from sentiment_transfer.corpus.columns import no_column
from sentiment_transfer.corpus.encodings import check_encoding, decoded
from sentiment_transfer.corpus.rows import LONGEST_ROW, OR_SKIP, Record
from sentiment_transfer.corpus.sources import open_binary
from sentiment_transfer.errors import InputError, shortened, shown

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterable, Iterator

    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.rows import Item
    from sentiment_transfer.corpus.sources import Location

__all__ = [
    "JOINED",
    "MARK",
    "decoded_lines",
    "fasttext_rows",
    "json_rows",
    "plain_lines",
    "plain_rows",
]

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
        parse = partial(_json_row, columns, location.name)
        yield from _parsed_lines(stream, location.name, parse)


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
    if not labels and columns.blanks:
        return text, None
    if not labels:
        raise ValueError(
            f"no label; a labelled line begins with {LABEL}, as in '{LABEL}positive a fine film'"
        )
    if len(labels) > 1:
        listed = shortened(", ".join(labels))
        raise ValueError(f"the labels {listed} on one line; keep one, {OR_SKIP}")
    return text, labels[0]


def _json_row(columns: Columns, name: str, line: str) -> tuple[object, object]:
    try:
        record = json.loads(line, object_pairs_hook=partial(_fields, columns))
        if not isinstance(record, dict):
            kind = type(record).__name__
            raise ValueError(f'a {kind}, not a JSON object such as {{"text": ...}}')
        columns = columns.within(record, name)
        for argument, name in zip(("text", "label"), columns.wanted, strict=False):
            if name not in record and not (columns.blanks and argument == "label"):
                raise ValueError(no_column(name, argument, list(record)))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{error}; correct the line, {OR_SKIP}") from error
    if columns.keep:
        return record[columns.text], Record(tuple(record), tuple(record.values()), varies=True)
    return record[columns.text], record.get(columns.label)


def _fields(columns: Columns, pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return an object of JSON as a dict; raises if a wanted column is in it twice."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        for name in columns.wanted:
            if sum(key == name for key, _ in pairs) > 1:
                raise ValueError(f"the column {shown(name)} occurs twice")
    return fields
