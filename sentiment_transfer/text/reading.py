"""Texts read in one pass: token ids, coverage, words and word pairs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.text.grammar import Known
from sentiment_transfer.text.grams import Grams, word_number
from sentiment_transfer.text.indexing import open_scanner, ranks
from sentiment_transfer.text.scanner import ReadableScanner
from sentiment_transfer.text.vocabulary import TokenIds, Vocabulary, places_of, select

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.text.grammar import Grammar
    from sentiment_transfer.text.scanner import Scan, TokenScanner
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
    weights
        Weight of each token, float32: 1 unless a grammar gives it less; None without a grammar.
    """

    texts: Sequence[str]
    rows: TokenIds
    words: TokenIds
    word_numbers: NDArray[np.uint64]
    weights: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, texts: NDArray[np.integer]) -> ReadTexts:
        """Return the chosen texts."""
        chosen = [self.texts[i] for i in texts]
        places, offsets = places_of(self.rows.offsets, texts)
        rows, words = TokenIds(self.rows.ids[places], offsets), select(self.words, texts)
        weights = None if self.weights is None else self.weights[places]
        return ReadTexts(chosen, rows, words, self.word_numbers, weights)

    @cached_property
    def ids(self) -> TokenIds:
        """The tokens that are in the vocabulary."""
        return self.rows.where(self.rows.ids >= 0)

    @property
    def known_weights(self) -> NDArray[np.float32] | None:
        """The weights of the tokens in the vocabulary, if there are weights."""
        return None if self.weights is None else self.weights[self.rows.ids >= 0]

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
        Numbers the tokens and words of a batch; with a grammar, it replaces signs.
    grammar
        Changes tokens and gives them weights, if there is one.
    """

    def __init__(
        self, vocabulary: Vocabulary, scanner: TokenScanner, grammar: Grammar | None = None
    ) -> None:
        self._vocabulary = vocabulary
        self._scanner = scanner
        self._grammar = grammar
        none = np.zeros(0, np.int32)
        self._known = Known(none, none, np.zeros(0, np.bool_))
        self._rank = np.zeros(0, np.int32)
        self._word_numbers = np.zeros(0, np.uint64)

    def __len__(self) -> int:
        """Return the number of distinct tokens in the cache."""
        return len(self._rank)

    def read(self, texts: Sequence[str], *, words: bool) -> ReadTexts:
        """Read one batch, and its words if requested."""
        grammar = self._grammar
        scan = self._scanner.scan(texts, words=words, pieces=grammar is not None)
        new = self._scanner.tokens_from(len(self._rank))
        self._rank = np.concatenate([self._rank, ranks(new, self._vocabulary)])
        if words:
            new = self._scanner.words_from(len(self._word_numbers))
            numbers = np.array([word_number(word) for word in new], np.uint64)
            self._word_numbers = np.concatenate([self._word_numbers, numbers])
        rows = TokenIds(self._rank[scan.tokens.ids], scan.tokens.offsets)
        weights = None
        if grammar is not None:
            rows, weights = self._mended(grammar, scan, rows)
        return ReadTexts(texts, rows, scan.words, self._word_numbers, weights)

    def _mended(
        self, grammar: Grammar, scan: Scan, rows: TokenIds
    ) -> tuple[TokenIds, NDArray[np.float32]]:
        """Return the rows of the tokens after the grammar, and their weights."""
        new = self._scanner.pieces_from(len(self._known.begins))
        if new:
            parts = zip(self._known, grammar.known(new), strict=True)
            self._known = Known(*(np.concatenate(both) for both in parts))
        few = isinstance(self._scanner, ReadableScanner)
        return grammar.mend(scan, rows, self._known, few=few)


def read_texts(
    texts: Iterable[str],
    tokenizer: Tokenizer,
    vocabulary: Vocabulary,
    *,
    words: bool = True,
    grammar: Grammar | None = None,
) -> ReadTexts:
    """Read the tokens, changed by the grammar if one is given, and the words if requested.

    Raises
    ------
    InputError
        A text is not a ``str`` or is too long; the message has its index.
    """
    parts = list(_batches(texts, tokenizer, vocabulary, words=words, grammar=grammar))
    weights = [part.weights for part in parts if part.weights is not None]
    return ReadTexts(
        [text for part in parts for text in part.texts],
        TokenIds.concatenate([part.rows for part in parts]),
        TokenIds.concatenate([part.words for part in parts]),
        parts[-1].word_numbers,
        np.concatenate(weights) if weights else None,
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
    texts: Iterable[str],
    tokenizer: Tokenizer,
    vocabulary: Vocabulary,
    *,
    words: bool,
    grammar: Grammar | None = None,
) -> Iterator[ReadTexts]:
    """Yield texts read batch by batch; one empty batch for no texts."""
    scanner, batches = open_scanner(texts, tokenizer, signs=grammar is not None)
    reader = TextReader(vocabulary, scanner, grammar)
    for batch in batches:
        yield reader.read(batch, words=words)
