"""Numbering of the tokens of whole corpora: `Tokenizer` compiled by numba.

`Splitter` numbers the pieces of a batch of texts, and `Tokenizer.entry` is called once for each new
piece. `mark` drops stop words and applies negators to the piece numbers. A piece gets the variant
``2 * number``, or ``2 * number + 1`` if it is negated; variants are numbered by their token, since
two pieces may have the same one (``movie``, ``movie's``).

Import this module late: importing numba takes longer than tokenising a few hundred texts.
"""

from __future__ import annotations

from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.base.compiled import compiled
from sentiment_transfer.text.negation import negated_behind
from sentiment_transfer.text.pieces_numba import Splitter
from sentiment_transfer.text.scanner import Scan, prepare_signs
from sentiment_transfer.text.tokenizer import SLIPS, Role
from sentiment_transfer.text.vocabulary import TokenIds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.text.tokenizer import Entry, Tokenizer

    Bytes = NDArray[np.uint8]
    Ids = NDArray[np.int32]
    Offsets = NDArray[np.int64]

__all__ = ["Scanner"]

# Roles as plain integers, which numba takes as constants.
_ROLE_WORD, _ROLE_STOP, _ROLE_NEGATOR = int(Role.WORD), int(Role.STOP), int(Role.NEGATOR)
_ROLE_INTENSIFIER, _ROLE_BREAK = int(Role.INTENSIFIER), int(Role.BREAK)
_ROLE_AROUND = int(Role.NEGATOR_AROUND)

_UNSEEN = -1

_negated_behind = compiled(negated_behind)


@compiled
def mark(
    pieces: Ids,
    offsets: Offsets,
    roles: Bytes,
    window: int,
    drop_stop_words: bool,
    behind: NDArray[np.bool_],
    numbers: Ids,
    places: Ids,
) -> tuple[Ids, Offsets, Ids]:
    """Drop stop words and mark negated words: `Tokenizer.tokens` on piece numbers.

    ``behind`` is whether a negator behind a piece negates it; empty if the language has none.
    Returns the variants that are kept, the offsets of the texts among them, and the variants that
    are new in ``numbers``, in the order first seen; ``numbers`` is set to their index there. The
    place of each kept variant among the pieces is written to ``places``, unless that is empty.
    """
    variants = np.empty(len(pieces), np.int32)
    kept = np.zeros(len(offsets), np.int64)
    fresh = np.empty(min(len(pieces), len(numbers)), np.int32)
    n, n_fresh = 0, 0
    for text in range(len(offsets) - 1):
        reach = 0
        for place in range(offsets[text], offsets[text + 1]):
            piece = pieces[place]
            role = roles[piece]
            if role == _ROLE_BREAK:
                reach = 0
                continue
            if role != _ROLE_STOP or not drop_stop_words:
                is_negated = reach > 0 or (len(behind) > 0 and behind[place])
                variant = 2 * piece + (1 if is_negated and role == _ROLE_WORD else 0)
                if numbers[variant] == _UNSEEN:
                    numbers[variant] = n_fresh
                    fresh[n_fresh] = variant
                    n_fresh += 1
                variants[n] = variant
                if len(places):
                    places[n] = place
                n += 1
            if role in (_ROLE_NEGATOR, _ROLE_AROUND):
                reach = window
            else:
                reach = reach - 1 if role in (_ROLE_STOP, _ROLE_INTENSIFIER) else 0
        kept[text + 1] = n
    return variants[:n], kept, fresh[:n_fresh]


class Scanner:
    """Number the tokens of texts, batch by batch, in the order first seen.

    Pieces are cached, so use one scanner for all batches. Threads must not share it.

    Parameters
    ----------
    tokenizer
        Splits the texts; must have no ``splitter`` of another package.
    signs
        Whether emoticons and hashtags are replaced (`signs.expanded`).
    """

    def __init__(self, tokenizer: Tokenizer, *, signs: bool = False) -> None:
        self._tokenizer = tokenizer
        self._signs = signs
        prepare = partial(prepare_signs, tokenizer) if signs else tokenizer.prepare
        cuts = bool(tokenizer.language_data.cuts)
        self._splitter = Splitter(prepare, signs=signs, prepares_all=cuts)
        self._ids: dict[str, int] = {}
        self._entries: list[Entry] = []
        self._endings: dict[int, str] = {}  # pieces that may end a contraction, by number
        self._slips: set[int] = set()
        self._contractions: dict[tuple[int, int], int | None] = {}  # of two pieces, by numbers
        self._roles = np.zeros(0, dtype=np.uint8)
        self._numbers = np.zeros(0, dtype=np.int32)

    def __len__(self) -> int:
        """Return the number of distinct pieces so far."""
        return len(self._entries)

    @property
    def n_bytes(self) -> int:
        """Size of what it has seen (`Splitter.n_bytes`); its memory is some ten times as much."""
        return self._splitter.n_bytes

    def renewed(self) -> Scanner:
        """Return a scanner with the same settings that has seen nothing."""
        return Scanner(self._tokenizer, signs=self._signs)

    def tokens_from(self, first: int) -> list[str]:
        """Return the tokens with ids from ``first`` on."""
        new = islice(reversed(self._ids), len(self._ids) - first)  # quick for few
        return [*new][::-1]

    def words_from(self, first: int) -> list[str]:
        """Return the words with ids from ``first`` on."""
        return [entry.word for entry in self._entries[first:]]

    def pieces_from(self, first: int) -> list[tuple[str, Entry]]:
        """Return the pieces with ids from ``first`` on, each with its entry."""
        return list(zip(self._splitter.from_number(first), self._entries[first:], strict=True))

    def scan(self, texts: Sequence[str], *, words: bool = False, pieces: bool = False) -> Scan:
        """Return the ids of a batch; those of words and pieces are empty unless requested."""
        numbers, offsets = self._splitter.split(texts)
        self._enter_new()
        numbers, offsets = self._joined(numbers, offsets)
        tokenizer = self._tokenizer
        places = np.zeros(len(numbers) if pieces else 0, np.int32)
        variants, ends, fresh = mark(
            numbers,
            offsets,
            self._roles,
            tokenizer.language_data.window,
            bool(tokenizer.stop_words),
            self._behind(numbers, offsets),
            self._numbers,
            places,
        )
        self._number(fresh)
        tokens, read = TokenIds(self._numbers[variants], ends), TokenIds(numbers, offsets)
        none = TokenIds(numbers[:0], np.zeros_like(offsets))
        return Scan(
            tokens,
            read.where(self._roles[numbers] != _ROLE_BREAK) if words else none,
            read if pieces else none,
            places[: len(variants)],
        )

    def _behind(self, pieces: Ids, offsets: Offsets) -> NDArray[np.bool_]:
        """Return whether a negator behind each piece negates it; nothing if none reaches back."""
        known = self._tokenizer.language_data
        negated = np.zeros(len(pieces) if known.after or known.around else 0, np.bool_)
        if len(negated):
            reach = known.window, known.window_back
            _negated_behind(self._roles[pieces], offsets, *reach, negated)
        return negated

    def _joined(self, pieces: Ids, offsets: Offsets) -> tuple[Ids, Offsets]:
        """Join the pieces of contractions, as `Tokenizer.pieces` does."""
        is_ending = np.zeros(len(pieces), dtype=np.bool_)
        for number in self._endings:
            is_ending |= pieces == number
        places = np.flatnonzero(is_ending)
        begins = offsets[np.searchsorted(offsets, places, side="right") - 1]
        replaced: dict[int, int] = {}
        dropped: list[int] = []
        pieces = pieces.copy() if len(places) else pieces  # a split overwrites what it returned
        for place, begin in zip(places.tolist(), begins.tolist(), strict=True):
            stem = place - 1 - (int(pieces[place - 1]) in self._slips)
            joined = self._contraction(pieces[stem], pieces[place]) if stem >= begin else None
            if joined is not None:
                replaced[stem] = joined
                dropped += range(stem + 1, place + 1)
        if not dropped:
            return pieces, offsets
        self._enter_new()
        pieces[list(replaced)] = list(replaced.values())
        return np.delete(pieces, dropped), offsets - np.searchsorted(dropped, offsets)

    def _contraction(self, stem: np.int32, ending: np.int32) -> int | None:
        """Return the number of the negator that two pieces make, or None if they make none."""
        pair = int(stem), int(ending)
        if pair not in self._contractions:
            joined = self._splitter.from_number(pair[0], pair[0] + 1)[0] + self._endings[pair[1]]
            known = joined in self._tokenizer.language_data.negators
            number = int(self._splitter.split([joined])[0][0]) if known else None
            self._contractions[pair] = number
        return self._contractions[pair]

    def _enter_new(self) -> None:
        """Compute the entries of new pieces."""
        new = self._splitter.from_number(len(self))
        endings = self._tokenizer.language_data.negator_endings & set(new)
        self._endings |= {len(self) + new.index(ending): ending for ending in endings}
        self._slips |= {len(self) + new.index(slip) for slip in SLIPS & set(new)}
        entries = [self._tokenizer.entry(piece) for piece in new]
        self._entries += entries
        roles = np.fromiter((entry.role for entry in entries), np.uint8, len(entries))
        self._roles = np.concatenate([self._roles, roles])
        unseen = np.full(2 * len(entries), _UNSEEN, dtype=np.int32)
        self._numbers = np.concatenate([self._numbers, unseen])

    def _number(self, variants: Ids) -> None:
        """Number the tokens of new variants."""
        tokenizer, ids = self._tokenizer, self._ids
        marker = tokenizer.language_data.marker if tokenizer.mark_negation else ""
        for variant in variants.tolist():
            token = self._entries[variant >> 1].token
            word = marker + token if variant & 1 else token
            self._numbers[variant] = ids.setdefault(word, len(ids))
