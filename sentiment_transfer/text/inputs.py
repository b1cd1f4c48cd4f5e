"""Texts as users pass them: any iterable of str, but no str, table or mapping."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sentiment_transfer.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pyarrow as pa

__all__ = ["ArrowValues", "as_iterable_of_texts"]

BATCH_ROWS = 4096
"""Rows of an Arrow array that are converted at a time."""


def as_iterable_of_texts(texts: Iterable[str]) -> Iterable[str]:
    """Return texts as an iterable of str; an Arrow column would yield pyarrow objects.

    Raises ``InputError`` for a single str, a table and a mapping, which would iterate over
    characters, column names and keys, for a set, which has no order, and for no iterable.
    """
    if hasattr(texts, "columns"):
        names = list(getattr(texts, "column_names", texts.columns))
        raise InputError(f"texts is a table of the columns {names}; pass the column of texts")
    if isinstance(texts, str):
        raise InputError(
            f"texts is a single str ({texts[:40]!r}); pass a list of texts, "
            "or read a file with read_texts(path)"
        )
    if isinstance(texts, Mapping):
        raise InputError("texts is a mapping; pass its values: list(texts.values())")
    if isinstance(texts, set | frozenset):
        raise InputError("texts is a set, which has no order; pass a list: sorted(texts)")
    if not (hasattr(texts, "__iter__") or hasattr(texts, "__getitem__")):
        raise InputError(f"texts is {shown(texts)}; pass a list of texts")
    pa = sys.modules.get("pyarrow")  # imported by the caller, if at all
    if pa is not None and isinstance(texts, pa.Array | pa.ChunkedArray):
        return ArrowValues(texts)
    return texts


class ArrowValues:
    """Iterates over an Arrow array as Python objects without creating all of them at once.

    Rows with the same entry of a dictionary share one object. Strings that are not UTF-8 are bytes.
    """

    def __init__(self, array: pa.Array[Any] | pa.ChunkedArray[Any]) -> None:
        self._array = array

    def __iter__(self) -> Iterator[Any]:
        import pyarrow as pa

        chunks = getattr(self._array, "chunks", [self._array])
        dictionary = pa.types.is_dictionary(self._array.type)
        for chunk in chunks:
            yield from _dictionary_values(chunk) if dictionary else _values(chunk)


def _values(array: Any) -> Iterator[object]:  # noqa: ANN401
    for start in range(0, len(array), BATCH_ROWS):
        batch = array.slice(start, BATCH_ROWS)
        try:
            yield from batch.to_pylist()
        except UnicodeDecodeError:
            yield from map(_python_value, batch)


def _dictionary_values(array: Any) -> Iterator[object]:  # noqa: ANN401
    known: dict[object, object] = {None: None}
    for index in _values(array.indices):
        if index not in known:
            known[index] = _python_value(array.dictionary[index])
        yield known[index]


def _python_value(scalar: Any) -> object:  # noqa: ANN401
    try:
        return scalar.as_py()
    except UnicodeDecodeError:
        return scalar.as_buffer().to_pybytes()
