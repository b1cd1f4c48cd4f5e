"""Formats with one text per line: plain text, fastText's labelled lines, JSON lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sentiment_transfer.corpus.rows import LONGEST_ROW, OR_SKIP, decoded, no_column
from sentiment_transfer.corpus.sources import check_encoding, open_binary
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

    from sentiment_transfer.corpus.rows import Columns, Item
    from sentiment_transfer.corpus.sources import Location

__all__ = ["decoded_lines", "fasttext_row", "json_rows", "plain_lines", "plain_rows"]

LABEL = "__label__"


def decoded_lines(stream: io.BufferedReader, name: str) -> Iterator[str | InputError]:
    r"""Yield the lines of a UTF-8 stream with their ends, or the error of a line that is not UTF-8.

    Only ``\n`` ends a line (U+2028 and the like do not). A byte order mark is dropped. Memory is
    bounded by ``LONGEST_ROW``.
    """
    number = 0
    while line := stream.readline(LONGEST_ROW + 1):
        number += 1
        mark = check_encoding(line, name) if number == 1 else 0
        if len(line) > mark:
            yield decoded(line[mark:], name, number)
        while len(line) > LONGEST_ROW and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_ROW + 1)


def plain_rows(location: Location, columns: Columns, max_bytes: int) -> Iterator[Item]:
    """Read one text per line, as `plain_lines`."""
    with open_binary(location, max_bytes) as stream:
        yield from plain_lines(stream, location.name, columns)


def plain_lines(stream: io.BufferedReader, name: str, columns: Columns) -> Iterator[Item]:
    """Yield one text per line; lines that begin with ``__label__`` are fastText's."""
    for number, line in enumerate(decoded_lines(stream, name), 1):
        if isinstance(line, InputError):
            yield line
        elif line.isspace():
            yield None
        elif columns.label is None and not line.startswith(LABEL):
            yield number, line.removesuffix("\n").removesuffix("\r"), None
        else:
            row = fasttext_row(line, columns)
            if isinstance(row, str):
                yield InputError(row, path=name, line=number)
            else:
                yield number, *row


def fasttext_row(line: str, columns: Columns) -> tuple[str, str | None] | str:
    """Split ``__label__good what a film`` into text and label, or return an error message.

    If only texts are wanted, all labels are cut off.
    """
    labels = []
    rest = line
    while rest.startswith(LABEL):
        label, *tail = rest.split(maxsplit=1)
        labels.append(label.removeprefix(LABEL))
        rest = tail[0] if tail else ""
    text = rest.removesuffix("\n").removesuffix("\r")
    if columns.label is None:
        return text, None
    if not labels:
        return f"no label; a labelled line begins with {LABEL}, as in '{LABEL}positive a fine film'"
    if len(labels) > 1:
        return f"the labels {', '.join(labels)} on one line; keep one, {OR_SKIP}"
    return text, labels[0]


def json_rows(location: Location, columns: Columns, max_bytes: int) -> Iterator[Item]:
    """Read one JSON object per line."""
    with open_binary(location, max_bytes) as stream:
        for number, line in enumerate(decoded_lines(stream, location.name), 1):
            if isinstance(line, InputError):
                yield line
            elif line.isspace():
                yield None
            else:
                try:
                    row = _json_row(line, columns)
                except (ValueError, RecursionError) as error:
                    message = f"{error}; correct the line, {OR_SKIP}"
                    yield InputError(message, path=location.name, line=number)
                else:
                    yield number, *row


def _json_row(line: str, columns: Columns) -> tuple[object, object]:
    record = json.loads(line)
    if not isinstance(record, dict):
        raise ValueError(f'a {type(record).__name__}, not a JSON object such as {{"text": ...}}')
    for argument, name in zip(("text", "label"), columns.wanted, strict=False):
        if name not in record:
            raise ValueError(no_column(name, argument, list(record)))
    return record[columns.text], record.get(columns.label)
