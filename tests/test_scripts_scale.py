"""The corpus of a wanted size, and the run with kills at a small size."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.parquet as pq
import pytest

from scripts.scale import billion, watching
from scripts.scale.corpus import END_OF_SENTENCE, Sentences, distinct_reviews, write_corpus

if TYPE_CHECKING:
    from pathlib import Path

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, which only Linux has")
REVIEWS = ["A fine film. I liked it!", "Dull, so dull.<br /><br />Why did I go?", "Fine."]


def texts_of(folder: Path) -> list[str]:
    files = sorted(folder.glob("*.parquet"))
    return [text for file in files for text in pq.read_table(file)["text"].to_pylist()]


def test_a_corpus_begins_with_the_reviews_and_goes_on_with_their_sentences(tmp_path: Path) -> None:
    facts = write_corpus([*REVIEWS], tmp_path, 2_000, file_words=500)
    texts = texts_of(tmp_path)
    assert texts[:3] == REVIEWS
    n_words = sum(len(text.split()) for text in texts)
    assert facts == {
        "words": n_words,
        "texts": len(texts),
        "distinct_reviews": 3,
        "words_of_reviews": 6 + 8 + 1,
    }
    assert 2_000 <= n_words < 2_000 + 8
    assert json.loads((tmp_path / "corpus.json").read_text()) == facts
    sentences = {"A fine film.", "I liked it!", "Dull, so dull.", "Why did I go?", "Fine."}
    for text in texts[3:]:
        assert set(END_OF_SENTENCE.split(text)) <= sentences
    assert len(set(texts[3:])) > 20


def test_the_same_seed_gives_the_same_corpus_and_another_seed_another(tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        write_corpus([*REVIEWS], tmp_path / name, 500, seed=seed)
    a, b, c = (texts_of(tmp_path / name) for name in "abc")
    assert a == b
    assert a != c


def test_a_small_corpus_is_cut_within_the_reviews(tmp_path: Path) -> None:
    facts = write_corpus([*REVIEWS], tmp_path, 7)
    assert texts_of(tmp_path) == REVIEWS[:2]
    assert (facts["words"], facts["distinct_reviews"], facts["words_of_reviews"]) == (14, 2, 14)


def test_made_texts_have_as_many_sentences_as_reviews_have() -> None:
    made = Sentences(["One. Two. Three.", "Four. Five. Six."]).sampled(50, np.random.default_rng(0))
    assert {len(text.split()) for text in made.texts.to_pylist()} == {3}
    assert made.words.tolist() == [3] * 50


@pytest.mark.corpus
def test_no_review_is_there_twice() -> None:
    from scripts.corpora import corpora_folder

    reviews = distinct_reviews(corpora_folder())
    assert len(set(reviews)) == len(reviews) > 150_000


@LINUX
def test_memory_is_told_apart_by_what_it_holds() -> None:
    program = "import numpy as np, time; a = np.ones(10**7); print(flush=True); time.sleep(0.6)"
    watched = watching.watch([sys.executable, "-c", program])
    assert watched.returncode == 0
    assert watched.peak.own > 80  # MB of the array
    assert watched.peak.files > 1
    assert watched.ids_mapped == 0
    assert 0 < watched.cpu < watched.wall + 5


@LINUX
@pytest.mark.slow
def test_a_run_that_is_killed_twice_ends_with_the_promised_vectors(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    corpus = tmp_path / "corpus"
    words = [f"w{'abcdefghij'[i // 10]}{'abcdefghij'[i % 10]}" for i in range(100)]
    rng = np.random.default_rng(0)
    reviews = [" ".join(rng.choice(words, 9)) + "." for _ in range(300)]
    facts = write_corpus(reviews, corpus, 200_000)
    settings = ["--epochs", "3", "--workers", "2", "--vector-size", "16"]
    rows = billion.measure(corpus, tmp_path, settings, kills=2, seed=0)
    assert [row["run"].split()[0] for row in rows] == ["undisturbed", "killed", "killed", "resumed"]
    assert rows[0]["sha256"] == rows[-1]["sha256"]
    assert len(rows[0]["sha256"]) == 64
    assert rows[0]["tokens"] == facts["words"]  # no word is a stop word or rare
    page = billion.report(rows, {**facts, "settings": "small", "load": "0"}, tmp_path)
    assert f"{facts['words']:,} words in {facts['texts']:,} texts" in page
    assert (tmp_path / "scale-billion.csv").read_text().count("\n") == 5
