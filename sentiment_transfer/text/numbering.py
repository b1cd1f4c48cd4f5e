"""Numbers and counts of the words of a corpus, in little memory even for very many words.

A scanner keeps some 600 bytes for each distinct word that it has seen, and half of the words of any
corpus occur once. When there are very many, a new scanner goes on, and rare words are stored as a
hash of 64 bits and their number. If such a word occurs again, it has its number and count again.
So the result is that of a single scanner, unless two words have the same hash: for five million
words, once in a million corpora.
"""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.text.grams import word_number
from sentiment_transfer.text.vocabulary import TokenIds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from sentiment_transfer.text.scanner import TokenScanner
    from sentiment_transfer.text.vocabulary import Vocabulary

__all__ = ["Numbering"]

MANY_WORDS = 1 << 19
"""Distinct words after which a scanner is replaced: it has then some 300 MB."""


class Numbering:
    """Numbers the words of batches in the order first seen, and counts them.

    Parameters
    ----------
    scanner
        What numbers the words of a batch; it has seen nothing yet.
    min_count
        Number of occurrences that a word will need at least, computed from the number of tokens so
        far. Only words that have fewer are stored as hashes.

    Attributes
    ----------
    n_tokens
        Number of all tokens so far, of words stored as hashes too.
    """

    def __init__(self, scanner: TokenScanner, min_count: Callable[[int], int]) -> None:
        self._scanner = scanner
        self._min_count = min_count
        self._known: dict[str, int] | None = None  # numbers of words, once a scanner was replaced
        self._rare = np.zeros(0, np.uint64), np.zeros(0, np.int32)  # sorted hashes, and numbers
        self._numbers = np.zeros(0, np.int32)  # of the words of a later scanner
        self._counts = np.zeros(0, np.int64)
        self.n_tokens = 0

    def read(self, texts: list[str]) -> TokenIds:
        """Return the numbers of the words of a batch."""
        part = self._scanner.scan(texts).tokens
        if self._known is not None:
            part = TokenIds(self._renumbered(part.ids, self._known), part.offsets)
        counts = np.bincount(part.ids, minlength=len(self._counts))
        counts[: len(self._counts)] += self._counts
        self._counts = counts
        self.n_tokens += len(part.ids)
        n_seen = len(counts) if self._known is None else len(self._numbers)
        if n_seen > MANY_WORDS:
            self._replace_scanner()
        return part

    def counts(self) -> dict[str, int]:
        """Return the counts of the words in the order first seen, without those stored as hashes.

        These have fewer occurrences than ``min_count``, so the sum may be less than ``n_tokens``.
        """
        words = self._words()
        return dict(zip(words, self._counts[[*words.values()]].tolist(), strict=True))

    def ranks(self, vocabulary: Vocabulary) -> NDArray[np.int32]:
        """Return the id of each number's word in a vocabulary, -1 if it is not there."""
        ids, index = np.full(len(self._counts), -1, np.int32), vocabulary.index
        for word, number in self._words().items():
            ids[number] = index.get(word, -1)
        return ids

    def _words(self) -> dict[str, int]:
        """Return words and their numbers, in the order of these."""
        if self._known is not None:
            return dict(sorted(self._known.items(), key=itemgetter(1)))
        return {word: i for i, word in enumerate(self._scanner.tokens_from(0))}

    def _renumbered(self, ids: NDArray[np.int32], known: dict[str, int]) -> NDArray[np.int32]:
        """Replace the numbers of a later scanner by those of all."""
        if ids.max(initial=-1) >= len(self._numbers):
            words = self._scanner.tokens_from(len(self._numbers))
            unknown = [word for word in words if word not in known]
            n = len(self._counts)
            for word, number in zip(unknown, self._rare_numbers(unknown), strict=True):
                known[word] = n if number < 0 else number
                n += number < 0
            new = np.array([known[word] for word in words], np.int32)
            self._numbers = np.concatenate([self._numbers, new])
        numbers: NDArray[np.int32] = self._numbers[ids]
        return numbers

    def _rare_numbers(self, words: list[str]) -> list[int]:
        """Return the numbers of words that are stored as hashes, -1 for others."""
        hashes, numbers = self._rare
        if not len(hashes):
            return [-1] * len(words)
        sought = _hashes(words)
        places = np.minimum(np.searchsorted(hashes, sought), len(hashes) - 1)
        found: list[int] = np.where(hashes[places] == sought, numbers[places], -1).tolist()
        return found

    def _replace_scanner(self) -> None:
        """Store rare words as hashes, up to about half of the words, and begin a new scanner."""
        words = self._words()
        counts = self._counts[[*words.values()]]
        least = min(int(np.median(counts)) + 1, self._min_count(self.n_tokens))
        rare = [word for word, count in zip(words, counts.tolist(), strict=True) if count < least]
        numbers = np.array([words.pop(word) for word in rare], np.int32)
        hashes, first = np.unique(np.append(self._rare[0], _hashes(rare)), return_index=True)
        self._rare = hashes, np.append(self._rare[1], numbers)[first]
        self._known, self._numbers = words, np.zeros(0, np.int32)
        self._scanner = self._scanner.renewed()


def _hashes(words: Iterable[str]) -> NDArray[np.uint64]:
    return np.array([word_number(word) for word in words], np.uint64)
