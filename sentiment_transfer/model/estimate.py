"""What `SentimentClassifier.pretrain` will take, estimated from a sample of the texts."""

from __future__ import annotations

import warnings
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_transfer.base.seconds import Seconds, Stopwatch
from sentiment_transfer.encoding import PretrainingTexts
from sentiment_transfer.errors import SentimentTransferError, SettingError
from sentiment_transfer.model.classifier import SentimentClassifier
from sentiment_transfer.model.defaults import given_vectors, new_encoder
from sentiment_transfer.model.inputs import unfitted_copy
from sentiment_transfer.polarity.encoder import SAMPLE_TEXTS
from sentiment_transfer.pretraining import SkipGram, WordVectors
from sentiment_transfer.pretraining.estimate import measure_pretraining
from sentiment_transfer.text import Tokenizer, Vocabulary
from sentiment_transfer.text.vocabulary import sampled_texts, select

if TYPE_CHECKING:
    from sentiment_transfer.corpus.texts import Texts
    from sentiment_transfer.pretraining.corpus_sample import CorpusSample
    from sentiment_transfer.pretraining.estimate import Measured, PretrainingEstimate
    from sentiment_transfer.text import TokenIds

__all__ = ["estimate_pretraining"]

MEASURED_TEXTS = 15_000, 30_000
"""Numbers of texts on which learning polarity is measured."""


def estimate_pretraining(
    model: SentimentClassifier,
    texts: Texts,
    *,
    seconds: float = 10.0,
    checkpoint: str | Path | None = None,
    shares: int | None = None,
    bandwidth: float = 1.25e9,
) -> PretrainingEstimate:
    """Estimate time, memory and disk of ``model.pretrain(texts)``.

    Parameters
    ----------
    texts
        What `read_texts` returns: files, or a list. Small corpora are read as a whole.
    seconds
        Time for the measurement, beyond that for loading what is compiled.
    checkpoint
        The folder of a checkpoint, if there will be one.
    shares
        Number of one-thread workers of a cluster, for an estimate of that as well.
    bandwidth
        Bytes a second between a worker of the cluster and the shared storage; 10 Gbit/s.

    Raises
    ------
    InputError
        There is no text, too few words occur often enough, or the texts can be read only once,
        such as standard input.
    SettingError
        A setting is not allowed, or the model is not trained by ``engine="numba"``.
    """
    skipgram: SkipGram = unfitted_copy(model.skipgram or SkipGram(seed=model.seed))
    skipgram.set_params(tokenizer=model.language)
    if given_vectors(model) is not None or skipgram.engine != "numba":
        raise SettingError(
            "only the training of own word vectors by engine='numba' can be estimated; leave out "
            "vectors and engine"
        )
    measured = measure_pretraining(
        texts,
        skipgram,
        seconds=seconds,
        folder=None if checkpoint is None else Path(checkpoint),
        shares=shares,
        bandwidth=bandwidth,
        warm_up=lambda first: _warm_up(model, skipgram, first),
    )
    estimate = measured.estimate
    phases = {**estimate.seconds, "polarity": _polarity(model, measured)}
    return replace(estimate, seconds=phases)


def _warm_up(model: SentimentClassifier, skipgram: SkipGram, texts: list[str]) -> None:
    """Load all that pretraining loads, compiled functions included."""
    small = SkipGram(16, epochs=1, min_count=1, workers=skipgram.workers)
    other = SentimentClassifier(model.language, skipgram=small, seeds=model.seeds)
    with warnings.catch_warnings(), suppress(SentimentTransferError):  # texts of few words
        warnings.simplefilter("ignore")
        other.pretrain(texts, callback=None)


def _polarity(model: SentimentClassifier, measured: Measured) -> Seconds:
    """Return the seconds for polarity, measured on some texts; it takes a sample of many."""
    estimate, sample, matrix = measured.estimate, measured.sample, measured.matrix
    words, counts = sample.vocabulary.words[: len(matrix)], sample.vocabulary.counts[: len(matrix)]
    tokenizer = Tokenizer(model.language)
    vectors = WordVectors(Vocabulary(words, counts), matrix[: len(words)].copy(), tokenizer, {})
    ids = sample.with_words(len(words))
    chosen = sampled_texts(estimate.n_texts, estimate.n_tokens, model.seed)
    n_learnt = estimate.n_texts if chosen is None else len(chosen)
    sizes = sorted({min(size, len(ids), n_learnt) for size in MEASURED_TEXTS})
    times = [_seconds_of_fit(model, vectors, sample, ids, size) for size in sizes]
    last, size = times[-1], sizes[-1]
    if len(sizes) == 1:
        return last.times(n_learnt / max(1, size))
    # the pivot classifier takes at most 15,000 texts, so the time grows by less than the texts
    more = last.plus(times[0].times(-1)).times((n_learnt - size) / (size - sizes[0]))
    return last.plus(Seconds(max(0.0, more.clock), max(0.0, more.cpu)))


def _seconds_of_fit(
    model: SentimentClassifier, vectors: WordVectors, sample: CorpusSample, ids: TokenIds, n: int
) -> Seconds:
    """Learn polarity on ``n`` texts of the sample; return the seconds that it took."""
    some = PretrainingTexts(select(ids, sample.places(n)), sample.texts[:SAMPLE_TEXTS])
    with warnings.catch_warnings(), suppress(SentimentTransferError):  # texts without seed words
        warnings.simplefilter("ignore")
        with Stopwatch() as watch:
            new_encoder(model, vectors).fit_unlabelled(some)
        return watch.seconds
    return Seconds()
