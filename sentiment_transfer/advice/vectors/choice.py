"""Which word vectors: one's own, those of a shipped model, of a file, or random ones.

All candidates see the same texts, without labels, and are judged on other texts, by how well they
predict hidden seed words (`polarity.masked`). From 30 labels on, repeated cross-validation is
evidence too. LogME (You et al. 2021) is shown beside it. Among the shipped models and model files,
`choose_member` decides, which also compares words. Own vectors, and vectors of files, have to be
clearly better than its choice; without labels own vectors by a margin (`model.own_vectors`).
``scripts/advice/choice.py`` measures what this loses against the best choice in hindsight.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from sentiment_transfer.advice.corpora.passing import sampled_texts
from sentiment_transfer.advice.vectors.evidence import (
    NAN,
    OWN,
    RANDOM,
    Evidence,
    candidate_models,
)
from sentiment_transfer.advice.verdict import Verdict
from sentiment_transfer.base.tables import format_table
from sentiment_transfer.errors import InputError
from sentiment_transfer.model.choice import choose_member
from sentiment_transfer.model.evidence import CLEAR
from sentiment_transfer.model.own_vectors import OWN_MARGIN
from sentiment_transfer.pretraining.bank import bank_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from sentiment_transfer.advice.vectors.evidence import Models
    from sentiment_transfer.classification.labels import Labels

    Kind = Literal["shipped", "file", "own", "random"]

__all__ = ["OWN", "RANDOM", "VectorCandidate", "VectorChoice", "best_of", "choose_vectors"]

MOST_LEARNT, MOST_JUDGED = 50_000, 2_000
"""Texts that vectors are pretrained on, and texts that are judged, at most."""
JUDGED = 1 / 3
"""Share of the texts that are judged, at most."""


@dataclass(frozen=True)
class VectorCandidate:
    """What is known of some word vectors; NaN for what is not.

    Attributes
    ----------
    name
        Of a shipped model, path of a file, ``"own"`` or ``"random"``.
    kind
        One of ``"shipped"``, ``"file"``, ``"own"``, ``"random"``.
    n_words
        Size of the vocabulary.
    coverage
        Mean share of the words of a text that have a vector.
    agreement
        Area under the ROC curve of predicting hidden seed words; 0.5 is chance.
    accuracy, log_loss
        Of labels by repeated cross-validation.
    logme
        `log_maximum_evidence` of the labels given the mean vectors of their texts.
    lead
        How far it is better than the chosen one, in standard errors, by hidden seed words and by
        log loss.

    Examples
    --------
    >>> VectorCandidate("reviews-en", "shipped", 30_000, coverage=0.97).kind
    'shipped'
    """

    name: str
    kind: Kind
    n_words: int
    coverage: float = NAN
    agreement: float = NAN
    accuracy: float = NAN
    log_loss: float = NAN
    logme: float = NAN
    lead: float = NAN


@dataclass(frozen=True)
class VectorChoice:
    """The chosen vectors, the evidence, and what is as good.

    Attributes
    ----------
    name
        Of the chosen ones.
    candidates
        All of them, the best lead first.
    n_texts, n_seed_texts, n_labels
        Numbers of different texts that are used, of judged ones with seed words of one polarity,
        and of labels that are evidence.
    left_out
        Why a candidate could not be used, by name.

    Examples
    --------
    >>> texts = [f"name{i} is a {p} film" for i in range(60) for p in ("great", "awful")]
    >>> found = choose_vectors(texts)
    >>> found.name == found.chosen.name, found.n_labels
    (True, 0)
    """

    name: str
    candidates: tuple[VectorCandidate, ...]
    n_texts: int
    n_seed_texts: int
    n_labels: int
    left_out: dict[str, str]

    @property
    def chosen(self) -> VectorCandidate:
        """What is known of the chosen ones."""
        return next(one for one in self.candidates if one.name == self.name)

    @property
    def as_good(self) -> tuple[str, ...]:
        """Names of others that are not clearly worse."""
        others = (one for one in self.candidates if one.name not in (self.name, RANDOM))
        return tuple(one.name for one in others if one.lead > -CLEAR)

    @property
    def beats_random(self) -> bool | None:
        """Whether it is clearly better than random vectors; None if that is not known."""
        leads = [one.lead for one in self.candidates if one.name == RANDOM]
        return None if not leads or math.isnan(leads[0]) else leads[0] <= -CLEAR

    @property
    def verdict(self) -> Verdict:
        """Which vectors, by what evidence, and how to use them."""
        if not self.n_seed_texts and not self.n_labels:
            return Verdict(
                f"can't tell yet which vectors are best; {self.name} is usual",
                f"{self.n_texts:,} texts hold too few seed words to judge by, and there are too "
                "few labels",
                "give a thousand texts of the kind to be judged, or 30 labels",
            )
        if self.beats_random is False:
            return Verdict(
                f"none is clearly better than random vectors; {self.name} is usual",
                self._evidence(),
                "check the language and the kind of the texts, and pretrain on more of this kind",
            )
        tie = f"; {', '.join(self.as_good)} not clearly worse" if self.as_good else ""
        return Verdict(f"{self.name}{tie}", self._evidence(), self._next_step())

    def _evidence(self) -> str:
        parts = []
        if self.n_seed_texts:
            parts.append(
                f"hidden seed words of {self.n_seed_texts:,} texts are predicted with an area "
                f"under the curve of {self.chosen.agreement:.2f}"
            )
        if self.n_labels:
            parts.append(
                f"{self.n_labels:,} labels, left out, with an accuracy of "
                f"{100 * self.chosen.accuracy:.0f} %"
            )
        return "; ".join(parts)

    def _next_step(self) -> str:
        if self.name == OWN:
            return "pretrain on all of your texts"
        return f"adapt {self.name} to your texts, without labels"

    @property
    def table(self) -> str:
        """The candidates as text, in columns."""
        return format_table(*self.cells(), align="lrrrrrrr")

    def cells(self) -> tuple[list[str], list[list[str]]]:
        """Return a header and rows: what is known of each candidate."""
        header = ["", "words", "known", "seed words", "accuracy", "log loss", "LogME", "lead"]
        rows = [
            [
                ("* " if one.name == self.name else "  ") + one.name,
                f"{one.n_words:,}",
                _shown(100 * one.coverage, ".0f", " %"),
                _shown(one.agreement, ".3f"),
                _shown(100 * one.accuracy, ".1f", " %"),
                _shown(one.log_loss, ".3f"),
                _shown(one.logme, ".3f"),
                "" if one.name == self.name else _shown(one.lead, "+.1f"),
            ]
            for one in self.candidates
        ]
        return header, rows

    def __str__(self) -> str:
        return str(self.verdict)


def choose_vectors(
    texts: Iterable[str],
    labelled: tuple[Sequence[str], Labels] | None = None,
    *,
    files: Sequence[str | Path] = (),
    language: str = "en",
    seed: int = 0,
) -> VectorChoice:
    """Choose the word vectors to start from.

    Parameters
    ----------
    texts
        Unlabelled texts of the kind to be judged, iterated once. Of more than 52,000 a sample is
        used.
    labelled
        Texts with labels, ``(n,)``; from 30 on, at least two of each class, they are evidence.
    files
        Files of word vectors or models that are candidates beside the shipped models.
    language
        Of the texts.
    seed
        Of pretraining, and of the choice of texts.

    Returns
    -------
    VectorChoice
        With all candidates, also those that are not better than chance.

    Raises
    ------
    InputError
        There is no text, or the numbers of texts and labels differ.
    ModelFileError
        A file does not exist or is damaged.

    Examples
    --------
    >>> names = [f"name{i}" for i in range(60)]
    >>> texts = [f"{n} is a {p} film" for n in names for p in ("great", "awful")]
    >>> found = choose_vectors(texts)
    >>> found.n_texts, sorted(each.name for each in found.candidates)
    (120, ['films-en', 'goods-en', 'own', 'random', 'reviews-en'])
    """
    sampled = sampled_texts(texts, MOST_LEARNT + MOST_JUDGED, seed)
    different = list(dict.fromkeys(sampled))
    if not different:
        raise InputError("there is no text to choose vectors by; give unlabelled texts")
    order = np.random.default_rng(seed).permutation(len(different))
    shuffled = [different[row] for row in order]
    n = min(MOST_JUDGED, int(JUDGED * len(shuffled)))
    judged, learnt = shuffled[:n], shuffled[n:]
    models, members, left_out = candidate_models(learnt, files, language, seed)
    evidence = Evidence.of(models, judged, labelled, seed)
    usual = OWN if OWN in models else next(iter(models))
    if members:
        usual = choose_member(language, different, labelled, names=members, seed=seed).name
    name = best_of(models, members, evidence, usual)
    found = [
        VectorCandidate(
            each,
            _kind(each),
            len(model.vectors_.words),
            float(model.vectors_.coverage(judged).mean()) if judged else NAN,
            *evidence.figures(each),
            evidence.lead(each, name),
        )
        for each, model in models.items()
    ]
    found.sort(key=lambda one: (one.name != name, -np.nan_to_num(one.lead)))
    return VectorChoice(
        name, tuple(found), len(different), evidence.n_seed_texts, evidence.n_labels, left_out
    )


def best_of(models: Models, members: Sequence[str], evidence: Evidence, usual: str) -> str:
    """Return the usual ones, unless others are clearly better."""
    leads = {name: evidence.lead(name, usual) for name in models if name != RANDOM}
    if OWN in leads and not evidence.n_labels:
        ahead = evidence.agreement.get(OWN, NAN) - evidence.agreement.get(usual, NAN)
        if not ahead >= OWN_MARGIN:
            del leads[OWN]
    better = [name for name in leads if name not in members and leads[name] >= CLEAR]
    return max(better, key=lambda name: leads[name], default=usual)


def _kind(name: str) -> Kind:
    if name in (OWN, RANDOM):
        return "own" if name == OWN else "random"
    return "shipped" if name in bank_names() else "file"


def _shown(figure: float, form: str, unit: str = "") -> str:
    """Return a figure as text; nothing if it is not known."""
    return "" if math.isnan(figure) else f"{figure:{form}}{unit}"
