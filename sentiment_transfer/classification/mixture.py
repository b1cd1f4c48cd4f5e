"""A classifier that starts from the polarity score and lets the labels overrule it.

Four logistic models at their posterior mode (``map_logistic``), over a polarity score ``s``,
sentence vectors ``x`` and words ``t`` (TF-IDF), bias ``b ~ N(0, 0.3)``:

- ``score``  ``f = b + a s``: labels move the threshold, nothing else, so a few unlucky ones do
  little harm;
- ``polarity``  ``f = b + a s + u.x + r.t``, ``a ~ N(1.5, 0.75^2)``, ``u ~ N(0, 1)``: the score is
  right until the labels say otherwise;
- ``pooled``  ``f = b + u.x + r.t``, ``u ~ N(0, 3)``: polarity only says which words matter;
- ``plain``  as ``pooled`` with ``x`` averaged over all words alike: no knowledge of sentiment;

with ``r ~ N(0, 10)`` in each. Their probabilities are averaged with weights proportional to
``odds * exp(-leave-one-out log loss)``, odds 3 : 3 : 1 : 1 (pseudo-Bayesian model averaging, Yao
et al. 2018, *Bayesian Analysis* 13). So a task that is not about sentiment ends with the plain
model.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.classification.map_logistic import (
    Block,
    MapLogistic,
    fit_map,
    leave_one_out,
    log_loss,
)
from sentiment_transfer.errors import InputError, SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Self

    from numpy.typing import ArrayLike, NDArray
    from scipy.sparse import csr_array, csr_matrix

__all__ = ["Features", "GuardedMixture", "Member", "OneVsRest"]

READS = {
    "score": ("score",),
    "polarity": ("score", "pooled", "words"),
    "pooled": ("pooled", "words"),
    "plain": ("plain", "words"),
}
ODDS = {"score": 3.0, "polarity": 3.0, "pooled": 1.0, "plain": 1.0}
MIN_LABELS = 8
VECTOR_VARIANCE = {"polarity": 1.0, "pooled": 3.0, "plain": 3.0}
WORD_VARIANCE = 10.0


@dataclass(frozen=True, eq=False)
class Features:
    """What is known of ``n`` texts; a part that is None takes the models that need it away.

    Attributes
    ----------
    score
        Polarity score ``s``, ``(n,)``, about standard deviation 1.
    pooled, plain
        Sentence vectors ``(n, d)``, unit rows: words weighted by polarity, and all alike.
    words
        TF-IDF, CSR ``(n, m)``, unit rows.
    """

    score: NDArray[np.floating] | None = None
    pooled: NDArray[np.floating] | None = None
    plain: NDArray[np.floating] | None = None
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
        ``"score"``, ``"polarity"``, ``"pooled"`` or ``"plain"``.
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


class GuardedMixture:
    """The mixture for two classes.

    Below 8 labels the first model alone is used, since leave-one-out is noise there. Without labels
    it is its prior: ``p = sigmoid(1.5 s)``. Above 1,000 labels leave-one-out gives way to five
    folds (``map_logistic.leave_one_out``).

    Parameters
    ----------
    slope_mean, slope_sd
        Prior of the polarity score's slope ``a``.
    bias_mean
        Prior mean of the bias: the log odds of class 1, when nothing else is known.
    guard
        Whether to average; if not, the polarity model stands alone. A score that was itself
        learnt from these labels (``polarity_from_labels``) must not be judged by them.

    Attributes
    ----------
    members_
        The models with their shares.
    leave_one_out_log_loss_
        Sum over labelled texts for each member's name; empty where nothing was compared.
    score_log_loss_
        The same of ``sigmoid(slope_mean s + bias_mean)``, which learns nothing; NaN without score.
    n_labels_
        Number of labelled texts.
    """

    members_: tuple[Member, ...]
    leave_one_out_log_loss_: dict[str, float]
    score_log_loss_: float
    n_labels_: int

    def __init__(
        self,
        *,
        slope_mean: float = 1.5,
        slope_sd: float = 0.75,
        bias_mean: float = 0.0,
        guard: bool = True,
    ) -> None:
        self.slope_mean = slope_mean
        self.slope_sd = slope_sd
        self.bias_mean = bias_mean
        self.guard = guard

    def fit(self, features: Features, y: ArrayLike) -> Self:
        """Fit the members to labels 0 or 1, ``(n,)``; ``n`` may be 0.

        Raises
        ------
        InputError
            Rows and labels do not match, a value is not finite, or a label is not 0 or 1.
        SettingError
            The features have neither a score nor sentence vectors.
        """
        labels = np.asarray(y)
        candidates = self._candidates(features)
        compared = self.guard and len(labels) >= MIN_LABELS and len(candidates) > 1
        if not compared:
            learnt = not self.guard and "polarity" in candidates
            alone = "polarity" if learnt else next(iter(candidates))
            candidates = {alone: candidates[alone]}
        models: dict[str, MapLogistic] = {}
        losses: dict[str, float] = {}
        for name, parts in candidates.items():
            blocks = list(parts.values())
            models[name] = fit_map(blocks, labels, bias_mean=self.bias_mean)
            if compared:
                f = leave_one_out(models[name], blocks, labels, bias_mean=self.bias_mean)
                losses[name] = float(log_loss(f, labels).sum())
        shares = _shares(losses) if compared else dict.fromkeys(models, 1.0)
        self.leave_one_out_log_loss_ = losses
        self.score_log_loss_ = self._score_log_loss(features, labels)
        self.n_labels_ = len(labels)
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
        }
        tensors = {f"{m.name}.{part}": w for m in self.members_ for part, w in m.weights.items()}
        return facts, tensors

    @classmethod
    def from_state(cls, facts: Mapping[str, Any], tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Build from what ``state`` gave; ``KeyError`` where something is missing."""
        mixture = cls()
        mixture.leave_one_out_log_loss_ = facts["leave_one_out_log_loss"]
        mixture.members_ = tuple(
            Member(
                m["name"],
                m["share"],
                m["bias"],
                {part: tensors[f"{m['name']}.{part}"] for part in m["parts"]},
            )
            for m in facts["members"]
        )
        return mixture

    @property
    def knowledge_misfits_(self) -> bool:
        """Whether the labels speak against the polarity score, so that a warning is due.

        The plain model must predict left-out labels better than the polarity model, and the score
        at its prior slope worse than a coin. The first alone also comes true where the knowledge
        is right and the labels are simply enough without it (about 1,000 for film reviews).
        """
        losses = self.leave_one_out_log_loss_
        beaten = losses.get("plain", np.inf) < losses.get("polarity", -np.inf)
        return beaten and self.score_log_loss_ > self.n_labels_ * float(np.log(2))

    def _score_log_loss(self, features: Features, y: NDArray[np.generic]) -> float:
        if features.score is None:
            return float("nan")
        f = self.slope_mean * np.asarray(features.score, dtype=np.float64) + self.bias_mean
        return float(log_loss(f, y).sum())

    def _candidates(self, features: Features) -> dict[str, dict[str, Block]]:
        """Blocks of each model that the features allow."""
        candidates = {
            name: self._blocks(name, parts, features)
            for name, parts in READS.items()
            if features.part(parts[0]) is not None
        }
        if not candidates:
            raise SettingError("the mixture needs a polarity score or sentence vectors")
        return candidates

    def _blocks(self, model: str, parts: Sequence[str], features: Features) -> dict[str, Block]:
        blocks = {}
        for part in parts:
            matrix = features.part(part)
            if matrix is None:
                continue
            if part == "score":
                blocks[part] = Block(matrix, self.slope_sd**2, self.slope_mean)
            else:
                variance = WORD_VARIANCE if part == "words" else VECTOR_VARIANCE[model]
                blocks[part] = Block(matrix, variance)
        return blocks


def _shares(losses: dict[str, float]) -> dict[str, float]:
    """``share ~ odds * exp(-loss)``, safe for large losses."""
    from scipy.special import softmax

    shares = softmax([np.log(ODDS[name]) - loss for name, loss in losses.items()])
    return dict(zip(losses, shares.tolist(), strict=True))


class OneVsRest:
    """Mixtures for more than two classes, each a question with two answers.

    Without an order there is one for each class ("this one?"), without the polarity score, whose
    direction means nothing there; their probabilities are divided by their sum. For ordered classes
    such as stars there is one for each step ("more than ``k``?"), with the score; class
    probabilities are the differences (Frank & Hall 2001, *A Simple Approach to Ordinal
    Classification*), the steps' first made to fall. Before any label all classes, or steps evenly
    spread, are equally likely.

    Parameters
    ----------
    ordered
        Whether classes are numbered from the most negative to the most positive.
    slope_mean, slope_sd, guard
        As for ``GuardedMixture``.

    Attributes
    ----------
    mixtures_
        One for each class, or for each step from class ``k`` to above it.
    """

    mixtures_: tuple[GuardedMixture, ...]

    def __init__(
        self,
        *,
        ordered: bool = False,
        slope_mean: float = 1.5,
        slope_sd: float = 0.75,
        guard: bool = True,
    ) -> None:
        self.ordered = ordered
        self.slope_mean = slope_mean
        self.slope_sd = slope_sd
        self.guard = guard

    def fit(self, features: Features, y: ArrayLike, n_classes: int) -> Self:
        """Fit to labels ``0 .. n_classes - 1``, ``(n,)``; ``n`` may be 0."""
        labels = np.asarray(y)
        if n_classes < 2 or (len(labels) and not 0 <= labels.min() <= labels.max() < n_classes):
            raise InputError(f"labels must be 0 to {n_classes - 1}, of at least two classes")
        if self.ordered:
            targets = [labels > k for k in range(n_classes - 1)]
            shares = [(n_classes - 1 - k) / n_classes for k in range(n_classes - 1)]
        else:
            features = replace(features, score=None)
            targets = [labels == k for k in range(n_classes)]
            shares = [1 / n_classes] * n_classes
        self.mixtures_ = tuple(
            GuardedMixture(
                slope_mean=self.slope_mean,
                slope_sd=self.slope_sd,
                bias_mean=float(np.log(share / (1 - share))),
                guard=self.guard,
            ).fit(features, target)
            for target, share in zip(targets, shares, strict=True)
        )
        return self

    def predict_proba(self, features: Features) -> NDArray[np.float64]:
        """Probabilities of the classes, float64 ``(n, n_classes)``; rows sum to 1."""
        return self._combined(m.predict_proba(features) for m in self.mixtures_)

    def average(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities from the log odds of all mixtures' members, ``(n, n_members)``."""
        ends = np.cumsum([len(mixture.members_) for mixture in self.mixtures_])
        parts = np.split(log_odds, ends[:-1], axis=1)
        pairs = zip(self.mixtures_, parts, strict=True)
        return self._combined(mixture.average(part) for mixture, part in pairs)

    def _combined(self, answers: Iterable[NDArray[np.float64]]) -> NDArray[np.float64]:
        p = np.column_stack([answer[:, 1] for answer in answers])
        if self.ordered:
            p = -np.diff(np.minimum.accumulate(p, axis=1), axis=1, prepend=1.0, append=0.0)
        shares: NDArray[np.float64] = p / p.sum(axis=1, keepdims=True)
        return shares
