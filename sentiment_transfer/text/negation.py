"""Negators that stand behind the word they negate, in plain Python that numba compiles.

``재미있지 않다`` and ``面白くない`` are *interesting not*; in ``es funktioniert nicht``, nothing
follows the negator. Which negators reach back is in the language's file (``scope.after``,
``scope.around``). This module imports no numba: `scanner_numba` compiles its function for many
texts, and few texts do not wait for it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["NEGATORS", "Role", "negated_behind"]


class Role(IntEnum):
    """Effect of a piece of text on the tokens around it."""

    WORD = 0
    STOP = 1
    NEGATOR = 2
    """A negator of the first plain word after it."""
    INTENSIFIER = 3
    CANCEL = 4
    CONTRAST = 5
    """A token that ends the reach of a negator: but, though, !, ?, emoji."""
    BREAK = 6
    """Punctuation that ends the reach of a negator and is no token."""
    NEGATOR_AFTER = 7
    """A negator of the nearest plain word before it."""
    NEGATOR_AROUND = 8
    """A negator of the first plain word after it; if it reaches none, of the nearest before."""


NEGATORS = frozenset({Role.NEGATOR, Role.NEGATOR_AFTER, Role.NEGATOR_AROUND})
"""Roles of negators."""

_WORD, _STOP, _INTENSIFIER = int(Role.WORD), int(Role.STOP), int(Role.INTENSIFIER)
_AFTER, _AROUND = int(Role.NEGATOR_AFTER), int(Role.NEGATOR_AROUND)


def negated_behind(
    roles: NDArray[np.uint8],
    offsets: NDArray[np.int64],
    window: int,
    window_back: int,
    negated: NDArray[np.bool_],
) -> None:
    """Set ``negated`` for the plain words that a negator behind them reaches.

    A negator reaches the nearest plain word, at most ``window_back`` words back; stop words and
    intensifiers are skipped, and any other piece ends its reach. One of the role `NEGATOR_AROUND`
    reaches back only if no plain word is within ``window`` words after it.

    Parameters
    ----------
    roles
        Role of each piece, ``(n_pieces,)``.
    offsets
        Offsets of the texts among the pieces, ``(n_texts + 1,)``.
    window, window_back
        Largest distances ahead and back, in words.
    negated
        Written to, ``(n_pieces,)``; where it is set already, it stays so.
    """
    for text in range(len(offsets) - 1):
        begin, end = offsets[text], offsets[text + 1]
        for place in range(begin, end):
            if roles[place] != _AFTER and roles[place] != _AROUND:
                continue
            if roles[place] == _AROUND:
                at, last = place + 1, min(place + window, end - 1)
                while at <= last and (roles[at] == _STOP or roles[at] == _INTENSIFIER):
                    at += 1
                if at <= last and roles[at] == _WORD:
                    continue
            at, last = place - 1, max(place - window_back, begin)
            while at >= last and (roles[at] == _STOP or roles[at] == _INTENSIFIER):
                at -= 1
            if at >= last and roles[at] == _WORD:
                negated[at] = True
