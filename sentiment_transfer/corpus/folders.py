"""Folders with one text per file, as in the Large Movie Review Dataset (Maas et al. 2011)."""

from __future__ import annotations

import codecs
import io
from contextlib import suppress
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sentiment_transfer.corpus.encodings import (
    SAMPLE,
    as_utf8,
    check_is_text,
    decoded,
    encoding_for,
    marked,
)
from sentiment_transfer.corpus.rows import LONGEST_ROW, Record, Source
from sentiment_transfer.corpus.sources import Location, check_kind, suffixes
from sentiment_transfer.errors import InputError, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.rows import Item
    from sentiment_transfer.corpus.sources import FileOptions

__all__ = ["REVIEW_FOLDERS", "count_texts", "folder_source", "some_of"]

FILE_AND_TEXT = ("file", "text")
"""The columns of a folder of texts."""

REVIEW_FOLDERS = {"pos": "positive", "neg": "negative", "unsup": None}


TABLES = {
    *("csv", "tsv", "xlsx", "xlsm", "xls", "xlsb", "ods", "json", "jsonl", "ndjson", "parquet"),
    "ft",
}
"""Suffixes of files in a folder that may have been meant in place of the ``.txt`` files."""

NAMED = 3


def some_of(names: Sequence[str]) -> str:
    """Return the first few of some names, and how many more there are."""
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return shortened(", ".join(names[:NAMED]), 200) + more


def folder_source(location: Location, columns: Columns, options: FileOptions) -> Source:
    """Read ``pos``, ``neg`` and ``unsup`` if the folder has them, else its own ``.txt`` files.

    Each file is one text; they are sorted by name. ``unsup``, if only labelled texts are wanted,
    and files of another kind are left out, with a message. Files without a byte order mark have one
    encoding, recognised by the first megabyte of them. Raises ``InputError`` if the folder cannot
    be listed, has no texts, has as many tables as texts, or no labels although they are wanted.
    """
    names = [PurePosixPath(path).name for path in _listed(location, location.path, location.name)]
    if {"pos", "neg"} <= set(names):
        labels = {part: label for part, label in REVIEW_FOLDERS.items() if part in names}
    elif columns.label is not None:
        raise InputError(
            "the folder has no labels; give it subfolders pos and neg, or name a table in it",
            path=location.name,
        )
    else:
        _check_kinds(names, location.name)
        labels = {"": None}
    rows = partial(_folder_rows, location, labels, columns, options)
    return Source(location.name, rows, "file")


def count_texts(source: Source) -> int | None:
    """Return the number of files of a `folder_source`; None for another source."""
    rows = source.rows
    if not (isinstance(rows, partial) and rows.func is _folder_rows):
        return None
    location, labels, *_ = rows.args
    folders = (f"{location.path.rstrip('/')}/{part}" for part in labels)
    paths = (str(path) for each in folders for path in location.fs.ls(each, False))
    return sum(path.endswith(".txt") for path in paths)


def _check_kinds(names: Sequence[str], folder: str) -> None:
    """Raise if the files of a folder may be meant as tables, not as one text each."""
    texts = [name for name in names if name.endswith(".txt")]
    tables = [name for name in names if suffixes(name)[0] in TABLES]
    suffix = PurePosixPath(tables[0]).suffix if tables else ".csv"
    pattern = f"for example with a quoted pattern such as '{folder.rstrip('/')}/*{suffix}'"
    if not texts:
        raise InputError(
            "the folder holds neither .txt files nor subfolders pos and neg; "
            f"name the files in it, {pattern}",
            path=folder,
        )
    if len(tables) >= len(texts):
        raise InputError(
            f"the folder holds tables ({some_of(tables)}) and .txt files ({some_of(texts)}); of a "
            f"folder, only .txt files are read, each as one text. Name the tables, {pattern}, or "
            "move the .txt files to a folder of their own",
            path=folder,
        )


def _folder_rows(
    location: Location, labels: Mapping[str, str | None], columns: Columns, options: FileOptions
) -> Iterator[Item]:
    labelled = columns.label is not None and not columns.blanks
    encoding = options.encoding
    for part, label in labels.items():
        folder, name = (f"{root.rstrip('/')}/{part}" for root in (location.path, location.name))
        if labelled and label is None:
            yield f"{name}: left out, since its texts have no labels"
            continue
        paths = _listed(location, folder, name)
        files = [path for path in paths if path.endswith(".txt")]
        if encoding is None:
            encoding = encoding_for(_sample(location, files), location.name, None)
        for path in files:
            shown = f"{name.rstrip('/')}/{PurePosixPath(path).name}"
            try:
                text = _file_text(location, path, shown, encoding)
            except InputError as error:
                text = error
            kept = Record(FILE_AND_TEXT, (shown, text)) if columns.keep else label
            yield text if isinstance(text, InputError) else (shown, text, kept)
        others = [PurePosixPath(path).name for path in paths if not path.endswith(".txt")]
        if others:
            listed = shortened(", ".join(others))
            yield f"{name}: left out, since no .txt files: {listed} ({len(others):,})"


def _listed(location: Location, folder: str, name: str) -> list[str]:
    try:
        return sorted(location.fs.ls(folder, detail=False))
    except OSError as error:
        raise InputError(f"cannot be listed: {shortened(str(error), 300)}", path=name) from error


def _sample(location: Location, files: Sequence[str]) -> bytes:
    """Return the start of the texts of a folder, by which their encoding is recognised."""
    parts, room = [], SAMPLE
    for path in files:
        if room <= 0:
            break
        with suppress(InputError, OSError):  # said when the file is read
            check_kind(Location(location.fs, path, path))
            part = location.fs.cat_file(path, 0, room)
            room -= len(part)
            parts += [part] if marked(part) in (None, "utf-8") else []
    return b"".join(parts)


def _file_text(location: Location, path: str, shown: str, encoding: str) -> str | InputError:
    check_kind(Location(location.fs, path, shown))
    try:
        raw: bytes = location.fs.cat_file(path, 0, LONGEST_ROW + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error}", path=shown) from error
    check_is_text(raw, shown)
    encoding = marked(raw) or encoding
    if encoding != "utf-8":
        raw = as_utf8(io.BufferedReader(io.BytesIO(raw)), encoding).read()
    return decoded(raw.removeprefix(codecs.BOM_UTF8), shown, None, encoding)
