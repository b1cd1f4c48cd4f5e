"""Texts to probabilities in one pass, without storing features.

For the default stages the log odds of each member of the mixture are linear in the features of a
text: ``f = b + a s + x . u + x' . u' + r . tfidf``, and the polarity score ``s`` is linear in
``x``. So ``s`` is merged into ``u``, and ``f`` is summed while a text is read (`fast_path_numba`).
Sentence vectors of an averaging encoder are computed the same way and passed to any head.

The answers equal those of `Encoder.encode` and the head up to rounding. Import this module late,
since it imports numba.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sentiment_transfer.classification.linear import probabilities_of
from sentiment_transfer.encoding import AveragingEncoder
from sentiment_transfer.model.fast_path_numba import (
    GramTable,
    Pooling,
    Words,
    enter_grams,
    find_grams,
    predict,
)
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.polarity.word_shares import LINEAR_PARTS
from sentiment_transfer.text.indexing import BATCH_CHARACTERS, batches
from sentiment_transfer.text.reading import TextReader
from sentiment_transfer.text.scanner_numba import Scanner
from sentiment_transfer.text.utf8 import Utf8Texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.encoding import Encoder
    from sentiment_transfer.polarity.members import Member
    from sentiment_transfer.pretraining import WordVectors
    from sentiment_transfer.text.grammar import Grammar
    from sentiment_transfer.text.vocabulary import TokenIds

__all__ = ["FastPath", "gram_table", "poolings"]

MAX_PIECES, MAX_BYTES = 1 << 19, 1 << 23
"""A reader that has seen more distinct pieces, or more bytes of them, is discarded."""
MARKS = 16
"""Slots for each 64 marks of known grams: 4 marks a slot, or 8 to 16 a gram."""
MAX_IDLE = 4
"""Readers kept between calls, one per thread."""


class FastPath:
    """Fitted stages, set up to read many texts. Threads may share it.

    Each call has a reader, which caches what it computes of a piece of text, to itself.
    """

    def __init__(self, encoder: Encoder, head: Any) -> None:  # noqa: ANN401
        self._vectors = encoder.known_vectors
        self._grammar = encoder.grammar
        self._head = head
        members = head.members if isinstance(encoder, PolarityEncoder) else ()
        self._biases = np.array([member.bias for member in members])
        self._poolings = poolings(encoder, members)
        self._table = gram_table(encoder, head, members)
        self._idle: deque[_Reader] = deque(maxlen=MAX_IDLE)  # its methods are atomic

    @classmethod
    def of(cls, encoder: Encoder, head: Any) -> Self | None:  # noqa: ANN401
        """Set up fitted stages, or return None for stages without a fast path."""
        if encoder.known_vectors.tokenizer.splitter:
            return None
        default = type(encoder) is PolarityEncoder and type(head) is PolarityClassifier
        if default and head.parts <= LINEAR_PARTS:
            return cls(encoder, head)
        return cls(encoder, head) if type(encoder) is AveragingEncoder else None

    def answer(
        self, texts: Iterable[str] | Utf8Texts
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return probabilities ``(n_texts, n_classes)`` and coverage ``(n_texts,)``.

        Probabilities of texts with coverage 0 are arbitrary.
        """
        try:
            reader = self._idle.pop()
        except IndexError:
            reader = self._reader()
        parts = []
        cut: Iterable[Sequence[str]]
        cut = texts.batches(BATCH_CHARACTERS) if isinstance(texts, Utf8Texts) else batches(texts)
        for batch in cut:
            parts.append(self._batch(reader, batch))
            if reader.is_full:
                reader = self._reader()
        self._idle.append(reader)
        none = np.zeros((0, len(self._head.classes_)))
        probabilities = np.concatenate([none, *(p for p, _ in parts)])
        return probabilities, np.concatenate([np.zeros(0), *(coverage for _, coverage in parts)])

    def _reader(self) -> _Reader:
        return _Reader(self._vectors, self._table, self._grammar)

    def _batch(
        self, reader: _Reader, texts: Sequence[str]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        rows, weights, words = reader.read_grams(texts)
        linear = len(self._biases) > 0
        log_odds, coverage = np.tile(self._biases, (len(texts), 1)), np.zeros(len(texts))
        x = np.empty((0 if linear else len(texts), self._vectors.vector_size), np.float32)
        features = rows.ids, rows.offsets, weights, words, *self._poolings, self._table
        predict(*features, log_odds, coverage, x)
        head = self._head
        return head.average(log_odds) if linear else probabilities_of(head, x), coverage


class _Reader(TextReader):
    """A compiled reader of texts that finds known grams among their words."""

    def __init__(self, vectors: WordVectors, table: GramTable, grammar: Grammar | None) -> None:
        self._own = Scanner(vectors.tokenizer, signs=grammar is not None)
        super().__init__(vectors.vocabulary, self._own, grammar)
        self._table = table
        self._columns = np.zeros(0, np.int32)

    @property
    def is_full(self) -> bool:
        """Whether it remembers so much that a new reader should take its place."""
        return len(self) > MAX_PIECES or self._own.n_bytes > MAX_BYTES

    def read_grams(self, texts: Sequence[str]) -> tuple[TokenIds, NDArray[np.float32], Words]:
        """Return rows and weights of the tokens of a batch, and its words if grams are known."""
        read = self.read(texts, words=len(self._table.numbers) > 0)
        new = read.word_numbers[len(self._columns) :]
        columns = np.full(len(new), -1, np.int32)
        find_grams(new, self._table, columns)
        self._columns = np.concatenate([self._columns, columns])
        weights = np.ones(len(read.rows.ids), np.float32) if read.weights is None else read.weights
        words = Words(read.words.ids, read.words.offsets, read.word_numbers, self._columns)
        return read.rows, weights, words


def poolings(
    encoder: Any,  # noqa: ANN401  (one of two kinds)
    members: Sequence[Member],
) -> tuple[Pooling, Pooling]:
    """Return the pooling weighted by polarity, and the plain one.

    The first adds ``x . u + a s + c t`` to the log odds of a member, with the score
    ``s = (x . along - shift) / spread`` of `Polarity.score`, but for what labels of other texts
    taught, and the strength ``t = x . e`` of `Polarity.strength`: the row is
    ``u + a / spread * along + c e`` and its shift ``-a / spread * shift``. Its ``x`` ends with the
    balance of seed words.
    """
    vectors = encoder.known_vectors
    matrix, d = vectors.matrix, vectors.vector_size
    no_seeds = np.zeros(0, np.int8)
    if isinstance(encoder, AveragingEncoder):
        form = (encoder.distinct, encoder.normalize, False)
        none = np.zeros((0, d + 1))
        plain = _pooling(matrix, encoder.weights_, encoder.mean_, no_seeds, form, none)
        return plain, plain
    form = (True, True, True)
    ones = np.ones(len(vectors), np.float32)
    plain = _pooling(matrix, ones, encoder.mean_, no_seeds, form, _rows(members, "plain_mean", d))
    polarity = encoder.polarity_
    if polarity is None:
        return plain._replace(columns=np.zeros(0, np.int64)), plain
    rows = _rows(members, "polarity_mean", d + 1)
    slopes = _rows(members, "score", 1)[:, 0]
    rows += np.outer(slopes / polarity.spread, np.append(polarity.along, -polarity.shift))
    if polarity.strength_direction is not None:
        rows[:, :d] += np.outer(_rows(members, "strength", 1)[:, 0], polarity.strength_direction)
    pooled = polarity.pooling, polarity.centre, polarity.seed_signs
    return _pooling(matrix, *pooled, form, rows), plain


def _rows(members: Sequence[Member], part: str, size: int) -> NDArray[np.float64]:
    """Return the members' weights of one part and shifts of 0, ``(n_members, size + 1)``."""
    weights = [member.weights.get(part, np.zeros(size)) for member in members]
    return np.column_stack([np.array(weights), np.zeros(len(members))])


def _pooling(
    vectors: NDArray[np.float32],
    weights: NDArray[np.float32],
    centre: NDArray[np.float32],
    signs: NDArray[np.int8],
    form: tuple[bool, bool, bool],
    rows: NDArray[np.float64],
) -> Pooling:
    """Return a pooling with the rows that are not 0; a row ends with its shift."""
    columns = np.flatnonzero(rows.any(axis=1))
    used = rows[columns]
    projections, shifts = np.ascontiguousarray(used[:, :-1]), used[:, -1].copy()
    return Pooling(vectors, weights, centre, signs, *form, projections, shifts, columns)


def gram_table(
    encoder: Any,  # noqa: ANN401  (one of two kinds)
    head: Any,  # noqa: ANN401
    members: Sequence[Member],
) -> GramTable:
    """Return the known grams; the table is empty for stages that use none.

    Of the grams that labels of other texts taught, it has those that are a part of the score.
    """
    taught, own = np.zeros(0, np.uint64), np.zeros(0, np.uint64)
    taught_weights, slopes = np.zeros(0, np.float32), np.zeros(len(members))
    weights = np.zeros((0, 1 + len(members)))
    if members:
        own = head.words_.numbers_
        columns = [m.weights.get("words", np.zeros(len(own))) for m in members]
        weights = np.column_stack([head.words_.idf_.astype(np.float64), *columns])
        polarity = encoder.polarity_
        if polarity is not None and polarity.taught_weight:
            taught = encoder.taught_.numbers
            taught_weights = encoder.taught_.weights.astype(np.float32)
            slopes = _rows(members, "score", 1)[:, 0] * polarity.taught_slope
    both, new = np.isin(taught, own), np.isin(own, taught, invert=True)
    shared = np.searchsorted(own, taught[both])
    numbers = np.concatenate([taught[~both], taught[both], own[new]])
    slots = np.full(1 << (2 * len(numbers)).bit_length(), -1, np.int32)
    marks = np.zeros(max(1, len(slots) // MARKS), np.uint64)
    enter_grams(numbers, slots, marks)
    return GramTable(
        slots,
        numbers,
        marks,
        np.concatenate([weights[shared], weights[new]]),
        int((~both).sum()),
        np.concatenate([taught_weights[~both], taught_weights[both]]),
        slopes,
    )
