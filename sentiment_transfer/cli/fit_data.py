"""The unlabelled texts that ``sentiment-transfer fit`` trains on."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from sentiment_transfer.cli.fit_settings import NO_TEXTS, Given
from sentiment_transfer.cli.inputs import shown_name
from sentiment_transfer.cli.messages import say
from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sentiment_transfer.cli.inputs import Reader
    from sentiment_transfer.corpus import Labelled

__all__ = ["LEAST_BLANKS", "unlabelled_texts"]

LEAST_BLANKS = 100
"""Rows without a label from which they serve as unlabelled texts.

Fitting the encoder to 1 to 30 of them changed the accuracy by -1.5 to +0.7 points.
"""


def unlabelled_texts(given: Given, rows: Labelled | None, read: Reader) -> Iterable[str] | None:
    """Return the texts to pretrain on or to adapt to; None if the labelled ones are to do.

    These are the texts of ``--unlabelled`` and of rows without a label, if there are enough of the
    latter; if there are no others and no vectors, those with a label too. Says how many rows have
    no label. Raises ``SettingError`` if there are neither texts nor vectors.
    """
    blanks = [] if rows is None else rows.unlabelled
    name = shown_name(given.labelled or "")
    if len(blanks) < LEAST_BLANKS:
        if blanks:
            say(
                f"{name}: {len(rows or ()):,} texts with a label; {len(blanks):,} "
                f"without, which are left out: fewer than {LEAST_BLANKS} are not worth adapting to"
            )
        blanks = []
    elif rows is not None:
        say(
            f"{name}: {len(rows):,} texts with a label; {len(blanks):,} without, which "
            "are used as unlabelled texts"
        )
    named = [read.counted(given.unlabelled)] if given.unlabelled else []
    if not blanks and not named:
        if given.vectors is None:
            raise SettingError(NO_TEXTS)
        return None
    if named and not blanks:
        return named[0]
    own = [rows.texts] if rows is not None and not named and given.vectors is None else []
    return Several([*named, *own, blanks])


class Several:
    """Iterates over several collections of texts, one after the other, again and again."""

    def __init__(self, parts: Iterable[Iterable[str]]) -> None:
        self._parts = list(parts)

    def __iter__(self) -> Iterator[str]:
        return chain.from_iterable(self._parts)
