"""Stage two as an LSTM over the words of a text in order."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Self

import numpy as np

from sentiment_transfer.base.estimator import is_integer_from, require
from sentiment_transfer.encoding.lstm_numpy import Pooling, pool_states
from sentiment_transfer.encoding.sequences import Steps, head_and_tail, longest_first
from sentiment_transfer.encoding.stored import LSTMFacts
from sentiment_transfer.encoding.trainable import TrainableEncoder, Tuning
from sentiment_transfer.text import TokenIds
from sentiment_transfer.text.inputs import as_iterable_of_texts
from sentiment_transfer.text.vocabulary import select

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sentiment_transfer.encoding.trainable import Layers, Weights
    from sentiment_transfer.pretraining.vectors import WordVectors

__all__ = ["LSTMEncoder"]

_PARTS = ("input", "recurrent", "bias")
BATCH_TOKENS = 1 << 15
"""Number of tokens that are encoded at a time."""


class LSTMEncoder(TrainableEncoder):
    """Sentence vectors by an LSTM over word vectors, trained together with the head.

    ``SentimentClassifier(encoder=LSTMEncoder())`` trains stages two and three together. Training
    needs torch, prediction does not.

    Parameters
    ----------
    vectors
        The pretrained word vectors; a `SentimentClassifier` sets them.
    units
        Size of the state, in each direction.
    bidirectional
        Whether the text is also read from its end; the sentence vector is then twice as long.
    pooling
        Pooling of the states over time: ``"mean"``, ``"max"``, or the ``"last"`` of each direction.
    max_tokens
        Maximum number of tokens; a longer text keeps a quarter of them from its start and the rest
        from its end.
    tuning
        Settings of training with the head.
    seed
        Seed of the initial weights; a fit on labels uses the seed of the head instead.

    Attributes
    ----------
    start_, weights_ : dict of ndarray
        For ``"forward"`` and ``"backward"``: ``.input`` ``(4 units, d)``, ``.recurrent``
        ``(4 units, units)`` and ``.bias`` ``(4 units,)``, gates in torch's order.
    matrix_ : ndarray of float32, shape (n_words, d)

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> encoder = LSTMEncoder(load("reviews-en").vectors_, units=8).fit(["A fine film."])
    >>> encoder.transform(["It was great.", "It was awful."]).shape
    (2, 16)
    """

    stored = LSTMFacts

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
        """Draw the weights by ``seed``; the texts are not read.

        Parameters
        ----------
        texts
            Not used.
        y
            Not used; it is there for pipelines of scikit-learn.

        Examples
        --------
        >>> from sentiment_transfer import load
        >>> LSTMEncoder(load("reviews-en").vectors_, units=4).fit([]).size
        8
        """
        self._check_settings()
        if not isinstance(texts, TokenIds):
            as_iterable_of_texts(texts)
        return self._start_at(self.start_for(self.seed))

    def fit_centre(self, centre: NDArray[np.float32] | None) -> Self:
        """Draw the weights by ``seed``; the centre is not used.

        Parameters
        ----------
        centre
            Not used: ``(d,)`` or None.
        """
        return self.fit([])

    @property
    def size(self) -> int:
        """Length of a sentence vector."""
        return self.units * len(self.directions)

    @property
    def directions(self) -> tuple[str, ...]:
        """Names of the directions, forward first."""
        return ("forward", "backward") if self.bidirectional else ("forward",)

    def start_for(self, seed: int) -> dict[str, NDArray[np.float32]]:
        """Draw weights (Glorot & Bengio 2010); forget gates open (Jozefowicz et al. 2015).

        Parameters
        ----------
        seed
            Of the weights.

        Returns
        -------
        dict of ndarray
            float32 weights by name, of `shapes`, such as ``(d, 4 units)``.
        """
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
        """Shape of each weight: four gates with input, state and bias."""
        h, d = self.units, self.known_vectors.vector_size
        parts = {"input": (4 * h, d), "recurrent": (4 * h, h), "bias": (4 * h,)}
        return {f"{way}.{part}": shape for way in self.directions for part, shape in parts.items()}

    def layers(self, weights: Weights, device: str) -> Layers:
        """Build the layers in torch.

        Parameters
        ----------
        weights
            By name, of `shapes`.
        device
            Of torch, such as ``"cpu"``.

        Returns
        -------
        Layers
            Modules of torch.
        """
        from sentiment_transfer.encoding.layers_torch import LSTMLayers

        return LSTMLayers(weights, self.pooling, device)

    def _prepare(self, ids: TokenIds) -> TokenIds:
        return head_and_tail(ids, self.max_tokens)

    def _encode(self, ids: TokenIds) -> NDArray[np.float32]:
        encoded = np.zeros((len(ids), self.size), np.float32)
        for rows in longest_first(np.diff(ids.offsets), BATCH_TOKENS):
            steps = Steps.of(select(ids, rows))
            x, sizes = self.matrix_[steps.packed], steps.sizes
            for k, name in enumerate(self.directions):
                W, U, b = (
                    self.weights_[f"{name}.{part}"] for part in ("input", "recurrent", "bias")
                )
                columns = slice(k * self.units, (k + 1) * self.units)
                encoded[rows[steps.order], columns] = pool_states(
                    x, sizes, (W, U, b), self.pooling, backward=k == 1
                )
        return encoded

    def _check_settings(self) -> None:
        super()._check_settings()
        require(is_integer_from(self.seed, 0), self, "seed", "an integer of at least 0")
        require(is_integer_from(self.units, 1), self, "units", "an integer of at least 1")
        require(is_integer_from(self.max_tokens, 1), self, "max_tokens", "an integer of at least 1")
        require(self.pooling in ("mean", "max", "last"), self, "pooling", "'mean', 'max' or 'last'")
