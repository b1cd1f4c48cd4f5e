"""The arm without pretraining: the same network on vectors that mean nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.classification import HiddenLayerClassifier
from sentiment_transfer.errors import NotFittedError
from sentiment_transfer.text.bag_of_words import distinct_counts
from sentiment_transfer.text.vocabulary import chunks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from sentiment_transfer.model import SentimentClassifier
    from sentiment_transfer.text import TokenIds

__all__ = ["RandomVectorsArm"]


class RandomVectorsArm:
    """The network on averaged random word vectors, other vectors in each draw.

    For the words of a pretrained model, and centred by its unlabelled texts. Up to the scaling to
    length one, an average less that of the unlabelled texts is linear in the word vectors. So the
    shares of words in texts are counted once, and a draw multiplies them by vectors of its own.
    """

    needs_labels = True

    def __init__(self, model: SentimentClassifier) -> None:
        if not hasattr(model, "unlabelled_"):
            raise NotFittedError(
                "a model from a file does not hold its unlabelled texts, which random vectors are "
                "centred by; call pretrain with them"
            )
        self.vectors, self.unlabelled = model.vectors_, model.unlabelled_.ids

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Count the shares of words."""
        total, n_texts = np.zeros(len(self.vectors)), 0
        for piece in chunks(self.unlabelled):
            total += self._shares(piece).sum(axis=0)
            n_texts += int((np.diff(piece.offsets) > 0).sum())
        self._centre = total / max(1, n_texts)
        self._pool = self._shares(self.vectors.encode(pool))
        self._test = self._shares(self.vectors.encode(test))

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Draw vectors, and fit the network."""
        matrix = self.vectors.randomised(seed).matrix
        head = HiddenLayerClassifier(seed=seed).fit(self._encode(self._pool[rows], matrix), labels)
        predicted: NDArray[np.str_] = head.predict(self._encode(self._test, matrix))
        return predicted

    def _shares(self, ids: TokenIds) -> csr_array:
        """Share of each distinct word in a text, CSR ``(n_texts, n_words)``; rows sum to 1."""
        marked = distinct_counts(ids, len(self.vectors))
        lengths = np.diff(marked.indptr)
        marked.data /= np.repeat(lengths, lengths)
        return marked

    def _encode(self, shares: csr_array, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """Unit rows, ``(n_texts, d)``; zeros for a text without a known word."""
        known = np.diff(shares.indptr)[:, None] > 0
        centred = np.where(known, shares @ matrix - self._centre @ matrix, 0)
        lengths = np.linalg.norm(centred, axis=1, keepdims=True)
        encoded: NDArray[np.float32] = (centred / np.where(lengths > 0, lengths, 1)).astype("f4")
        return encoded
