"""The configurations of a comparison, and their names.

An arm sees the pool of labelled texts and the test texts once, without labels, to encode them;
then, draw by draw, it learns from some rows of the pool and predicts the test texts. Test texts are
only ever encoded: nothing is learnt from them.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sentiment_transfer.classification import HiddenLayerClassifier, PolarityEncoder
from sentiment_transfer.classification.class_order import polar_classes
from sentiment_transfer.encoding import LanguageModel
from sentiment_transfer.errors import SettingError
from sentiment_transfer.experiments.baselines import NaiveBayesSVMArm, TfidfArm, fit_best_c
from sentiment_transfer.experiments.joined_arm import JoinedArm
from sentiment_transfer.experiments.random_vectors import RandomVectorsArm
from sentiment_transfer.experiments.strategies import (
    SCRATCH,
    DirectUseArm,
    FromScratchArm,
    averages_stages,
    lstm_stages,
    shipped,
)
from sentiment_transfer.experiments.swapped_words_arm import SwappedWordsArm
from sentiment_transfer.languages import load_language
from sentiment_transfer.model.stages import is_informed
from sentiment_transfer.text import Tokenizer, Vocabulary
from sentiment_transfer.text.bag_of_words import distinct_counts
from sentiment_transfer.text.indexing import encode_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.model import SentimentClassifier

__all__ = [
    "ARMS",
    "Arm",
    "MajorityArm",
    "ModelArm",
    "SeedWordsArm",
    "VectorsArm",
    "by_name",
    "check_names",
    "default_arms",
]


class Arm(Protocol):
    """One configuration.

    Attributes
    ----------
    needs_labels
        False where it can predict from no rows at all; asked after ``prepare``.
    """

    needs_labels: bool

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Encode all texts once; ``pool`` holds those that some draw labels, perhaps none.

        ``classes`` are the names of the labels there are, sorted.
        """
        ...

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Learn from rows of the pool and their labels; predict every test text.

        The labels are of two classes or more. There are none where ``needs_labels`` is False and
        a budget of 0 is asked for.
        """
        ...


class MajorityArm:
    """The most frequent of the drawn labels, whatever the text; ties go to the first by name."""

    needs_labels = True

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Remember how many texts are to be predicted."""
        self._n_test = len(test)

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Repeat the majority class."""
        return np.repeat(_majority(labels), self._n_test)


class SeedWordsArm:
    """More positive or more negative seed words: what the seed words know without pretraining.

    Counts the distinct ones of the language in a text; a tie goes to the majority of the drawn
    labels, without any to the first class by name. Which classes are meant is told by their usual
    names in the language, else by the drawn texts: those with the highest and the lowest mean.
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


class ModelArm:
    """A `SentimentClassifier` whose vectors are settled; the one that is given stays as it is.

    The default stages can answer without labels, where the names of the two classes, or the
    model's ``ordered``, tell which is the positive one.
    """

    def __init__(self, model: SentimentClassifier) -> None:
        self.model = copy.copy(model)
        self.needs_labels = True

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Encode the texts by the model's encoder."""
        self._pool = self.model.encode(pool)
        self._test = self.model.encode(test)
        self._order = _order(self.model, classes)
        self.needs_labels = self._order is None or not _knows_polarity(self.model)

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Fit the head on the encoded rows."""
        model = copy.copy(self.model)
        model.seed = seed
        model.head = _seeded(model.head, seed)
        if not len(rows):
            model.ordered = self._order
        return model.fit_encoded(self._pool[rows], labels).predict_encoded(self._test)


class VectorsArm:
    """A classifier of scikit-learn on a model's averaged word vectors.

    ``C`` is chosen by cross-validation (`fit_best_c`), 10 where that cannot be.
    """

    needs_labels = True

    def __init__(
        self,
        model: SentimentClassifier,
        classifier: Any,  # noqa: ANN401  (scikit-learn's)
        Cs: Sequence[float] = (0.1, 1, 10, 100),
    ) -> None:
        self.model = model.with_head(classifier)
        self.classifier = classifier
        self.Cs = tuple(Cs)

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Average the word vectors of each text."""
        self._pool = self.model.encode(pool).features
        self._test = self.model.encode(test).features

    def predict(
        self, rows: NDArray[np.intp], labels: NDArray[np.str_], seed: int
    ) -> NDArray[np.str_]:
        """Fit on the rows."""
        fitted = fit_best_c(self.classifier, self._pool[rows], labels, self.Cs, C=10, seed=seed)
        predicted: NDArray[np.str_] = fitted.predict(self._test)
        return predicted


def _hidden_layer(model: SentimentClassifier) -> SentimentClassifier:
    return model.with_head(HiddenLayerClassifier())


def _logistic_regression(model: SentimentClassifier) -> Arm:
    from sklearn.linear_model import LogisticRegression

    return VectorsArm(model, LogisticRegression())


def _linear_svm(model: SentimentClassifier) -> Arm:
    from sklearn.svm import LinearSVC

    return VectorsArm(model, LinearSVC(random_state=0), Cs=(0.01, 0.1, 1, 10))


ARMS: dict[str, tuple[str, Callable[[SentimentClassifier], Arm]]] = {
    "model": ("pretrained model", ModelArm),
    "hidden-layer": ("pretrained, hidden layer", lambda model: ModelArm(_hidden_layer(model))),
    "logistic": ("pretrained, logistic regression", _logistic_regression),
    "svm": ("pretrained, linear SVM", _linear_svm),
    "swapped-words": ("pretrained, hidden layer, words swapped", SwappedWordsArm),
    "random": ("random vectors, hidden layer", RandomVectorsArm),
    "direct": (
        "shipped model, no labels",
        lambda model: DirectUseArm(shipped(model), model.ordered),
    ),
    "joined": ("pretrained, hidden layer, NB-SVM joined", JoinedArm),
    "fine-tuned": (
        "averages, fine-tuned",
        lambda model: ModelArm(model.with_head(**averages_stages())),
    ),
    "end-to-end": (
        "averages, all from scratch",
        lambda model: FromScratchArm(model.with_head(**averages_stages(SCRATCH))),
    ),
    "lstm": ("LSTM, pretrained vectors", lambda model: ModelArm(model.with_head(**lstm_stages()))),
    "lstm-scratch": (
        "LSTM, all from scratch",
        lambda model: FromScratchArm(model.with_head(**lstm_stages(SCRATCH))),
    ),
    "lstm-language-model": (
        "LSTM, pretrained as a language model",
        lambda model: ModelArm(model.with_head(**lstm_stages(language_model=LanguageModel()))),
    ),
    "tfidf": ("TF-IDF + logistic regression", lambda model: TfidfArm(model.language)),
    "nbsvm": ("NB-SVM", lambda model: NaiveBayesSVMArm(model.language)),
    "seeds": ("seed words, counted", lambda model: SeedWordsArm(model.language)),
    "majority": ("majority class", lambda _: MajorityArm()),
}
"""Title of each arm by its name, and how it is made from a pretrained model."""


def check_names(names: Iterable[str]) -> list[str]:
    """List the names of arms; ``SettingError`` if one is unknown or given twice, or none is."""
    listed = [names] if isinstance(names, str) else list(names)
    known = ", ".join(ARMS)
    if not listed:
        raise SettingError(f"there is no arm to measure; choose from {known}")
    for name in listed:
        if name not in ARMS:
            raise SettingError(f"there is no arm {name!r}; there are: {known}")
        if listed.count(name) > 1:
            raise SettingError(f"the arm {name!r} is named twice; name it once")
    return listed


def by_name(names: Iterable[str], model: SentimentClassifier) -> dict[str, Arm]:
    """Make arms, by title, from names in `ARMS` and a pretrained model.

    ``hidden-layer`` and ``random`` differ in the word vectors alone.

    Raises
    ------
    SettingError
        A name is not known.
    NotFittedError
        The model has no vectors, or comes from a file, without the unlabelled texts that
        ``random``, ``end-to-end`` and ``lstm-language-model`` learn from.
    """
    return {ARMS[name][0]: ARMS[name][1](model) for name in check_names(names)}


def default_arms(model: SentimentClassifier) -> dict[str, Arm]:
    """Return the model, the founding network with and without pretraining, and their peers.

    Counting seed words is left out where the model does without them.
    """
    names = ["model", "hidden-layer", "random", "tfidf", "nbsvm", "seeds", "majority"]
    if model.seeds is None:
        names.remove("seeds")
    return by_name(names, model)


def _majority(labels: NDArray[np.str_]) -> str:
    names, counts = np.unique(labels, return_counts=True)
    return str(names[counts.argmax()])


def _order(model: SentimentClassifier, classes: Sequence[str]) -> Sequence[str] | None:
    """The classes from the most negative on, where the model or their names tell."""
    return polar_classes(classes, model.language) if model.ordered is None else model.ordered


def _knows_polarity(model: SentimentClassifier) -> bool:
    encoder = model.encoder_
    known = isinstance(encoder, PolarityEncoder) and encoder.polarity_ is not None
    return known and is_informed(model)


def _seeded(head: Any, seed: int) -> Any:  # noqa: ANN401  (ours or scikit-learn's)
    """Return the head with another seed, where it has one: draws then vary its start as well."""
    if not hasattr(head, "get_params") or "seed" not in head.get_params():
        return head
    from sklearn.base import clone

    return clone(head).set_params(seed=seed)
