"""What pretraining will take, estimated from a sample: time, memory, disk, network."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.atomic import in_use, temporary_prefix
from sentiment_transfer.base.memory import release_memory, resident_memory
from sentiment_transfer.base.seconds import Seconds, Stopwatch
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.pretraining.cluster_estimate import ClusterEstimate
from sentiment_transfer.pretraining.corpus_sample import sample_corpus, warm_up_reading
from sentiment_transfer.pretraining.memory_and_disk import (
    checkpoint_bytes,
    existing,
    ids_bytes,
    indexed_bytes,
    indexing_bytes,
    model_bytes,
    polarity_bytes,
    training_bytes,
)
from sentiment_transfer.pretraining.schedule import rounds_of
from sentiment_transfer.pretraining.training_speed import TrainingSpeed, measure_training
from sentiment_transfer.storage import save_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from sentiment_transfer.corpus.texts import Texts
    from sentiment_transfer.pretraining.corpus_sample import CorpusSample
    from sentiment_transfer.pretraining.engine import Settings
    from sentiment_transfer.pretraining.skipgram import SkipGram
    from sentiment_transfer.pretraining.vectors import WordVectors
    from sentiment_transfer.text import TokenIds

__all__ = ["Measured", "PretrainingEstimate", "measure_pretraining"]

USUAL_MEMORY = 290_000_000
"""Bytes of a process that has read, trained and learnt polarity, where that cannot be measured."""

READING, TRAINING = 0.45, 0.25
"""Shares of the time that the sample is read and trained on; the rest is for polarity."""

SAVED_ROWS = 20_000
"""Words whose weights are saved to measure how long a checkpoint takes."""


@dataclass(frozen=True)
class PretrainingEstimate:
    """What pretraining will take.

    Attributes
    ----------
    n_texts, n_tokens, n_words
        Texts of the corpus, tokens without stop words and rare words, and distinct words left.
    n_read
        Tokens before rare words are left out, which are on disk until then.
    exact
        Whether the corpus was read as a whole, so that these are counts, not estimates.
    settings, min_count
        The settings, with the epochs and workers that a corpus of this size gets.
    seconds
        Seconds of each phase, by the clock and of processors.
    memory
        Most bytes of memory, pages of mapped token ids apart: the system can drop them.
    memory_needed
        How much of it the process did not have yet when it had loaded everything.
    disk
        Bytes on disk, by what takes them, at the time when it is most.
    cluster
        The same on a cluster, if asked for.
    """

    n_texts: int
    n_tokens: int
    n_words: int
    n_read: int
    exact: bool
    settings: Settings
    min_count: int
    seconds: dict[str, Seconds]
    memory: int
    memory_needed: int
    disk: dict[str, int] = field(default_factory=dict)
    cluster: ClusterEstimate | None = None

    @property
    def total(self) -> Seconds:
        """Seconds of all phases."""
        total = Seconds()
        for each in self.seconds.values():
            total = total.plus(each)
        return total


@dataclass(frozen=True)
class Measured:
    """What was measured on a sample: the estimate so far, the sample and some vectors.

    ``own_memory`` is that of the process before it had read anything.
    """

    estimate: PretrainingEstimate
    sample: CorpusSample
    matrix: NDArray[np.float32]
    own_memory: int


def measure_pretraining(
    texts: Texts,
    skipgram: SkipGram,
    *,
    seconds: float = 10.0,
    folder: Path | None = None,
    shares: int | None = None,
    bandwidth: float = 1.25e9,
    warm_up: Callable[[list[str]], object] = lambda _: None,
) -> Measured:
    """Estimate what `SkipGram.fit` takes for texts, from a sample of them.

    Parameters
    ----------
    texts
        In files, or a list. Small corpora are read as a whole.
    seconds
        Time for the measurement, beyond that for loading what is compiled.
    folder
        That of a checkpoint, if there will be one.
    shares
        Number of one-thread workers of a cluster, for an estimate of that as well.
    bandwidth
        Bytes a second between a worker and the shared storage.
    warm_up
        Called with the first texts before anything is measured, to load what else will be used.

    Raises
    ------
    InputError
        There is no text, too few words occur often enough, or the texts can be read only once.
    SettingError
        A parameter of ``skipgram`` is not allowed.
    """
    settings, tokenizer = skipgram.checked_settings(), skipgram.used_tokenizer()
    with Stopwatch() as loading:
        warm_up(warm_up_reading(texts, tokenizer))
    release_memory()
    own_memory = resident_memory() or USUAL_MEMORY
    sample = sample_corpus(texts, tokenizer, READING * seconds)
    min_count = skipgram.min_count_of(sample.n_tokens)
    n_words, n_kept = sample.n_words(min_count), sample.n_kept(min_count)
    if n_words < 2:
        raise InputError(
            f"the texts hold {n_words} words that occur often enough, by "
            f"min_count={skipgram.min_count!r}; give more texts or a smaller min_count"
        )
    corpus = sample.with_words(n_words)
    settings = skipgram.settings_for(settings, n_kept, corpus.longest)
    n_words += _only_initial(skipgram.initial, sample, n_words)
    counts = _counts_of(sample, n_words)
    speed = measure_training(corpus, counts, settings, TRAINING * seconds)
    n_trained = n_kept * settings.epochs
    n_rounds = rounds_of(n_kept, settings.workers) * settings.epochs
    training = speed.seconds(n_trained, n_rounds)
    phases = {"loading": loading.seconds, "reading": sample.seconds, "training": training}
    disk = {"token ids": ids_bytes(sample.n_tokens, sample.n_texts)}
    if folder is not None:
        phases["checkpoints"] = _saving(folder, speed, n_words, training)
        disk["checkpoint"] = checkpoint_bytes(n_words, settings.vector_size)
    disk["model"] = model_bytes(n_words, settings.vector_size)
    needed = _memory(sample, n_words, n_kept, settings)
    estimate = PretrainingEstimate(
        sample.n_texts,
        n_kept,
        n_words,
        sample.n_tokens,
        sample.complete,
        settings,
        min_count,
        phases,
        own_memory + needed,
        needed,
        disk,
    )
    if shares is not None:
        token = speed.token if settings.workers == 1 else _one_thread(corpus, counts, settings)
        cluster = ClusterEstimate.of(
            estimate, shares, token, bandwidth, own_memory, sample.n_distinct()
        )
        estimate = replace(estimate, cluster=cluster)
    return Measured(estimate, sample, speed.matrix, own_memory)


def _only_initial(initial: WordVectors | None, sample: CorpusSample, n_words: int) -> int:
    """Return how many words that vectors to start from have, and the texts have not."""
    if initial is None:
        return 0
    found = set(sample.vocabulary.words[:n_words])
    return sum(word not in found for word in initial.words)


def _memory(sample: CorpusSample, n_words: int, n_kept: int, settings: Settings) -> int:
    """Return the bytes that reading, training or polarity takes, whichever takes most."""
    size, n_texts, n_distinct = settings.vector_size, sample.n_texts, sample.n_distinct()
    left = indexed_bytes(n_distinct, n_kept, n_texts)
    round_texts = n_texts // rounds_of(n_kept, settings.workers)
    training = training_bytes(n_words, size, settings.workers, round_texts)
    polarity = polarity_bytes(n_words, size, n_kept, n_texts)
    return max(indexing_bytes(n_distinct, n_texts), left + training, left + polarity)


def _counts_of(sample: CorpusSample, n_words: int) -> NDArray[np.int64]:
    """Return the counts of ``n_words`` words; those that the sample lacks occur once."""
    counts = np.ones(n_words, np.int64)
    known = sample.vocabulary.counts[:n_words]
    counts[: len(known)] = known
    return counts


def _one_thread(corpus: TokenIds, counts: NDArray[np.int64], settings: Settings) -> Seconds:
    """Return the seconds for a token where a thread has a machine of its own."""
    return measure_training(corpus, counts, replace(settings, workers=1), 1.0).token


def _saving(folder: Path, speed: TrainingSpeed, n_words: int, training: Seconds) -> Seconds:
    """Return the seconds that checkpoints take: the last, and before it a share of the time."""
    from sentiment_transfer.pretraining.checkpoints import SHARE

    some = np.ascontiguousarray(speed.matrix[:SAVED_ROWS])
    with _scratch(folder) as place, Stopwatch() as watch:
        path = place / "weights.safetensors"
        save_file(path, "checkpoint", {}, {"input": some, "output": some})
    one = watch.seconds.times(n_words / max(1, len(some)))
    times = min(training.clock, SHARE * training.clock / max(one.clock, 1e-9))
    return one.times(1 + max(0.0, times))


@contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    """Make a folder on the disk of another, which is left as it is: a run may be using it.

    Raises ``SettingError`` if nothing can be written there.
    """
    options: Any = {"suffix": ".tmp", "ignore_cleanup_errors": True, "dir": existing(folder)}
    try:
        made = TemporaryDirectory(prefix=temporary_prefix(), **options)
    except OSError as error:
        raise SettingError(
            f"checkpoint={str(folder)!r} cannot be used ({error}); name a folder that can be "
            "created or written to"
        ) from error
    with made as name, in_use(Path(name)):
        yield Path(name)
