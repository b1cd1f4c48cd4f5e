"""Which labels are wrong: audit by models that never saw the label.

Two models give each label a probability: the one without labels, and the one that is fitted to
the other labels (leave-one-out; five folds from 300 labels). Their log odds are averaged, and a
label is suspect if the mean is in favour of another class. If the labels contradict the seed words,
or there are more than two classes, only the second model is used. ``scripts/advice/audit.py``
measures how many of the labels found are wrong.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.advice.verdict import Verdict
from sentiment_transfer.classification.labels import as_labels
from sentiment_transfer.corpus.splits import numbered, text_key
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.model.coverage import warn_of_unknown_words
from sentiment_transfer.model.inputs import as_texts
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from sentiment_transfer.classification.labels import Label, Labels
    from sentiment_transfer.model import SentimentClassifier
    from sentiment_transfer.polarity.features import PolarityFeatures

__all__ = ["LabelAudit", "Suspect", "audit_labels", "odds_without_labels"]

MIN_LABELS = 8
"""Number of labels from which others can judge one."""
FOLDS = 5
"""Of more than two classes; each class needs a label in two of them."""
LEAST = 1e-9
"""Least probability, so that log odds are finite."""


@dataclass(frozen=True)
class Suspect:
    """A label that seems to be wrong.

    Attributes
    ----------
    row
        Of the text, from 0.
    text, label
        As given.
    expected
        The most probable label.
    probability
        Of the given label, below 0.5.

    Examples
    --------
    >>> Suspect(3, "a good film", "bad", "good", probability=0.1).expected
    'good'
    """

    row: int
    text: str
    label: Label
    expected: Label
    probability: float


@dataclass(frozen=True)
class LabelAudit:
    """The suspects, most suspect first, and what they were found by.

    Attributes
    ----------
    suspects
        May be none.
    n_labels
        Number of judged labels.
    without_labels
        Whether the model without labels was used as well.
    n_classes
        Number of classes.
    n_unknown
        Number of texts without a known word, whose labels are not judged.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> words = ("great", "fine", "superb", "good", "dull", "weak", "bad", "awful")
    >>> texts, labels = [f"a {word} film" for word in words], ["good"] * 3 + ["bad"] * 5
    >>> found = audit_labels(load("reviews-en"), texts, labels)
    >>> found.n_labels, [suspect.expected for suspect in found.suspects]
    (8, ['good'])
    """

    suspects: tuple[Suspect, ...]
    n_labels: int
    without_labels: bool
    n_classes: int = 2
    n_unknown: int = 0

    @property
    def verdict(self) -> Verdict:
        """What was found, by what, and what to do."""
        found, of = len(self.suspects), f"{self.n_labels:,} labels"
        by = "the words of known polarity and " * self.without_labels + "the other labels"
        return Verdict(
            f"{found:,} of {of} {'is' if found == 1 else 'are'} less probable than another one"
            if found
            else f"none of {of} is less probable than another one",
            f"judged by {by}{self._usual}{self._left_out}",
            "read the texts, the most suspect first, before you change a label"
            if found
            else "nothing to do",
        )

    @property
    def _usual(self) -> str:
        if self.n_classes > 2 or not self.without_labels:
            return ""
        return "; of 100 right labels of reviews 8 to 23 were suspected too"

    @property
    def _left_out(self) -> str:
        return f"; texts without a known word, left out: {self.n_unknown:,}" * bool(self.n_unknown)

    def __str__(self) -> str:
        return str(self.verdict)


def audit_labels(
    model: SentimentClassifier, texts: Iterable[str], labels: Labels, *, seed: int = 0
) -> LabelAudit:
    """Find labels that are probably wrong.

    Parameters
    ----------
    model
        A model with the default encoder, such as ``load("reviews-en")``, best adapted to texts of
        this kind. Labels that it was fitted to do not count.
    texts, labels
        At least 8 different texts and their labels, of two classes or more, with two of each. Texts
        without a known word are left out, and repeats with the same label are judged as one.
    seed
        Of the folds of more than two classes.

    Returns
    -------
    LabelAudit
        With no suspects, if there are none.

    Raises
    ------
    InputError
        There are too few labels, or only one of a class, or the numbers differ.
    SettingError
        The model has another encoder or no seed words.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> words = ("great", "fine", "superb", "good", "dull", "weak", "bad", "awful")
    >>> texts, labels = [f"a {word} film" for word in words], ["good"] * 3 + ["bad"] * 5
    >>> [suspect.text for suspect in audit_labels(load("reviews-en"), texts, labels).suspects]
    ['a good film']
    """
    encoder = model.encoder_
    if not isinstance(encoder, PolarityEncoder) or not encoder.knows_polarity_by_seeds:
        raise SettingError(
            "labels are audited with the polarity of seed words, and the model has none; give one "
            "such as load('reviews-en')"
        )
    listed = as_texts(texts)
    truth = as_labels(labels, len(listed))
    coverage = model.coverage(listed)
    warn_of_unknown_words(listed, coverage, model.vectors_, model.training_summary_.coverage)
    known = np.flatnonzero(coverage > 0)
    keys = [(text_key(listed[row]), truth[row].item()) for row in known]
    _, first, copy_of = np.unique(numbered(keys), return_index=True, return_inverse=True)
    p, classes, without_labels = _judged(encoder, listed, truth, known[first], seed)
    p = p[copy_of]
    given = p[np.arange(len(known)), np.searchsorted(classes, truth[known])]
    order = np.argsort(given, kind="stable")
    suspects = tuple(
        Suspect(
            int(known[i]),
            listed[known[i]],
            truth[known[i]].item(),
            classes[p[i].argmax()].item(),
            float(given[i]),
        )
        for i in order[given[order] < p.max(axis=1)[order]]
    )
    n_unknown = len(listed) - len(known)
    return LabelAudit(suspects, len(known), without_labels, len(classes), n_unknown)


def _judged(
    encoder: PolarityEncoder,
    texts: list[str],
    labels: NDArray[Any],
    rows: NDArray[np.intp],
    seed: int,
) -> tuple[NDArray[np.float64], NDArray[Any], bool]:
    """Return probabilities ``(n, k)`` of different texts, the classes, and by which models."""
    truth = labels[rows]
    classes, counts = np.unique(truth, return_counts=True)
    if len(truth) < MIN_LABELS or len(classes) < 2 or counts.min() < 2:
        raise InputError(
            f"{len(truth)} labels of different texts, of {len(classes)} classes, are too few to "
            f"judge one by the others; give {MIN_LABELS} or more, at least two of each class"
        )
    features = encoder.transform([texts[row] for row in rows])
    language = encoder.vectors.tokenizer.language
    with warnings.catch_warnings():  # what is wrong with the labels is what is looked for
        warnings.simplefilter("ignore")
        if len(classes) > 2:
            return _of_folds(features, truth, classes, language, seed), classes, False
        p, without_labels = _of_two_classes(features, truth, classes, language)
        return p, classes, without_labels


def _of_two_classes(
    features: PolarityFeatures, truth: NDArray[Any], classes: NDArray[Any], language: str
) -> tuple[NDArray[np.float64], bool]:
    """Return probabilities ``(n, 2)``, and whether the model without labels is part of them."""
    from scipy.special import expit, logit

    head = PolarityClassifier(language=language).fit(features, truth)
    (mixture,) = head.mixtures
    loss = mixture.left_out_log_loss_
    assert loss is not None  # noqa: S101  (there are 8 labels or more)
    second = head.order_[1]
    of_second = np.where(truth == second, np.exp(-loss), -np.expm1(-loss))
    odds = logit(np.clip(of_second, LEAST, 1 - LEAST))
    used = not mixture.seeds_contradicted_
    if used:
        odds = (odds + odds_without_labels(features, language)) / 2
    p = expit(odds)
    probabilities = np.where((classes == second)[None], p[:, None], 1 - p[:, None])
    return probabilities, used


def odds_without_labels(features: PolarityFeatures, language: str) -> NDArray[np.float64]:
    """Return the log odds of the positive class by seed words alone, ``(n,)``."""
    from scipy.special import logit

    none = features[np.zeros(0, np.intp)], np.array([], np.str_)
    p = PolarityClassifier(language=language).fit(*none).mixture_.predict_proba(features)[:, 1]
    odds: NDArray[np.float64] = logit(np.clip(p, LEAST, 1 - LEAST))
    return odds


def _of_folds(
    features: PolarityFeatures,
    truth: NDArray[Any],
    classes: NDArray[Any],
    language: str,
    seed: int,
) -> NDArray[np.float64]:
    """Return the probabilities of each class from models of the other folds, ``(n, k)``."""
    from sklearn.model_selection import StratifiedKFold

    n_folds = min(FOLDS, int(np.unique(truth, return_counts=True)[1].min()))
    p = np.zeros((len(truth), len(classes)))
    folds = StratifiedKFold(n_folds, shuffle=True, random_state=seed)
    for train, test in folds.split(truth, truth):
        head = PolarityClassifier(language=language).fit(features[train], truth[train])
        p[test] = head.predict_proba(features[test])
    return p
