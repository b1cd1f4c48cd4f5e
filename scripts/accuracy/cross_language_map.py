"""Word vectors of one language in the space of another: dictionary, rotation, neighbours.

Source and target vectors are centred and have length 1 (Artetxe et al. 2016, Xing et al. 2015). The
rotation is orthogonal Procrustes over the pairs of a dictionary; a refinement adds pairs of words
that are each other's nearest neighbours, and learns the rotation from all of them, three times
(Artetxe et al. 2017, Conneau et al. 2018). Neighbours are found by cross-domain similarity local
scaling, CSLS, which lowers the similarity of words that are near to everything (Conneau et al.
2018, eq. 3).
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.text.bag_of_words import unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer import WordVectors

    Rows = NDArray[np.intp]
    """Pairs of rows, ``(n, 2)``: of the source, and of the target."""
    Matrix = NDArray[np.float32]

PAIRS = Path(__file__).with_name("cross_language_pairs.tsv")
NEIGHBOURS = 10
REFINED_FROM = 3_000
"""Number of words of each language, the most frequent ones, that refinement looks at."""
ROUNDS = 3
FEWEST = 3
"""Occurrences of a word that belongs to the dictionary because it is spelled the same."""
SIGNS = {"positive": 1, "negative": -1, "neutral": 0}


class Pair(NamedTuple):
    """A word, its English translation, and the polarity of both: 1, -1, or 0."""

    word: str
    english: str
    sign: int


def read_pairs(language: str | None) -> list[Pair]:
    """Read the pairs of a language in the order of the file, most usual ones first.

    Without a language, each English word is paired with itself.
    """
    with PAIRS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    column = language or "en"
    chosen = [row for row in rows if row[column] != "-"]
    return [Pair(row[column], row["en"], SIGNS[row["polarity"]]) for row in chosen]


def first_pairs(pairs: Sequence[Pair], n: int) -> list[Pair]:
    """Return the first ``n`` positive and the first ``n`` negative pairs."""
    return [pair for sign in (1, -1) for pair in [p for p in pairs if p.sign == sign][:n]]


def shuffled(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs with other translations of the same polarity."""
    generator, mixed = np.random.default_rng(0), []
    for sign in (1, -1):
        side = [pair for pair in pairs if pair.sign == sign]
        order = generator.permutation(len(side)).tolist()
        mixed += [p._replace(english=side[i].english) for p, i in zip(side, order, strict=True)]
    return mixed


def dictionary(pairs: Sequence[Pair], source: WordVectors, target: WordVectors) -> Rows:
    """Return the rows of the pairs whose words both have vectors, ``(n, 2)``."""
    known = [p for p in pairs if p.word in source and p.english in target]
    rows = [(source.id_of(p.word), target.id_of(p.english)) for p in known]
    return np.array(rows, dtype=np.intp).reshape(-1, 2)


def spelled_the_same(source: WordVectors, target: WordVectors) -> Rows:
    """Return the rows of words of both, such as numbers, names and loans, ``(n, 2)``."""
    frequent = np.flatnonzero(source.counts >= FEWEST)
    both = [row for row in frequent.tolist() if source.words[row] in target]
    rows = [(row, target.id_of(source.words[row])) for row in both]
    return np.array(rows, dtype=np.intp).reshape(-1, 2)


def normalised(matrix: Matrix) -> Matrix:
    """Subtract the mean and scale to length 1, ``(n, d)``."""
    return unit_rows(matrix - matrix.mean(axis=0))


def rotation(source: Matrix, target: Matrix, rows: Rows) -> Matrix:
    """Return the ``Q`` that minimises ``sum |x_i Q - y_i|^2`` over pairs of rows, ``(d, d)``.

    With fewer pairs than dimensions, the directions that no pair determines are turned arbitrarily.
    """
    from scipy.linalg import orthogonal_procrustes

    x, y = source[rows[:, 0]].astype(np.float64), target[rows[:, 1]].astype(np.float64)
    return orthogonal_procrustes(x, y)[0].astype(np.float32)


def csls(x: Matrix, y: Matrix, k: int = NEIGHBOURS) -> Matrix:
    """Compute ``2 cos(x, y) - r(x) - r(y)``, ``(n_x, n_y)``, for rows of length 1.

    ``r`` is the mean cosine of a row with its ``k`` nearest ones of the other side.
    """
    cosines = x @ y.T
    r_x = _largest(cosines, k).mean(axis=1, keepdims=True)
    r_y = _largest(cosines.T, k).mean(axis=1)
    return 2 * cosines - r_x - r_y


def _largest(values: Matrix, k: int) -> Matrix:
    k = min(k, values.shape[1])
    return np.partition(values, values.shape[1] - k, axis=1)[:, values.shape[1] - k :]


def mutual_neighbours(x: Matrix, y: Matrix) -> Rows:
    """Return the pairs of rows that are each other's nearest ones by CSLS, ``(n, 2)``."""
    similar = csls(x, y)
    forth, back = similar.argmax(axis=1), similar.argmax(axis=0)
    mutual = np.flatnonzero(back[forth] == np.arange(len(x)))
    return np.stack([mutual, forth[mutual]], axis=1)


def refined_rotation(source: Matrix, target: Matrix, rows: Rows, rounds: int = ROUNDS) -> Matrix:
    """Return the rotation of a dictionary that found pairs are added to; rows by frequency."""
    turn = rotation(source, target, rows)
    for _ in range(rounds):
        found = mutual_neighbours(source[:REFINED_FROM] @ turn, target[:REFINED_FROM])
        turn = rotation(source, target, np.concatenate([rows, found]))
    return turn


def ranks_of_translations(turned: Matrix, target: Matrix, rows: Rows) -> Rows:
    """Return the rank by CSLS of the translation of each pair among all targets; 0 is nearest."""
    similar = csls(turned, target)[rows[:, 0]]
    own = similar[np.arange(len(rows)), rows[:, 1]]
    return (similar > own[:, None]).sum(axis=1)


def neighbour_scores(turned: Matrix, target: Matrix, scores: Matrix) -> Matrix:
    """Return the mean score of the ten nearest targets by CSLS of each row, ``(n,)``."""
    similar = csls(turned, target)
    nearest = np.argpartition(-similar, NEIGHBOURS, axis=1)[:, :NEIGHBOURS]
    return scores[nearest].mean(axis=1)
