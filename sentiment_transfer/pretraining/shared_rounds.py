"""Rounds of training by workers that share nothing but files.

In each round, a call of `train_share` for every shard reads the weights, trains them on the shard
and writes them; then calls of `merge_slice`, each for some of the rows, merge them as
`rounds.merge_replicas` does. The calls are pure: the result of one is determined by its task, down
to the bytes on machines of one kind. Weights travel by files, named by their content, in slices of
rows; only the names pass through the executor.

After each round, the names of its files are kept as the state of the run, and the files of the
round before the last are removed. A run that is started again continues after the last whole round.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_transfer.base.store import Store
from sentiment_transfer.errors import InputError
from sentiment_transfer.pretraining.engine import RoundDone, Settings, require_finite
from sentiment_transfer.pretraining.kernel_numba import merge
from sentiment_transfer.pretraining.rounds import scale_for, tables_for
from sentiment_transfer.pretraining.schedule import Schedule
from sentiment_transfer.pretraining.shards import (
    Weights,
    aligned_zeros,
    copy_into,
    padded,
    split_long,
    train_shard,
)
from sentiment_transfer.pretraining.shared_corpus import RETRIES, StoredCorpus
from sentiment_transfer.storage import package_version
from sentiment_transfer.text import TokenIds

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.base.executors import Executor
    from sentiment_transfer.pretraining.engine import Start
    from sentiment_transfer.pretraining.shards import Tables
    from sentiment_transfer.pretraining.shared_states import SharedState

__all__ = ["SharedRun", "SharedStep", "shared_run", "train_shared"]


@dataclass(frozen=True)
class SharedRun:
    """What a run depends on; the weights and the position come on top.

    Attributes
    ----------
    place
        Folder or URL of the `Store`.
    settings
        The settings; ``workers`` is the number of shards of a round.
    corpus, counts
        The corpus, and the name of the file with the count of each word in it, int64.
    n_words
        Number of words, those that only initial vectors know included.
    start
        Names of the slices of the initial weights.
    """

    place: str
    settings: Settings
    corpus: StoredCorpus
    counts: str
    n_words: int
    start: tuple[str, ...]

    @cached_property
    def key(self) -> str:
        """Name of the record of this run, which does not depend on the name of the place."""
        content = json.dumps([{**asdict(self), "place": ""}, package_version()])
        return f"run-{hashlib.sha256(content.encode()).hexdigest()[:32]}"

    @property
    def store(self) -> Store:
        """The store of the run."""
        return Store(self.place)

    @cached_property
    def schedule(self) -> Schedule:
        """The schedule of the rounds."""
        offsets = self.store.map(self.corpus.offsets, np.int64)
        return Schedule(split_long(offsets), self.settings)

    @classmethod
    def of_record(cls, record: dict[str, Any]) -> SharedRun:
        """Build from what ``asdict`` returned."""
        settings, corpus = Settings(**record["settings"]), StoredCorpus.of_record(record["corpus"])
        start = tuple(record["start"])
        return cls(**{**record, "settings": settings, "corpus": corpus, "start": start})

    def read_weights(self, slices: Sequence[str]) -> Weights:
        """Read the slices of all rows."""
        shape = self.n_words, padded(self.settings.vector_size)
        weights = Weights(aligned_zeros(shape), aligned_zeros(shape))
        for name, (first, last) in zip(slices, self._rows, strict=True):
            weights.input[first:last], weights.output[first:last] = self.read_slice(
                name, first, last
            )
        return weights

    def read_slice(self, name: str, first: int, last: int) -> NDArray[np.float32]:
        """Read the rows of one slice, ``(2, last - first, columns)``."""
        shape = 2, last - first, padded(self.settings.vector_size)
        values: NDArray[np.float32] = self.store.read(name, np.float32, 0, int(np.prod(shape)))
        return values.reshape(shape)

    def put_weights(self, weights: Weights) -> tuple[str, ...]:
        """Write the weights in slices of rows; return their names."""
        return put_weights(self.store, weights, self.settings.workers)

    @property
    def _rows(self) -> list[tuple[int, int]]:
        return slices_of(self.n_words, self.settings.workers)

    def read_texts(self, texts: NDArray[np.int64], round_: int) -> TokenIds:
        """Read the chosen texts of a round, in the order given, one piece after the other."""
        offsets = self.schedule.offsets
        order = np.argsort(texts)
        rising = texts[order]
        lengths = offsets[texts + 1] - offsets[texts]
        own = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
        ids = np.empty(own[-1], np.int32)
        for first, last in self.schedule.ranges(round_):
            here = slice(*np.searchsorted(rising, [first, last]))
            piece = self.corpus.read(self.store, int(offsets[first]), int(offsets[last]))
            begins = offsets[first : last + 1] - offsets[first]
            copy_into(ids, own[order[here]], TokenIds(piece, begins), rising[here] - first)
        return TokenIds(ids, own)


def shared_run(
    store: Store,
    settings: Settings,
    counts: NDArray[np.int64],
    corpus: StoredCorpus,
    start: Start | None = None,
) -> SharedRun:
    """Write what a run depends on, and return it; without ``start`` with word2vec's weights."""
    if start is None:
        weights = Weights.initial(len(counts), settings.vector_size, settings.seed)
    else:
        weights = Weights.from_vectors(start.input, start.output)
    slices = put_weights(store, weights, settings.workers)
    run = SharedRun(store.place, settings, corpus, store.put(counts), len(counts), slices)
    store.put_record(run.key, asdict(run))
    return run


def slices_of(n_words: int, n_slices: int) -> list[tuple[int, int]]:
    """Return the first row of each slice of the weights, and the one after its last."""
    bounds = np.linspace(0, n_words, n_slices + 1).astype(int).tolist()
    return list(pairwise(bounds))


def put_weights(store: Store, weights: Weights, n_slices: int) -> tuple[str, ...]:
    """Write weights in slices of rows; return the names of the files."""
    rows = slices_of(len(weights.input), n_slices)
    return tuple(
        store.put(weights.input[first:last], weights.output[first:last]) for first, last in rows
    )


class ShareTask(NamedTuple):
    """One shard of one round: the store, the run, the weights before it and its position."""

    place: str
    run: str
    slices: tuple[str, ...]
    epoch: int
    round: int
    share: int


class TrainedShare(NamedTuple):
    """The weights after a shard, sum of its loss, and number of its pairs."""

    slices: tuple[str, ...]
    loss: float
    pairs: int


class MergeTask(NamedTuple):
    """One slice of rows: before a round of an epoch, and after each share of it."""

    place: str
    run: str
    epoch: int
    base: str
    replicas: tuple[str, ...]
    slice: int


@lru_cache(maxsize=1)
def _open(place: str, key: str) -> tuple[SharedRun, Tables, NDArray[np.float32]]:
    """Return a run with its tables and the scale of its merges."""
    record = Store(place).record(key)
    if record is None:
        raise InputError(
            f"there is no record {key}; every worker needs the same shared folder", path=place
        )
    run = SharedRun.of_record({**record, "place": place})
    counts = run.store.read(run.counts, np.int64)
    tables = tables_for(counts, run.settings)
    return run, tables, scale_for(counts, tables, run.schedule)


def train_share(task: ShareTask) -> TrainedShare:
    """Train the weights on one shard of a round."""
    run, tables, _ = _open(task.place, task.run)
    shard = run.schedule.shards(task.epoch, task.round)[task.share]
    weights = run.read_weights(task.slices)
    texts = run.read_texts(shard.texts, task.round)
    loss = train_shard(
        weights, texts.ids, texts.offsets, tables, rates=shard.rates, state=shard.state
    )
    require_finite(weights.input, task.epoch)
    return TrainedShare(run.put_weights(weights), loss.loss, loss.pairs)


def merge_slice(task: MergeTask) -> str:
    """Merge a slice of rows after a round, as `rounds.merge_replicas` merges all rows."""
    run, _, scale = _open(task.place, task.run)
    first, last = slices_of(run.n_words, run.settings.workers)[task.slice]
    shape = last - first, padded(run.settings.vector_size)
    base = aligned_zeros((2, *shape))
    replicas = aligned_zeros((2, len(task.replicas), *shape))
    base[:] = run.read_slice(task.base, first, last)
    for number, name in enumerate(task.replicas):
        replicas[:, number] = run.read_slice(name, first, last)
    for matrix, copies in zip(base, replicas, strict=True):
        merge(matrix, copies, scale[first:last], 0, last - first)
    require_finite(base[0], task.epoch)
    return run.store.put(base)


@dataclass(frozen=True, eq=False)
class SharedStep(RoundDone):
    """A round that is done; ``slices`` are the files of its weights, ``replicas`` of its shares."""

    run: SharedRun
    slices: tuple[str, ...]
    replicas: frozenset[str] = frozenset()

    @cached_property
    def weights(self) -> Weights:
        """The input and output vectors, read when they are asked for."""
        return self.run.read_weights(self.slices)

    @property
    def matrix(self) -> NDArray[np.float32]:
        """The input vectors, float32 ``(n_words, vector_size)``."""
        return self.weights.input[:, : self.run.settings.vector_size]

    def require_finite(self) -> None:
        """Raise ``SettingError`` if the vectors hold NaN or values that are too long."""
        require_finite(self.matrix, self.epoch)


def train_shared(run: SharedRun, executor: Executor, start: SharedState) -> Iterator[SharedStep]:
    """Train in the rounds of a run, from a state on.

    If nothing is left to do, yields one step of no tokens, which names the weights.
    """
    schedule, slices = run.schedule, start.slices
    end = run.settings.epochs - 1, schedule.rounds - 1
    if start.position > end:
        yield SharedStep(*end, True, 0, 0.0, 0, schedule.alpha(run.settings.epochs, 0), run, slices)
    for epoch, round_ in schedule.positions(start.position):
        tasks = [
            ShareTask(run.place, run.key, slices, epoch, round_, share)
            for share in range(run.settings.workers)
        ]
        trained = list(executor.map(train_share, tasks, RETRIES))
        slices = _merged(run, executor, epoch, slices, trained)
        loss, pairs = sum(each.loss for each in trained), sum(each.pairs for each in trained)
        tokens, alpha = int(schedule.tokens[round_]), schedule.alpha(epoch, round_ + 1)
        last, files = round_ == end[1], frozenset(name for each in trained for name in each.slices)
        yield SharedStep(epoch, round_, last, tokens, loss, pairs, alpha, run, slices, files)


def _merged(
    run: SharedRun,
    executor: Executor,
    epoch: int,
    slices: tuple[str, ...],
    trained: list[TrainedShare],
) -> tuple[str, ...]:
    """Merge what the shares of a round trained; with one share it is the result."""
    if len(trained) == 1:
        return trained[0].slices
    replicas = zip(*(each.slices for each in trained), strict=True)
    tasks = [
        MergeTask(run.place, run.key, epoch, base, copies, number)
        for number, (base, copies) in enumerate(zip(slices, replicas, strict=True))
    ]
    return tuple(executor.map(merge_slice, tasks, RETRIES))
