"""Tokenizing whole corpora, compiled by numba: gives the same tokens as ``Tokenizer``.

``Splitter`` numbers the pieces of a batch of texts, and ``Tokenizer.entry`` gives the role of each
new piece. ``mark`` drops stop words and follows the reach of negators over the piece numbers. A
piece leaves as ``2 * number``, or ``2 * number + 1`` if it is negated; these are then numbered
again by the token they stand for, as two pieces may share one (``movie``, ``movie's``).

Import this module late: numba takes longer to import than a few hundred texts to tokenise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.base.compiled import compiled
from sentiment_transfer.text.pieces_numba import Splitter
from sentiment_transfer.text.tokenizer import Role
from sentiment_transfer.text.vocabulary import TokenIds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.text.tokenizer import Tokenizer

    Bytes = NDArray[np.uint8]
    Ids = NDArray[np.int32]
    Offsets = NDArray[np.int64]

__all__ = ["Scanner"]

# Roles as plain integers, which numba takes as constants.
_ROLE_WORD, _ROLE_STOP, _ROLE_NEGATOR = int(Role.WORD), int(Role.STOP), int(Role.NEGATOR)
_ROLE_INTENSIFIER, _ROLE_BREAK = int(Role.INTENSIFIER), int(Role.BREAK)

_UNSEEN = -1


@compiled
def mark(
    pieces: Ids, offsets: Offsets, roles: Bytes, window: int, drop_stop_words: bool, numbers: Ids
) -> tuple[Ids, Offsets, Ids]:
    """Drop stop words and mark negated words: ``Tokenizer.tokens`` on piece numbers.

    Returns the variants that stay (twice the piece, plus 1 if negated), the offsets of the texts
    among them, and the variants that ``numbers`` holds as unseen, in the order first seen; they
    are entered there by their place in that list.
    """
    variants = np.empty(len(pieces), np.int32)
    kept = np.zeros(len(offsets), np.int64)
    fresh = np.empty(min(len(pieces), len(numbers)), np.int32)
    n, n_fresh = 0, 0
    for text in range(len(offsets) - 1):
        reach = 0
        for piece in pieces[offsets[text] : offsets[text + 1]]:
            role = roles[piece]
            if role == _ROLE_BREAK:
                reach = 0
                continue
            if role != _ROLE_STOP or not drop_stop_words:
                variant = 2 * piece + (1 if reach > 0 and role == _ROLE_WORD else 0)
                if numbers[variant] == _UNSEEN:
                    numbers[variant] = n_fresh
                    fresh[n_fresh] = variant
                    n_fresh += 1
                variants[n] = variant
                n += 1
            if role == _ROLE_NEGATOR:
                reach = window
            else:
                reach = reach - 1 if role in (_ROLE_STOP, _ROLE_INTENSIFIER) else 0
        kept[text + 1] = n
    return variants[:n], kept, fresh[:n_fresh]


class Scanner:
    """Number the tokens of texts, batch by batch, in the order first seen.

    Pieces seen before are remembered, so use one scanner for all batches of a corpus. Not to be
    shared between threads.

    Parameters
    ----------
    tokenizer
        Defines the tokens. Tokenizers with a ``splitter`` of another package are not supported.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._splitter = Splitter(tokenizer.prepare)
        self._ids: dict[str, int] = {}
        self._tokens: list[str] = []
        self._roles = np.zeros(0, dtype=np.uint8)
        self._numbers = np.zeros(0, dtype=np.int32)

    @property
    def words(self) -> list[str]:
        """The tokens seen so far, in the order of their ids."""
        return list(self._ids)

    def scan(self, texts: Sequence[str]) -> TokenIds:
        """Return the ids of the tokens of each text, as indices into ``words``."""
        pieces, offsets = self._splitter.split(texts)
        self._enter_new()
        tokenizer = self._tokenizer
        variants, offsets, fresh = mark(
            pieces,
            offsets,
            self._roles,
            tokenizer.language_data.window,
            bool(tokenizer.stop_words),
            self._numbers,
        )
        self._number(fresh)
        return TokenIds(self._numbers[variants], offsets)

    def _enter_new(self) -> None:
        """Look up role and token of the new pieces."""
        new = self._splitter.from_number(len(self._tokens))
        entries = [self._tokenizer.entry(piece) for piece in new]
        self._tokens += [entry.token for entry in entries]
        roles = np.fromiter((entry.role for entry in entries), np.uint8, len(entries))
        self._roles = np.concatenate([self._roles, roles])
        unseen = np.full(2 * len(entries), _UNSEEN, dtype=np.int32)
        self._numbers = np.concatenate([self._numbers, unseen])

    def _number(self, variants: Ids) -> None:
        """Assign ids to the tokens of new variants."""
        tokenizer, ids = self._tokenizer, self._ids
        marker = tokenizer.language_data.marker if tokenizer.mark_negation else ""
        for variant in variants.tolist():
            token = self._tokens[variant >> 1]
            word = marker + token if variant & 1 else token
            self._numbers[variant] = ids.setdefault(word, len(ids))
