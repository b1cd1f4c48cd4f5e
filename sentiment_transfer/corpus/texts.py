"""What reading returns: a stream of texts, or texts with labels in memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING

from sentiment_transfer.corpus.columns import Columns
from sentiment_transfer.corpus.rows import SkippedRows, good_rows, text_of
from sentiment_transfer.corpus.sources import file_state
from sentiment_transfer.errors import InputError, SettingError, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from sentiment_transfer.corpus.rows import Source

__all__ = ["Labelled", "ListedTexts", "TextTally", "Texts"]

LABELS_SHOWN = 8
"""Labels in the ``repr`` of labelled texts, the most frequent first."""


class TextTally:
    """How many texts the latest complete pass had, and how many of them teach nothing new.

    Repeated texts are counted exactly up to 131,072 distinct ones. Beyond that, only hashes whose
    last bits are 0 are kept, and ``n_repeated`` is estimated from these (`n_repeated_is_exact`):
    adaptive sampling (Flajolet 1990, "On adaptive sampling").
    """

    KEPT = 1 << 17

    def __init__(self) -> None:
        self.n = self.n_empty = self.n_repeated = 0
        self.n_repeated_is_exact = True

    def watch(self, texts: Iterable[str]) -> Iterator[str]:
        """Yield the texts, and count them."""
        n = n_empty = mask = 0
        counts: dict[int, int] = {}
        for text in texts:
            n += 1
            if not text or text.isspace():
                n_empty += 1
            elif not (value := hash(text)) & mask:
                counts[value] = counts.get(value, 0) + 1
                if len(counts) > self.KEPT:
                    mask = 2 * mask + 1
                    counts = {value: count for value, count in counts.items() if not value & mask}
            yield text
        self.n, self.n_empty = n, n_empty
        self.n_repeated = (mask + 1) * (sum(counts.values()) - len(counts))
        self.n_repeated_is_exact = not mask


class Texts:
    r"""A stream of texts that can be iterated repeatedly; returned by `read_texts`.

    Each iteration reads the sources again, in the same order. Memory does not grow with a corpus in
    files. ``len`` is available if the source is a list or tuple of strings.

    Parameters
    ----------
    sources
        What is read, one after the other.
    skip_bad
        Leave rows out that cannot be read, and count them, in place of an error.
    on_skip
        Called with a message for each row that is left out.
    may_be_empty
        Whether no text at all is allowed, in place of an error.

    Examples
    --------
    >>> from pathlib import Path
    >>> from sentiment_transfer import read_texts
    >>> _ = Path("reviews.txt").write_text("A fine film.\nA dull plot.\n")
    >>> texts = read_texts("reviews.txt")
    >>> list(texts), list(texts.batches(1))
    (['A fine film.', 'A dull plot.'], [['A fine film.'], ['A dull plot.']])
    """

    def __init__(
        self,
        sources: Sequence[Source],
        *,
        skip_bad: bool = False,
        on_skip: Callable[[str], None] | None = None,
        may_be_empty: bool = False,
    ) -> None:
        self._sources = sources
        self._may_be_empty = may_be_empty
        self._skip_bad = skip_bad
        self._on_skip = on_skip
        self._skipped = SkippedRows(skip_bad, None)
        self.tally: TextTally | None = None
        """What counts the texts of each pass, if it is set."""

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
        may_be_empty = self._may_be_empty
        rows = good_rows(self._sources, text_of, skipped, may_be_empty=may_be_empty)
        yield from rows if self.tally is None else self.tally.watch(rows)
        self._on_skip = None  # reported once; further passes leave out the same

    def parts(self) -> list[Texts]:
        """Return the texts of each source by itself, as other processes read them.

        What they skip is kept in ``skipped``, and no function is called with it. A part may be
        empty.
        """
        return [self.of_source(source) for source in self._sources]

    @property
    def sources(self) -> Sequence[Source]:
        """The sources, in the order in which they are read."""
        return self._sources

    def of_source(self, source: Source) -> Texts:
        """Return the texts of one source, read with the same options; perhaps none.

        Parameters
        ----------
        source
            One of `sources`.
        """
        return Texts([source], skip_bad=self._skip_bad, may_be_empty=True)

    def describe(self) -> list[dict[str, str]] | None:
        """Return what the texts depend on, of each source, to recognise them again.

        None if they are not in files.
        """
        places = [source.location for source in self._sources]
        if any(place is None for place in places):
            return None
        return [
            {"name": place.name, **file_state(place)}
            | {"read": f"{_how(source)}, skip_bad={self._skip_bad}"}
            for place, source in zip(places, self._sources, strict=True)
            if place is not None
        ]

    def columns_read(self) -> dict[str, str]:
        """Return the names of the columns that the latest pass read, as far as they are noted."""
        found: dict[str, str] = {}
        for source in self._sources:
            for each in getattr(source.rows, "args", ()):
                if isinstance(each, Columns) and each.names is not None:
                    found |= each.names.read
        return found

    def batches(self, size: int) -> Iterator[list[str]]:
        """Yield lists of ``size`` texts, the last one perhaps shorter.

        Parameters
        ----------
        size
            Number of texts, at least 1.

        Raises
        ------
        SettingError
            ``size`` is not an integer of at least 1.
        """
        if size < 1:
            raise SettingError(f"size={size} is not allowed; it must be an integer of at least 1")
        texts = iter(self)
        while batch := list(islice(texts, size)):
            yield batch


def _how(source: Source) -> str:
    """Return the column and the options that a file is read with."""
    arguments = getattr(source.rows, "args", ())[1:]
    names = (
        f"text={each.text!r} or {each.names and each.names.text!r}"
        if isinstance(each, Columns)
        else repr(each)
        for each in arguments
    )
    return ", ".join(names)


class ListedTexts(Texts):
    """Texts in a list or tuple, returned unchanged."""

    def __init__(self, texts: Sequence[str]) -> None:
        super().__init__(())
        self._texts = texts

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def parts(self) -> list[Texts]:
        """Return itself: a list is one part."""
        return [self]

    def describe(self) -> None:
        """Return None: a list is not in files."""

    def __len__(self) -> int:
        return len(self._texts)

    @property
    def items(self) -> Sequence[str]:
        """The list itself."""
        return self._texts


@dataclass(frozen=True, repr=False)
class Labelled:
    """Texts with their labels.

    Its ``repr`` has the number of texts with each label, and no text.

    Attributes
    ----------
    texts, labels
        Lists of the same length; labels are strings exactly as written.
    skipped
        Messages about what was left out (at most 1,000).
    unlabelled
        Texts of rows without a label, if `read_labelled` was asked for them.
    places
        Where each text stands, such as ``"labelled.csv, line 7"``, if they were asked for.

    Raises
    ------
    InputError
        The numbers of texts and labels differ.

    Examples
    --------
    >>> rows = Labelled(["A fine film.", "A dull plot."], ["good", "bad"])
    >>> list(zip(rows.texts, rows.labels))
    [('A fine film.', 'good'), ('A dull plot.', 'bad')]
    """

    texts: list[str]
    labels: list[str]
    skipped: list[str] = field(default_factory=list)
    unlabelled: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if len(self.texts) != len(self.labels):
            raise InputError(f"{len(self.texts)} texts but {len(self.labels)} labels")

    def __len__(self) -> int:
        return len(self.texts)

    def __repr__(self) -> str:
        counts = Counter(self.labels).most_common()
        labels = [f"{count:,} {shown(label)}" for label, count in counts[:LABELS_SHOWN]]
        labels += [f"{len(counts) - LABELS_SHOWN:,} more labels"] * (len(counts) > LABELS_SHOWN)
        parts = [f"{len(self):,} texts" + (f": {', '.join(labels)}" if labels else "")]
        parts += [f"{len(self.unlabelled):,} unlabelled"] * bool(self.unlabelled)
        n = len(self.skipped)
        parts += [f"{n:,} message{'s' * (n != 1)} in .skipped"] * bool(n)
        return f"Labelled({'; '.join(parts)})"
