"""The checks of a diagnosis, and from where a figure counts as a fault.

The limits were chosen on one half of the sets of ``scripts/advice/diagnosis.py``; the other half
measures how often they are right.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sentiment_transfer.advice.diagnosis.check_kinds import KINDS, Kind

if TYPE_CHECKING:
    from sentiment_transfer.advice.diagnosis.evidence import Evidence

__all__ = ["Check", "Limits", "judge"]

Result = Literal["fault", "fine", "unknown"]


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
    mean_cosine, zeros
        Mean cosine of two words, and share of vectors of length 0, at least this.
    overfit, overfit_gain, overfit_lead
        Log loss left out less that in training; how much lower that of another head is, and the
        same in standard errors.
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
    mean_cosine: float = 0.7
    zeros: float = 0.1
    overfit: float = 0.25
    overfit_gain: float = 0.05
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
    of_vectors = (_amount, _kind, _seeds, _cohesion, _training, _norms)
    checks = (*of_vectors, _overfit, _head, _labels, _parts)
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
        return "unknown", "the texts have too few different words"
    finding = f"closer than by chance by {e.cohesion:.1f} standard deviations"
    return _fault(e.cohesion <= limits.cohesion), finding


def _training(e: Evidence, _: Limits) -> tuple[Result, str]:
    if len(e.losses) < 2:
        return "unknown", "the losses of two epochs are not known"
    first, last = e.losses[0], e.losses[-1]
    return _fault(not last < first), f"loss {first:.3f} in the first epoch, {last:.3f} in the last"


def _norms(e: Evidence, limits: Limits) -> tuple[Result, str]:
    if e.norms is None or math.isnan(e.norms.mean_cosine):
        return "unknown", "there are no two words"
    median, zeros, cosine = e.norms
    finding = (
        f"median length {median:.2f}, {100 * zeros:.0f} % of length 0, mean cosine of two words "
        f"{cosine:.2f}"
    )
    return _fault(cosine >= limits.mean_cosine or zeros >= limits.zeros), finding


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
    better = best.loss_lead >= limits.overfit_lead
    better = better and own.log_loss - best.log_loss >= limits.overfit_gain
    return _fault(gap >= limits.overfit and better), finding


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
    if noise.area < 1 - limits.seeds:
        return "fault", (
            f"the labels look swapped: texts of one class have the words of the other (area under "
            f"the curve {noise.area:.2f})"
        )
    if not noise.area >= limits.area:
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
