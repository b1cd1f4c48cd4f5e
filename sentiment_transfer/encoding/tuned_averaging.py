"""Stage two as means of word vectors trained with the head (fastText; Iyyer et al. 2015)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from sentiment_transfer.encoding.sequences import distinct
from sentiment_transfer.encoding.stored import TunedAveragingFacts
from sentiment_transfer.encoding.trainable import TrainableEncoder, Tuning
from sentiment_transfer.text.bag_of_words import mean_of_texts, mean_vectors, unit_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sentiment_transfer.encoding.trainable import Layers, Weights
    from sentiment_transfer.pretraining.vectors import WordVectors
    from sentiment_transfer.text import TokenIds

__all__ = ["TunedAveragingEncoder"]


class TunedAveragingEncoder(TrainableEncoder):
    """Mean over a text's distinct words, centred, of unit length; the word vectors are trained.

    Before training it computes what an `AveragingEncoder` does, and afterwards the same with other
    word vectors.

    Parameters
    ----------
    vectors
        The pretrained word vectors; a `SentimentClassifier` sets them.
    tuning
        Settings of training with the head.

    Attributes
    ----------
    start_, weights_ : dict of ndarray
        ``"mean"``, the centre of the texts it was fitted on, ``(d,)``, which is not trained.
    matrix_ : ndarray of float32, shape (n_words, d)

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> texts = ["a fine film", "a dull plot"]
    >>> encoder = TunedAveragingEncoder(load("reviews-en").vectors_).fit(texts)
    >>> encoder.transform(["a fine plot"]).shape, encoder.n_parameters_
    ((1, 100), 100)
    """

    stored = TunedAveragingFacts

    def __init__(
        self,
        vectors: WordVectors | None = None,
        *,
        tuning: Tuning = Tuning(),  # noqa: B008  (it is frozen)
    ) -> None:
        self.vectors = vectors
        self.tuning = tuning

    def fit(self, texts: Iterable[str] | TokenIds, y: object = None) -> Self:
        """Compute the centre of texts, or of token ids of ``vectors``; zeros for no text."""
        self._check_settings()
        mean = mean_of_texts(self._ids(texts), self.known_vectors.matrix)
        return self._start_at({"mean": mean})

    def fit_centre(self, centre: NDArray[np.float32] | None) -> Self:
        """Use the mean of another encoder.

        Parameters
        ----------
        centre
            The mean of texts, float32 ``(d,)``, or None.
        """
        self._check_settings()
        return super().fit_centre(None) if centre is None else self._start_at({"mean": centre})

    @property
    def centre(self) -> NDArray[np.float32]:
        """Mean of the texts that it was fitted on, ``(d,)``."""
        return self.start_["mean"]

    @property
    def size(self) -> int:
        """Length of a sentence vector."""
        return self.known_vectors.vector_size

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shape of the centre."""
        return {"mean": (self.size,)}

    def layers(self, weights: Weights, device: str) -> Layers:
        """Build the layers in torch."""
        from sentiment_transfer.encoding.layers_torch import AveragingLayers

        return AveragingLayers(weights["mean"], device)

    def _prepare(self, ids: TokenIds) -> TokenIds:
        return distinct(ids, len(self.known_vectors))

    def _encode(self, ids: TokenIds) -> NDArray[np.float32]:
        means = mean_vectors(ids, self.matrix_) - self.weights_["mean"]
        return unit_rows(np.where(np.diff(ids.offsets)[:, None] > 0, means, np.float32(0)))
