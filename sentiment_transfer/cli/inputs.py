"""Read the texts, labelled texts and models that arguments name."""

from __future__ import annotations

import glob
import sys
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.cli.messages import say
from sentiment_transfer.corpus import Texts, read_labelled, read_texts
from sentiment_transfer.corpus.columns import ColumnNames, Columns
from sentiment_transfer.corpus.folders import REVIEW_FOLDERS, some_of
from sentiment_transfer.corpus.formats import source_of
from sentiment_transfer.corpus.readers import labelled_from
from sentiment_transfer.corpus.rows import OR_SKIP, SkippedRows
from sentiment_transfer.corpus.sources import FileOptions, locate, stream_location
from sentiment_transfer.corpus.texts import TextTally
from sentiment_transfer.errors import InputError, ModelFileError, SettingError
from sentiment_transfer.model import SentimentClassifier, load
from sentiment_transfer.model.training_summary import TrainingSummary
from sentiment_transfer.pretraining.bank import bank_names

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.corpus.rows import Source
    from sentiment_transfer.pretraining import WordVectors

__all__ = [
    "Reader",
    "labels_of",
    "new_names",
    "open_classifier",
    "start_classifier",
    "vectors_of",
]

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
        self._how: dict[str, Any] = {
            "sep": files.sep,
            "encoding": files.encoding,
            "sheet": files.sheet,
            "format": files.format,
        }
        self.count = 0

    def texts(self, arguments: Sequence[str]) -> Texts:
        """Return files, folders and URLs, or standard input for ``-``, as one stream of texts."""
        if "-" not in arguments:
            sources = [_source(argument) for argument in arguments]
            given = sources if len(sources) > 1 else sources[0]
            texts = read_texts(given, **self._columns, **self._how)
            for source in sources:
                with suppress(OSError):  # said when it is read
                    _describe(source)
            return texts
        if len(arguments) > 1:
            raise SettingError("- (standard input) cannot be combined with other TEXTS")
        return Texts([self._standard_input(None)], **self._options)

    def counted(self, arguments: Sequence[str]) -> Texts:
        """Return the same as `texts`; `say_counts` reports how many there were."""
        texts = self.texts(arguments)
        texts.tally = self._tally = TextTally()
        return texts

    def say_counts(self) -> None:
        """Say how many texts of `counted` were read, and how many were empty or repeated."""
        found = self._tally
        if found is not None:
            say(f"{found.n:,} texts read, {found.n_empty:,} empty, {found.n_repeated:,} repeated")

    def _standard_input(self, label: str | None) -> Source:
        form = self._files.format or "txt"
        if form not in STREAMED:
            raise SettingError(
                f"--input-format {form} cannot be read from standard input; give a file"
            )
        columns = Columns(self._columns["text"], label, self._columns["columns"])
        stream: Any = sys.stdin.buffer
        return source_of(stream_location(stream, STANDARD_INPUT), form, columns, self._files)

    def labelled(self, argument: str) -> Labelled:
        """Read a file, folder or URL of texts with labels, or standard input for ``-``."""
        if argument == "-":
            skipped = SkippedRows(**self._options)
            rows = labelled_from([self._standard_input(self._label)], skipped)
        else:
            options = self._columns | self._how
            rows = read_labelled(_source(argument), label=self._label, **options)
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


def new_names(listed: str) -> dict[str, str]:
    """Return the new name of each label in a list such as ``1,2=negative,4,5=positive``.

    Raises ``SettingError`` for a list that ends without a new name, and for a label named twice.
    """
    names: dict[str, str] = {}
    waiting: list[str] = []
    for part in map(str.strip, listed.split(",")):
        label, renamed, new = (piece.strip() for piece in part.partition("="))
        waiting.append(label)
        if renamed:
            if set(waiting) & names.keys() or not all((*waiting, new)) or "=" in new:
                break
            names |= dict.fromkeys(waiting, new)
            waiting = []
    if waiting or not names:
        raise SettingError(
            f"--map-labels {listed} is not allowed; it must name each label once, as in "
            "1,2=negative,4,5=positive"
        )
    return names


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


def open_classifier(path: Path) -> SentimentClassifier:
    """Load a model that can predict."""
    model = load(path)
    if isinstance(model, SentimentClassifier):
        return model
    raise ModelFileError(
        "is a file of word vectors, not a classifier; train one with: "
        f"sentiment-transfer fit LABELLED --vectors {path} -o model.safetensors",
        path=str(path),
    )


def labels_of(model: SentimentClassifier) -> NDArray[np.str_]:
    """Return the classes of a model as text, as labels are in files, ``(n_classes,)``."""
    return model.classes_.astype(np.str_)


def start_classifier(
    vectors: Path | None,
    language: str | None,
    *,
    keep: bool = False,
    **parameters: Any,  # noqa: ANN401  (of SentimentClassifier)
) -> SentimentClassifier:
    """Return a classifier without labels: with the vectors of a file, or still to be pretrained.

    With ``keep``, a model in the file keeps what it learnt from unlabelled texts.
    """
    if vectors is None:
        return SentimentClassifier(language or "en", **parameters)
    model = load(vectors)
    words = model.vectors_ if isinstance(model, SentimentClassifier) else model
    trained = words.tokenizer.language
    if language not in (None, trained):
        raise SettingError(
            f"--language {language} is not allowed; {vectors} was trained on {trained!r} "
            "(leave out --language)"
        )
    shipped = str(vectors) in bank_names() and not vectors.is_file()
    if keep and not shipped and isinstance(model, SentimentClassifier) and model.knows_polarity:
        return model.set_params(**parameters)
    return SentimentClassifier(trained, vectors=str(vectors) if shipped else words, **parameters)


def vectors_of(path: Path) -> WordVectors:
    """Load word vectors, from a file of them or from a classifier."""
    model = load(path)
    return model.vectors_ if isinstance(model, SentimentClassifier) else model
