"""The whole of stage one in `speed.measure`: all epochs, and whether speed costs accuracy."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scripts.speed.races import cpu_seconds
from scripts.speed.sections import imdb
from scripts.speed.training import gensim_model, keys_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from scripts.speed.races import Report
    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.text import TokenIds, Vocabulary

EPOCHS, DRAWS = 5, 20
SEEDS = {100: 5, 300: 5}
"""Seeds a side, by dimensions."""


def equality(report: Report, scale: float) -> None:
    """Five epochs on imdb with two threads, seed after seed, and what the vectors are worth.

    A seed trains all contestants in turns. The accuracy is that of logistic regression on averaged
    vectors on the 25,000 test reviews, with 100 labels (mean of the same 20 draws) and with all.
    """
    from sentiment_transfer.text import Tokenizer
    from sentiment_transfer.text.indexing import index_corpus

    pool, test = imdb().pool, imdb().test
    texts = [*pool.texts, *imdb().unlabelled]
    vocabulary, corpus = index_corpus(texts[: int(len(texts) * scale)], Tokenizer(), min_count=5)
    keys = keys_of(corpus)
    judge = _Judge.of(vocabulary, pool, test)
    for size, seeds in SEEDS.items():
        report.note(f"{size} dimensions: {len(corpus.ids):,} tokens, {len(vocabulary):,} words")
        found: dict[str, dict[str, list[float]]] = {}
        for seed in range(seeds):
            runs = _contestants(corpus, keys, vocabulary.counts, size, seed)
            for name, run in runs.items():
                began = cpu_seconds(), time.perf_counter()
                matrix = run()
                spent = cpu_seconds() - began[0], time.perf_counter() - began[1]
                rates = [EPOCHS * len(corpus.ids) / seconds for seconds in spent]
                for what, value in zip(
                    ("cpu", "wall", "100 labels", "all labels"),
                    (*rates, *judge.accuracies(matrix)),
                    strict=True,
                ):
                    found.setdefault(what, {}).setdefault(name, []).append(value)
                print(size, seed, name, [v[name][-1] for v in found.values()], flush=True)
        for clock in ("cpu", "wall"):
            report.add(f"{size} dimensions, 2 threads", found[clock], "words/s", clock, rate=True)
        for what in ("100 labels", "all labels"):
            report.add(f"{size} dimensions, {what}", found[what], "% right")


def _contestants(
    corpus: TokenIds, keys: list[list[str]], counts: NDArray[np.int64], size: int, seed: int
) -> dict[str, Callable[[], NDArray[np.float32]]]:
    from sentiment_transfer.pretraining.engine import Settings
    from sentiment_transfer.pretraining.rounds import train_with_numba

    def ours() -> NDArray[np.float32]:
        settings = Settings(size, 5, 5, 1e-3, 0.025, 1e-4, EPOCHS, 2, seed)
        *_, last = train_with_numba(corpus, counts, settings)
        return last.matrix

    def gensim() -> NDArray[np.float32]:
        model = gensim_model(counts, size, 2, seed)
        model.train(keys, total_examples=len(keys), epochs=EPOCHS)
        return np.stack([model.wv[str(i)] for i in range(len(counts))])

    return {"numba": ours, "gensim": gensim}


class _Judge(NamedTuple):
    """Token ids and labels of the reviews that vectors are judged by, and the rows drawn."""

    pool: TokenIds
    pool_labels: NDArray[np.str_]
    test: TokenIds
    test_labels: NDArray[np.str_]
    draws: list[NDArray[np.int64]]

    @classmethod
    def of(cls, vocabulary: Vocabulary, pool: Labelled, test: Labelled) -> _Judge:
        from sentiment_transfer.experiments.draws import plan_draws
        from sentiment_transfer.text import Tokenizer
        from sentiment_transfer.text.reading import encode_texts

        ids = [encode_texts(part.texts, Tokenizer(), vocabulary) for part in (pool, test)]
        labels = [np.array([str(label) for label in part.labels]) for part in (pool, test)]
        plan = plan_draws(labels[0].tolist(), [100], DRAWS, "balanced", seed=0)
        return cls(ids[0], labels[0], ids[1], labels[1], [rows for *_, rows in plan])

    def accuracies(self, vectors: NDArray[np.float32]) -> tuple[float, float]:
        """Per cent right with 100 labels and with all."""
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        from sentiment_transfer.text.bag_of_words import mean_vectors

        pool, test = (mean_vectors(ids, vectors) for ids in (self.pool, self.test))

        def right(rows: NDArray[np.int64] | slice, C: float) -> float:
            head = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=1000))
            head.fit(pool[rows], self.pool_labels[rows])
            return 100 * float(head.score(test, self.test_labels))

        return float(np.mean([right(rows, 0.01) for rows in self.draws])), right(slice(None), 1.0)
