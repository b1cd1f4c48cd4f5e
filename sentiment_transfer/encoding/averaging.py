"""Stage two by averaging: a sentence is the mean of its word vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.estimator import Estimator
from sentiment_transfer.base.settings import to_json
from sentiment_transfer.errors import InputError, ModelFileError
from sentiment_transfer.text import TokenIds
from sentiment_transfer.text.bag_of_words import mean_of_texts, mean_vectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.vectors import WordVectors

__all__ = ["AveragingEncoder"]


class AveragingEncoder(Estimator):
    """Sentence vectors as means of word vectors.

    By default over the *distinct* known words of a text, centred by the mean over the texts it is
    fitted on, and scaled to unit length; on 100 labelled reviews that is worth 2.5 points over
    the plain mean of all tokens.

    Parameters
    ----------
    vectors
        The pretrained word vectors.
    distinct
        Whether a word counts once a text, or each time it occurs.
    center, normalize
        Whether to subtract the mean, and to scale to length one.

    Attributes
    ----------
    mean_ : ndarray of float32, shape (vector_size,)
    weights_ : ndarray of float32, shape (n_words,)
        Weight of each word in the mean: 1, but for models from files until 2026-11-28 that weighed
        words by their frequency.
    """

    _takes_texts = True

    def __init__(
        self,
        vectors: WordVectors,
        *,
        distinct: bool = True,
        center: bool = True,
        normalize: bool = True,
    ) -> None:
        self.vectors = vectors
        self.distinct = distinct
        self.center = center
        self.normalize = normalize

    @classmethod
    def centred(cls, vectors: WordVectors, mean: NDArray[np.float32]) -> Self:
        """Return a fitted encoder where the mean over the texts is known, ``(vector_size,)``."""
        encoder = cls(vectors)
        encoder.weights_ = np.ones(len(vectors), np.float32)
        encoder.mean_ = mean
        return encoder

    def fit(self, texts: Iterable[str] | TokenIds, y: object = None) -> Self:
        """Learn the mean, from unlabelled texts if there are any.

        Token ids of ``vectors`` are taken in place of texts. No text at all raises ``InputError``.
        """
        corpus = self._encode(texts)
        if len(corpus) == 0:
            raise InputError("there is no text to fit the encoder on; give at least one")
        self.weights_ = np.ones(len(self.vectors), np.float32)
        self.mean_ = np.zeros(self.vectors.vector_size, dtype=np.float32)
        if self.center:
            self.mean_ = mean_of_texts(
                corpus, self.vectors.matrix, self.weights_, distinct=self.distinct
            )
        return self

    def transform(self, texts: Iterable[str] | TokenIds) -> NDArray[np.float32]:
        """Encode to float32 ``(n_texts, vector_size)``; a text with no known word is all zero."""
        self._require_fitted("mean_")
        corpus = self._encode(texts)
        encoded = self._means(corpus) - self.mean_
        encoded[np.diff(corpus.offsets) == 0] = 0
        if self.normalize:
            lengths = np.linalg.norm(encoded, axis=1, keepdims=True)
            encoded /= np.where(lengths > 0, lengths, 1)
        return encoded

    def fit_transform(
        self, texts: Iterable[str] | TokenIds, y: object = None
    ) -> NDArray[np.float32]:
        """Fit on texts and encode them; they are read once."""
        corpus = self._encode(texts)
        return self.fit(corpus, y).transform(corpus)

    def _encode(self, texts: Iterable[str] | TokenIds) -> TokenIds:
        if isinstance(texts, str):
            raise InputError(f"texts is a single str ({texts[:40]!r}); pass a list of texts")
        return texts if isinstance(texts, TokenIds) else self.vectors.encode(texts)

    def _means(self, corpus: TokenIds) -> NDArray[np.float32]:
        return mean_vectors(corpus, self.vectors.matrix, self.weights_, distinct=self.distinct)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Facts and tensors for a model file, the word vectors left out."""
        facts = self.get_params(deep=False)
        del facts["vectors"]
        return to_json(facts), {"mean": self.mean_, "weights": self.weights_}

    @classmethod
    def from_state(
        cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], vectors: WordVectors
    ) -> AveragingEncoder:
        """Build from what ``state`` gave and the word vectors.

        Files until 2026-11-28 also name the weighting and its constant; the weights are a tensor.
        """
        former = ("weighting", "a")
        encoder = cls(vectors, **{n: value for n, value in facts.items() if n not in former})
        encoder.mean_ = tensors["mean"]
        encoder.weights_ = tensors["weights"]
        if (*encoder.weights_.shape, *encoder.mean_.shape) != vectors.matrix.shape:
            raise ModelFileError("the encoder's mean and weights do not fit its word vectors")
        return encoder
