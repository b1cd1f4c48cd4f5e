"""Stage two by an LSTM, which reads the words of a text in order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.estimator import is_integer_from, require
from sentiment_transfer.encoding.lstm_numpy import Direction, Pooling, pool_states
from sentiment_transfer.encoding.sequences import Packed, head_and_tail, longest_first
from sentiment_transfer.encoding.trainable import TrainableEncoder
from sentiment_transfer.encoding.tuning import Tuning
from sentiment_transfer.errors import ModelFileError
from sentiment_transfer.text.vocabulary import select

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from numpy.typing import NDArray

    from sentiment_transfer.encoding.trainable import Layers, Weights
    from sentiment_transfer.pretraining.vectors import WordVectors
    from sentiment_transfer.text import TokenIds

__all__ = ["LSTMEncoder"]

BATCH_TOKENS = 1 << 15
"""Tokens that are encoded at a time."""


class LSTMEncoder(TrainableEncoder):
    """Sentence vectors by an LSTM over word vectors, for a head that learns with it.

    ``SentimentClassifier(encoder=LSTMEncoder())`` learns stages two and three together. Learning
    needs torch, the answers do not.

    Parameters
    ----------
    vectors
        The pretrained word vectors; inside a `SentimentClassifier` they are set by it.
    units
        Size of the state, in each direction.
    bidirectional
        Whether the text is also read from its end; the sentence vector is then twice as long.
    pooling
        What becomes of the states: their ``"mean"``, their maximum ``"max"`` in each place, or
        the ``"last"`` of each direction.
    max_tokens
        Of longer texts a quarter of so many tokens is read from the start, the rest from the end.
    tuning
        How it learns with the head.
    seed
        Of the weights before any label. With labels the seed of the head decides.

    Attributes
    ----------
    start_, weights_ : dict of ndarray
        For ``"forward"`` and ``"backward"``: ``.input`` ``(4 units, d)``, ``.recurrent``
        ``(4 units, units)`` and ``.bias`` ``(4 units,)``, gates in torch's order.
    matrix_ : ndarray of float32, shape (n_words, d)
    """

    def __init__(
        self,
        vectors: WordVectors | None = None,
        units: int = 64,
        *,
        bidirectional: bool = True,
        pooling: Pooling = "max",
        max_tokens: int = 400,
        tuning: Tuning = Tuning(),  # noqa: B008  (it is frozen)
        seed: int = 0,
    ) -> None:
        self.vectors = vectors
        self.units = units
        self.bidirectional = bidirectional
        self.pooling = pooling
        self.max_tokens = max_tokens
        self.tuning = tuning
        self.seed = seed

    def fit(self, texts: Iterable[str] | TokenIds, y: object = None) -> Self:
        """Draw the weights by ``seed``; the texts are not read."""
        self._check_settings()
        return self._start_at(self.start_for(self.seed))

    def fit_centre(self, centre: NDArray[np.float32] | None) -> Self:
        """Fit without texts, which are not read anyway."""
        return self.fit([])

    @property
    def size(self) -> int:
        """Length of a sentence vector."""
        return self.units * len(self.directions)

    @property
    def directions(self) -> tuple[str, ...]:
        """Names of the directions that a text is read in."""
        return ("forward", "backward") if self.bidirectional else ("forward",)

    def start_for(self, seed: int) -> dict[str, NDArray[np.float32]]:
        """Draw weights (Glorot & Bengio 2010); forget gates open (Jozefowicz et al. 2015)."""
        rng, h = np.random.default_rng(seed), self.units
        start = {}
        for name, shape in self.shapes.items():
            if len(shape) == 2:
                bound = math.sqrt(6 / (shape[1] + h))
                start[name] = rng.uniform(-bound, bound, shape).astype(np.float32)
            else:
                start[name] = np.repeat(np.array([0, 1, 0, 0], np.float32), h)
        return start

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each weight; four gates see the word and the state, and have a bias."""
        h, d = self.units, self.known_vectors.vector_size
        parts = {"input": (4 * h, d), "recurrent": (4 * h, h), "bias": (4 * h,)}
        return {f"{way}.{part}": shape for way in self.directions for part, shape in parts.items()}

    def layers(self, weights: Weights, device: str) -> Layers:
        """These weights in torch."""
        from sentiment_transfer.encoding.lstm_torch import LSTMLayers

        return LSTMLayers(weights, self.pooling, device)

    def _prepare(self, ids: TokenIds) -> TokenIds:
        return head_and_tail(ids, self.max_tokens)

    def _encode(self, ids: TokenIds) -> NDArray[np.float32]:
        encoded = np.zeros((len(ids), self.size), np.float32)
        for rows in longest_first(np.diff(ids.offsets), BATCH_TOKENS):
            packed = Packed.of(select(ids, rows))
            x = self.matrix_[packed.ids]
            for k, name in enumerate(self.directions):
                columns = slice(k * self.units, (k + 1) * self.units)
                encoded[rows[packed.order], columns] = pool_states(
                    x, packed.sizes, self._direction(name), self.pooling, backward=k == 1
                )
        return encoded

    def _direction(self, name: str) -> Direction:
        parts = (self.weights_[f"{name}.{part}"] for part in ("input", "recurrent", "bias"))
        return Direction(*parts)

    def _check_settings(self) -> None:
        super()._check_settings()
        require(is_integer_from(self.seed, 0), self, "seed", "an integer of at least 0")
        require(is_integer_from(self.units, 1), self, "units", "an integer of at least 1")
        require(is_integer_from(self.max_tokens, 1), self, "max_tokens", "an integer of at least 1")
        require(self.pooling in ("mean", "max", "last"), self, "pooling", "'mean', 'max' or 'last'")

    @classmethod
    def _from_facts(cls, facts: Mapping[str, Any], vectors: WordVectors) -> Self:
        parameters = dict(facts)
        # of files until 2026-11-28: how a language model was learnt before the labels
        parameters.pop("language_model", None)
        try:
            parameters["tuning"] = Tuning.from_facts(parameters["tuning"])
            return cls(vectors, **parameters)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ModelFileError(f"the encoder in this file cannot be used: {error!r}") from error
