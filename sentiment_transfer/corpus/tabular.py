"""What CSV and Excel have in common: a header, and records of as many fields below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_transfer.corpus.annotations import recognised_table
from sentiment_transfer.corpus.answers import with_labels
from sentiment_transfer.corpus.columns import column_places, guessed
from sentiment_transfer.corpus.rows import Record
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.rows import Item

    Fields = tuple[int | str, Sequence[object]] | InputError | str | None

__all__ = ["rows_below_header"]


def rows_below_header(records: Iterator[Fields], columns: Columns, name: str) -> Iterator[Item]:
    """Yield the rows of a table, of which the first record is the header.

    ``records`` are places with fields, as many as in the header, or items that are passed on: bad
    rows, messages, None for a blank line. White space around labels is dropped, as is a repeated
    header where files were joined. In an export of an annotation tool, its answers are the labels.
    """
    yield from with_labels(_rows(records, columns, name), name, blanks=columns.blanks)


def _rows(records: Iterator[Fields], columns: Columns, name: str) -> Iterator[Item]:
    """Yield the rows; those of an annotation tool have `Answers` in place of the label."""
    header: Sequence[str] | None = None
    for item in records:
        if item is None or isinstance(item, str):
            yield item
        elif header is None:
            if isinstance(item, InputError):
                raise item
            header = first = [str(field) for field in item[1]]
            if not set(columns.wanted) <= set(header):
                header = [field.strip() for field in header]
            export = recognised_table(header, columns, name)
            columns = guessed(columns if export is None else export[0], header, name)
            places = column_places(columns, header, name)
            names = tuple(header)
        elif isinstance(item, InputError):
            yield item
        elif len(header) > 1 and list(item[1]) in (header, first):
            place = item[0] if isinstance(item[0], int) else f" {item[0]}"
            yield f"{name}:{place}: the header once more; left out"
        else:
            place, fields = item
            if columns.keep:
                yield place, fields[places[0]], Record(names, fields)
                continue
            label = fields[places[-1]]
            label = label.strip() if isinstance(label, str) else label
            if export is not None:
                label = export[1](dict(zip(names, fields, strict=True)), label)
            yield place, fields[places[0]], label
