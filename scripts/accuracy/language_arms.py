"""The methods that `scripts.accuracy.languages` compares on the same draws of labels.

Own vectors are pretrained on the texts of a set; the shipped model is read from the bank; TF-IDF
with logistic regression sees the drawn texts alone, as words and pairs of words of the package's
tokenizer, or as runs of 2 to 5 characters.
"""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_transfer import SentimentClassifier, SkipGram, load
from sentiment_transfer.experiments.baselines import fit_best_c, row_space, tfidf_arm
from sentiment_transfer.pretraining.bank import bank_names, general_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Labels = NDArray[np.str_]
    Rows = NDArray[np.intp]
    Predict = Callable[[Rows, int], Labels]

__all__ = ["ARMS", "CHARACTERS", "OWN", "SHIPPED", "WORDS", "Arm", "Split", "Texts"]

OWN, SHIPPED = "own vectors", "shipped model"
WORDS, CHARACTERS = "TF-IDF, words", "TF-IDF, characters"


class Texts(NamedTuple):
    """Texts and their labels."""

    texts: list[str]
    labels: Labels


class Split(NamedTuple):
    """Texts to pretrain on, texts to draw labels from, and texts to test on."""

    unlabelled: list[str]
    pool: Texts
    test: Texts


class Arm(NamedTuple):
    """A method that is ready for the draws of a split.

    ``predict`` takes rows of the pool and a seed, and returns the answers for the test texts;
    ``facts`` are columns of the table.
    """

    predict: Predict
    needs_labels: bool
    facts: dict[str, float]


def _own(language: str, split: Split) -> Arm:
    model = SentimentClassifier(language, skipgram=SkipGram(workers=1))
    model.pretrain(split.unlabelled, callback=None)
    return _of_model(model, split, len(split.unlabelled))


def _shipped(language: str, split: Split) -> Arm | None:
    """Return the general member of a language, as it is in the package; None without one."""
    name = general_name(language)
    if name not in bank_names():
        return None
    model: Any = load(name)
    return _of_model(model, split, model.vectors_.metadata["texts"])


def _of_model(model: SentimentClassifier, split: Split, n_texts: int) -> Arm:
    encoded, tested = model.encode(split.pool.texts), model.encode(split.test.texts)

    def predict(rows: Rows, _seed: int) -> Labels:
        fitted = model
        if len(rows):
            fitted = copy(model).fit_encoded(encoded[rows], split.pool.labels[rows])
        return fitted.predict_encoded(tested).astype(np.str_)

    coverage = 100 * float(np.mean(model.coverage(split.test.texts)))
    return Arm(predict, needs_labels=False, facts={"texts": n_texts, "coverage": coverage})


def _words(language: str, split: Split) -> Arm:
    arm = tfidf_arm(language)
    arm.prepare(split.pool.texts, split.test.texts, np.unique(split.pool.labels).tolist())

    def predict(rows: Rows, seed: int) -> Labels:
        return arm.predict(rows, split.pool.labels[rows], seed)

    return Arm(predict, needs_labels=True, facts={})


def _characters(_language: str, split: Split) -> Arm:
    """Return TF-IDF of 2 to 5 neighbouring characters, not across spaces."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    classifier = LogisticRegression(tol=1e-6, max_iter=1_000)

    def predict(rows: Rows, seed: int) -> Labels:
        weigh = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
        drawn = weigh.fit_transform([split.pool.texts[i] for i in rows])
        X, Z = row_space(drawn, weigh.transform(split.test.texts))
        fitted = fit_best_c(X, split.pool.labels[rows], seed, classifier=classifier)
        answers: Labels = fitted.predict(Z).astype(np.str_)
        return answers

    return Arm(predict, needs_labels=True, facts={})


ARMS: dict[str, Callable[[str, Split], Arm | None]] = {
    OWN: _own,
    SHIPPED: _shipped,
    WORDS: _words,
    CHARACTERS: _characters,
}
