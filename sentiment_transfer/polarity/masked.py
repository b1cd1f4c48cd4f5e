"""How well a polarity fits texts without a label: it predicts their seed words, which are hidden.

Texts with more positive than negative seed words get a positive label, those with fewer a
negative one. Then the seed words, and the word pairs that hold them, are hidden, and the score of
the other words ranks the texts. The area under the ROC curve of this ranking compares polarities
over other word vectors on the same texts: the labels are noisy, but so they are for all.

The standard error of a difference is that of DeLong, DeLong & Clarke-Pearson (1988, *Biometrics*
44): texts are drawn, and rank under all candidates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.polarity.polarity import seed_balance
from sentiment_transfer.polarity.seeds import seed_tokens
from sentiment_transfer.text.grams import Grams, word_number
from sentiment_transfer.text.reading import read_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.polarity.encoder import PolarityEncoder
    from sentiment_transfer.text.reading import ReadTexts

__all__ = ["AreasUnderCurve", "areas_under_curve", "masked_scores"]

NO_GRAM = np.uint64(0)


@dataclass(frozen=True, eq=False)
class AreasUnderCurve:
    """Areas under the ROC curve of several scores of the same texts.

    Attributes
    ----------
    areas
        float64 ``(k,)``; 0.5 is chance.
    covariance
        Of the areas over draws of texts, float64 ``(k, k)``.
    n_negative, n_positive
        Numbers of texts with a label.
    """

    areas: NDArray[np.float64]
    covariance: NDArray[np.float64]
    n_negative: int
    n_positive: int

    def lead(self, one: int, other: int) -> tuple[float, float]:
        """Return how far the area of one score is above that of another, and its standard error."""
        c = self.covariance
        variance = float(c[one, one] + c[other, other] - 2 * c[one, other])
        return float(self.areas[one] - self.areas[other]), max(variance, 0.0) ** 0.5


def masked_scores(
    encoder: PolarityEncoder, texts: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Return the scores of texts with hidden seed words, and the balance of these, both ``(n,)``.

    The score is 0 for a text without another known word, and the balance for one without seed words
    or with as many of either side. The grammar of the language is not applied.
    """
    polarity, vectors = encoder.polarity_, encoder.vectors
    assert polarity is not None  # noqa: S101  (the caller has seed words)
    read = read_texts(texts, vectors.tokenizer, vectors.vocabulary)
    shown = (polarity.seed_signs[read.ids.ids] == 0).astype(np.float32)
    x = polarity.encode(read.ids, vectors.matrix, shown)
    taught = None
    if encoder.taught_ is not None and polarity.taught_weight:
        taught = encoder.taught_.score(_without_seeds(read, encoder))
    return polarity.score(x, taught), seed_balance(read.ids, polarity.seed_signs)


def _without_seeds(texts: ReadTexts, encoder: PolarityEncoder) -> Grams:
    """Return the words and pairs of texts, with a number that no word has for those of seeds."""
    seeds = seed_tokens(encoder.seeds, encoder.vectors)
    marker = encoder.vectors.tokenizer.language_data.marker
    words = {word.removeprefix(marker) for side in seeds or () for word in side}
    numbers = [word_number(word) for word in sorted(words)]
    is_seed = np.isin(texts.word_numbers, np.array(numbers, np.uint64))[texts.words.ids]
    grams = texts.grams
    lengths = np.diff(grams.offsets)
    # a text of n words has 2 n - 1 grams, the words at the even places
    places = np.arange(len(grams.numbers)) - np.repeat(grams.offsets[:-1], lengths)
    first = np.repeat(texts.words.offsets[:-1], lengths) + places // 2
    hidden = is_seed[first] | (is_seed[np.minimum(first + 1, len(is_seed) - 1)] & (places % 2 == 1))
    return Grams(np.where(hidden, NO_GRAM, grams.numbers), grams.offsets)


def areas_under_curve(positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> AreasUnderCurve:
    """Compute the areas of scores ``(k, n)`` for labels ``(n,)``, with at least two of each class.

    With ``V+_i`` the share of negative texts that positive text ``i`` is above (of equal ones, a
    half), and ``V-_j`` the share of positive ones above negative text ``j``, the area is the mean
    of ``V+``, and the covariance ``cov(V+) / n+ + cov(V-) / n-`` (equations 3 to 7 of the paper,
    by ranks as in Sun & Xu 2014).
    """
    from scipy.stats import rankdata

    n_positive, n_negative = int(positive.sum()), int((~positive).sum())
    ranks = rankdata(scores, axis=1)
    among_positive = rankdata(scores[:, positive], axis=1)
    among_negative = rankdata(scores[:, ~positive], axis=1)
    above = (ranks[:, positive] - among_positive) / n_negative
    below = 1 - (ranks[:, ~positive] - among_negative) / n_positive
    parts = (np.cov(above) / n_positive, np.cov(below) / n_negative)
    covariance = np.atleast_2d(parts[0] + parts[1])
    return AreasUnderCurve(above.mean(axis=1), covariance, n_negative, n_positive)
