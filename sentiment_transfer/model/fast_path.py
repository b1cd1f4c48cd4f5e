"""Texts to probabilities in one pass: what encoder and head compute, without features between.

For the default stages the log odds of every member of the mixture are linear in what is known of a
text: ``f = b + a s + x . u + x' . u' + r . tfidf``, and the polarity score ``s`` is itself linear
in ``x``. So the score joins ``u``, and a text adds to ``f`` while it is read (`fast_path_numba`).
An averaging encoder gets its sentence vectors the same way, and any head is applied to those.

The answers are those of `Encoder.encode` and the head but for rounding.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.linear import probabilities_of
from sentiment_transfer.encoding import AveragingEncoder
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.text.indexing import batches
from sentiment_transfer.text.reading import TextReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    from numpy.typing import NDArray

    from sentiment_transfer.encoding import Encoder
    from sentiment_transfer.model.fast_path_numba import GramTable, Pooling, Words
    from sentiment_transfer.polarity.mixture import Member
    from sentiment_transfer.pretraining import WordVectors
    from sentiment_transfer.text.reading import ReadTexts

__all__ = ["FastPath"]

MAX_PIECES = 1 << 19
"""Distinct pieces after which a reader is made again; they take about 30 MB."""
MAX_IDLE = 4
"""Readers kept between calls, one for each thread at work."""


class FastPath:
    """Fitted stages, set up to read many texts. Threads may share it.

    What is computed of a piece of text is kept in readers, of which each call uses one alone.

    Parameters
    ----------
    encoder, head
        Fitted stages; `of` returns None for those that have no fast path.
    """

    def __init__(self, encoder: Encoder, head: Any) -> None:  # noqa: ANN401
        self._vectors = encoder.known_vectors
        self._head = head
        members = head.members if isinstance(encoder, PolarityEncoder) else ()
        self._biases = np.array([member.bias for member in members])
        self._poolings = _poolings(encoder, members)
        self._table = _gram_table(head, members)
        self._idle: deque[_Reader] = deque(maxlen=MAX_IDLE)  # its methods are atomic

    @classmethod
    def of(cls, encoder: Encoder, head: Any) -> Self | None:  # noqa: ANN401
        """Set up the stages, or return None where they compute something unknown here."""
        if encoder.known_vectors.tokenizer.splitter:
            return None
        default = type(encoder) is PolarityEncoder and type(head) is PolarityClassifier
        return cls(encoder, head) if default or type(encoder) is AveragingEncoder else None

    def answer(self, texts: Iterable[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities ``(n_texts, n_classes)`` and the coverage of each text ``(n_texts,)``.

        Where the coverage is 0 the probabilities mean nothing.
        """
        try:
            reader = self._idle.pop()
        except IndexError:
            reader = _Reader(self._vectors, self._table)
        parts = [self._batch(reader, batch) for batch in batches(texts)]
        if len(reader) <= MAX_PIECES:
            self._idle.append(reader)
        none = np.zeros((0, len(self._head.classes_)))
        probabilities = np.concatenate([none, *(p for p, _ in parts)])
        return probabilities, np.concatenate([np.zeros(0), *(coverage for _, coverage in parts)])

    def _batch(
        self, reader: _Reader, texts: list[str]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        from sentiment_transfer.model.fast_path_numba import predict

        read, plain = reader.read(texts), self._poolings[1]
        linear = len(self._biases) > 0
        log_odds, coverage = np.tile(self._biases, (len(texts), 1)), np.zeros(len(texts))
        x = np.empty((0 if linear else len(texts), plain.vectors.shape[1]), np.float32)
        predict(
            read.rows.ids,
            read.rows.offsets,
            reader.words(read),
            *self._poolings,
            self._table,
            log_odds,
            coverage,
            x,
        )
        return (
            self._head.average(log_odds) if linear else probabilities_of(self._head, x)
        ), coverage


class _Reader:
    """A compiled reader of texts, and which of their words are known grams."""

    def __init__(self, vectors: WordVectors, table: GramTable) -> None:
        from sentiment_transfer.text.scanner_numba import Scanner

        self._reader = TextReader(vectors.vocabulary, Scanner(vectors.tokenizer))
        self._table = table
        self._columns = np.zeros(0, np.int32)

    def __len__(self) -> int:
        """How many distinct pieces of text are kept."""
        return len(self._reader)

    def read(self, texts: list[str]) -> ReadTexts:
        """Read a batch, words included where there are known grams."""
        return self._reader.read(texts, words=len(self._table.numbers) > 0)

    def words(self, read: ReadTexts) -> Words:
        """Return the words of a batch, each with its column among the known grams."""
        from sentiment_transfer.model.fast_path_numba import Words, find_grams

        new = read.word_numbers[len(self._columns) :]
        columns = np.full(len(new), -1, np.int32)
        find_grams(new, self._table, columns)
        self._columns = np.concatenate([self._columns, columns])
        return Words(read.words.ids, read.words.offsets, read.word_numbers, self._columns)


def _poolings(
    encoder: Any,  # noqa: ANN401  (one of two kinds)
    members: Sequence[Member],
) -> tuple[Pooling, Pooling]:
    """Set up the pooling that weighs words by polarity, and the plain one.

    To the log odds of a member the first adds ``x . u + a s`` with the score
    ``s = (x . along - cut) / spread`` of `Polarity.score`, which gives the row
    ``u + a / spread * along`` and the shift ``-a / spread * cut``. Its ``x`` ends in the balance of
    seed words.
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
    slopes = np.array([member.weights.get("score", np.zeros(1))[0] for member in members])
    rows += np.outer(slopes / polarity.spread, np.append(polarity.along, -polarity.cut))
    pooled = polarity.pooling, polarity.centre, polarity.seed_signs
    return _pooling(matrix, *pooled, form, rows), plain


def _rows(members: Sequence[Member], part: str, size: int) -> NDArray[np.float64]:
    """The members' weights of one part, ``(n_members, size + 1)``, a shift of 0 at the end."""
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
    """One pooling, with the rows that are not 0: each a projection, its shift at the end."""
    from sentiment_transfer.model.fast_path_numba import Pooling

    columns = np.flatnonzero(rows.any(axis=1))
    used = rows[columns]
    projections, shifts = np.ascontiguousarray(used[:, :-1]), used[:, -1].copy()
    return Pooling(vectors, weights, centre, signs, *form, projections, shifts, columns)


def _gram_table(head: Any, members: Sequence[Member]) -> GramTable:  # noqa: ANN401
    """Set up the known grams; of a head without grams, or that never uses them, an empty table."""
    from sentiment_transfer.model.fast_path_numba import GramTable, enter_grams

    numbers, weights = np.zeros(0, np.uint64), np.zeros((0, 1))
    if members:
        numbers = head.words_.numbers_
        columns = [m.weights.get("words", np.zeros(len(numbers))) for m in members]
        weights = np.column_stack([head.words_.idf_.astype(np.float64), *columns])
    slots = np.full(1 << (2 * len(numbers)).bit_length(), -1, np.int32)
    enter_grams(numbers, slots)
    return GramTable(slots, numbers, np.ascontiguousarray(weights))
