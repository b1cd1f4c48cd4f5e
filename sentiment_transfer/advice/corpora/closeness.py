"""How close the words of a corpus are to those of the texts to be judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.pretraining.corpus_file import index_texts
from sentiment_transfer.pretraining.skipgram import auto_min_count
from sentiment_transfer.text.vocabulary import select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.text import TokenIds, Tokenizer

__all__ = ["MIN_TOKENS", "Closeness", "closeness", "divergence"]

MIN_TOKENS = 500
"""Tokens on each side from which distributions are compared."""
SPLITS = 5
"""Random halves of the corpus whose mean divergence is the least to expect."""


@dataclass(frozen=True)
class Closeness:
    """How well a corpus knows the words of the texts to be judged.

    Attributes
    ----------
    coverage, own_coverage
        Mean share of the words of a text that occur in the corpus as often as a word needs to get a
        vector: of the texts to be judged, and of the texts of the corpus if each were new.
    divergence, own_divergence
        Jensen-Shannon divergence in bits, from 0 for equal distributions to 1 for no word in common
        (Lin 1991, equation 4.1), between a part of the corpus and the texts to be judged, and
        between that part and another part of the corpus, with equally many words. None if there are
        too few words.

    Examples
    --------
    >>> corpus = [f"a great film number {i}" for i in range(40)]
    >>> report = describe_corpus(corpus, judged=["a great plot", "a great film"])
    >>> report.closeness.coverage
    0.75
    """

    coverage: float
    own_coverage: float
    divergence: float | None = None
    own_divergence: float | None = None

    @property
    def excess(self) -> float | None:
        """Divergence beyond that of two parts of the corpus, in bits; 0 for texts of its kind."""
        if self.divergence is None or self.own_divergence is None:
            return None
        return max(0.0, self.divergence - self.own_divergence)


def closeness(
    texts: Sequence[str], judged: Sequence[str], tokenizer: Tokenizer, seed: int = 0
) -> Closeness:
    """Compare the words of a corpus, or a sample of it, with those of the texts to be judged."""
    ids = index_texts([*texts, *judged], tokenizer, min_count=1).corpus
    rows = np.arange(len(ids))
    own, other = select(ids, rows[: len(texts)]), select(ids, rows[len(texts) :])
    counts = np.bincount(own.ids, minlength=ids.ids.max(initial=-1) + 1)
    least = auto_min_count(len(own.ids))
    covered = _mean_share(other, counts >= least), _mean_share(own, counts > least)
    n_tokens = min(len(own.ids) // 2, len(other.ids))
    if n_tokens < MIN_TOKENS:
        return Closeness(*covered)
    rng = np.random.default_rng(seed)
    found = [_divergences(own, other, n_tokens, len(counts), rng) for _ in range(SPLITS)]
    return Closeness(*covered, *np.mean(found, axis=0).tolist())


def divergence(one: NDArray[np.integer], other: NDArray[np.integer]) -> float:
    """Return the Jensen-Shannon divergence of two arrays of counts ``(n_words,)``, in bits.

    >>> divergence(np.array([1, 0]), np.array([0, 1]))
    1.0
    """
    from scipy.spatial.distance import jensenshannon

    return float(jensenshannon(one, other, base=2) ** 2)


def _divergences(
    own: TokenIds, other: TokenIds, n_tokens: int, n_words: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Return the divergence of a part of the corpus to the other texts, and to another part."""
    shuffled = select(own, rng.permutation(len(own))).ids
    first, second = shuffled[:n_tokens], shuffled[n_tokens : 2 * n_tokens]
    third = select(other, rng.permutation(len(other))).ids[:n_tokens]
    counts = [np.bincount(part, minlength=n_words) for part in (first, second, third)]
    return divergence(counts[0], counts[2]), divergence(counts[0], counts[1])


def _mean_share(ids: TokenIds, known: NDArray[np.bool_]) -> float:
    """Return the mean share of known words of the texts that have words; 0 without one."""
    lengths = np.diff(ids.offsets)
    n_known = np.bincount(ids.text_index, known[ids.ids], len(ids))
    held = lengths > 0
    return float((n_known[held] / lengths[held]).mean()) if held.any() else 0.0
