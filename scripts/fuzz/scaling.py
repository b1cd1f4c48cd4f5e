"""Time of the readers on what may be slow, at one, two and four times the size.

    python -m scripts.fuzz.scaling [--size 1000000] [--only csv]

Each pattern is one that is slow where a reader goes over the same bytes again: quotes that are
never closed, thousands of labels on a line, pages of a few bytes. Four times the bytes should take
four times the seconds.
"""

from __future__ import annotations

import argparse
import gc
import gzip
import io
import tempfile
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from sentiment_transfer.corpus import read_labelled, read_texts
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PATTERNS", "cpu_seconds"]

HEADER = b"text,label\ngood,x\n"
JSON = b'{"text": "a", "label": '
COMMENTED = b"\x1f\x8b\x08\x10\0\0\0\0\0\xff"
"""Start of a gzip file with a comment, which ends at the first NUL."""


def _repeated(part: bytes, start: bytes = b"", end: bytes = b"") -> Callable[[int], bytes]:
    """Return a function of a size that repeats a part up to about that many bytes."""
    return lambda size: start + part * (size // len(part)) + end


def _numbered(form: str, start: bytes = b"", end: bytes = b"", joint: str = "") -> Any:  # noqa: ANN401
    """Return a function of a size that repeats a part, numbered, up to that many bytes."""
    return lambda size: (
        start
        + joint.join(form.format(i) for i in range(size // len(form.format(10**4)))).encode()
        + end
    )


def _parquet(make: Callable[[int], pa.Table], **options: Any) -> Callable[[int], bytes]:  # noqa: ANN401
    def write(size: int) -> bytes:
        file = io.BytesIO()
        pq.write_table(make(size), file, **options)
        return file.getvalue()

    return write


def _table(texts: Any, **columns: Any) -> pa.Table:  # noqa: ANN401
    return pa.table({"text": texts, "label": ["x"] * len(texts), **columns})


def _words(size: int) -> pa.Array[Any]:
    return pa.array([f"text number {i}" for i in range(size // 20)])


PATTERNS: dict[str, tuple[str, Callable[[int], bytes]]] = {
    "csv: a quote that is never closed": ("csv", _repeated(b"a line,x\n", HEADER + b'"open,x\n')),
    "csv: a quote on each line": ("csv", _repeated(b'"a\n', HEADER)),
    "csv: text after each quote": ("csv", _repeated(b'"a"b\n', HEADER)),
    "csv: doubled quotes": ("csv", _repeated(b'""', HEADER + b'"', b'",x\n')),
    "csv: spaces and a quote": ("csv", _repeated(b" ", HEADER + b",", b'"\n')),
    "csv: separators, spaces, a quote": ("csv", _repeated(b", ", HEADER, b'"\n')),
    "csv: separators, spaces, quotes": ("csv", _repeated(b', "', HEADER, b"\n")),
    "csv: rows of too many fields": ("csv", _repeated(b"a,b,c\n", HEADER)),
    "csv: a wide header": ("csv", _numbered("c{}", joint=",", end=b"\n1\n")),
    "csv: a wide header and rows": ("csv", _numbered("c{}", b"text,label,", b"\n1\n", ",")),
    "csv: the header in each line": ("csv", _repeated(b"text,label\n", end=b"a,x\n")),
    "csv: labels that differ in case": ("csv", _numbered("a,B{0}\na,b{0}\n", HEADER)),
    "csv: apostrophes": ("csv", _repeated(b"'", HEADER, b",x\n")),
    "csv: what may be a formula": ("csv", _repeated(b"a ", HEADER + b"'-", b",x\n")),
    "csv: old line ends": ("csv", _repeated(b"a,b\r", HEADER)),
    "tsv: rows joined by quotes": ("tsv", _repeated(b'"a\tb\n', b"text\tlabel\n", b'a"\tb\n')),
    "jsonl: brackets": ("jsonl", _repeated(b"[", JSON)),
    "jsonl: lines of brackets": ("jsonl", _repeated(JSON + b"[" * 300 + b"]" * 300 + b"}\n")),
    "jsonl: a label of lists": ("jsonl", _repeated(b"[],", JSON + b"[", b"1]}\n")),
    "jsonl: many keys": ("jsonl", _numbered('"k{}": 1', b"{", b"}\n", ",")),
    "jsonl: one key many times": ("jsonl", _repeated(b'"text": 1,', b"{", b'"text": 1}\n')),
    "jsonl: no column": ("jsonl", _repeated(b'{"texts": "a"}\n')),
    "jsonl: long integers": ("jsonl", _repeated(JSON + b"9" * 4000 + b"}\n")),
    "jsonl: a long fraction": ("jsonl", _repeated(b"7", JSON + b"0.", b"}\n")),
    "ft: labels on a line": ("ft", _repeated(b"__label__ab ", b"__label__a b\n", b"\n")),
    "ft: a label of labels": ("ft", _repeated(b"__label__a", b"__label__a b\n", b"\n")),
    "ft: space behind a label": ("ft", _repeated(b"\t ", b"__label__a", b"\n")),
    "txt: bytes that are not UTF-8": ("txt", _repeated(b"\xff\n")),
    "txt: blank lines": ("txt", _repeated(b"\n", end=b"a\n")),
    "txt: byte order marks": ("txt", _repeated(b"\xef\xbb\xbf", end=b"a\n")),
    "gz: empty parts": ("txt.gz", _repeated(gzip.compress(b""), gzip.compress(b"a\n"))),
    "gz: parts of a line": ("txt.gz", _repeated(gzip.compress(b"a\n"))),
    "gz: padding": ("txt.gz", _repeated(b"\0", gzip.compress(b"a\n"))),
    "gz: a comment": ("txt.gz", _repeated(b"c", COMMENTED, b"\0\3\0" + bytes(8))),
    "zst: empty parts": ("txt.zst", _repeated(zstandard.compress(b""), zstandard.compress(b"a"))),
    "zst: parts of a line": ("txt.zst", _repeated(zstandard.compress(b"a\n"))),
    "parquet: texts": ("parquet", _parquet(lambda size: _table(_words(size)))),
    "parquet: categories": (
        "parquet",
        _parquet(lambda size: _table(_words(size).dictionary_encode())),
    ),
    "parquet: small pages": (
        "parquet",
        _parquet(
            lambda size: _table(_words(size)),
            data_page_size=1,
            write_batch_size=1,
            use_dictionary=False,
        ),
    ),
    "parquet: small row groups": (
        "parquet",
        _parquet(lambda size: _table(_words(size // 20)), row_group_size=1),
    ),
    "parquet: columns": (
        "parquet",
        _parquet(lambda size: _table(["a"], **{f"c{i}": [0] for i in range(size // 500)})),
    ),
    "parquet: one long text in each row": (
        "parquet",
        _parquet(lambda size: _table(["good " * 10_000] * (size // 50_000))),
    ),
    "parquet: one long prefix in each row": (
        "parquet",
        _parquet(
            lambda size: _table(["good " * 10_000] * (size // 50_000)),
            use_dictionary=False,
            column_encoding={"text": "DELTA_BYTE_ARRAY", "label": "PLAIN"},
        ),
    ),
}
"""Suffix, and a function from a size to content of about that many bytes, for Parquet expanded."""


def cpu_seconds(pattern: str, size: int) -> float:
    """Return the time to read a file of a pattern as texts and with labels, bad rows left out."""
    suffix, make = PATTERNS[pattern]
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = Path(folder) / f"reviews.{suffix}"
        path.write_bytes(make(size))
        gc.freeze()  # a large process would search all that it holds for garbage
        began = time.process_time()
        with suppress(InputError):
            for _ in read_texts(path, skip_bad=True):
                pass
        with suppress(InputError):
            read_labelled(path, skip_bad=True)
        seconds = time.process_time() - began
        gc.unfreeze()
        return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--size", type=float, default=1e6, help="bytes of the smallest file")
    parser.add_argument("--only", default="", help="patterns with this in their name")
    options = parser.parse_args()
    sizes = [int(options.size) * factor for factor in (1, 2, 4)]
    for pattern in PATTERNS:
        if options.only in pattern:
            seconds = [cpu_seconds(pattern, size) for size in sizes]
            print(f"{pattern:40}", *(f"{each:8.2f}" for each in seconds), flush=True)


if __name__ == "__main__":
    main()
