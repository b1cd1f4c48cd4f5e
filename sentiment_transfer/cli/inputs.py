"""Read the texts and labelled texts that arguments name."""

from __future__ import annotations

import glob
import sys
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.renaming import new_names
from sentiment_transfer.cli.wording import in_options
from sentiment_transfer.corpus import Labelled, Texts
from sentiment_transfer.corpus.catalogue import is_entry
from sentiment_transfer.corpus.columns import ColumnNames, Columns
from sentiment_transfer.corpus.folders import REVIEW_FOLDERS, some_of
from sentiment_transfer.corpus.formats import source_of, sources_of
from sentiment_transfer.corpus.readers import labelled_from
from sentiment_transfer.corpus.records import Records
from sentiment_transfer.corpus.rows import OR_SKIP, SkippedRows
from sentiment_transfer.corpus.sources import FileOptions, locate, stream_location
from sentiment_transfer.corpus.texts import TextTally
from sentiment_transfer.errors import InputError, NoLabelsError, SettingError
from sentiment_transfer.model.training_summary import TrainingSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sentiment_transfer.corpus.rows import Source
    from sentiment_transfer.model import SentimentClassifier

__all__ = ["STREAMED", "Reader", "shown_name"]

STANDARD_INPUT = "standard input"
STREAMED = ("csv", "tsv", "json", "jsonl", "ndjson", "txt", "ft")
"""Formats that can be read from a pipe."""


class Reader(AbstractContextManager["Reader"]):
    """Reads texts and labels with the options of a command, and reports what is skipped.

    The first messages are printed as they come; leaving the context prints their number. Without
    ``text`` and ``label``, the columns that ``model`` was trained on are read, if a table has them.
    ``columns`` has the names of those that were read, ``"text"`` and ``"label"``.
    """

    SHOWN = 20

    def __init__(
        self,
        text: str | None = None,
        label: str | None = None,
        map_labels: str | None = None,
        *,
        skip_bad: bool = False,
        model: SentimentClassifier | None = None,
        files: FileOptions | None = None,
    ) -> None:
        self._files = files = files or FileOptions()
        self._tally: TextTally | None = None
        self._label = label or "label"
        self._label_is_named = label is not None
        self._names = {} if map_labels is None else new_names(map_labels)
        self._options: dict[str, Any] = {"skip_bad": skip_bad, "on_skip": self.skipped}
        trained = getattr(model, "training_summary_", TrainingSummary())
        names = ColumnNames(
            None if text else trained.text_column,
            None if label else trained.label_column,
            on_found=_say_once(),
        )
        self.columns = names.read
        self._of_texts = Columns(text or "text", None, names)
        self.count = 0

    @property
    def columns_found(self) -> tuple[str, ...]:
        """The columns of the first table or record that was read, at most 20."""
        return self._of_texts.names.found if self._of_texts.names is not None else ()

    def texts(self, arguments: Sequence[str]) -> Texts:
        """Return files, folders and URLs, or standard input for ``-``, as one stream of texts."""
        return Texts(self._sources(arguments, self._of_texts), **self._options)

    def records(self, arguments: Sequence[str]) -> Records:
        """Return the same as `texts`, with all columns of the rows."""
        sources = self._sources(arguments, self._of_texts._replace(keep=True))
        return Records(sources, once=list(arguments) == ["-"], **self._options)

    def counted(self, arguments: Sequence[str]) -> Texts:
        """Return the same as `texts`; `say_counts` reports how many there were."""
        texts = self.texts(arguments)
        texts.tally = self._tally = TextTally()
        return texts

    def say_counts(self) -> None:
        """Say how many texts of `counted` were read, and how many were empty or repeated."""
        found = self._tally
        if found is not None:
            about = "" if found.n_repeated_is_exact else "about "
            say(
                f"{found.n:,} texts read, {found.n_empty:,} empty, "
                f"{about}{found.n_repeated:,} repeated"
            )

    def _sources(self, arguments: Sequence[str], columns: Columns) -> Sequence[Source]:
        """Return the sources that arguments name, and say what folders and patterns stand for."""
        if list(arguments) == ["-"]:
            return [self._standard_input(columns)]
        paths = _paths(arguments)
        sources = [each for path in paths for each in sources_of(path, columns, self._files)]
        for path in paths:
            with suppress(OSError):  # said when it is read
                _describe(path)
        return sources

    def _standard_input(self, columns: Columns) -> Source:
        form = self._files.format or "txt"
        if form not in STREAMED:
            raise SettingError(
                f"--input-format {form} cannot be read from standard input; give a file"
            )
        stream: Any = sys.stdin.buffer
        return source_of(stream_location(stream, STANDARD_INPUT), form, columns, self._files)

    def labelled(
        self, argument: str, *, with_blanks: bool = False, with_places: bool = False
    ) -> Labelled:
        """Read a file, folder or URL of texts with labels, or standard input for ``-``.

        Rows without a label are left out, which is said, unless they are wanted; places are kept if
        they are wanted.
        """
        columns = self._of_texts._replace(label=self._label, blanks=True)
        if argument == "-":
            sources: Sequence[Source] = [self._standard_input(columns)]
        else:
            sources = sources_of(_source(argument), columns, self._files)

        def renaming(labels: set[str]) -> dict[str, str]:
            for label in self._names.keys() - labels:
                say(f"warning: {argument} has no label {label}, which --map-labels names")
            return self._names

        skipped = SkippedRows(**self._options)
        rows = labelled_from(sources, skipped, blanks=True, places=with_places, renaming=renaming)
        if rows.unlabelled and not with_blanks:
            say(f"{shown_name(argument)}: rows without a label, left out: {len(rows.unlabelled):,}")
        return rows

    def labelled_or_texts(self, argument: str, *, with_places: bool = False) -> Labelled:
        """Return labelled rows and texts without a label, or these alone where no label is found.

        That is said. Where a column of labels was named, or labels are faulty, it is an error.
        """
        if argument == "-" and not self._label_is_named:
            return Labelled([], [], unlabelled=[*self.texts([argument])])
        try:
            return self.labelled(argument, with_blanks=True, with_places=with_places)
        except NoLabelsError as error:
            if self._label_is_named:
                raise
            texts = [*self.texts([argument])]
            say(in_options(f"no labels are read: {error}"))
            return Labelled([], [], unlabelled=texts)

    def skipped(self, message: str) -> None:
        """Print a message of the reader, unless many were printed already."""
        self.count += 1
        if self.count <= self.SHOWN:
            say(f"skipped: {message.removesuffix(OR_SKIP).rstrip(' ,;')}")

    def skipped_by_others(self, messages: Sequence[str], count: int) -> None:
        """Print what other processes skipped, of which ``messages`` are the first."""
        for message in messages:
            self.skipped(message)
        self.count = max(self.count, count)

    def __exit__(self, *_: object) -> None:
        if self.count:
            hidden = self.count - self.SHOWN
            more = f" ({hidden:,} not shown)" if hidden > 0 else ""
            say(f"skipped in all: {self.count:,}{more}")


def shown_name(argument: str) -> str:
    """Return an argument as messages name it."""
    return STANDARD_INPUT if argument == "-" else argument


def _paths(arguments: Sequence[str]) -> list[str | Path]:
    """Return arguments as URLs and paths."""
    if "-" in arguments:
        raise SettingError("- (standard input) cannot be combined with other TEXTS")
    return [_source(argument) for argument in arguments]


def _source(argument: str) -> str | Path:
    """Return an argument as a URL, a name of the catalogue or a path, never as a text."""
    return argument if "://" in argument or is_entry(argument) else Path(argument)


def _say_once() -> Callable[[str], None]:
    """Return a function that prints a message unless it was printed, as texts are read twice."""
    said: set[str] = set()

    def once(message: str) -> None:
        if message not in said:
            said.add(message)
            say(message)

    return once


def _describe(source: str | Path) -> None:
    """Say what a folder or a pattern stands for: a user may expect other files."""
    folder = Path(source)
    if folder.is_dir():
        split = all((folder / part).is_dir() for part in ("pos", "neg"))
        parts = [folder / part for part in REVIEW_FOLDERS] if split else [folder]
        names = sorted(file.name for part in parts for file in part.glob("*.txt"))
        if names:
            say(
                f"{folder}: {len(names):,} .txt file{'s' * (len(names) > 1)} ({some_of(names)}), "
                "each read as one text "
                "(for a text a line name the files)"
            )
    elif glob.has_magic(str(source)) and not folder.exists():
        with suppress(InputError):  # said when it is read
            found = [Path(location.name).name for location in locate(source)]
            say(f"{source}: {len(found):,} files ({some_of(found)})")
