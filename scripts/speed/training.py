"""Stage one in `speed.measure`: against gensim, and as the corpus grows."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scripts.reports import ROOT
from scripts.speed.sections import imdb, in_new_process

if TYPE_CHECKING:
    from collections.abc import Callable

    import gensim
    from numpy.typing import NDArray

    from scripts.speed.races import Report
    from sentiment_transfer.text import TokenIds


def training(report: Report, scale: float) -> None:
    """Stage one against gensim with the same threads: words of the corpus a second, one epoch.

    The clock on the wall is given as well, for what several threads gain. Ours makes its weights
    and tables within the time taken; gensim has built its vocabulary before.
    """
    from sentiment_transfer.text import TokenIds, Tokenizer
    from sentiment_transfer.text.indexing import index_corpus

    texts = [*imdb().pool.texts, *imdb().unlabelled]
    vocabulary, corpus = index_corpus(texts, Tokenizer(), min_count=5)
    for size, share in ((100, 2_000_000), (300, 700_000)):
        last = int(np.searchsorted(corpus.offsets, int(share * scale)))
        part = TokenIds(corpus.ids[: corpus.offsets[last]], corpus.offsets[: last + 1])
        report.note(f"{size} dimensions: {len(part.ids):,} tokens, {len(vocabulary):,} words")
        counts, keys = vocabulary.counts, keys_of(part)
        groups: dict[str, dict[str, Callable[[], object]]] = {
            "1 thread": {
                "numba": _ours(part, counts, size, 1),
                "gensim": _gensim(keys, counts, size, 1),
            },
            "2 threads": {
                "numba": _ours(part, counts, size, 2),
                "gensim": _gensim(keys, counts, size, 2),
            },
        }
        for threads, runs in groups.items():
            report.race(
                f"{size} dimensions, {threads}",
                runs,
                amount=len(part.ids),
                unit="words",
                clocks=("cpu", "wall"),
                repeats=3,
            )


def keys_of(corpus: TokenIds) -> list[list[str]]:
    """The texts as gensim takes them; the words are their numbers."""
    return [list(map(str, corpus[i].tolist())) for i in range(len(corpus))]


def _ours(
    corpus: TokenIds, counts: NDArray[np.int64], size: int, workers: int
) -> Callable[[], object]:
    from sentiment_transfer.pretraining.engine import Settings
    from sentiment_transfer.pretraining.rounds import train_with_numba

    settings = Settings(size, 5, 5, 1e-3, 0.025, 1e-4, 1, workers, 0)

    def run() -> None:
        for _ in train_with_numba(corpus, counts, settings):
            pass

    return run


def _gensim(
    keys: list[list[str]], counts: NDArray[np.int64], size: int, workers: int
) -> Callable[[], object]:
    model = gensim_model(counts, size, workers)
    return lambda: model.train(keys, total_examples=len(keys), epochs=1)


def gensim_model(
    counts: NDArray[np.int64], size: int, workers: int, seed: int = 1
) -> gensim.models.Word2Vec:
    """Skip-gram with the settings of ours; its words are the numbers from 0 on."""
    from gensim.models import Word2Vec

    model = Word2Vec(
        vector_size=size,
        window=5,
        sg=1,
        negative=5,
        sample=1e-3,
        workers=workers,
        min_count=1,
        seed=seed,
    )
    model.build_vocab_from_freq({str(i): int(count) for i, count in enumerate(counts)})
    return model


_PRETRAIN = """
import json, os, sys
sys.path.insert(0, sys.argv[2])
from scripts.speed.memory import peak_memory
from sentiment_transfer import SentimentClassifier, SkipGram, read_texts
began = sum(os.times()[:4])
model = SentimentClassifier(skipgram=SkipGram(epochs=1)).pretrain(read_texts(sys.argv[1]))
print(json.dumps([sum(os.times()[:4]) - began, peak_memory() / 1e6]))
"""


def size(report: Report, scale: float) -> None:
    """Pretraining on 1,000 to 1,000,000 reviews, one epoch on one thread: time and memory.

    Beyond the 75,000 of imdb each is the beginning of one joined to the end of another.
    """
    from scripts.speed.memory import write_corpus

    reviews = [*imdb().pool.texts, *imdb().unlabelled]
    numbers = [int(n * scale) for n in (1_000, 10_000, 100_000, 1_000_000)]
    spent: list[tuple[float, float]] = []
    for n in numbers:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "reviews.txt"
            write_corpus(path, reviews, n)
            repeats = 3 if n <= 10_000 else 1
            runs = [
                json.loads(in_new_process("-c", _PRETRAIN, str(path), str(ROOT)))
                for _ in range(repeats)
            ]
        seconds, memory = zip(*runs, strict=True)
        report.add(f"{n:,} reviews", {"pretrain": list(seconds)}, "seconds", "cpu")
        report.add(f"{n:,} reviews, memory", {"at most": list(memory)}, "MB")
        spent.append((float(np.median(seconds)), float(np.median(memory))))
    for name, values in zip(("time", "memory"), np.log(spent).T, strict=True):
        for first in (0, 1):
            exponent = np.polyfit(np.log(numbers[first:]), values[first:], 1)[0]
            report.note(f"{name} grows as n^{exponent:.2f} from {numbers[first]:,} reviews on")
