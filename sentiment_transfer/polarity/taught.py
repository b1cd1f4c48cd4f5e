"""Polarity of words and word pairs taught by labels of other texts, such as reviews of films.

Seed words give a text a score without a label, and the labels of other people's texts a second one:

    ``t = sum of w_j over its n distinct known words and pairs, / sqrt(n)``

The weights ``w`` are learnt once, together with weights of sentence vectors that are not kept
(``scripts/bank/teaching.py``): they have what words say beyond their vectors, which the seed words
use already. A word can mean something else in other texts ("cheap", "unpredictable"), so the score
is trusted as far as it agrees with that of the seed words on unlabelled texts: its weight in their
sum is half their correlation (`with_taught`).

It adds 0.6 points without a label, with 8 and with 100, in the mean of English texts of kinds that
taught nothing, and 0.4 to 0.6 in Chinese (``scripts/results/taught.md``). Words count as they
stand, whatever the grammar reads in their place.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from sentiment_transfer.polarity.cut import choose_cut
from sentiment_transfer.polarity.prevalence import share_by_counting
from sentiment_transfer.text.grams import find_grams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sentiment_transfer.polarity.polarity import Polarity
    from sentiment_transfer.polarity.stored import TaughtFacts
    from sentiment_transfer.text.grams import Grams
    from sentiment_transfer.text.reading import ReadTexts

__all__ = ["TaughtPolarity", "TaughtSource", "with_taught"]

TRUST = 0.5
"""Weight of the taught score, in standard deviations of that of the seed words, for a correlation
of 1. Development sets of 18 kinds of text have correlations of 0.1 to 0.55; 0.3 to 0.7 are within
0.2 points."""
MIN_TEXTS = 30
"""Number of unlabelled texts from which their correlation counts."""


class TaughtSource(NamedTuple):
    """A set of texts whose labels taught, and their numbers."""

    name: str
    negative: int
    positive: int


@dataclass(frozen=True, eq=False)
class TaughtPolarity:
    """Weights of words and pairs, learnt from labels of other texts.

    Attributes
    ----------
    numbers
        Words and pairs, uint64 ``(m,)``, sorted; with a pair both its words.
    weights
        float16 ``(m,)``: positive words above 0.
    sources
        What taught them.
    """

    numbers: NDArray[np.uint64]
    weights: NDArray[np.float16]
    sources: tuple[TaughtSource, ...] = ()

    def score(self, grams: Grams) -> NDArray[np.float64]:
        """Compute ``t`` of each text, float64 ``(n_texts,)``; 0 for a text without a known word."""
        columns, known = find_grams(grams, self.numbers)
        texts = np.repeat(np.arange(len(grams)), np.diff(grams.offsets))
        size = max(1, len(self.numbers))
        texts, columns = np.divmod(_distinct(texts[known] * size + columns[known]), size)
        n_known = np.bincount(texts, minlength=len(grams))
        sums = np.bincount(texts, self.weights[columns].astype(np.float64), len(grams))
        scores: NDArray[np.float64] = sums / np.sqrt(np.maximum(n_known, 1))
        return scores

    def state(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return facts and tensors for a model file."""
        facts = {"sources": [source._asdict() for source in self.sources]}
        return facts, {
            "taught.grams": self.numbers.view(np.int64),
            "taught.weights": self.weights,
        }

    @classmethod
    def from_state(cls, facts: TaughtFacts, tensors: Mapping[str, NDArray[Any]]) -> Self:
        """Build from what `state` returned."""
        sources = tuple(TaughtSource(s.name, s.negative, s.positive) for s in facts.sources)
        return cls(tensors["taught.grams"].view(np.uint64), tensors["taught.weights"], sources)


def with_taught(
    polarity: Polarity,
    taught: TaughtPolarity,
    texts: ReadTexts,
    vectors: NDArray[np.float32],
    *,
    background: Polarity | None = None,
    prevalence: float | None = None,
) -> Polarity:
    """Return the polarity with the taught score as a part of its score, and a cut for their sum.

    The weight is half the correlation of the two scores, and 0 if that is negative, not defined, or
    of fewer than 30 texts; a polarity that nothing taught before then scores as it did.

    Parameters
    ----------
    polarity
        Polarity from seed words, over ``vectors``, ``(n_words, d)``.
    taught
        What labels of other texts taught.
    texts
        Unlabelled texts of the kind to judge.
    background, prevalence
        As for `polarity_from_seeds`.
    """
    scores = taught.score(texts.grams)
    x = polarity.encode(texts.ids, vectors)
    known = x[:, :-1].any(axis=1)
    raw, t = x[known] @ polarity.along, scores[known]
    correlation = _correlation(raw, t)
    mean = weight = 0.0
    if correlation > 0:
        mean, weight = float(t.mean()), TRUST * correlation * float(raw.std() / t.std())
    elif not polarity.taught_weight:  # its cut is not that of a sum
        return replace(polarity, taught_correlation=correlation)
    both = raw + weight * (t - mean)
    earlier = None
    if background is not None and prevalence is None:
        answers = background.score(background.encode(texts.ids, vectors), scores) > 0
        earlier = share_by_counting(answers[known])
    cut = choose_cut(both, x[known, -1], prevalence=prevalence, earlier=earlier)
    return replace(
        polarity,
        taught_weight=weight,
        taught_mean=mean,
        taught_correlation=correlation,
        cut=cut,
        spread=float(both.std()) or 1.0,
    )


def _distinct(numbers: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return what `numpy.unique` does, sorting in place of hashing: a tenth of the time."""
    ordered = np.sort(numbers)
    is_first = np.ones(len(ordered), dtype=bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return ordered[is_first]


def _correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Return Pearson's correlation, 0 for few texts or equal values."""
    if len(first) < MIN_TEXTS or not (first.std() > 0 and second.std() > 0):
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])
