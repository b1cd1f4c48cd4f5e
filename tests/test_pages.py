"""Pages found in a Parquet file agree with what pyarrow wrote and says about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment_transfer.corpus.pages import (
    Page,
    column_pages,
    largest_row,
    measured,
    only_in_dictionary,
)

if TYPE_CHECKING:
    from pathlib import Path

DELTA_BYTE_ARRAY = 7


def pages_of(path: Path, texts: list[str | None], **options: Any) -> tuple[list[Page], Any]:  # noqa: ANN401
    """Write a column, and return its pages with pyarrow's own description."""
    pq.write_table(pa.table({"text": pa.array(texts, pa.string())}), path, **options)
    chunk = pq.read_metadata(path).row_group(0).column(0)
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    with path.open("rb") as file:
        pages = list(column_pages(file, start, chunk.total_compressed_size, chunk.num_values))
    return pages, chunk


@pytest.mark.parametrize("version", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
@pytest.mark.parametrize("codec", ["none", "zstd"])
def test_sizes_and_values_add_up_to_those_that_pyarrow_gives(
    tmp_path: Path, version: str, dictionary: bool, codec: str
) -> None:
    texts = [None if i % 7 == 0 else f"text number {i} " * 5 for i in range(3000)]
    pages, chunk = pages_of(
        tmp_path / "a.parquet",
        texts,
        data_page_version=version,
        use_dictionary=dictionary,
        compression=codec,
        data_page_size=5000,
        write_page_checksum=True,
    )
    data = [page for page in pages if not page.is_dictionary]
    assert len(pages) > 1
    assert [page.is_dictionary for page in pages] == [True] * dictionary + [False] * len(data)
    assert sum(page.values for page in data) == chunk.num_values == 3000
    # both totals of pyarrow include the headers
    headers = chunk.total_compressed_size - sum(page.packed for page in pages)
    assert 10 * len(pages) < headers < 300 * len(pages)
    assert sum(page.expanded for page in pages) == chunk.total_uncompressed_size - headers
    assert only_in_dictionary(pages) == dictionary


@pytest.mark.parametrize("codec", ["none", "zstd", "snappy", "gzip", "brotli", "lz4"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_the_longest_value_of_a_dictionary_is_measured(
    tmp_path: Path, codec: str, version: str
) -> None:
    texts = [*(f"text number {i}" for i in range(3000)), "longest" * 20]
    path = tmp_path / "a.parquet"
    options = {"compression": codec, "data_page_version": version}
    pages, chunk = pages_of(path, [*texts, None, ""], dictionary_pagesize_limit=20_000, **options)
    with path.open("rb") as file:
        found = [measured(file, page, chunk) for page in pages]
    in_dictionary = [text for text in texts if len(text) < 140]  # it was full before the last one
    assert found[0].is_dictionary
    assert not only_in_dictionary(pages)
    longest = max(map(len, in_dictionary[: found[0].values]))
    assert found[0].longest == (None if codec == "lz4" else longest)
    assert found[1:] == pages[1:]
    assert largest_row(found[:2]) == (pages[0].expanded if codec == "lz4" else longest)


def test_numbers_have_a_known_size_and_a_damaged_dictionary_has_none(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pages, chunk = pages_of(path, ["one", "two"] * 10)
    raw = bytearray(path.read_bytes())
    for place in range(pages[0].body, pages[0].body + pages[0].packed):
        raw[place] ^= 255
    path.write_bytes(raw)
    with path.open("rb") as file:
        assert measured(file, pages[0], chunk).longest is None
    pq.write_table(pa.table({"n": [1, 2, 1]}), path)
    with path.open("rb") as file:
        chunk = pq.read_metadata(path).row_group(0).column(0)
        assert measured(file, pages[0], chunk).longest == 8


def test_a_row_takes_at_most_what_its_encoding_allows() -> None:
    plain = Page(is_dictionary=False, expanded=1000, packed=10, values=20, encoding=0)
    assert largest_row([plain]) == 1000 / 20
    coded = Page(is_dictionary=False, expanded=11, packed=13, values=1024, encoding=8)
    dictionary = Page(is_dictionary=True, expanded=1_600_004, packed=75, values=1, encoding=0)
    assert largest_row([dictionary, coded]) == 1_600_004
    assert largest_row([dictionary, coded, plain]) == 1_600_004
    prefixes = Page(
        is_dictionary=False, expanded=700, packed=9, values=99, encoding=DELTA_BYTE_ARRAY
    )
    assert largest_row([plain, prefixes]) == 700
    assert largest_row([]) == largest_row([dictionary]) == 0
    assert not only_in_dictionary([])
    assert not only_in_dictionary([dictionary, coded, plain])


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (b"", "header is damaged"),
        (b"\x00", "header is damaged"),  # no fields
        (b"\x15\x00\x15\x01\x15\x02\x2c\x00\x00", "negative size"),
        (b"\x15" + b"\xff" * 12, "more than 64 bits"),
        (b"\x1e\x00", "unknown type"),
        (b"\x18\xff\xff\xff\x7f", "more than 16,777,216 bytes"),
        (b"\x1c" * 5000, "header is damaged"),  # structures in structures
    ],
)
def test_bytes_that_are_no_header_are_refused(tmp_path: Path, header: bytes, message: str) -> None:
    (tmp_path / "page").write_bytes(header)
    with (tmp_path / "page").open("rb") as file, pytest.raises(ValueError, match=message):
        list(column_pages(file, 0, 100, 1))
