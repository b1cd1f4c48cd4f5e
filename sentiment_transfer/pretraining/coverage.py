"""Usual coverage: the share of the words of a text that word vectors may be expected to know."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.text.reading import read_texts
from sentiment_transfer.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_transfer.text import Tokenizer

__all__ = ["COVERED_TEXTS", "expected_coverage", "mean_coverage"]

COVERED_TEXTS = 1_000
"""Texts that the mean coverage is computed from; its standard error is then 0.005 or less."""


def mean_coverage(
    texts: Sequence[str], tokenizer: Tokenizer, vocabulary: Vocabulary
) -> float | None:
    """Return the mean share of the words of a text in a vocabulary; None without a word.

    Texts without a word do not count. It is rounded to four decimals, and computed from at most
    1,000 of the texts.
    """
    step = max(1, math.ceil(len(texts) / COVERED_TEXTS))
    read = read_texts(texts[::step], tokenizer, vocabulary, words=False)
    coverage = read.coverage[np.diff(read.rows.offsets) > 0]
    return round(float(coverage.mean()), 4) if len(coverage) else None


def expected_coverage(
    texts: Sequence[str], tokenizer: Tokenizer, vocabulary: Vocabulary
) -> float | None:
    """Return the `mean_coverage` to expect of new texts like those that were counted.

    ``texts`` are some of those. A word of the least count would not be in the vocabulary if the
    text that holds it had been left out, so it counts as unknown. Otherwise the coverage of new
    sentences would be overestimated by nearly a half if there are only 300 of them.
    """
    counts = vocabulary.counts[vocabulary.counts > 0]
    n = np.count_nonzero(counts > counts.min(initial=np.iinfo(counts.dtype).max))
    frequent = Vocabulary(vocabulary.words[:n], vocabulary.counts[:n])
    return mean_coverage(texts, tokenizer, frequent if n else vocabulary)
