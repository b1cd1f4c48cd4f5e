"""What word vectors show of themselves, without a label: how much text, of which kind, any sense.

Two tests of sense compare vectors with what vectors assigned to the words at random would show.
Seed words: whether the direction between the polarities, computed without a seed word, puts that
word on its side. Texts: whether the words of one text are closer to each other than chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_transfer.model.evidence import likeness_of_words
from sentiment_transfer.polarity.seeds import seed_tokens
from sentiment_transfer.text.bag_of_words import distinct_counts, unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.model import SentimentClassifier
    from sentiment_transfer.polarity.seeds import Seeds
    from sentiment_transfer.pretraining import WordVectors

__all__ = ["Likeness", "Norms", "SeedSides", "cohesion", "learnt_from", "likeness", "norms_of"]
__all__ += ["seed_sides"]

MIN_SEEDS, MIN_COUNT = 5, 5
"""Seed words a side that are evidence, and occurrences from which a vector shows what it learnt."""
MIN_WORDS = 100
"""Different words of texts below which it is chance how close they are."""
DEALS = 50
"""Random exchanges of the vectors among words."""
NAN = float("nan")


def learnt_from(vectors: WordVectors) -> int | None:
    """Return the number of tokens that vectors were learnt from; None if counts are unknown."""
    if vectors.counts.max(initial=0) <= 1:
        return None
    return int(vectors.counts.sum())


class Likeness(NamedTuple):
    """How well the frequencies of words in the texts of pretraining fit those of other texts.

    ``coverage`` is the share of the words of a text that have a vector, ``relative`` the same over
    the usual one. ``gain`` is in bits a word over the reference, with its lead in standard errors;
    NaN if it is not known.
    """

    coverage: float
    relative: float
    gain: float = NAN
    gain_lead: float = NAN


def likeness(
    model: SentimentClassifier, reference: SentimentClassifier | None, texts: Sequence[str]
) -> Likeness:
    """Compare the texts of pretraining with other texts, and with those of a reference."""
    vectors, usual = model.vectors_, model.training_summary_.coverage
    known = vectors.coverage(texts)
    coverage = float(known.mean()) if len(known) else NAN
    relative = coverage / usual if usual else NAN
    if reference is None or _same_words(vectors, reference.vectors_):
        return Likeness(coverage, relative)
    if reference.vectors_.tokenizer.language != vectors.tokenizer.language:
        return Likeness(coverage, relative)
    encoders: dict[str, SentimentClassifier] = {"reference": reference, "model": model}
    figures = likeness_of_words({name: one.encoder_ for name, one in encoders.items()}, texts)
    gain = figures.get("model")
    return Likeness(coverage, relative, *(gain or (NAN, NAN)))


def _same_words(one: WordVectors, other: WordVectors) -> bool:
    return one.words == other.words


class SeedSides(NamedTuple):
    """Whether seed words lie on the side of their polarity.

    ``area`` under the ROC curve: 0.5 is chance, NaN with fewer than five known words a side;
    ``neighbours`` is the share whose nearest other seed word has the same polarity.
    """

    area: float
    neighbours: float
    n_positive: int
    n_negative: int


def seed_sides(vectors: WordVectors, seeds: Seeds = "language") -> SeedSides:
    """Score each seed word by the direction between the other ones of both polarities.

    Words seen less than five times are left out, if counts are known. Of vectors assigned at
    random the area is 0.5 on average, with a standard deviation of 0.05 for 60 words a side.
    """
    words = seed_tokens("language" if seeds is None else seeds, vectors) or ([], [])
    least = MIN_COUNT if learnt_from(vectors) is not None else 0
    known = [sorted(set(vectors.vocabulary.encode(side))) for side in words]
    ids = [[i for i in side if vectors.counts[i] >= least] for side in known]
    sizes = len(ids[0]), len(ids[1])
    if min(sizes) < MIN_SEEDS:
        return SeedSides(NAN, NAN, *sizes)
    unit = unit_rows(vectors.matrix - vectors.matrix.mean(axis=0)).astype(np.float64)
    positive, negative = unit[ids[0]], unit[ids[1]]
    return SeedSides(_area(positive, negative), _neighbours(positive, negative), *sizes)


def _area(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    from scipy.stats import rankdata

    p, n = len(positive), len(negative)
    without = (positive.sum(axis=0) - positive) / (p - 1) - negative.mean(axis=0)
    against = positive.mean(axis=0) - (negative.sum(axis=0) - negative) / (n - 1)
    scores = np.concatenate([(positive * without).sum(axis=1), (negative * against).sum(axis=1)])
    ranks = rankdata(scores)
    return float((ranks[:p].sum() - p * (p + 1) / 2) / (p * n))


def _neighbours(positive: NDArray[np.float64], negative: NDArray[np.float64]) -> float:
    both = np.concatenate([positive, negative])
    sign = np.repeat([True, False], [len(positive), len(negative)])
    cosines = both @ both.T
    np.fill_diagonal(cosines, -np.inf)
    return float((sign[cosines.argmax(axis=1)] == sign).mean())


def cohesion(vectors: WordVectors, texts: Sequence[str], seed: int = 0) -> float:
    """Return how much closer the words of a text are than by chance, in standard deviations.

    The mean cosine of two different words of a text, over texts, is compared with its values when
    the vectors are exchanged at random among the words of the texts (a permutation test). NaN if
    the texts have fewer than 100 different known words, or none has two.
    """
    marks = distinct_counts(vectors.encode(texts), len(vectors)).astype(np.float64)
    used = np.unique(marks.indices)
    bag = marks[np.diff(marks.indptr) > 1][:, used]
    if len(used) < MIN_WORDS or not bag.shape[0]:
        return NAN
    unit = unit_rows(vectors.matrix - vectors.matrix.mean(axis=0)).astype(np.float64)[used]
    sizes, rng = np.diff(bag.indptr), np.random.default_rng(seed)

    def mean_cosine(rows: NDArray[np.float64]) -> float:
        sums = bag @ rows
        squares = (sums**2).sum(axis=1) - bag @ (rows**2).sum(axis=1)
        return float((squares / (sizes * (sizes - 1))).mean())

    dealt = np.array([mean_cosine(unit[rng.permutation(len(unit))]) for _ in range(DEALS)])
    spread = float(dealt.std(ddof=1))
    return (mean_cosine(unit) - float(dealt.mean())) / spread if spread > 0 else 0.0


class Norms(NamedTuple):
    """Median length of the vectors, the share of length 0, and the mean cosine of two words."""

    median: float
    zeros: float
    mean_cosine: float


def norms_of(vectors: WordVectors) -> Norms:
    """Measure lengths and directions.

    The mean cosine of two different words is 0.13 to 0.23 of sound vectors, and up to 1 where
    training has moved all of them the same way. NaN for fewer than two words.
    """
    n, lengths = len(vectors), np.linalg.norm(vectors.matrix, axis=1)
    if n < 2:
        return Norms(NAN, NAN, NAN)
    total = vectors.unit_matrix.sum(axis=0, dtype=np.float64)
    kept = np.count_nonzero(lengths)
    cosine = (float(total @ total) - kept) / (n * (n - 1))
    return Norms(float(np.median(lengths)), float((lengths == 0).mean()), cosine)
