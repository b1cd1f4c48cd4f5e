"""Folders with one text per file, as in the Large Movie Review Dataset (Maas et al. 2011)."""

from __future__ import annotations

from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from sentiment_transfer.corpus.encodings import check_encoding, decoded
from sentiment_transfer.corpus.rows import LONGEST_ROW, Record, Source
from sentiment_transfer.corpus.sources import Location, check_kind
from sentiment_transfer.errors import InputError, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.rows import Item

__all__ = ["REVIEW_FOLDERS", "folder_source"]

FILE_AND_TEXT = ("file", "text")
"""The columns of a folder of texts."""

REVIEW_FOLDERS = {"pos": "positive", "neg": "negative", "unsup": None}


def folder_source(location: Location, columns: Columns) -> Source:
    """Read ``pos``, ``neg`` and ``unsup`` if the folder has them, else its own ``.txt`` files.

    Each file is one text; they are sorted by name. ``unsup``, if only labelled texts are wanted,
    and files of another kind are left out, with a message. Raises
    ``InputError`` if the folder cannot be listed, has no texts, or no labels although they are
    wanted.
    """
    names = {PurePosixPath(path).name for path in _listed(location, location.path, location.name)}
    if {"pos", "neg"} <= names:
        labels = {part: label for part, label in REVIEW_FOLDERS.items() if part in names}
    elif columns.label is not None:
        raise InputError(
            "the folder has no labels; give it subfolders pos and neg, or name a table in it",
            path=location.name,
        )
    elif any(name.endswith(".txt") for name in names):
        labels = {"": None}
    else:
        raise InputError(
            "the folder holds neither .txt files nor subfolders pos and neg; "
            "name the files in it, for example with a pattern such as 'folder/*.csv'",
            path=location.name,
        )
    rows = partial(_folder_rows, location, labels, columns)
    return Source(location.name, rows, "file")


def _folder_rows(
    location: Location, labels: Mapping[str, str | None], columns: Columns
) -> Iterator[Item]:
    labelled = columns.label is not None and not columns.blanks
    for part, label in labels.items():
        folder, name = (f"{root.rstrip('/')}/{part}" for root in (location.path, location.name))
        if labelled and label is None:
            yield f"{name}: left out, since its texts have no labels"
            continue
        others = []
        for path in _listed(location, folder, name):
            file = PurePosixPath(path).name
            if file.endswith(".txt"):
                shown = f"{name.rstrip('/')}/{file}"
                try:
                    text = _file_text(location, path, shown)
                except InputError as error:
                    text = error
                kept = Record(FILE_AND_TEXT, (shown, text)) if columns.keep else label
                yield text if isinstance(text, InputError) else (shown, text, kept)
            else:
                others.append(file)
        if others:
            listed = shortened(", ".join(others))
            yield f"{name}: left out, since no .txt files: {listed} ({len(others):,})"


def _listed(location: Location, folder: str, name: str) -> list[str]:
    try:
        return sorted(location.fs.ls(folder, detail=False))
    except OSError as error:
        raise InputError(f"cannot be listed: {shortened(str(error), 300)}", path=name) from error


def _file_text(location: Location, path: str, shown: str) -> str | InputError:
    check_kind(Location(location.fs, path, shown))
    try:
        raw: bytes = location.fs.cat_file(path, 0, LONGEST_ROW + 1)
    except OSError as error:
        raise InputError(f"cannot be read: {error}", path=shown) from error
    return decoded(raw[check_encoding(raw, shown) :], shown)
