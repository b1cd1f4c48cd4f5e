"""Parquet files; rows are numbered from 0.

A few bytes can stand for gigabytes: a page may expand thousandfold, and a text in a dictionary may
occur in every row. So the sizes of all pages are read before a page is, and only as many rows are
read at a time as fit into ``BATCH_BYTES``.
"""

from __future__ import annotations

from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.corpus.arrow import TooLong, check_type, expanded_bytes, python_values
from sentiment_transfer.corpus.columns import column_places, guessed
from sentiment_transfer.corpus.pages import (
    NoBytes,
    chunk_pages,
    largest_row,
    measured,
    only_in_dictionary,
)
from sentiment_transfer.corpus.rows import Record
from sentiment_transfer.corpus.sources import suffixes
from sentiment_transfer.corpus.tables import are_whole, first_missing, refuse_floats
from sentiment_transfer.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

    import pyarrow as pa
    import pyarrow.parquet as pq

    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.pages import Page
    from sentiment_transfer.corpus.rows import Item
    from sentiment_transfer.corpus.sources import FileOptions, Location

__all__ = ["BATCH_ROWS", "ParquetTable", "open_parquet", "parquet_rows"]

BATCH_BYTES = 64 << 20
BATCH_ROWS = 4096
DICTIONARY_ROWS = 1 << 16
"""Rows that are read at a time where all values are in a dictionary."""

EXPANSION = 10
"""Largest expansion of a page of more than ``BATCH_BYTES``; texts are compressed about fivefold."""

BUFFER = 1 << 20

DAMAGED = "the file is damaged or truncated, get it again"


def parquet_rows(
    location: Location,
    columns: Columns,
    options: FileOptions,
    groups: Sequence[int] | None = None,
) -> Iterator[Item]:
    """Read the wanted columns of a Parquet file, of some row ``groups`` if they are given.

    Memory is bounded by ``BATCH_BYTES`` and the largest page, not by the file. A page or dictionary
    that is much larger than its bytes in the file justify is refused.
    """
    with open_parquet(location, options) as table:
        yield from table.rows(columns, groups)


@contextmanager
def open_parquet(location: Location, options: FileOptions) -> Iterator[ParquetTable]:
    """Open a Parquet file; what is wrong with it is raised as an ``InputError`` that names it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = location.name
    if suffixes(name)[1]:
        raise InputError("Parquet is compressed inside; unpack the file", path=name)
    try:
        with location.fs.open(location.path, "rb") as raw:
            file = pq.ParquetFile(raw, buffer_size=BUFFER)
            yield ParquetTable(file, raw, name, options.max_bytes)
    except UnicodeDecodeError as error:
        message = "the name of a column is not UTF-8; rename the column"
        raise InputError(message, path=name) from error
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"cannot be read as Parquet: {error}", path=name) from error


class ParquetTable:
    """An open Parquet file, of which at most ``max_bytes`` expanded bytes are read."""

    def __init__(self, file: pq.ParquetFile, raw: BinaryIO, name: str, max_bytes: int) -> None:
        import pyarrow.parquet as pq

        self._file = file
        self._raw = raw
        self._nothing = nothing = NoBytes(raw.seek(0, 2))
        unread: Any = nothing
        self._unread = pq.ParquetFile(unread, metadata=file.metadata)
        self._opened: dict[tuple[str, bool], pq.ParquetFile] = {}
        self._name = name
        self._left = self._max_bytes = max_bytes

    def rows(self, columns: Columns, groups: Sequence[int] | None = None) -> Iterator[Item]:
        """Check the columns, then yield the rows."""
        self.check_counts()
        found = self._file.schema_arrow.names
        columns = guessed(columns, found, self._name)
        text = column_places(columns, found, self._name)[0]
        for column in columns.wanted:
            check_type(self.type_of(column), column, column == columns.label, self._name)
        gaps = columns.label is not None and self._gaps_made_floats(columns.label, columns.blanks)
        names = tuple(self.names() if columns.keep else columns.wanted)
        place = 0
        for group in range(self._file.num_row_groups) if groups is None else groups:
            first = place
            for row in zip(*(self._values(group, name) for name in names), strict=False):
                long = [value for value in row if isinstance(value, TooLong)]
                if long:
                    yield long[0].error(place, self._name)
                elif columns.keep:
                    yield place, row[text], Record(names, row)
                else:
                    yield place, row[0], _whole(row[-1]) if gaps else row[-1]
                place += 1
            self.check_group(group, place - first)

    def group_sizes(self) -> list[int]:
        """Return the number of rows of each row group."""
        whole = self._file.metadata
        return [whole.row_group(group).num_rows for group in range(whole.num_row_groups)]

    def check_counts(self) -> None:
        """Raise if the file and its row groups differ in the number of rows: some would be lost."""
        whole = self._file.metadata
        rows = sum(self.group_sizes())
        if rows != whole.num_rows:
            message = f"has {rows:,} rows, but says it has {whole.num_rows:,}; {DAMAGED}"
            raise InputError(message, path=self._name)

    def check_group(self, group: int, rows: int) -> None:
        """Raise if a row group had another number of rows than the file says."""
        if rows != self._file.metadata.row_group(group).num_rows:
            message = f"row group {group} has fewer rows than the file says; {DAMAGED}"
            raise InputError(message, path=self._name)

    @property
    def n_groups(self) -> int:
        """Number of row groups."""
        return int(self._file.num_row_groups)

    def names(self) -> list[str]:
        """Return the names of all columns; raises if one occurs twice, as it is read by name."""
        found = list(self._file.schema_arrow.names)
        for column, count in Counter(found).items():
            if count > 1:
                message = f"the column {shown(column)} occurs {count} times; rename one"
                raise InputError(message, path=self._name)
        return found

    def _gaps_made_floats(self, column: str, blanks: bool) -> bool:
        """Whether labels are integers that gaps turned into floats; other floats are refused.

        So are these unless ``blanks`` are wanted.
        """
        import pyarrow as pa

        if not pa.types.is_floating(self.type_of(column)):
            return False
        place, first, whole = 0, None, blanks
        for group in range(self._file.num_row_groups):
            for batch in self._batches(group, column):
                gap = first_missing(batch.is_null(nan_is_null=True))
                if first is None and gap is not None:
                    first = place + gap
                place += len(batch)
                values = np.array(batch.to_pylist(), dtype=float)
                whole = whole and are_whole(values[~np.isnan(values)])
                if first is not None and not whole:
                    refuse_floats(first, self._name)
        return first is not None or refuse_floats(None, self._name)

    def _values(self, group: int, column: str) -> Iterator[object]:
        """Yield the values of a column of a row group as Python objects."""
        for batch in self.parts(group, column):
            yield from python_values(batch, column)

    def parts(self, group: int, column: str) -> Iterator[pa.Array[Any]]:
        """Yield a column of a row group in parts; raises if the file expands too far."""
        for batch in self._batches(group, column):
            self._left -= expanded_bytes(batch)
            if self._left < 0:
                raise InputError(
                    f"expands to more than max_bytes={self._max_bytes:,} bytes; "
                    "pass a larger max_bytes if you trust the file",
                    path=self._name,
                )
            yield batch

    def _batches(self, group: int, column: str) -> Iterator[pa.Array[Any]]:
        """Yield a column of a row group in parts that fit into ``BATCH_BYTES``.

        Of lists and structures it is the mean that fits, as rows have any number of values.
        """
        import pyarrow as pa

        rows, pages = BATCH_ROWS, self._pages(group, column)
        nested = self._is_nested(column)
        coded = only_in_dictionary(pages) and not nested
        if coded or pa.types.is_dictionary(self.type_of(column)):
            # pyarrow gathers the dictionary of a row group, and copies it into each batch
            self._check_expansion(
                "the dictionary",
                column,
                sum(page.expanded for page in pages),
                sum(page.packed for page in pages),
            )
            rows = DICTIONARY_ROWS
        elif pages:
            n_values = sum(page.values for page in pages if not page.is_dictionary)
            chunks = self._file.metadata.row_group(group)
            n_rows = chunks.num_rows
            if not nested:
                chunk = chunks.column(self._leaf(column))
                pages = [measured(self._raw, page, chunk) for page in pages]
            largest = largest_row(pages) * (n_values / max(1, n_rows) if nested else 1)
            rows = int(max(1, min(BATCH_ROWS, BATCH_BYTES / max(1, largest))))
        options: dict[str, Any] = {"columns": [column], "use_threads": False}
        for batch in self._reader(column, coded).iter_batches(rows, row_groups=[group], **options):
            values = batch.column(batch.schema.get_field_index(column))
            yield values.cast(pa.large_string()) if pa.types.is_string_view(values.type) else values

    def _reader(self, column: str, coded: bool) -> pq.ParquetFile:
        """Return a reader for one column, since readers remember the last ``iter_batches``."""
        import pyarrow.parquet as pq

        key = column, coded
        if key not in self._opened:
            self._opened[key] = pq.ParquetFile(
                self._raw,
                metadata=self._file.metadata,
                read_dictionary=[column] if coded else None,
                buffer_size=BUFFER,
            )
        return self._opened[key]

    def _pages(self, group: int, column: str) -> list[Page]:
        """Return the pages of a column of a row group; raises if one would expand too far."""
        self._check_metadata(group, column)
        leaves, chunks = self._file.schema, self._file.metadata.row_group(group)
        nested = self._is_nested(column)
        pages: list[Page] = []
        try:
            for place in range(len(leaves)):
                path = leaves.column(place).path
                if path == column:
                    pages += chunk_pages(self._raw, chunks.column(place), chunks.num_rows)
                elif nested and path.startswith(f"{column}."):
                    pages += chunk_pages(self._raw, chunks.column(place), None)
        except ValueError as error:
            message = f"row group {group}, column {shown(column)}: {error}; {DAMAGED}"
            raise InputError(message, path=self._name) from error
        for page in pages:
            self._check_expansion("a page", column, page.expanded, page.packed)
        return pages

    def _check_metadata(self, group: int, column: str) -> None:
        """Raise if pyarrow refuses what the file says about a column of a row group.

        Its readers raise for it, but its ``RowGroupMetaData.column`` ends the process.
        """
        import pyarrow as pa

        self._nothing.asked = False
        try:
            next(self._unread.iter_batches(1, row_groups=[group], columns=[column]), None)
        except (pa.ArrowException, OSError):
            if not self._nothing.asked:
                raise

    def _check_expansion(self, what: str, column: str, expanded: int, packed: int) -> None:
        if expanded > max(BATCH_BYTES, EXPANSION * packed):
            raise InputError(
                f"{what} of the column {shown(column)} would expand from {packed:,} to "
                f"{expanded:,} bytes; write the file with smaller pages, or the texts as CSV",
                path=self._name,
            )

    def _leaf(self, column: str) -> int:
        """Return the place of a column that is not nested among the leaves."""
        leaves = self._file.schema
        return next(i for i in range(len(leaves)) if leaves.column(i).path == column)

    def _is_nested(self, column: str) -> bool:
        """Whether a column holds lists or structures, in one or more leaves."""
        import pyarrow as pa

        return bool(pa.types.is_nested(self.type_of(column)))

    def type_of(self, column: str) -> pa.DataType:
        """Return the type of a column."""
        kind: pa.DataType = self._file.schema_arrow.field(column).type
        return kind


def _whole(label: Any) -> int | None:  # noqa: ANN401  (a float or None)
    return None if label is None or label != label else int(label)
