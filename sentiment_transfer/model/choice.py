"""Choice of the member of the bank that suits texts best, by evidence without labels or with them.

The general member, the first, is taken unless another one predicts hidden seed words or left-out
labels clearly better, by two standard errors, or the words of the texts are closer to those that it
learnt from and it predicts as well (`evidence`). ``scripts/bank/choosing.py`` measures how much
worse the choice is than the best one in hindsight.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.notice import level_of_caller
from sentiment_transfer.base.tables import format_table
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.model.evidence import (
    CLEAR,
    MIN_LABELS,
    MIN_SEED_TEXTS,
    UNKNOWN,
    left_out_labels,
    likeness_of_words,
    predicted_seed_words,
    usable_labels,
)
from sentiment_transfer.model.files import open_member, open_members
from sentiment_transfer.polarity import PolarityEncoder
from sentiment_transfer.pretraining import WordVectors
from sentiment_transfer.text.inputs import as_iterable_of_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import ArrayLike

    from sentiment_transfer.model.fitted import FittedStages
    from sentiment_transfer.model.own_vectors import OwnVectors

__all__ = ["AUTO", "Candidate", "MemberChoice", "choose_member", "first_of"]
__all__ += ["has_language_seeds"]

AUTO = "auto"
"""The value of ``vectors`` that asks for a choice."""
FIRST_TEXTS, JUDGED_TEXTS = 20_000, 4_000
"""Texts from the start of a stream, and those of them that are looked at, chosen at random."""
AS_GOOD = -0.5
"""Lead, in standard errors, from which it is as good, so that the words of the texts decide."""
NO_SEEDS = "has no polarity from the seed words of the language, by which members are compared"
NAN = float("nan")


def first_of(texts: Iterable[str]) -> tuple[list[str], Iterator[str]]:
    """Return the first 20,000 texts, among which a member is chosen, and all texts to be read once.

    The texts are iterated once.
    """
    all_texts = iter(as_iterable_of_texts(texts))
    first = list(islice(all_texts, FIRST_TEXTS))
    return first, chain(first, all_texts)


@dataclass(frozen=True)
class Candidate:
    """What is known of a member on some texts; NaN for what is not.

    A lead is how far it is better than the general member, in standard errors: 0 for the latter.

    Attributes
    ----------
    name
        Of the member, or the path of its file.
    coverage
        Mean share of the words of a text that have a vector.
    likeness, likeness_lead
        Gain in log likelihood of a word of the texts, in bits, by its frequency in the texts that
        the member learnt from, over that in those of the general one.
    agreement, agreement_lead
        Area under the ROC curve of predicting hidden seed words.
    log_loss, log_loss_lead
        Mean log loss of left-out labels.
    """

    name: str
    coverage: float = NAN
    likeness: float = NAN
    likeness_lead: float = NAN
    agreement: float = NAN
    agreement_lead: float = NAN
    log_loss: float = NAN
    log_loss_lead: float = NAN

    @property
    def lead(self) -> float:
        """How far it predicts better than the general member, in standard errors.

        The sum of two leads is divided by the root of 2, which is right for independent ones
        (Stouffer's method). It is NaN if neither is known.
        """
        leads = [z for z in (self.agreement_lead, self.log_loss_lead) if not math.isnan(z)]
        return sum(leads) / math.sqrt(len(leads)) if leads else NAN

    @property
    def is_better(self) -> bool:
        """Whether it predicts clearly better than the general member."""
        return self.lead >= CLEAR

    @property
    def is_of_their_kind(self) -> bool:
        """Whether the words of the texts are closer to its own, and it predicts as well."""
        return self.likeness_lead >= CLEAR and self.lead >= AS_GOOD


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
        Numbers of different texts that were looked at, of those with seed words of one polarity,
        and of labels; the latter two are 0 where they were too few.
    n_labels_given
        Number of all labels.
    own
        How own vectors compare with those of the chosen member, if there are texts enough.

    Examples
    --------
    >>> choice = choose_member("en", ["I loved this film.", "A dull film."] * 4)
    >>> choice.name, [each.name for each in choice.candidates]
    ('reviews-en', ['reviews-en', 'films-en', 'goods-en'])
    """

    name: str
    candidates: tuple[Candidate, ...]
    n_texts: int = 0
    n_seed_texts: int = 0
    n_labels: int = 0
    n_labels_given: int = 0
    own: OwnVectors | None = None

    @property
    def takes_own(self) -> bool:
        """Whether own vectors are better than any member."""
        return self.own is not None and self.own.is_better

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
        if self.own is not None and self.own.is_better:
            return (
                f"vectors of these texts predict hidden seed words better than {self.name}, with "
                f"an area under the curve of {self.own.area:.2f} against "
                f"{self.own.member_area:.2f} ({self.own.n_seed_texts:,} texts)"
            )
        first, others = self.candidates[0], self.candidates[1:]
        if not others:
            return "it is the only member"
        unused = ""
        if self.n_labels_given and not self.n_labels:
            unused = (
                f"; the {self.n_labels_given:,} labels are not used: {MIN_LABELS} of two classes "
                "are needed, at least 2 of each"
            )
        return f"{self._by_evidence(first, others) if self.evidence else self._by_none()}{unused}"

    def _by_none(self) -> str:
        return (
            f"{self.n_texts:,} texts are too few to compare members; {MIN_SEED_TEXTS} with "
            f"positive and {MIN_SEED_TEXTS} with negative seed words are needed, or {MIN_LABELS} "
            "labels"
        )

    def _by_evidence(self, first: Candidate, others: tuple[Candidate, ...]) -> str:
        if self.name == first.name:
            best = max(others, key=lambda one: one.lead)
            return (
                f"no member is clearly better on {self.evidence} (a lead of {CLEAR:g} standard "
                f"errors is needed; {best.name} has {best.lead:+.1f})"
            )
        if self.chosen.is_better:
            return (
                f"on {self.evidence} it is better than {first.name}, by {self.chosen.lead:.1f} "
                "standard errors"
            )
        return (
            f"the words of the texts are closer to its own than to those of {first.name}, and on "
            f"{self.evidence} it predicts as well"
        )

    def __str__(self) -> str:
        others = self.candidates[1:]
        columns = {
            "words, bits": ["", *(_shown(one.likeness, "+.2f") for one in others)],
            "words known": [_shown(one.coverage, ".1%") for one in self.candidates],
            "seed words predicted": [_shown(one.agreement, ".1%") for one in self.candidates],
            "log loss of labels": [_shown(one.log_loss, ".3f") for one in self.candidates],
            "lead": ["", *(_shown(one.lead, "+.1f") for one in others)],
        }
        columns = {title: cells for title, cells in columns.items() if any(cells)}
        marks = ["* " if one.name == self.name else "  " for one in self.candidates]
        names = [mark + one.name for mark, one in zip(marks, self.candidates, strict=True)]
        rows = zip(names, *columns.values(), strict=True)
        table = format_table(["", *columns], [list(row) for row in rows])
        return f"{table}{self.name}: {self.reason}"


def choose_member(
    language: str,
    texts: Sequence[str],
    labelled: tuple[Sequence[str], ArrayLike] | None = None,
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
        Unlabelled texts, or those of the labels; at most 4,000 different ones are looked at. A
        member that was adapted to these very texts has an advantage.
    labelled
        Texts and their labels, ``(n,)``. From 30 on, of two classes, they are evidence.
    names
        Names of members, or paths of model files, the general one first; by default all members
        of the language. One that cannot be used is then left out, with a warning.
    seed
        Of the choice of texts and labels.

    Returns
    -------
    MemberChoice
        The general one, where texts and labels are too few.

    Raises
    ------
    InputError
        The numbers of texts and labels differ.
    SettingError
        There is no member of the language, or one of ``names`` cannot be used.

    Examples
    --------
    >>> opinions = ("great, it works", "bad, it broke", "I love it", "awful quality")
    >>> texts = [f"This {thing}: {said}." for thing in ("kettle", "lamp") for said in opinions]
    >>> print(choose_member("en", texts).reason)
    8 texts are too few to compare members; 20 with positive and 20 with negative seed words are
    needed, or 30 labels
    """
    stages = _candidates(language, names)
    if len(stages) == 1:
        (only,) = stages
        return MemberChoice(only, (Candidate(only),))
    encoders: dict[str, Any] = {name: one.encoder for name, one in stages.items()}
    different = list(dict.fromkeys(texts))
    rng = np.random.default_rng(seed)
    if len(different) > JUDGED_TEXTS:
        rows = np.sort(rng.choice(len(different), JUDGED_TEXTS, replace=False))
        different = [different[i] for i in rows]
    known, labels, n_given = _labels(labelled, seed)
    likeness = likeness_of_words(encoders, different)
    agreement, n_seed_texts = predicted_seed_words(encoders, different)
    losses = left_out_labels(encoders, different, known, labels) if known else {}
    candidates = tuple(
        Candidate(
            name,
            float(one.vectors.coverage(different).mean()) if different else NAN,
            *likeness.get(name, UNKNOWN),
            *agreement.get(name, UNKNOWN),
            *losses.get(name, UNKNOWN),
        )
        for name, one in stages.items()
    )
    name = _best(candidates).name
    return MemberChoice(name, candidates, len(different), n_seed_texts, len(known), n_given)


def _best(candidates: tuple[Candidate, ...]) -> Candidate:
    better = [one for one in candidates[1:] if one.is_better]
    if better:
        return max(better, key=lambda one: one.lead)
    of_their_kind = [one for one in candidates[1:] if one.is_of_their_kind]
    return max(of_their_kind, key=lambda one: one.likeness, default=candidates[0])


def _candidates(language: str, names: Sequence[str] | None) -> dict[str, FittedStages]:
    if names is not None:
        named = {name: open_member(name, language) for name in dict.fromkeys(names)}
        for name, stages in named.items():
            if not has_language_seeds(stages):
                raise SettingError(f"{name} {NO_SEEDS}; leave it out")
        return named
    members = open_members(language)
    if not members:
        raise SettingError(
            f"the bank has no member for language={language!r}; give vectors, or none"
        )
    for name, stages in members.items():
        if not has_language_seeds(stages):
            warnings.warn(f"{name} is left out: it {NO_SEEDS}", stacklevel=level_of_caller())
    return {name: stages for name, stages in members.items() if has_language_seeds(stages)}


def has_language_seeds(stages: FittedStages | WordVectors) -> bool:
    """Return whether members can be compared by these stages: by seed words of the language."""
    if isinstance(stages, WordVectors):
        return False
    encoder = stages.encoder
    known = isinstance(encoder, PolarityEncoder) and encoder.seeds == "language"
    return known and encoder.knows_polarity


def _labels(
    labelled: tuple[Sequence[str], ArrayLike] | None, seed: int
) -> tuple[list[str], Any, int]:
    """Return the texts and labels that are evidence, and the number of all."""
    if labelled is None:
        return [], [], 0
    texts, labels = labelled[0], np.asarray(labelled[1])
    if len(texts) != len(labels):
        raise InputError(f"there are {len(texts):,} texts and {len(labels):,} labels")
    return *usable_labels(texts, labels, seed), len(labels)


def _shown(figure: float, form: str) -> str:
    """Return a figure as text; nothing if it is not known."""
    return "" if math.isnan(figure) else f"{figure:{form}}".replace("%", " %")
