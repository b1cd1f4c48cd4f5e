"""Files that the page sent, or that the command names: preview, then texts of the project."""

from __future__ import annotations

import math
import re
import secrets
import shutil
import warnings
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sentiment_transfer.corpus import Labelled, read_labelled, read_texts
from sentiment_transfer.corpus.annotations import ExportNotice
from sentiment_transfer.corpus.columns import Columns, no_column, usual
from sentiment_transfer.corpus.formats import FORMATS, sources_of
from sentiment_transfer.corpus.formulas import defended
from sentiment_transfer.corpus.label_names import final_names
from sentiment_transfer.corpus.records import Header, Records
from sentiment_transfer.corpus.rows import SkippedNotice
from sentiment_transfer.corpus.sources import FileOptions, suffixes
from sentiment_transfer.errors import InputError, NoLabelsError, shortened, shown
from sentiment_transfer.studio import messages as m
from sentiment_transfer.studio.project_file import NewText
from sentiment_transfer.studio.wording import on_page

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Table", "Uploads", "read_table"]

SHOWN_ROWS = 8
LONGEST_CELL = 300
MOST_SAID = 20
RATINGS = ("rating", "stars")
"""Usual names of columns that may be labels, but are read as such only if they are chosen."""
MOST_BYTES = 512 << 20
"""A compressed file, a workbook or a Parquet file may expand to this many."""
KEPT = 4
"""Files that are kept until they are added, the latest ones."""
_WRONG = re.compile(r"; if that is wrong, pass \w+=\.\.\.")
"""What Python code can do about a guess."""
_UNSAFE = re.compile(r"[^\w.-]+")


class Table(NamedTuple):
    """What a file holds.

    ``columns`` are its columns, in ``rows`` with a value each; ``said`` are notices.
    """

    name: str
    columns: list[str]
    rows: list[list[Any]]
    text_column: str
    label_column: str | None
    skipped: list[str]
    said: list[str]

    def texts(self) -> Iterator[NewText]:
        """Yield the texts that are not blank, with their labels and other columns."""
        place = {name: i for i, name in enumerate(self.columns)}
        label = None if self.label_column is None else place[self.label_column]
        names = self._label_names(label)
        own = {self.text_column, self.label_column}
        # of a table of labels that the studio wrote
        way_at = place["way"] if {"way", "guess", "at"} <= {*place} else None
        for row in self.rows:
            text = row[place[self.text_column]]
            if text and not text.isspace():
                given = None if label is None else _label(row[label])
                plain = {name: _plain(row[i]) for name, i in place.items() if name not in own}
                others = {name: value for name, value in plain.items() if value is not None}
                taught = way_at is not None and row[way_at] == "teach"
                way = "teach" if taught else "given"
                yield NewText(_clean(text), others, None if given is None else names[given], way)

    def _label_names(self, label: int | None) -> dict[str, str]:
        if label is None:
            return {}
        found = {_label(row[label]) for row in self.rows}
        return dict(final_names({name for name in found if name is not None}, None))

    def check_labels(self) -> None:
        """Raise ``InputError`` for a column that cannot be of labels: the studio has nine keys."""
        labels = {each.label for each in self.texts()} - {None}
        if len(labels) > m.MAX_CLASSES:
            raise InputError(
                f"the column {shown(self.label_column)} has {len(labels):,} different labels, and "
                f"{m.MAX_CLASSES} are the most; choose another column, or none"
            )
        for label in sorted(filter(None, labels)):
            if len(label) > m.MAX_LABEL or defended(label) != label:
                raise InputError(
                    f"{shown(label)} cannot be a label: it is too long, or a spreadsheet would run "
                    "it; choose another column, or none"
                )

    def preview(self, upload: str) -> m.Preview:
        """Return what the page shows before the file is added."""
        texts = [*self.texts()]
        labels: dict[str, int] = {}
        for each in texts:
            if each.label is not None:
                labels[each.label] = labels.get(each.label, 0) + 1
        blank = len(self.rows) - len(texts)
        skipped = [*self.skipped[:MOST_SAID], *_blank(blank)]
        return m.Preview(
            upload,
            self.name,
            self.columns,
            [[shortened(str(_plain(v)), LONGEST_CELL) for v in r] for r in self.rows[:SHOWN_ROWS]],
            self.text_column,
            self.label_column,
            len(texts),
            sum(labels.values()),
            labels,
            skipped,
            self.said,
        )


def _blank(n: int) -> list[str]:
    return [f"{n:,} row{'s' * (n > 1)} without a text"] if n else []


def read_table(
    path: str | Path, text: str | None = None, label: str | None = None, *, name: str = ""
) -> Table:
    """Read a file with all its columns.

    ``text`` and ``label`` name columns; by default those of usual names are taken, and no label if
    there is none. Bad rows are skipped, and what was wrong is kept.

    Raises
    ------
    InputError
        The file cannot be read, has no text, or has no such column.
    """
    name = name or Path(path).name
    try:
        return _read(path, text, label, name)
    except InputError as error:  # named as its owner knows it
        if error.path != str(path):
            raise
        raise InputError(error.message, path=name, line=error.line) from None


def _read(path: str | Path, text: str | None, label: str | None, name: str) -> Table:
    if _is_export(path):
        return _read_export(path, label, name)
    skipped: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read = partial(_records, path, skipped=skipped)
        columns = [*Header(read("text").headers().values()).names]
        if not columns:  # no row could be read: say why of the first
            next(read("text", skip_bad=False).batches(1), None)
        found = usual(Columns(text or "text", label or "label"), columns)
        _require(found.text, "text", columns, name)
        if label is not None:
            _require(label, "label", columns, name)
        header, rows = Header([tuple(columns)]), []
        for batch in read(found.text).batches(4096):
            rows += [
                [
                    t if c == found.text else v
                    for c, v in zip(columns, header.values(r), strict=True)
                ]
                for t, r in batch
            ]
    said = [_WRONG.sub("", str(each.message).replace(str(path), name)) for each in caught]
    has_label = found.label in columns and found.label != found.text
    if has_label and label is None:
        is_rating = str(found.label).strip().lower() in RATINGS
        has_label = not is_rating
        said.append(
            f"{name}: the column {shown(found.label)} is not read as labels; choose it to have it"
            if is_rating
            else f"{name}: labels are read from {shown(found.label)}"
        )
    return Table(
        name,
        columns,
        rows,
        found.text,
        found.label if has_label else None,
        [on_page(each.replace(str(path), name)) for each in skipped],
        [*dict.fromkeys(said)][:MOST_SAID],
    )


def _is_export(path: str | Path) -> bool:
    """Whether a file is an export of an annotation tool, by its first record."""
    with warnings.catch_warnings(record=True) as caught, suppress(InputError):
        warnings.simplefilter("always")
        columns = Columns("text", "label", blanks=True)
        for source in sources_of(Path(path), columns, FileOptions(MOST_BYTES))[:1]:
            next(iter(source.rows()), None)
    return any(issubclass(each.category, ExportNotice) for each in caught)


def _read_export(path: str | Path, label: str | None, name: str) -> Table:
    """Read the texts and the answers of an annotation tool; its other columns are left out."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            found = read_labelled(
                Path(path), blank="unlabelled", skip_bad=True, max_bytes=MOST_BYTES
            )
        except NoLabelsError:
            found = Labelled([], [], unlabelled=[*read_texts(Path(path), skip_bad=True)])
    said_once = [each for each in caught if each.category is not SkippedNotice]
    rows: list[list[Any]] = [[*row] for row in zip(found.texts, found.labels, strict=True)]
    rows += [[text, None] for text in found.unlabelled]
    said, skipped = (
        [*dict.fromkeys(on_page(each.replace(str(path), name)) for each in messages)]
        for messages in ([str(each.message) for each in said_once], found.skipped)
    )
    given = "label" if label is not None or found.labels else None
    return Table(name, ["text", "label"], rows, "text", given, skipped, said)


def _records(path: str | Path, text: str, *, skipped: list[str], skip_bad: bool = True) -> Records:
    sources = sources_of(Path(path), Columns(text, None, keep=True), FileOptions(MOST_BYTES))
    return Records(sources, skip_bad=skip_bad, on_skip=skipped.append)


def _require(column: str, what: str, columns: list[str], name: str) -> None:
    if column not in columns:
        raise InputError(no_column(column, what, columns), path=name)


def _label(value: Any) -> str | None:  # noqa: ANN401
    if value is None or value != value:  # NaN
        return None
    return _clean(str(value)).strip() or None


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return a value as JSON has it; NaN and infinity are no value."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if isinstance(value, int | bool) or value is None else _clean(str(value))


def _clean(text: str) -> str:
    """Return a text that has a form in UTF-8: half of a cut emoji has none."""
    return text.encode("utf-8", "replace").decode("utf-8")


class Uploads:
    """Files that were sent and not yet added, in a folder of their own.

    They are known by a random name; that of the sender only decides the format.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names: dict[str, str] = {}
        self._read: tuple[tuple[str, str | None, str | None], Table] | None = None

    def take(self, name: str, content: bytes) -> str:
        """Keep the content of a file, and return what it is known by.

        Raises ``InputError`` for a suffix that is not read.
        """
        suffix, packed = suffixes(name)
        if suffix not in FORMATS:
            listed = ", ".join(f".{each}" for each in FORMATS)
            raise InputError(
                f"files of this suffix are not read; give one of {listed}. A model or a project is "
                "given to the command"
            )
        key = secrets.token_hex(8)
        place = self._folder / key
        place.mkdir()
        safe = _UNSAFE.sub("_", Path(name).name)[-80:].lstrip(".")
        ending = f".{suffix}.{packed}" if packed else f".{suffix}"
        (place / (safe if safe.lower().endswith(ending) else f"file{ending}")).write_bytes(content)
        self._names[key] = name
        for old in [*self._names][:-KEPT]:
            self.forget(old)
        return key

    def table(self, key: str, text: str | None = None, label: str | None = None) -> Table:
        """Read a file that was sent."""
        if key not in self._names:
            raise InputError("this file is not here any more; send it again")
        asked = key, text, label
        if self._read is None or self._read[0] != asked:
            (path,) = (self._folder / key).iterdir()
            self._read = asked, read_table(path, text, label, name=self._names[key])
        return self._read[1]

    def forget(self, key: str) -> None:
        """Remove a file."""
        if self._read is not None and self._read[0][0] == key:
            self._read = None
        self._names.pop(key, None)
        shutil.rmtree(self._folder / key, ignore_errors=True)
