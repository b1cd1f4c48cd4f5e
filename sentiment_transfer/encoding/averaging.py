"""Stage two as averaging: a sentence vector is the mean of word vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sentiment_transfer.base.schema import convert
from sentiment_transfer.encoding.stored import AveragingFacts
from sentiment_transfer.encoding.vector_encoder import VectorEncoder
from sentiment_transfer.errors import InputError
from sentiment_transfer.text.bag_of_words import mean_of_texts, mean_vectors, unit_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    from sentiment_transfer.pretraining.vectors import WordVectors
    from sentiment_transfer.text import TokenIds
    from sentiment_transfer.text.reading import ReadTexts

__all__ = ["AveragingEncoder"]


class AveragingEncoder(VectorEncoder):
    """Sentence vectors as means of word vectors.

    By default the mean is over the *distinct* known words of a text, centred by its mean over the
    texts of `fit`, and scaled to unit length; with 100 labelled reviews this has 2.5 points more
    accuracy than the plain mean of all tokens.

    Parameters
    ----------
    vectors
        The pretrained word vectors.
    distinct
        Whether a word counts once per text, or each time it occurs.
    center, normalize
        Whether to subtract the mean, and to scale to length one.

    Attributes
    ----------
    mean_ : ndarray of float32, shape (vector_size,)
    weights_ : ndarray of float32, shape (n_words,)
        Weight of each word in the mean: 1, except in models from files written until 2026-11-28
        that weight words by their frequency.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> vectors = load("reviews-en").vectors_
    >>> encoder = AveragingEncoder(vectors).fit(["A fine film.", "A dull plot."])
    >>> encoder.transform(["It was great.", "It was awful."]).shape
    (2, 100)
    """

    stored = AveragingFacts

    vectors: WordVectors

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

    def fit(self, texts: Iterable[str] | TokenIds, y: object = None) -> Self:
        """Compute the mean over texts, or over token ids of ``vectors``.

        Parameters
        ----------
        texts
            Texts, or token ids of ``vectors``; iterated once.
        y
            Not used; it is there for pipelines of scikit-learn.

        Raises
        ------
        InputError
            There is no text at all.

        Examples
        --------
        >>> from sentiment_transfer import load
        >>> vectors = load("reviews-en").vectors_
        >>> encoder = AveragingEncoder(vectors).fit(["a fine film", "a dull plot"])
        >>> encoder.transform(["a fine plot", ""]).shape
        (2, 100)
        """
        ids = self._ids(texts)
        if len(ids) == 0:
            raise InputError("there is no text to fit the encoder on; give at least one")
        mean = np.zeros(self.vectors.vector_size, dtype=np.float32)
        if self.center:
            mean = mean_of_texts(ids, self.vectors.matrix, distinct=self.distinct)
        return self._set(mean)

    def fit_centre(self, centre: NDArray[np.float32] | None) -> Self:
        """Use the mean of another encoder, if both average distinct words.

        Parameters
        ----------
        centre
            The mean of texts, float32 ``(d,)``, or None.
        """
        if not self.center:
            return self._set(np.zeros(self.vectors.vector_size, np.float32))
        if centre is None or not self.distinct:
            return super().fit_centre(None)
        return self._set(centre)

    def _set(self, mean: NDArray[np.float32]) -> Self:
        self.weights_ = np.ones(len(self.vectors), np.float32)
        self.mean_ = mean
        return self

    @property
    def centre(self) -> NDArray[np.float32] | None:
        """The mean, float32 ``(d,)``, if it is over distinct words of equal weight; else None."""
        plain = self.distinct and self.center and bool((self.weights_ == 1).all())
        return self.mean_ if plain else None

    @property
    def size(self) -> int:
        """Number of dimensions of a sentence vector: that of the word vectors."""
        return self.vectors.vector_size

    def _vectors(self, ids: TokenIds) -> NDArray[np.float32]:
        self._require_fitted("mean_")
        means = mean_vectors(ids, self.vectors.matrix, self.weights_, distinct=self.distinct)
        encoded = np.where(np.diff(ids.offsets)[:, None] > 0, means - self.mean_, np.float32(0))
        return unit_rows(encoded) if self.normalize else encoded

    def features(self, texts: ReadTexts) -> NDArray[np.float32]:
        """Compute sentence vectors as `transform`.

        Parameters
        ----------
        texts
            What `read` returned.

        Returns
        -------
        ndarray
            float32 ``(n_texts, d)``.
        """
        return self._vectors(texts.ids)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return facts and tensors for a model file, without the word vectors."""
        return self._settings(), {"mean": self.mean_, "weights": self.weights_}

    @classmethod
    def from_state(
        cls,
        facts: AveragingFacts | Mapping[str, Any],
        tensors: Mapping[str, NDArray[Any]],
        vectors: WordVectors,
    ) -> AveragingEncoder:
        """Build from what `state` returned and the word vectors."""
        given = convert(cls.stored, facts)
        encoder = cls(
            vectors, distinct=given.distinct, center=given.center, normalize=given.normalize
        )
        encoder.mean_ = tensors["mean"]
        encoder.weights_ = tensors["weights"]
        return encoder
