"""Read the texts and labelled texts that arguments name."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment_transfer.cli.messages import say
from sentiment_transfer.cli.renaming import new_names
from sentiment_transfer.corpus import Texts, read_labelled, read_texts
from sentiment_transfer.corpus.columns import ColumnNames, Columns
from sentiment_transfer.corpus.folders import REVIEW_FOLDERS
from sentiment_transfer.corpus.formats import sources_of
from sentiment_transfer.corpus.lines import plain_lines
from sentiment_transfer.corpus.records import Records
from sentiment_transfer.corpus.rows import OR_SKIP, Source
from sentiment_transfer.corpus.sources import MAX_BYTES
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model.training_summary import TrainingSummary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.corpus.rows import Item
    from sentiment_transfer.model import SentimentClassifier

__all__ = ["Reader"]

STANDARD_INPUT = "standard input"


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
    ) -> None:
        self._label = label or "label"
        self._names = {} if map_labels is None else new_names(map_labels)
        self._options: dict[str, Any] = {"skip_bad": skip_bad, "on_skip": self.skipped}
        trained = getattr(model, "training_summary_", TrainingSummary())
        names = ColumnNames(
            None if text else trained.text_column,
            None if label else trained.label_column,
            on_found=_say_once(),
        )
        self.columns = names.read
        self._columns: dict[str, Any] = self._options | {"text": text or "text", "columns": names}
        self.count = 0

    def texts(self, arguments: Sequence[str]) -> Texts:
        """Return files, folders and URLs, or standard input for ``-``, as one stream of texts."""
        if list(arguments) == ["-"]:
            return Texts([Source(STANDARD_INPUT, _standard_input, "line")], **self._options)
        sources = _paths(arguments)
        return read_texts(sources if len(sources) > 1 else sources[0], **self._columns)

    def records(self, arguments: Sequence[str]) -> Records:
        """Return the same as `texts`, with all columns of the rows."""
        if list(arguments) == ["-"]:
            source = Source(STANDARD_INPUT, _standard_input, "line")
            return Records([source], once=True, **self._options)
        columns = Columns(self._columns["text"], None, self._columns["columns"], keep=True)
        paths = _paths(arguments)
        sources = [each for path in paths for each in sources_of(path, columns, MAX_BYTES)]
        return Records(sources, **self._options)

    def labelled(self, argument: str, *, with_blanks: bool = False) -> Labelled:
        """Read a file, folder or URL of texts with labels.

        Rows without a label are left out, which is said, unless they are wanted.
        """
        rows = read_labelled(
            _source(argument), label=self._label, blank="unlabelled", **self._columns
        )
        if rows.unlabelled and not with_blanks:
            say(f"{argument}: rows without a label, left out: {len(rows.unlabelled):,}")
        for label in self._names.keys() - set(rows.labels):
            say(f"warning: {argument} has no label {label}, which --map-labels names")
        rows.labels[:] = [self._names.get(label, label) for label in rows.labels]
        return rows

    def skipped(self, message: str) -> None:
        """Print a message of the reader, unless many were printed already."""
        self.count += 1
        if self.count <= self.SHOWN:
            say(f"skipped: {message.removesuffix(OR_SKIP).rstrip(' ,;')}")

    def __exit__(self, *_: object) -> None:
        if self.count:
            hidden = self.count - self.SHOWN
            more = f" ({hidden:,} not shown)" if hidden > 0 else ""
            say(f"skipped in all: {self.count:,}{more}")


def _paths(arguments: Sequence[str]) -> list[str | Path]:
    """Return arguments as URLs and paths; says how folders are read."""
    if "-" in arguments:
        raise SettingError("- (standard input) cannot be combined with other TEXTS")
    sources = [_source(argument) for argument in arguments]
    for source in sources:
        with suppress(OSError):  # said when it is read
            _describe_folder(source)
    return sources


def _source(argument: str) -> str | Path:
    """Return an argument as a URL or a path; it is never taken as a text."""
    return argument if "://" in argument else Path(argument)


def _say_once() -> Callable[[str], None]:
    """Return a function that prints a message unless it was printed, as texts are read twice."""
    said: set[str] = set()

    def once(message: str) -> None:
        if message not in said:
            said.add(message)
            say(message)

    return once


def _describe_folder(source: str | Path) -> None:
    """Say how a folder is read: a user may expect a text of each line, or other files."""
    folder = Path(source)
    if folder.is_dir():
        split = all((folder / part).is_dir() for part in ("pos", "neg"))
        parts = [folder / part for part in REVIEW_FOLDERS] if split else [folder]
        n = sum(1 for part in parts for _ in part.glob("*.txt"))
        say(f"{folder}: {n:,} .txt files, each read as one text (for a text a line name the files)")


def _standard_input() -> Iterator[Item]:
    stream: Any = sys.stdin.buffer
    return plain_lines(stream, STANDARD_INPUT, Columns("text", None))
