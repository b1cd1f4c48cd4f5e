"""A sample of a corpus, indexed as the whole would be, with the time that this takes."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.base.seconds import Seconds, Stopwatch
from sentiment_transfer.corpus.sampling import Reservoir
from sentiment_transfer.corpus.stretches import read_stretches, stretches_of
from sentiment_transfer.corpus.texts import TextTally
from sentiment_transfer.errors import InputError
from sentiment_transfer.pretraining.corpus_growth import Sentences, kept_share, words_at
from sentiment_transfer.text.indexing import SMALL_CHARACTERS, index_corpus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.corpus.stretches import Stretch
    from sentiment_transfer.corpus.texts import Texts
    from sentiment_transfer.text import TokenIds, Tokenizer, Vocabulary

__all__ = ["CorpusSample", "sample_corpus", "warm_up_reading"]

SAMPLE_TEXTS = 5_000
"""Texts of the sample that are kept as they are."""


@dataclass(frozen=True)
class CorpusSample:
    """Texts of several places of a corpus, and what they say of all of it.

    Attributes
    ----------
    vocabulary, corpus
        All words of the sample, the most frequent first, and its token ids.
    texts
        Some of the texts.
    n_texts, n_tokens
        Of the whole corpus, rare words included: exact if ``complete``, else estimated.
    distinct_times
        How many times as much text that is not repeated the whole corpus has.
    seconds
        What reading and indexing the whole corpus takes.
    complete
        Whether the sample is the whole corpus.
    """

    vocabulary: Vocabulary
    corpus: TokenIds
    texts: list[str]
    n_texts: int
    n_tokens: int
    distinct_times: float
    seconds: Seconds
    complete: bool

    @property
    def times(self) -> float:
        """How many times as many tokens the corpus has as the sample."""
        return self.n_tokens / max(1, len(self.corpus.ids))

    def n_words(self, min_count: int) -> int:
        """Return how many words of the corpus occur ``min_count`` times."""
        return round(words_at(self.vocabulary.counts, self.times, min_count))

    def n_kept(self, min_count: int) -> int:
        """Return how many tokens of the corpus are of such words."""
        return round(self.n_tokens * kept_share(self.vocabulary.counts, self.times, min_count))

    def n_distinct(self) -> int:
        """Return how many distinct words the corpus has."""
        return round(words_at(self.vocabulary.counts, self.distinct_times, 1))

    def with_words(self, n_words: int) -> TokenIds:
        """Return the token ids of the ``n_words`` most frequent words."""
        return self.corpus.where(self.corpus.ids < n_words)

    def places(self, n: int) -> NDArray[np.int64]:
        """Return the numbers of ``n`` texts of the sample, spread evenly over it; int64."""
        return np.linspace(0, len(self.corpus), n, endpoint=False).astype(np.int64)


def warm_up_reading(texts: Texts, tokenizer: Tokenizer) -> list[str]:
    """Load what reads and indexes texts, compiled functions included; return the first texts.

    Raises ``InputError`` if there is no text.
    """
    first = list(islice(chain.from_iterable(each.texts for each in stretches_of(texts)), 2_000))
    if not first:
        raise InputError("there are no texts; give unlabelled texts to learn from")
    characters = sum(map(len, first))
    index_corpus(first * (1 + SMALL_CHARACTERS // max(1, characters)), tokenizer)
    return first


def seconds_of_new_word(tokenizer: Tokenizer, n_words: int = 30_000) -> float:
    """Return the seconds of a processor that a word takes when it is first seen.

    A small sample has more new words for each token than a large corpus.
    """
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(letters[n // 26**i % 26] for i in range(6)) for n in range(n_words)]
    seconds = []
    for chosen in (words, words[:1] * n_words):
        texts = [" ".join(chosen[first : first + 100]) for first in range(0, n_words, 100)]
        with Stopwatch() as watch:
            index_corpus(texts, tokenizer)
        seconds.append(watch.seconds.cpu)
    return max(0.0, seconds[0] - seconds[1]) / n_words


def sample_corpus(texts: Texts, tokenizer: Tokenizer, seconds: float) -> CorpusSample:
    """Index a sample of texts in a limited time; small corpora are read as a whole.

    Raises ``InputError`` for texts that can be read only once.
    """
    stretches = stretches_of(texts)
    sentences, kept = Sentences(), Reservoir(SAMPLE_TEXTS, 0)
    stream = read_stretches(stretches, seconds)
    if texts.tally is not None:
        stream = TextTally().watch(stream)
    # pretraining draws two samples on the way: for coverage, and for polarity
    stream = Reservoir(0, 0).through(sentences.watch(kept.through(stream)))
    with Stopwatch() as watch:  # in memory: the disk may be full
        vocabulary, corpus = index_corpus(stream, tokenizer)
    n_texts, n_tokens = _whole(corpus, stretches)
    new_word = seconds_of_new_word(tokenizer)
    complete = all(each.finished and each.is_whole() for each in stretches)
    times = n_tokens / max(1, len(corpus.ids))
    distinct_times = sentences.distinct_times(times)
    n_distinct = words_at(vocabulary.counts, distinct_times, 1)
    new_words = (n_distinct - times * len(vocabulary)) * new_word / max(watch.seconds.cpu, 1e-9)
    whole = watch.seconds.times(max(0.1, times + new_words))
    return CorpusSample(
        vocabulary,
        corpus,
        kept.texts,
        round(n_texts),
        round(n_tokens),
        distinct_times,
        whole,
        complete,
    )


def _whole(corpus: TokenIds, stretches: Sequence[Stretch]) -> tuple[float, float]:
    """Return the number of texts and of tokens of all that the stretches stand for."""
    n_texts = n_tokens = 0.0
    first = 0
    for each in stretches:
        last = first + each.n_texts
        n_texts += each.factor * each.n_texts
        n_tokens += each.factor * int(corpus.offsets[last] - corpus.offsets[first])
        first = last
    return n_texts, n_tokens
