"""Numbering of tokens, batch by batch: the interface, and an implementation in Python."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Protocol

from sentiment_transfer.text.vocabulary import TokenIds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_transfer.text.tokenizer import Tokenizer

__all__ = ["ReadableScanner", "Scan", "TokenScanner"]


class Scan(NamedTuple):
    """Ids of the tokens of a batch of texts, and of the words if they were requested.

    Words are tokens before stop words are dropped, words stemmed and negated words marked.
    """

    tokens: TokenIds
    words: TokenIds


class TokenScanner(Protocol):
    """Numbers tokens and words in the order first seen."""

    def scan(self, texts: Sequence[str], *, words: bool = False) -> Scan:
        """Return the ids of a batch; those of words are empty unless requested."""
        ...

    def tokens_from(self, first: int) -> list[str]:
        """Return the tokens with ids from ``first`` on."""
        ...

    def words_from(self, first: int) -> list[str]:
        """Return the words with ids from ``first`` on."""
        ...


class ReadableScanner:
    """`scanner_numba.Scanner` in Python, for few texts and for any tokenizer."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._tokens: dict[str, int] = {}
        self._words: dict[str, int] = {}

    def tokens_from(self, first: int) -> list[str]:
        """Return the tokens with ids from ``first`` on."""
        return list(islice(self._tokens, first, None))

    def words_from(self, first: int) -> list[str]:
        """Return the words with ids from ``first`` on."""
        return list(islice(self._words, first, None))

    def scan(self, texts: Sequence[str], *, words: bool = False) -> Scan:
        """Return the ids of a batch; those of words are empty unless requested."""
        entries = self._tokenizer.entries(texts)
        tokens = [self._tokenizer.tokens(text) for text in entries]
        plain = [[entry.word for entry in text if entry.word] if words else [] for text in entries]
        lists = _numbered(tokens, self._tokens), _numbered(plain, self._words)
        return Scan(*map(TokenIds.from_lists, lists))


def _numbered(texts: list[list[str]], ids: dict[str, int]) -> list[list[int]]:
    """Return the id of each word; new words are added to ``ids``."""
    return [[ids.setdefault(word, len(ids)) for word in text] for text in texts]
