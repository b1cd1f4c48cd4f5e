"""The configurations of a comparison.

An arm sees the pool of labelled texts and the test texts once, to encode them; then, draw by
draw, it learns from some rows of the pool and predicts the test texts. Test texts are only ever
encoded: nothing is learnt from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.model import SentimentClassifier

__all__ = ["Arm", "MajorityArm", "ModelArm", "TfidfArm"]


class Arm(Protocol):
    """One configuration."""

    def prepare(self, pool: Sequence[str], test: Sequence[str]) -> None:
        """Encode all texts once; ``pool`` holds those that some draw labels."""
        ...

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Learn from rows of the pool and their labels; predict every test text."""
        ...


class MajorityArm:
    """The most frequent of the drawn labels, whatever the text; ties go to the first by name."""

    def prepare(self, pool: Sequence[str], test: Sequence[str]) -> None:
        """Remember how many texts are to be predicted."""
        self._n_test = len(test)

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Repeat the majority class."""
        names, counts = np.unique(labels, return_counts=True)
        return np.repeat(names[counts.argmax()], self._n_test)


class ModelArm:
    """A `SentimentClassifier` whose vectors are settled; encoder and head as it is given."""

    def __init__(self, model: SentimentClassifier) -> None:
        self.model = model

    def prepare(self, pool: Sequence[str], test: Sequence[str]) -> None:
        """Encode the texts by the model's encoder."""
        self._pool = self.model.encode(pool)
        self._test = self.model.encode(test)

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Fit the head on the encoded rows."""
        self.model.seed = seed
        return self.model.fit_encoded(self._pool[rows], labels).predict_encoded(self._test)


class TfidfArm:
    """Logistic regression on TF-IDF of words and word pairs: no pretraining at all.

    Stop words stay, counts are sublinear, and ``C`` is chosen by stratified cross-validation
    where each class has two texts or more. Vocabulary and document frequencies come from the
    drawn texts of each draw alone; all texts are split and counted once, for speed.
    """

    def __init__(self, Cs: Sequence[float] = (0.1, 1, 10, 100)) -> None:
        self.Cs = tuple(Cs)

    def prepare(self, pool: Sequence[str], test: Sequence[str]) -> None:
        """Count words and word pairs."""
        from sklearn.feature_extraction.text import CountVectorizer

        counter = CountVectorizer(ngram_range=(1, 2), token_pattern=r"\b\w+\b")  # noqa: S106
        self._pool = counter.fit_transform(pool)
        self._test = counter.transform(test).tocsc()

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Weigh the counts by what the drawn texts tell, then fit."""
        from sklearn.feature_extraction.text import TfidfTransformer

        drawn = self._pool[rows]
        columns = np.unique(drawn.indices)
        weigh = TfidfTransformer(sublinear_tf=True)
        X = weigh.fit_transform(drawn[:, columns])
        classifier = self._classifier(labels, seed).fit(X, labels)
        predicted: NDArray[np.str_] = classifier.predict(weigh.transform(self._test[:, columns]))
        return predicted

    def _classifier(self, labels: NDArray[np.str_], seed: int) -> Any:  # noqa: ANN401  (scikit-learn's)
        from sklearn.linear_model import LogisticRegression
        from sklearn.model_selection import GridSearchCV, StratifiedKFold

        folds = min(5, int(np.unique(labels, return_counts=True)[1].min()))
        if folds < 2:
            return LogisticRegression(C=10)
        split = StratifiedKFold(folds, shuffle=True, random_state=seed)
        return GridSearchCV(LogisticRegression(), {"C": self.Cs}, cv=split)
