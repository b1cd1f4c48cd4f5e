"""Tables as Parquet, some thousand rows at a time."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

from sentiment_transfer.errors import InputError, shown
from sentiment_transfer.scoring.cells import utf8

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pyarrow as pa

__all__ = ["write_parquet"]

ROWS = 4096
HELD_BYTES = 64 << 20
"""Types of columns are inferred from the rows of the first bytes, as a column may begin empty."""


def write_parquet(header: Sequence[str], rows: Iterable[Sequence[object]], file: BinaryIO) -> None:
    """Write rows of columns of different names; types are inferred from the values.

    Raises ``InputError`` for a column of values that have no common type.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = iter(rows)
    held: list[pa.Table] = []
    while sum(table.nbytes for table in held) < HELD_BYTES and (some := list(islice(rows, ROWS))):
        held.append(_table(header, some, None))
    try:
        first = pa.concat_tables(held, promote_options="permissive")
    except pa.ArrowException as error:
        raise InputError(f"{error}; write csv or jsonl instead") from error
    schema = first.schema
    with pq.ParquetWriter(file, schema) as writer:
        writer.write_table(first)
        del held, first
        while some := list(islice(rows, ROWS)):
            writer.write_table(_table(header, some, schema))


def _table(
    header: Sequence[str], rows: Sequence[Sequence[object]], schema: pa.Schema | None
) -> pa.Table:
    import pyarrow as pa

    columns = {}
    for name, values in zip(header, zip(*rows, strict=True), strict=True):
        kind = None if schema is None else schema.field(name).type
        columns[name] = _array(name, values, kind)
    return pa.table(columns, schema=schema)


def _array(name: str, values: Sequence[object], kind: pa.DataType | None) -> Any:  # noqa: ANN401
    import pyarrow as pa

    try:
        return pa.array(values, kind)
    except UnicodeEncodeError:
        return pa.array([utf8(v) if isinstance(v, str) else v for v in values], kind)
    except (pa.ArrowException, TypeError, OverflowError) as error:
        raise InputError(
            f"the column {shown(name)} has values of several types; write csv or jsonl instead"
        ) from error
