"""Public review corpora by name, as ``catalogue:yelp-polarity`` or ``catalogue:nsmc/test``.

``catalogue.json`` says of each corpus where its files are, which columns hold texts and labels, and
what the labels mean. Nothing ships with the package: a file is fetched when it is read, unless a
folder that the environment variable SENTIMENT_TRANSFER_CATALOGUE lists has a copy of it,
``FOLDER/NAME/FILE`` with the last part of the address as the name of the file.
"""

from __future__ import annotations

import difflib
import json
import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_transfer.corpus.columns import LABEL_NAMES, TEXT_NAMES
from sentiment_transfer.errors import InputError, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sentiment_transfer.corpus.columns import Columns
    from sentiment_transfer.corpus.rows import Item

__all__ = ["FOLDERS", "CatalogueEntry", "CataloguePart", "catalogue", "find_entry", "is_entry"]

FOLDERS = "SENTIMENT_TRANSFER_CATALOGUE"
"""Environment variable with folders of copies, separated like those of PATH."""
FIRST_PART = "train"
_ENTRY = re.compile(r"catalogue:([\w-]+)(?:/([\w-]+))?")


@dataclass(frozen=True)
class CataloguePart:
    """A part of a corpus: the number of its texts, and the addresses of its files."""

    texts: int
    urls: tuple[str, ...]


@dataclass(frozen=True)
class CatalogueEntry:
    """A public corpus of reviews.

    Attributes
    ----------
    name, language, about, terms, homepage
        What it is; the terms are a summary, and those of the homepage are valid.
    text, label
        Its columns.
    labels
        The meaning of each label as it is written; None for a label that stands for none.
    format
        Of its files, such as "parquet".
    parts
        By name, ``"train"`` first.
    """

    name: str
    language: str
    about: str
    terms: str
    homepage: str
    text: str
    label: str
    labels: Mapping[str, str | None]
    format: str
    parts: Mapping[str, CataloguePart]

    def files(self, part: str) -> list[str]:
        """Return the place of each file of a part: that of a copy, or else its address."""
        return [_copy_of(url, self.name) or url for url in self.parts[part].urls]

    def columns(self, wanted: Columns) -> Columns:
        """Return the columns to read, with those of the corpus in place of the defaults."""
        text = self.text if wanted.text == TEXT_NAMES[0] else wanted.text
        label = self.label if wanted.label == LABEL_NAMES[0] else wanted.label
        return wanted._replace(text=text, label=label)

    def named(self, items: Iterator[Item]) -> Iterator[Item]:
        """Yield rows with the meaning of their labels."""
        for item in items:
            if isinstance(item, tuple):
                place, text, label = item
                yield place, text, self.labels.get(str(label), label)
            else:
                yield item


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """Return the corpora by name."""
    path = Path(__file__).with_name("catalogue.json")
    entries = json.loads(path.read_text(encoding="utf-8"))
    for entry in entries:
        parts = entry["parts"].items()
        entry["parts"] = {n: CataloguePart(p["texts"], tuple(p["urls"])) for n, p in parts}
    return {entry["name"]: CatalogueEntry(**entry) for entry in entries}


def is_entry(source: object) -> bool:
    """Whether a source names a corpus of the catalogue by its form."""
    return isinstance(source, str) and _ENTRY.fullmatch(source) is not None


def find_entry(source: str) -> tuple[CatalogueEntry, str]:
    """Return the corpus that a source names, and the name of its part, by default ``"train"``.

    Raises ``InputError`` for a name that is not in the catalogue.
    """
    found = _ENTRY.fullmatch(source)
    name, part = (found[1], found[2] or FIRST_PART) if found else (source, "")
    entry = catalogue().get(name)
    if entry is None:
        near = difflib.get_close_matches(name, catalogue(), n=1)
        meant = f" (did you mean {near[0]!r}?)" if near else ""
        raise InputError(
            f"the catalogue has no corpus {shown(name)}{meant}; it has {', '.join(catalogue())}"
        )
    if part not in entry.parts:
        raise InputError(f"{name} has no part {shown(part)}; it has {', '.join(entry.parts)}")
    return entry, part


def _copy_of(url: str, name: str) -> str | None:
    """Return the path of a copy of a file, if a listed folder has one."""
    folders = os.environ.get(FOLDERS, "").split(os.pathsep)
    paths = (Path(folder) / name / url.rpartition("/")[2] for folder in folders if folder)
    return next((str(path) for path in paths if path.is_file()), None)
