"""Parquet files as Arrow arrays, some thousand rows at a time, for results beside their columns.

The files, the checks and the bad rows are those of `parquet`; no row becomes an object of Python.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_transfer.corpus.arrow import TooLong, check_type, expanded_bytes, python_values
from sentiment_transfer.corpus.columns import column_places, guessed, no_column
from sentiment_transfer.corpus.parquet import BATCH_BYTES, open_parquet
from sentiment_transfer.corpus.rows import LONGEST_ROW, Source, text_of
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.text.inputs import ArrowValues

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa
    from numpy.typing import NDArray

    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.rows import SkippedRows
    from sentiment_transfer.corpus.sources import FileOptions, Location

    Array = pa.Array[Any]

__all__ = ["ParquetBatches", "TextBatch"]


class TextBatch(NamedTuple):
    """Some rows: the columns that are kept, and the texts, ``large_string`` without nulls."""

    columns: list[Array]
    texts: Array


class ParquetBatches:
    """The rows of a Parquet file; each iteration reads it again.

    Parameters
    ----------
    location, columns, options
        As for the other readers of files; the labels of ``columns`` are not read.
    skipped
        Raises for bad rows, or counts them.
    keep
        Names of the columns to keep, in this order; all if None.

    Attributes
    ----------
    text
        Name of the column of the texts.
    schema
        Columns that are kept, strings in place of dictionaries of them.

    Raises
    ------
    InputError
        At once for what concerns the whole file, during an iteration for a bad row.
    SettingError
        A name of ``keep`` is no column.
    """

    def __init__(
        self,
        location: Location,
        columns: Columns,
        options: FileOptions,
        skipped: SkippedRows,
        keep: Sequence[str] | None = None,
    ) -> None:
        import pyarrow as pa

        self._location, self._options, self._skipped = location, options, skipped
        with open_parquet(location, options) as table:
            table.check_counts()
            found = table.names()
            columns = guessed(columns, found, location.name)
            column_places(columns, found, location.name)
            self.text = columns.text
            check_type(table.type_of(self.text), self.text, False, location.name)
            for name in keep or ():
                if name not in found:
                    raise SettingError(no_column(name, "keep", found))
            names = found if keep is None else dict.fromkeys(keep)
            self.schema = pa.schema([(name, _written(table.type_of(name))) for name in names])

    def __iter__(self) -> Iterator[TextBatch]:
        with open_parquet(self._location, self._options) as table:
            names, place = list(dict.fromkeys([self.text, *self.schema.names])), 0
            for group in range(table.n_groups):
                first = place
                for arrays in _aligned([_parts(table.parts(group, name)) for name in names]):
                    yield self._batch(dict(zip(names, arrays, strict=True)), place)
                    place += len(arrays[0])
                table.check_group(group, place - first)

    def _batch(self, arrays: dict[str, Array], place: int) -> TextBatch:
        """Return the good rows of arrays of the same length."""
        name = self._location.name
        errors = {i: e.error(place + i, name) for a in arrays.items() for i, e in _long(*a).items()}
        texts, wrong = _texts(arrays[self.text], errors)
        source = Source(name, lambda: iter(()), "row")
        for row, value in wrong.items():
            error = text_of(source, (place + row, value, None))
            if isinstance(error, InputError):
                errors[row] = error
        for row in sorted(errors):
            self._skipped.bad(errors[row])
        good = np.ones(len(texts), np.bool_)
        good[[*errors]] = False
        columns = [_of_type(_chosen(arrays[f.name], good), f.type) for f in self.schema]
        return TextBatch(columns, _chosen(texts, good))


def _written(kind: pa.DataType) -> pa.DataType:
    """Return the type that a column is written with."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return _written(kind.value_type)
    return pa.large_string() if pa.types.is_string_view(kind) else kind


def _parts(arrays: Iterator[Array]) -> Iterator[Array]:
    """Halve arrays until each fits into ``BATCH_BYTES`` without its dictionary, or is one row."""
    for array in arrays:
        half = len(array) // 2
        if half and expanded_bytes(array) > BATCH_BYTES:
            yield from _parts(iter((array.slice(0, half), array.slice(half))))
        elif len(array):
            yield array


def _aligned(columns: Sequence[Iterator[Array]]) -> Iterator[list[Array]]:
    """Cut the parts of columns to the same rows; ends with the shortest column."""
    held = [next(column, None) for column in columns]
    while all(array is not None for array in held):
        arrays: list[Any] = held
        n = min(map(len, arrays))
        yield [array.slice(0, n) for array in arrays]
        held = [
            array.slice(n) if len(array) > n else next(column, None)
            for array, column in zip(arrays, columns, strict=True)
        ]


def _texts(array: Array, too_long: Mapping[int, object]) -> tuple[Array, dict[int, object]]:
    """Return texts, empty where one is missing, and the values that are none, by their row."""
    import pyarrow as pa

    texts = _of_type(array, pa.large_string()).fill_null("")
    try:
        texts.validate(full=True)
    except pa.ArrowInvalid:
        values = enumerate(ArrowValues(texts))
        return texts, {i: v for i, v in values if i not in too_long and not isinstance(v, str)}
    return texts, {}


def _long(name: str, array: Array) -> dict[int, TooLong]:
    """Return what stands for values that are too long for a row, by their row."""
    if expanded_bytes(array) <= LONGEST_ROW:
        return {}
    values = enumerate(python_values(array, name))
    return {row: value for row, value in values if isinstance(value, TooLong)}


def _of_type(array: Array, kind: pa.DataType) -> Array:
    return array if array.type == kind else array.cast(kind)


def _chosen(array: Array, good: NDArray[np.bool_]) -> Array:
    import pyarrow as pa

    return array if good.all() else array.filter(pa.array(good))
