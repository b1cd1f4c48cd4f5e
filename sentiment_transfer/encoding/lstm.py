"""Stage two by an LSTM, which reads the words of a text in order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.encoding.joint import JointEncoder
from sentiment_transfer.encoding.lstm_forward import Direction, Pooling, pool_states
from sentiment_transfer.encoding.sequences import Packed, both_ends, by_length
from sentiment_transfer.encoding.tuning import LanguageModel, Tuning
from sentiment_transfer.errors import ModelFileError
from sentiment_transfer.settings import is_integer_from, require
from sentiment_transfer.text.vocabulary import select

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from numpy.typing import NDArray

    from sentiment_transfer.encoding.joint import Layers, Weights
    from sentiment_transfer.pretraining.vectors import WordVectors
    from sentiment_transfer.progress import Callback
    from sentiment_transfer.text import TokenIds

__all__ = ["LSTMEncoder"]

BATCH_TOKENS = 1 << 15
"""Tokens that are encoded at a time."""


class LSTMEncoder(JointEncoder):
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
    language_model
        How to learn from unlabelled texts before any label, by predicting the next word, forwards
        and backwards (Dai & Le 2015); None does not.
    seed
        Of the start of `transform` before any label, and of the language model. With labels the
        seed of the head decides, but for what the language model learnt.

    Attributes
    ----------
    start_, weights_ : dict of ndarray
        For ``"forward"`` and ``"backward"``: ``.input`` ``(4 units, d)``, ``.recurrent``
        ``(4 units, units)`` and ``.bias`` ``(4 units,)``, gates in torch's order.
    matrix_ : ndarray of float32, shape (n_words, d)
    language_model_history_ : dict of list of float
        For each direction the mean loss of a word in each epoch of the language model, if there is
        one; not in a file.
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
        language_model: LanguageModel | None = None,
        seed: int = 0,
    ) -> None:
        self.vectors = vectors
        self.units = units
        self.bidirectional = bidirectional
        self.pooling = pooling
        self.max_tokens = max_tokens
        self.tuning = tuning
        self.language_model = language_model
        self.seed = seed

    def fit(
        self,
        texts: Iterable[str] | TokenIds,
        y: object = None,
        *,
        start: Weights | None = None,
        callback: Callback | None = None,
    ) -> Self:
        """Start at random, or learn the language of unlabelled texts.

        Parameters
        ----------
        texts
            Any iterable, or token ids of ``vectors``.
        start
            Where the language model goes on from: ``start_`` of another such encoder.
        callback
            Is told how far the language model is.
        """
        self._check_settings()
        begin = self.random_start(self.seed)
        if self.language_model is not None:
            from sentiment_transfer.encoding.language_model import pretrain

            ids = self._ids(texts)
            learnt = pretrain(self, start or begin, ids, self.language_model, callback)
            begin, self.language_model_history_ = learnt
        return self._start_at(begin)

    @property
    def size(self) -> int:
        """Length of a sentence vector."""
        return self.units * len(self.directions)

    @property
    def directions(self) -> tuple[str, ...]:
        """Names of the directions that a text is read in."""
        return ("forward", "backward") if self.bidirectional else ("forward",)

    @property
    def needs_texts(self) -> bool:
        """Whether there is a language model to learn."""
        return self.language_model is not None

    def random_start(self, seed: int) -> dict[str, NDArray[np.float32]]:
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
        from sentiment_transfer.encoding.lstm_layers import LSTMLayers

        return LSTMLayers(weights, self.pooling, device)

    def _laid_out(self, ids: TokenIds) -> TokenIds:
        return both_ends(ids, self.max_tokens)

    def _encode(self, ids: TokenIds) -> NDArray[np.float32]:
        encoded = np.zeros((len(ids), self.size), np.float32)
        for rows in by_length(np.diff(ids.offsets), BATCH_TOKENS):
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
        require(is_integer_from(self.units, 1), self, "units", "a whole number from 1")
        require(is_integer_from(self.max_tokens, 1), self, "max_tokens", "a whole number from 1")
        require(self.pooling in ("mean", "max", "last"), self, "pooling", "'mean', 'max' or 'last'")
        known = self.language_model is None or isinstance(self.language_model, LanguageModel)
        require(known, self, "language_model", "a LanguageModel, or None")

    def _facts(self) -> dict[str, Any]:
        model = self.language_model
        return {
            "units": int(self.units),
            "bidirectional": bool(self.bidirectional),
            "pooling": self.pooling,
            "max_tokens": int(self.max_tokens),
            "tuning": self.tuning.to_json(),
            "language_model": None if model is None else model.to_json(),
            "seed": int(self.seed),
        }

    @classmethod
    def _from_facts(cls, facts: Mapping[str, Any], vectors: WordVectors) -> Self:
        parameters = dict(facts)
        try:
            model = parameters["language_model"]
            parameters["language_model"] = None if model is None else LanguageModel(**model)
            parameters["tuning"] = Tuning(**parameters["tuning"])
            return cls(vectors, **parameters)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelFileError(f"the encoder in this file cannot be used: {error!r}") from error
