"""Numbers and counts of the words of a corpus, in memory that does not grow without end.

A scanner keeps some 600 bytes for each distinct word that it has seen, and half of the words of any
corpus occur once. When there are very many, rare ones are forgotten, as in word2vec.c, and a new
scanner goes on. Corpora of up to some hundred million words never have so many.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.text.vocabulary import TokenIds

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sentiment_transfer.text.scanner import TokenScanner

__all__ = ["Numbering"]

MANY_WORDS = 1 << 19
"""Distinct words that a scanner has seen when rare ones are forgotten: some 300 MB."""


class Numbering:
    """Numbers the words of batches in the order first seen, and counts them.

    Parameters
    ----------
    scanner
        What numbers the words of a batch; it has seen nothing yet.
    min_count
        Number of occurrences that a word will need, computed from the number of tokens so far. Only
        words that have fewer are forgotten; a forgotten word that occurs again is a new one.
    """

    def __init__(self, scanner: TokenScanner, min_count: Callable[[int], int]) -> None:
        self._scanner = scanner
        self._min_count = min_count
        self._known: dict[str, int] | None = None  # numbers of words, if words were forgotten
        self._numbers = np.zeros(0, np.int32)  # of the words of a later scanner
        self._counts = np.zeros(0, np.int64)
        self._n_tokens = 0

    @property
    def n_numbers(self) -> int:
        """How many numbers were given, those of forgotten words included."""
        return len(self._counts)

    def read(self, texts: list[str]) -> TokenIds:
        """Return the numbers of the words of a batch."""
        part = self._scanner.scan(texts).tokens
        if self._known is not None:
            part = TokenIds(self._renumbered(part.ids, self._known), part.offsets)
        counts = np.bincount(part.ids, minlength=len(self._counts))
        counts[: len(self._counts)] += self._counts
        self._counts = counts
        self._n_tokens += len(part.ids)
        n_seen = len(counts) if self._known is None else len(self._numbers)
        if n_seen > MANY_WORDS:
            self._forget_rare_words()
        return part

    def counts(self) -> dict[str, int]:
        """Return the counts of the words, in the order of their numbers."""
        words = self.words()
        return dict(zip(words, self._counts[[*words.values()]].tolist(), strict=True))

    def words(self) -> dict[str, int]:
        """Return the words that are not forgotten, with their numbers, in order."""
        if self._known is not None:
            return self._known
        return {word: i for i, word in enumerate(self._scanner.tokens_from(0))}

    def _renumbered(self, ids: NDArray[np.int32], known: dict[str, int]) -> NDArray[np.int32]:
        """Replace the numbers of a later scanner; words that are not known get new numbers."""
        n_numbered = len(self._numbers)
        if ids.max(initial=-1) >= n_numbered:
            n_before = self.n_numbers
            new = [
                known.setdefault(word, n_before + i)
                for i, word in enumerate(self._scanner.tokens_from(n_numbered))
            ]
            self._numbers = np.concatenate([self._numbers, np.array(new, np.int32)])
        numbers: NDArray[np.int32] = self._numbers[ids]
        return numbers

    def _forget_rare_words(self) -> None:
        """Forget words below the count that halves the words, or that they will need if less."""
        words = self.words()
        counts = self._counts[[*words.values()]]
        least = min(int(np.median(counts)) + 1, self._min_count(self._n_tokens))
        kept = zip(words.items(), (counts >= least).tolist(), strict=True)
        self._known = dict(item for item, keep in kept if keep)
        self._scanner = self._scanner.renewed()
        self._numbers = np.zeros(0, np.int32)
