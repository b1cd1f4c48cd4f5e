"""Texts read once: tokens that have a vector, coverage, and words with their pairs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.text.grams import Grams, word_number
from sentiment_transfer.text.indexing import open_scanner, ranks
from sentiment_transfer.text.vocabulary import TokenIds, Vocabulary, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from sentiment_transfer.text.scanner import TokenScanner
    from sentiment_transfer.text.tokenizer import Tokenizer

__all__ = ["ReadTexts", "TextReader", "encode_texts", "grams_of_texts", "read_texts"]


@dataclass(frozen=True, eq=False)
class ReadTexts:
    """What one pass over ``n`` texts gives.

    Attributes
    ----------
    texts
        The texts themselves.
    rows
        For each of their tokens its id in a vocabulary, -1 for a token that is not in it.
    words
        Their words, stop words included, as places in ``word_numbers``; without a word if they
        were not asked for.
    word_numbers
        Gram number of each distinct word met so far, uint64.
    """

    texts: list[str]
    rows: TokenIds
    words: TokenIds
    word_numbers: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, texts: NDArray[np.integer]) -> ReadTexts:
        """Take some of the texts."""
        chosen = [self.texts[i] for i in texts]
        rows, words = select(self.rows, texts), select(self.words, texts)
        return ReadTexts(chosen, rows, words, self.word_numbers)

    @cached_property
    def ids(self) -> TokenIds:
        """The tokens that are in the vocabulary."""
        return self.rows.where(self.rows.ids >= 0)

    @property
    def coverage(self) -> NDArray[np.float64]:
        """Share of each text's tokens that are in the vocabulary, ``(n,)``; 0 without a token."""
        n_known = np.diff(self.ids.offsets)
        shares: NDArray[np.float64] = n_known / np.maximum(np.diff(self.rows.offsets), 1)
        return shares

    @property
    def grams(self) -> Grams:
        """Words and pairs of neighbouring words."""
        return Grams.of_words(self.word_numbers[self.words.ids], self.words.offsets)


class TextReader:
    """Reads texts batch by batch, and keeps what it computed of a word. Not for several threads.

    Parameters
    ----------
    vocabulary
        The words that have a vector.
    scanner
        Numbers the tokens and words of a batch.
    """

    def __init__(self, vocabulary: Vocabulary, scanner: TokenScanner) -> None:
        self._vocabulary = vocabulary
        self._scanner = scanner
        self._rank = np.zeros(0, np.int32)
        self._word_numbers = np.zeros(0, np.uint64)

    def __len__(self) -> int:
        """How many distinct tokens are kept."""
        return len(self._rank)

    def read(self, texts: list[str], *, words: bool) -> ReadTexts:
        """Read one batch, with its words if asked for."""
        scan = self._scanner.scan(texts, words=words)
        new = self._scanner.tokens_from(len(self._rank))
        self._rank = np.concatenate([self._rank, ranks(new, self._vocabulary)])
        if words:
            met = self._scanner.words_from(len(self._word_numbers))
            numbers = np.array([word_number(word) for word in met], np.uint64)
            self._word_numbers = np.concatenate([self._word_numbers, numbers])
        rows = TokenIds(self._rank[scan.tokens.ids], scan.tokens.offsets)
        return ReadTexts(texts, rows, scan.words, self._word_numbers)


def read_texts(
    texts: Iterable[str], tokenizer: Tokenizer, vocabulary: Vocabulary, *, words: bool = True
) -> ReadTexts:
    """Read texts once: their tokens, and if asked for their words.

    Raises
    ------
    InputError
        A text is not a ``str`` or is too long; it is named by its place, from 0.
    """
    parts = list(_batches(texts, tokenizer, vocabulary, words=words))
    rows = TokenIds.concatenate([part.rows for part in parts])
    met = TokenIds.concatenate([part.words for part in parts])
    listed = [text for part in parts for text in part.texts]
    return ReadTexts(listed, rows, met, parts[-1].word_numbers)


def encode_texts(texts: Iterable[str], tokenizer: Tokenizer, vocabulary: Vocabulary) -> TokenIds:
    """Ids of the known words of each text, in order; a text may have none.

    The texts are iterated once and not kept; errors are those of `read_texts`.
    """
    parts = _batches(texts, tokenizer, vocabulary, words=False)
    return TokenIds.concatenate([part.ids for part in parts])


def grams_of_texts(texts: Iterable[str], tokenizer: Tokenizer) -> Grams:
    """Words and pairs of each text, stop words included (dropping them costs a point)."""
    return read_texts(texts, tokenizer, Vocabulary((), np.zeros(0, np.int64))).grams


def _batches(
    texts: Iterable[str], tokenizer: Tokenizer, vocabulary: Vocabulary, *, words: bool
) -> Iterator[ReadTexts]:
    """Read texts batch by batch; of no texts there is one empty batch."""
    scanner, batches = open_scanner(texts, tokenizer)
    reader = TextReader(vocabulary, scanner)
    for batch in batches:
        yield reader.read(batch, words=words)
