"""Pages of a Parquet file, read from their headers alone, without expanding them.

pyarrow expands a page as a whole, and shows neither how large that will be nor what one value can
become. Headers are structures in Thrift's compact protocol [1]_, with the fields of [2]_.

.. [1] https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
.. [2] https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

__all__ = [
    "NoBytes",
    "Page",
    "chunk_pages",
    "column_pages",
    "largest_row",
    "measured",
    "only_in_dictionary",
]

LONGEST_HEADER = 16 << 20
"""Bytes, as in pyarrow."""

DATA_PAGE, DICTIONARY_PAGE, DATA_PAGE_2 = 0, 2, 3
DETAILS = {DATA_PAGE: 5, DICTIONARY_PAGE: 7, DATA_PAGE_2: 8}
"""Field of a header with what only this kind of page has."""

PLAIN, PLAIN_DICTIONARY, DELTA_LENGTH, RLE_DICTIONARY = 0, 2, 6, 8
DICTIONARY_CODED = {PLAIN_DICTIONARY, RLE_DICTIONARY}
WRITTEN_OUT = {PLAIN, DELTA_LENGTH}
"""Encodings that hold each value in full, so that all values fit into the expanded page."""


CODECS = {"SNAPPY", "GZIP", "BROTLI", "ZSTD"}
WIDTHS = {"BOOLEAN": 1, "INT32": 4, "INT64": 8, "INT96": 12, "FLOAT": 4, "DOUBLE": 8}
"""Bytes of values of a fixed size."""


class Page(NamedTuple):
    """Sizes of a page in bytes, expanded and in the file, its number of values, its encoding.

    ``body`` is its place in the file, behind its header; ``longest`` the bytes of its longest value
    if it was `measured`.
    """

    is_dictionary: bool
    expanded: int
    packed: int
    values: int
    encoding: int
    body: int = 0
    longest: int | None = None


def chunk_pages(
    raw: BinaryIO,
    chunk: Any,  # noqa: ANN401
    rows: int | None,
) -> Iterator[Page]:
    """Yield the pages of a leaf, which has a value for each of ``rows`` unless that is None."""
    if rows not in (None, chunk.num_values):
        raise ValueError(f"{chunk.num_values:,} values for {rows:,} rows")
    start = chunk.data_page_offset
    if chunk.has_dictionary_page and 0 < chunk.dictionary_page_offset < start:
        start = chunk.dictionary_page_offset
    return column_pages(raw, start, chunk.total_compressed_size, chunk.num_values)


def column_pages(file: BinaryIO, start: int, size: int, values: int) -> Iterator[Page]:
    """Yield the pages of one column of one row group, ``size`` bytes from ``start``.

    Ends early once pages of ``values`` values were found, as pyarrow does. Raises ``ValueError``
    for bytes that are no page header.
    """
    place, seen = start, 0
    while place < start + size and seen < values:
        file.seek(place)
        page, header = _page(file)
        yield page._replace(body=place + header)
        place += header + page.packed
        seen += 0 if page.is_dictionary else page.values


def largest_row(pages: list[Page]) -> float:
    """Return the bytes that one row of a column takes at most, as a mean over any page.

    A value in a dictionary is at most as long as the longest one, or the whole dictionary if that
    was not `measured`; one that continues the value in
    front of it (an encoding of prefixes) at most as long as its page; 0 if there are no pages.
    """
    coded = [page for page in pages if page.is_dictionary]
    longest = (page.expanded if page.longest is None else page.longest for page in coded)
    dictionary = max(longest, default=0)
    return max((_row(page, dictionary) for page in pages if not page.is_dictionary), default=0)


def measured(
    file: BinaryIO,
    page: Page,
    chunk: Any,  # noqa: ANN401  (metadata of pyarrow)
) -> Page:
    """Return a page, with the bytes of its longest value if it is a dictionary that can be read."""
    import pyarrow as pa

    if not page.is_dictionary:
        return page
    if chunk.physical_type in WIDTHS:
        return page._replace(longest=WIDTHS[chunk.physical_type])
    if chunk.physical_type != "BYTE_ARRAY" or chunk.compression not in {*CODECS, "UNCOMPRESSED"}:
        return page
    file.seek(page.body)
    content: Any = file.read(page.packed)
    if chunk.compression in CODECS:
        try:
            content = pa.Codec(chunk.compression.lower()).decompress(content, page.expanded)
        except (pa.ArrowException, OSError, ValueError):
            return page  # said when it is read
    return page._replace(longest=_longest(memoryview(content), page.values))


def _longest(content: memoryview, values: int) -> int | None:
    """Return the bytes of the longest of byte arrays, each behind its length; None if damaged."""
    longest = place = 0
    for _ in range(values):
        length = int.from_bytes(content[place : place + 4], "little")
        longest = max(longest, length)
        place += 4 + length
    return longest if place == len(content) else None


def only_in_dictionary(pages: list[Page]) -> bool:
    """Whether there are pages, and each refers to the dictionary alone."""
    coded = [page.encoding in DICTIONARY_CODED for page in pages if not page.is_dictionary]
    return bool(coded) and all(coded)


def _row(page: Page, dictionary: int) -> float:
    if page.encoding in DICTIONARY_CODED:
        return dictionary
    return page.expanded / max(1, page.values) if page.encoding in WRITTEN_OUT else page.expanded


def _page(file: BinaryIO) -> tuple[Page, int]:
    """Return the page whose header begins here, and the length of the header."""
    reader = _Compact(file)
    try:
        fields = reader.struct()
        kind, expanded, packed = (int(fields[i]) for i in (1, 2, 3))
        data = fields[DETAILS[kind]] if kind in DETAILS else {}
        values, encoding = int(data.get(1, 0)), int(data.get(4 if kind == DATA_PAGE_2 else 2, 0))
    except (KeyError, TypeError, AttributeError, RecursionError, IndexError) as error:
        raise ValueError("a page header is damaged") from error
    if min(expanded, packed, values) < 0:
        raise ValueError("a page has a negative size")
    return Page(kind == DICTIONARY_PAGE, expanded, packed, values, encoding), reader.count


class _Compact:
    """Reads values in Thrift's compact protocol, and counts their bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.count = 0

    def struct(self) -> dict[int, Any]:
        """Return the fields of a structure by their number."""
        fields: dict[int, Any] = {}
        number = 0
        while head := self._byte():
            step, kind = head >> 4, head & 15
            number = number + step if step else self._integer()
            fields[number] = kind == 1 if kind in (1, 2) else self._value(kind)
        return fields

    def _value(self, kind: int) -> Any:  # noqa: ANN401  (a number, a structure, or None: skipped)
        if kind in (1, 2, 3):
            return self._byte()
        if kind in (4, 5, 6):
            return self._integer()
        if kind in (7, 8, 13):
            return self._skip({7: 8, 13: 16}.get(kind) or self._varint())
        if kind in (9, 10):
            return self._list()
        if kind == 11:
            return self._map()
        if kind == 12:
            return self.struct()
        raise ValueError("a page header has a value of unknown type")

    def _list(self) -> None:
        head = self._byte()
        size = head >> 4 if head >> 4 < 15 else self._varint()
        for _ in range(size):
            self._value(head & 15)

    def _map(self) -> None:
        size = self._varint()
        kinds = self._byte() if size else 0
        for _ in range(size):
            self._value(kinds >> 4)
            self._value(kinds & 15)

    def _skip(self, length: int) -> None:
        self._advance(length)
        self._file.seek(length, 1)

    def _integer(self) -> int:
        coded = self._varint()
        return (coded >> 1) ^ -(coded & 1)

    def _varint(self) -> int:
        """Return an unsigned integer, seven bits a byte; the last byte is below 128."""
        result = 0
        for shift in range(0, 70, 7):
            byte = self._byte()
            result |= (byte & 127) << shift
            if byte < 128:
                return result
        raise ValueError("a page header has a number of more than 64 bits")

    def _byte(self) -> int:
        self._advance(1)
        return self._file.read(1)[0]

    def _advance(self, length: int) -> None:
        self.count += length
        if self.count > LONGEST_HEADER:
            raise ValueError(f"a page header has more than {LONGEST_HEADER:,} bytes")


class NoBytes(io.RawIOBase):
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
        """Move to a place; return it."""
        self._place = offset + (0, self._place, self._size)[whence]
        return self._place

    def tell(self) -> int:
        """Return the place."""
        return self._place

    def readable(self) -> bool:
        """Whether it can be read."""
        return True

    def seekable(self) -> bool:
        """Whether the place can be moved."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Return nothing, and note that bytes were asked for."""
        self.asked = True
        return b""
