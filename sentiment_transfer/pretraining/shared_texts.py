"""Texts that several workers read and learn from, with what they derive from them in one place."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass
from itertools import accumulate, islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_transfer.base.progress import Progress
from sentiment_transfer.base.store import Store
from sentiment_transfer.corpus.sampling import Reservoir
from sentiment_transfer.corpus.texts import Texts
from sentiment_transfer.errors import InputError, SettingError
from sentiment_transfer.pretraining.shared_corpus import (
    RETRIES,
    CountedPart,
    StoredCorpus,
    counted_before,
    index_parts,
    key_of_part,
    put_words,
    read_counts,
    remove_counted,
)
from sentiment_transfer.storage import package_version
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
        A folder, or a URL that fsspec knows, that all workers can read and write, for one run at a
        time. It needs 8 bytes for each token, 24 for each text, and 4 for each weight and worker.
        It is kept at the end; delete it when the result is saved.

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
        self.store = Store(_whole(str(place)))
        self.n_skipped = 0
        self.skipped: list[str] = []
        self.columns: dict[str, str] = {}
        self._indexed: dict[str, dict[str, Any]] = {}
        self._key = ""
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
        self._key = key
        record = self._indexed.get(key) or (self.store.record(key) if facts else None)
        if record is not None and (before := self._restored(record)) is not None:
            self._remove_counted(tokenizer, before.corpus.names | {record["words"]})
            return before
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

    def _remove_counted(self, tokenizer: Tokenizer, kept: set[str]) -> None:
        """Remove what a call left that was stopped between the index and its end."""
        keys = (key_of_part(part, tokenizer) for part in self._texts.parts())
        found = (counted_before(self.store, key) for key in keys if key is not None)
        left = [counted for counted in found if counted is not None]
        remove_counted(self.store, left, kept=kept)

    def sample(self, corpus: StoredCorpus, *sizes: tuple[int, int]) -> list[list[str]]:
        """Return samples of the whole stream, each as a `Reservoir` of a size and seed keeps it.

        All are read in one pass, and kept in the store for later calls.

        Raises
        ------
        InputError
            The texts are not those that were counted.
        """
        missing = [each for each in sizes if each not in self._samples and not self._kept(each)]
        if missing:
            self._read_samples(corpus, missing)
        return [self._samples[each] for each in sizes]

    def _kept(self, size: tuple[int, int]) -> bool:
        """Read a sample that an earlier call kept; return whether there was one."""
        record = self.store.record(self._name_of_sample(size)) or {}
        if "file" not in record or not self.store.has(record["file"]):
            return False
        self._samples[size] = read_strings(self.store, record["file"])
        return True

    def _name_of_sample(self, size: tuple[int, int]) -> str:
        return f"sample-{self._key.removeprefix('index-')}-{size[0]}-{size[1]}"

    def _read_samples(self, corpus: StoredCorpus, sizes: list[tuple[int, int]]) -> None:
        places = [Reservoir(*size).places(corpus.n_texts) for size in sizes]
        wanted = np.unique(np.concatenate(places))
        by_place = dict(zip(wanted.tolist(), self._texts_at(corpus, wanted), strict=True))
        for size, some in zip(sizes, places, strict=True):
            sample = self._samples[size] = [by_place[place] for place in some.tolist()]
            if self._texts.describe():
                name = put_strings(self.store, sample)
                self.store.put_record(self._name_of_sample(size), {"file": name})

    def _texts_at(self, corpus: StoredCorpus, places: NDArray[np.int64]) -> list[str]:
        """Return the texts at rising places; the workers read them, and write them to the store."""
        firsts = [0, *accumulate(part.n_texts for part in corpus.parts)]
        cuts = np.searchsorted(places, firsts)
        tasks = [
            _SampleTask(self.store.place, texts, places[start:end] - first)
            for texts, first, (start, end) in zip(
                self._texts.parts(), firsts, pairwise(cuts), strict=False
            )
        ]
        names = list(self.executor.map(read_some, tasks, RETRIES))
        found = [text for name in names for text in read_strings(self.store, name)]
        self.store.remove(names)
        if len(found) != len(places):
            raise InputError("the texts changed since their words were counted; run the same again")
        return found

    def _record(self, index: SharedIndex) -> dict[str, Any]:
        return {
            "words": put_words(self.store, index.vocabulary.words, index.vocabulary.counts),
            "counts": self.store.put(index.counts, lasting=True),
            "corpus": asdict(index.corpus),
            "n_skipped": self.n_skipped,
            "skipped": self.skipped,
            "columns": self.columns,
        }

    def _restored(self, record: dict[str, Any]) -> SharedIndex | None:
        """Return the index of a record, None if its files are not there any more."""
        corpus = StoredCorpus.of_record(record["corpus"])
        if not corpus.is_in(self.store) or not all(
            map(self.store.has, (record["words"], record["counts"]))
        ):
            return None
        words = read_counts(self.store, record["words"])
        vocabulary = Vocabulary(tuple(words), np.array([*words.values()], np.int64))
        self.n_skipped, self.skipped = record["n_skipped"], record["skipped"]
        self.columns = record["columns"]
        counts = self.store.read(record["counts"], np.int64)
        return SharedIndex(vocabulary, counts, corpus)

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
    least = f"{min_count.__module__}.{min_count.__qualname__}" if callable(min_count) else min_count
    words = None if known is None else [list(known.words), known.counts.tolist()]
    content = json.dumps(
        [facts, tokenizer.describe(), least, words, package_version()], sort_keys=True
    )
    return f"index-{hashlib.sha256(content.encode()).hexdigest()[:32]}"


def _whole(place: str) -> str:
    """Return the whole path of a folder: workers have folders of their own."""
    return place.rstrip("/") if "://" in place else str(Path(place).expanduser().absolute())


@dataclass(frozen=True)
class _SampleTask:
    place: str
    texts: Texts
    places: NDArray[np.int64]


def read_some(task: _SampleTask) -> str:
    """Write the texts at rising places of a part, which is read up to the last one."""
    wanted = set(task.places.tolist())
    last = max(wanted, default=-1)
    some = enumerate(islice(task.texts, last + 1))
    return put_strings(Store(task.place), [text for place, text in some if place in wanted])


def put_strings(store: Store, texts: list[str]) -> str:
    """Write texts into one file, their lengths in bytes first."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    lengths = np.array([len(encoded), *map(len, encoded)], np.int64)
    return store.put(lengths, np.frombuffer(b"".join(encoded), np.uint8))


def read_strings(store: Store, name: str) -> list[str]:
    """Return the texts that `put_strings` wrote."""
    content = store.read(name, np.uint8)
    n = int(content[:8].view(np.int64)[0])
    ends = content[8 : 8 * (n + 1)].view(np.int64).cumsum().tolist()
    data = content[8 * (n + 1) :].tobytes()
    bounds = pairwise([0, *ends])
    return [data[start:end].decode("utf-8", "surrogatepass") for start, end in bounds]
