"""What `speed.measure` measures, one function a section: each fills a `Report`."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.corpora import read_set

if TYPE_CHECKING:
    from collections.abc import Callable

    from scripts.corpora import ReviewSet
    from scripts.speed.races import Report
    from sentiment_transfer import SentimentClassifier, WordVectors


@cache
def imdb() -> ReviewSet:
    return read_set("imdb")


@cache
def _pretrained() -> SentimentClassifier:
    """The default model on all texts of imdb but the test texts; one epoch, to save time."""
    from sentiment_transfer import SentimentClassifier, SkipGram

    texts = [*imdb().pool.texts, *imdb().unlabelled]
    return SentimentClassifier(skipgram=SkipGram(epochs=1)).pretrain(texts)


@cache
def _labelled(n: int) -> tuple[list[str], list[str]]:
    pool = imdb().pool
    chosen = np.random.default_rng(0).permutation(len(pool.texts))[:n]
    return [pool.texts[i] for i in chosen], [str(pool.labels[i]) for i in chosen]


def sentences(n: int) -> list[str]:
    """Sentences of 12 to 26 words from the test reviews."""
    found: list[str] = []
    for text in imdb().test.texts:
        parts = re.split(r"(?<=[.!?])\s+|<br />", text)
        found += [part for part in parts if 12 <= len(part.split()) <= 26]
        if len(found) >= n:
            break
    return found[:n]


def prediction(report: Report, scale: float) -> None:
    """Raw sentences to labels on one core, and how near the fast path is to the plain one."""
    texts = sentences(int(60_000 * scale))
    words = np.mean([len(text.split()) for text in texts])
    report.note(f"{len(texts):,} sentences of {words:.1f} words, 100 dimensions, one thread")
    runs: dict[str, Callable[[], object]] = {}
    model = _pretrained()
    for n in (8, 0, 2_000):
        ready = _with_labels(model, n)
        runs[f"predict_proba, {n:,} labels"] = partial(ready.predict_proba, texts)
        plain = ready.predict_proba_encoded(ready.encode(texts))
        difference = np.abs(ready.predict_proba(texts) - plain).max()
        report.note(f"{n:,} labels: differs from the plain path by {difference:.1e} at most")
    ready = _with_labels(model, 8)
    runs["encode and predict_proba_encoded, 8 labels"] = lambda: ready.predict_proba_encoded(
        ready.encode(texts)
    )
    runs |= _vector_peers(report, model.vectors_, texts) | _bag_of_words_peers(texts)
    fasttext = _fasttext(report)
    if fasttext is not None:
        lines = [text.replace("\n", " ") for text in texts]
        runs["fastText predict"] = lambda: fasttext.predict(lines)
    report.race("texts to labels", runs, amount=len(texts), unit="sentences")


def _with_labels(model: SentimentClassifier, n: int) -> SentimentClassifier:
    """Fit a copy, as `predict_proba` keeps what it learnt of the texts with its model."""
    from copy import copy

    ready = copy(model)
    return ready.fit(*_labelled(n)) if n else ready


def _vector_peers(
    report: Report, vectors: WordVectors, texts: list[str]
) -> dict[str, Callable[[], object]]:
    """Averages of the same vectors, without a label."""
    keyed = vectors.to_keyed_vectors()
    runs: dict[str, Callable[[], object]] = {
        "gensim get_mean_vector": lambda: [
            keyed.get_mean_vector(text.lower().split(), ignore_missing=True) for text in texts
        ]
    }
    if find_spec("model2vec") is None:
        report.note("model2vec is not installed")
        return runs
    from model2vec import StaticModel
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    index = {word: i for i, word in enumerate(["[UNK]", *vectors.words])}
    tokenizer = Tokenizer(models.WordLevel(index, unk_token="[UNK]"))  # noqa: S106
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    matrix = np.concatenate([np.zeros((1, vectors.vector_size), np.float32), vectors.matrix])
    static = StaticModel(matrix, tokenizer, normalize=True)
    runs["model2vec encode"] = lambda: static.encode(texts, use_multiprocessing=False)
    return runs


def _bag_of_words_peers(texts: list[str]) -> dict[str, Callable[[], object]]:
    from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    runs: dict[str, Callable[[], object]] = {}
    for vectorizer in (CountVectorizer(), HashingVectorizer()):
        fitted = make_pipeline(vectorizer, LogisticRegression(C=10, max_iter=1000))
        fitted.fit(*_labelled(2_000))
        name = f"{type(vectorizer).__name__} + logistic regression"
        runs[name] = partial(fitted.predict_proba, texts)
    return runs


def _fasttext(report: Report) -> Any:  # noqa: ANN401
    if find_spec("fasttext") is None:
        report.note("fastText is not installed")
        return None
    import fasttext

    texts, labels = _labelled(2_000)
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        for text, label in zip(texts, labels, strict=True):
            file.write(f"__label__{label} {' '.join(text.lower().split())}\n")
        file.flush()
        return fasttext.train_supervised(file.name, dim=100, epoch=5, thread=1, verbose=0)


_MEMORY = """
import json, re, sys, sentiment_transfer
model = sentiment_transfer.load(sys.argv[1])
status = open("/proc/self/status", encoding="ascii").read()
found = [re.search(rf"{name}:\\s+(\\d+) kB", status)[1] for name in ("VmRSS", "VmHWM")]
print(json.dumps([int(kilobytes) * 1024 / 1e6 for kilobytes in found]))
"""


def start(report: Report, _scale: float) -> None:
    """A cold process until it has imported, and until it has answered; a loaded model's memory."""
    with tempfile.TemporaryDirectory() as folder:
        model, text = Path(folder) / "model.safetensors", Path(folder) / "one.txt"
        _with_labels(_pretrained(), 8).save(model)
        text.write_text("It was really stupid.\n", encoding="utf-8")
        predict = ("-m", "sentiment_transfer", "predict", str(model), str(text))
        commands = {
            "import sentiment_transfer": ("-c", "import sentiment_transfer"),
            "sentiment-transfer predict, one sentence": predict,
            "nothing but Python": ("-c", "pass"),
            "import numpy": ("-c", "import numpy"),
            "import gensim": ("-c", "import gensim"),
            "import sklearn.linear_model": ("-c", "import sklearn.linear_model"),
        }
        runs = {name: partial(in_new_process, *command) for name, command in commands.items()}
        report.race("cold process", runs, clocks=("cpu", "wall"))
        n, d = _pretrained().vectors_.matrix.shape
        group = f"model of {n:,} words x {d}, loaded"
        found = [
            json.loads(in_new_process("-c", _MEMORY, str(model))) for _ in range(report.repeats)
        ]
        resident, peak = zip(*found, strict=True)
        report.add(group, {"resident": list(resident), "at most": list(peak)}, "MB")


def in_new_process(*arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True)
    return done.stdout


def storage(report: Report, scale: float) -> None:
    """Word vectors of 50,000 x 100 to a file and back, checksums included."""
    from gensim.models import KeyedVectors

    from sentiment_transfer import WordVectors
    from sentiment_transfer.text import Tokenizer, Vocabulary

    n = int(50_000 * scale)
    matrix = np.random.default_rng(0).normal(size=(n, 100)).astype(np.float32)
    vocabulary = Vocabulary(tuple(f"word{i}" for i in range(n)), np.arange(n, 0, -1))
    vectors = WordVectors(vocabulary, matrix, Tokenizer())
    keyed = vectors.to_keyed_vectors()
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs, array = (Path(folder) / name for name in ("a.safetensors", "b.kv", "c.npy"))
        saving: dict[str, Callable[[], object]] = {
            "WordVectors.save": lambda: vectors.save(ours),
            "gensim KeyedVectors.save": lambda: keyed.save(str(theirs)),
            "numpy.save, matrix only": lambda: np.save(array, matrix),
        }
        loading: dict[str, Callable[[], object]] = {
            "WordVectors.load": lambda: WordVectors.load(ours),
            "gensim KeyedVectors.load": lambda: KeyedVectors.load(str(theirs)),
            "numpy.load, matrix only": lambda: np.load(array),
        }
        repeats = max(9, report.repeats)
        for what, runs in (("save", saving), ("load", loading)):
            report.race(f"{what} {n:,} x 100", runs, clocks=("cpu", "wall"), repeats=repeats)


def tokens(report: Report, scale: float) -> None:
    """Reviews to token ids: NLTK's tokenizers stop at lists of words."""
    from nltk.tokenize import (
        ToktokTokenizer,
        TweetTokenizer,
        WordPunctTokenizer,
        wordpunct_tokenize,
    )
    from sklearn.feature_extraction.text import CountVectorizer

    from sentiment_transfer.text import Tokenizer
    from sentiment_transfer.text.indexing import index_corpus

    texts = imdb().pool.texts[: int(4_000 * scale)]
    words = sum(len(text.split()) for text in texts)
    report.note(f"{len(texts):,} reviews of {words:,} words, between spaces")
    ours = Tokenizer()
    runs: dict[str, Callable[[], object]] = {
        "index_corpus": lambda: index_corpus(texts, ours),
        "Tokenizer, text by text": lambda: [ours(text) for text in texts],
        "str.lower().split()": lambda: [text.lower().split() for text in texts],
        "CountVectorizer": lambda: CountVectorizer().fit_transform(texts),
        "nltk wordpunct_tokenize": lambda: [wordpunct_tokenize(text) for text in texts],
    }
    for splitter in (WordPunctTokenizer(), ToktokTokenizer(), TweetTokenizer()):
        name = f"nltk {type(splitter).__name__}"
        runs[name] = partial(_each, splitter.tokenize, texts)
    report.race(f"{len(texts):,} reviews", runs, amount=words, unit="words")
    # what is asked once for each distinct piece of text weighs less in a larger corpus
    many = [*imdb().pool.texts, *imdb().unlabelled][: int(75_000 * scale)]
    words = sum(len(text.split()) for text in many)
    runs = {
        "index_corpus": lambda: index_corpus(many, ours),
        "CountVectorizer": lambda: CountVectorizer().fit_transform(many),
    }
    report.race(f"{len(many):,} reviews", runs, amount=words, unit="words", repeats=3)


def _each(split: Callable[[str], list[str]], texts: list[str]) -> list[list[str]]:
    return [split(text) for text in texts]
