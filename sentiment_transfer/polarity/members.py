"""The members of the mixture: what each reads, its priors, and one once fitted.

Logistic models over a polarity score ``s``, sentence vectors ``x`` and words ``t`` (TF-IDF):

- ``score``  ``f = b + a s``: labels move the threshold only, so a few wrong ones do little harm;
- ``polarity``  ``f = b + a s + u.x + r.t``, ``a ~ N(2, 0.75^2)``, ``u ~ N(0, 1)``: labels correct
  the score (``x`` ends with the balance of seed words);
- ``polarity_mean``  ``f = b + u.x + r.t``, ``u ~ N(0, 3)``: polarity only weights the words;
- ``plain_mean``  as ``polarity_mean``, with ``x`` averaged over all words equally, so polarity is
  not used;

with ``r ~ N(0, 10)`` in each; from 300 labels on ``r_j ~ N(0, 10 q_j)``, where ``q_j`` measures how
unevenly word j is divided between the classes (`grams.squared_log_count_ratio`). For a neutral
class (`SeveralClasses`) the first two also add ``c t``, ``t`` the strength of polarity and
``c ~ N(-1, 0.5^2)``.

With a sentence encoder of another package there are vectors ``z`` of it, of which the mean squared
length is 1 (`SentenceScaling`), and three more members, each with ``v.z``, ``v ~ N(0, 10)``:

- ``polarity_sentence`` and ``plain_sentence``  as ``polarity`` and ``plain_mean``;
- ``sentence``  ``f = b + v.z``: the encoder alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.classification.logistic import Block, MapLogistic
from sentiment_transfer.errors import InputError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from scipy.sparse import csr_array, csr_matrix

__all__ = [
    "MEMBERS",
    "SCORE_WEIGHT_MEAN",
    "WORD_VARIANCE",
    "Features",
    "Member",
    "MemberKind",
    "current_name",
]

SCALARS = ("score", "strength")
"""Parts with one number for each text."""
WORD_VARIANCE = 10.0
SENTENCE_VARIANCE = 10.0
"""Chosen among 1, 3, 10 and 30, with the members that read the vectors and their odds, on
development sets (``scripts/results/sentence-encoder.md``)."""
SCORE_WEIGHT_MEAN = 2.0
"""Calibrated on twelve development sets, whose best values are 1.6 to 3.6 with mean 2.6; accuracy
with few labels decreases slowly with it."""
SCORE_WEIGHT_SD = 0.75
STRENGTH_WEIGHT_MEAN = -1.0
STRENGTH_WEIGHT_SD = 0.5
"""A neutral class has little polarity of either sign; means from -0.5 to -2 and variances from 0.1
to 2 are within half a point."""


@dataclass(frozen=True, eq=False)
class Features:
    """Parts of ``n`` texts that the members of a `LogisticMixture` read; any may be missing.

    Attributes
    ----------
    score
        Polarity score ``s``, ``(n,)``, positive above 0, standard deviation about 1.
    polarity_mean
        Sentence vectors with words weighted by polarity, of length 1, and the balance of seed words
        in the last column (`Polarity.encode`), ``(n, d + 1)``.
    plain_mean
        Sentence vectors with words weighted equally, ``(n, d)``.
    words
        TF-IDF of words and word pairs, CSR ``(n, m)``, unit rows.
    strength
        How much polarity of either sign a text has, ``(n,)``, standard deviation about 1; only the
        problem of a neutral class has it (`SeveralClasses`).
    sentence
        Scaled vectors of a sentence encoder, ``(n, width)`` (`SentenceScaling`).
    """

    score: NDArray[np.floating] | None = None
    polarity_mean: NDArray[np.floating] | None = None
    plain_mean: NDArray[np.floating] | None = None
    words: NDArray[np.floating] | csr_array | csr_matrix | None = None
    strength: NDArray[np.floating] | None = None
    sentence: NDArray[np.floating] | None = None

    def part(self, name: str) -> NDArray[np.floating] | csr_array | csr_matrix | None:
        """Return one part as a matrix, the score and the strength as ``(n, 1)``."""
        matrix: NDArray[np.floating] | csr_array | csr_matrix | None = getattr(self, name)
        return np.asarray(matrix)[:, None] if name in SCALARS and matrix is not None else matrix


class MemberKind(NamedTuple):
    """Definition of a member."""

    parts: tuple[str, ...]
    """Parts of `Features` that it reads; without the first ``needed`` there is no such member."""
    odds: float
    """Prior weight in the average."""
    vector_variance: float = 1.0
    """Prior variance of the weights of sentence vectors."""
    uncompared: bool = False
    """Whether it is used if the score was learnt from the same labels."""
    twin: str | None = None
    """For a member that reads such a score: the same without it, whose share it halves."""
    needed: int = 1

    def fits(self, features: Features) -> bool:
        """Return whether the features have the parts that it needs."""
        return all(features.part(part) is not None for part in self.parts[: self.needed])

    def blocks(
        self,
        features: Features,
        word_variance: float | NDArray[np.float64] = WORD_VARIANCE,
        score_weight_mean: float = SCORE_WEIGHT_MEAN,
    ) -> dict[str, Block]:
        """Return the parts that the features have, each with its prior."""
        priors = {
            "score": (SCORE_WEIGHT_SD**2, score_weight_mean),
            "strength": (STRENGTH_WEIGHT_SD**2, STRENGTH_WEIGHT_MEAN),
            "words": (word_variance, 0.0),
            "sentence": (SENTENCE_VARIANCE, 0.0),
        }
        matrices = {part: features.part(part) for part in self.parts}
        return {
            part: Block(matrix, *priors.get(part, (self.vector_variance, 0.0)))
            for part, matrix in matrices.items()
            if matrix is not None
        }


MEMBERS = {
    "score": MemberKind(("score", "strength"), 3.0),
    "polarity": MemberKind(
        ("score", "strength", "polarity_mean", "words"), 3.0, uncompared=True, twin="plain_mean"
    ),
    "polarity_mean": MemberKind(("polarity_mean", "words"), 1.0, 3.0),
    "plain_mean": MemberKind(("plain_mean", "words"), 1.0, 3.0, uncompared=True),
    "polarity_sentence": MemberKind(
        ("sentence", "score", "strength", "polarity_mean", "words"),
        3.0,
        uncompared=True,
        twin="plain_sentence",
        needed=2,
    ),
    "plain_sentence": MemberKind(
        ("sentence", "plain_mean", "words"), 1.0, 3.0, uncompared=True, needed=2
    ),
    "sentence": MemberKind(("sentence",), 1.0, uncompared=True),
}


@dataclass(frozen=True, eq=False)
class Member:
    """One fitted logistic model of the mixture.

    Attributes
    ----------
    name
        Its name in `MEMBERS`.
    share
        Its weight in the average; the members' shares sum to 1.
    bias
        ``b``.
    weights
        float64 ``(d,)`` for each part of `Features` it reads: ``f = b + sum part . weights``.
    """

    name: str
    share: float
    bias: float
    weights: dict[str, NDArray[np.float64]]

    def decision(self, features: Features) -> NDArray[np.float64]:
        """Return ``f``, float64 ``(n,)``."""
        matrices = [features.part(name) for name in self.weights]
        present = [matrix for matrix in matrices if matrix is not None]
        if len(present) < len(matrices):
            missing = [n for n, m in zip(self.weights, matrices, strict=True) if m is None]
            raise InputError(f"the model was fitted with {missing}; give the same parts to predict")
        return MapLogistic(tuple(self.weights.values()), self.bias).decision(present)


def current_name(old: str) -> str:
    """Return the name of a member or a part, which files written until 2026-11-28 abbreviate."""
    return {"pooled": "polarity_mean", "plain": "plain_mean"}.get(old, old)
