"""Parquet files and tables in memory; rows are numbered from 0."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from itertools import count, repeat
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.corpus.rows import LONGEST_ROW, OR_SKIP, column_places
from sentiment_transfer.corpus.sources import suffixes
from sentiment_transfer.errors import InputError
from sentiment_transfer.text.inputs import ArrowValues, python_values

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq
    from numpy.typing import ArrayLike

    from sentiment_transfer.corpus.rows import Columns, Item
    from sentiment_transfer.corpus.sources import Location

__all__ = ["parquet_rows", "table_columns", "table_rows"]

BATCH_ROWS = 1024


def parquet_rows(location: Location, columns: Columns, max_bytes: int) -> Iterator[Item]:
    """Read the wanted columns of a Parquet file, ``BATCH_ROWS`` rows at a time."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if suffixes(location.name)[1]:
        raise InputError("Parquet is compressed inside; unpack the file", path=location.name)
    try:
        with location.fs.open(location.path, "rb") as raw:
            yield from _parquet_items(pq.ParquetFile(raw), location.name, columns, max_bytes)
    except UnicodeDecodeError as error:
        message = "the name of a column is not UTF-8; rename the column"
        raise InputError(message, path=location.name) from error
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"cannot be read as Parquet: {error}", path=location.name) from error


def _parquet_items(
    file: pq.ParquetFile, name: str, columns: Columns, max_bytes: int
) -> Iterator[Item]:
    column_places(columns, file.schema_arrow.names, name)
    for column in columns.wanted:
        _check_type(file.schema_arrow.field(column).type, column, column == columns.label, name)
    if columns.label is not None:
        _refuse_float_labels(file.read(columns=[columns.label])[columns.label], name)
    place = 0
    for batch in file.iter_batches(BATCH_ROWS, columns=columns.wanted):
        max_bytes -= batch.nbytes
        if max_bytes < 0:
            raise InputError(
                "expands to more than max_bytes; pass a larger max_bytes if you trust the file",
                path=name,
            )
        values = [python_values(batch[column]) for column in columns.wanted]
        for text, label in zip(values[0], values[-1], strict=True):
            if isinstance(text, str) and len(text) > LONGEST_ROW:
                message = (
                    f"row {place}: longer than {LONGEST_ROW:,} characters; split it, {OR_SKIP}"
                )
                yield InputError(message, path=name)
            else:
                yield place, text, label
            place += 1


def _check_type(kind: Any, column: str, labels: bool, name: str) -> None:  # noqa: ANN401
    """Raise for a column that can hold no texts or labels, such as one of dates."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    of_text = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    of_labels = (pa.types.is_integer, pa.types.is_boolean, pa.types.is_floating)  # floats: below
    allowed = (*of_text, pa.types.is_null, *(of_labels if labels else ()))
    if not any(is_kind(kind) for is_kind in allowed):
        raise InputError(
            f"the column {column!r} holds {kind}; convert it to strings"
            f"{' or integers' if labels else ', or name another one'}",
            path=name,
        )


def table_rows(texts: Iterable[object], labels: Iterable[object] | None = None) -> Iterator[Item]:
    """Yield the rows of columns in memory."""
    yield from zip(count(), texts, repeat(None) if labels is None else labels, strict=False)


def table_columns(source: object, columns: Columns) -> Sequence[Iterable[object]] | None:
    """Return the wanted columns of a table in memory, or None if ``source`` is not a table.

    pandas and pyarrow are not imported here: if their objects are passed, they already are.
    """
    pd, pa = sys.modules.get("pandas"), sys.modules.get("pyarrow")
    if pd is not None and isinstance(source, pd.DataFrame):
        return _pandas_columns(source, columns)
    if pa is not None and isinstance(source, pa.Table | pa.RecordBatch):
        return _arrow_columns(source, columns)
    if columns.label is None:
        if pd is not None and isinstance(source, pd.Series):
            return [source]
        if pa is not None and isinstance(source, pa.Array | pa.ChunkedArray):
            return [ArrowValues(source)]
    elif (
        isinstance(source, tuple) and len(source) == 2 and not isinstance(source[0], str | PathLike)
    ):
        return _pair(*source)
    return None


def _pair(texts: object, labels: object) -> Sequence[Iterable[object]]:
    pair = [_listed("texts", texts), _listed("labels", labels)]
    if len(pair[0]) != len(pair[1]):
        raise InputError(f"{len(pair[0])} texts but {len(pair[1])} labels; pass one for each text")
    return pair


def _listed(name: str, column: object) -> list[object]:
    pa = sys.modules.get("pyarrow")
    if pa is not None and isinstance(column, pa.Array | pa.ChunkedArray):
        return list(ArrowValues(column))
    if not isinstance(column, Iterable) or isinstance(column, str | bytes | Mapping):
        raise InputError(f"{name} must be a list, an array or a column, not {column!r:.80}")
    return list(column)


def _pandas_columns(frame: pd.DataFrame, columns: Columns) -> Sequence[Iterable[object]]:
    names = [str(name) for name in frame.columns]
    picked = [frame.iloc[:, place] for place in column_places(columns, names, "DataFrame")]
    if columns.label is not None and picked[1].dtype.kind == "f":
        _refuse_floats(picked[1].isna(), "DataFrame")
    return picked


def _arrow_columns(table: pa.Table, columns: Columns) -> Sequence[Iterable[object]]:
    name = type(table).__name__
    picked = [table.column(i) for i in column_places(columns, table.schema.names, name)]
    if columns.label is not None:
        _refuse_float_labels(picked[1], name)
    return [ArrowValues(column) for column in picked]


def _refuse_float_labels(column: Any, name: str) -> None:  # noqa: ANN401
    import pyarrow as pa

    if pa.types.is_floating(column.type):
        _refuse_floats(column.is_null(nan_is_null=True), name)


def _refuse_floats(missing: ArrayLike, name: str) -> None:
    """Raise for a label column of floats, naming the first row without a label."""
    gaps = np.flatnonzero(np.asarray(missing))
    if gaps.size:
        message = (
            f"row {gaps[0]}: label is missing, which turned the whole column into floats (1 is now "
            "1.0); drop such rows, then convert the column to integers or strings"
        )
    else:
        message = (
            "the labels are floats, and the label 1.0 differs from 1; "
            "convert the column to integers or strings"
        )
    raise InputError(message, path=name)
