"""Evidence of which word vectors suit texts: hidden seed words, left-out labels, LogME."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from sentiment_transfer.advice.quick_model import quick_model
from sentiment_transfer.advice.vectors.logme import log_maximum_evidence
from sentiment_transfer.classification.labels import as_labels
from sentiment_transfer.corpus.splits import text_key
from sentiment_transfer.encoding import AveragingEncoder
from sentiment_transfer.errors import InputError, SentimentTransferError
from sentiment_transfer.experiments.cross_validation import left_out_probabilities
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.choice import has_language_seeds
from sentiment_transfer.model.evidence import (
    MIN_TO_ADAPT,
    hidden_seed_areas,
    in_errors,
    usable_labels,
)
from sentiment_transfer.model.files import read
from sentiment_transfer.model.inputs import as_texts
from sentiment_transfer.pretraining import WordVectors
from sentiment_transfer.pretraining.bank import bank_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_transfer.classification.labels import Labels
    from sentiment_transfer.polarity.masked import AreasUnderCurve

    Models: TypeAlias = dict[str, SentimentClassifier]
    Labelled: TypeAlias = tuple[Sequence[str], Labels] | None

__all__ = ["NAN", "OWN", "RANDOM", "Evidence", "candidate_models"]

OWN, RANDOM = "own", "random"
FOLDS, REPEATS = 5, 3
NAN = float("nan")
LEAST = 1e-9
"""Least probability, so that log losses are finite."""


def candidate_models(
    texts: list[str], paths: Sequence[str | Path], language: str, seed: int
) -> tuple[Models, list[str], dict[str, str]]:
    """Return models over each candidate's vectors, fitted to texts without labels.

    The second are the names of models with the seed words of the language, among which
    `choose_member` chooses. The third is why others are left out, by name: own vectors of too
    little text, and those that know no seed words.
    """
    models: Models = {}
    members: list[str] = []
    left_out: dict[str, str] = {}
    for name in (*bank_names(language), *map(str, paths)):
        models[name], is_member = _adapted(name, texts, language)
        members += [name] * is_member
    try:
        models[OWN] = quick_model(texts, language, seed)
    except SentimentTransferError as error:
        left_out[OWN] = str(error)
    for name in [*models]:
        if not models[name].knows_polarity:
            left_out[name] = "it knows no seed words of the language"
            del models[name]
    if not models:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise InputError(f"there are no word vectors to choose from ({reasons}); give more texts")
    base = models.get(OWN) or next(iter(models.values()))
    models[RANDOM] = _over(base.vectors_.randomised(seed), texts, language)
    return models, [name for name in members if name in models], left_out


def _adapted(name: str, texts: list[str], language: str) -> tuple[SentimentClassifier, bool]:
    """Return the model of a file, adapted to texts that are enough, and whether it is a member."""
    stages = read(name)
    if isinstance(stages, WordVectors):
        return _over(stages, texts, language), False
    if not has_language_seeds(stages):
        return _over(stages.vectors, texts, language), False
    model = SentimentClassifier.from_stages(stages)
    return (model.adapt(texts) if len(texts) >= MIN_TO_ADAPT else model), True


def _over(vectors: WordVectors, texts: list[str], language: str) -> SentimentClassifier:
    """Return a model over word vectors, pretrained on the texts."""
    with warnings.catch_warnings():  # few known words are what is looked at
        warnings.simplefilter("ignore")
        return SentimentClassifier(language, vectors=vectors).pretrain(texts)


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of candidates; empty for what is not.

    Attributes
    ----------
    names
        Of the candidates.
    curves
        Areas under the curve of predicting hidden seed words, in the order of the names.
    losses
        Log loss of each label by repeated cross-validation, by name, float64 ``(n_labels,)``.
    accuracies, logme
        Of the labels, by name.
    n_labels
        Number of labels that are evidence.
    """

    names: list[str]
    curves: AreasUnderCurve | None
    losses: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    accuracies: dict[str, float] = field(default_factory=dict)
    logme: dict[str, float] = field(default_factory=dict)
    n_labels: int = 0

    @classmethod
    def of(cls, models: Models, judged: list[str], labelled: Labelled, seed: int) -> Evidence:
        """Collect the evidence on judged texts and labels."""
        encoders = [model.encoder_ for model in models.values()]
        names, curves = [*models], hidden_seed_areas(encoders, judged) if judged else None
        if labelled is None:
            return cls(names, curves)
        known, labels = _usable(labelled, seed)
        if not known:
            return cls(names, curves)
        losses, accuracies, logme = {}, {}, {}
        for name, model in models.items():
            losses[name], accuracies[name] = _left_out(model, known, labels, seed)
            X = AveragingEncoder(model.vectors_).fit(known).transform(known)
            logme[name] = log_maximum_evidence(X, labels)
        return cls(names, curves, losses, accuracies, logme, len(known))

    @property
    def n_seed_texts(self) -> int:
        """Number of judged texts with seed words of one polarity; 0 if they are too few."""
        return 0 if self.curves is None else self.curves.n_positive + self.curves.n_negative

    @property
    def agreement(self) -> dict[str, float]:
        """The areas under the curve by name."""
        areas = [] if self.curves is None else self.curves.areas.tolist()
        return dict(zip(self.names, areas, strict=False))

    def figures(self, name: str) -> tuple[float, float, float, float]:
        """Return agreement, accuracy, log loss and LogME of a candidate; NaN for unknown ones."""
        loss = self.losses.get(name)
        return (
            self.agreement.get(name, NAN),
            self.accuracies.get(name, NAN),
            NAN if loss is None else float(loss.mean()),
            self.logme.get(name, NAN),
        )

    def lead(self, one: str, other: str) -> float:
        """Return how far one candidate is better than another, in standard errors.

        Two leads are combined by Stouffer's method. NaN if nothing is known.
        """
        if one == other:
            return 0.0
        leads = []
        if self.curves is not None:
            places = self.names.index(one), self.names.index(other)
            leads.append(in_errors(*self.curves.lead(*places)))
        if self.losses:
            gain = self.losses[other] - self.losses[one]
            error = float(gain.std(ddof=1)) / math.sqrt(len(gain))
            leads.append(in_errors(float(gain.mean()), error))
        return sum(leads) / math.sqrt(len(leads)) if leads else NAN


def _usable(
    labelled: tuple[Sequence[str], Labels], seed: int
) -> tuple[list[str], NDArray[np.generic]]:
    """Return different texts with labels that are evidence; none if they are too few."""
    texts = as_texts(labelled[0])
    labels = as_labels(labelled[1], len(texts))
    rows = np.array([*{text_key(text): row for row, text in enumerate(texts)}.values()], np.intp)
    return usable_labels([texts[row] for row in rows], labels[rows], seed)


def _left_out(
    model: SentimentClassifier, texts: list[str], labels: NDArray[np.generic], seed: int
) -> tuple[NDArray[np.float64], float]:
    """Return the log loss of each label, and the accuracy, by repeated cross-validation."""
    truth = labels.astype(np.str_)
    encoded, losses, right = model.encode(texts), [], []
    folds = min(FOLDS, int(np.unique(truth, return_counts=True)[1].min()))
    for repeat in range(REPEATS):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            p, classes = left_out_probabilities(model, texts, encoded, truth, folds, seed + repeat)
        of_truth = p[np.arange(len(truth)), np.searchsorted(classes, truth)]
        losses.append(-np.log(np.maximum(of_truth, LEAST)))
        right.append(float(np.mean(classes[p.argmax(axis=1)] == truth)))
    mean: NDArray[np.float64] = np.mean(losses, axis=0)
    return mean, float(np.mean(right))
