"""Files of which each line is a row: plain text, and fastText's labelled lines."""

from __future__ import annotations

import codecs
import re
import warnings
from contextlib import contextmanager
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from sentiment_transfer.base.notice import level_of_caller
from sentiment_transfer.corpus.columns import has_usual_name
from sentiment_transfer.corpus.encodings import SAMPLE, as_utf8, decoded, encoding_for
from sentiment_transfer.corpus.rows import LONGEST_ROW, OR_SKIP
from sentiment_transfer.corpus.sources import open_binary
from sentiment_transfer.errors import InputError, shortened, shown

if TYPE_CHECKING:
    import io
    from collections.abc import Callable, Iterable, Iterator

    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.rows import Item
    from sentiment_transfer.corpus.sources import FileOptions, Location

__all__ = [
    "JOINED",
    "MARK",
    "decoded_lines",
    "fasttext_rows",
    "open_lines",
    "open_text",
    "parsed_lines",
    "plain_rows",
]

MARK = "\ufeff"
JOINED = "a byte order mark within the line: files were joined here; put a line end between them"

LABEL = "__label__"
_LABELS = re.compile(rf"(?:{LABEL}\S*+\s*+)++")


@contextmanager
def open_text(location: Location, options: FileOptions) -> Iterator[tuple[io.BufferedReader, str]]:
    """Open a file of text as a stream of UTF-8, with the name of the encoding that it has."""
    with open_binary(location, options.max_bytes) as stream:
        encoding = encoding_for(stream.peek(SAMPLE), location.name, options.encoding)
        yield as_utf8(stream, encoding), encoding


@contextmanager
def open_lines(location: Location, options: FileOptions) -> Iterator[Iterator[str | InputError]]:
    """Open a file of text as an iterator of its lines; see `decoded_lines`."""
    with open_text(location, options) as (stream, encoding):
        yield decoded_lines(stream, location.name, encoding)


def decoded_lines(
    stream: io.BufferedReader, name: str, encoding: str = "utf-8"
) -> Iterator[str | InputError]:
    r"""Yield the lines of a UTF-8 stream with their ends, or the error of a line that is not UTF-8.

    Only ``\n`` ends a line (U+2028 and the like do not). A byte order mark is dropped, also where
    files were joined. Memory is bounded by ``LONGEST_ROW``.
    """
    number = 0
    while line := stream.readline(LONGEST_ROW + 1):
        number += 1
        mark = len(codecs.BOM_UTF8) * line.startswith(codecs.BOM_UTF8)
        if len(line) > mark:
            yield decoded(line[mark:], name, number, encoding)
        while len(line) > LONGEST_ROW and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_ROW + 1)


def plain_rows(location: Location, columns: Columns, options: FileOptions) -> Iterator[Item]:
    """Read one text per line; lines that begin with ``__label__`` are fastText's."""
    with open_lines(location, options) as lines:
        first = next(lines, None)
        if isinstance(first, str) and options.format is None:
            _warn_of_header(first, location.name)
        lines = lines if first is None else chain([first], lines)
        yield from parsed_lines(lines, location.name, partial(_plain_row, columns))


def _warn_of_header(line: str, name: str) -> None:
    """Warn of a table that is read as lines of text, if its first line has a usual column name."""
    for format, mark in (("csv", ","), ("csv", ";"), ("tsv", "\t"), ("csv", "|")):  # noqa: A001
        fields = [field.strip().strip('"') for field in line.strip(MARK).split(mark)]
        if len(fields) > 1 and has_usual_name(fields):
            warnings.warn(
                f"{name}: the first line, {shown(line.strip())}, looks like the header of a table, "
                f"but each line is read as a text; to read a table, pass format={format!r}",
                stacklevel=level_of_caller(),
            )
            return


def fasttext_rows(items: Iterable[object], columns: Columns) -> Iterator[Item]:
    """Read fastText's lines from a list or another iterable."""
    for place, item in enumerate(items):
        try:
            text, label = _fasttext_row(columns, item) if isinstance(item, str) else (item, None)
        except ValueError as error:
            yield InputError(f"row {place}: {error}")
        else:
            yield place, text, label


def parsed_lines(
    lines: Iterable[str | InputError], name: str, parse: Callable[[str], tuple[object, object]]
) -> Iterator[Item]:
    """Yield text and label of each line; a line for which ``parse`` raises is a bad row."""
    for number, line in enumerate(lines, 1):
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
