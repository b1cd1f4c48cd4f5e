"""Arms that count words, without any pretraining.

Words and pairs of neighbours are counted once for all draws. A draw uses the columns of the words
in its own texts, as if the other texts had not been read.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sentiment_transfer.base.estimator import Estimator
from sentiment_transfer.languages import load_language
from sentiment_transfer.polarity.class_order import polar_classes
from sentiment_transfer.text import Tokenizer, Vocabulary
from sentiment_transfer.text.bag_of_words import distinct_counts
from sentiment_transfer.text.reading import encode_texts, grams_of_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    from sentiment_transfer.experiments.draws import Labels, Rows
    from sentiment_transfer.text.grams import Grams

    Fit = Callable[[Any, Labels, int], Any]
    Weigh = Callable[[csr_array, csr_array], tuple[Any, Any]]

__all__ = [
    "CountsArm",
    "FeaturesArm",
    "NaiveBayesSVM",
    "SeedWordsArm",
    "fit_best_c",
    "majority_arm",
    "nbsvm_arm",
    "row_space",
    "tfidf_arm",
]

REDUCED_TEXTS = 1_000
"""Number of texts up to which their matrix of inner products is smaller than the counts."""


class FeaturesArm:
    """A classifier on features that are computed once, without labels.

    ``encode`` returns the features of texts, ``(n_texts, d)``; ``fit`` takes features, their labels
    and a seed, and returns a fitted classifier.
    """

    needs_labels = True

    def __init__(self, encode: Callable[[Sequence[str]], Any], fit: Fit) -> None:
        self.encode = encode
        self.fit = fit

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Encode all texts."""
        self._pool, self._test = self.encode(pool), self.encode(test)

    def predict(self, rows: Rows, labels: Labels, seed: int) -> Labels:
        """Fit on the rows."""
        predicted: Labels = self.fit(self._pool[rows], labels, seed).predict(self._test)
        return predicted


def majority_arm() -> FeaturesArm:
    """The most frequent of the drawn labels for every text; a tie goes to the first by name."""
    from sklearn.dummy import DummyClassifier

    return FeaturesArm(
        lambda texts: np.zeros((len(texts), 1)),
        lambda X, y, _: DummyClassifier(strategy="most_frequent").fit(X, y),
    )


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

    def predict(self, rows: Rows, labels: Labels, seed: int) -> Labels:
        """Compare the two counts."""
        negative, positive = self._order or self._learned_order(self._pool[rows], labels)
        tie = _majority(labels) if len(labels) else self._classes[0]
        return np.array([tie, positive, negative])[np.sign(self._test)]

    def _balance(self, texts: Sequence[str]) -> Rows:
        """Distinct positive less distinct negative seed words of each text, ``(n_texts,)``."""
        known = load_language(self.language)
        signs = dict.fromkeys(known.positive_seeds, 1) | dict.fromkeys(known.negative_seeds, -1)
        seeds = Vocabulary(tuple(signs), np.zeros(len(signs), np.int64))
        counts = distinct_counts(encode_texts(texts, Tokenizer(self.language), seeds), len(signs))
        balance: Rows = (counts @ np.array([*signs.values()])).astype(np.intp)
        return balance

    @staticmethod
    def _learned_order(balance: Rows, labels: Labels) -> tuple[str, str]:
        means = {str(label): balance[labels == label].mean() for label in np.unique(labels)}
        return min(means, key=means.__getitem__), max(means, key=means.__getitem__)


def _majority(labels: Labels) -> str:
    names, counts = np.unique(labels, return_counts=True)
    return str(names[counts.argmax()])


def fit_best_c(
    X: Any,  # noqa: ANN401  (dense or sparse)
    y: Labels,
    seed: int,
    *,
    classifier: Any,  # noqa: ANN401  (scikit-learn's)
    Cs: Sequence[float] = (0.1, 1, 10, 100),
    C: float = 10,
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


class CountsArm:
    """A classifier on counts of words and word pairs, stop words kept.

    ``weigh`` turns counts of the drawn texts and of the test texts, ``(n_texts, n_grams)`` each, to
    features; ``fit`` is that of `FeaturesArm`.
    """

    needs_labels = True

    def __init__(self, language: str, weigh: Weigh, fit: Fit) -> None:
        self.language = language
        self.weigh = weigh
        self.fit = fit

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Count words and pairs; in the test texts only those that occur in the pool."""
        tokenizer = Tokenizer(self.language, stop_words=False, mark_negation=False)
        known = grams_of_texts(pool, tokenizer)
        numbers = np.unique(known.numbers)
        self._pool = _count(known, numbers)
        self._test = _count(grams_of_texts(test, tokenizer), numbers).tocsc()

    def predict(self, rows: Rows, labels: Labels, seed: int) -> Labels:
        """Fit to the drawn texts alone."""
        X, Z = self.features(rows)
        if not X.shape[1]:  # no drawn text has a word
            return np.repeat(_majority(labels), self._test.shape[0])
        predicted: Labels = self.fit(X, labels, seed).predict(Z)
        return predicted

    def features(self, rows: Rows) -> tuple[Any, Any]:
        """Features of the drawn texts and of the test texts, over the grams of the drawn ones."""
        drawn = self._pool[rows]
        columns = np.unique(drawn.indices)
        X, Z = drawn[:, columns], self._test[:, columns].tocsr()
        return self.weigh(X, Z) if len(columns) else (X, Z)


def _count(grams: Grams, numbers: NDArray[np.uint64]) -> csr_array:
    """Count the grams with the given sorted numbers: float64 CSR ``(n_texts, n_numbers)``."""
    from scipy.sparse import coo_array

    known = np.isin(grams.numbers, numbers)
    texts = np.repeat(np.arange(len(grams), dtype=np.int32), np.diff(grams.offsets))
    columns = np.searchsorted(numbers, grams.numbers[known]).astype(np.int32)  # as liblinear asks
    shape = (len(grams), len(numbers))
    return coo_array((np.ones(len(columns)), (texts[known], columns)), shape=shape).tocsr()


def tfidf_arm(language: str = "en") -> CountsArm:
    """Logistic regression on TF-IDF, sublinear, ``C`` by cross-validation.

    The same as scikit-learn's ``TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)`` and
    ``LogisticRegression`` fitted on the drawn texts.
    """
    from sklearn.linear_model import LogisticRegression

    classifier = LogisticRegression(tol=1e-6, max_iter=1_000)
    return CountsArm(language, _tfidf, partial(fit_best_c, classifier=classifier))


def _tfidf(drawn: csr_array, test: csr_array) -> tuple[Any, Any]:
    from sklearn.feature_extraction.text import TfidfTransformer

    weigh = TfidfTransformer(sublinear_tf=True)
    X, Z = weigh.fit_transform(drawn), weigh.transform(test)
    return row_space(X, Z) if X.shape[0] <= REDUCED_TEXTS else (X, Z)


def row_space(X: csr_array, Z: csr_array) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows of ``X`` and ``Z`` as coordinates in the space that the rows of ``X`` span.

    Inner products are unchanged, and a linear model with an L2 penalty depends on nothing else, so
    it is the same on ``n`` features as on tens of thousands.
    """
    inner = (X @ X.T).toarray()
    values, vectors = np.linalg.eigh(inner)
    kept = values > 1e-10 * values[-1]
    root = vectors[:, kept] / np.sqrt(values[kept])
    return inner @ root, (Z @ X.T).toarray() @ root


def nbsvm_arm(language: str = "en", Cs: Sequence[float] = (0.01, 0.1, 1, 10)) -> CountsArm:
    """`NaiveBayesSVM` on words and word pairs, present or not, ``C`` by cross-validation."""
    fit = partial(fit_best_c, classifier=NaiveBayesSVM(), Cs=Cs, C=1)
    return CountsArm(language, lambda drawn, test: (drawn.sign(), test.sign()), fit)


class NaiveBayesSVM(Estimator):
    """NB-SVM (Wang & Manning 2012, *Baselines and Bigrams*, ACL): a linear SVM on scaled features.

    With ``p = alpha + sum of the texts of a class`` and ``q`` of the others, each feature is
    multiplied by ``r = log((p / |p|) / (q / |q|))``. The SVM's weights ``w`` are then replaced by
    ``(1 - beta) mean |w| + beta w`` (section 2.4). More than two classes are fitted one against
    the rest.

    ``C`` is that of the SVM, with squared hinge loss and L2 penalty, and ``alpha`` the smoothing. A
    ``beta`` of 0 gives naive Bayes' weights and the SVM's intercept. ``coef_`` and ``intercept_``
    are of unscaled features: ``(1, d)`` and ``(1,)`` for two classes, else ``(k, d)`` and ``(k,)``.
    """

    _kind = "classifier"

    classes_: Labels

    def __init__(self, C: float = 1.0, *, alpha: float = 1.0, beta: float = 0.25) -> None:
        self.C = C
        self.alpha = alpha
        self.beta = beta

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401  (a class of scikit-learn)
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = tags.input_tags.positive_only = True
        tags.classifier_tags.poor_score = True  # of features that are not presences
        return tags

    def fit(self, X: Any, y: Labels) -> Self:  # noqa: ANN401
        """Fit to presences ``(n, d)``, 0 or 1, and ``n`` labels of two classes or more.

        Raises ``ValueError``, as scikit-learn's estimators, for other shapes, negative or infinite
        values, and labels of one class.
        """
        from scipy.sparse import csr_array
        from sklearn.utils.multiclass import check_classification_targets
        from sklearn.utils.validation import check_non_negative, validate_data

        X, y = validate_data(self, X, y, accept_sparse="csr", dtype=np.float64)
        check_classification_targets(y)
        check_non_negative(X, type(self).__name__)
        self.classes_ = np.unique(y)
        if len(self.classes_) < 2:
            raise ValueError(f"the labels have one class, {self.classes_[0]!r}; two are needed")
        sides = self.classes_[1:] if len(self.classes_) == 2 else self.classes_
        X = csr_array(X)
        weights, intercepts = zip(*(self._one_side(X, y == label) for label in sides), strict=True)
        self.coef_, self.intercept_ = np.stack(weights), np.array(intercepts)
        return self

    def _one_side(
        self, X: csr_array, positive: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], float]:
        from sklearn.svm import LinearSVC

        p, q = (self.alpha + X[side].sum(axis=0) for side in (positive, ~positive))
        ratio = np.log(p / p.sum()) - np.log(q / q.sum())
        svm = LinearSVC(C=self.C, random_state=0).fit(X.multiply(ratio[None, :]).tocsr(), positive)
        w = svm.coef_[0]
        w = (1 - self.beta) * np.abs(w).mean() + self.beta * w
        return ratio * w, float(svm.intercept_[0])

    def predict(self, X: Any) -> Labels:  # noqa: ANN401
        """Label of each row, ``(n,)``."""
        distances = self.decision_function(X)
        chosen = distances > 0 if len(self.classes_) == 2 else distances.argmax(axis=1)
        return self.classes_[chosen.astype(np.intp)]

    def decision_function(self, X: Any) -> NDArray[np.float64]:  # noqa: ANN401
        """Distance from the boundary, ``(n,)`` for two classes, else ``(n, k)``."""
        from sklearn.utils.validation import validate_data

        self._require_fitted("coef_")
        X = validate_data(self, X, accept_sparse="csr", reset=False)
        distances: NDArray[np.float64] = X @ self.coef_.T + self.intercept_
        return distances[:, 0] if len(self.classes_) == 2 else distances
