"""Word vectors of one space in another: rotation, and the average of old and new vectors.

Vectors that are trained twice differ by a rotation, which the objective does not see, and by noise.
The rotation is undone with the words that both know, which need no dictionary; then the average of
both keeps what they share, and has less of the noise. This is how Bojanowski, Celebi, Mikolov,
Grave and Joulin (2019), "Updating Pre-trained Word Vectors and Text Classifiers using Monolingual
Alignment" (arXiv:1910.06241), add new texts to vectors whose old texts are gone. They align by
another criterion (RCSLS); here it is orthogonal Procrustes, which has a closed form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.base.estimator import in_range
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.pretraining.vectors import WordVectors
from sentiment_transfer.text import Vocabulary
from sentiment_transfer.text.indexing import ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Alignment", "align", "average"]

SHARED_WORDS = 5_000
"""Most words that a rotation is learnt from, the most frequent ones: rare ones are noise."""


@dataclass(frozen=True, eq=False)
class Alignment:
    """Vectors turned into the space of others, and how well the two agree there.

    Attributes
    ----------
    vectors
        The turned vectors. Lengths and angles are those before.
    n_shared
        Number of words that the rotation was learnt from.
    cosine
        Mean cosine of the two vectors of these words; 1 for equal vectors.
    """

    vectors: WordVectors
    n_shared: int
    cosine: float


def align(new: WordVectors, old: WordVectors) -> Alignment:
    """Turn ``new`` into the space of ``old`` by orthogonal Procrustes (Schönemann 1966).

    The rotation ``Q`` minimises ``sum |u_i Q - v_i|^2`` over the words that both learnt from texts,
    the 5,000 most frequent of them, with their vectors of unit length, new ``u`` and old ``v``; it
    is ``U V'`` of the singular value decomposition of ``u' v``.

    Raises
    ------
    InputError
        They share fewer words than a vector has dimensions, so that the rotation is not determined,
        as where one is of another language.
    SettingError
        The numbers of dimensions differ.
    """
    from scipy.linalg import orthogonal_procrustes

    if new.vector_size != old.vector_size:
        raise SettingError(
            f"vectors of {new.vector_size} dimensions cannot be turned into a space of "
            f"{old.vector_size}; train them with vector_size={old.vector_size}"
        )
    rows = shared_words(new, old)
    if len(rows) < new.vector_size:
        raise InputError(
            f"the old and the new vectors share {len(rows):,} words, fewer than the "
            f"{new.vector_size} dimensions of a vector, so that they cannot be aligned; give more "
            "texts, or texts of the same language"
        )
    u, v = new.unit_matrix[rows[:, 0]], old.unit_matrix[rows[:, 1]]
    rotation, _ = orthogonal_procrustes(u.astype(np.float64), v.astype(np.float64))
    cosine = float(np.einsum("ij,ij->i", u @ rotation, v).mean())
    turned = (new.matrix @ rotation).astype(np.float32)
    return Alignment(replace(new, matrix=turned), len(rows), cosine)


def shared_words(new: WordVectors, old: WordVectors) -> NDArray[np.intp]:
    """Return the rows in both of the words that both learnt from texts, int ``(n, 2)``.

    They are the 5,000 with the largest share of the tokens, by the smaller of their two shares.
    """
    other = ranks(list(new.words), old.vocabulary).astype(np.intp)
    both = np.flatnonzero((other >= 0) & (new.counts > 0) & (old.counts[other] > 0))
    pairs = np.stack([both, other[both]], axis=1)
    shares = np.minimum(
        new.counts[pairs[:, 0]] / max(1, new.counts.sum()),
        old.counts[pairs[:, 1]] / max(1, old.counts.sum()),
    )
    return pairs[np.argsort(-shares, kind="stable")[:SHARED_WORDS]]


def average(old: WordVectors, new: WordVectors, share: float | None = 0.5) -> WordVectors:
    """Average vectors of one space, word by word; a word that only one learnt keeps its vector.

    Parameters
    ----------
    old, new
        Vectors of the same space, such as those that `align` returned.
    share
        Of the new vector, between 0 and 1; None for the share of the new occurrences among all
        occurrences of the word.

    Returns
    -------
    Vectors of the words of both, most frequent first, with their counts added. Tokenizer and
    metadata are those of ``new``, which hold the metadata of ``old`` as ``"initial"``.

    Raises
    ------
    SettingError
        The numbers of dimensions differ, or ``share`` is not between 0 and 1.
    """
    if new.vector_size != old.vector_size:
        raise SettingError(
            f"vectors of {old.vector_size} and {new.vector_size} dimensions have no average; "
            "train both with the same vector_size"
        )
    if share is not None and not (in_range(share, 1) or share == 1):
        raise SettingError(f"share={share!r} is not allowed; it must be from 0 to 1, or None")
    words = [*dict.fromkeys((*old.words, *new.words))]
    before, u = _rows(old, words)
    after, v = _rows(new, words)
    weight = _shares(before, after, share)[:, None]
    matrix = u * (1 - weight) + v * weight
    counts = np.maximum(before, 0) + np.maximum(after, 0)
    order = np.argsort(-counts, kind="stable")
    vocabulary = Vocabulary(tuple(words[i] for i in order.tolist()), counts[order])
    metadata = {**new.metadata, "initial": old.metadata}
    return WordVectors(vocabulary, matrix[order], new.tokenizer, metadata)


def _rows(vectors: WordVectors, words: list[str]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Return the counts of words, -1 for an unknown one, and their vectors, zeros for that."""
    rows = ranks(words, vectors.vocabulary)
    known = rows >= 0
    counts = np.where(known, vectors.counts[rows], -1)
    matrix = np.zeros((len(words), vectors.vector_size), np.float32)
    matrix[known] = vectors.matrix[rows[known]]
    return counts, matrix


def _shares(
    before: NDArray[np.int64], after: NDArray[np.int64], share: float | None
) -> NDArray[np.float32]:
    """Return the weight of the new vector of each word, ``(n,)``.

    A word that was added without texts, of count 0, is replaced by one that was learnt.
    """
    both = (before > 0) & (after > 0)
    given = after / np.maximum(1, before + after) if share is None else share
    alone = ((after > before) & (before <= 0)).astype(np.float64)
    return np.where(both, given, alone).astype(np.float32)
