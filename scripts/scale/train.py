"""Learn word vectors from files by some executor, and print their hash.

    python -m scripts.scale.train FILES --executor EXECUTOR [--shares 2] [--place FOLDER]

EXECUTOR is none (one machine's threads, in memory), serial, threads, processes, or an address as of
``--cluster``. Equal files, shares and seed have to give equal hashes, whatever the executor.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING

from sentiment_transfer import SkipGram, read_texts
from sentiment_transfer.base.executors import Processes, Serial, Threads
from sentiment_transfer.pretraining.shared_texts import SharedTexts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from sentiment_transfer.base.executors import Executor
    from sentiment_transfer.pretraining import WordVectors

__all__ = ["fingerprint"]


def fingerprint(vectors: WordVectors) -> str:
    """The sha256 of the words, counts and values of vectors."""
    digest = hashlib.sha256("\n".join(vectors.words).encode("utf-8", "surrogatepass"))
    digest.update(vectors.counts.tobytes())
    digest.update(vectors.matrix.tobytes())
    return digest.hexdigest()


def executor_of(name: str, workers: int, place: str) -> AbstractContextManager[Executor | None]:
    """The executor of a name or an address; none for the threads of one machine."""
    made: dict[str, AbstractContextManager[Executor | None]] = {"none": nullcontext()}
    made |= {"serial": Serial(), "threads": Threads(workers), "processes": Processes(workers)}
    if name in made:
        return made[name]
    from sentiment_transfer.cluster import connect

    return connect(name, place)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--executor", required=True)
    parser.add_argument("--place", default="", help="shared folder or URL")
    parser.add_argument("--shares", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--dimensions", type=int, default=100)
    given = parser.parse_args(arguments)
    skipgram = SkipGram(given.dimensions, epochs=given.epochs, workers=given.shares)
    texts = read_texts(given.files)
    began = time.perf_counter()
    with executor_of(given.executor, given.shares, given.place) as executor:
        started = time.perf_counter()
        shared = texts if executor is None else SharedTexts(texts, executor, given.place)
        skipgram.fit(shared, callback=None)
        seconds = time.perf_counter() - started
    found = {
        "hash": fingerprint(skipgram.vectors_),
        "tokens": len(skipgram.corpus_.ids),
        "start": round(started - began, 2),
        "seconds": round(seconds, 2),
    }
    json.dump(found, sys.stdout)
    print()


if __name__ == "__main__":
    main()
