"""Reading texts, and texts with labels, from files, folders, tables and memory.

A source is a stream of items (see `rows`). Good rows are passed on; a bad row raises or, with
``skip_bad``, is counted and its message kept, so nothing is left out silently.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from os import PathLike
from typing import TYPE_CHECKING, TypeGuard

from sentiment_transfer.corpus.delimited import csv_rows
from sentiment_transfer.corpus.folders import folder_source
from sentiment_transfer.corpus.lines import fasttext_rows, json_rows, plain_rows
from sentiment_transfer.corpus.parquet import parquet_rows
from sentiment_transfer.corpus.rows import (
    ColumnNames,
    Columns,
    LabelledRows,
    SkippedRows,
    Source,
    good_rows,
    text_of,
)
from sentiment_transfer.corpus.sources import MAX_BYTES, check_kind, locate, suffixes
from sentiment_transfer.corpus.tables import table_columns, table_rows
from sentiment_transfer.errors import InputError, SettingError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sentiment_transfer.corpus.rows import Item
    from sentiment_transfer.corpus.sources import Location

__all__ = ["Labelled", "Texts", "looks_like_path", "read_labelled", "read_texts"]

FORMATS: dict[str, Callable[[Location, Columns, int], Iterator[Item]]] = {
    "csv": partial(csv_rows, delimiter=","),
    "tsv": partial(csv_rows, delimiter="\t"),
    "jsonl": json_rows,
    "ndjson": json_rows,
    "parquet": parquet_rows,
    "txt": plain_rows,
    "ft": plain_rows,
}
URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)


class Texts:
    """A stream of texts that can be iterated repeatedly; returned by `read_texts`.

    Each iteration reads the sources again, in the same order. Memory does not grow with a corpus in
    files. ``len`` is available if the source is a list or tuple of strings.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        skip_bad: bool = False,
        on_skip: Callable[[str], None] | None = None,
    ) -> None:
        self._sources = sources
        self._skip_bad = skip_bad
        self._on_skip = on_skip
        self._skipped = SkippedRows(skip_bad, None)

    @property
    def skipped(self) -> list[str]:
        """Messages of the latest pass, at most 1,000: bad rows, and counts of blank lines."""
        return self._skipped.messages

    @property
    def n_skipped(self) -> int:
        """Number of bad rows left out by the latest pass."""
        return self._skipped.n_bad

    def __iter__(self) -> Iterator[str]:
        skipped = self._skipped = SkippedRows(self._skip_bad, self._on_skip)
        yield from good_rows(self._sources, text_of, skipped)
        self._on_skip = None  # reported once; further passes leave out the same

    def batches(self, size: int) -> Iterator[list[str]]:
        """Yield lists of ``size`` texts, the last one perhaps shorter."""
        if size < 1:
            raise SettingError(f"size={size} is not allowed; it must be an integer of at least 1")
        texts = iter(self)
        while batch := list(islice(texts, size)):
            yield batch


class _ListedTexts(Texts):
    """Texts in a list or tuple, returned unchanged."""

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__(())
        self._texts = texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)


@dataclass(frozen=True)
class Labelled:
    """Texts with their labels.

    Attributes
    ----------
    texts, labels
        Lists of the same length; labels are strings exactly as written.
    skipped
        Messages about what was left out (at most 1,000).
    """

    texts: list[str]
    labels: list[str]
    skipped: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if len(self.texts) != len(self.labels):
            raise InputError(f"{len(self.texts)} texts but {len(self.labels)} labels")

    def __len__(self) -> int:
        return len(self.texts)


def read_texts(
    source: object,
    *,
    text: str = "text",
    skip_bad: bool = False,
    on_skip: Callable[[str], None] | None = None,
    max_bytes: int = MAX_BYTES,
    columns: ColumnNames | None = None,
) -> Texts:
    """Read texts from files, folders, tables or memory.

    Parameters
    ----------
    source
        A path, URL (through fsspec) or glob pattern of ``.csv``, ``.tsv``, ``.jsonl``, ``.ndjson``,
        ``.parquet``, ``.txt`` (one text a line) or ``.ft`` (fastText lines, labels cut off) files,
        all but Parquet also with ``.gz`` or ``.zst``; a folder of ``.txt`` files or of ``pos``,
        ``neg`` and ``unsup`` folders of them; a list of any of these; a pandas DataFrame or Series;
        a pyarrow Table or Array; an iterable of strings, a generator for one pass only. The
        apostrophe that ``predict`` writes in CSV before a text that a spreadsheet would run is
        taken off.

        The strings of a list are texts, unless the first is a URL or ends in one of these suffixes;
        this depends on the form alone, not on what exists. Do not pass untrusted strings (from a
        web form): one in the form of a path would be opened.
    text
        The column of the texts, for sources with columns. If the default is missing in a table,
        its only column or the one of a usual name is read instead, with a warning: text, review,
        comment, body, content, sentence, 评论, 评价 or 内容, in any case.
    skip_bad
        Leave bad rows out and count them instead of raising the first.
    on_skip
        Called with each message about something left out, until the first pass is complete.
    max_bytes
        A compressed or Parquet file that expands to more is refused.
    columns
        Names that are looked for before the usual ones, where no other column is named.

    Returns
    -------
    Texts
        A missing text (an empty field, null, None, NaN) is an empty text, so that each row of a
        table gives one; NA and null are words. Blank lines are skipped and counted.

    Raises
    ------
    InputError
        Immediately, if the source does not exist or has no known form. During a pass, with file and
        line, for a bad row, a source without texts, a damaged or too large file, a missing column.
    """
    if isinstance(source, Texts):
        return source
    if _lists_texts(source):
        return _ListedTexts(source)
    sources = _sources_of(source, Columns(text, None, columns), max_bytes)
    return Texts(sources, skip_bad=skip_bad, on_skip=on_skip)


def read_labelled(
    source: object,
    *,
    text: str = "text",
    label: str = "label",
    skip_bad: bool = False,
    on_skip: Callable[[str], None] | None = None,
    max_bytes: int = MAX_BYTES,
    columns: ColumnNames | None = None,
) -> Labelled:
    """Read texts with their labels into memory.

    Accepts the sources of `read_texts` that have labels: tables, JSON lines, fastText lines (in a
    file or a list), a folder with ``pos`` and ``neg`` (labels "positive" and "negative"), a pair
    ``(texts, labels)``.

    A label is kept as written, but for white space around those of CSV and TSV: "01" is not "1",
    "NA" and "null" are words. Labels that differ in space or case alone are warned of. Integers
    and booleans of typed sources become "1" and "True". An empty or missing text or label, a float
    or a list as label, and two labels on one line are bad rows. Labels of several types in one
    source are an error, since 1 and "1" would become one class.

    Parameters
    ----------
    source, text, skip_bad, on_skip, max_bytes, columns
        As for `read_texts`, with the same errors.
    label
        The column of the labels, for sources with columns; usual names are label, sentiment,
        polarity, rating, stars, 标签 and 情感.
    """
    if isinstance(source, Labelled):
        return source
    skipped = SkippedRows(skip_bad, on_skip)
    sources = _sources_of(source, Columns(text, label, columns), max_bytes)
    rows = list(good_rows(sources, LabelledRows(), skipped))
    _warn_of_labels_alike({label for _, label in rows})
    return Labelled([row[0] for row in rows], [row[1] for row in rows], skipped.messages)


def _warn_of_labels_alike(labels: set[str]) -> None:
    """Warn once of labels that differ in space or case alone."""
    first: dict[str, str] = {}
    pairs = []
    for label in sorted(labels):
        alike = first.setdefault("".join(label.casefold().split()), label)
        pairs += [(alike, label)] if alike != label else []
    if pairs:
        more = f" (and {len(pairs) - 1:,} more such pairs)" if len(pairs) > 1 else ""
        warnings.warn(
            f"the labels {shown(pairs[0][0])} and {shown(pairs[0][1])}{more} differ in space or "
            "case alone, and count as two; write one of them like the other",
            stacklevel=3,
        )


def _lists_texts(source: object) -> TypeGuard[Sequence[str]]:
    return (
        isinstance(source, list | tuple)
        and set(map(type, source)) <= {str}
        and not any(map(looks_like_path, source[:1]))
    )


def _sources_of(source: object, columns: Columns, max_bytes: int) -> list[Source]:
    """Return the sources of ``source``; files must exist, but are not read yet."""
    if isinstance(source, str | PathLike):
        return [_file_source(location, columns, max_bytes) for location in locate(source)]
    table = table_columns(source, columns)
    if table is not None:
        return [Source(type(source).__name__, partial(table_rows, *table), "row")]
    if isinstance(source, list | tuple) and source and looks_like_path(source[0]):
        locations = [location for path in _paths(source) for location in locate(path)]
        return [_file_source(location, columns, max_bytes) for location in locations]
    if not isinstance(source, Iterable) or isinstance(source, bytes | Mapping):
        raise InputError(
            f"cannot read a {type(source).__name__}; pass a path, a URL, a list of texts, "
            "a pandas DataFrame or Series, or a pyarrow Table or Array"
        )
    return [_item_source(source, columns)]


def looks_like_path(item: object) -> bool:
    """Whether an item is a path or URL by its form: a path object, a URL, a known suffix."""
    if not isinstance(item, str):
        return isinstance(item, PathLike)
    if len(item) > 4096 or "\n" in item:
        return False
    return URL.fullmatch(item) is not None or suffixes(item)[0] in FORMATS


def _paths(items: Iterable[object]) -> Iterator[str | PathLike[str]]:
    for place, item in enumerate(items):
        if not isinstance(item, str | PathLike) or not looks_like_path(item):
            raise InputError(
                f"the list begins with a path, but its item {place}, {item!r:.80}, is not one; "
                "pass folders as pathlib.Path, and texts that look like paths as a pandas Series"
            )
        yield item


def _file_source(location: Location, columns: Columns, max_bytes: int) -> Source:
    check_kind(location)
    suffix = suffixes(location.name)[0]
    if suffix not in FORMATS:
        # checked only here, since over http the check would fetch the file
        if location.fs.isdir(location.path):
            return folder_source(location, columns)
        known = ", ".join(f".{name}" for name in FORMATS)
        raise InputError(
            f"unknown format; known are {known}, each also with .gz or .zst; rename the file",
            path=location.name,
        )
    rows = partial(FORMATS[suffix], location, columns, max_bytes)
    return Source(location.name, rows, "row" if suffix == "parquet" else "line")


def _item_source(items: Iterable[object], columns: Columns) -> Source:
    """Return the source of an iterable: of texts, or of fastText lines if labels are wanted."""
    name = type(items).__name__
    if columns.label is not None:
        return Source(name, partial(fasttext_rows, items, columns), "row")
    if not isinstance(items, Iterator):
        return Source(name, partial(table_rows, items), "row")
    unread = [items]

    def rows() -> Iterator[Item]:
        if not unread:
            raise InputError(f"the source is a {name} and was already read; pass a list or a file")
        yield from table_rows(unread.pop())

    return Source(name, rows, "row")
