"""The checks of a diagnosis: how each is made, why it matters, what to do, and its limit.

The limits were chosen on one half of the sets of ``scripts/advice/diagnosis.py``; the other half
measures how often they are right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from sentiment_transfer.advice.measuring import Evidence

__all__ = ["KINDS", "Check", "Kind", "Limits", "judge"]

Result = Literal["fault", "fine", "unknown"]


class Kind(NamedTuple):
    """A kind of check: the part of a model that it blames, and what there is to say of it."""

    part: str
    name: str
    found_by: str
    why: str
    remedy: str


LITTLE, FOREIGN, VECTORS, HEAD, LABELS = (
    "too little text",
    "foreign text",
    "vectors",
    "head",
    "labels",
)

KINDS = {
    "T1": Kind(
        LITTLE,
        "amount of text",
        "counting the tokens that the word vectors were learnt from",
        "vectors of rare words are chance, and most words of other texts have none",
        "start from shipped vectors (vectors='reviews-en') or pretrain on more texts: a thousand "
        "reviews or ten thousand sentences",
    ),
    "T2": Kind(
        FOREIGN,
        "kind of text",
        "comparing which words are known, and how frequent they are, with the texts of pretraining "
        "and with those of the reference",
        "words of another kind of text have no vector, or the vector of another meaning",
        "pretrain on texts of this kind, or take vectors whose texts are closer "
        "(vectors='auto'), and adapt the model to unlabelled texts of this kind",
    ),
    "V1": Kind(
        VECTORS,
        "seed words",
        "leaving out one seed word at a time: is it on the side of its polarity, by the others?",
        "polarity is a direction in the space of the vectors; without it there is nothing to carry "
        "to other words",
        "check that words and rows of the vectors belong together, then pretrain again",
    ),
    "V2": Kind(
        VECTORS,
        "words of one text",
        "comparing cosines of the words of a text with those after a random exchange of vectors",
        "vectors are learnt from words that occur together; where this does not show, they have "
        "learnt nothing, or belong to other words",
        "check that words and rows of the vectors belong together, then pretrain again",
    ),
    "V3": Kind(
        VECTORS,
        "training of the vectors",
        "looking at the loss of the first and the last epoch",
        "a loss that does not fall means that nothing was learnt",
        "pretrain again with the default learning rate, and more epochs for little text",
    ),
    "H1": Kind(
        HEAD,
        "training against validation",
        "comparing the log loss on the labelled texts in training and left out, and that of other "
        "heads on the same vectors in the same folds",
        "a head with more freedom than labels learns the labels by heart",
        "leave head= out, or take fewer hidden units (`advise sizing`) with weight decay",
    ),
    "H2": Kind(
        HEAD,
        "another head",
        "swapping the head for the default one and for logistic regression, in the same folds",
        "the vectors and the labels hold more than the head makes of them",
        "use the better head",
    ),
    "L1": Kind(
        LABELS,
        "wrong labels",
        "a model that saw no label, which wrong labels contradict even where it is sure",
        "the head learns the errors too, and any accuracy is measured against them",
        "list them with `advise audit`, read these texts, and correct their labels",
    ),
    "S1": Kind(
        "",
        "parts of the texts",
        "comparing left-out answers to a part with those to the others (Fisher's exact test, "
        "corrected for the number of parts)",
        "one figure for all texts hides a part that is answered badly",
        "label more texts of that part, and read its errors (`evaluate --errors`)",
    ),
}
"""Kinds of checks by code, in the order in which they are answered for: what is wrong with the text
is wrong with everything that is built on it."""


@dataclass(frozen=True)
class Limits:
    """From where a figure counts as a fault.

    Attributes
    ----------
    tokens
        Fewer tokens of pretraining are too few.
    coverage
        Share of the usual coverage below which texts are of another kind.
    gain, gain_lead
        Gain in bits a word over the reference, and its lead in standard errors; both at most this.
    seeds
        Area under the curve of left-out seed words, at most this.
    cohesion
        Standard deviations by which words of a text are closer than chance, at most this.
    overfit, overfit_lead
        Log loss left out less that in training, and the lead of another head's in standard errors.
    head_lead
        Lead of another head's accuracy, in standard errors.
    noise, unsure
        Evidence in nats that 15 % of the labels are wrong, not 2 %, above which they are, and from
        which that is open.
    labels, area
        Labels, and the area under the curve of the model without labels, that the check of labels
        needs.
    """

    tokens: int = 20_000
    coverage: float = 0.85
    gain: float = -0.1
    gain_lead: float = -3.0
    seeds: float = 0.7
    cohesion: float = 3.0
    overfit: float = 0.25
    overfit_lead: float = 0.5
    head_lead: float = 3.0
    noise: float = 0.25
    unsure: float = -0.5
    labels: int = 30
    area: float = 0.6


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes
    ----------
    code
        Stable: ``"T1"``, ``"V1"``, ...; see `KINDS`.
    result
        ``"fault"``, ``"fine"`` or ``"unknown"``.
    finding
        The figures, in one clause.
    """

    code: str
    result: Result
    finding: str

    @property
    def kind(self) -> Kind:
        """What the check is."""
        return KINDS[self.code]


def judge(evidence: Evidence, limits: Limits = Limits()) -> tuple[Check, ...]:
    """Compare evidence with the limits, one `Check` for each of `KINDS`."""
    checks = (_amount, _kind, _seeds, _cohesion, _training, _overfit, _head, _labels, _parts)
    return tuple(
        Check(code, *check(evidence, limits)) for code, check in zip(KINDS, checks, strict=True)
    )


def _fault(found: bool) -> Result:
    return "fault" if found else "fine"


def _amount(e: Evidence, limits: Limits) -> tuple[Result, str]:
    if e.tokens is None:
        return "unknown", "the vectors hold no counts of words"
    return _fault(e.tokens < limits.tokens), f"learnt from {e.tokens:,} tokens"


def _kind(e: Evidence, limits: Limits) -> tuple[Result, str]:
    finding = f"{100 * e.coverage:.0f} % of the words have a vector"
    if math.isnan(e.relative_coverage):
        return "unknown", finding
    finding += f", {100 * e.relative_coverage:.0f} % of what is usual"
    closer = False
    if not math.isnan(e.gain):
        closer = e.gain <= limits.gain and e.gain_lead <= limits.gain_lead
        finding += (
            f"; {e.gain:+.2f} bits a word closer than the reference ({e.gain_lead:+.1f} standard "
            "errors)"
        )
    return _fault(closer or e.relative_coverage < limits.coverage), finding


def _seeds(e: Evidence, limits: Limits) -> tuple[Result, str]:
    counted = f"{e.positive_seeds} positive and {e.negative_seeds} negative seed words"
    if math.isnan(e.seed_area):
        return "unknown", f"{counted} are known, and five of each are needed"
    finding = (
        f"of {counted}, a positive one is above a negative one in {100 * e.seed_area:.0f} % of "
        f"pairs, and {100 * e.seed_neighbours:.0f} % are nearest to one of their side"
    )
    return _fault(e.seed_area <= limits.seeds), finding


def _cohesion(e: Evidence, limits: Limits) -> tuple[Result, str]:
    if math.isnan(e.cohesion):
        return "unknown", "no text has two known words"
    finding = f"closer than by chance by {e.cohesion:.1f} standard deviations"
    return _fault(e.cohesion <= limits.cohesion), finding


def _training(e: Evidence, _: Limits) -> tuple[Result, str]:
    if len(e.losses) < 2:
        return "unknown", "the losses of two epochs are not known"
    first, last = e.losses[0], e.losses[-1]
    return _fault(not last < first), f"loss {first:.3f} in the first epoch, {last:.3f} in the last"


def _overfit(e: Evidence, limits: Limits) -> tuple[Result, str]:
    own, others = e.probes["this model"], e.other_heads
    gap = own.log_loss - e.training.log_loss
    finding = (
        f"accuracy {100 * e.training.accuracy:.0f} % in training and {100 * own.accuracy:.0f} % "
        f"left out, log loss {e.training.log_loss:.2f} and {own.log_loss:.2f}"
    )
    if not others:
        return "unknown", finding
    name, best = max(others.items(), key=lambda item: item[1].loss_lead)
    finding += f"; {best.log_loss:.2f} with {name}"
    return _fault(gap >= limits.overfit and best.loss_lead >= limits.overfit_lead), finding


def _head(e: Evidence, limits: Limits) -> tuple[Result, str]:
    if not e.other_heads:
        return "unknown", "no other head can be fitted on these vectors"
    name, best = max(e.other_heads.items(), key=lambda item: item[1].accuracy_lead)
    finding = (
        f"accuracy {100 * e.probes['this model'].accuracy:.0f} %, with {name} "
        f"{100 * best.accuracy:.0f} % ({best.accuracy_lead:+.1f} standard errors)"
    )
    return _fault(best.accuracy_lead >= limits.head_lead), finding


def _labels(e: Evidence, limits: Limits) -> tuple[Result, str]:
    if e.noise is None:
        return "unknown", "no model without labels can judge them"
    noise = e.noise
    if noise.n < limits.labels:
        return "unknown", f"{noise.n} labels are too few; {limits.labels} are needed"
    if noise.area < limits.area:
        return "unknown", (
            f"the labels do not follow sentiment (area under the curve {noise.area:.2f}), so a "
            "model without labels cannot judge them"
        )
    finding = (
        f"about {100 * noise.rate:.0f} % of {noise.n} labels are wrong (log likelihood ratio of "
        f"15 % and 2 %: {noise.evidence:+.1f})"
    )
    if not math.isnan(e.suspects):
        finding += f"; {100 * e.suspects:.0f} % are suspected by `advise audit`, of right ones 14 %"
    if limits.unsure <= noise.evidence <= limits.noise:
        return "unknown", f"more labels are needed to be sure: {finding}"
    return _fault(noise.evidence > limits.noise), finding


def _parts(e: Evidence, _: Limits) -> tuple[Result, str]:
    if not e.slices:
        return "unknown", "no part of the texts has enough texts"
    differ = [one for one in e.slices if one.differs]
    if not differ:
        return "fine", f"none of {len(e.slices)} parts differs significantly from the others"
    listed = (
        f"{one.name}: {100 * one.accuracy:.0f} % right ({100 * one.low:.0f} to "
        f"{100 * one.high:.0f}), the others {100 * one.others:.0f} %"
        for one in differ
    )
    return _fault(any(one.accuracy < one.others for one in differ)), "; ".join(listed)
