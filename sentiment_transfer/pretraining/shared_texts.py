"""Texts that several workers read and learn from, with what they derive from them in one place."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from itertools import accumulate, chain, islice, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_transfer.base.progress import Progress
from sentiment_transfer.base.store import Store
from sentiment_transfer.corpus.sampling import Reservoir
from sentiment_transfer.corpus.texts import Texts
from sentiment_transfer.errors import SettingError
from sentiment_transfer.pretraining.shared_corpus import (
    RETRIES,
    CountedPart,
    StoredCorpus,
    index_parts,
    put_words,
    read_counts,
    remove_counted,
)
from sentiment_transfer.text import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from os import PathLike

    from numpy.typing import NDArray

    from sentiment_transfer.base.executors import Executor
    from sentiment_transfer.base.progress import Callback
    from sentiment_transfer.text import Tokenizer

__all__ = ["SharedIndex", "SharedTexts"]


class SharedIndex(NamedTuple):
    """Vocabulary, counts in the texts alone, and token ids in a store (see `Indexed`)."""

    vocabulary: Vocabulary
    counts: NDArray[np.int64]
    corpus: StoredCorpus


class SharedTexts:
    """Unlabelled texts for `SkipGram.fit` and `SentimentClassifier.pretrain` on many processors.

    The workers of an executor read the files, count their words and train; all that passes between
    them are files in one place. The result has the bytes that as many threads (``workers`` of
    `SkipGram`) give on one machine of that kind. Whatever is stopped, worker or caller, a call with
    the same arguments continues: files that are counted are not read again, and rounds that are
    done are not repeated.

    Parameters
    ----------
    texts
        Texts in files, as `read_texts` returns them; a file is the smallest part of the work. The
        workers must find the files under the same names.
    executor
        Where the calls run, such as `base.executors.Processes`.
    place
        A folder, or a URL that fsspec knows, that all workers can read and write. It needs 8 bytes
        for each token, 16 for each text, and 16 for each weight and worker. It is kept at the end;
        delete it when the result is saved.

    Attributes
    ----------
    n_skipped, skipped, columns
        Number of bad rows that were left out, the first messages about them, and the names of the
        columns that were read (see `Texts`); known when the words are counted.

    Raises
    ------
    SettingError
        ``texts`` are not those of `read_texts`.
    """

    def __init__(self, texts: Texts, executor: Executor, place: str | PathLike[str]) -> None:
        if not isinstance(texts, Texts):
            raise SettingError(
                f"texts is a {type(texts).__name__}; give what read_texts returns for files, which "
                "the workers can read"
            )
        self._texts = texts
        self.executor = executor
        self.store = Store(str(place))
        self.n_skipped = 0
        self.skipped: list[str] = []
        self.columns: dict[str, str] = {}
        self._indexed: dict[str, dict[str, Any]] = {}
        self._samples: dict[tuple[int, int], list[str]] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    @property
    def source(self) -> Texts:
        """The texts in their files."""
        return self._texts

    def index(
        self,
        tokenizer: Tokenizer,
        min_count: int | Callable[[int], int],
        known: Vocabulary | None = None,
        callback: Callback | None = None,
    ) -> SharedIndex:
        """Count the words and encode the texts, or read what an earlier call wrote."""
        parts, facts = self._texts.parts(), self._texts.describe()
        key = _key(facts, tokenizer, min_count, known)
        record = self._indexed.get(key) or (self.store.record(key) if facts else None)
        if record is not None:
            return self._restored(record)
        counted: list[CountedPart] = []

        def count(part: CountedPart) -> None:
            counted.append(part)
            if callback is not None:
                seconds = time.perf_counter() - began
                callback(Progress("count words", len(counted), len(parts), "files", {}, seconds))

        began = time.perf_counter()
        tasks = parts, tokenizer, self.store, self.executor
        index = SharedIndex(*index_parts(*tasks, min_count=min_count, known=known, on_part=count))
        self._note(sum(part.n_skipped for part in counted), counted)
        record = self._indexed[key] = self._record(index)
        if facts:
            self.store.put_record(key, record)
        remove_counted(self.store, counted, kept=index.corpus.names | {record["words"]})
        return index

    def sample(self, corpus: StoredCorpus, size: int, seed: int) -> list[str]:
        """Return the texts that a `Reservoir` of this size and seed keeps of the whole stream."""
        known = self._samples.get((size, seed))
        if known is not None:
            return known
        places = Reservoir(size, seed).places(corpus.n_texts)
        firsts = [0, *accumulate(part.n_texts for part in corpus.parts)]
        order = np.argsort(places)
        cuts = np.searchsorted(places[order], firsts)
        tasks = [
            _SampleTask(texts, places[order[start:end]] - first)
            for texts, first, (start, end) in zip(
                self._texts.parts(), firsts, pairwise(cuts), strict=False
            )
        ]
        found = list(chain.from_iterable(self.executor.map(read_some, tasks, RETRIES)))
        by_place = dict(zip(order.tolist(), found, strict=True))
        sample = self._samples[size, seed] = [by_place[place] for place in range(len(places))]
        return sample

    def _record(self, index: SharedIndex) -> dict[str, Any]:
        return {
            "words": put_words(self.store, index.vocabulary.words, index.vocabulary.counts),
            "counts": self.store.put(index.counts),
            "corpus": asdict(index.corpus),
            "n_skipped": self.n_skipped,
            "skipped": self.skipped,
            "columns": self.columns,
        }

    def _restored(self, record: dict[str, Any]) -> SharedIndex:
        words = read_counts(self.store, record["words"])
        vocabulary = Vocabulary(tuple(words), np.array([*words.values()], np.int64))
        self.n_skipped, self.skipped = record["n_skipped"], record["skipped"]
        self.columns = record["columns"]
        counts = self.store.read(record["counts"], np.int64)
        return SharedIndex(vocabulary, counts, StoredCorpus.of_record(record["corpus"]))

    def _note(self, n_skipped: int, parts: Sequence[CountedPart]) -> None:
        self.n_skipped = n_skipped
        self.skipped = [message for part in parts for message in part.skipped]
        self.columns = {}
        for part in reversed(parts):
            self.columns |= part.columns


def _key(
    facts: object,
    tokenizer: Tokenizer,
    min_count: int | Callable[[int], int],
    known: Vocabulary | None,
) -> str:
    """Return the name of the record of an index of texts with these facts."""
    least = min_count.__name__ if callable(min_count) else min_count
    words = None if known is None else [list(known.words), known.counts.tolist()]
    content = json.dumps([facts, tokenizer.describe(), least, words], sort_keys=True)
    return f"index-{hashlib.sha256(content.encode()).hexdigest()[:32]}"


@dataclass(frozen=True)
class _SampleTask:
    texts: Texts
    places: NDArray[np.int64]


def read_some(task: _SampleTask) -> list[str]:
    """Return the texts at rising places of a part; the part is read up to the last one."""
    wanted = set(task.places.tolist())
    last = max(wanted, default=-1)
    some = enumerate(islice(task.texts, last + 1))
    return [text for place, text in some if place in wanted]
