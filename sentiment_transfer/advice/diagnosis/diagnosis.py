"""Which part of a model fails: the vectors, the head, the labels, or the text.

Every stage is looked at by itself and by swapping it: what the vectors show without a label
(`vector_checks`), the same labels on other vectors, with another head and without vectors
(`left_out`), the labels by a model that saw none of them (`label_noise`), and parts of the texts
(`slices`). ``scripts/advice/diagnosis.py`` plants faults: on sets that chose no limit, 109 of 110
are named, and two of 80 sound set-ups are blamed, both for the same draw of labels.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.advice.diagnosis.check_kinds import KINDS, remedy_of
from sentiment_transfer.advice.diagnosis.checks import Check, judge
from sentiment_transfer.advice.diagnosis.evidence import Evidence, SetUp, measure
from sentiment_transfer.advice.verdict import Verdict
from sentiment_transfer.base.estimator import to_json
from sentiment_transfer.classification.labels import as_labels, require_plausible
from sentiment_transfer.errors import InputError
from sentiment_transfer.languages import load_language
from sentiment_transfer.model import SentimentClassifier
from sentiment_transfer.model.files import open_member
from sentiment_transfer.model.inputs import as_texts
from sentiment_transfer.pretraining.bank import bank_names, general_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentiment_transfer.classification.labels import Labels

__all__ = ["Diagnosis", "diagnose"]

SOUND, UNKNOWN = "sound", "can't tell yet"
NEEDED = ("L1",)
"""Checks without which nothing is called sound."""


@dataclass(frozen=True)
class Diagnosis:
    """What is wrong with a model, and what was measured.

    Attributes
    ----------
    checks
        All of them, those of the text first.
    evidence
        The figures.
    n_labels
        Number of labels.
    in_bank
        Whether the language has shipped vectors, which are advised only then.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> things = ("film", "plot", "cast", "end", "book", "song", "show", "story")
    >>> words = ("great", "dull", "fine", "weak", "superb", "awful")
    >>> texts = [f"the {thing} was {word}" for thing in things for word in words]
    >>> found = diagnose(load("reviews-en"), texts, ["good", "bad"] * 24)
    >>> found.part, [check.code for check in found.faults]
    ('sound', [])
    """

    checks: tuple[Check, ...]
    evidence: Evidence
    n_labels: int
    in_bank: bool = True

    def remedy(self, check: Check) -> str:
        """Return what to do about the fault that a check finds.

        Parameters
        ----------
        check
            One of ``checks``.
        """
        return remedy_of(check.code, in_bank=self.in_bank)

    @property
    def faults(self) -> tuple[Check, ...]:
        """The checks that found a fault of a part, the one to mend first at the start."""
        return tuple(one for one in self.checks if one.result == "fault" and one.kind.part)

    @property
    def part(self) -> str:
        """Which part fails.

        ``"too little text"``, ``"foreign text"``, ``"vectors"``, ``"head"``, ``"labels"``,
        ``"sound"`` or ``"can't tell yet"``. Of several parts it is the first in this order, on
        which the others depend.
        """
        if self.faults:
            return self.faults[0].kind.part
        return UNKNOWN if self._missing else SOUND

    @property
    def _missing(self) -> list[Check]:
        return [one for one in self.checks if one.code in NEEDED and one.result == "unknown"]

    @property
    def verdict(self) -> Verdict:
        """The part that fails, why, and what to do."""
        own = self.evidence.probes["this model"]
        accuracy = f"accuracy {100 * own.accuracy:.0f} % on left-out labels ({self.n_labels:,})"
        if self.faults:
            first, *more = self.faults
            others = list(dict.fromkeys(one.kind.part for one in more))
            also = [part for part in others if part != self.part]
            found = f"{self.part}: {first.kind.name}" + f" (also: {', '.join(also)})" * bool(also)
            return Verdict(found, f"{first.finding}; {accuracy}", self.remedy(first))
        if self._missing:
            why = "; ".join(f"{one.kind.name}: {one.finding}" for one in self._missing)
            return Verdict(UNKNOWN, f"{why}; {accuracy}", _what_would_tell(self._missing[0]))
        return Verdict(
            "sound: no check found a fault",
            f"{accuracy}{self._without_labels}; {self._finding('L1')}",
            "nothing to do; see `advise budget` for what more labels would bring",
        )

    @property
    def _without_labels(self) -> str:
        share = self.evidence.without_labels
        return "" if math.isnan(share) else f", {100 * share:.0f} % without labels"

    def _finding(self, code: str) -> str:
        return next(one.finding for one in self.checks if one.code == code)

    def __str__(self) -> str:
        return str(self.verdict)

    def as_dict(self) -> dict[str, Any]:
        """Return verdict, checks and figures for JSON; None for a figure that is not known."""
        checks = [
            {"code": one.code, **KINDS[one.code]._asdict(), "remedy": self.remedy(one)}
            | {"result": one.result, "finding": one.finding}
            for one in self.checks
        ]
        known: dict[str, Any] = to_json(_without_nan(asdict(self.evidence)))
        verdict = asdict(self.verdict)
        return {"part": self.part, "verdict": verdict, "checks": checks, "evidence": known}


def _without_nan(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {name: _without_nan(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(inner) for inner in value]
    return None if isinstance(value, float) and math.isnan(value) else value


def _what_would_tell(missing: Check) -> str:
    if "too few" in missing.finding:
        return "label at least 30 texts, best 100, of the classes that the model tells apart"
    if "more labels" in missing.finding:
        return "label 100 more texts, or read the suspects of `advise audit`"
    return (
        "read 20 texts with their labels; if the task is not about sentiment, pass seeds=None and "
        "compare with TF-IDF (`compare`)"
    )


def diagnose(
    model: SentimentClassifier,
    texts: Iterable[str],
    labels: Labels,
    *,
    unlabelled: Iterable[str] | None = None,
    reference: SentimentClassifier | None = None,
    seed: int = 0,
) -> Diagnosis:
    """Find the part of a model that fails.

    Parameters
    ----------
    model
        With any vectors and any head that can be fitted; it is not changed. Labels that it was
        fitted to do not count.
    texts, labels
        Labelled texts, best 100 or more, of two classes or more, with two texts of each.
    unlabelled
        Texts of the same kind without labels, by default the labelled ones.
    reference
        A sound model of the language, to compare with; by default the shipped one. It must not have
        learnt from these labels.
    seed
        Of folds and samples.

    Returns
    -------
    Diagnosis
        With all checks, also those that could not be made.

    Raises
    ------
    InputError
        There are no labels, or a class has one text only, or the numbers differ.
    SettingError
        The model cannot be fitted, such as one whose file holds coefficients alone.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> things = ("film", "plot", "cast", "end", "book", "song", "show", "story")
    >>> words = ("great", "dull", "fine", "weak", "superb", "awful")
    >>> texts = [f"the {thing} was {word}" for thing in things for word in words]
    >>> print(diagnose(load("reviews-en"), texts, ["good", "bad"] * 24).verdict.found)
    sound: no check found a fault
    """
    listed = as_texts(texts)
    truth = as_labels(labels, len(listed))
    require_plausible(truth)
    counts = np.unique(truth, return_counts=True)[1]
    if len(counts) < 2 or counts.min() < 2:
        raise InputError(
            f"{len(truth)} labels of {len(counts)} classes cannot be left out one by one; give at "
            "least two texts of each of two classes"
        )
    given = [] if unlabelled is None else as_texts(unlabelled)
    reference = _shipped(model.language) if reference is None else reference
    with warnings.catch_warnings():  # what is wrong is what is looked for
        warnings.simplefilter("ignore")
        evidence = measure(SetUp.of(model, listed, truth, given, reference, seed))
    in_bank = bool(bank_names(load_language(model.language).code))
    return Diagnosis(judge(evidence), evidence, len(truth), in_bank)


def _shipped(language: str) -> SentimentClassifier | None:
    """Return the general member of the bank of a language, if there is one."""
    name = general_name(language)
    if name not in bank_names():
        return None
    return SentimentClassifier.from_stages(open_member(name, language))
