"""Measure three classes with a neutral one: how often each arm is right, and macro-F1.

    python -m scripts.accuracy.neutral                  some minutes; writes results/neutral.md
    python -m scripts.accuracy.neutral --development    no test text; prints, writes nothing

Tweets and reviews of clothing with the shipped English model, adapted to the texts of the pool, and
Indonesian texts with vectors of their own and no seed words. ``steps alone`` is the order without
the problem of the neutral class.
"""

from __future__ import annotations

import argparse
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from scripts.corpora import corpora_folder, pool_half
from scripts.reports import RESULTS, markdown_table
from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.corpus import split_by_text
from sentiment_transfer.experiments.draws import draw_labelled
from sentiment_transfer.experiments.statistics import accuracy, macro_f1
from sentiment_transfer.polarity import PolarityClassifier
from sentiment_transfer.polarity.several_classes import SeveralClasses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from sentiment_transfer.experiments.draws import Sampling
    from sentiment_transfer.polarity.features import PolarityFeatures

    Labels = NDArray[np.str_]

CLASSES = ("negative", "neutral", "positive")
SAMPLINGS: tuple[Sampling, ...] = ("natural", "balanced")
BUDGETS = (9, 30, 99, 300)
DRAWS = 20
LARGEST = 5_000
"""Number of texts of a pool, and of test texts."""
NOTE = f"""# A neutral class

Written by `scripts/accuracy/neutral.py`: negative, neutral and positive, mean of {DRAWS} draws.
Accuracy and macro-F1 in %. *Steps* are the order alone, *with neutral* also learns the neutral
class by itself, as this package does; in brackets its gain over steps and the standard error of
that over draws. *Unordered* ignores the order. Clothing: stars 1 and 2, 3, 4 and 5.

"""
COLUMNS = ("texts", "labels", "drawn", "accuracy: unordered", "steps", "with neutral",
           "macro-F1: unordered", "steps", "with neutral")  # fmt: skip


class Texts(NamedTuple):
    """Texts and their labels."""

    texts: list[str]
    labels: Labels


class Encoded(NamedTuple):
    """A pool and test texts as features, with their labels."""

    pool: PolarityFeatures
    pool_labels: Labels
    test: PolarityFeatures
    test_labels: Labels


def three(name: str, part: str) -> Texts:
    """Read one file of a set with the labels 0, 1 and 2; a repeated text counts once."""
    rows = pd.read_parquet(corpora_folder() / name / f"{part}.parquet").drop_duplicates("text")
    return Texts(rows["text"].tolist(), np.array(CLASSES)[rows["label"]])


def clothing() -> tuple[Texts, Texts]:
    """Return the pool and the test half, stars as three classes."""
    places = {"1": 0, "2": 0, "3": 1, "4": 2, "5": 2}
    halves = (
        Texts(part.texts, np.array([CLASSES[places[label]] for label in part.labels]))
        for part in pool_half("clothing")
    )
    pool, test = halves
    return pool, test


def tweets() -> tuple[Texts, Texts]:
    """Return both parts, whose shares of classes differ."""
    return three("tweets3", "train"), three("tweets3", "test")


def indonesian() -> tuple[Texts, Texts]:
    """Return the training and the development part."""
    return three("id_smsa", "train"), three("id_smsa", "dev")


SETS: dict[str, tuple[Callable[[], tuple[Texts, Texts]], Callable[[], SentimentClassifier]]] = {
    "tweets3": (tweets, lambda: shipped()),
    "clothing": (clothing, lambda: shipped()),
    "id_smsa": (indonesian, lambda: SentimentClassifier(seeds=None)),
}


def shipped() -> SentimentClassifier:
    """Return the shipped English model."""
    model = load("reviews-en")
    if not isinstance(model, SentimentClassifier):
        raise TypeError("reviews-en is no classifier")
    return model


def halved(pool: Texts) -> tuple[Texts, Texts]:
    """Return two halves of a pool, to choose by: stratified, repeats together."""
    parts = split_by_text(pool.texts, pool.labels.tolist(), fractions=(0.5, 0.5), seed=0)
    first, second = (Texts([pool.texts[i] for i in rows], pool.labels[rows]) for rows in parts)
    return first, second


def encode(pool: Texts, test: Texts, model: SentimentClassifier) -> Encoded:
    """Learn from the pool's texts without labels, and encode both parts."""
    if model.seeds is None:
        model.pretrain(pool.texts)
    else:
        model.adapt(pool.texts)
    kept = []
    for part in (pool, test):
        size = min(LARGEST, len(part.texts))
        rows = np.random.default_rng(0).choice(len(part.texts), size, replace=False)
        features = model.encode([part.texts[i] for i in rows]).features
        kept.append((features, part.labels[rows]))
    (features, labels), (tested, truth) = kept
    return Encoded(features, labels, tested, truth)


def without_neutral(head: PolarityClassifier) -> PolarityClassifier:
    """Return the head with its steps alone."""
    fitted = head.mixture_
    if not isinstance(fitted, SeveralClasses):
        raise TypeError("the head has two classes")
    steps = SeveralClasses(ordered=True)
    steps.mixtures_, steps.label_shares_ = fitted.mixtures_[:2], None
    alone = PolarityClassifier.from_state(*head.state())
    alone.mixture_ = steps
    return alone


def predictions(encoded: Encoded, drawn: NDArray[np.intp]) -> Iterator[Labels]:
    """Fit to the drawn labels, and yield the answers: unordered, steps alone, with neutral."""
    features, labels = encoded.pool[drawn], encoded.pool_labels[drawn]
    yield PolarityClassifier(ordered=False).fit(features, labels).predict(encoded.test)
    ordered = PolarityClassifier(ordered=list(CLASSES)).fit(features, labels)
    yield without_neutral(ordered).predict(encoded.test)
    yield ordered.predict(encoded.test)


def measure(
    encoded: Encoded, budget: int, sampling: Sampling, draws: int = DRAWS
) -> NDArray[np.float64]:
    """Return accuracy and macro-F1 in % of each draw, ``(draws, 2, 3)``; as in `predictions`."""
    labels, found = encoded.pool_labels.tolist(), []
    for draw in range(draws):
        drawn = draw_labelled(labels, budget, sampling, seed=0, draw=draw)
        answers = [*predictions(encoded, drawn)]
        figures = [[of(encoded.test_labels, a) for a in answers] for of in (accuracy, macro_f1)]
        found.append(figures)
    return 100 * np.array(found)


def cells(figures: NDArray[np.float64]) -> list[str]:
    """Return the cells of a row from what `measure` returned."""
    row = []
    for draws in figures.transpose(1, 2, 0):
        gain = draws[2] - draws[1]
        error = gain.std(ddof=1) / len(gain) ** 0.5
        means = [f"{mean:.1f}" for mean in draws.mean(axis=1)]
        row += [*means[:2], f"{means[2]} ({gain.mean():+.1f} ± {error:.1f})"]
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--development", action="store_true", help="two halves of each pool")
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # few labels of many draws contradict the seed words
    rows = []
    for name, (read, new_model) in SETS.items():
        pool, test = read()
        encoded = encode(*(halved(pool) if options.development else (pool, test)), new_model())
        for sampling in SAMPLINGS:
            for budget in BUDGETS:
                rows.append((name, budget, sampling, *cells(measure(encoded, budget, sampling))))
                print(*rows[-1], flush=True)
    if not options.development:
        text = NOTE + "\n".join(markdown_table(COLUMNS, rows)) + "\n"
        (options.out / "neutral.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
