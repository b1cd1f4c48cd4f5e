"""The arm that learns from copies of the labelled texts with words swapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.classification import HiddenLayerClassifier, Training
from sentiment_transfer.classification.augmentation import swap_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.model import SentimentClassifier

__all__ = ["SwappedWordsArm"]


class SwappedWordsArm:
    """The network on averaged vectors of the drawn texts and of copies by `swap_words`.

    Nothing is held out to stop by: copies of what is learned from would stand in it.
    """

    needs_labels = True

    def __init__(self, model: SentimentClassifier) -> None:
        self.model = model.with_head(HiddenLayerClassifier())

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Keep the texts of the pool, and average the word vectors of the test texts."""
        self._pool = list(pool)
        self._test = self.model.encode(test).features

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Swap words, and fit the network."""
        texts = [self._pool[i] for i in rows]
        more, own = swap_words(texts, labels.tolist(), self.model.vectors_, seed=seed)
        head = HiddenLayerClassifier(seed=seed, training=Training(validation_fraction=0))
        head.fit(self.model.encode(more).features, np.array(own))
        predicted: NDArray[np.str_] = head.predict(self._test)
        return predicted
