"""Answers to labelled texts by classifiers that were fitted without them: cross-validation.

All classifiers that are compared answer in the same folds, so differences are of the same texts.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from sentiment_transfer.corpus import split_by_text
from sentiment_transfer.experiments.statistics import wilson_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.encoding import EncodedTexts
    from sentiment_transfer.model import SentimentClassifier

    Rows = NDArray[np.int64]

__all__ = ["Answers", "Folds", "ModelProbe", "Probe", "WordsProbe"]
__all__ += ["accuracy_interval", "lead"]

LEAST = 1e-4
"""Least probability of a label in the log loss: no label counts for more than 9.2 nats."""
MOST_FOLDS = 5


class Probe(Protocol):
    """Fits a classifier to rows of the labelled texts, and answers others."""

    def answer(self, labels: NDArray[Any], train: Rows, test: Rows) -> tuple[NDArray[Any], Any]:
        """Return the classes, ``(k,)``, and probabilities of the test rows, ``(n_test, k)``."""
        ...


@dataclass(frozen=True, eq=False)
class ModelProbe:
    """Stage three of a model, on texts that stages one and two have encoded."""

    model: SentimentClassifier
    encoded: EncodedTexts

    @classmethod
    def of(cls, model: SentimentClassifier, texts: Sequence[str]) -> ModelProbe:
        """Encode the texts."""
        return cls(model, model.encode(texts))

    def answer(self, labels: NDArray[Any], train: Rows, test: Rows) -> tuple[NDArray[Any], Any]:
        """See `Probe`."""
        fitted = copy.copy(self.model).fit_encoded(self.encoded[train], labels[train])
        return fitted.classes_, fitted.predict_proba_encoded(self.encoded[test])


@dataclass(frozen=True, eq=False)
class WordsProbe:
    """Logistic regression on TF-IDF of the tokens of texts, ``C=10``: no pretraining at all."""

    tokens: Sequence[Sequence[str]]

    def answer(self, labels: NDArray[Any], train: Rows, test: Rows) -> tuple[NDArray[Any], Any]:
        """See `Probe`."""
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        words = TfidfVectorizer(analyzer=list, sublinear_tf=True)
        if not any(self.tokens[i] for i in train):
            return np.unique(labels[train]), _shares(labels[train], len(test))
        x = words.fit_transform([self.tokens[i] for i in train])
        head = LogisticRegression(C=10, max_iter=1_000).fit(x, labels[train])
        return head.classes_, head.predict_proba(words.transform([self.tokens[i] for i in test]))


@dataclass(frozen=True, eq=False)
class Answers:
    """Probabilities of left-out texts.

    Attributes
    ----------
    probabilities
        float64 ``(repeats, n, k)``, in the order of the sorted classes.
    truth
        Number of each label among the sorted classes, ``(n,)``.
    """

    probabilities: NDArray[np.float64]
    truth: Rows

    @property
    def right(self) -> NDArray[np.float64]:
        """Share of the repeats in which each text was answered rightly, ``(n,)``."""
        shares: NDArray[np.float64] = self.each_right.mean(axis=0)
        return shares

    @property
    def losses(self) -> NDArray[np.float64]:
        """Log loss of each text in nats, mean of the repeats, ``(n,)``; at most 9.2."""
        losses: NDArray[np.float64] = self.each_loss.mean(axis=0)
        return losses

    @property
    def each_right(self) -> NDArray[np.float64]:
        """1 for a right answer, else 0, ``(repeats, n)``."""
        right: NDArray[np.float64] = (self.probabilities.argmax(axis=2) == self.truth) * 1.0
        return right

    @property
    def each_loss(self) -> NDArray[np.float64]:
        """Log loss in nats, ``(repeats, n)``."""
        given = self.probabilities[:, np.arange(len(self.truth)), self.truth]
        losses: NDArray[np.float64] = -np.log(np.clip(given, LEAST, 1))
        return losses

    @property
    def accuracy(self) -> float:
        """Mean share of right answers."""
        return float(self.right.mean())

    @property
    def log_loss(self) -> float:
        """Mean log loss, in nats."""
        return float(self.losses.mean())


@dataclass(frozen=True, eq=False)
class Folds:
    """Repeated stratified folds, equal texts in the same fold.

    Attributes
    ----------
    tests
        The rows of each fold, of each repeat.
    labels
        ``(n,)``, of two classes or more.
    """

    tests: tuple[tuple[Rows, ...], ...]
    labels: NDArray[Any]

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        labels: NDArray[Any],
        *,
        folds: int = MOST_FOLDS,
        repeats: int = 1,
        seed: int = 0,
    ) -> Folds:
        """Divide texts; there are at most as many folds as texts."""
        n = len(labels)
        folds = min(folds, n)
        sizes = [n // folds + (i < n % folds) for i in range(folds)]
        named, tests = labels.astype(np.str_).tolist(), []
        for repeat in range(repeats):
            rng = np.random.default_rng([seed, repeat])
            parts = split_by_text(texts, named, fractions=sizes, seed=rng)
            tests.append(tuple(part for part in parts if 0 < len(part) < n))
        return cls(tuple(tests), labels)

    def answers(self, probe: Probe) -> Answers:
        """Let a probe answer each text by a classifier that was fitted to the other folds."""
        n, classes = len(self.labels), np.unique(self.labels)
        found = np.zeros((len(self.tests), n, len(classes)))
        for repeat, tests in enumerate(self.tests):
            found[repeat] = self._shares_of_all(classes)
            for test in tests:
                train = np.setdiff1d(np.arange(n), test)
                known, p = self._answer(probe, train, test)
                found[repeat][np.ix_(test, np.searchsorted(classes, known))] = p
        return Answers(found, np.searchsorted(classes, self.labels))

    def in_training(self, probe: Probe) -> Answers:
        """Let a probe answer the texts that it was fitted to."""
        rows = np.arange(len(self.labels))
        p = probe.answer(self.labels, rows, rows)[1]
        return Answers(p[None], np.unique(self.labels, return_inverse=True)[1])

    def _answer(self, probe: Probe, train: Rows, test: Rows) -> tuple[NDArray[Any], Any]:
        if len(np.unique(self.labels[train])) > 1:
            return probe.answer(self.labels, train, test)
        return np.unique(self.labels[train]), np.ones((len(test), 1))

    def _shares_of_all(self, classes: NDArray[Any]) -> NDArray[np.float64]:
        """Zeros, and the share of each class where all texts are equal and none can be left out."""
        n = len(self.labels)
        return np.zeros((n, len(classes))) if any(self.tests) else _shares(self.labels, n)


def _shares(labels: NDArray[Any], n: int) -> NDArray[np.float64]:
    """Return the share of each class among labels, for ``n`` texts."""
    counts = np.unique(labels, return_counts=True)[1]
    return np.repeat(counts[None] / counts.sum(), n, axis=0)


def accuracy_interval(answers: Answers) -> list[float]:
    """Return the ends of Wilson's 95 % interval for other texts, as if folds were independent."""
    n = len(answers.truth)
    return wilson_interval(round(answers.accuracy * n), n)


def lead(better: NDArray[np.float64], worse: NDArray[np.float64]) -> tuple[float, float]:
    """Return the mean difference of two figures of the same texts, and it in standard errors.

    The standard error is that of other texts; that folds share training texts is left out.
    """
    difference = better - worse
    error = float(difference.std(ddof=1)) / len(difference) ** 0.5 if len(difference) > 1 else 0.0
    mean = float(difference.mean())
    return mean, mean / error if error > 0 else 0.0
