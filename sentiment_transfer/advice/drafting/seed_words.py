"""More seed words: near the given ones along their polarity direction, and used as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.advice.drafting.text_scores import FEWEST_OF_WORD, TextScores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_transfer.advice.drafting.pieces import Pieces

__all__ = ["POLAR", "SURELY_POLAR", "Sides", "choose_polar", "expand_seeds"]

ROUNDS = 3
"""Times that the scores are computed, each from the words of the round before."""
LIKENESS = 2.0
"""Weight of the likeness in use, beside the polarity; both are in standard deviations."""
POLAR, SURELY_POLAR = 1.0, 2.0
"""Least polarity of a word by which negators are found, and of one that is proposed."""
LEAST_LIKENESS = 0.5
"""Least likeness in use of a proposed word, in standard deviations."""
MOST_SHARE = 0.2
"""Largest share of the texts that a proposed word is in."""

Sides = tuple[list[int], list[int]]
"""Ids of positive and of negative words."""


def choose_polar(
    scores: TextScores,
    alike: NDArray[np.float64],
    given: Sides,
    n: int,
    excluded: set[int],
    least: float = POLAR,
) -> tuple[list[int], list[int], NDArray[np.float64]]:
    """Return the given words and the best others, ``n`` of each side, and the score of all words.

    The score is positive on the side of the word, and 0 for words that are no candidates.
    """
    words, pieces = scores.words, scores.pieces
    usual = pieces.is_word & (words.n_texts >= FEWEST_OF_WORD)
    polarity = words.polarity
    candidate = usual & (words.n_texts <= MOST_SHARE * len(pieces.ids)) & (alike > LEAST_LIKENESS)
    candidate[list(excluded | {*given[0], *given[1]})] = False
    value = np.abs(polarity) + LIKENESS * alike
    sides = []
    for sign, own in ((1, given[0]), (-1, given[1])):
        able = np.flatnonzero(candidate & (sign * polarity > least))
        best = able[np.argsort(-value[able], kind="stable")][: max(0, n - len(own))]
        sides.append([*own, *map(int, best)])
    return sides[0], sides[1], value


def expand_seeds(
    vectors: NDArray[np.float32],
    pieces: Pieces,
    alike: NDArray[np.float64],
    given: Sides,
    n: int,
    excluded: set[int],
    least: float = POLAR,
) -> tuple[Sides, TextScores, NDArray[np.float64]]:
    """Return at most ``n`` words of each side, the given ones first, found in three rounds.

    In each round texts are scored by the seed words so far, and a third more of the words are
    chosen; also returns the scores of the last round, and its scores of words (`choose_polar`).
    """
    seeds = given
    for step in range(1, ROUNDS + 1):
        scores = TextScores(vectors, pieces, *seeds)
        wanted = max(map(len, given)) + (n - max(map(len, given))) * step // ROUNDS
        *sides, value = choose_polar(scores, alike, given, wanted, excluded, least)
        seeds = sides[0], sides[1]
    return seeds, scores, value
