"""JSON: a record on each line, or an array of records."""

from __future__ import annotations

import codecs
import json
import re
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from sentiment_transfer.corpus.annotations import recognised
from sentiment_transfer.corpus.answers import with_labels
from sentiment_transfer.corpus.columns import guessed, has_usual_name, no_column
from sentiment_transfer.corpus.encodings import SAMPLE
from sentiment_transfer.corpus.lines import decoded_lines, open_text, parsed_lines
from sentiment_transfer.corpus.rows import LONGEST_ROW, OR_SKIP, Record
from sentiment_transfer.errors import InputError, shown

if TYPE_CHECKING:
    import io
    from collections.abc import Iterator

    from sentiment_transfer.corpus.annotations import Export
    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.rows import Item
    from sentiment_transfer.corpus.sources import FileOptions, Location

__all__ = ["json_rows"]

EXAMPLE = '{"text": ...}'
_ARRAY = re.compile(rb"\s*\[\s*(?:[{\]]|$)")
_SPACE = re.compile(r"[ \t\r\n]*")
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
NEAR_END = 20
"""Characters before the end of what was read so far where an error may mean that more is needed."""


def json_rows(
    location: Location, columns: Columns, options: FileOptions, *, array: bool = False
) -> Iterator[Item]:
    """Read one JSON object per line, or an array of objects; the content says which it is.

    An object with a wanted column twice is a bad row. Exports of annotation tools are recognised.
    ``array``: whether an array is expected, as in a ``.json`` file, so that one object is an error
    that says so.
    """
    name = location.name
    blanks = columns.blanks
    yield from with_labels(_items(location, columns, options, array), name, blanks=blanks)


def _items(
    location: Location, columns: Columns, options: FileOptions, array: bool
) -> Iterator[Item]:
    """Yield the records; those of an annotation tool have `Answers` in place of the label."""
    name = location.name
    wanted = _Wanted(columns, name)
    with open_text(location, options) as (stream, encoding):
        head = stream.peek(SAMPLE).removeprefix(codecs.BOM_UTF8)
        if _ARRAY.match(head):
            yield from _array_rows(_Characters(stream, name), wanted, columns, name)
            return
        lines = decoded_lines(stream, name, encoding)
        if array and head.strip():
            lines = _several(lines, name)
        yield from parsed_lines(lines, name, partial(_record, wanted, columns))


def _several(lines: Iterator[str | InputError], name: str) -> Iterator[str | InputError]:
    """Return the lines of a ``.json`` file, if they are records; raises if they are not."""
    first = []
    for line in lines:
        first.append(line)
        if isinstance(line, str) and not line.isspace():
            break
    else:
        return iter(first)
    try:
        whole = isinstance(line, str) and json.loads(line)
    except (ValueError, RecursionError):
        whole = None
    second = next(lines, None)
    if not isinstance(whole, dict) or second is None:
        what = "one object" if isinstance(line, str) and line.lstrip()[:1] == "{" else "no array"
        raise InputError(
            f"holds {what} of JSON, not an array of records such as [{EXAMPLE}, ...]; save the "
            "array of records alone, or one record on each line (.jsonl)",
            path=name,
        )
    return chain(first, [second], lines)


def _record(wanted: _Wanted, columns: Columns, line: str) -> tuple[object, object]:
    try:
        record = json.loads(line, object_pairs_hook=partial(_fields, columns))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{error}; correct the line, {OR_SKIP}") from error
    return wanted(record)


class _Wanted:
    """Picks text and label of each record; the first one says whether the file is an export."""

    def __init__(self, columns: Columns, name: str) -> None:
        self._columns = columns
        self._name = name
        self._is_first = True
        self._export: Export | None = None

    def __call__(self, record: object) -> tuple[object, object]:
        """Return text and label, or its answers; raises ``ValueError`` if there are none."""
        if isinstance(record, ValueError):
            raise ValueError(f"{record}; correct the record, {OR_SKIP}")
        if not isinstance(record, dict):
            kind = type(record).__name__
            message = f"a {kind}, not a JSON object such as {EXAMPLE}; correct it, {OR_SKIP}"
            raise ValueError(message)
        if self._is_first:
            self._is_first = False
            self._export = recognised(record, self._columns, self._name)
        if self._export is not None:
            return self._export.row(record)
        return _text_and_label(record, self._columns, self._name)


def _text_and_label(
    record: dict[str, object], columns: Columns, name: str
) -> tuple[object, object]:
    columns = columns.within(record, name)
    if not record.keys() >= set(columns.wanted) and has_usual_name(record):
        columns = guessed(columns, list(record), name)
    for argument, column in zip(("text", "label"), columns.wanted, strict=False):
        if column not in record and not (columns.blanks and argument == "label"):
            missing = no_column(column, argument, list(record))
            raise ValueError(f"{missing}; correct the record, {OR_SKIP}")
    if columns.keep:
        return record[columns.text], Record(tuple(record), tuple(record.values()), varies=True)
    return record[columns.text], None if columns.label is None else record.get(columns.label)


def _fields(columns: Columns, pairs: list[tuple[str, object]]) -> object:
    """Return an object of JSON as a dict, or an error if a wanted column is in it twice."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        for name in columns.wanted:
            if sum(key == name for key, _ in pairs) > 1:
                return ValueError(f"the column {shown(name)} occurs twice")
    return fields


class _Characters:
    """The characters of a stream, of which only a part is in memory."""

    def __init__(self, stream: io.BufferedReader, name: str) -> None:
        self._stream = stream
        self._name = name
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape").decode
        self._text = ""
        self._place = 0
        self._ended = False

    def _more(self, size: int) -> None:
        raw = self._stream.read(size)
        self._ended = len(raw) < size
        self._text = self._text[self._place :] + self._decode(raw, self._ended)
        self._place = 0

    def next(self) -> str:
        """Return the next character that is no white space, or ``""`` at the end."""
        while True:
            end = _SPACE.match(self._text, self._place)
            self._place = end.end() if end else self._place
            if self._place < len(self._text):
                return self._text[self._place]
            if self._ended:
                return ""
            self._more(SAMPLE)

    def skip(self) -> None:
        """Go over one character."""
        self._place += 1

    def value(self, decoder: json.JSONDecoder) -> tuple[object, str]:
        """Return the next value and its source; raises ``ValueError`` or ``RecursionError``."""
        while True:
            known = len(self._text) - self._place
            try:
                value, end = decoder.raw_decode(self._text, self._place)
                if end < len(self._text) or self._ended:
                    source = self._text[self._place : end]
                    self._place = end
                    return value, source
            except json.JSONDecodeError as error:
                damaged = error.pos < len(self._text) - NEAR_END and "Untermin" not in error.msg
                if self._ended or damaged or known > LONGEST_ROW:
                    raise ValueError(error.msg) from error
            if known > LONGEST_ROW:
                raise ValueError(f"it has more than {LONGEST_ROW:,} characters")
            self._more(max(SAMPLE, known))


def _array_rows(
    characters: _Characters, wanted: _Wanted, columns: Columns, name: str
) -> Iterator[Item]:
    """Yield the records of an array; what is no JSON ends the file, since the rest has no places.

    The place of a record is its number, from 1.
    """
    decoder = json.JSONDecoder(object_pairs_hook=partial(_fields, columns))
    characters.next()
    characters.skip()
    number = 0
    while (mark := characters.next()) != "]":
        number += 1
        place = f"record {number}"
        if number > 1:
            if mark != ",":
                what = f"{mark!r} follows" if mark else "the file ends after"
                message = f"{what} record {number - 1}, not a comma or the end of the array"
                raise InputError(f"{message}; correct the file, or get it again", path=name)
            characters.skip()
            characters.next()
        try:
            value, source = characters.value(decoder)
        except (ValueError, RecursionError) as error:
            message = f"{place}: not JSON ({error}); correct the file, or get it again"
            raise InputError(message, path=name) from error
        if _NOT_UTF8.search(source):
            yield InputError(f"{place}: a byte that is not of its encoding; {OR_SKIP}", path=name)
            continue
        try:
            yield place, *wanted(value)
        except ValueError as error:
            yield InputError(f"{place}: {error}", path=name)
    characters.skip()
    if rest := characters.next():
        raise InputError(f"{rest!r} follows the end of the array; correct the file", path=name)
