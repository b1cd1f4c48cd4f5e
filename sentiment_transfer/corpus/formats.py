"""The formats of files by suffix, and the source for whatever is to be read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from os import PathLike
from typing import TYPE_CHECKING

from sentiment_transfer.corpus.catalogue import find_entry, is_entry
from sentiment_transfer.corpus.delimited import csv_rows
from sentiment_transfer.corpus.excel import excel_rows
from sentiment_transfer.corpus.folders import folder_source
from sentiment_transfer.corpus.json_records import json_rows
from sentiment_transfer.corpus.lines import fasttext_rows, plain_rows
from sentiment_transfer.corpus.parquet import parquet_rows
from sentiment_transfer.corpus.rows import Source
from sentiment_transfer.corpus.sources import check_kind, locate, suffixes
from sentiment_transfer.corpus.tables import table_columns, table_rows
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentiment_transfer.corpus.catalogue import CatalogueEntry
    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.rows import Item
    from sentiment_transfer.corpus.sources import FileOptions, Location

__all__ = ["FORMATS", "looks_like_path", "source_of", "sources_of"]

FORMATS: dict[str, Callable[[Location, Columns, FileOptions], Iterator[Item]]] = {
    "csv": csv_rows,
    "tsv": partial(csv_rows, delimiter="\t"),
    "xlsx": excel_rows,
    "xlsm": excel_rows,
    "json": partial(json_rows, array=True),
    "jsonl": json_rows,
    "ndjson": json_rows,
    "parquet": parquet_rows,
    "txt": plain_rows,
    "ft": plain_rows,
}
WORKBOOKS = {"xls", "xlsb", "ods", "numbers"}
"""Suffixes of workbooks that are refused with the remedy."""

MODELS = {"safetensors"}
"""Suffixes of models and word vectors, which are refused with the remedy."""

URL = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)


def sources_of(source: object, columns: Columns, options: FileOptions) -> list[Source]:
    """Return the sources of ``source``; files must exist, but are not read yet."""
    if isinstance(source, str | PathLike):
        return _sources_of_path(source, columns, options)
    table = table_columns(source, columns)
    if table is not None:
        return [Source(type(source).__name__, partial(table_rows, *table), "row")]
    if isinstance(source, list | tuple) and source and looks_like_path(source[0]):
        parts = [_sources_of_path(path, columns, options) for path in _paths(source)]
        return [each for part in parts for each in part]
    if not isinstance(source, Iterable) or isinstance(source, bytes | Mapping):
        raise InputError(
            f"cannot read a {type(source).__name__}; pass a path, a URL, a list of texts, "
            "a pandas DataFrame or Series, or a pyarrow Table or Array"
        )
    return [_item_source(source, columns)]


def looks_like_path(item: object) -> bool:
    """Whether an item is a path or URL by its form: a path object, a URL, a known suffix.

    The name of a corpus of the catalogue is one as well.
    """
    if not isinstance(item, str):
        return isinstance(item, PathLike)
    if len(item) > 4096 or "\n" in item:
        return False
    if is_entry(item) or URL.fullmatch(item) is not None:
        return True
    return suffixes(item)[0] in {*FORMATS, *WORKBOOKS}


def _paths(items: Iterable[object]) -> Iterator[str | PathLike[str]]:
    for place, item in enumerate(items):
        if not isinstance(item, str | PathLike) or not looks_like_path(item):
            raise InputError(
                f"the list begins with a path, but its item {place}, {item!r:.80}, is not one; "
                "pass folders as pathlib.Path, and texts that look like paths as a pandas Series"
            )
        yield item


def _sources_of_path(
    path: str | PathLike[str], columns: Columns, options: FileOptions
) -> list[Source]:
    """Return the sources of a path, URL, pattern, or name of the catalogue."""
    if isinstance(path, str) and is_entry(path):
        return _catalogue_sources(path, columns, options)
    return [_file_source(location, columns, options) for location in locate(path)]


def _catalogue_sources(name: str, columns: Columns, options: FileOptions) -> list[Source]:
    """Return the sources of a corpus of the catalogue, with its columns and names of labels."""
    entry, part = find_entry(name)
    columns, form = entry.columns(columns), options.format or entry.format
    locations = [each for file in entry.files(part) for each in locate(file)]
    sources = [source_of(location, form, columns, options) for location in locations]
    if columns.label is None:
        return sources
    return [replace(each, rows=partial(_named, entry, each.rows)) for each in sources]


def _named(entry: CatalogueEntry, rows: Callable[[], Iterator[Item]]) -> Iterator[Item]:
    return entry.named(rows())


def _file_source(location: Location, columns: Columns, options: FileOptions) -> Source:
    check_kind(location)
    suffix = options.format or suffixes(location.name)[0]
    # over http the check for a folder would fetch the file, so it is made where needed alone
    if (options.format or suffix not in FORMATS) and location.fs.isdir(location.path):
        return folder_source(location, columns, options)
    if suffix in WORKBOOKS:
        message = f"a .{suffix} workbook cannot be read; save it as .xlsx"
        raise InputError(message, path=location.name)
    if suffix in MODELS:
        message = "is a model or word vectors, not texts; pass a file of texts in its place"
        raise InputError(message, path=location.name)
    if suffix not in FORMATS:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise InputError(
            f"unknown format; known are {known}, each also with .gz or .zst; rename the file",
            path=location.name,
        )
    return source_of(location, suffix, columns, options)


def source_of(location: Location, form: str, columns: Columns, options: FileOptions) -> Source:
    """Return the source of a file of this format."""
    rows = partial(FORMATS[form], location, columns, options)
    return Source(location.name, rows, "row" if form == "parquet" else "line", location)


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
