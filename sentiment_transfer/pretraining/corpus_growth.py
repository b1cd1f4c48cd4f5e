"""How many words a corpus has, estimated from a sample of it.

A word with share p of the tokens occurs about Poisson(n p) times among n. With ``C p^(-1 - a) dp``
words of share p, which is Zipf's law near one place of it, the expected number of words that occur
at least k times is

    V(n, k) = C n^a / a * G(k - a) / G(k)

(G is the gamma function), as the integral of P(Poisson(x) >= k) x^(-1 - a) is E[g^-a] / a for g of
a gamma distribution of shape k. With k = 1 this is Heaps' law. The share of the tokens whose words
occur less often is ``C n^(a - 1) / (1 - a) * G(k - a) / G(k - 1)``. So a count of the sample gives
one of the corpus by a factor in which C cancels. The exponent a is fitted at the place in question:
the words that occur k times in the sample are about as frequent as those at ``min_count`` in the
corpus.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

__all__ = ["Sentences", "growth_exponent", "kept_share", "words_at"]

LOWEST, HIGHEST = 0.02, 0.98
"""Exponents in between which the law makes sense: no new word, and only new words."""

WIDER = 3
"""The exponent at k is fitted to the numbers of words at k and at this multiple of k."""


def words_at(counts: NDArray[np.int64], times: float, min_count: int) -> float:
    """Return how many words occur ``min_count`` times in a corpus, from the counts of a sample.

    Parameters
    ----------
    counts
        int64 ``(n_words,)``, of the words of the sample.
    times
        How many times as large the corpus is.
    """
    k = _place(times, min_count)
    seen = np.count_nonzero(counts >= k)
    if times <= 1 or not seen:
        return float(np.count_nonzero(counts >= min_count * times)) if times <= 1 else 0.0
    a = growth_exponent(counts, k)
    log_factor = a * math.log(times) + _log_rank(min_count, a) - _log_rank(k, a)
    return float(seen * math.exp(log_factor))


def kept_share(counts: NDArray[np.int64], times: float, min_count: int) -> float:
    """Return the share of the tokens of a corpus whose words occur ``min_count`` times.

    The arguments are those of `words_at`.
    """
    total = int(counts.sum())
    if min_count == 1 or not total:
        return 1.0
    if times <= 1:
        return float(counts[counts >= min_count * times].sum() / total)
    k = max(2, _place(times, min_count))
    dropped = float(counts[counts < k].sum() / total)
    a = growth_exponent(counts, k)
    log_factor = (a - 1) * math.log(times) + _log_dropped(min_count, a) - _log_dropped(k, a)
    return max(0.0, 1 - dropped * math.exp(log_factor))


def growth_exponent(counts: NDArray[np.int64], k: int) -> float:
    """Return the exponent a at the words that occur about k times: Heaps' exponent for k = 1."""
    at, above = (np.count_nonzero(counts >= each) for each in (k, WIDER * k))
    if not above or at == above:
        return LOWEST if at == above else HIGHEST
    wanted = math.log(at / above)
    low, high = LOWEST, HIGHEST
    for _ in range(40):  # the ratio of the two rises with a
        a = (low + high) / 2
        low, high = (a, high) if _log_rank(k, a) - _log_rank(WIDER * k, a) < wanted else (low, a)
    return (low + high) / 2


class Sentences:
    """Sentences of a sample, which show whether a corpus repeats itself.

    Of each text the first long sentence that begins behind its middle is looked at. Of texts made
    of a pool of sentences, about x / 2 occur twice for each that occurs once, if the sample is x
    times the pool. Where a corpus repeats sentences there are no new words in them.
    """

    LONG = 40
    FEW = 30
    """With fewer sentences that occur twice, a corpus counts as one that repeats nothing."""

    END = re.compile(r"[.!?]\s+")

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._n_characters = 0

    def watch(self, texts: Iterable[str]) -> Iterator[str]:
        """Yield the texts, and keep a piece of each; the pieces are looked at later."""
        for text in texts:
            middle = len(text) // 2
            self._n_characters += len(text)
            self._pieces.append(text[middle : middle + 10 * self.LONG])
            yield text

    def distinct_times(self, times: float) -> float:
        """Return how many times as many distinct sentences a corpus has as the sample.

        The corpus is ``times`` as large; the result is at most that.
        """
        whole = [self.END.split(piece)[1:-1] for piece in self._pieces]
        looked_at = Counter(
            next((each for each in some if len(each) >= self.LONG), None) for some in whole
        )
        looked_at.pop(None, None)
        occurrences = Counter(looked_at.values())
        if times <= 1 or occurrences[2] < self.FEW:
            return times
        characters = sum(len(each) * n for each, n in looked_at.items() if each)
        # of all sentences, x times the pool of what was looked at
        share = self._n_characters / characters * 2 * occurrences[2] / occurrences[1]
        return max(1.0, math.expm1(-share * times) / math.expm1(-share))


def _place(times: float, min_count: int) -> int:
    """Return the count in the sample of words that occur ``min_count`` times in the corpus."""
    return max(1, round(min_count / max(1.0, times)))


def _log_rank(k: int, a: float) -> float:
    return math.lgamma(k - a) - math.lgamma(k)


def _log_dropped(k: int, a: float) -> float:
    return math.lgamma(k - a) - math.lgamma(k - 1)
