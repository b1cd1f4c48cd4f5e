"""What a diagnosis measures: word vectors without labels, and probes that swap one stage."""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.advice.diagnosis.label_noise import (
    LabelNoise,
    label_noise,
    log_odds_without_labels,
)
from sentiment_transfer.advice.diagnosis.left_out import (
    Answers,
    Folds,
    ModelProbe,
    Probe,
    WordsProbe,
    lead,
)
from sentiment_transfer.advice.diagnosis.slices import Slice, accuracy_by_slice, slices_of
from sentiment_transfer.advice.diagnosis.vector_checks import (
    Norms,
    cohesion,
    learnt_from,
    likeness,
    norms_of,
    seed_sides,
)
from sentiment_transfer.advice.labels.audit import audit_labels
from sentiment_transfer.errors import SentimentTransferError
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.evidence import MIN_TO_ADAPT
from sentiment_transfer.polarity.class_order import class_order
from sentiment_transfer.polarity.natural_order import natural_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Evidence", "ProbeFigures", "SetUp", "measure"]

REPEATS = 2
JUDGED_TEXTS = 1_000
"""Unlabelled texts whose words are looked at, and most labels."""
OWN, DEFAULT, LOGISTIC = "this model", "the default head", "logistic regression"
REFERENCE, TFIDF = "the reference", "TF-IDF, no vectors"
HEADS = (DEFAULT, LOGISTIC)


@dataclass(frozen=True)
class ProbeFigures:
    """Accuracy and log loss of left-out labels, and leads over the model in standard errors.

    The leads are above 0 if the probe is better.
    """

    accuracy: float
    log_loss: float
    accuracy_lead: float = 0.0
    loss_lead: float = 0.0


@dataclass(frozen=True)
class Evidence:
    """All that was measured; NaN or None for what is not known.

    Attributes
    ----------
    tokens
        Number of tokens that the vectors were learnt from.
    coverage, relative_coverage, gain, gain_lead
        See `Likeness`.
    seed_area, seed_neighbours, positive_seeds, negative_seeds
        See `SeedSides`.
    cohesion
        See `vector_checks.cohesion`.
    losses
        Of the epochs of pretraining.
    training
        Accuracy and log loss of the model on the labels that it was fitted to.
    probes
        Figures of left-out labels by name; ``"this model"`` is first.
    without_labels
        Accuracy of the model without labels; NaN if there is none.
    suspects
        Share of labels that `audit_labels` suspects; about 14 % of right ones.
    noise
        Estimated share of wrong labels.
    slices
        Accuracy in parts of the texts.
    norms
        See `Norms`.
    """

    tokens: int | None
    coverage: float
    relative_coverage: float
    gain: float
    gain_lead: float
    seed_area: float
    seed_neighbours: float
    positive_seeds: int
    negative_seeds: int
    cohesion: float
    losses: tuple[float, ...]
    training: ProbeFigures
    probes: dict[str, ProbeFigures]
    without_labels: float
    suspects: float
    noise: LabelNoise | None
    slices: tuple[Slice, ...]
    norms: Norms | None = None

    @property
    def other_heads(self) -> dict[str, ProbeFigures]:
        """The figures of other heads on the same vectors."""
        return {name: figures for name, figures in self.probes.items() if name in HEADS}


@dataclass(frozen=True, eq=False)
class SetUp:
    """What is diagnosed.

    Attributes
    ----------
    model
        Fitted to the labels.
    texts, labels
        ``n`` texts and their labels, ``(n,)``.
    background
        Unlabelled texts of the same kind, or the labelled ones.
    reference
        A sound model of the language, adapted to ``background``; None if there is none.
    folds
        In which all probes answer.
    seed
        Of all randomness.
    """

    model: SentimentClassifier
    texts: list[str]
    labels: NDArray[Any]
    background: list[str]
    reference: SentimentClassifier | None
    folds: Folds
    seed: int

    @classmethod
    def of(
        cls,
        model: SentimentClassifier,
        texts: list[str],
        labels: NDArray[Any],
        unlabelled: list[str],
        reference: SentimentClassifier | None,
        seed: int,
    ) -> SetUp:
        """Fit the model, adapt the reference, and divide the texts."""
        background = unlabelled or texts
        if reference is not None and len(background) >= MIN_TO_ADAPT:
            reference = _or_none(lambda: copy.copy(reference).adapt(background)) or reference
        folds = Folds.of(texts, labels, repeats=REPEATS, seed=seed)
        fitted = copy.copy(model).fit(texts, labels)
        return cls(fitted, texts, labels, background, reference, folds, seed)

    @property
    def has_default_head(self) -> bool:
        """Whether the model is the default one."""
        return self.model.head is None and self.model.encoder is None

    @property
    def has_own_vectors(self) -> bool:
        """Whether the reference has other word vectors than the model."""
        reference = self.reference
        return reference is not None and reference.vectors_.words != self.model.vectors_.words

    def with_head(self, head: Any) -> SentimentClassifier | None:  # noqa: ANN401
        """Return a model on the same vectors with another head; None if no word is known."""
        own = self.model
        other = SentimentClassifier(
            own.language, vectors=own.vectors_, head=head, seeds=own.seeds, seed=self.seed
        )
        fitted: SentimentClassifier | None = _or_none(lambda: other.pretrain(self.background))
        return fitted


def _or_none(act: Any) -> Any:  # noqa: ANN401
    """Return a result; None where the texts do not allow it."""
    try:
        return act()
    except SentimentTransferError:
        return None


def measure(of: SetUp) -> Evidence:
    """Measure everything that the set-up allows."""
    vectors, rng = of.model.vectors_, np.random.default_rng(of.seed)
    chosen = np.sort(rng.permutation(len(of.background))[:JUDGED_TEXTS])
    background = [of.background[i] for i in chosen]
    words, seeds = likeness(of.model, of.reference, background), seed_sides(vectors, of.model.seeds)
    answers = {name: of.folds.answers(probe) for name, probe in _probes(of).items()}
    own = ModelProbe.of(of.model, of.texts)
    history = of.model.training_summary_.history
    right = answers[OWN].probabilities[0].argmax(axis=1) == answers[OWN].truth
    without, noise = _without_labels(of)
    return Evidence(
        learnt_from(vectors),
        *words,
        *seeds,
        cohesion(vectors, background, of.seed),
        tuple(e["loss"] for e in history if e["loss"] is not None),
        _figures(of.folds.in_training(own)),
        {name: _against(answers[OWN], one) for name, one in answers.items()},
        without,
        _suspects(of),
        noise,
        accuracy_by_slice(slices_of(vectors, of.texts), right),
        norms_of(vectors),
    )


def _probes(of: SetUp) -> dict[str, Probe]:
    """Return the model, and copies of it with one stage swapped."""
    from sklearn.linear_model import LogisticRegression

    models: dict[str, SentimentClassifier | None] = {OWN: of.model}
    if not of.has_default_head:
        models[DEFAULT] = of.with_head(None)
    models[LOGISTIC] = of.with_head(LogisticRegression(max_iter=1_000))
    if of.has_own_vectors:
        models[REFERENCE] = of.reference
    found: dict[str, Probe] = {
        name: ModelProbe.of(model, of.texts) for name, model in models.items() if model is not None
    }
    tokens = [of.model.vectors_.tokenizer(text) for text in of.texts]
    return found | {TFIDF: WordsProbe(tokens)}


def _figures(answers: Answers) -> ProbeFigures:
    return ProbeFigures(answers.accuracy, answers.log_loss)


def _against(own: Answers, other: Answers) -> ProbeFigures:
    return replace(
        _figures(other),
        accuracy_lead=lead(other.right, own.right)[1],
        loss_lead=lead(own.losses, other.losses)[1],
    )


def _without_labels(of: SetUp) -> tuple[float, LabelNoise | None]:
    """Return the accuracy of the model without labels, and what it shows of the labels.

    Of more than two classes in order, the first and the last are looked at.
    """
    judge = of.model if of.reference is None else of.reference
    odds = log_odds_without_labels(judge, of.texts)
    if odds is None:
        return float("nan"), None
    ends = _ends(of, odds)
    if ends is None:
        return float("nan"), None
    rows = np.flatnonzero(np.isin(of.labels, ends))
    rows = np.random.default_rng(of.seed).permutation(rows)[:JUDGED_TEXTS]
    second = of.labels[rows] == ends[1]
    if second.all() or not second.any():
        return float("nan"), None
    return float(((odds[rows] > 0) == second).mean()), label_noise(odds[rows], second)


def _ends(of: SetUp, score: NDArray[np.float64]) -> NDArray[Any] | None:
    """Return the most negative and the most positive class; None without an order."""
    language, ordered = of.model.language, of.model.ordered
    if ordered is None and len(np.unique(of.labels)) > 2:
        order = natural_order(of.labels, language, score)
    else:
        order = class_order(of.labels, language, ordered, score)
        order = None if ordered is False and len(order) > 2 else order
    if order is None or not all((of.labels == label).any() for label in order[[0, -1]]):
        return None
    return order[[0, -1]]


def _suspects(of: SetUp) -> float:
    judge = of.model if of.reference is None else of.reference
    audit = _or_none(lambda: audit_labels(judge, of.texts, of.labels))
    return float("nan") if audit is None else len(audit.suspects) / audit.n_labels
