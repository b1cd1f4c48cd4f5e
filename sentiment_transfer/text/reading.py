"""Texts read in one pass: token ids, coverage, words and word pairs."""

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
    """The result of reading ``n`` texts.

    Attributes
    ----------
    texts
        The texts.
    rows
        The id of each token in a vocabulary, -1 for a token that is not in it.
    words
        The words, including stop words, as indices of ``word_numbers``; empty if not requested.
    word_numbers
        Gram number of each distinct word, uint64.
    """

    texts: list[str]
    rows: TokenIds
    words: TokenIds
    word_numbers: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, texts: NDArray[np.integer]) -> ReadTexts:
        """Return the chosen texts."""
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
    """Read texts batch by batch, with a cache of words. Threads must not share it.

    Parameters
    ----------
    vocabulary
        The known words.
    scanner
        Numbers the tokens and words of a batch.
    """

    def __init__(self, vocabulary: Vocabulary, scanner: TokenScanner) -> None:
        self._vocabulary = vocabulary
        self._scanner = scanner
        self._rank = np.zeros(0, np.int32)
        self._word_numbers = np.zeros(0, np.uint64)

    def __len__(self) -> int:
        """Return the number of distinct tokens in the cache."""
        return len(self._rank)

    def read(self, texts: list[str], *, words: bool) -> ReadTexts:
        """Read one batch, and its words if requested."""
        scan = self._scanner.scan(texts, words=words)
        new = self._scanner.tokens_from(len(self._rank))
        self._rank = np.concatenate([self._rank, ranks(new, self._vocabulary)])
        if words:
            new = self._scanner.words_from(len(self._word_numbers))
            numbers = np.array([word_number(word) for word in new], np.uint64)
            self._word_numbers = np.concatenate([self._word_numbers, numbers])
        rows = TokenIds(self._rank[scan.tokens.ids], scan.tokens.offsets)
        return ReadTexts(texts, rows, scan.words, self._word_numbers)


def read_texts(
    texts: Iterable[str], tokenizer: Tokenizer, vocabulary: Vocabulary, *, words: bool = True
) -> ReadTexts:
    """Read the tokens and, if requested, the words of texts.

    Raises
    ------
    InputError
        A text is not a ``str`` or is too long; the message has its index.
    """
    parts = list(_batches(texts, tokenizer, vocabulary, words=words))
    return ReadTexts(
        [text for part in parts for text in part.texts],
        TokenIds.concatenate([part.rows for part in parts]),
        TokenIds.concatenate([part.words for part in parts]),
        parts[-1].word_numbers,
    )


def encode_texts(texts: Iterable[str], tokenizer: Tokenizer, vocabulary: Vocabulary) -> TokenIds:
    """Return the ids of the known tokens of each text; raises the errors of `read_texts`.

    The texts are iterated once and not stored.
    """
    parts = _batches(texts, tokenizer, vocabulary, words=False)
    return TokenIds.concatenate([part.ids for part in parts])


def grams_of_texts(texts: Iterable[str], tokenizer: Tokenizer) -> Grams:
    """Return words and pairs of each text, with stop words (which gain one point of accuracy)."""
    return read_texts(texts, tokenizer, Vocabulary((), np.zeros(0, np.int64))).grams


def _batches(
    texts: Iterable[str], tokenizer: Tokenizer, vocabulary: Vocabulary, *, words: bool
) -> Iterator[ReadTexts]:
    """Yield texts read batch by batch; one empty batch for no texts."""
    scanner, batches = open_scanner(texts, tokenizer)
    reader = TextReader(vocabulary, scanner)
    for batch in batches:
        yield reader.read(batch, words=words)
