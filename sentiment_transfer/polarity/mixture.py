"""A classifier that starts from the polarity score, which labels may correct or overrule.

The members are logistic models at their posterior mode (`fit_map`, `polarity.members`), with bias
``b ~ N(0, 0.3)``. Their probabilities are averaged with weights proportional to
``odds * exp(-leave-one-out log loss)``, odds 3 : 3 : 1 : 1 without a sentence encoder
(pseudo-Bayesian model averaging, Yao et al. 2018, *Bayesian Analysis* 13). So on a task that is not
about sentiment the plain model gets the weight. From 300 labels on, five folds replace
leave-one-out, because the prior of a word is learnt from labels and must not depend on the held-out
ones.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from sentiment_transfer.classification.logistic import (
    Block,
    MapLogistic,
    fit_map,
    held_out,
    leave_one_out,
    log_loss,
)
from sentiment_transfer.errors import SettingError
from sentiment_transfer.polarity.members import (
    MEMBERS,
    SCORE_WEIGHT_MEAN,
    WORD_VARIANCE,
    Features,
    Member,
    current_name,
)
from sentiment_transfer.polarity.prevalence import LeftOut
from sentiment_transfer.text.grams import squared_log_count_ratio

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from sentiment_transfer.polarity.stored import MixtureFacts

__all__ = ["LogisticMixture"]

MIN_LABELS = 8
"""Number of labels from which members are compared; with fewer, leave-one-out is noise."""
MANY_LABELS = 300
"""Number of labels from which a word's prior depends on how its texts divide between the classes;
with fewer, gains and losses are equal."""
LEAST_PROBABILITY = 1e-12
CHANCE = math.log(2)
"""Log loss of the probability 1/2."""
EVIDENCE = 2.0
"""Excess log loss, summed over all labels, from which they contradict the score (odds of 7 to 1);
lowers false alarms at 8 labels from 1 in 12 to 1 in 60 on single sentences."""


class LogisticMixture:
    """The mixture for two classes.

    With fewer than 8 labels the first member is used alone. Without labels it is at its prior:
    ``p = sigmoid(2 s)``.

    Parameters
    ----------
    score_weight_mean
        Prior mean of the polarity score's weight ``a``; 0 for a class of either sign or none.
    bias_mean
        Prior mean of the bias: the log odds of class 1 if nothing else is known.
    compare_members
        Whether labels decide the shares. Set it to False if the score was learnt from the same
        labels (`polarity_from_labels`), which makes leave-one-out too good: the polarity model and
        the plain one then have a share of one half each, which is nearly as accurate as the better
        of the two. With a sentence encoder, the models without the score are compared, and one with
        the score has half the share of the same without it.

    Attributes
    ----------
    members_
        The fitted models with their shares.
    leave_one_out_log_loss_
        Leave-one-out log loss of each member by name, summed over labelled texts; of five folds
        from 300 labels on; empty if members were not compared.
    left_out_ : LeftOut or None
        Probabilities of left-out texts, if members were compared.
    left_out_proba_ : ndarray of float64, shape (n,), or None
        Probability of class 1 of each labelled text from the mixture of models that were fitted
        without its label, if members were compared; the shares of the members are those of all
        labels. A file does not keep it.
    left_out_log_loss_ : ndarray of float64, shape (n,), or None
        Log loss of each label by these probabilities. A file does not keep it.
    score_log_loss_
        Log loss of ``sigmoid(score_weight_mean s + bias_mean)``, without learning; NaN without a
        score, and for a class that no sign of it is expected to favour.
    n_labels_
        Number of labelled texts, or the sum of their weights.
    """

    members_: tuple[Member, ...]
    leave_one_out_log_loss_: dict[str, float]
    left_out_: LeftOut | None = None
    left_out_proba_: NDArray[np.float64] | None = None
    left_out_log_loss_: NDArray[np.float64] | None = None
    score_log_loss_: float
    n_labels_: float

    def __init__(
        self,
        *,
        score_weight_mean: float = SCORE_WEIGHT_MEAN,
        bias_mean: float = 0.0,
        compare_members: bool = True,
    ) -> None:
        self.score_weight_mean = score_weight_mean
        self.bias_mean = bias_mean
        self.compare_members = compare_members

    def fit(self, features: Features, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Fit the members to labels 0 or 1, ``(n,)``; ``n`` may be 0.

        ``sample_weight`` ``(n,)`` weights the texts in fitting and in comparing.

        Raises
        ------
        InputError
            Rows and labels do not match, a value is not finite, or a label is not 0 or 1.
        SettingError
            The features have neither a score nor sentence vectors.
        """
        labels = np.asarray(y)
        weight = np.ones(len(labels)) if sample_weight is None else np.asarray(sample_weight)
        names = self._choose(features, len(labels))
        variance = _word_variance(features, labels, weight)
        blocks = _shared(
            {n: MEMBERS[n].blocks(features, variance, self.score_weight_mean) for n in names}
        )
        models = {
            name: fit_map([*parts.values()], labels, weight, bias_mean=self.bias_mean)
            for name, parts in blocks.items()
        }
        compared = self._compared(names)
        left_out = {
            name: self._left_out(models[name], features, name, blocks[name], labels, weight)
            for name in compared
        }
        losses = {name: float(weight @ log_loss(f, labels)) for name, f in left_out.items()}
        shares = self._shares(losses, names)
        self.leave_one_out_log_loss_ = losses
        self.left_out_ = self.left_out_proba_ = self.left_out_log_loss_ = None
        if left_out and self.compare_members:
            p = np.sum([shares[name] * _sigmoid(f) for name, f in left_out.items()], axis=0)
            self.left_out_, self.left_out_proba_ = LeftOut.of(p, labels == 1, weight), p
            right = np.where(labels == 1, p, 1 - p)
            self.left_out_log_loss_ = -np.log(np.maximum(right, LEAST_PROBABILITY))
        self.score_log_loss_ = self._score_log_loss(features, labels, weight)
        self.n_labels_ = float(weight.sum())
        self.members_ = tuple(
            Member(name, shares[name], m.bias, dict(zip(blocks[name], m.weights, strict=True)))
            for name, m in models.items()
        )
        return self

    def predict_proba(self, features: Features) -> NDArray[np.float64]:
        """Compute the probabilities of classes 0 and 1, float64 ``(n, 2)``."""
        return self.average(np.column_stack([m.decision(features) for m in self.members_]))

    def average(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compute probabilities from the log odds of the members, ``(n, n_members)``."""
        p = _sigmoid(log_odds) @ np.array([m.share for m in self.members_])
        p = np.minimum(p, 1)  # the shares may sum to a little more
        return np.stack([1 - p, p], axis=1)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return facts and tensors for a model file."""
        facts: dict[str, Any] = {
            "members": [
                {"name": m.name, "share": m.share, "bias": m.bias, "parts": list(m.weights)}
                for m in self.members_
            ],
            "leave_one_out_log_loss": self.leave_one_out_log_loss_,
            "score_log_loss": None if np.isnan(self.score_log_loss_) else self.score_log_loss_,
            "n_labels": self.n_labels_,
        }
        if self.left_out_ is not None:
            facts["left_out"] = {name: list(v) for name, v in self.left_out_._asdict().items()}
        tensors = {f"{m.name}.{part}": w for m in self.members_ for part, w in m.weights.items()}
        return facts, tensors

    @classmethod
    def from_state(cls, facts: MixtureFacts, tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Build from what `state` returned."""
        mixture = cls()
        losses, score_log_loss = facts.leave_one_out_log_loss, facts.score_log_loss
        mixture.leave_one_out_log_loss_ = {current_name(n): loss for n, loss in losses.items()}
        mixture.score_log_loss_ = np.nan if score_log_loss is None else score_log_loss
        mixture.n_labels_ = facts.n_labels
        if facts.left_out is not None:
            mixture.left_out_ = LeftOut(facts.left_out.means, facts.left_out.variances)
        mixture.members_ = tuple(
            Member(
                current_name(m.name),
                m.share,
                m.bias,
                {current_name(part): tensors[f"{m.name}.{part}"] for part in m.parts},
            )
            for m in facts.members
        )
        return mixture

    @property
    def seeds_contradicted_(self) -> bool:
        """Whether the labels contradict the polarity score, so that a warning is due.

        The log loss of the score at its prior weight must exceed that of chance by `EVIDENCE`.
        Besides, either the plain model predicts left-out labels better than the polarity model and
        than chance, or the fitted weight of the score is negative. The plain model alone is also
        better if the score is right but the labels suffice (about 1,000 for film reviews).
        """
        losses, chance = self.leave_one_out_log_loss_, self.n_labels_ * CHANCE
        compared = {"polarity", "plain_mean"} <= losses.keys()
        if not compared or not self.score_log_loss_ >= chance + EVIDENCE:  # it may be NaN
            return False
        reversed_ = any(m.weights["score"][0] < 0 for m in self.members_ if m.name == "score")
        return reversed_ or losses["plain_mean"] < min(losses["polarity"], chance)

    def _choose(self, features: Features, n_labels: int) -> list[str]:
        """Return the names of the members to fit."""
        names = [name for name, kind in MEMBERS.items() if kind.fits(features)]
        if not names:
            raise SettingError("the mixture needs a polarity score or sentence vectors")
        if self.compare_members:
            return names if n_labels >= MIN_LABELS else names[:1]
        return [name for name in names if MEMBERS[name].uncompared] or names[:1]

    def _compared(self, names: list[str]) -> list[str]:
        """Return the names of the members to compare by leave-one-out."""
        compared = names
        if not self.compare_members:
            compared = [name for name in names if MEMBERS[name].twin is None]
        return compared if len(compared) > 1 else []

    def _shares(self, losses: dict[str, float], names: list[str]) -> dict[str, float]:
        """Compute ``share ~ odds * exp(-loss)``; equal ones of members that are not compared."""
        if not losses:
            return dict.fromkeys(names, 1 / len(names))
        if self.compare_members:
            return _softmax_shares(losses, {name: MEMBERS[name].odds for name in losses})
        twins = {MEMBERS[n].twin: n for n in names if MEMBERS[n].twin is not None}
        together = _softmax_shares(losses, {n: 2.0 if n in twins else 1.0 for n in losses})
        halves = {n: share / 2 if n in twins else share for n, share in together.items()}
        return halves | {twins[n]: share for n, share in halves.items() if n in twins}

    def _left_out(
        self,
        model: MapLogistic,
        features: Features,
        name: str,
        own: dict[str, Block],
        y: NDArray[np.generic],
        weight: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Return each labelled text's decision value by a member fitted without its label."""

        def blocks(rows: NDArray[np.bool_]) -> list[Block]:
            variance = _word_variance(features, y, weight, rows)
            return [*MEMBERS[name].blocks(features, variance, self.score_weight_mean).values()]

        if len(y) < MANY_LABELS:
            return leave_one_out(model, [*own.values()], y, weight, bias_mean=self.bias_mean)
        return held_out(model, blocks, y, weight, bias_mean=self.bias_mean)

    def _score_log_loss(
        self, features: Features, y: NDArray[np.generic], weight: NDArray[np.float64]
    ) -> float:
        if features.score is None or self.score_weight_mean == 0:
            return float("nan")
        f = self.score_weight_mean * np.asarray(features.score, dtype=np.float64) + self.bias_mean
        return float(weight @ log_loss(f, y))


def _shared(blocks: dict[str, dict[str, Block]]) -> dict[str, dict[str, Block]]:
    """Have members share equal blocks of words, whose kernels take most of the time of a fit."""
    first: dict[object, Block] = {}
    for parts in blocks.values():
        if "words" in parts:
            variance = parts["words"].variance
            key = variance if isinstance(variance, float) else id(variance)
            parts["words"] = first.setdefault(key, parts["words"])
    return blocks


def _sigmoid(f: NDArray[np.float64]) -> NDArray[np.float64]:
    """Compute ``1 / (1 + exp(-f))`` without overflow."""
    p: NDArray[np.float64] = np.exp(-np.logaddexp(0, -f))
    return p


def _word_variance(
    features: Features,
    y: NDArray[np.generic],
    weight: NDArray[np.float64],
    rows: NDArray[np.bool_] | slice = slice(None),
) -> float | NDArray[np.float64]:
    """Prior variance of the weights of words, with many labels computed from those of ``rows``."""
    if len(y) < MANY_LABELS or features.words is None:
        return WORD_VARIANCE
    return WORD_VARIANCE * squared_log_count_ratio(features.words[rows], y[rows], weight[rows])


def _softmax_shares(losses: dict[str, float], odds: dict[str, float]) -> dict[str, float]:
    """Compute ``share ~ odds * exp(-loss)`` without underflow for large losses."""
    from scipy.special import softmax

    shares = softmax([np.log(odds[name]) - loss for name, loss in losses.items()])
    return dict(zip(losses, shares.tolist(), strict=True))
