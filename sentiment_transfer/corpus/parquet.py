"""Parquet files; rows are numbered from 0.

A few bytes can stand for gigabytes: a page may expand thousandfold, and a text in a dictionary may
occur in every row. So the sizes of all pages are read before a page is, and only as many rows are
read at a time as fit into ``BATCH_BYTES``.
"""

from __future__ import annotations

import io
from itertools import repeat
from typing import TYPE_CHECKING, Any

from sentiment_transfer.corpus.arrow import TooLong, expanded_bytes, python_values
from sentiment_transfer.corpus.columns import column_places, guessed
from sentiment_transfer.corpus.pages import column_pages, largest_row, only_in_dictionary
from sentiment_transfer.corpus.sources import suffixes
from sentiment_transfer.corpus.tables import first_missing, refuse_floats
from sentiment_transfer.errors import InputError, shortened, shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    import pyarrow as pa
    import pyarrow.parquet as pq

    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.pages import Page
    from sentiment_transfer.corpus.rows import Item
    from sentiment_transfer.corpus.sources import FileOptions, Location

__all__ = ["parquet_rows"]

BATCH_BYTES = 64 << 20
BATCH_ROWS = 4096
DICTIONARY_ROWS = 1 << 16
"""Rows that are read at a time where all values are in a dictionary."""

EXPANSION = 10
"""Largest expansion of a page of more than ``BATCH_BYTES``; texts are compressed about fivefold."""

BUFFER = 1 << 20

DAMAGED = "the file is damaged or truncated, get it again"


def parquet_rows(location: Location, columns: Columns, options: FileOptions) -> Iterator[Item]:
    """Read the wanted columns of a Parquet file.

    Memory is bounded by ``BATCH_BYTES`` and the largest page, not by the file. A page or dictionary
    that is much larger than its bytes in the file justify is refused.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = location.name
    if suffixes(name)[1]:
        raise InputError("Parquet is compressed inside; unpack the file", path=name)
    try:
        with location.fs.open(location.path, "rb") as raw:
            file = pq.ParquetFile(raw, buffer_size=BUFFER)
            yield from _Table(file, raw, name, options.max_bytes).rows(columns)
    except UnicodeDecodeError as error:
        message = "the name of a column is not UTF-8; rename the column"
        raise InputError(message, path=name) from error
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"cannot be read as Parquet: {error}", path=name) from error


class _Table:
    """An open Parquet file, of which at most ``max_bytes`` expanded bytes are read."""

    def __init__(self, file: pq.ParquetFile, raw: BinaryIO, name: str, max_bytes: int) -> None:
        import pyarrow.parquet as pq

        self._file = file
        self._raw = raw
        self._nothing = nothing = _Nothing(raw.seek(0, 2))
        unread: Any = nothing
        self._unread = pq.ParquetFile(unread, metadata=file.metadata)
        self._opened: dict[tuple[str, bool], pq.ParquetFile] = {}
        self._name = name
        self._left = self._max_bytes = max_bytes

    def rows(self, columns: Columns) -> Iterator[Item]:
        """Check the columns, then yield the rows."""
        self._check_counts()
        columns = guessed(columns, self._file.schema_arrow.names, self._name)
        column_places(columns, self._file.schema_arrow.names, self._name)
        for column in columns.wanted:
            _check_type(self._type(column), column, column == columns.label, self._name)
        if columns.label is not None:
            self._refuse_float_labels(columns.label)
        place = 0
        for group in range(self._file.num_row_groups):
            first = place
            for row in zip(*self._columns(group, columns), strict=False):
                long = [value for value in row if isinstance(value, TooLong)]
                yield long[0].error(place, self._name) if long else (place, *row)
                place += 1
            if place - first != self._file.metadata.row_group(group).num_rows:
                message = f"row group {group} has fewer rows than the file says; {DAMAGED}"
                raise InputError(message, path=self._name)

    def _check_counts(self) -> None:
        """Raise if the file and its row groups differ in the number of rows: some would be lost."""
        whole = self._file.metadata
        rows = sum(whole.row_group(group).num_rows for group in range(whole.num_row_groups))
        if rows != whole.num_rows:
            message = f"has {rows:,} rows, but says it has {whole.num_rows:,}; {DAMAGED}"
            raise InputError(message, path=self._name)

    def _columns(self, group: int, columns: Columns) -> tuple[Iterator[object], Iterator[object]]:
        texts = self._values(group, columns.text)
        return texts, repeat(None) if columns.label is None else self._values(group, columns.label)

    def _refuse_float_labels(self, column: str) -> None:
        import pyarrow as pa

        if not pa.types.is_floating(self._type(column)):
            return
        place = 0
        for group in range(self._file.num_row_groups):
            for batch in self._batches(group, column):
                gap = first_missing(batch.is_null(nan_is_null=True))
                if gap is not None:
                    refuse_floats(place + gap, self._name)
                place += len(batch)
        refuse_floats(None, self._name)

    def _values(self, group: int, column: str) -> Iterator[object]:
        """Yield the values of a column of a row group as Python objects."""
        for batch in self._batches(group, column):
            self._left -= expanded_bytes(batch)
            if self._left < 0:
                raise InputError(
                    f"expands to more than max_bytes={self._max_bytes:,} bytes; "
                    "pass a larger max_bytes if you trust the file",
                    path=self._name,
                )
            yield from python_values(batch, column)

    def _batches(self, group: int, column: str) -> Iterator[pa.Array[Any]]:
        """Yield a column of a row group in parts that fit into ``BATCH_BYTES``."""
        import pyarrow as pa

        rows, pages = BATCH_ROWS, self._pages(group, column)
        coded = only_in_dictionary(pages)
        if coded or pa.types.is_dictionary(self._type(column)):
            # pyarrow gathers the dictionary of a row group, and copies it into each batch
            self._check_expansion(
                "the dictionary",
                column,
                sum(page.expanded for page in pages),
                sum(page.packed for page in pages),
            )
            rows = DICTIONARY_ROWS
        elif pages:
            rows = int(max(1, min(BATCH_ROWS, BATCH_BYTES / max(1, largest_row(pages)))))
        options: dict[str, Any] = {"columns": [column], "use_threads": False}
        for batch in self._reader(column, coded).iter_batches(rows, row_groups=[group], **options):
            values = batch.column(0)
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
        try:
            pages = [
                page
                for place in range(len(leaves))
                if leaves.column(place).path == column
                for page in _chunk_pages(self._raw, chunks.column(place), chunks.num_rows)
            ]
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

    def _type(self, column: str) -> pa.DataType:
        kind: pa.DataType = self._file.schema_arrow.field(column).type
        return kind


def _chunk_pages(raw: BinaryIO, chunk: Any, rows: int) -> Iterator[Page]:  # noqa: ANN401
    if chunk.num_values != rows:
        raise ValueError(f"{chunk.num_values:,} values for {rows:,} rows")
    start = chunk.data_page_offset
    if chunk.has_dictionary_page and 0 < chunk.dictionary_page_offset < start:
        start = chunk.dictionary_page_offset
    return column_pages(raw, start, chunk.total_compressed_size, chunk.num_values)


class _Nothing(io.RawIOBase):
    """A file of ``size`` bytes none of which can be read: for a look at metadata alone.

    It does not raise, since pyarrow would keep the exception, and with it all that its traceback
    refers to, as long as the process runs.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._place = 0
        self.asked = False
        """Whether bytes were asked for."""

    def seek(self, offset: int, whence: int = 0) -> int:
        self._place = offset + (0, self._place, self._size)[whence]
        return self._place

    def tell(self) -> int:
        return self._place

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        self.asked = True
        return b""


def _check_type(kind: Any, column: str, labels: bool, name: str) -> None:  # noqa: ANN401
    """Raise for a column that can hold no texts or labels, such as one of dates."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    of_text = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    of_labels = (pa.types.is_integer, pa.types.is_boolean, pa.types.is_floating)  # floats: later
    allowed = (*of_text, pa.types.is_null, *(of_labels if labels else ()))
    if not any(is_kind(kind) for is_kind in allowed):
        raise InputError(
            f"the column {shown(column)} holds {shortened(str(kind))}; convert it to strings"
            f"{' or integers' if labels else ', or name another one'}",
            path=name,
        )
