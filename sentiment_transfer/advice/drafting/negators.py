"""Negators: words that turn the polarity of a polar word which follows or precedes them.

In texts with *not good*, the other words are less positive than in texts with *not* and *good* in
different places. For a word w, texts where a polar word p follows it directly are compared with
texts that hold both, but apart: how far are the texts of positive p above those of negative p, by
all words but p and w? A word that belongs to a topic, or is said in complaints, changes nothing
in this comparison, since it is in the texts of both groups.
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
LEAST_ERRORS = 3.0
"""Standard errors by which the difference must be smaller in reach than apart."""
MOST_KEPT = 0.4
"""Largest share of the difference that is left in reach."""
MOST = 12
"""Most negators that are proposed."""


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
    kept
        Share of the difference between positive and negative ones that is left in reach.
    errors
        How much smaller the difference is, in standard errors.
    examples
        Polar words that it turns most clearly.
    """

    word: int
    follows: bool
    agree: tuple[int, int]
    n: tuple[int, int]
    agree_apart: tuple[int, int]
    n_apart: tuple[int, int]
    kept: float
    errors: float
    examples: tuple[int, ...]

    @property
    def is_negator(self) -> bool:
        """Whether it turns what is in its reach."""
        return self.errors >= LEAST_ERRORS and self.kept <= MOST_KEPT


def find_negators(
    scores: TextScores, positive: Sequence[int], negative: Sequence[int]
) -> list[Turning]:
    """Return the words that turn polar words after or before them, the surest first.

    A word may be returned twice, once for each side. No polar word is a candidate.
    """
    signs = np.zeros(len(scores.pieces.vocabulary))
    signs[list(positive)], signs[list(negative)] = 1, -1
    found = []
    for follows in (True, False):
        reached = _reached(scores.pieces, signs, 1 if follows else -1)
        for word in _candidates(scores, signs):
            turning = _turning(scores, signs, reached, int(word), follows)
            if turning is not None and turning.is_negator:
                found.append(turning)
    return sorted(found, key=lambda one: -one.errors)[:MOST]


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
    if any(min(_sides(signs, pairs)) < MIN_SIDE for pairs in (near, apart)):
        return None
    inner, outer = (_Group.of(scores, signs, pairs, word) for pairs in (near, apart))
    if outer.difference <= 0:
        return None
    error = np.sqrt(inner.variance + outer.variance) or 1.0
    return Turning(
        word, follows, inner.agree, inner.n, outer.agree, outer.n,
        inner.difference / outer.difference, float((outer.difference - inner.difference) / error),
        inner.most_against,
    )  # fmt: skip


def _sides(signs: NDArray[np.float64], pairs: NDArray[np.int64]) -> tuple[int, int]:
    """Return in how many pairs of a text and a word the word is positive, and negative."""
    positive = int((signs[pairs % len(signs)] > 0).sum())
    return positive, len(pairs) - positive


@dataclass(frozen=True)
class _Group:
    """Texts with a polar word and another word, scored without both."""

    agree: tuple[int, int]
    n: tuple[int, int]
    difference: float
    variance: float
    most_against: tuple[int, ...]

    @classmethod
    def of(
        cls, scores: TextScores, signs: NDArray[np.float64], pairs: NDArray[np.int64], word: int
    ) -> _Group:
        """Score the texts of pairs of a text and a polar word; both sides must be there."""
        n = np.int64(len(signs))
        texts, polar = pairs // n, pairs % n
        rest = scores.without(texts, polar, np.full(len(pairs), word))
        sign = signs[polar]
        size = _sides(signs, pairs)
        means = rest[sign > 0].mean(), rest[sign < 0].mean()
        spread = float((rest - np.where(sign > 0, *means)).var())
        agree = int((rest[sign > 0] > 0).sum()), int((rest[sign < 0] < 0).sum())
        order = np.argsort(sign * rest, kind="stable")
        against = tuple(dict.fromkeys(polar[order[:12]].tolist()))[:4]
        variance = spread * sum(1 / each for each in size)
        return cls(agree, size, float(means[0] - means[1]), variance, against)
