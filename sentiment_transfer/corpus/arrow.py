"""Values of Arrow arrays whose strings may be too long for a row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.corpus.rows import LONGEST_ROW, OR_SKIP
from sentiment_transfer.errors import InputError, shortened, shown
from sentiment_transfer.text.inputs import ArrowValues

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["TooLong", "check_type", "expanded_bytes", "python_values"]


class TooLong:
    """Stands for a string that is too long to become one of Python's."""

    def __init__(self, column: str) -> None:
        self._column = column

    def error(self, place: int, name: str) -> InputError:
        """Return the error of the row at a place."""
        message = f"row {place}: longer than {LONGEST_ROW:,} bytes (column {shown(self._column)})"
        return InputError(f"{message}; split it, {OR_SKIP}", path=name)


def expanded_bytes(array: Any) -> int:  # noqa: ANN401
    """Return the bytes of an array if each row holds its own value."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_dictionary(array.type):
        return int(array.nbytes)
    return int(array.indices.nbytes + (pc.sum(_lengths(array.dictionary, array)).as_py() or 0))


def _lengths(strings: Any, array: Any) -> Any:  # noqa: ANN401  (Arrow arrays)
    """Return the bytes of the string in each row, 0 of a value of another type."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not (pa.types.is_string(strings.type) or pa.types.is_large_string(strings.type)):
        return pa.array(np.zeros(len(array), np.int32))
    lengths = pc.binary_length(strings).fill_null(0)
    return lengths if strings is array else lengths.take(array.indices).fill_null(0)


def python_values(array: Any, column: str) -> Iterator[object]:  # noqa: ANN401
    """Convert an array; lengths are looked at before a string of Python is made."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if expanded_bytes(array) <= LONGEST_ROW:
        return iter(ArrowValues(array))
    coded = pa.types.is_dictionary(array.type)
    strings = array.dictionary if coded else array
    lengths = _lengths(strings, array).to_pylist()
    if max(lengths) <= LONGEST_ROW:
        return iter(ArrowValues(array))
    limit: Any = LONGEST_ROW
    too_long = pc.greater(pc.binary_length(strings), limit)
    gap: Any = pa.scalar(None, strings.type)
    short = pc.if_else(too_long, gap, strings)
    values = pa.DictionaryArray.from_arrays(array.indices, short) if coded else short
    return (
        TooLong(column) if length > LONGEST_ROW else value
        for length, value in zip(lengths, ArrowValues(values), strict=True)
    )


def check_type(kind: Any, column: str, labels: bool, name: str) -> None:  # noqa: ANN401
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
