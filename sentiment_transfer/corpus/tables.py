"""Tables in memory; rows are numbered from 0."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from itertools import count, repeat
from os import PathLike
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from sentiment_transfer.corpus.columns import column_places, guessed
from sentiment_transfer.errors import InputError
from sentiment_transfer.text.inputs import ArrowValues

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    import pyarrow as pa
    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.rows import Item

__all__ = ["are_whole", "first_missing", "refuse_floats", "table_columns", "table_rows"]


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
    columns = guessed(columns, names, "DataFrame")
    picked = [frame.iloc[:, place] for place in column_places(columns, names, "DataFrame")]
    if columns.label is None or picked[1].dtype.kind != "f":
        return picked
    floats = picked[1].to_numpy(dtype=float, na_value=np.nan)
    labels = without_gaps(floats) if columns.blanks else None
    if labels is None:
        refuse_floats(first_missing(picked[1].isna()), "DataFrame")
    return [picked[0], labels]


def _arrow_columns(table: pa.Table, columns: Columns) -> Sequence[Iterable[object]]:
    import pyarrow as pa

    name = type(table).__name__
    columns = guessed(columns, table.schema.names, name)
    picked = [table.column(i) for i in column_places(columns, table.schema.names, name)]
    values = [ArrowValues(column) for column in picked]
    kind: Any = None if columns.label is None else picked[1].type
    if kind is None or not pa.types.is_floating(kind):
        return values
    floats = np.array(picked[1].to_pylist(), dtype=float)
    labels = without_gaps(floats) if columns.blanks else None
    if labels is None:
        refuse_floats(first_missing(picked[1].is_null(nan_is_null=True)), name)
    return [values[0], labels]


def without_gaps(values: NDArray[np.floating]) -> list[int | None] | None:
    """Return floats ``(n,)`` as integers, missing ones as None.

    Returns None if no value is missing, or one is not a whole number: then they are floats for
    another reason than a gap.
    """
    given = values[~np.isnan(values)]
    if len(given) == len(values) or not are_whole(given):
        return None
    return [None if value != value else int(value) for value in values.tolist()]


def are_whole(values: NDArray[np.floating]) -> bool:
    """Whether floats ``(n,)`` are whole numbers; missing ones are none."""
    return bool(np.all(np.isfinite(values) & (values == np.round(values))))


def first_missing(missing: ArrayLike) -> int | None:
    """Return the first row that a mask ``(n,)`` marks, if any."""
    gaps = np.flatnonzero(np.asarray(missing))
    return int(gaps[0]) if gaps.size else None


def refuse_floats(gap: int | None, name: str) -> NoReturn:
    """Raise for a label column of floats; ``gap`` is the first row without a label, if any."""
    if gap is not None:
        message = (
            f"row {gap}: label is missing, which turned the whole column into floats (1 is now "
            "1.0); drop such rows, then convert the column to integers or strings"
        )
    else:
        message = (
            "the labels are floats, and the label 1.0 differs from 1; "
            "convert the column to integers or strings"
        )
    raise InputError(message, path=name)
