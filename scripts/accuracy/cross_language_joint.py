"""Skip-gram in the space of two languages: beside English texts, or from English vectors.

Tokens are written as codes, ``w7`` for row 7 of the language's vocabulary and ``e7`` for an English
one, so that the same skip-gram learns both whatever their tokenizers are.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer import SkipGram, WordVectors
from sentiment_transfer.polarity.learning import polarity_from_seeds
from sentiment_transfer.polarity.little_text import balance_weight
from sentiment_transfer.polarity.seeds import known_seeds
from sentiment_transfer.text import Tokenizer, Vocabulary
from sentiment_transfer.text.indexing import ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from scripts.accuracy.cross_language_arms import English
    from scripts.accuracy.cross_language_map import Matrix, Rows
    from sentiment_transfer.text import TokenIds

    Codes = NDArray[np.str_]

EPOCHS = 40
SWAPPED = 0.5
"""Share of the occurrences of a word of the dictionary that become its translation."""


def anchored(
    vectors: WordVectors, ids: TokenIds, english: English, rows: Rows, seed: int
) -> WordVectors:
    """Learn vectors in the English space: words of the dictionary stand as their translation.

    Skip-gram starts from the English vectors, and reads the texts of the language only. A word of
    the dictionary has the vector that its translation has in the end.
    """
    codes = _codes("w", len(vectors))
    codes[rows[:, 0]] = _codes("e", len(english.vectors))[rows[:, 1]]
    start = english.vectors
    names = _codes("e", len(start)).tolist()
    initial = WordVectors(Vocabulary(tuple(names), start.counts), start.matrix, _plain())
    skipgram = SkipGram(min_count=1, tokenizer=_plain(), seed=seed, initial=initial)
    learnt = skipgram.fit(_texts(codes[ids.ids], ids), callback=None).vectors_
    return replace(vectors, matrix=_matrix(learnt, codes))


def beside_english(
    vectors: WordVectors, ids: TokenIds, english: English, rows: Rows, seed: int
) -> tuple[WordVectors, Matrix]:
    """Learn one skip-gram on the texts of both languages, and polarity from English seed words.

    Half the occurrences of a word of the dictionary become its translation, in both languages, as
    in the pseudo-bilingual texts of Gouws and Søgaard (2015).

    Returns
    -------
    The vectors of the language's words, and the English directions of polarity, ``(2, d)``.
    """
    own, foreign = _codes("w", len(vectors)), _codes("e", len(english.vectors))
    other = english.texts
    generator = np.random.default_rng(seed)
    texts = _texts(swapped(ids.ids, own, foreign, rows, generator), ids)
    texts += _texts(swapped(other.ids, foreign, own, rows[:, ::-1], generator), other)
    skipgram = SkipGram(min_count=1, epochs=EPOCHS, tokenizer=_plain(), seed=seed)
    learnt = skipgram.fit(texts, callback=None).vectors_
    of_english = replace(english.vectors, matrix=_matrix(learnt, foreign))
    seeds = known_seeds("language", of_english)
    assert seeds is not None  # noqa: S101  (for mypy)
    weight = balance_weight(of_english)
    polarity = polarity_from_seeds(of_english.matrix, other, *seeds, balance_weight=weight)
    return replace(vectors, matrix=_matrix(learnt, own)), polarity.directions


def swapped(
    ids: NDArray[np.int32], own: Codes, other: Codes, rows: Rows, generator: np.random.Generator
) -> Codes:
    """Return the code of each token; half of those in the dictionary have that of its translation.

    ``rows`` are pairs of rows of ``own`` and of ``other``.
    """
    translation = np.full(len(own), -1)
    translation[rows[::-1, 0]] = rows[::-1, 1]  # of several translations the first
    turned = translation[ids]
    chosen = (turned >= 0) & (generator.random(len(ids)) < SWAPPED)
    return np.where(chosen, other[turned], own[ids])


def _codes(letter: str, n: int) -> Codes:
    return np.array([f"{letter}{i}" for i in range(n)])


def _plain() -> Tokenizer:
    return Tokenizer("en", stop_words=False, mark_negation=False)


def _texts(tokens: Codes, ids: TokenIds) -> list[str]:
    return [" ".join(part.tolist()) for part in np.split(tokens, ids.offsets[1:-1])]


def _matrix(learnt: WordVectors, codes: Codes) -> Matrix:
    """Return the vectors of the codes; one that no text held has the mean vector."""
    mean = learnt.matrix.mean(axis=0)
    rows = ranks(codes.tolist(), learnt.vocabulary)
    return np.where(rows[:, None] >= 0, learnt.matrix[rows], mean)
