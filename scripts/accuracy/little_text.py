"""Measure the weight of seed words with vectors learnt from little text; development texts only.

    python -m scripts.accuracy.little_text             25 minutes; resumes from the cache
    python -m scripts.accuracy.little_text --report    the page from the runs there are

Vectors are learnt from random samples of the pools, and tested on 1,500 other texts of the pool.
"""

from __future__ import annotations

import argparse
import json
import warnings
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.stats import rankdata

from scripts.corpora import CHINESE, read_set, rows_of
from scripts.reports import add_report_options, markdown_table, write_csv
from sentiment_transfer import SkipGram, WordVectors
from sentiment_transfer.classification.logistic import Block, fit_map
from sentiment_transfer.corpus import Labelled
from sentiment_transfer.encoding import PretrainingTexts
from sentiment_transfer.experiments.baselines import SeedWordsArm
from sentiment_transfer.experiments.draws import draw_labelled
from sentiment_transfer.polarity import PolarityClassifier, PolarityEncoder
from sentiment_transfer.polarity.contradiction import SeedsContradictedWarning
from sentiment_transfer.polarity.learning import SEED_BALANCE, polarity_from_seeds
from sentiment_transfer.polarity.little_text import with_seed_words
from sentiment_transfer.polarity.polarity import seed_balance
from sentiment_transfer.polarity.seeds import seed_ids
from sentiment_transfer.text.bag_of_words import mean_of_texts, mean_vectors, unit_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd

SETS = ("imdb", "amazon", "mr", "zh_hotel", "zh_waimai", "chinese")
SAMPLES = {62: 6, 150: 6, 300: 5, 1_000: 3, 3_000: 2, 10_000: 1}
"""Number of samples of each number of texts."""
DRAWS = {0: 1, 8: 3, 100: 2}
TESTED = 1_500
WEIGHTS = (0.35, 0.7, 1.0, 1.4, 2.0, 3.0, 5.0)
ENOUGH = (
    *(("tokens", n) for n in (100_000, 300_000, 1_000_000)),
    *(("texts", n) for n in (5_000, 10_000, 20_000)),
)
COUNTING, BEFORE = "counting", "no seed words added, weight 0.35"
CHOSEN = "0.35 sqrt(300,000 / tokens), at most 2"
NOTE = """# Vectors learnt from little text

Written by `scripts/accuracy/little_text.py`: accuracy in %, on development texts, of {cases}
samples of the pools. Word vectors are learnt from each sample, and tested on 1,500 other texts of
its pool; "chinese" joins three sets. Figures are means over samples, then over sets.

- counting: the larger number of seed words, positive or negative; a tie is half right;
- before: the model without seed words that have no vector, the balance weighted by 0.35;
- 0.35 to 5: the model with all seed words, by the weight of the balance;
- the rule: that of the package, a weight of {chosen}.

Accuracy by a rule is interpolated between the weights measured.
"""
RULES = """{rules} rules were tried. Here are the ten best in the mean of all sizes, then the rule
of the package and constant weights. The least gain over counting is that of one set and size,
without labels. The agreement is the area under the curve of the sign of the balance, predicted
from the other words of left-out texts."""


class Case(NamedTuple):
    """A sample of a pool: word vectors, the texts they are learnt from, and texts to test on."""

    vectors: WordVectors
    texts: list[str]
    tested: Labelled


@cache
def pool_of(name: str) -> Labelled:
    """The pool of a set; that of all Chinese sets for ``"chinese"``."""
    pools = [read_set(part)[0] for part in (CHINESE if name == "chinese" else (name,))]
    return Labelled(
        [text for pool in pools for text in pool.texts],
        [label for pool in pools for label in pool.labels],
    )


def make_case(name: str, n: int, sample: int, folder: Path) -> Case | None:
    """Learn vectors from ``n`` texts, or read them again; None if the pool is too small."""
    pool = pool_of(name)
    if len(pool) < n + TESTED // 2:
        return None
    order = np.random.default_rng([n, sample]).permutation(len(pool))
    texts = [pool.texts[i] for i in order[:n]]
    path = folder / "little-text" / f"{name}-{n}-{sample}.safetensors"
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        language = "zh" if name in ("chinese", *CHINESE) else "en"
        SkipGram(tokenizer=language, seed=sample).fit(texts, callback=None).vectors_.save(path)
    return Case(WordVectors.load(path), texts, rows_of(pool, order[n : n + TESTED]))


def runs_of(case: Case) -> Iterator[dict[str, Any]]:
    """Measure counting, the model as it was without added seed words, and all weights."""
    plain = PretrainingTexts(case.vectors.encode(case.texts), case.texts[:5_000])
    vectors, texts = with_seed_words(case.vectors, plain)
    facts = {"tokens": int(case.vectors.counts.sum()), "agreement": agreement(vectors, texts)}
    yield {"arm": COUNTING, "labels": 0, "draw": 0, "accuracy": counted(case), **facts}
    arms = [(BEFORE, case.vectors, plain, SEED_BALANCE)]
    arms += [(f"{weight:g}", vectors, texts, weight) for weight in WEIGHTS]
    for name, own, read, weight in arms:
        for run in accuracies(encoder_of(own, read, weight), case.tested):
            yield {"arm": name, **run, **facts}


def counted(case: Case) -> float:
    """Accuracy in % of counting the seed words of the language; a tie is half right."""
    arm = SeedWordsArm(case.vectors.tokenizer.language)
    arm.prepare([], case.tested.texts, ["negative", "positive"])
    none = np.zeros(0, np.intp), np.zeros(0, np.str_)
    answers = [arm.predict(*none, 0)]
    arm.prepare([], case.tested.texts, ["positive", "negative"])  # a tie goes to the first class
    answers.append(arm.predict(*none, 0))
    return float(np.mean([100 * (a == np.array(case.tested.labels)).mean() for a in answers]))


def encoder_of(vectors: WordVectors, texts: PretrainingTexts, weight: float) -> PolarityEncoder:
    """Fit the default encoder with this weight; without polarity where a side has no seed word."""
    language = vectors.tokenizer.language_data
    sides = language.positive_seeds, language.negative_seeds
    known = all(map(vectors.vocabulary.encode, sides))
    encoder = PolarityEncoder(vectors, seeds="language" if known else None).fit_unlabelled(texts)
    if known:
        seeds = seed_ids(vectors.vocabulary, *sides)
        encoder.polarity_ = polarity_from_seeds(
            vectors.matrix, texts.ids, *seeds, balance_weight=weight
        )
    return encoder


def accuracies(encoder: PolarityEncoder, tested: Labelled) -> Iterator[dict[str, Any]]:
    """Accuracy in % without labels, and on the other texts with some of them labelled.

    Without labels and polarity it is that of a coin.
    """
    features, labels = encoder.encode(tested.texts).features, np.array(tested.labels)
    for budget, draws in DRAWS.items():
        for draw in range(draws):
            right = 0.5
            if budget or encoder.knows_polarity:
                rows = draw_labelled(tested.labels, budget, "balanced", seed=0, draw=draw)
                head = PolarityClassifier(ordered=["negative", "positive"])
                head.fit(features[rows], labels[rows])
                rest = np.setdiff1d(np.arange(len(labels)), rows)
                right = float((head.predict(features[rest]) == labels[rest]).mean())
            yield {"labels": budget, "draw": draw, "accuracy": 100 * right}


def agreement(vectors: WordVectors, texts: PretrainingTexts) -> float:
    """Area under the curve of the balance's sign, predicted from other words of left-out texts."""
    language = vectors.tokenizer.language_data
    seeds = seed_ids(vectors.vocabulary, language.positive_seeds, language.negative_seeds)
    signs = np.zeros(len(vectors), np.int8)
    signs[seeds[0]], signs[seeds[1]] = 1, -1
    hidden = (signs == 0).astype(np.float32)
    means, balance = (
        mean_vectors(texts.ids, vectors.matrix, hidden),
        seed_balance(texts.ids, signs),
    )
    used = (balance != 0) & means.any(axis=1)
    x, y = (
        unit_rows(means[used] - mean_of_texts(texts.ids, vectors.matrix, hidden)),
        balance[used] > 0,
    )
    if min(y.sum(), (~y).sum()) < 2:
        return 0.5
    folds = np.random.default_rng(0).permutation(len(y)) % 5
    predicted = np.zeros(len(y))
    for fold in range(5):
        rows = folds != fold
        share = np.where(y[rows], y[rows].mean(), 1 - y[rows].mean())
        predicted[~rows] = (
            x[~rows] @ fit_map([Block(x[rows], 1.0)], y[rows], 0.5 / share).weights[0]
        )
    n, ranks = int(y.sum()), rankdata(predicted)
    return float((ranks[y].sum() - n * (n + 1) / 2) / (n * (len(y) - n)))


def rules() -> dict[str, Callable[[pd.Series], float]]:
    """Return the rules that were tried: the weight, computed from facts of a sample."""
    found: dict[str, Callable[[pd.Series], float]] = {
        f"{weight:g}": lambda _, weight=weight: weight for weight in WEIGHTS
    }
    for most in (2, 3, 5):
        for column, enough in ENOUGH:
            for root, power in (("sqrt", 1 / 2), ("cbrt", 1 / 3)):
                name = f"0.35 {root}({enough:,} / {column}), at most {most}"
                found[name] = lambda row, n=enough, c=column, p=power, m=most: min(
                    m, SEED_BALANCE * max(1, n / row[c]) ** p
                )
        for factor in (1, 2, 3):
            name = f"{factor} (1 / (2 agreement - 1) - 1), at most {most}"
            found[name] = lambda row, f=factor, m=most: min(
                m, max(SEED_BALANCE, f * (1 / max(0.05, 2 * row["agreement"] - 1) - 1))
            )
    return found


def read_cases(folder: Path) -> pd.DataFrame:
    """Return the mean accuracy over draws: a row for each sample and number of labels."""
    import pandas as pd

    paths = sorted((folder / "little-text").glob("*.jsonl"))
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    runs = pd.DataFrame([json.loads(line) for line in lines])
    keys = ["set", "texts", "sample", "tokens", "agreement", "labels"]
    cases = runs.pivot_table(index=keys, columns="arm", values="accuracy").reset_index()
    none = cases[cases["labels"] == 0].set_index(keys[:3])[COUNTING]
    cases[COUNTING] = none.reindex(pd.MultiIndex.from_frame(cases[keys[:3]])).to_numpy()
    return cases


def with_rules(cases: pd.DataFrame) -> pd.DataFrame:
    """Add the accuracy of every rule, interpolated between the weights that were measured."""
    grid, steps = cases[[f"{weight:g}" for weight in WEIGHTS]].to_numpy(), np.log(WEIGHTS)
    added = {}
    for name, rule in rules().items():
        weights = np.log([rule(row) for _, row in cases.iterrows()])
        added[name] = [np.interp(w, steps, curve) for w, curve in zip(weights, grid, strict=True)]
    return cases.assign(**added)


def means(cases: pd.DataFrame, by: Sequence[str], arms: Sequence[str]) -> pd.DataFrame:
    """Return means over samples, then over sets if ``by`` does not hold them."""
    of_sets = cases.groupby(["set", "texts", "labels"])[[*arms]].mean().reset_index()
    return of_sets.groupby([*by])[[*arms]].mean()


def report(folder: Path, out: Path) -> None:
    """Write the page and the table of all figures."""
    cases = with_rules(read_cases(folder))
    weights = [f"{weight:g}" for weight in WEIGHTS]
    shown = [COUNTING, BEFORE, *weights, CHOSEN]
    table = means(cases, ["set", "texts", "labels"], shown).reset_index()
    table = table.melt(["set", "texts", "labels"], var_name="arm", value_name="mean")
    write_csv(table, out / "little-text.csv")
    n_cases = len(cases[["set", "texts", "sample"]].drop_duplicates())
    lines = [NOTE.format(cases=n_cases, rules=len(rules()), chosen=CHOSEN)]
    for labels in DRAWS:
        found = means(cases[cases["labels"] == labels], ["texts"], shown)
        header = ["texts", "counting", "before", *weights, "the rule"]
        lines += [f"## {labels} labels", "", *markdown_table(header, _rows(found)), ""]
    shown = [COUNTING, BEFORE, CHOSEN]
    found = means(cases[cases["labels"] == 0], ["set", "texts"], shown)
    header = ["set", "texts", "counting", "before", "the rule"]
    lines += ["## Each set, no label", "", *markdown_table(header, _rows(found)), ""]
    lines += ["## Rules", "", RULES.format(rules=len(rules())), "", *ranking(cases)]
    (out / "little-text.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def ranking(cases: pd.DataFrame) -> list[str]:
    """Return the table of the ten best rules, the chosen one and the constant weights."""
    ranked = means(cases, ["labels"], [*rules()]).T
    alone = means(cases[cases["labels"] == 0], ["set", "texts"], [COUNTING, *rules()])
    ranked["least"] = alone[[*rules()]].sub(alone[COUNTING], axis=0).min()
    ranked = ranked.loc[ranked[[*DRAWS]].mean(axis=1).sort_values(ascending=False).index]
    best = [*dict.fromkeys([*ranked.index[:10], CHOSEN, *map("{:g}".format, WEIGHTS)])]
    header = ["weight", *(f"{labels} labels" for labels in DRAWS), "least gain over counting"]
    return markdown_table(header, _rows(ranked.loc[best]))


def _rows(table: pd.DataFrame) -> list[list[str]]:
    """Return the index and the figures, with one decimal, of each row."""
    rows = []
    for index, figures in table.iterrows():
        names = index if isinstance(index, tuple) else (index,)
        rows.append([*map(_text, names), *(f"{figure:.1f}" for figure in figures)])
    return rows


def _text(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def measure(folder: Path) -> None:
    """Measure the cases that are missing, one file of runs for each."""
    for n, samples in SAMPLES.items():
        for name in SETS:
            for sample in range(samples):
                path = folder / "little-text" / f"{name}-{n}-{sample}.jsonl"
                case = None if path.is_file() else make_case(name, n, sample, folder)
                if case is not None:
                    facts = {"set": name, "texts": n, "sample": sample}
                    lines = [json.dumps(facts | run) for run in runs_of(case)]
                    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
                    print(name, n, sample, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_report_options(parser)
    options = parser.parse_args()
    if not options.report:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SeedsContradictedWarning)  # some draws of 8 labels
            measure(options.cache)
    report(options.cache, options.out)
