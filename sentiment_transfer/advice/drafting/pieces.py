"""Words of texts where they stand, with the punctuation between them, and how words are used."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.text.negation import Role
from sentiment_transfer.text.vocabulary import TokenIds

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from sentiment_transfer.text import Tokenizer, Vocabulary

__all__ = ["BREAK", "RARE", "Pieces", "read_pieces"]

BREAK, RARE = -1, -2
"""Ids of punctuation, and of words that are not in the vocabulary."""
NEIGHBOURS = 200
"""Most frequent words, by which the use of others is described: articles, pronouns, degrees."""


@dataclass(frozen=True, eq=False)
class Pieces:
    """Words and punctuation of texts, in order.

    Attributes
    ----------
    vocabulary
        The words, the most frequent first.
    ids
        Their ids, `BREAK` for punctuation and `RARE` for a word without one.
    marker
        Prefix of negated words, if they are marked.
    """

    vocabulary: Vocabulary
    ids: TokenIds
    marker: str = ""

    @cached_property
    def words(self) -> TokenIds:
        """The ids of the words in the vocabulary alone."""
        return self.ids.where(self.ids.ids >= 0)

    @cached_property
    def is_word(self) -> NDArray[np.bool_]:
        """Which entries of the vocabulary are made of letters, bool ``(n_words,)``."""
        plain = (word.removeprefix(self.marker) for word in self.vocabulary.words)
        return np.array([word.replace("'", "").isalpha() for word in plain], dtype=np.bool_)

    @cached_property
    def occurrences(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Texts and words of the pairs of a text and a word in it, each pair once."""
        words, n = self.words, len(self.vocabulary)
        pairs = np.unique(words.text_index * np.int64(n) + words.ids)
        return pairs // n, pairs % n

    @cached_property
    def n_texts_of(self) -> NDArray[np.int64]:
        """In how many texts each word is, int64 ``(n_words,)``."""
        return np.bincount(self.occurrences[1], minlength=len(self.vocabulary))

    def neighbours(self) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int32]]]:
        """Yield words and their left neighbours, then words and their right neighbours."""
        ids, texts = self.ids.ids, self.ids.text_index
        both = (texts[1:] == texts[:-1]) & (ids[1:] >= 0) & (ids[:-1] >= 0)
        yield ids[1:][both], ids[:-1][both]
        yield ids[:-1][both], ids[1:][both]

    def variety(self) -> NDArray[np.float64]:
        """Compute how varied the neighbours of words are, ``(n_words,)``, from 0 to 2.

        The entropy of the left neighbours divided by its largest value for their number,
        plus that of the right ones. Function words stand beside anything.
        """
        n = np.int64(len(self.vocabulary))
        total = np.zeros(n)
        for words, others in self.neighbours():
            pairs, counts = np.unique(words * n + others, return_counts=True)
            of = pairs // n
            sums = np.bincount(of, counts, n)
            shares = counts / sums[of]
            entropy = np.bincount(of, -shares * np.log(shares), n)
            total += entropy / np.log(np.maximum(sums, 2))
        return total

    def usage(self) -> NDArray[np.float64]:
        """Compute how words are used, ``(n_words, 400)``: rows of length 1, or 0.

        The logarithm of how much more often than by chance each of the 200 most frequent words is
        the left or the right neighbour (positive pointwise mutual information, smoothed).
        """
        n, k = len(self.vocabulary), min(NEIGHBOURS, len(self.vocabulary))
        parts = []
        for words, others in self.neighbours():
            frequent = others < k
            counts = np.zeros((n, k))
            np.add.at(counts, (words[frequent], others[frequent]), 1)
            rows, columns = counts.sum(axis=1, keepdims=True) + 5, counts.sum(axis=0) + 1
            expected = rows * columns / max(1.0, counts.sum())
            parts.append(np.maximum(0, np.log((counts + expected / 2) / (1.5 * expected))))
        both = np.hstack(parts)
        lengths = np.linalg.norm(both, axis=1, keepdims=True)
        unit: NDArray[np.float64] = both / np.where(lengths > 0, lengths, 1)
        return unit


def read_pieces(texts: Iterable[str], tokenizer: Tokenizer, vocabulary: Vocabulary) -> Pieces:
    """Read texts with the tokenizer's splitter; negated words are not marked."""
    index, known = vocabulary.index, dict[str, int]()

    def number(piece: str) -> int:
        role, token, _ = tokenizer.entry(piece)
        return BREAK if role == Role.BREAK else index.get(token, RARE)

    def ids_of(text: str) -> list[int]:
        pieces = tokenizer.pieces(tokenizer.prepare(text))
        for piece in pieces:
            if piece not in known:
                known[piece] = number(piece)
        return [known[piece] for piece in pieces]

    return Pieces(vocabulary, TokenIds.from_lists(map(ids_of, texts)))
