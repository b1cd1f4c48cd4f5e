"""Negators: words that turn the polarity of a polar word which follows or precedes them.

In texts with *not good*, the other words are less positive than in texts with *not* and *good* in
different places. For a word w, texts where a polar word p follows it directly are compared with
texts that hold both, but apart: how much less do all words but p and w agree with p? A word that
belongs to a topic, or is said in complaints, changes nothing in this comparison, since it is in the
texts of both groups.

A negator has to turn positive words, which are negated most often; and negative words may not agree
more behind it, as they do behind *too* and *more*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.advice.drafting.pieces import Pieces
    from sentiment_transfer.advice.drafting.text_scores import TextScores

__all__ = ["WINDOW", "Turning", "find_negators"]

WINDOW = 4
"""Largest distance of the polar word, in words."""
MIN_SIDE = 10
"""Fewest texts with a polar word of either side in reach."""
MOST_CANDIDATES = 400
"""Most frequent words that are candidates."""
LEAST_ERRORS, LEAST_TURNED = 3.5, 0.15
"""Standard errors by which the rest agrees less with positive words in reach than apart, and least
difference of the shares of texts that agree."""
NEAR_ERRORS, NEAR_TURNED = 2.0, 0.1
"""The same for words that are shown, and not proposed."""
AGAINST, NEAR_AGAINST = -1.0, -2.5
"""Least standard errors of negative words, for both."""
MOST = 12
"""Most negators that are proposed, and most words that are shown."""


@dataclass(frozen=True)
class Turning:
    """How a word changes polar words in its reach.

    Attributes
    ----------
    word
        Id of the word.
    follows
        Whether the polar words stand after the word.
    agree, n
        Texts whose other words agree with the polar word in reach, of positive and of negative
        ones, and how many there are.
    agree_apart, n_apart
        The same, where it stands elsewhere in the text.
    errors
        How much less the other words agree in reach, in standard errors, with positive and with
        negative ones; 0 for a side with too few texts.
    examples
        Polar words that it turns most clearly.
    """

    word: int
    follows: bool
    agree: tuple[int, int]
    n: tuple[int, int]
    agree_apart: tuple[int, int]
    n_apart: tuple[int, int]
    errors: tuple[float, float]
    examples: tuple[int, ...]

    @property
    def turned(self) -> float:
        """Share of the texts with a positive word that agree no more in reach."""
        return self.agree_apart[0] / self.n_apart[0] - self.agree[0] / self.n[0]

    @property
    def is_negator(self) -> bool:
        """Whether it turns what is in its reach; needs texts of both sides."""
        enough = min(*self.n, *self.n_apart) >= MIN_SIDE
        return enough and self._turns(LEAST_ERRORS, LEAST_TURNED, AGAINST)

    @property
    def is_near(self) -> bool:
        """Whether it may be a negator, without evidence enough."""
        return not self.is_negator and self._turns(NEAR_ERRORS, NEAR_TURNED, NEAR_AGAINST)

    def _turns(self, errors: float, turned: float, against: float) -> bool:
        positive, negative = self.errors
        return positive >= errors and self.turned >= turned and negative >= against


def find_negators(
    scores: TextScores, positive: Sequence[int], negative: Sequence[int]
) -> tuple[list[Turning], list[Turning]]:
    """Return the words that turn polar words after or before them, and near ones.

    The surest come first. A word may be returned twice, once for each side. No polar word is a
    candidate.
    """
    signs = np.zeros(len(scores.pieces.vocabulary))
    signs[list(positive)], signs[list(negative)] = 1, -1
    found = []
    for follows in (True, False):
        reached = _reached(scores.pieces, signs, 1 if follows else -1)
        for word in _candidates(scores, signs):
            turning = _turning(scores, signs, reached, int(word), follows)
            if turning is not None:
                found.append(turning)
    found.sort(key=lambda one: -one.errors[0])
    surely = [one for one in found if one.is_negator][:MOST]
    words = {one.word for one in surely}
    near = [one for one in found if one.is_near and one.word not in words][:MOST]
    return surely, near


def _candidates(scores: TextScores, signs: NDArray[np.float64]) -> NDArray[np.intp]:
    n_texts = scores.pieces.n_texts_of
    usual = scores.pieces.is_word & (signs == 0) & (n_texts >= 2 * MIN_SIDE)
    frequent = np.argsort(-n_texts, kind="stable")[:MOST_CANDIDATES]
    candidates: NDArray[np.intp] = frequent[usual[frequent]]
    return candidates


def _reached(pieces: Pieces, signs: NDArray[np.float64], step: int) -> NDArray[np.int64]:
    """Return the place of the polar word that each piece would reach, or -1.

    Frequent words between the two are skipped; any other word, and punctuation, ends the reach.
    """
    ids, texts = pieces.ids.ids, pieces.ids.text_index
    skipped = pieces.is_word & (pieces.n_texts_of >= 0.01 * len(pieces.ids)) & (signs == 0)
    places = np.arange(len(ids))
    reached, going = np.full(len(ids), -1), np.ones(len(ids), np.bool_)
    for distance in range(1, WINDOW + 1):
        at = places + step * distance
        inside = (at >= 0) & (at < len(ids))
        at = np.where(inside, at, 0)
        going &= inside & (texts[at] == texts) & (ids[at] >= 0)
        word = np.where(ids[at] >= 0, ids[at], 0)
        hit = going & (signs[word] != 0)
        reached[hit] = at[hit]
        going &= skipped[word]
    return reached


def _turning(
    scores: TextScores,
    signs: NDArray[np.float64],
    reached: NDArray[np.int64],
    word: int,
    follows: bool,
) -> Turning | None:
    """Compare polar words in the reach of a word with those elsewhere in its texts."""
    ids, n = scores.pieces.ids, np.int64(len(signs))
    hits = reached[ids.ids == word]
    hits = hits[hits >= 0]
    near = np.unique(ids.text_index[hits] * n + ids.ids[hits])
    texts, words = scores.pieces.occurrences
    holding = np.zeros(len(ids), np.bool_)
    holding[texts[words == word]] = True
    polar = holding[texts] & (signs[words] != 0)
    apart = np.setdiff1d(texts[polar] * n + words[polar], near, assume_unique=True)
    if any(_sides(signs, pairs)[0] < MIN_SIDE for pairs in (near, apart)):
        return None
    inner, outer = (_Group.of(scores, signs, pairs, word) for pairs in (near, apart))
    positive, negative = zip(inner.sides, outer.sides, strict=True)
    return Turning(
        word, follows,
        agree=(positive[0].agree, negative[0].agree), n=(positive[0].n, negative[0].n),
        agree_apart=(positive[1].agree, negative[1].agree), n_apart=(positive[1].n, negative[1].n),
        errors=(_errors(*positive), _errors(*negative)), examples=inner.most_against,
    )  # fmt: skip


def _sides(signs: NDArray[np.float64], pairs: NDArray[np.int64]) -> tuple[int, int]:
    """Return in how many pairs of a text and a word the word is positive, and negative."""
    positive = int((signs[pairs % len(signs)] > 0).sum())
    return positive, len(pairs) - positive


@dataclass(frozen=True)
class _Side:
    """Scores of texts with polar words of one side, above 0 if they agree with these."""

    agree: int
    n: int
    mean: float
    variance: float

    @classmethod
    def of(cls, scores: NDArray[np.float64]) -> _Side:
        """Count and average; no texts have 0."""
        if not len(scores):
            return cls(0, 0, 0.0, 0.0)
        return cls(int((scores > 0).sum()), len(scores), float(scores.mean()), float(scores.var()))


def _errors(inner: _Side, outer: _Side) -> float:
    """Return how much less texts agree in reach than apart, in standard errors.

    Of few texts the error itself is uncertain, so the value is that of a normal distribution with
    the tail of Student's t (Wallace 1959, Annals of Mathematical Statistics 30).
    """
    if min(inner.n, outer.n) < MIN_SIDE:
        return 0.0
    error = np.sqrt(inner.variance / inner.n + outer.variance / outer.n) or 1.0
    t, df = (outer.mean - inner.mean) / error, min(inner.n, outer.n) - 1
    z = np.sqrt(df * np.log1p(t * t / df)) * (8 * df + 1) / (8 * df + 3)
    return float(np.copysign(z, t))


@dataclass(frozen=True)
class _Group:
    """Texts with a polar word and another word, scored without both: of positive and negative."""

    sides: tuple[_Side, _Side]
    most_against: tuple[int, ...]

    @classmethod
    def of(
        cls, scores: TextScores, signs: NDArray[np.float64], pairs: NDArray[np.int64], word: int
    ) -> _Group:
        """Score the texts of pairs of a text and a polar word."""
        n = np.int64(len(signs))
        texts, polar = pairs // n, pairs % n
        rest = signs[polar] * scores.without(texts, polar, np.full(len(pairs), word))
        positive = signs[polar] > 0
        against = dict.fromkeys(polar[np.argsort(rest, kind="stable")[:12]].tolist())
        return cls((_Side.of(rest[positive]), _Side.of(rest[~positive])), tuple(against)[:4])
