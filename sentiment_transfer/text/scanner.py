"""Texts to numbered tokens, batch by batch: the readable form, and what both forms return."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sentiment_transfer.text.vocabulary import TokenIds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_transfer.text.tokenizer import Tokenizer

__all__ = ["ReadableScanner", "Scan", "TokenScanner"]


class Scan(NamedTuple):
    """A batch of texts in numbers: ids of all tokens, and of all words if they were asked for.

    Words are what tokens are before stop words go, words are stemmed and negated words are marked.
    """

    tokens: TokenIds
    words: TokenIds


class TokenScanner(Protocol):
    """Numbers tokens, and words, in the order first seen."""

    def scan(self, texts: Sequence[str], *, words: bool = False) -> Scan:
        """Read a batch; each id is a place in what the methods below return from 0 on."""
        ...

    def tokens_from(self, first: int) -> list[str]:
        """Return the tokens seen so far, from id ``first`` on."""
        ...

    def words_from(self, first: int) -> list[str]:
        """Return the words seen so far, from id ``first`` on."""
        ...


class ReadableScanner:
    """``scanner_numba.Scanner`` in plain Python, for any tokenizer and for few texts."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._tokens: dict[str, int] = {}
        self._words: dict[str, int] = {}

    def tokens_from(self, first: int) -> list[str]:
        """Return the tokens seen so far, from id ``first`` on."""
        return list(islice(self._tokens, first, None))

    def words_from(self, first: int) -> list[str]:
        """Return the words seen so far, from id ``first`` on."""
        return list(islice(self._words, first, None))

    def scan(self, texts: Sequence[str], *, words: bool = False) -> Scan:
        """Return the ids of the tokens of each text, and of its words if asked for."""
        entries = self._tokenizer.entries(texts)
        tokens = [self._tokenizer.tokens(text) for text in entries]
        plain = [[entry.word for entry in text if entry.word] if words else [] for text in entries]
        lists = _numbered(tokens, self._tokens), _numbered(plain, self._words)
        return Scan(*map(TokenIds.from_lists, lists))


def _numbered(texts: list[list[str]], ids: dict[str, int]) -> list[list[int]]:
    """Return the id of each word; new ones are entered in ``ids``."""
    return [[ids.setdefault(word, len(ids)) for word in text] for text in texts]
