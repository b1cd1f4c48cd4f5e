"""A classifier that starts from the polarity score and lets the labels overrule it.

Four logistic models at their posterior mode (``map_logistic``), over a polarity score ``s``,
sentence vectors ``x`` and words ``t`` (TF-IDF), bias ``b ~ N(0, 0.3)``:

- ``score``  ``f = b + a s``: labels move the threshold, nothing else, so a few unlucky ones do
  little harm;
- ``polarity``  ``f = b + a s + u.x + r.t``, ``a ~ N(2, 0.75^2)``, ``u ~ N(0, 1)``: the score is
  right until the labels say otherwise (``x`` ends with the balance of seed words);
- ``polarity_mean``  ``f = b + u.x + r.t``, ``u ~ N(0, 3)``: polarity only says which words matter;
- ``plain_mean``  as ``polarity_mean`` with ``x`` averaged over all words equally: no knowledge of
  sentiment;

with ``r ~ N(0, 10)`` in each; from 300 labels on ``r_j ~ N(0, 10 q_j)``, where ``q_j`` tells how
unevenly word j is divided between the classes (`words.squared_log_count_ratio`). Their
probabilities are averaged with weights proportional to ``odds * exp(-leave-one-out log loss)``,
odds 3 : 3 : 1 : 1 (pseudo-Bayesian model averaging, Yao et al. 2018, *Bayesian Analysis* 13). So a
task that is not about sentiment ends with the plain model. From 300 labels on, five folds take the
place of leave-one-out, for ``q_j`` is learnt from labels and must not know those left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.logistic import (
    Block,
    MapLogistic,
    fit_map,
    held_out,
    leave_one_out,
    log_loss,
)
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.text.grams import squared_log_count_ratio

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csr_array, csr_matrix

__all__ = ["Features", "LogisticMixture", "Member"]

READS = {
    "score": ("score",),
    "polarity": ("score", "polarity_mean", "words"),
    "polarity_mean": ("polarity_mean", "words"),
    "plain_mean": ("plain_mean", "words"),
}
ODDS = {"score": 3.0, "polarity": 3.0, "polarity_mean": 1.0, "plain_mean": 1.0}
MIN_LABELS = 8
VECTOR_VARIANCE = {"polarity": 1.0, "polarity_mean": 3.0, "plain_mean": 3.0}
WORD_VARIANCE = 10.0
SCORE_WEIGHT_MEAN = 2.0
"""On twelve development sets probabilities were most right at 1.6 to 3.6, in the mean at 2.6; the
accuracy with few labels falls slowly with the slope (see the log)."""
SLOPE_SD = 0.75
NOT_COMPARED = ("polarity", "plain_mean")
"""Members without guard, in equal parts."""
MANY_LABELS = 300
"""From here on a word's prior depends on how its texts divide between the classes.

With fewer, what is gained and what is lost by it are alike.
"""


@dataclass(frozen=True, eq=False)
class Features:
    """What is known of ``n`` texts; a part that is None takes the models that need it away.

    Attributes
    ----------
    score
        Polarity score ``s``, ``(n,)``, about standard deviation 1.
    polarity_mean, plain_mean
        Sentence vectors: ``(n, d + 1)``, words weighted by polarity, with the balance of seed words
        last (`Polarity.encode`), and ``(n, d)``, all words alike.
    words
        TF-IDF, CSR ``(n, m)``, unit rows.
    """

    score: NDArray[np.floating] | None = None
    polarity_mean: NDArray[np.floating] | None = None
    plain_mean: NDArray[np.floating] | None = None
    words: NDArray[np.floating] | csr_array | csr_matrix | None = None

    def part(self, name: str) -> NDArray[np.floating] | csr_array | csr_matrix | None:
        """One part as a matrix, the score as ``(n, 1)``."""
        if name == "score" and self.score is not None:
            return np.asarray(self.score)[:, None]
        matrix: NDArray[np.floating] | csr_array | csr_matrix | None = getattr(self, name)
        return matrix


@dataclass(frozen=True, eq=False)
class Member:
    """One logistic model of the mixture, open for explanation.

    Attributes
    ----------
    name
        ``"score"``, ``"polarity"``, ``"polarity_mean"`` or ``"plain_mean"``.
    share
        Its weight in the average; the members' shares sum to 1.
    bias
        ``b``.
    weights
        float64 ``(d,)`` for each part of ``Features`` it reads: ``f = b + sum part . weights``.
    """

    name: str
    share: float
    bias: float
    weights: dict[str, NDArray[np.float64]]

    def decision(self, features: Features) -> NDArray[np.float64]:
        """``f``, float64 ``(n,)``."""
        matrices = [features.part(name) for name in self.weights]
        present = [matrix for matrix in matrices if matrix is not None]
        if len(present) < len(matrices):
            missing = [n for n, m in zip(self.weights, matrices, strict=True) if m is None]
            raise InputError(f"the model was fitted with {missing}; give the same parts to predict")
        return MapLogistic(tuple(self.weights.values()), self.bias).decision(present)


class LogisticMixture:
    """The mixture for two classes.

    Below 8 labels the first model alone is used, since leave-one-out is noise there. Without labels
    it is its prior: ``p = sigmoid(2 s)``.

    Parameters
    ----------
    score_weight_mean
        Prior mean of the polarity score's slope ``a``: how sure the answers are before labels tell.
    bias_mean
        Prior mean of the bias: the log odds of class 1, when nothing else is known.
    compare_members
        Whether labels decide the shares. A score that was itself learnt from these labels
        (``polarity_from_labels``) must not be judged by them: without guard the polarity model and
        the plain one have half each, which is near the better of the two at any number of labels.

    Attributes
    ----------
    members_
        The models with their shares.
    leave_one_out_log_loss_
        Sum over labelled texts for each member's name, from 300 labels on of five folds; empty
        where nothing was compared.
    score_log_loss_
        The same of ``sigmoid(score_weight_mean s + bias_mean)``, which learns nothing; NaN without
        a score.
    n_labels_
        Number of labelled texts, or the sum of their weights.
    """

    members_: tuple[Member, ...]
    leave_one_out_log_loss_: dict[str, float]
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

        ``sample_weight`` ``(n,)`` is what each text counts for, in fitting and in comparing.

        Raises
        ------
        InputError
            Rows and labels do not match, a value is not finite, or a label is not 0 or 1.
        SettingError
            The features have neither a score nor sentence vectors.
        """
        labels = np.asarray(y)
        weight = np.ones(len(labels)) if sample_weight is None else np.asarray(sample_weight)
        candidates = self._candidates(features, labels, weight)
        compared = self.compare_members and len(labels) >= MIN_LABELS and len(candidates) > 1
        if not compared:
            unguarded = [
                name for name in NOT_COMPARED if name in candidates and not self.compare_members
            ]
            candidates = {name: candidates[name] for name in unguarded or [*candidates][:1]}
        models = {
            name: fit_map([*parts.values()], labels, weight, bias_mean=self.bias_mean)
            for name, parts in candidates.items()
        }
        losses = {}
        for name, model in models.items() if compared else ():
            left_out = self._left_out(name, model, features, labels, weight)
            losses[name] = float(weight @ log_loss(left_out, labels))
        shares = _shares(losses) if compared else dict.fromkeys(models, 1 / len(models))
        self.leave_one_out_log_loss_ = losses
        self.score_log_loss_ = self._score_log_loss(features, labels, weight)
        self.n_labels_ = float(weight.sum())
        self.members_ = tuple(
            Member(
                name,
                shares[name],
                model.bias,
                dict(zip(candidates[name], model.weights, strict=True)),
            )
            for name, model in models.items()
        )
        return self

    def predict_proba(self, features: Features) -> NDArray[np.float64]:
        """Probabilities of classes 0 and 1, float64 ``(n, 2)``."""
        return self.average(np.column_stack([m.decision(features) for m in self.members_]))

    def average(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities from the log odds of the members, ``(n, n_members)``."""
        p = np.exp(-np.logaddexp(0, -log_odds)) @ np.array([m.share for m in self.members_])
        return np.stack([1 - p, p], axis=1)

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Facts and tensors for a model file."""
        facts = {
            "members": [
                {"name": m.name, "share": m.share, "bias": m.bias, "parts": list(m.weights)}
                for m in self.members_
            ],
            "leave_one_out_log_loss": self.leave_one_out_log_loss_,
            "score_log_loss": None if np.isnan(self.score_log_loss_) else self.score_log_loss_,
            "n_labels": self.n_labels_,
        }
        tensors = {f"{m.name}.{part}": w for m in self.members_ for part, w in m.weights.items()}
        return facts, tensors

    @classmethod
    def from_state(cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Build from what ``state`` gave; ``KeyError`` where something is missing."""
        mixture = cls()
        losses = facts["leave_one_out_log_loss"]
        mixture.leave_one_out_log_loss_ = {_name(old): loss for old, loss in losses.items()}
        score_log_loss = facts["score_log_loss"]
        mixture.score_log_loss_ = np.nan if score_log_loss is None else float(score_log_loss)
        mixture.n_labels_ = float(facts["n_labels"])
        mixture.members_ = tuple(
            Member(
                _name(m["name"]),
                m["share"],
                m["bias"],
                {_name(part): tensors[f"{m['name']}.{part}"] for part in m["parts"]},
            )
            for m in facts["members"]
        )
        return mixture

    @property
    def seeds_contradicted_(self) -> bool:
        """Whether the labels speak against the polarity score, so that a warning is due.

        The plain model must predict left-out labels better than the polarity model and than a
        coin, and the score at its prior slope worse than a coin. The first alone also comes true
        where the knowledge is right and the labels are simply enough without it (about 1,000 for
        film reviews), or where nothing predicts them.
        """
        losses, coin = self.leave_one_out_log_loss_, self.n_labels_ * float(np.log(2))
        beaten = losses.get("plain_mean", np.inf) < min(losses.get("polarity", -np.inf), coin)
        return beaten and self.score_log_loss_ > coin

    def _left_out(
        self,
        name: str,
        model: MapLogistic,
        features: Features,
        y: NDArray[np.generic],
        weight: NDArray[np.float64],
    ) -> NDArray[np.float64]:
        """Decision values of the labelled texts by a member that has not seen their labels."""

        def blocks(rows: NDArray[np.bool_] | None = None) -> list[Block]:
            return [*self._candidates(features, y, weight, rows)[name].values()]

        if len(y) < MANY_LABELS:
            return leave_one_out(model, blocks(), y, weight, bias_mean=self.bias_mean)
        return held_out(model, blocks, y, weight, bias_mean=self.bias_mean)

    def _score_log_loss(
        self, features: Features, y: NDArray[np.generic], weight: NDArray[np.float64]
    ) -> float:
        if features.score is None:
            return float("nan")
        f = self.score_weight_mean * np.asarray(features.score, dtype=np.float64) + self.bias_mean
        return float(weight @ log_loss(f, y))

    def _candidates(
        self,
        features: Features,
        y: NDArray[np.generic],
        weight: NDArray[np.float64],
        rows: NDArray[np.bool_] | None = None,
    ) -> dict[str, dict[str, Block]]:
        """Blocks of each model that the features allow; ``rows`` teach the prior of words."""
        words: float | NDArray[np.float64] = WORD_VARIANCE
        if len(y) >= MANY_LABELS and features.words is not None:
            told = np.ones(len(y), bool) if rows is None else rows
            words = words * squared_log_count_ratio(features.words[told], y[told], weight[told])
        candidates = {
            name: self._blocks(name, parts, features, words)
            for name, parts in READS.items()
            if features.part(parts[0]) is not None
        }
        if not candidates:
            raise SettingError("the mixture needs a polarity score or sentence vectors")
        return candidates

    def _blocks(
        self,
        model: str,
        parts: Sequence[str],
        features: Features,
        words: float | NDArray[np.float64],
    ) -> dict[str, Block]:
        blocks = {}
        for part in parts:
            matrix = features.part(part)
            if matrix is None:
                continue
            if part == "score":
                blocks[part] = Block(matrix, SLOPE_SD**2, self.score_weight_mean)
            else:
                blocks[part] = Block(matrix, words if part == "words" else VECTOR_VARIANCE[model])
        return blocks


def _name(old: str) -> str:
    """Return the name of a member or a part, which files written until 2026-11-28 shorten."""
    return {"pooled": "polarity_mean", "plain": "plain_mean"}.get(old, old)


def _shares(losses: dict[str, float]) -> dict[str, float]:
    """``share ~ odds * exp(-loss)``, safe for large losses."""
    from scipy.special import softmax

    shares = softmax([np.log(ODDS[name]) - loss for name, loss in losses.items()])
    return dict(zip(losses, shares.tolist(), strict=True))
