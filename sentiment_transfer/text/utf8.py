"""Texts as the bytes of an Arrow array, of which a str is made only where one is needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from sentiment_transfer.errors import InputError
from sentiment_transfer.text.tokenizer import MAX_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["Utf8Texts"]


class Utf8Texts(Sequence[str]):
    """A sequence of texts in one array.

    Attributes
    ----------
    data
        UTF-8 of the texts, uint8; text ``i`` is ``data[offsets[i]:offsets[i + 1]]``.
    offsets
        int64 ``(n + 1,)``.

    Examples
    --------
    >>> import pyarrow as pa
    >>> list(Utf8Texts.of(pa.array(["good", "", "café"], pa.large_string())))
    ['good', '', 'café']
    """

    def __init__(self, data: NDArray[np.uint8], offsets: NDArray[np.int64]) -> None:
        self.data = data
        self.offsets = offsets

    @classmethod
    def of(cls, texts: pa.Array[Any]) -> Utf8Texts:
        """Return a ``large_string`` array of valid UTF-8 without nulls; nothing is copied.

        Both arrays are read-only.
        """
        buffers: list[Any] = texts.buffers()
        _, offsets, data = buffers
        if not len(texts):
            return cls(np.zeros(0, np.uint8), np.zeros(1, np.int64))
        first, last = texts.offset, texts.offset + len(texts) + 1
        # an array of empty texts may have no bytes at all
        raw = np.frombuffer(b"" if data is None else data, np.uint8)
        return cls(raw, np.frombuffer(offsets, np.int64)[first:last])

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> Utf8Texts: ...
    def __getitem__(self, place: int | slice) -> str | Utf8Texts:
        if isinstance(place, slice):
            first, last, step = place.indices(len(self))
            if step != 1:
                raise IndexError("a part of texts has no steps; take them one by one")
            return Utf8Texts(self.data, self.offsets[first : max(first, last) + 1])
        place = range(len(self))[place]
        first, last = self.offsets[place : place + 2].tolist()
        return self.data[first:last].tobytes().decode()

    @property
    def n_bytes(self) -> int:
        """Bytes of all texts."""
        return int(self.offsets[-1] - self.offsets[0])

    def batches(self, size: int) -> Iterator[Utf8Texts]:
        """Yield parts of ``size`` bytes or slightly more; the last may be shorter.

        Raises ``InputError`` for a text of more than `MAX_CHARACTERS`, with its index.
        """
        lengths = np.diff(self.offsets)
        for place in np.flatnonzero(lengths > MAX_CHARACTERS).tolist():
            if (n := len(self[place])) > MAX_CHARACTERS:
                raise InputError(
                    f"text {place} has {n:,} characters; at most {MAX_CHARACTERS:,} are allowed "
                    "(split it, or leave it out)"
                )
        first = 0
        while first < len(self):
            end = int(np.searchsorted(self.offsets, self.offsets[first] + size))
            yield self[first : max(end, first + 1)]
            first = max(end, first + 1)
