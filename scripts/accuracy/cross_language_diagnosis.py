"""Why polarity is carried over or not: translations and polar words that no pair gave.

Two questions about words whose translations the rotation was not learnt from: is the translation
among the ten nearest English words, and do positive ones get higher scores than negative ones?
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from scripts.accuracy import cross_language_map as mapping
from scripts.accuracy.cross_language_arms import turn_of
from sentiment_transfer.text import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from scripts.accuracy.cross_language_arms import English
    from scripts.accuracy.cross_language_map import Matrix, Pair
    from sentiment_transfer import WordVectors

FOLDS = 4
FOREIGN = "="
"""In front of English words that are taken for foreign ones."""
ENOUGH = 40
"""Number of polar pairs below which the others are asked for; else a quarter of them at a time."""


def diagnose(
    vectors: WordVectors, english: English, few: Sequence[Pair], pairs: Sequence[Pair]
) -> dict[str, float]:
    """Return both answers for pairs that were not given, in %, means over all that were asked.

    ``found`` is the share of unseen polar words whose translation is among the ten nearest, by the
    given pairs alone and by nouns, equal spelling and refinement as well; ``nouns found`` that of
    nouns by the polar pairs alone. ``order`` is the probability that an unseen positive word scores
    higher than a negative one: ``carried`` along the English directions, and ``given`` along the
    difference of the given words' means in the language's own space, without English.
    """
    nouns = [pair for pair in pairs if not pair.sign]
    rest = [pair for pair in pairs if pair.sign and pair not in few]
    folds = [(list(few), rest)]
    if len(few) > ENOUGH:
        folds = [
            ([p for j, p in enumerate(few) if j % FOLDS != i], list(few[i::FOLDS]))
            for i in range(FOLDS)
        ]
    answers: dict[str, list[float]] = {}
    for given, asked in folds:
        wide = turn_of(vectors, english, given + nouns, refined=True)
        found = {"found, all": _found(vectors, english, wide, asked)}
        found["order, carried"] = [_order(vectors, asked, wide @ english.polarity.sum(axis=0))]
        if given:
            alone = turn_of(vectors, english, given)
            found["found, pairs only"] = _found(vectors, english, alone, asked)
            found["nouns found"] = _found(vectors, english, alone, nouns)
            found["order, given"] = [_order(vectors, asked, _difference(vectors, given))]
        for name, values in found.items():
            answers.setdefault(name, []).extend(values)
    means = {name: 100 * float(np.nanmean(values)) for name, values in answers.items() if values}
    return means | {"asked": float(len(answers["found, all"]))}


def english_as_foreign(vectors: WordVectors, english: English) -> dict[str, float]:
    """Answer the questions for other English vectors, whose words have other names.

    Nothing but the texts that vectors are learnt from then stands between the two spaces. The
    pairs are the polar words and nouns of the table, first positive and negative 60.
    """
    foreign = Vocabulary(tuple(FOREIGN + word for word in vectors.words), vectors.counts)
    pairs = [pair._replace(word=FOREIGN + pair.english) for pair in mapping.read_pairs(None)]
    few = mapping.first_pairs(pairs, 60)
    named = [pair for pair in pairs if pair in few or not pair.sign]
    return diagnose(replace(vectors, vocabulary=foreign), english, few, named)


def _found(
    vectors: WordVectors, english: English, turn: Matrix, pairs: Sequence[Pair]
) -> list[float]:
    """Return for each known pair whether its translation is among the ten nearest."""
    rows = mapping.dictionary(pairs, vectors, english.vectors)
    order = np.concatenate([rows[:, 0], np.arange(min(len(vectors), mapping.REFINED_FROM))])
    turned = mapping.normalised(vectors.matrix)[order] @ turn
    asked = np.stack([np.arange(len(rows)), rows[:, 1]], axis=1)
    ranks = mapping.ranks_of_translations(turned, english.space, asked)
    return (ranks < mapping.NEIGHBOURS).astype(float).tolist()


def _difference(vectors: WordVectors, pairs: Sequence[Pair]) -> Matrix:
    space = mapping.normalised(vectors.matrix)
    sides = [
        [vectors.id_of(p.word) for p in pairs if p.sign == s and p.word in vectors] for s in (1, -1)
    ]
    positive, negative = (space[side].mean(axis=0) for side in sides)
    return positive - negative


def _order(vectors: WordVectors, pairs: Sequence[Pair], direction: Matrix) -> float:
    """Return the area under the curve of the scores of known words; NaN if a side has none."""
    known = [pair for pair in pairs if pair.word in vectors]
    scores = mapping.normalised(vectors.matrix)[[vectors.id_of(p.word) for p in known]] @ direction
    return area(scores, np.array([pair.sign for pair in known]))


def area(scores: NDArray[np.floating], signs: NDArray[np.int_]) -> float:
    """Return the share of (positive, negative) pairs in the right order; a tie is half right."""
    higher, lower = scores[signs > 0][:, None], scores[signs < 0][None]
    if not higher.size * lower.size:
        return float("nan")
    return float(((higher > lower) + 0.5 * (higher == lower)).mean())
