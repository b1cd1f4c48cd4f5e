"""Raw texts to probabilities in one pass: what encoder and head do, without features between.

For the default stages the log odds of every member of the mixture are linear in what is known of a
text: ``f = b + a s + x . u + x' . u' + r . tfidf``, and the polarity score ``s`` is itself linear
in ``x``. So the score joins ``u``, and a text adds to ``f`` while it is read (`fused_kernel`). An
averaging encoder gets its sentence vectors the same way, and any head reads those.

The answers are those of ``encode`` and ``predict_proba_encoded`` but for rounding.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.linear import LinearHead
from sentiment_transfer.encoding import AveragingEncoder
from sentiment_transfer.polarity.classifier import PolarityClassifier
from sentiment_transfer.polarity.encoder import PolarityEncoder
from sentiment_transfer.text.grams import word_number
from sentiment_transfer.text.indexing import batches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sentiment_transfer.model.fast_path_numba import GramTable, Pooling
    from sentiment_transfer.polarity.mixture import Member
    from sentiment_transfer.pretraining import WordVectors

__all__ = ["FusedPredictor"]

MAX_PIECES = 1 << 19
"""Distinct pieces after which a predictor is better made anew; they take about 30 MB."""


class FusedPredictor:
    """The stages of a fitted model, set up to read many texts.

    What was learnt of a piece of text is kept for the next call. It is not to be shared between
    threads.

    Parameters
    ----------
    vectors, encoder, head
        Fitted stages that `takes` approves of.
    """

    def __init__(self, vectors: WordVectors, encoder: Any, head: Any) -> None:  # noqa: ANN401
        from sentiment_transfer.text.pieces_numba import Splitter

        self._vectors, self._encoder = vectors, encoder
        self._learnt = _learnt(vectors, encoder, head)
        self._splitter = Splitter(vectors.tokenizer.prepare)
        self._roles = np.zeros(0, np.uint8)
        self._rows = np.zeros(0, np.int32)
        self._grams = np.zeros(0, np.uint64)
        self._columns = np.zeros(0, np.int32)
        informed = isinstance(head, PolarityClassifier)
        members = head.members if informed else ()
        self._biases = np.array([member.bias for member in members])
        self._poolings = _poolings(vectors, encoder, members)
        self._table = _gram_table(head, members)
        answers = hasattr(head, "predict_proba")
        self._head: Any = head if answers else LinearHead.of(head)

    @staticmethod
    def takes(vectors: WordVectors, encoder: Any, head: Any) -> bool:  # noqa: ANN401
        """Whether these stages can be fused: others may read texts in ways not known here."""
        if vectors.tokenizer.splitter:
            return False
        default = type(encoder) is PolarityEncoder and type(head) is PolarityClassifier
        return default or type(encoder) is AveragingEncoder

    def serves(self, vectors: WordVectors, encoder: Any, head: Any) -> bool:  # noqa: ANN401
        """Whether it was made for these very stages, as they are fitted now."""
        now = _learnt(vectors, encoder, head)
        return all(one is other for one, other in zip(self._learnt, now, strict=True))

    @property
    def full(self) -> bool:
        """Whether it has met so many pieces that it should be let go."""
        return len(self._splitter) > MAX_PIECES

    def predict_proba(
        self, texts: Iterable[str]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Probabilities ``(n_texts, n_classes)``, and the coverage of each text ``(n_texts,)``.

        The coverage is that of `WordVectors.coverage`. Where it is 0 the text has no known word,
        and its probabilities mean nothing.
        """
        k = len(self._head.classes_)
        answers = [self._batch(batch) for batch in batches(texts)]
        probabilities = np.concatenate([np.zeros((0, k)), *(p for p, _ in answers)])
        return probabilities, np.concatenate([np.zeros(0), *(shares for _, shares in answers)])

    def _batch(self, texts: list[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        from sentiment_transfer.model.fast_path_numba import Reading, predict

        pieces, offsets = self._splitter.split(texts)
        self._read_new()
        tokenizer = self._vectors.tokenizer
        reading = Reading(
            self._roles,
            self._rows,
            self._grams,
            self._columns,
            tokenizer.language_data.window,
            bool(tokenizer.stop_words),
        )
        pooled, plain = self._poolings
        informed = len(self._biases) > 0
        log_odds = np.tile(self._biases, (len(texts), 1))
        coverage = np.zeros(len(texts))
        x = np.empty((0 if informed else len(texts), plain.vectors.shape[1]), np.float32)
        predict(pieces, offsets, reading, pooled, plain, self._table, log_odds, coverage, x)
        if informed:
            return self._head.average(log_odds), coverage
        return self._head.predict_proba(x).astype(np.float64), coverage

    def _read_new(self) -> None:
        """Ask what the pieces not met before stand for."""
        new = self._splitter.from_number(len(self._roles))
        if not new:
            return
        vectors = self._vectors
        tokenizer, index = vectors.tokenizer, vectors.vocabulary.index
        marker = tokenizer.language_data.marker if tokenizer.mark_negation else ""
        entries = [tokenizer.entry(piece) for piece in new]
        roles = np.fromiter((entry.role for entry in entries), np.uint8, len(new))
        rows = [index.get(m + e.token, -1) for e in entries for m in ("", marker)]
        grams, columns = self._new_grams(new)
        self._roles = np.concatenate([self._roles, roles])
        self._rows = np.concatenate([self._rows, np.array(rows, np.int32)])
        self._grams = np.concatenate([self._grams, grams])
        self._columns = np.concatenate([self._columns, columns])

    def _new_grams(self, pieces: list[str]) -> tuple[NDArray[np.uint64], NDArray[np.int32]]:
        """Gram number of each piece's token, and its column; all 0 and -1 where none is known."""
        from sentiment_transfer.model.fast_path_numba import find_grams

        numbers, columns = np.zeros(len(pieces), np.uint64), np.full(len(pieces), -1, np.int32)
        if len(self._table.numbers):
            entry = self._encoder.gram_tokenizer.entry  # unlike the vectors' own it never stems
            numbers[:] = [word_number(entry(piece).token) for piece in pieces]
            find_grams(numbers, self._table, columns)
        return numbers, columns


def _learnt(vectors: WordVectors, encoder: Any, head: Any) -> tuple[object, ...]:  # noqa: ANN401
    """Objects of which another fit makes others."""
    return vectors, encoder, head, encoder.mean_, getattr(head, "mixture_", None)


def _poolings(
    vectors: WordVectors,
    encoder: Any,  # noqa: ANN401
    members: tuple[Member, ...],
) -> tuple[Pooling, Pooling]:
    """Set up the pooling that weighs words by polarity, and the plain one.

    To the log odds of a member the first adds ``x . u + a s`` with the score
    ``s = (x . along - cut) / spread`` of ``Polarity.score``, which gives the row
    ``u + a / spread * along`` and the shift ``-a / spread * cut``. Its ``x`` ends in the balance of
    seed words.
    """
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


def _rows(members: tuple[Member, ...], part: str, size: int) -> NDArray[np.float64]:
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
    """One pooling, with the rows that say anything: each a projection, its shift at the end."""
    from sentiment_transfer.model.fast_path_numba import Pooling

    columns = np.flatnonzero(rows.any(axis=1))
    used = rows[columns]
    projections, shifts = np.ascontiguousarray(used[:, :-1]), used[:, -1].copy()
    return Pooling(vectors, weights, centre, signs, *form, projections, shifts, columns)


def _gram_table(head: Any, members: tuple[Member, ...]) -> GramTable:  # noqa: ANN401
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
