"""Write a corpus of a wanted size: all distinct English reviews, then sampled sentences.

    python -m scripts.scale.corpus FOLDER --words 100 [--seed 0]

What is wanted beyond the reviews is made of their sentences: each further text takes as many
sentences as a random review has, drawn from all reviews. So words are used as people use them
within a sentence, but neighbouring sentences are unrelated, and no word is new. The files are
Parquet (zstd, column ``text``), a number of row groups each. Memory does not depend on the size;
the same seed gives the same texts.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from scripts.corpora import ENGLISH, corpora_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa
    from numpy.typing import NDArray

__all__ = ["Part", "Sentences", "distinct_reviews", "write_corpus"]

MILLION = 1_000_000
GROUP_TEXTS = 10_000
"""Texts of a row group: about 10 MB before compression."""

FILE_WORDS = 50 * MILLION

END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+|\s*<br />\s*")


class Part(NamedTuple):
    """Some texts, and the number of words (between white space) of each: int64 ``(n,)``."""

    texts: pa.Array
    words: NDArray[np.int64]


def distinct_reviews(folder: Path) -> list[str]:
    """Return the distinct reviews of all English sets in a folder, in the order of the sets."""
    import pyarrow.parquet as pq

    reviews: dict[str, None] = {}
    for name in ENGLISH:
        for path in sorted((folder / name).glob("*.parquet")):
            texts = pq.read_table(path, columns=["text"])["text"].to_pylist()
            reviews.update(dict.fromkeys(text.strip() for text in texts if text and text.strip()))
    return list(reviews)


class Sentences:
    """The sentences of reviews, from which further texts are made.

    An Arrow column of sentences, the words of each, and the number of sentences of each review.
    """

    def __init__(self, reviews: Iterable[str]) -> None:
        import pyarrow as pa

        split = [[s for s in END_OF_SENTENCE.split(text) if s.strip()] for text in reviews]
        self._lengths = np.array([len(sentences) for sentences in split if sentences])
        flat = [sentence for sentences in split for sentence in sentences]
        self._words = np.array([len(sentence.split()) for sentence in flat])
        self._sentences = pa.array(flat)

    def sampled(self, n_texts: int, rng: np.random.Generator) -> Part:
        """Make texts of random sentences, each of as many as a random review has."""
        import pyarrow as pa
        import pyarrow.compute as pc

        lengths = rng.choice(self._lengths, n_texts)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        chosen = rng.integers(len(self._words), size=offsets[-1])
        lists = pa.ListArray.from_arrays(
            pa.array(offsets, pa.int32()), self._sentences.take(pa.array(chosen))
        )
        words = np.add.reduceat(self._words[chosen], offsets[:-1])
        return Part(pc.binary_join(lists, " "), words)


def parts_of(reviews: list[str], seed: int) -> Iterator[Part]:
    """Yield the reviews, then made texts without end, a row group at a time."""
    import pyarrow as pa

    for first in range(0, len(reviews), GROUP_TEXTS):
        some = reviews[first : first + GROUP_TEXTS]
        yield Part(pa.array(some), np.array([len(text.split()) for text in some]))
    sentences = Sentences(reviews)
    reviews.clear()
    rng = np.random.default_rng(seed)
    while True:
        yield sentences.sampled(GROUP_TEXTS, rng)


def limited(parts: Iterable[Part], n_words: int) -> Iterator[Part]:
    """Yield parts up to the text that reaches a number of words."""
    left = n_words
    for part in parts:
        ends = np.cumsum(part.words)
        kept = int(np.searchsorted(ends, left)) + 1
        yield Part(part.texts[:kept], part.words[:kept])
        left -= int(ends[min(kept, len(ends)) - 1])
        if left <= 0:
            return


def write_corpus(
    reviews: list[str], folder: Path, n_words: int, *, seed: int = 0, file_words: int = FILE_WORDS
) -> dict[str, int]:
    """Write a corpus of the first ``n_words`` words; return how much of what there is.

    ``reviews`` are distinct; the list is emptied.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    n_distinct, words, texts, real_words, writer = len(reviews), 0, 0, 0, None
    for part in limited(parts_of(reviews, seed), n_words):
        if writer is None:
            path = folder / f"texts-{words // file_words:03d}.parquet"
            writer = pq.ParquetWriter(
                path, pa.schema([("text", pa.string())]), compression="zstd", use_dictionary=False
            )
        writer.write_table(pa.table({"text": part.texts}))
        before, words, texts = words, words + int(part.words.sum()), texts + len(part.texts)
        real_words = words if texts <= n_distinct else real_words
        if words // file_words > before // file_words:
            writer.close()
            writer = None
    if writer is not None:
        writer.close()
    facts = {
        "words": words,
        "texts": texts,
        "distinct_reviews": min(n_distinct, texts),
        "words_of_reviews": real_words,
    }
    (folder / "corpus.json").write_text(json.dumps(facts) + "\n", encoding="utf-8")
    return facts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--words", type=float, required=True, help="millions of words")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    began = time.perf_counter()
    reviews = distinct_reviews(corpora_folder())
    facts = write_corpus(reviews, options.folder, int(options.words * MILLION), seed=options.seed)
    size = sum(path.stat().st_size for path in options.folder.glob("*.parquet"))
    print(
        f"{options.folder}: {facts['words']:,} words in {facts['texts']:,} texts, of which "
        f"{facts['distinct_reviews']:,} are distinct reviews ({facts['words_of_reviews']:,} words) "
        f"and the others sampled sentences; "
        f"{size / MILLION:,.0f} MB, {time.perf_counter() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
