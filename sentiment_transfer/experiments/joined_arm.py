"""A hidden layer that sees what NB-SVM makes of the words, beside the averaged word vectors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.classification import HiddenLayerClassifier
from sentiment_transfer.experiments.baselines import NaiveBayesSVM, NaiveBayesSVMArm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from sentiment_transfer.model import SentimentClassifier

__all__ = ["JoinedArm", "left_out_scores"]

FOLDS = 3
SPREAD = 0.3
"""Standard deviation of the joined scores; the places of a unit vector of 100 have 0.1."""


class JoinedArm:
    """`HiddenLayerClassifier` on averaged word vectors, with the scores of `NaiveBayesSVM` joined.

    A drawn text's own score comes from the other folds (`left_out_scores`): scores of texts that
    were learnt from are always sure, and would teach the network to look at nothing else.

    Parameters
    ----------
    model
        A pretrained one.
    C
        Of NB-SVM, without interpolation (``beta`` 1); small, as suits some thousand labels.
    """

    needs_labels = True

    def __init__(self, model: SentimentClassifier, C: float = 0.01) -> None:
        self.model = model.with_head(HiddenLayerClassifier())
        self.words = NaiveBayesSVMArm(model.language)
        self.C = C

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Average the word vectors of each text, and count words and word pairs."""
        self._pool = self.model.encode(pool).features
        self._test = self.model.encode(test).features
        self.words.prepare(pool, test, classes)

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Learn the scores, then the network."""
        drawn, test = self.words.features(rows)
        scores, seen = left_out_scores(NaiveBayesSVM(self.C, beta=1), drawn, labels, test, seed)
        scale = SPREAD / (scores.std() or 1.0)
        head = HiddenLayerClassifier(seed=seed)
        head.fit(np.hstack([self._pool[rows], scale * scores]), labels)
        predicted: NDArray[np.str_] = head.predict(np.hstack([self._test, scale * seen]))
        return predicted


def left_out_scores(
    classifier: NaiveBayesSVM,
    X: csr_array,
    y: NDArray[np.str_],
    Z: csr_array,
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores of ``X``, each row's by a classifier of the other folds; scores of ``Z`` by all of it.

    As many folds as `FOLDS`, or as the smallest class has rows, each with its share of every
    class; zeros where that is one, for then nothing can be left out, or where there is no word.

    Returns
    -------
    tuple
        ``(n, k)`` for ``k`` classes, ``(n, 1)`` for two.
    """
    from sklearn.model_selection import StratifiedKFold

    width = 1 if len(np.unique(y)) == 2 else len(np.unique(y))
    scores = np.zeros((X.shape[0], width))
    folds = min(FOLDS, int(np.unique(y, return_counts=True)[1].min()))
    if folds < 2 or not X.shape[1]:
        return scores, np.zeros((Z.shape[0], width))
    split = StratifiedKFold(folds, shuffle=True, random_state=seed)
    for learnt, left_out in split.split(scores, y):
        scores[left_out] = classifier.fit(X[learnt], y[learnt]).scores(X[left_out])
    return scores, classifier.fit(X, y).scores(Z)
