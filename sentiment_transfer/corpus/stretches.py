"""Stretches of a corpus: places from which a sample is read, and how much each stands for.

A sample from several places of each file is closer to the whole than its beginning: files are often
sorted. A stretch of a Parquet file begins at a row group, one of lines in the middle of the file,
after a line break; other files are read from their beginning.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Self, TypeVar

from sentiment_transfer.corpus.delimited import csv_rows
from sentiment_transfer.corpus.folders import count_texts
from sentiment_transfer.corpus.json_records import json_rows
from sentiment_transfer.corpus.lines import plain_rows
from sentiment_transfer.corpus.parquet import BATCH_ROWS, open_parquet, parquet_rows
from sentiment_transfer.corpus.sources import BUFFER, Location, suffixes
from sentiment_transfer.corpus.texts import ListedTexts, Texts
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentiment_transfer.corpus.rows import Source

__all__ = ["Stretch", "bytes_of", "read_stretches", "stretches_of"]

MOST_STRETCHES = 24

SMALL_FILE = 8 << 20
"""Smaller files of lines are one stretch."""

LINES = {"txt", "ft", "jsonl", "ndjson"}
NEVER = 1 << 62
"""Step of a stretch that is read as a whole, since nothing is known of its size."""

T = TypeVar("T")


@dataclass
class Stretch:
    """Texts from one place on.

    Attributes
    ----------
    texts
        What is read; it may go on beyond the stretch.
    units
        Number of texts, or of bytes of the file, for which the stretch stands.
    limit
        Number of texts of the stretch, if it is known.
    done
        Function of the number of texts read that returns the units read.
    step
        Texts that are read at a time: reading fewer takes as long.
    goes_on
        Whether the file goes on behind the stretch.
    n_texts, finished
        Number of texts read, and whether that is all of the stretch.
    """

    texts: Texts
    units: float
    limit: int | None = None
    done: Callable[[int], float] = float
    step: int = 64
    goes_on: bool = False
    n_texts: int = 0
    finished: bool = False

    @property
    def factor(self) -> float:
        """How often what was read fits into what the stretch stands for."""
        done = self.done(self.n_texts)
        return self.units / done if self.n_texts and done else 0.0

    def is_whole(self) -> bool:
        """Whether all that the stretch stands for was read."""
        return not self.n_texts or abs(self.factor - 1) < 1e-9

    def is_passed(self) -> bool:
        """Whether reading has come to what lies behind the stretch."""
        return self.goes_on and self.factor <= 1


def stretches_of(texts: Texts) -> list[Stretch]:
    """Return some stretches, spread over all sources.

    Raises ``InputError`` for texts that can be read only once, such as standard input.
    """
    if isinstance(texts, ListedTexts):
        return _listed(texts)
    sources = texts.sources
    chosen = _spread(sources, MOST_STRETCHES)
    most = max(1, MOST_STRETCHES // max(1, len(chosen)))
    found = [each for source in chosen for each in _of_source(texts, source, most)]
    if len(chosen) < len(sources):
        sizes = [sum(_size(source) or 0 for source in some) for some in (sources, chosen)]
        times = sizes[0] / sizes[1] if sizes[1] else len(sources) / len(chosen)
        for each in found:
            each.units *= times
    return found


def read_stretches(stretches: Sequence[Stretch], seconds: float) -> Iterator[str]:
    """Yield texts of every stretch, as many as fit into the time; of each at least ``step``."""
    began = time.perf_counter()
    for number, stretch in enumerate(stretches, 1):
        until = began + seconds * number / len(stretches)
        for text in stretch.texts:
            stretch.n_texts += 1
            yield text
            looks = stretch.n_texts % stretch.step == 0
            if stretch.n_texts == stretch.limit or (looks and stretch.is_passed()):
                stretch.finished = True
                break
            if looks and time.perf_counter() >= until:
                break
        else:
            stretch.finished = True


def bytes_of(texts: Texts) -> int | None:
    """Return the size of the files of texts; None if they are not in files of known size."""
    sizes = [_size(source) for source in texts.sources]
    known = [size for size in sizes if size is not None]
    return sum(known) if sizes and len(known) == len(sizes) else None


def _size(source: Source) -> int | None:
    place = source.location
    if place is None or place.fs.protocol == ("stream",):
        return None
    size = place.fs.info(place.path).get("size")
    return None if size is None else int(size)


def _listed(texts: ListedTexts) -> list[Stretch]:
    """Return stretches of a list."""
    items = texts.items
    bounds = _bounds(len(items), min(MOST_STRETCHES, 1 + len(items) // 4096))
    return [
        Stretch(ListedTexts(items[first:last]), last - first, last - first)
        for first, last in pairwise(bounds)
    ]


def _bounds(size: int, parts: int) -> list[int]:
    return [size * part // parts for part in range(parts + 1)]


def _spread(items: Sequence[T], most: int) -> list[T]:
    """Return some of the items, up to a number, spread evenly."""
    n = min(len(items), most)
    return [items[(2 * i + 1) * len(items) // (2 * n)] for i in range(n)]


def _of_source(texts: Texts, source: Source, most: int) -> list[Stretch]:
    """Return stretches of a source, up to a number."""
    place, rows = source.location, source.rows
    if place is None or not isinstance(rows, partial):
        return [_in_memory(texts, source)]
    form, packed = suffixes(place.name)
    if place.fs.protocol == ("stream",):
        raise _once(source)
    if rows.func is parquet_rows:
        return _of_parquet(texts, source, place, most)
    if rows.func not in _STREAMS:
        return [_whole(texts, source)]
    size = _size(source) or 0
    whole = packed or form not in LINES or size <= SMALL_FILE or not _has_plain_lines(place)
    bounds = _bounds(size, 1 if whole else most)
    found = [_of_bytes(texts, source, place, first, last) for first, last in pairwise(bounds)]
    found[-1].goes_on = False
    return found


_STREAMS = {csv_rows, json_rows, plain_rows}
"""Readers that read a file from its beginning to its end."""


def _once(source: Source) -> InputError:
    message = "can be read only once, so it cannot be sampled; give a file or a list"
    return InputError(message, path=source.name)


def _in_memory(texts: Texts, source: Source) -> Stretch:
    """Return the whole of a table, a list or a folder; raises for a generator."""
    rows = source.rows
    if not isinstance(rows, partial):
        raise _once(source)
    n = len(rows.args[0]) if hasattr(rows.args[0], "__len__") else count_texts(source)
    if n is None:
        return _whole(texts, source)
    return Stretch(texts.of_source(source), n, n)


def _whole(texts: Texts, source: Source) -> Stretch:
    return Stretch(texts.of_source(source), 1.0, done=lambda _: 1.0, step=NEVER)


def _has_plain_lines(place: Location) -> bool:
    """Whether lines end at the byte of a line break: not in UTF-16 and UTF-32."""
    with place.fs.open(place.path, "rb") as file:
        return b"\0" not in file.read(1 << 16)


def _of_parquet(texts: Texts, source: Source, place: Location, most: int) -> list[Stretch]:
    rows: Any = source.rows
    with open_parquet(place, rows.args[2]) as table:
        sizes = table.group_sizes()
    bounds = _bounds(len(sizes), max(1, min(most, len(sizes))))
    found = []
    for first, last in pairwise(bounds):
        begin = first if len(bounds) == 2 else (first + last) // 2
        some = partial(rows, groups=range(begin, len(sizes)))
        part = texts.of_source(replace(source, rows=some))
        size = sum(sizes[first:last])
        found.append(Stretch(part, size, size, step=BATCH_ROWS))
    return found


def _of_bytes(texts: Texts, source: Source, place: Location, first: int, last: int) -> Stretch:
    rows: Any = source.rows
    counted = _Counted(place.fs, first)
    location = Location(counted, place.path, place.name)
    rows = partial(rows.func, location, *rows.args[1:], **rows.keywords)
    part = texts.of_source(replace(source, rows=rows))
    return Stretch(part, last - first, done=lambda _: counted.read, goes_on=True)


@dataclass
class _Counted:
    """A file system that opens files behind the line break after a place, and counts bytes."""

    fs: Any
    start: int
    n_bytes: int = 0
    ended: bool = False

    @property
    def read(self) -> float:
        """Bytes that were used; on average, half of the buffer was not."""
        return self.n_bytes if self.ended else max(1, self.n_bytes - BUFFER / 2)

    def open(self, path: str, mode: str) -> _CountedFile:
        file = self.fs.open(path, mode)
        if self.start:
            file.seek(self.start)
            file.readline()
        self.n_bytes, self.ended = 0, False
        return _CountedFile(file, self)


class _CountedFile:
    def __init__(self, file: Any, counted: _Counted) -> None:  # noqa: ANN401
        self._file = file
        self._counted = counted

    def read(self, size: int = -1) -> bytes:
        content: bytes = self._file.read(size)
        self._counted.n_bytes += len(content)
        self._counted.ended = not content
        return content

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
