"""Measure what an order of classes gains, what a wrong one costs, and which one is found.

    python -m scripts.accuracy.class_order     some minutes; writes results/class-order.md

The shipped English model, adapted to the texts of each pool; labels as they come. Classes are
numbers: stars, three classes from negative to positive, and codes that mean no order.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from scripts.accuracy.stars import figures
from scripts.corpora import corpora_folder
from scripts.reports import RESULTS, markdown_table
from sentiment_transfer import SentimentClassifier, load

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

BUDGETS = (20, 50, 100, 200)
DRAWS = 12
POOL, TEST = 4_000, 2_000
DOMAINS = ("kitchen_housewares", "books", "toys_games", "dvd", "apparel")
"""In no order."""
NOTE = f"""# An order of classes

Written by `scripts/accuracy/class_order.py`: the shipped English model, adapted to at most {POOL:,}
texts; labels as they come, mean of {DRAWS} draws, at most {TEST:,} test texts. Accuracy and
macro-F1 in %, without an order, with the order of the numbers, and with the order that the model
finds; in how many draws it finds one. Labels of the pools of clothing, tweets, imdb and amazon
taught the shipped model, so the levels are too high for other texts; the differences are meant.

"""
COLUMNS = ("classes", "labels", *(f"{what}, {how}" for what in ("accuracy", "macro-F1")
           for how in ("none", "given", "found")), "found in")  # fmt: skip


class Numbered(NamedTuple):
    """A pool to draw labels from, and test texts; both have the columns text and label."""

    pool: pd.DataFrame
    test: pd.DataFrame


def read(name: str, part: str) -> pd.DataFrame:
    """Read one file of a set."""
    return pd.read_parquet(corpora_folder() / name / f"{part}.parquet")


def clothing() -> Numbered:
    """Stars from 1 to 5, divided at random."""
    rows = read("clothing", "all").drop_duplicates("text").sample(frac=1, random_state=1)
    rows["label"] += 1
    return Numbered(rows[:POOL], rows[POOL:])


def tweets() -> Numbered:
    """0 negative, 1 neutral, 2 positive."""
    return Numbered(read("tweets3", "train"), read("tweets3", "test"))


def ratings() -> Numbered:
    """1 to 4 and 7 to 10."""
    parts = (read("imdb", part) for part in ("train", "test"))
    return Numbered(*(part.assign(label=part["rating"]) for part in parts))


def domains() -> Numbered:
    """Codes of subjects, from 0 to 4."""
    parts = (read("amazon", part) for part in ("train", "test"))
    parts = (part[part["domain"].isin(DOMAINS)] for part in parts)
    return Numbered(*(part.assign(label=part["domain"].map(DOMAINS.index)) for part in parts))


def coded(rows: Numbered, codes: dict[int, int]) -> Numbered:
    """Replace labels by codes."""
    return Numbered(*(part.assign(label=part["label"].map(codes)) for part in rows))


SETS: dict[str, Callable[[], Numbered]] = {
    "clothing, 1 to 5 stars": clothing,
    "clothing, bad 0, middling 1, good 2": lambda: coded(
        clothing(), {1: 0, 2: 0, 3: 1, 4: 2, 5: 2}
    ),
    "tweets, negative 0, neutral 1, positive 2": tweets,
    "imdb, ratings 1 to 4 and 7 to 10": ratings,
    "amazon, five subjects": domains,
    "tweets, negative 0, positive 1, neutral 2": lambda: coded(tweets(), {0: 0, 1: 2, 2: 1}),
    "tweets, neutral 0, negative 1, positive 2": lambda: coded(tweets(), {0: 1, 1: 0, 2: 2}),
    "clothing, 3, 5, 1, 2, 4 for 1 to 5": lambda: coded(
        clothing(), dict(zip(range(1, 6), (3, 5, 1, 2, 4), strict=True))
    ),
    "clothing, 5 to 1 for 1 to 5": lambda: coded(
        clothing(), {star: 6 - star for star in range(1, 6)}
    ),
}


def measure(rows: Numbered, budget: int) -> tuple[NDArray[np.float64], float]:
    """Return the mean accuracy and macro-F1, ``(3, 2)``, and the share of draws with an order."""
    model = load("reviews-en")
    if not isinstance(model, SentimentClassifier):
        raise TypeError("reviews-en is no classifier")
    pool, test = (
        part.sample(min(n, len(part)), random_state=0)
        for part, n in zip(rows, (POOL, TEST), strict=True)
    )
    model.adapt(pool["text"].tolist())
    encoded, asked = model.encode(pool["text"].tolist()), model.encode(test["text"].tolist())
    labels, truth = pool["label"].to_numpy(), test["label"].to_numpy()
    found: list[Any] = []
    n_ordered = 0
    for draw in range(DRAWS):
        drawn = np.random.default_rng([draw, budget]).choice(len(labels), budget, replace=False)
        orders = (False, np.unique(labels[drawn]).tolist(), None)
        fits = []
        for order in orders:
            model.set_params(ordered=order).fit_encoded(encoded[drawn], labels[drawn])
            fits.append(figures(truth, model.predict_encoded(asked))[:2])
        n_ordered += model.head_.ordered_
        found.append(fits)
    return np.mean(found, axis=0), n_ordered / DRAWS


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    rows = []
    for name, read_rows in SETS.items():
        numbered = read_rows()
        for budget in BUDGETS:
            means, share = measure(numbered, budget)
            cells = [f"{figure:.1f}" for figure in means.T.ravel()]
            rows.append((name, budget, *cells, f"{100 * share:.0f} %"))
            print(*rows[-1], flush=True)
    text = NOTE + "\n".join(markdown_table(COLUMNS, rows)) + "\n"
    (options.out / "class-order.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
