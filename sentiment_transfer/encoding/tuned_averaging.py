"""Stage two by averages of word vectors that learn with the head (fastText; Iyyer et al. 2015)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.encoding.sequences import distinct
from sentiment_transfer.encoding.trainable import TrainableEncoder
from sentiment_transfer.encoding.tuning import Tuning
from sentiment_transfer.errors import ModelFileError
from sentiment_transfer.text.bag_of_words import mean_of_texts, mean_vectors, unit_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Self

    from numpy.typing import NDArray

    from sentiment_transfer.encoding.trainable import Layers, Weights
    from sentiment_transfer.pretraining.vectors import WordVectors
    from sentiment_transfer.text import TokenIds

__all__ = ["TunedAveragingEncoder"]


class TunedAveragingEncoder(TrainableEncoder):
    """The mean over a text's distinct words, centred, of unit length; the word vectors learn.

    It starts as an `AveragingEncoder` does, and answers as one with other word vectors.

    Parameters
    ----------
    vectors
        The pretrained word vectors; inside a `SentimentClassifier` they are set by it.
    tuning
        How they learn with the head.

    Attributes
    ----------
    start_, weights_ : dict of ndarray
        ``"mean"``, the centre of the texts it was fitted on, ``(d,)``. It does not learn.
    matrix_ : ndarray of float32, shape (n_words, d)
    """

    def __init__(
        self,
        vectors: WordVectors | None = None,
        *,
        tuning: Tuning = Tuning(),  # noqa: B008  (it is frozen)
    ) -> None:
        self.vectors = vectors
        self.tuning = tuning

    def fit(self, texts: Iterable[str] | TokenIds, y: object = None) -> Self:
        """Take the centre of texts, or token ids of ``vectors``; there may be none."""
        self._check_settings()
        mean = mean_of_texts(self._ids(texts), self.known_vectors.matrix)
        return self._start_at({"mean": mean})

    def fit_centre(self, centre: NDArray[np.float32] | None) -> Self:
        """Take over the mean of another encoder."""
        self._check_settings()
        return super().fit_centre(None) if centre is None else self._start_at({"mean": centre})

    @property
    def centre(self) -> NDArray[np.float32]:
        """The mean of the texts that it was fitted on."""
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
        """The mean in torch."""
        from sentiment_transfer.encoding.averaging_torch import AveragingLayers

        return AveragingLayers(weights["mean"], device)

    def _prepare(self, ids: TokenIds) -> TokenIds:
        return distinct(ids, len(self.known_vectors))

    def _encode(self, ids: TokenIds) -> NDArray[np.float32]:
        means = mean_vectors(ids, self.matrix_) - self.weights_["mean"]
        return unit_rows(np.where(np.diff(ids.offsets)[:, None] > 0, means, np.float32(0)))

    @classmethod
    def _from_facts(cls, facts: Mapping[str, Any], vectors: WordVectors) -> Self:
        try:
            return cls(vectors, tuning=Tuning.from_facts(facts["tuning"]))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ModelFileError(f"the encoder in this file cannot be used: {error!r}") from error
