"""A corpus that several workers index: each a part, with one vocabulary and one order of texts.

A part is counted with all its words, in the order in which they are first seen. Merging the counts
of the parts in their order gives the words in the order of the whole corpus; so the vocabulary and
the ids do not depend on where the corpus was cut. Then each part is written again with the ids of
the common vocabulary.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import accumulate, chain
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_transfer.base.store import Store
from sentiment_transfer.pretraining.corpus_file import merge_vocabularies
from sentiment_transfer.storage import package_version
from sentiment_transfer.text import TokenIds, Vocabulary
from sentiment_transfer.text.indexing import number_corpus
from sentiment_transfer.text.vocabulary import chunks_of, sampled_texts, select

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.base.executors import Executor
    from sentiment_transfer.corpus.texts import Texts
    from sentiment_transfer.text import Tokenizer

__all__ = [
    "RETRIES",
    "CorpusPart",
    "CountedPart",
    "StoredCorpus",
    "counted_before",
    "index_parts",
    "key_of_part",
    "put_words",
    "read_counts",
    "remove_counted",
]

RETRIES = 10
"""Times that a call is repeated whose worker died."""

MERGED_AT_A_TIME = 16
"""Parts whose counts one call merges."""


@dataclass(frozen=True)
class CorpusPart:
    """Ids and offsets of some consecutive texts, as names of files, and how many there are."""

    ids: str
    offsets: str
    n_ids: int
    n_texts: int

    def is_in(self, store: Store) -> bool:
        """Return whether the files are there."""
        whole = store.has(self.ids, 4 * self.n_ids)
        return whole and store.has(self.offsets, 8 * (self.n_texts + 1))


@dataclass(frozen=True)
class CountedPart:
    """A part with the ids of its own words, its words and their counts, and what was skipped."""

    part: CorpusPart
    words: str
    n_skipped: int
    skipped: list[str]
    columns: dict[str, str]
    key: str | None


@dataclass(frozen=True)
class StoredCorpus:
    """The token ids of a corpus, in the parts in which they were indexed.

    ``offsets`` is the name of the file with the offsets of all texts.
    """

    parts: list[CorpusPart]
    offsets: str

    @property
    def n_ids(self) -> int:
        """Number of tokens."""
        return sum(part.n_ids for part in self.parts)

    @property
    def n_texts(self) -> int:
        """Number of texts."""
        return sum(part.n_texts for part in self.parts)

    @property
    def names(self) -> set[str]:
        """Names of all files."""
        return {self.offsets} | {name for part in self.parts for name in (part.ids, part.offsets)}

    def is_in(self, store: Store) -> bool:
        """Return whether the files are there."""
        parts = all(part.is_in(store) for part in self.parts)
        return parts and store.has(self.offsets, 8 * (self.n_texts + 1))

    def read(self, store: Store, start: int, end: int) -> NDArray[np.int32]:
        """Return the ids of the tokens from ``start`` to ``end``, int32."""
        begins = [0, *accumulate(part.n_ids for part in self.parts)]
        found = [np.zeros(0, np.int32)]
        number = bisect_right(begins, start) - 1
        while start < end:
            stop = min(end, begins[number + 1])
            first = begins[number]
            found.append(store.read(self.parts[number].ids, np.int32, start - first, stop - first))
            start, number = stop, number + 1
        return np.concatenate(found)

    def longest(self, store: Store) -> int:
        """Return the number of tokens of the longest text; 0 without a text."""
        return TokenIds(np.zeros(0, np.int32), store.map(self.offsets, np.int64)).longest

    def sample(self, store: Store, seed: int) -> TokenIds:
        """Return the `sample_texts` of the corpus, in memory."""
        offsets = store.map(self.offsets, np.int64)
        chosen = sampled_texts(self.n_texts, self.n_ids, seed)
        if chosen is None:
            return TokenIds(self.read(store, 0, self.n_ids), np.array(offsets))
        parts = []
        for some in np.array_split(chosen, -(-len(chosen) // 4096)):
            begins = offsets[some[0] : some[-1] + 2]
            ids = self.read(store, int(begins[0]), int(begins[-1]))
            parts.append(select(TokenIds(ids, begins - begins[0]), some - some[0]))
        return TokenIds.concatenate(parts)

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> StoredCorpus:
        """Build from what ``asdict`` returned."""
        return cls([CorpusPart(**part) for part in record["parts"]], record["offsets"])


@dataclass(frozen=True)
class _CountTask:
    place: str
    texts: Texts
    tokenizer: Tokenizer


@dataclass(frozen=True)
class _MergeTask:
    place: str
    words: list[str]


@dataclass(frozen=True)
class _RankTask:
    place: str
    counted: CountedPart
    vocabulary: str
    numbers: str


def index_parts(
    parts: Sequence[Texts],
    tokenizer: Tokenizer,
    store: Store,
    executor: Executor,
    *,
    min_count: int | Callable[[int], int],
    known: Vocabulary | None = None,
    on_part: Callable[[CountedPart], None] = lambda _: None,
) -> tuple[Vocabulary, NDArray[np.int64], StoredCorpus]:
    """Index the parts of a corpus as `corpus_file.index_texts` indexes the whole.

    Parts that are files and were counted before, with the same options, are not read again.
    ``on_part`` is called with each counted part, in their order.
    """
    tasks = [_CountTask(store.place, texts, tokenizer) for texts in parts]
    counted = []
    for part in executor.map(count_part, tasks, RETRIES):
        counted.append(part)
        on_part(part)
    words = _merged([part.words for part in counted], store, executor)
    vocabulary = Vocabulary.from_counts(read_counts(store, words), min_count)
    written = put_words(store, vocabulary.words, vocabulary.counts)
    counts, numbers = vocabulary.counts, np.arange(len(vocabulary), dtype=np.int32)
    if known is not None:
        vocabulary, counts, numbers = merge_vocabularies(vocabulary, known)
    ranks = store.put(numbers)
    ranked = [_RankTask(store.place, part, written, ranks) for part in counted]
    own = list(executor.map(rank_part, ranked, RETRIES))
    offsets = store.put(_joined_offsets(own, store), lasting=True)
    return vocabulary, counts, StoredCorpus(own, offsets)


def _joined_offsets(parts: list[CorpusPart], store: Store) -> NDArray[np.int64]:
    """Return the offsets of all texts, one part after the other."""
    offsets = np.zeros(1 + sum(part.n_texts for part in parts), np.int64)
    text = n_ids = 0
    for part in parts:
        ends = store.read(part.offsets, np.int64)[1:]
        offsets[1 + text : 1 + text + len(ends)] = ends + n_ids
        text, n_ids = text + part.n_texts, n_ids + part.n_ids
    return offsets


def count_part(task: _CountTask) -> CountedPart:
    """Write the ids, words and counts of a part; see `number_corpus`."""
    store, key = Store(task.place), key_of_part(task.texts, task.tokenizer)
    known = None if key is None else counted_before(store, key)
    if known is not None:
        return known
    with store.scratch() as folder:
        counts, corpus = number_corpus(task.texts, task.tokenizer, folder / "ids")
        sizes = len(corpus.ids), len(corpus)
        offsets = store.put(corpus.offsets, lasting=True)
        del corpus
        part = CorpusPart(store.put_file(folder / "ids"), offsets, *sizes)
    words = put_words(store, tuple(counts), np.array([*counts.values()], np.int64))
    texts = task.texts
    skipped = texts.n_skipped, texts.skipped[:20]
    counted = CountedPart(part, words, *skipped, texts.columns_read(), key)
    if key is not None:
        store.put_record(key, asdict(counted))
    return counted


def counted_before(store: Store, key: str) -> CountedPart | None:
    """Return what an earlier call counted, None if its files are not there any more."""
    record = store.record(key)
    if record is None:
        return None
    counted = CountedPart(**{**record, "part": CorpusPart(**record["part"])})
    return counted if counted.part.is_in(store) and store.has(counted.words) else None


def key_of_part(texts: Texts, tokenizer: Tokenizer) -> str | None:
    """Return the name of the record of a part; None for texts that are not files."""
    facts = texts.describe()
    if facts is None:
        return None
    known = json.dumps([facts, tokenizer.describe(), package_version()], sort_keys=True)
    return f"counted-{hashlib.sha256(known.encode()).hexdigest()[:32]}"


def remove_counted(store: Store, counted: Sequence[CountedPart], kept: set[str]) -> None:
    """Remove the files of counted parts when the corpus is indexed, but none that is ``kept``.

    Files of equal content are one file.
    """
    files = {name for each in counted for name in (each.part.ids, each.part.offsets, each.words)}
    records = {f"{each.key}.json" for each in counted if each.key is not None}
    store.remove(records)  # first: a record stands for its files
    store.remove(files - kept)


def put_words(store: Store, words: Sequence[str], counts: NDArray[np.int64]) -> str:
    """Write words and their counts into one file."""
    text = np.frombuffer("\n".join(words).encode("utf-8", "surrogatepass"), np.uint8)
    head = np.array([len(counts)], np.int64)
    return store.put(head, np.asarray(counts, np.int64), text, lasting=True)


def read_counts(store: Store, name: str) -> dict[str, int]:
    """Return what `put_words` wrote, in its order."""
    content = store.read(name, np.uint8)
    n = int(content[:8].view(np.int64)[0])
    counts = content[8 : 8 + 8 * n].view(np.int64)
    text = content[8 + 8 * n :].tobytes().decode("utf-8", "surrogatepass")
    return dict(zip(text.split("\n") if n else (), counts.tolist(), strict=True))


def _merged(words: list[str], store: Store, executor: Executor) -> str:
    """Merge the counts of all parts, in their order; return the name of the file."""
    while len(words) > 1:
        groups = range(0, len(words), MERGED_AT_A_TIME)
        tasks = [_MergeTask(store.place, words[i : i + MERGED_AT_A_TIME]) for i in groups]
        words = list(executor.map(merge_counts, tasks, RETRIES))
    return words[0]


def merge_counts(task: _MergeTask) -> str:
    """Add the counts of consecutive parts, the words in the order first seen."""
    store = Store(task.place)
    total: dict[str, int] = {}
    for word, count in chain.from_iterable(read_counts(store, name).items() for name in task.words):
        total[word] = total.get(word, 0) + count
    return put_words(store, tuple(total), np.array([*total.values()], np.int64))


@lru_cache(maxsize=2)
def _index(place: str, vocabulary: str) -> dict[str, int]:
    words = read_counts(Store(place), vocabulary)
    return {word: number for number, word in enumerate(words)}


def rank_part(task: _RankTask) -> CorpusPart:
    """Write a part with the ids of the common vocabulary; words that are not in it are dropped."""
    store = Store(task.place)
    numbers = np.append(store.read(task.numbers, np.int32), np.int32(-1))
    index = _index(task.place, task.vocabulary)
    own = read_counts(store, task.counted.words)
    ranks = numbers[np.fromiter((index.get(word, -1) for word in own), np.int64, len(own))]
    part = task.counted.part
    offsets = store.read(part.offsets, np.int64)
    lengths = [np.zeros(1, np.int64)]
    with store.scratch() as folder:
        with (folder / "ids").open("wb") as file:
            for kept in _ranked(store, part.ids, offsets, ranks):
                file.write(kept.ids.data)
                lengths.append(np.diff(kept.offsets))
        kept_offsets = np.concatenate(lengths).cumsum()
        ids = store.put_file(folder / "ids")
    kept_in = store.put(kept_offsets, lasting=True)
    return replace(part, ids=ids, offsets=kept_in, n_ids=int(kept_offsets[-1]))


def _ranked(
    store: Store, ids: str, offsets: NDArray[np.int64], ranks: NDArray[np.int32]
) -> Iterator[TokenIds]:
    for first, last in chunks_of(offsets):
        here = offsets[first : last + 1]
        own = ranks[store.read(ids, np.int32, int(here[0]), int(here[-1]))]
        yield TokenIds(own, here - here[0]).where(own >= 0)
