"""What the error of an empty text adds where most texts of the file are empty."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from sentiment_transfer.corpus.columns import Columns
from sentiment_transfer.corpus.rows import text_of
from sentiment_transfer.errors import InputError, SentimentTransferError, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_transfer.corpus.rows import Source

__all__ = ["wrong_column"]

ROWS_COUNTED = 100_000
"""Rows of a file that are read for the count, so that an error of a large one comes at once."""


def wrong_column(sources: Sequence[Source], error: InputError) -> InputError:
    """Return the error to raise for an empty text: about the column, if most texts are empty.

    The file of the error is read again, if it is one of this machine. The error itself is returned
    if half of the texts or more are there, or if the file cannot be read again.
    """
    for source in sources:
        location = source.location
        if location is None or error.path != source.name or "file" not in location.fs.protocol:
            continue
        n, n_empty = _count(source)
        if 2 * n_empty > n:
            column = _text_column(source)
            return InputError(
                f"{n_empty:,} of {n:,} texts are empty; is text={shown(column)} the right column? "
                "If it is, drop these rows or pass skip_bad=True",
                path=source.name,
            )
    return error


def _count(source: Source) -> tuple[int, int]:
    """Return how many rows a source has, and how many of these have no text."""
    n = n_empty = 0
    try:
        for item in islice(source.rows(), ROWS_COUNTED):
            if isinstance(item, tuple):
                text = text_of(source, item)
                n += 1
                n_empty += isinstance(text, str) and (not text or text.isspace())
    except SentimentTransferError:  # further down, something else is wrong with the file
        pass
    return n, n_empty


def _text_column(source: Source) -> str:
    """Return the name of the column of texts."""
    for each in getattr(source.rows, "args", ()):
        if isinstance(each, Columns):
            return (each.names and each.names.read.get("text")) or each.text
    return "text"
