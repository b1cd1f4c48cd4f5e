"""Hostile Parquet files: columns of every type, small bombs, damaged pages and footers."""

from __future__ import annotations

import datetime as dt
import decimal
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from scripts.fuzz.reader_bytes import TEXTS, changed

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

__all__ = ["parquet_file"]

DAY = dt.date(2024, 2, 29)
ODD: dict[str, tuple[Any, object]] = {
    "date32": (pa.date32(), DAY),
    "timestamp": (pa.timestamp("ns"), dt.datetime(2024, 2, 29, 1)),
    "decimal": (pa.decimal128(20, 3), decimal.Decimal("1.500")),
    "list": (pa.list_(pa.string()), ["a", "b"]),
    "struct": (pa.struct([("text", pa.string())]), {"text": "a"}),
    "map": (pa.map_(pa.string(), pa.int32()), [("a", 1)]),
    "binary": (pa.binary(), b"caf\xe9"),
    "int": (pa.int64(), 7),
    "uint": (pa.uint64(), 2**64 - 1),
    "double": (pa.float64(), 1.0),
    "nan": (pa.float32(), float("nan")),
    "bool": (pa.bool_(), True),
    "null": (pa.null(), None),
    "large": (pa.large_string(), "good"),
    "view": (pa.string_view(), "good"),
    "time": (pa.time64("us"), dt.time(1, 2)),
    "duration": (pa.duration("s"), dt.timedelta(1)),
}


def parquet_file(rng: random.Random) -> bytes:
    """Return the bytes of a Parquet file, half of them damaged."""
    rows = rng.choice((0, 1, 3, 50, 2000))
    columns = {"text": _column(rng, rows), "label": _column(rng, rows), "note": _column(rng, rows)}
    names = [name for name in columns if rng.random() < 0.95]
    rng.shuffle(names)
    arrays = [columns[name] for name in names]
    if rng.random() < 0.03:
        names, arrays = [*names, "text"], [*arrays, _column(rng, rows)]
    raw = _written(rng, pa.table(arrays, names=names))
    if rng.random() < 0.05:
        raw = raw.replace(b"note", rng.choice((b"n\xffte", b"te\0t", b"\xed\xa0\x80e")))
    return _damaged(rng, raw) if rng.random() < 0.5 else raw


def _column(rng: random.Random, rows: int) -> Any:  # noqa: ANN401  (an Arrow array)
    array = (_texts if rng.random() < 0.4 else rng.choice(KINDS))(rng, rows)
    return array.dictionary_encode() if rng.random() < 0.1 and _can_encode(array) else array


def _can_encode(array: Any) -> bool:  # noqa: ANN401
    kind = array.type
    odd = (pa.types.is_nested, pa.types.is_null, pa.types.is_string_view)
    return not any(is_kind(kind) for is_kind in odd)


def _texts(rng: random.Random, rows: int) -> Any:  # noqa: ANN401
    return pa.array([rng.choice(TEXTS) for _ in range(rows)], pa.string())


def _gaps(rng: random.Random, rows: int) -> Any:  # noqa: ANN401
    return pa.array([rng.choice((None, "", "good", " ")) for _ in range(rows)], pa.string())


def _not_utf8(rng: random.Random, rows: int) -> Any:  # noqa: ANN401
    raw = [rng.choice((b"good", b"caf\xe9", b"\xed\xa0\x80", b"a\0")) for _ in range(rows)]
    return pa.array(raw, pa.binary()).view(pa.string())


def _odd(rng: random.Random, rows: int) -> Any:  # noqa: ANN401
    kind, value = rng.choice(list(ODD.values()))
    return pa.array([value if rng.random() < 0.9 else None for _ in range(rows)], kind)


def _long(rng: random.Random, rows: int) -> Any:  # noqa: ANN401
    """Return one long text in every row: a bomb, for a dictionary or a page holds it once."""
    lengths = (10**4, 10**5, 2_100_000) if rows < 100 else (10**4,)  # of 5 bytes
    text = "good " * rng.choice(lengths)
    return pa.array([text if row < 20 else None for row in range(rows)], pa.string())


KINDS: tuple[Callable[[random.Random, int], Any], ...] = (
    *(_texts, _gaps, _not_utf8, _odd, _odd, _odd, _long),
)


def _written(rng: random.Random, table: pa.Table) -> bytes:
    file = io.BytesIO()
    dictionary = rng.random() < 0.6
    strings = [name for name in table.column_names if table.column_names.count(name) == 1]
    encoding = rng.choice((None, None, "DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY"))
    options: dict[str, Any] = {"use_dictionary": dictionary}
    if not dictionary and encoding is not None:
        options["column_encoding"] = {
            name: encoding for name in strings if pa.types.is_string(table.schema.field(name).type)
        }
    pq.write_table(
        table,
        file,
        compression=rng.choice(("snappy", "none", "zstd", "gzip", "lz4", "brotli")),
        data_page_version=rng.choice(("1.0", "2.0")),
        data_page_size=rng.choice((100, 10**4, 10**6)),
        row_group_size=rng.choice((1, 10, 10**6)) if table.num_rows < 100 else 10**6,
        store_schema=rng.random() < 0.7,
        write_statistics=rng.random() < 0.7,
        write_page_checksum=rng.random() < 0.2,
        **options,
    )
    return file.getvalue()


def _damaged(rng: random.Random, raw: bytes) -> bytes:
    """Damage the pages, where their headers are, or the footer, which says where they are."""
    where = rng.random()
    if where < 0.3:
        return changed(rng, raw)
    footer = int.from_bytes(raw[-8:-4], "little") + 8
    start, stop = (4, min(60, len(raw))) if where < 0.6 else (len(raw) - footer, len(raw) - 8)
    damaged = bytearray(raw)
    for _ in range(rng.randint(1, 4)):
        place = rng.randrange(start, max(start + 1, stop))
        damaged[place] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256), damaged[place] ^ 1))
    return bytes(damaged)
