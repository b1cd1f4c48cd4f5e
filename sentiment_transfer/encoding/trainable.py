"""Base of the encoders that are trained together with the head."""

from __future__ import annotations

import copy
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

import numpy as np

from sentiment_transfer.base.estimator import SettingsGroup, in_range, require
from sentiment_transfer.base.schema import convert, settings_group
from sentiment_transfer.encoding.sequences import Sequences
from sentiment_transfer.encoding.vector_encoder import VectorEncoder
from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray
    from torch import Generator, Tensor

    from sentiment_transfer.encoding.stored import TrainableFacts
    from sentiment_transfer.pretraining.vectors import WordVectors
    from sentiment_transfer.text import TokenIds
    from sentiment_transfer.text.reading import ReadTexts

    Weights = Mapping[str, NDArray[np.float32]]

__all__ = ["Layers", "TrainableEncoder", "Tuning"]


@dataclass(frozen=True)
class Tuning(SettingsGroup):
    """Settings of training an encoder with its head; ``tuning__dropout`` names a field.

    Attributes
    ----------
    vectors_rate, layers_rate
        Learning rates of the word vectors, and of the layers between them and the head, as shares
        of the head's (Howard & Ruder 2018, discriminative fine-tuning); 0 freezes them. With
        ``"sgd"`` the vectors have no momentum, which would move words that are not in a batch.
    word_dropout
        Share of words dropped at random in each step, in all its texts at once.
    dropout
        Share of the sentence vector's elements dropped at random in each step.
    clip
        Maximum length of a gradient, to which longer ones are scaled; None for no maximum.

    Raises
    ------
    SettingError
        A value is not allowed.

    Examples
    --------
    >>> Tuning(dropout=0.5).dropout
    0.5
    >>> try:
    ...     Tuning(clip=0)
    ... except ValueError as error:
    ...     print(error)
    Tuning: clip=0 is not allowed; it must be a number above 0, or None
    """

    vectors_rate: float = 0.1
    layers_rate: float = 1.0
    word_dropout: float = 0.2
    dropout: float = 0.3
    clip: float | None = 1.0

    def __post_init__(self) -> None:
        for name in ("vectors_rate", "layers_rate"):
            require(in_range(getattr(self, name), np.inf), self, name, "a number of at least 0")
        for name in ("word_dropout", "dropout"):
            require(
                in_range(getattr(self, name), 1), self, name, "a number of at least 0 and below 1"
            )
        if self.clip is not None:
            positive = in_range(self.clip, np.inf) and self.clip > 0
            require(positive, self, "clip", "a number above 0, or None")


class Layers(Protocol):
    """An encoder in torch: the layers between the word vectors and the head.

    Attributes
    ----------
    parameters
        Trained weights by name; may be empty.
    """

    parameters: Mapping[str, Tensor]

    def encode(self, rows: Tensor, places: TokenIds, dropout: float, rng: Generator) -> Tensor:
        """Return sentence vectors, ``(n_texts, size)``; zeros for a text without a token.

        Parameters
        ----------
        rows
            Word vectors, ``(n_rows, d)``.
        places
            Texts as indices of these rows.
        dropout, rng
            Share of elements to drop, drawn from ``rng``.
        """
        ...


class TrainableEncoder(VectorEncoder):
    """Base of encoders whose weights are trained together with those of the head.

    `fit` sets the initial weights. `fit_head` starts from `start_for` the seed of the head and
    returns a changed copy, so every fit on labels starts afresh.

    Attributes
    ----------
    start_, weights_
        Weights of the layers by name, initial and current.
    matrix_
        Current word vectors, ``(n_words, d)``.

    Examples
    --------
    >>> from sentiment_transfer import LSTMEncoder, load
    >>> encoder = LSTMEncoder(load("reviews-en").vectors_, units=4).fit(["a fine film"])
    >>> isinstance(encoder, TrainableEncoder), encoder.sequences(["a fine film", ""]).lengths
    (True, array([2, 0]))
    """

    stored: type[TrainableFacts]
    """Declaration of its part of a file."""

    tuning: Tuning
    start_: dict[str, NDArray[np.float32]]
    weights_: dict[str, NDArray[np.float32]]
    matrix_: NDArray[np.float32]

    @property
    @abstractmethod
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each weight."""

    @abstractmethod
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

    @abstractmethod
    def _prepare(self, ids: TokenIds) -> TokenIds:
        """Select the tokens of each text that are read."""

    @abstractmethod
    def _encode(self, ids: TokenIds) -> NDArray[np.float32]:
        """Compute sentence vectors of prepared texts, ``(n_texts, size)``, without torch."""

    def start_for(self, seed: int) -> dict[str, NDArray[np.float32]]:
        """Return the initial weights of a fit on labels, for the seed of the head.

        Parameters
        ----------
        seed
            Of the weights.

        Returns
        -------
        dict of ndarray
            float32 weights by name, of `shapes`, such as ``(d,)``.
        """
        return self.start_

    def sequences(self, texts: Iterable[str] | TokenIds) -> Sequences:
        """Prepare texts, or token ids of ``vectors``, for training.

        Parameters
        ----------
        texts
            Texts, or token ids of ``vectors``.

        Returns
        -------
        Sequences
            ``n_texts`` rows.
        """
        return Sequences(self._prepare(self._ids(texts)))

    def features(self, texts: ReadTexts) -> Sequences:
        """Return the token ids that are read.

        Parameters
        ----------
        texts
            What `read` returned.
        """
        return self.sequences(texts.ids)

    def head_input(self, features: Sequences) -> NDArray[np.float32]:
        """Compute sentence vectors, float32 ``(n_texts, size)``; see `transform`."""
        self._require_fitted("weights_")
        return self._encode(features.ids)

    def _vectors(self, ids: TokenIds) -> NDArray[np.float32]:
        return self.head_input(self.sequences(ids))

    def fit_head(
        self,
        head: Any,  # noqa: ANN401  (ours or scikit-learn's)
        features: Sequences,
        labels: NDArray[Any],
        unlabelled: TokenIds | None = None,
        sample_weight: NDArray[np.float64] | None = None,
    ) -> tuple[Self, Any]:
        """Train on labels together with the head, a `HiddenLayerClassifier`.

        Parameters
        ----------
        head
            A `HiddenLayerClassifier` that is not fitted yet.
        features
            What `features` returned, of ``n`` texts.
        labels, sample_weight
            Of the texts, ``(n,)``.
        unlabelled
            Not used.

        Raises
        ------
        SettingError
            The head is another one.
        """
        if not hasattr(head, "fit_end_to_end"):
            raise SettingError(
                f"{type(self).__name__} is trained together with its head, which "
                f"{type(head).__name__} does not support; give a HiddenLayerClassifier, or none"
            )
        return head.fit_end_to_end(self, features, labels, sample_weight), head

    @property
    def n_parameters_(self) -> int:
        """Number of weights of the layers."""
        return sum(weight.size for weight in self.weights_.values())

    @property
    def n_trained(self) -> int:
        """Number of weights in arrays that training on labels changed."""
        pairs = ((weight, self.start_[name]) for name, weight in self.weights_.items())
        return sum(now.size for now, start in pairs if not np.array_equal(now, start))

    @property
    def n_trained_vectors(self) -> int:
        """Number of elements of the word vectors that training on labels changed."""
        return len(self._changed_words) * self.known_vectors.vector_size

    @property
    def _changed_words(self) -> NDArray[np.intp]:
        return np.flatnonzero((self.matrix_ != self.known_vectors.matrix).any(axis=1))

    def learnt(
        self, weights: Weights, matrix: NDArray[np.float32], start: Weights | None = None
    ) -> Self:
        """Return a copy with other weights and word vectors, learnt from ``start``.

        Without ``start`` the copy keeps the encoder's own.

        Parameters
        ----------
        weights
            By name, of `shapes`.
        matrix
            Word vectors, float32 ``(n_words, d)``.
        start
            What they were learnt from.
        """
        other = copy.copy(self)
        other.weights_, other.matrix_ = dict(weights), matrix
        if start is not None:
            other.start_ = dict(start)
        return other

    def _start_at(self, weights: Weights) -> Self:
        self.start_ = dict(weights)
        self.weights_ = dict(weights)
        self.matrix_ = self.known_vectors.matrix
        return self

    def _check_settings(self) -> None:
        _ = self.known_vectors
        require(isinstance(self.tuning, Tuning), self, "tuning", "a Tuning")

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return facts and tensors for a model file; of the word vectors only changed ones."""
        self._require_fitted("weights_")
        moved = self._changed_words
        tensors: dict[str, NDArray[Any]] = {
            "moved.words": moved.astype(np.int32),
            "moved.vectors": self.matrix_[moved],
        }
        tensors |= {f"start.{name}": array for name, array in self.start_.items()}
        return self._settings(), tensors | self.weights_

    @classmethod
    def from_state(
        cls,
        facts: TrainableFacts | Mapping[str, Any],
        tensors: Mapping[str, NDArray[Any]],
        vectors: WordVectors,
    ) -> Self:
        """Build from what `state` returned and the word vectors."""
        given = convert(cls.stored, facts)
        settings = {name: getattr(given, name) for name in cls._parameter_names()[1:]}
        settings["tuning"] = settings_group(Tuning, given.tuning)
        encoder = cls(vectors, **settings)  # type: ignore[call-arg]  # of the subclass
        start, weights = (
            {name: tensors[f"{part}{name}"] for name in encoder.shapes} for part in ("start.", "")
        )
        matrix = vectors.matrix
        if len(tensors["moved.words"]):
            matrix = matrix.copy()
            matrix[tensors["moved.words"]] = tensors["moved.vectors"]
        return encoder.learnt(weights, matrix, start)
