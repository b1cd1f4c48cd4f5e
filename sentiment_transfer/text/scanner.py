"""Numbering of tokens, batch by batch: the interface, and an implementation in Python."""

from __future__ import annotations

from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np

from sentiment_transfer.text.signs import expanded
from sentiment_transfer.text.vocabulary import TokenIds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.text.tokenizer import Entry, Tokenizer

__all__ = ["ReadableScanner", "Scan", "TokenScanner", "prepare_signs"]


def prepare_signs(tokenizer: Tokenizer, text: str) -> str:
    """Replace emoticons and hashtags, then prepare a text as `Tokenizer.prepare`."""
    return tokenizer.prepare(expanded(text))


class Scan(NamedTuple):
    """Ids of the tokens of a batch of texts, and of the words and pieces if they were requested.

    Words are tokens before stop words are dropped, words stemmed and negated words marked. Pieces
    are words and the punctuation between; ``places`` holds the piece of each token, int32.
    """

    tokens: TokenIds
    words: TokenIds
    pieces: TokenIds
    places: NDArray[np.int32]


class TokenScanner(Protocol):
    """Numbers tokens, words and pieces in the order first seen."""

    def scan(self, texts: Sequence[str], *, words: bool = False, pieces: bool = False) -> Scan:
        """Return the ids of a batch; those of words and pieces are empty unless requested."""
        ...

    def renewed(self) -> TokenScanner:
        """Return a scanner with the same settings that has seen nothing."""
        ...

    def tokens_from(self, first: int) -> list[str]:
        """Return the tokens with ids from ``first`` on."""
        ...

    def words_from(self, first: int) -> list[str]:
        """Return the words with ids from ``first`` on."""
        ...

    def pieces_from(self, first: int) -> list[tuple[str, Entry]]:
        """Return the pieces with ids from ``first`` on, each with its entry."""
        ...


class ReadableScanner:
    """`scanner_numba.Scanner` in Python, for few texts and for any tokenizer."""

    def __init__(self, tokenizer: Tokenizer, *, signs: bool = False) -> None:
        self._tokenizer = tokenizer
        self._signs = signs
        self._prepare = partial(prepare_signs, tokenizer) if signs else tokenizer.prepare
        self._tokens: dict[str, int] = {}
        self._words: dict[str, int] = {}
        self._pieces: dict[str, int] = {}

    def renewed(self) -> ReadableScanner:
        """Return a scanner with the same settings that has seen nothing."""
        return ReadableScanner(self._tokenizer, signs=self._signs)

    def tokens_from(self, first: int) -> list[str]:
        """Return the tokens with ids from ``first`` on."""
        new = islice(reversed(self._tokens), len(self._tokens) - first)  # quick for few
        return [*new][::-1]

    def words_from(self, first: int) -> list[str]:
        """Return the words with ids from ``first`` on."""
        return list(islice(self._words, first, None))

    def pieces_from(self, first: int) -> list[tuple[str, Entry]]:
        """Return the pieces with ids from ``first`` on, each with its entry."""
        pieces = islice(self._pieces, first, None)
        return [(piece, self._tokenizer.entry(piece)) for piece in pieces]

    def scan(self, texts: Sequence[str], *, words: bool = False, pieces: bool = False) -> Scan:
        """Return the ids of a batch; those of words and pieces are empty unless requested."""
        tokenizer = self._tokenizer
        split = [tokenizer.pieces(self._prepare(text)) for text in texts]
        entries = [[tokenizer.entry(piece) for piece in text] for text in split]
        marked = [list(tokenizer.marked(text)) for text in entries]
        tokens = [[token for token in text if token is not None] for text in marked]
        plain = [[entry.word for entry in text if entry.word] if words else [] for text in entries]
        split = split if pieces else [[] for _ in texts]
        places = [i for i, t in enumerate(chain(*marked)) if t is not None] if pieces else []
        return Scan(
            TokenIds.from_lists(_numbered(tokens, self._tokens)),
            TokenIds.from_lists(_numbered(plain, self._words)),
            TokenIds.from_lists(_numbered(split, self._pieces)),
            np.array(places, np.int32),
        )


def _numbered(texts: list[list[str]], ids: dict[str, int]) -> list[list[int]]:
    """Return the id of each word; new words are added to ``ids``."""
    return [[ids.setdefault(word, len(ids)) for word in text] for text in texts]
