"""Choice of the member of the bank that suits texts best, by evidence without labels or with them.

Seed words: each member predicts the hidden seed words of the texts from their other words
(`polarity.masked`). Labels: each member, adapted to the texts, predicts each label from the others.
Words: whether those of the texts are as frequent as in the texts that a member learnt from, by the
log likelihood of one word at a time.

The general member is taken unless another one predicts better by two standard errors, or the words
of the texts are those of its kind and it predicts as well. ``scripts/bank/choosing.py`` measures
how much worse the choice is than the best one in hindsight.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.base.tables import format_table
from sentiment_transfer.encoding import PretrainingTexts
from sentiment_transfer.errors import SettingError
from sentiment_transfer.model.files import open_member
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.polarity.masked import areas_under_curve, masked_scores
from sentiment_transfer.pretraining.bank import bank_names
from sentiment_transfer.text.inputs import as_iterable_of_texts
from sentiment_transfer.text.reading import read_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.model.fitted import FittedStages

__all__ = ["AUTO", "Candidate", "MemberChoice", "choose_member", "first_of"]

AUTO = "auto"
"""The value of ``vectors`` that asks for a choice."""
FIRST_TEXTS, JUDGED_TEXTS = 20_000, 4_000
"""Texts from the start of a stream, and those of them that are looked at, chosen at random."""
MIN_SEED_TEXTS = 20
"""Texts of either polarity of seed words from which they are evidence."""
MIN_TO_ADAPT = 100
"""Texts from which members are adapted before they predict labels."""
MIN_LABELS, MOST_LABELS = 30, 1_000
"""Labels from which they are evidence, and most labels that are looked at."""
CLEAR = 2.0
"""Standard errors by which a member is clearly better than the general one."""
AS_GOOD = -0.5
"""Lead, in standard errors, from which it is as good, so that the words of the texts decide."""


def first_of(texts: Iterable[str]) -> tuple[list[str], Iterator[str]]:
    """Return the first 20,000 texts, among which a member is chosen, and all texts to be read once.

    The texts are iterated once.
    """
    all_texts = iter(as_iterable_of_texts(texts))
    first = list(islice(all_texts, FIRST_TEXTS))
    return first, chain(first, all_texts)


@dataclass(frozen=True)
class Candidate:
    """What is known of a member on some texts.

    Attributes
    ----------
    name
        Of the member, or the path of its file.
    coverage
        Mean share of the words of a text that have a vector; NaN without texts.
    likeness
        Gain in log likelihood of a word of the texts, in bits, by its frequency in the texts that
        the member learnt from, over that in those of the general one.
    likeness_lead
        The same in standard errors; 0 if it is not known.
    agreement
        Area under the ROC curve of predicting hidden seed words; NaN if there are too few.
    agreement_lead
        How far it is above that of the general member, in standard errors; 0 if it is not known.
    log_loss
        Mean log loss of left-out labels, NaN if there are too few.
    log_loss_lead
        How far it is below that of the general member, in standard errors; 0 if it is not known.
    """

    name: str
    coverage: float = float("nan")
    likeness: float = float("nan")
    likeness_lead: float = 0.0
    agreement: float = float("nan")
    agreement_lead: float = 0.0
    log_loss: float = float("nan")
    log_loss_lead: float = 0.0

    @property
    def lead(self) -> float:
        """How far it predicts better than the general member, in standard errors.

        Two leads have a sum with a standard error of the root of 2 (Stouffer's method).
        """
        known = [z for z in (self.agreement_lead, self.log_loss_lead) if z]
        return sum(known) / math.sqrt(max(1, len(known)))

    @property
    def is_better(self) -> bool:
        """Whether it predicts clearly better than the general member."""
        return self.lead >= CLEAR

    @property
    def is_of_their_kind(self) -> bool:
        """Whether the words of the texts are rather its own, and it is known to predict as well."""
        known = not (np.isnan(self.agreement) and np.isnan(self.log_loss))
        return known and self.likeness_lead >= CLEAR and self.lead >= AS_GOOD


@dataclass(frozen=True)
class MemberChoice:
    """The member that was chosen, the evidence, and the reason.

    Attributes
    ----------
    name
        Of the chosen one.
    candidates
        What is known of each, the general one first.
    n_texts, n_seed_texts, n_labels
        Numbers of texts that were looked at, of those with seed words of one polarity, and of
        labels; the latter two are 0 where they were too few.
    """

    name: str
    candidates: tuple[Candidate, ...]
    n_texts: int
    n_seed_texts: int
    n_labels: int

    @property
    def chosen(self) -> Candidate:
        """What is known of the chosen one."""
        return next(one for one in self.candidates if one.name == self.name)

    @property
    def evidence(self) -> str:
        """What was looked at, such as ``"1,043 texts with seed words and 100 labels"``."""
        parts = [f"{self.n_seed_texts:,} texts with seed words"] * bool(self.n_seed_texts)
        parts += [f"{self.n_labels:,} labels"] * bool(self.n_labels)
        return " and ".join(parts)

    @property
    def reason(self) -> str:
        """Why this one, in one sentence."""
        general, others = self.candidates[0], self.candidates[1:]
        if not others:
            return "it is the only one"
        on = f"on {self.evidence}"
        if self.name == general.name:
            near = max(others, key=lambda one: one.lead)
            if not self.evidence:
                return (
                    f"the general one, as {self.n_texts:,} texts are too few to compare: "
                    f"{MIN_SEED_TEXTS} texts with seed words of either polarity, or {MIN_LABELS} "
                    "labels are needed"
                )
            return (
                f"the general one, as none predicts clearly better {on}; the nearest, "
                f"{near.name}, {_ahead(near.lead)} it"
            )
        if self.chosen.is_better:
            return f"{on} it {_ahead(self.chosen.lead)} {general.name}"
        return (
            f"the words of the texts are rather those of its kind, and {on} it predicts as well as "
            f"{general.name}"
        )

    def __str__(self) -> str:
        shown = {
            "words alike": ["", *(_bits(one.likeness) for one in self.candidates[1:])],
            "words known": [_percent(one.coverage) for one in self.candidates],
            "seed words predicted": [_percent(one.agreement) for one in self.candidates],
            "log loss of labels": [_number(one.log_loss) for one in self.candidates],
            "lead": ["", *(f"{one.lead:+.1f}" for one in self.candidates[1:] if self.evidence)],
        }
        columns = {title: cells for title, cells in shown.items() if any(cells)}
        marks = ["* " if one.name == self.name else "  " for one in self.candidates]
        names = [mark + one.name for mark, one in zip(marks, self.candidates, strict=True)]
        rows = zip(names, *columns.values(), strict=True)
        table = format_table(["", *columns], [list(row) for row in rows])
        return f"{table}{self.name}: {self.reason}"


def choose_member(
    language: str,
    texts: Sequence[str],
    labelled: tuple[Sequence[str], NDArray[np.generic]] | None = None,
    *,
    names: Sequence[str] | None = None,
    seed: int = 0,
) -> MemberChoice:
    """Choose the member that suits texts best.

    Parameters
    ----------
    language
        Of the texts.
    texts
        Unlabelled texts, or those of the labels; 2,000 of them are looked at.
    labelled
        Texts and their labels, ``(n,)``, of two classes or more.
    names
        Names of members, or paths of model files, the general one first; by default all members
        of the language.
    seed
        Of the choice of texts and folds.

    Raises
    ------
    SettingError
        There is no member of the language, or one is of another language or has no seed words.
    """
    names = bank_names(language) if names is None else names
    if not names:
        raise SettingError(f"the bank has no member for language={language!r}; give vectors")
    stages = {name: _open(name, language) for name in names}
    rng = np.random.default_rng(seed)
    if len(texts) > JUDGED_TEXTS:
        rows = np.sort(rng.choice(len(texts), JUDGED_TEXTS, replace=False))
        texts = [texts[i] for i in rows]
    words = _by_words(stages, texts)
    seed_words, n_seed_texts = _by_seed_words(stages, texts)
    labels, n_labels = _by_labels(stages, texts, labelled, seed)
    candidates = tuple(
        Candidate(
            name,
            float(one.vectors.coverage(texts).mean()) if len(texts) else float("nan"),
            *words.get(name, (float("nan"), 0.0)),
            *seed_words.get(name, (float("nan"), 0.0)),
            *labels.get(name, (float("nan"), 0.0)),
        )
        for name, one in stages.items()
    )
    better = [one for one in candidates if one.is_better or one.is_of_their_kind]
    best = max(better, key=lambda one: one.lead) if better else candidates[0]
    return MemberChoice(best.name, candidates, len(texts), n_seed_texts, n_labels)


def _open(name: str, language: str) -> FittedStages:
    stages = open_member(name, language)
    encoder = stages.encoder
    if not isinstance(encoder, PolarityEncoder) or encoder.seeds != "language":
        raise SettingError(
            f"{name} has no polarity from the seed words of the language, by which members are "
            "compared; leave it out"
        )
    return stages


def _by_words(
    stages: Mapping[str, FittedStages], texts: Sequence[str]
) -> dict[str, tuple[float, float]]:
    """Return the likeness of each member and its lead; nothing for texts without a known word.

    Words count that the general member and the other one know, with their frequencies among these.
    """
    general = next(iter(stages.values())).vectors
    ids = general.encode(texts)
    of_text = np.repeat(np.arange(len(ids)), np.diff(ids.offsets))
    figures = {}
    for name, one in stages.items():
        counts = dict(zip(one.vectors.words, one.vectors.counts.tolist(), strict=True))
        own = np.array([counts.get(word, 0) for word in general.words], np.float64)
        shared = own > 0
        gains = np.zeros(len(own))
        gains[shared] = _log_shares(own[shared]) - _log_shares(general.counts[shared])
        used = shared[ids.ids]
        if used.any():
            of_texts = np.bincount(of_text[used], gains[ids.ids[used]], len(ids))
            error = float(of_texts.std()) * len(ids) ** 0.5 / used.sum()
            gain = float(of_texts.sum()) / used.sum()
            figures[name] = gain, _in_errors(gain, error)
    return figures


def _log_shares(counts: NDArray[np.generic]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = np.log2(counts / counts.sum())
    return shares


def _by_seed_words(
    stages: Mapping[str, FittedStages], texts: Sequence[str]
) -> tuple[dict[str, tuple[float, float]], int]:
    """Return the agreement of each member and its lead, and the number of texts with seed words."""
    encoders = [one.encoder for one in stages.values() if isinstance(one.encoder, PolarityEncoder)]
    found = [masked_scores(encoder, texts) for encoder in encoders]
    balance = found[0][1]  # the general member knows most seed words
    used = balance != 0
    positive = balance[used] > 0
    if min(positive.sum(), (~positive).sum()) < MIN_SEED_TEXTS:
        return {}, 0
    curves = areas_under_curve(positive, np.array([scores[used] for scores, _ in found]))
    leads = [curves.lead(i, 0) for i in range(len(found))]
    figures = {
        name: (float(area), _in_errors(*lead))
        for name, area, lead in zip(stages, curves.areas, leads, strict=True)
    }
    return figures, len(positive)


def _by_labels(
    stages: Mapping[str, FittedStages],
    texts: Sequence[str],
    labelled: tuple[Sequence[str], NDArray[np.generic]] | None,
    seed: int,
) -> tuple[dict[str, tuple[float, float]], int]:
    """Return the log loss of each member on left-out labels and its lead, and their number."""
    if labelled is None:
        return {}, 0
    known, labels = labelled
    counts = np.unique(labels, return_counts=True)[1]
    if len(labels) < MIN_LABELS or len(counts) < 2 or counts.min() < 2:
        return {}, 0
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(len(labels))[:MOST_LABELS])
    known, labels = [known[i] for i in rows], labels[rows]
    losses = {
        name: _left_out_losses(_adapted(one, texts), known, labels) for name, one in stages.items()
    }
    general = next(iter(losses.values()))
    figures = {}
    for name, loss in losses.items():
        gain = general - loss
        error = float(gain.std(ddof=1)) / len(gain) ** 0.5
        figures[name] = float(loss.mean()), _in_errors(float(gain.mean()), error)
    return figures, len(labels)


def _adapted(stages: FittedStages, texts: Sequence[str]) -> PolarityEncoder:
    """Return the encoder of a member, adapted to the texts if they are enough."""
    encoder = stages.encoder
    assert isinstance(encoder, PolarityEncoder)  # noqa: S101
    if len(texts) < MIN_TO_ADAPT:
        return encoder
    read = read_texts(texts, encoder.vectors.tokenizer, encoder.vectors.vocabulary, words=False)
    if not len(read.ids.ids):
        return encoder
    other = PolarityEncoder(encoder.vectors, seeds=encoder.seeds, seed=encoder.seed)
    return other.fit_unlabelled(PretrainingTexts(read.ids, list(texts)), before=encoder)


def _left_out_losses(
    encoder: PolarityEncoder, texts: Sequence[str], labels: NDArray[np.generic]
) -> NDArray[np.float64]:
    """Return the log loss of each label from heads fitted without it, ``(n,)``.

    Of more than two classes, it is the sum over the binary problems that they are divided into.
    """
    head = PolarityClassifier(language=encoder.vectors.tokenizer.language)
    with warnings.catch_warnings():  # what is wrong with the labels is said when a model is fitted
        warnings.simplefilter("ignore")
        head.fit(encoder.transform(texts), labels)
    losses = [mixture.left_out_log_loss_ for mixture in head.mixtures]
    total: NDArray[np.float64] = np.sum([loss for loss in losses if loss is not None], axis=0)
    return total


def _in_errors(lead: float, error: float) -> float:
    """Return a lead in standard errors; 0 if there is no error, as between equal members."""
    return lead / error if error > 0 else 0.0


def _percent(share: float) -> str:
    return "" if np.isnan(share) else f"{100 * share:.1f} %"


def _number(loss: float) -> str:
    return "" if np.isnan(loss) else f"{loss:.3f}"


def _bits(gain: float) -> str:
    return "" if np.isnan(gain) else f"{gain:+.2f} bits"


def _ahead(lead: float) -> str:
    return f"is {abs(lead):.1f} standard errors {'ahead of' if lead >= 0 else 'behind'}"
