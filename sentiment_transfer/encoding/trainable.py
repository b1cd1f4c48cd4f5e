"""Encoders that learn with the head behind them, and what the two share."""

from __future__ import annotations

import copy
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sentiment_transfer.base.estimator import require, to_json
from sentiment_transfer.encoding.encoder import Encoder
from sentiment_transfer.encoding.sequences import Sequences
from sentiment_transfer.encoding.tuning import Tuning
from sentiment_transfer.errors import ModelFileError, SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from numpy.typing import NDArray
    from torch import Generator, Tensor

    from sentiment_transfer.pretraining.vectors import WordVectors
    from sentiment_transfer.text import TokenIds
    from sentiment_transfer.text.reading import ReadTexts

    Weights = Mapping[str, NDArray[np.float32]]

__all__ = ["Layers", "TrainableEncoder"]


class Layers(Protocol):
    """An encoder in torch: what lies between the word vectors and the head.

    Attributes
    ----------
    parameters
        What learns, by name; may be nothing.
    """

    parameters: Mapping[str, Tensor]

    def encode(self, rows: Tensor, places: TokenIds, dropout: float, rng: Generator) -> Tensor:
        """Sentence vectors, ``(n_texts, size)``; zeros for a text without a token.

        Parameters
        ----------
        rows
            Word vectors, ``(n_rows, d)``.
        places
            Texts as numbers of these rows.
        dropout, rng
            Share of places to silence, drawn from ``rng``.
        """
        ...


class TrainableEncoder(Encoder):
    """Base of encoders whose weights learn together with those of the head.

    `fit` sets the start; `fit_head` begins with `start_for` the seed of the head and returns a
    changed copy: every fit on labels starts again.

    Attributes
    ----------
    start_, weights_
        Weights by name, before labels and now; of the layers, not of the word vectors.
    matrix_
        Word vectors as they are now, ``(n_words, d)``.
    """

    tuning: Tuning
    start_: dict[str, NDArray[np.float32]]
    weights_: dict[str, NDArray[np.float32]]
    matrix_: NDArray[np.float32]

    @property
    @abstractmethod
    def size(self) -> int:
        """Length of a sentence vector."""

    @property
    @abstractmethod
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of each weight."""

    @abstractmethod
    def layers(self, weights: Weights, device: str) -> Layers:
        """These weights in torch."""

    @abstractmethod
    def _prepare(self, ids: TokenIds) -> TokenIds:
        """What of a text's tokens is read, and in which order."""

    @abstractmethod
    def _encode(self, ids: TokenIds) -> NDArray[np.float32]:
        """Sentence vectors of texts that are laid out, ``(n_texts, size)``, without torch."""

    def start_for(self, seed: int) -> dict[str, NDArray[np.float32]]:
        """Weights that a fit on labels begins with, for the seed of the head."""
        return self.start_

    def sequences(self, texts: Iterable[str] | TokenIds) -> Sequences:
        """Texts, or token ids of ``vectors``, as they are trained on."""
        return Sequences(self._prepare(self._ids(texts)))

    def features(self, texts: ReadTexts) -> Sequences:
        """Token ids: what of a text's tokens is read."""
        return self.sequences(texts.ids)

    def head_input(self, features: Sequences) -> NDArray[np.float32]:
        """Sentence vectors, float32 ``(n_texts, size)``; zeros for a text with no known word."""
        self._require_fitted("weights_")
        return self._encode(features.ids)

    def transform(self, texts: Iterable[str] | TokenIds) -> NDArray[np.float32]:
        """Encode to float32 ``(n_texts, size)``; a text with no known word is all zero."""
        return self.head_input(self.sequences(texts))

    def fit_head(
        self,
        head: Any,  # noqa: ANN401  (whatever the caller passed)
        features: Sequences,
        labels: NDArray[Any],
        unlabelled: TokenIds | None = None,
    ) -> tuple[Self, Any]:
        """Learn from labels together with the head, a `HiddenLayerClassifier`."""
        if not hasattr(head, "fit_end_to_end"):
            raise SettingError(
                f"{type(self).__name__} is trained together with its head, which "
                f"{type(head).__name__} does not support; give a HiddenLayerClassifier, or none"
            )
        return head.fit_end_to_end(self, features, labels), head

    @property
    def n_parameters_(self) -> int:
        """How many numbers the layers hold."""
        return sum(weight.size for weight in self.weights_.values())

    @property
    def n_trained(self) -> int:
        """How many of its numbers labels changed."""
        changed = (
            weight.size
            for name, weight in self.weights_.items()
            if not np.array_equal(weight, self.start_[name])
        )
        return sum(changed)

    @property
    def n_trained_vectors(self) -> int:
        """How many numbers of the word vectors labels changed: all of each word that moved."""
        return len(self._moved_words) * self.known_vectors.vector_size

    @property
    def _moved_words(self) -> NDArray[np.intp]:
        return np.flatnonzero((self.matrix_ != self.known_vectors.matrix).any(axis=1))

    def learnt(
        self, weights: Weights, matrix: NDArray[np.float32], start: Weights | None = None
    ) -> Self:
        """Return the same encoder with other weights and word vectors, learnt from ``start``.

        That is the encoder's own unless given.
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
        """Facts and tensors for a model file, of the word vectors those alone that moved."""
        self._require_fitted("weights_")
        moved = self._moved_words
        tensors: dict[str, NDArray[Any]] = {
            "moved.words": moved.astype(np.int32),
            "moved.vectors": self.matrix_[moved],
        }
        tensors |= {f"start.{name}": array for name, array in self.start_.items()}
        return self._facts(), tensors | self.weights_

    def _facts(self) -> dict[str, Any]:
        """Return the parameters, the vectors left out, as JSON holds them."""
        facts = self.get_params(deep=False)
        del facts["vectors"]
        plain: dict[str, Any] = to_json(facts)
        return plain

    @classmethod
    @abstractmethod
    def _from_facts(cls, facts: Mapping[str, Any], vectors: WordVectors) -> Self:
        """Build from what `_facts` gave."""

    @classmethod
    def from_state(
        cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], vectors: WordVectors
    ) -> Self:
        """Build from what ``state`` gave and the word vectors."""
        encoder = cls._from_facts(facts, vectors)
        encoder._check_settings()
        start, weights = (
            {name: _checked(tensors[f"{part}{name}"], s) for name, s in encoder.shapes.items()}
            for part in ("start.", "")
        )
        matrix = _moved(vectors.matrix, tensors["moved.words"], tensors["moved.vectors"])
        return encoder.learnt(weights, matrix, start)


def _checked(found: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float32]:
    if found.shape != shape or found.dtype != np.float32:
        raise ModelFileError(
            f"a tensor of the encoder is {found.dtype} {found.shape} where float32 {shape} belongs"
        )
    return found


def _moved(
    matrix: NDArray[np.float32], words: NDArray[Any], vectors: NDArray[Any]
) -> NDArray[np.float32]:
    if words.ndim != 1 or vectors.shape != (len(words), matrix.shape[1]):
        raise ModelFileError("the word vectors that moved do not fit the others")
    if not len(words):
        return matrix
    if not 0 <= words.min() <= words.max() < len(matrix):
        raise ModelFileError("a word vector moved that is not there")
    moved = matrix.copy()
    moved[words] = vectors
    return moved
