"""Arms that count words, without any pretraining.

Words and pairs of neighbours are counted once for all draws. A draw uses the columns of the words
in its own texts, as if the other texts had not been read.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from sentiment_transfer.base.estimator import Estimator
from sentiment_transfer.languages import load_language
from sentiment_transfer.polarity.class_order import polar_classes
from sentiment_transfer.text import Tokenizer, Vocabulary
from sentiment_transfer.text.bag_of_words import distinct_counts
from sentiment_transfer.text.reading import encode_texts, grams_of_texts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from sentiment_transfer.text.grams import Grams

__all__ = [
    "MajorityArm",
    "NaiveBayesSVM",
    "NaiveBayesSVMArm",
    "SeedWordsArm",
    "TfidfArm",
    "fit_best_c",
]

REDUCED_TEXTS = 1_000
"""Number of texts up to which their matrix of inner products is smaller than the counts."""


class MajorityArm:
    """The most frequent of the drawn labels for every text; a tie goes to the first by name."""

    needs_labels = True

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Count the test texts."""
        self._n_test = len(test)

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Repeat the majority class."""
        return np.repeat(_majority(labels), self._n_test)


class SeedWordsArm:
    """More positive or more negative seed words: the seed words without pretraining.

    Counts the distinct seed words of the language in a text. A tie goes to the majority of the
    drawn labels, or to the first class by name if there are none. The positive and the negative
    class are recognised by their usual names in the language, otherwise they are those with the
    highest and the lowest mean in the drawn texts.
    """

    def __init__(self, language: str = "en") -> None:
        self.language = language
        self.needs_labels = True

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Count seed words."""
        self._pool, self._test = self._balance(pool), self._balance(test)
        self._classes = classes
        self._order = polar_classes(classes, self.language)
        self.needs_labels = self._order is None

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Compare the two counts."""
        negative, positive = self._order or self._learnt_order(self._pool[rows], labels)
        tie = _majority(labels) if len(labels) else self._classes[0]
        return np.array([tie, positive, negative])[np.sign(self._test)]

    def _balance(self, texts: Sequence[str]) -> NDArray[np.intp]:
        """Distinct positive less distinct negative seed words of each text, ``(n_texts,)``."""
        known = load_language(self.language)
        words = (*known.positive_seeds, *known.negative_seeds)
        sign = np.repeat([1, -1], [len(known.positive_seeds), len(known.negative_seeds)])
        seeds = Vocabulary(words, np.zeros(len(words), np.int64))
        ids = encode_texts(texts, Tokenizer(self.language), seeds)
        balance: NDArray[np.intp] = (distinct_counts(ids, len(words)) @ sign).astype(np.intp)
        return balance

    @staticmethod
    def _learnt_order(balance: NDArray[np.intp], labels: NDArray[np.str_]) -> tuple[str, str]:
        classes = np.unique(labels)
        means = [balance[labels == label].mean() for label in classes]
        return str(classes[np.argmin(means)]), str(classes[np.argmax(means)])


def _majority(labels: NDArray[np.str_]) -> str:
    names, counts = np.unique(labels, return_counts=True)
    return str(names[counts.argmax()])


def fit_best_c(
    classifier: Any,  # noqa: ANN401  (scikit-learn's)
    X: Any,  # noqa: ANN401  (dense or sparse)
    y: NDArray[np.str_],
    Cs: Sequence[float],
    *,
    C: float,
    seed: int,
) -> Any:  # noqa: ANN401
    """Fit a classifier with the ``C`` most accurate in stratified cross-validation.

    Five folds, or as many as the smallest class has texts; with one text in a class the given ``C``
    is used. It also wins ties, which are frequent with few labels: the smallest ``C`` among equals
    would often predict the larger class alone.
    """
    from sklearn.base import clone
    from sklearn.model_selection import GridSearchCV, StratifiedKFold
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # by scikit-learn

    folds = min(5, int(np.unique(y, return_counts=True)[1].min()))
    if folds < 2:
        chosen = clone(classifier).set_params(C=C)
    else:
        split = StratifiedKFold(folds, shuffle=True, random_state=seed)
        grid = {"C": [C, *(other for other in Cs if other != C)]}
        chosen = GridSearchCV(classifier, grid, cv=split, scoring="accuracy")
    # fits are small; on a busy machine a second thread makes them ten times slower
    with threadpool_limits(1):
        return chosen.fit(X, y)


class _CountsArm(ABC):
    """A classifier on counts of words and word pairs, stop words kept, ``C`` by cross-validation.

    Parameters
    ----------
    language
        Of the tokenizer.
    Cs
        The candidates for ``C``; the subclass's ``choices`` by default. With one text in a class
        ``C`` is its ``usual``.
    """

    needs_labels = True
    choices: ClassVar[tuple[float, ...]]
    usual: ClassVar[float]

    def __init__(self, language: str = "en", Cs: Sequence[float] | None = None) -> None:
        self.language = language
        self.Cs = self.choices if Cs is None else tuple(Cs)

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Count words and pairs; in the test texts only those that occur in the pool."""
        tokenizer = Tokenizer(self.language, stop_words=False, mark_negation=False)
        known = grams_of_texts(pool, tokenizer)
        numbers = np.unique(known.numbers)
        self._pool = _count(known, numbers)
        self._test = _count(grams_of_texts(test, tokenizer), numbers).tocsc()

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Fit to the drawn texts alone."""
        X, Z = self.features(rows)
        if not X.shape[1]:  # no drawn text has a word
            return np.repeat(_majority(labels), self._test.shape[0])
        fitted = fit_best_c(self._classifier(), X, labels, self.Cs, C=self.usual, seed=seed)
        predicted: NDArray[np.str_] = fitted.predict(Z)
        return predicted

    def features(self, rows: NDArray[np.intp]) -> tuple[Any, Any]:
        """Features of the drawn texts and of the test texts, over the grams of the drawn ones."""
        drawn = self._pool[rows]
        columns = np.unique(drawn.indices)
        if not len(columns):
            return drawn[:, columns], self._test[:, columns]
        return self._features(drawn[:, columns], self._test[:, columns].tocsr())

    @abstractmethod
    def _classifier(self) -> Any:  # noqa: ANN401  (scikit-learn's or ours)
        """An unfitted classifier with a parameter ``C``."""

    @abstractmethod
    def _features(self, drawn: csr_array, test: csr_array) -> tuple[Any, Any]:
        """Make features of the counts of the drawn texts, and of those of the test texts."""


def _count(grams: Grams, numbers: NDArray[np.uint64]) -> csr_array:
    """Count the grams with the given sorted numbers: float64 CSR ``(n_texts, n_numbers)``."""
    from scipy.sparse import coo_array

    known = np.isin(grams.numbers, numbers)
    texts = np.repeat(np.arange(len(grams), dtype=np.int32), np.diff(grams.offsets))
    columns = np.searchsorted(numbers, grams.numbers[known]).astype(np.int32)  # as liblinear asks
    shape = (len(grams), len(numbers))
    return coo_array((np.ones(len(columns)), (texts[known], columns)), shape=shape).tocsr()


class TfidfArm(_CountsArm):
    """Logistic regression on TF-IDF, sublinear, ``C`` by cross-validation.

    The same as scikit-learn's ``TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)`` and
    ``LogisticRegression`` fitted on the drawn texts.
    """

    choices = (0.1, 1, 10, 100)
    usual = 10

    def _classifier(self) -> Any:  # noqa: ANN401
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(tol=1e-6, max_iter=1_000)

    def _features(self, drawn: csr_array, test: csr_array) -> tuple[Any, Any]:
        from sklearn.feature_extraction.text import TfidfTransformer

        weigh = TfidfTransformer(sublinear_tf=True)
        X = weigh.fit_transform(drawn)
        Z = weigh.transform(test)
        return _row_space(X, Z) if X.shape[0] <= REDUCED_TEXTS else (X, Z)


def _row_space(X: csr_array, Z: csr_array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows of ``X`` and ``Z`` as coordinates in the space that the rows of ``X`` span.

    Inner products are unchanged, and a linear model with an L2 penalty depends on nothing else, so
    it is the same on ``n`` features as on tens of thousands.
    """
    inner = (X @ X.T).toarray()
    values, vectors = np.linalg.eigh(inner)
    kept = values > 1e-10 * values[-1]
    root = vectors[:, kept] / np.sqrt(values[kept])
    return inner @ root, (Z @ X.T).toarray() @ root


class NaiveBayesSVMArm(_CountsArm):
    """`NaiveBayesSVM` on words and word pairs, present or not, ``C`` by cross-validation."""

    choices = (0.01, 0.1, 1, 10)
    usual = 1

    def _classifier(self) -> Any:  # noqa: ANN401
        return NaiveBayesSVM()

    def _features(self, drawn: csr_array, test: csr_array) -> tuple[Any, Any]:
        drawn.data[:] = 1
        test.data[:] = 1
        return drawn, test


class NaiveBayesSVM(Estimator):
    """NB-SVM (Wang & Manning 2012, *Baselines and Bigrams*, ACL): a linear SVM on scaled features.

    With ``p = alpha + sum of the texts of a class`` and ``q`` of the others, each feature is
    multiplied by ``r = log((p / |p|) / (q / |q|))``. The SVM's weights ``w`` are then replaced by
    ``(1 - beta) mean |w| + beta w`` (section 2.4). More than two classes are fitted one against
    the rest.

    Parameters
    ----------
    C
        Of the SVM, with squared hinge loss and L2 penalty.
    alpha
        Smoothing.
    beta
        Weight of the SVM; 0 gives naive Bayes' weights and the SVM's intercept.

    Attributes
    ----------
    classes_ : ndarray of str, shape (k,)
    coef_, intercept_
        Over the features as they are, ``(1, d)`` and ``(1,)`` for two classes, else ``(k, d)`` and
        ``(k,)``.
    """

    _kind = "classifier"

    classes_: NDArray[np.str_]

    def __init__(self, C: float = 1.0, *, alpha: float = 1.0, beta: float = 0.25) -> None:
        self.C = C
        self.alpha = alpha
        self.beta = beta

    def fit(self, X: Any, y: NDArray[np.str_]) -> Self:  # noqa: ANN401
        """Fit to presences ``(n, d)``, 0 or 1, and ``n`` labels of two classes or more."""
        from scipy.sparse import csr_array

        X = csr_array(X, dtype=np.float64)
        self.classes_ = np.unique(y)
        sides = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        weights, intercepts = zip(*(self._one_side(X, y == label) for label in sides), strict=True)
        self.coef_, self.intercept_ = np.stack(weights), np.array(intercepts)
        return self

    def _one_side(
        self, X: csr_array, positive: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], float]:
        from sklearn.svm import LinearSVC

        p = self.alpha + X[positive].sum(axis=0)
        q = self.alpha + X[~positive].sum(axis=0)
        ratio = np.log(p / p.sum()) - np.log(q / q.sum())
        scaled = X.copy()
        scaled.data *= ratio[scaled.indices]
        svm = LinearSVC(C=self.C, random_state=0).fit(scaled, positive)
        w = svm.coef_[0]
        w = (1 - self.beta) * np.abs(w).mean() + self.beta * w
        return ratio * w, float(svm.intercept_[0])

    def predict(self, X: Any) -> NDArray[np.str_]:  # noqa: ANN401
        """Label of each row, ``(n,)``."""
        scores = self.scores(X)
        chosen = scores[:, 0] > 0 if len(self.classes_) == 2 else scores.argmax(axis=1)
        return self.classes_[chosen.astype(np.intp)]

    def scores(self, X: Any) -> NDArray[np.float64]:  # noqa: ANN401
        """Distance from the boundary, ``(n, 1)`` for two classes, else ``(n, k)``."""
        self._require_fitted("coef_")
        distances: NDArray[np.float64] = X @ self.coef_.T + self.intercept_
        return distances
