"""Parquet files that are small and would expand far, and damaged ones."""

from __future__ import annotations

import contextlib
import gc
import tracemalloc
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment_transfer.corpus import read_labelled, read_texts
from sentiment_transfer.corpus.rows import LONGEST_ROW
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONG = "good " * 300_000  # 1.5 MB
MEGABYTE = 1_000_000


def write(path: Path, texts: Any, labels: Any = None, **options: Any) -> Path:  # noqa: ANN401
    labels = ["x"] * len(texts) if labels is None else labels
    pq.write_table(pa.table({"text": texts, "label": labels}), path, **options)
    return path


class Peak:
    """The most bytes that Arrow, and Python, held at a time."""

    arrow = python = 0


@contextlib.contextmanager
def measured() -> Iterator[Peak]:
    before, pool, peak = pa.default_memory_pool(), pa.proxy_memory_pool, Peak()
    counted = pool(before)
    pa.set_memory_pool(counted)
    tracemalloc.start()
    try:
        yield peak
        peak.arrow, peak.python = counted.max_memory(), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(before)


def test_a_long_text_in_every_row_stays_one_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", [LONG] * 200)
    assert path.stat().st_size < 100_000
    with measured() as peak:
        labelled = read_labelled(path)
        assert sum(1 for _ in read_texts(path)) == len(labelled) == 200
    assert set(map(id, labelled.texts)) == {id(labelled.texts[0])}
    assert labelled.texts[0] == LONG
    assert peak.arrow < 30 * MEGABYTE  # 300 MB if each row had a copy
    assert peak.python < 10 * MEGABYTE


def test_a_long_label_in_every_row_stays_one_label(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", ["good"] * 200, [LONG] * 200)
    with measured() as peak:
        labels = read_labelled(path).labels
    assert (len(labels), set(labels)) == (200, {LONG})
    assert peak.arrow < 30 * MEGABYTE
    assert peak.python < 60 * MEGABYTE


def test_a_long_prefix_in_every_row_is_read_in_small_parts(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.parquet",
        [LONG] * 300,
        use_dictionary=False,
        column_encoding={"text": "DELTA_BYTE_ARRAY", "label": "PLAIN"},
    )
    assert path.stat().st_size < 100_000
    # both columns are read at a time: a reader must not take over the batches of the other
    with measured() as peak:
        assert len(read_labelled(path, max_bytes=500 * MEGABYTE)) == 300
    assert peak.arrow < 200 * MEGABYTE  # 450 MB at once


def test_a_page_that_would_expand_far_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", [LONG] * 100, use_dictionary=False, compression="zstd")
    with measured() as peak, pytest.raises(InputError) as caught:
        list(read_texts(path))
    assert caught.value.path == str(path)
    assert "a page of the column 'text' would expand from" in str(caught.value)
    assert peak.arrow < 10 * MEGABYTE  # 150 MB


def test_a_large_page_that_its_bytes_justify_is_read(tmp_path: Path) -> None:
    texts = [LONG] * 50
    path = write(tmp_path / "a.parquet", texts, use_dictionary=False, compression="none")
    assert list(read_texts(path)) == texts


def test_each_row_counts_for_the_cap_even_if_it_is_in_a_dictionary(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", [LONG] * 100)
    with pytest.raises(InputError, match="expands to more than max_bytes=100,000,000"):
        list(read_texts(path, max_bytes=100 * MEGABYTE))
    assert sum(1 for _ in read_texts(path, max_bytes=151 * MEGABYTE)) == 100


def test_categories_are_one_text_each_even_if_one_is_too_long(tmp_path: Path) -> None:
    words = pa.array([LONG, "x" * (LONGEST_ROW + 1)])
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 200 + [1, None] + [0] * 200), words)
    path = write(tmp_path / "a.parquet", texts)
    read = read_texts(path, skip_bad=True)
    kept = list(read)
    assert (len(kept), len(set(map(id, kept)) - {id(kept[200])})) == (401, 1)
    assert read.n_skipped == 1
    assert "row 200: longer than" in read.skipped[0]


@pytest.mark.parametrize("dictionary", [True, False])
def test_texts_and_labels_that_are_too_long_are_bad_rows(tmp_path: Path, dictionary: bool) -> None:
    longest, longer = "x" * LONGEST_ROW, "x" * (LONGEST_ROW + 1)
    path = write(
        tmp_path / "a.parquet",
        ["a", longer, "b", None, longest],
        ["x", "x", longer, "x", "y"],
        use_dictionary=dictionary,
    )
    labelled = read_labelled(path, skip_bad=True)
    assert labelled.texts == ["a", longest]
    assert labelled.labels == ["x", "y"]
    for row, column in enumerate(("text", "label"), 1):
        message = f"{path}: row {row}: longer than 10,000,000 bytes (column '{column}')"
        assert labelled.skipped[row - 1].startswith(message)


def test_categories_that_are_not_utf8_are_bad_rows(tmp_path: Path) -> None:
    words = pa.array([b"good", b"caf\xe9"], pa.binary()).view(pa.string())
    texts = pa.DictionaryArray.from_arrays(pa.array([0, 1, None, 0]), words)
    path = write(tmp_path / "a.parquet", texts)
    for source in (path, texts):
        read = read_texts(source, skip_bad=True)
        assert list(read) == ["good", "", "good"]
        assert "row 1: text is the bytes b'caf\\xe9'" in read.skipped[0]


def test_texts_are_the_same_from_every_type_and_layout(tmp_path: Path) -> None:
    texts = [None if i % 5 == 0 else f"text number {i % 300}" for i in range(3000)]
    wanted = [text or "" for text in texts]
    plain = pa.array(texts, pa.string())
    arrays = [plain, plain.cast(pa.large_string()), plain.cast(pa.string_view())]
    for array in (*arrays, plain.dictionary_encode(), pa.chunked_array([plain[:7], plain[7:]])):
        for rows in (100, 3000):
            path = write(tmp_path / "a.parquet", array, row_group_size=rows, data_page_size=500)
            assert list(read_texts(path)) == wanted
    assert list(read_texts(plain.dictionary_encode())) == wanted


def test_the_first_gap_among_float_labels_is_named_in_any_row_group(tmp_path: Path) -> None:
    labels = [1.0] * 5000 + [None] + [0.0] * 10
    path = write(tmp_path / "a.parquet", ["a"] * 5011, labels, row_group_size=2000)
    with pytest.raises(InputError, match="row 5000: label is missing"):
        read_labelled(path)


@pytest.mark.parametrize("rows", [1, 63])
def test_a_file_that_gives_fewer_rows_than_it_says_is_damaged(tmp_path: Path, rows: int) -> None:
    # numbers from 64 to 8191 take two bytes: 2 * 100 is c8 01, and 2 * 1 is written as 82 00
    path = write(tmp_path / "a.parquet", ["a"] * 100, compression="none")
    raw = path.read_bytes()
    footer = len(raw) - 8 - int.from_bytes(raw[-8:-4], "little")
    found = [i for i in range(footer, len(raw)) if raw.startswith(b"\xc8\x01", i)]
    refused = 0
    for place in found:
        path.write_bytes(raw[:place] + bytes([2 * rows | 128, 0]) + raw[place + 2 :])
        try:
            assert len(read_labelled(path, skip_bad=True)) == 100  # it was another number
        except InputError as error:
            refused += "the file is damaged or truncated" in str(error)
    assert refused >= 4  # of the file, the row group, and each column


def test_a_page_header_that_is_damaged_is_refused_by_column(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", ["a", "b"], compression="none")
    raw = bytearray(path.read_bytes())
    raw[4:8] = b"\xff" * 4  # where the first page begins
    path.write_bytes(raw)
    with pytest.raises(InputError, match="row group 0, column 'text': a page"):
        list(read_texts(path))


def test_a_footer_at_which_pyarrow_would_end_the_process_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", ["a", "b"], ["x", "y"])
    optional, required = (b"\x25" + kind + b"\x18\x05label" for kind in (b"\x02", b"\x00"))
    raw = path.read_bytes()
    assert optional in raw
    path.write_bytes(raw.replace(optional, required))  # unlike its histogram of missing values
    with pytest.raises(InputError, match="cannot be read as Parquet: Definition level histogram"):
        read_labelled(path)


def test_an_empty_file_holds_no_row(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", pa.array([], pa.string()), pa.array([], pa.string()))
    with pytest.raises(InputError, match="holds no usable row"):
        list(read_texts(path))


def test_what_was_read_of_a_refused_file_is_freed(tmp_path: Path) -> None:
    path = tmp_path / "long.parquet"
    pq.write_table(pa.table({"text": ["x" * 11_000_000]}), path)

    def held_after_reading() -> int:
        with pytest.raises(InputError, match="longer than"):
            list(read_texts(path))
        gc.collect()
        return pa.total_allocated_bytes()

    assert held_after_reading() == held_after_reading()
