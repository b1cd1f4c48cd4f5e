"""Reading texts, and texts with labels, from files, folders, tables and memory.

A source is a stream of items (see `rows`). Good rows are passed on; a bad row raises or, with
``skip_bad``, is counted and its message kept, so nothing is left out silently.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeGuard

from sentiment_transfer.corpus.checks import LabelledRows, SkippedRows, good_rows, text_of
from sentiment_transfer.corpus.resolve import looks_like_path, sources_of
from sentiment_transfer.corpus.rows import Columns
from sentiment_transfer.corpus.sources import MAX_BYTES
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentiment_transfer.corpus.rows import Source

__all__ = ["Labelled", "Texts", "read_labelled", "read_texts"]


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
) -> Texts:
    """Read texts from files, folders, tables or memory.

    Parameters
    ----------
    source
        A path, URL (through fsspec) or glob pattern of ``.csv``, ``.tsv``, ``.jsonl``, ``.ndjson``,
        ``.parquet``, ``.txt`` (one text a line) or ``.ft`` (fastText lines, labels cut off) files,
        all but Parquet also with ``.gz`` or ``.zst``; a folder of ``.txt`` files or of ``pos``,
        ``neg`` and ``unsup`` folders of them; a list of any of these; a pandas DataFrame or Series;
        a pyarrow Table or Array; an iterable of strings, a generator for one pass only.

        The strings of a list are texts, unless the first is a URL or ends in one of these suffixes;
        this depends on the form alone, not on what exists. Do not pass untrusted strings (from a
        web form): one in the form of a path would be opened.
    text
        The column of the texts, for sources with columns.
    skip_bad
        Leave bad rows out and count them instead of raising the first.
    on_skip
        Called with each message about something left out, until the first pass is complete.
    max_bytes
        A compressed or Parquet file that expands to more is refused.

    Returns
    -------
    Texts
        A text may be empty (an empty field of a table); blank lines are skipped and counted.

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
    sources = sources_of(source, Columns(text, None), max_bytes)
    return Texts(sources, skip_bad=skip_bad, on_skip=on_skip)


def read_labelled(
    source: object,
    *,
    text: str = "text",
    label: str = "label",
    skip_bad: bool = False,
    on_skip: Callable[[str], None] | None = None,
    max_bytes: int = MAX_BYTES,
) -> Labelled:
    """Read texts with their labels into memory.

    Accepts the sources of `read_texts` that have labels: tables, JSON lines, fastText lines (in a
    file or a list), a folder with ``pos`` and ``neg`` (labels "positive" and "negative"), a pair
    ``(texts, labels)``.

    A label is kept as written: "01" is not "1", "NA" and "null" are words. Integers
    and booleans of typed sources become "1" and "True". An empty or missing text or label, a float
    or a list as label, and two labels on one line are bad rows. Labels of several types in one
    source are an error, since 1 and "1" would become one class.

    Parameters
    ----------
    source, text, skip_bad, on_skip, max_bytes
        As for `read_texts`.
    label
        The column of the labels, for sources with columns.

    Raises
    ------
    InputError
        As for `read_texts`.
    """
    if isinstance(source, Labelled):
        return source
    skipped = SkippedRows(skip_bad, on_skip)
    sources = sources_of(source, Columns(text, label), max_bytes)
    rows = list(good_rows(sources, LabelledRows(), skipped))
    return Labelled([row[0] for row in rows], [row[1] for row in rows], skipped.messages)


def _lists_texts(source: object) -> TypeGuard[Sequence[str]]:
    return (
        isinstance(source, list | tuple)
        and set(map(type, source)) <= {str}
        and not any(map(looks_like_path, source[:1]))
    )
