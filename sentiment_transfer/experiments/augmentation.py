"""More labelled texts out of few: copies with some words swapped for their neighbours.

Words that are neighbours in the space of word vectors can mostly replace each other, but "good" and
"bad" are neighbours too: a word is swapped only for one of about the same polarity, as measured
along the direction from the negative to the positive seed words. Negators are never swapped:
"never" is a neighbour of "really".

Over 13 review sets this improves a network on averaged vectors by 1.0 points at 8 labels, by 0.7 at
32 and not at 100; on one set tried without the condition on polarity, not at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from sentiment_transfer.classification import HiddenLayerClassifier, Training
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.polarity.seeds import seed_ids
from sentiment_transfer.text.bag_of_words import unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.experiments.draws import Labels, Rows
    from sentiment_transfer.model import SentimentClassifier
    from sentiment_transfer.pretraining import WordVectors

    Near = dict[int, NDArray[np.intp]]

__all__ = ["SwappedWordsArm", "swap_words"]

Label = TypeVar("Label")

NEAREST = 10
"""Number of neighbours of a word that are considered."""
LEAST_COSINE = 0.4
"""Smallest cosine between a word and a neighbour that can replace it."""
POLARITIES_APART = 0.5
"""Largest difference in polarity between the two, in standard deviations."""
PIECE_WORDS = 256


class SwappedWordsArm:
    """The network on averaged vectors of the drawn texts and of copies by `swap_words`.

    No texts are held out for early stopping: copies of them would be in the training set.
    """

    needs_labels = True

    def __init__(self, model: SentimentClassifier) -> None:
        self.model = model.with_head(HiddenLayerClassifier())

    def prepare(self, pool: Sequence[str], test: Sequence[str], classes: Sequence[str]) -> None:
        """Keep the texts of the pool, and average the word vectors of the test texts."""
        self._pool, self._test = pool, self.model.encode(test).features

    def predict(self, rows: Rows, labels: Labels, seed: int) -> Labels:
        """Swap words, and fit the network."""
        texts = [self._pool[i] for i in rows]
        more, own = swap_words(texts, labels.tolist(), self.model.vectors_, seed=seed)
        head = HiddenLayerClassifier(seed=seed, training=Training(validation_fraction=0))
        head.fit(self.model.encode(more).features, own)
        predicted: Labels = head.predict(self._test)
        return predicted


def swap_words(
    texts: Sequence[str],
    labels: Sequence[Label],
    vectors: WordVectors,
    *,
    copies: int = 4,
    share: float = 0.4,
    seed: int = 0,
) -> tuple[list[str], list[Label]]:
    """Return the texts and, after each, its copies, with their labels.

    ``model.fit(*swap_words(texts, labels, model.vectors_))`` learns from them. Meant for fewer than
    100 labels: with more, a share is held out for early stopping, and would hold copies of texts
    in the training set.

    ``share`` is the probability that a word is swapped, if it has a vector and a neighbour of its
    polarity. ``vectors`` are of a language with seed words. ``InputError`` for different numbers of
    texts and labels; ``SettingError`` if ``copies`` or ``share`` is out of range, or one polarity
    has no seed word with a vector.
    """
    if len(texts) != len(labels):
        raise InputError(f"there are {len(texts)} texts but {len(labels)} labels")
    if copies < 0:
        raise SettingError(f"copies={copies} is not allowed; it must be an integer of at least 0")
    if not 0 <= share <= 1:
        raise SettingError(f"share={share} is not allowed; it must be a number from 0 to 1")
    rng = np.random.default_rng(seed)
    aligned = [vectors.tokenizer.aligned(text) for text in texts]
    tokens = {token for pieces in aligned for _, token in pieces if token is not None}
    near = _neighbours(vectors, np.unique(vectors.vocabulary.encode(sorted(tokens))))
    more: list[str] = []
    for text, pieces in zip(texts, aligned, strict=True):
        more += [text, *(_copy(pieces, vectors, near, share, rng) for _ in range(copies))]
    return more, [label for label in labels for _ in range(copies + 1)]


def _copy(
    pieces: Sequence[tuple[str, str | None]],
    vectors: WordVectors,
    near: Near,
    share: float,
    rng: np.random.Generator,
) -> str:
    """Swap some words; a negated word for another negated word, written without its mark."""
    marker, written = vectors.tokenizer.language_data.marker, []
    for (piece, token), draw in zip(pieces, rng.random(len(pieces)).tolist(), strict=True):
        others = near.get(vectors.vocabulary.index.get(token or "", -1), ())
        if draw < share and len(others):
            piece = vectors.words[rng.choice(others)].removeprefix(marker)
        written.append(piece)
    return " ".join(written)


def _neighbours(vectors: WordVectors, ids: NDArray[np.integer]) -> Near:
    """Nearest words of the same polarity, negated if the word itself is; none for negators."""
    unit, scores = vectors.unit_matrix, _polarities(vectors)
    language = vectors.tokenizer.language_data
    marked = np.array([word.startswith(language.marker) for word in vectors.words])
    words = {*language.negators, *language.negators.values()}
    negators = np.array(vectors.vocabulary.encode(sorted(words)), dtype=np.intp)
    ids = np.setdiff1d(ids, negators).astype(np.intp)
    n = min(NEAREST, len(vectors) - 1)
    near: Near = {}
    for piece in np.split(ids, range(PIECE_WORDS, len(ids), PIECE_WORDS)):
        cosines = unit[piece] @ unit.T
        cosines[np.arange(len(piece)), piece] = -1
        cosines[np.abs(scores[piece, None] - scores) > POLARITIES_APART] = -1
        cosines[marked[piece, None] != marked] = -1
        cosines[:, negators] = -1
        best = np.argpartition(-cosines, n, axis=1)[:, :n]
        for word, row, places in zip(piece.tolist(), cosines, best, strict=True):
            near[word] = np.sort(places[row[places] >= LEAST_COSINE])
    return near


def _polarities(vectors: WordVectors) -> NDArray[np.float32]:
    """Project words on the seed direction, in standard deviations, ``(n_words,)``."""
    language, unit = vectors.tokenizer.language_data, vectors.unit_matrix
    seeds = seed_ids(vectors.vocabulary, language.positive_seeds, language.negative_seeds)
    positive, negative = (unit[ids].mean(axis=0) for ids in seeds)
    along = unit_rows(vectors.matrix - vectors.matrix.mean(axis=0)) @ (positive - negative)
    scores: NDArray[np.float32] = (along - along.mean()) / along.std()
    return scores
