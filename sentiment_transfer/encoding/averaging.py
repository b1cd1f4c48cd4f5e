"""Stage two by averaging: a sentence is the mean of its word vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sentiment_transfer.errors import InputError, ModelFileError, SettingError
from sentiment_transfer.estimator import Estimator
from sentiment_transfer.text import TokenIds
from sentiment_transfer.text.bag_of_words import mean_of_texts, mean_vectors

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.vectors import WordVectors

__all__ = ["AveragingEncoder", "word_weights"]

Weighting = Literal["idf", "sif"]


def word_weights(
    corpus: TokenIds, n_words: int, weighting: Weighting | None, a: float = 1e-3
) -> NDArray[np.float32]:
    """Weight of each word in the mean, float32 ``(n_words,)``.

    None weighs all the same. ``"idf"`` is ``log((1 + n) / (1 + df)) + 1``, scikit-learn's smooth
    form, with ``n`` texts of which ``df`` hold the word. ``"sif"`` is ``a / (a + p)`` with ``p``
    the word's share of all tokens (Arora et al. 2017, algorithm 1). Both cost 4 to 5 points on
    sentiment, where frequent words carry much of it.
    """
    if weighting is None:
        return np.ones(n_words, dtype=np.float32)
    if weighting == "sif":
        share = np.bincount(corpus.ids, minlength=n_words) / max(1, len(corpus.ids))
        return (a / (a + share)).astype(np.float32)
    if weighting == "idf":
        keys = np.unique(corpus.text_index * n_words + corpus.ids)
        frequency = np.bincount(keys % n_words, minlength=n_words)
        return (np.log((1 + len(corpus)) / (1 + frequency)) + 1).astype(np.float32)
    raise SettingError(f"weighting={weighting!r} is not known; use None, 'idf' or 'sif'")


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
    weighting
        None, ``"idf"`` or ``"sif"`` (see `word_weights`).
    a
        The constant of ``"sif"``.
    center, normalize
        Whether to subtract the mean, and to scale to length one.

    Attributes
    ----------
    mean_ : ndarray of float32, shape (vector_size,)
    weights_ : ndarray of float32, shape (n_words,)
    """

    _takes_texts = True

    def __init__(
        self,
        vectors: WordVectors,
        *,
        distinct: bool = True,
        weighting: Weighting | None = None,
        a: float = 1e-3,
        center: bool = True,
        normalize: bool = True,
    ) -> None:
        self.vectors = vectors
        self.distinct = distinct
        self.weighting = weighting
        self.a = a
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
        """Learn the mean and the word weights, from unlabelled texts if there are any.

        Token ids of ``vectors`` are taken in place of texts. No text at all raises ``InputError``.
        """
        corpus = self._encode(texts)
        if len(corpus) == 0:
            raise InputError("there is no text to fit the encoder on; give at least one")
        self.weights_ = word_weights(corpus, len(self.vectors), self.weighting, self.a)
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
        return facts, {"mean": self.mean_, "weights": self.weights_}

    @classmethod
    def from_state(
        cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]], vectors: WordVectors
    ) -> AveragingEncoder:
        """Build from what ``state`` gave and the word vectors."""
        encoder = cls(vectors, **facts)
        encoder.mean_ = tensors["mean"]
        encoder.weights_ = tensors["weights"]
        if (*encoder.weights_.shape, *encoder.mean_.shape) != vectors.matrix.shape:
            raise ModelFileError("the encoder's mean and weights do not fit its word vectors")
        return encoder
