"""Compare parts of words with whole words: cuts, pieces by frequency, vectors from n-grams.

    python -m scripts.accuracy.subwords                   writes results/languages-subwords.md, .csv
    python -m scripts.accuracy.subwords --sets nl_bol     this set; the others stay as they are

Development texts only: a fifth of the training part is tested on, at most 2,500 texts, and another
fifth for each seed. All arms of a seed see the same texts, labels and seed.
"""

from __future__ import annotations

import argparse
import time
import warnings
from copy import copy
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from scripts.accuracy.language_arms import Split, Texts
from scripts.accuracy.languages import SETS, splits
from scripts.accuracy.subword_arms import (
    FASTTEXT_EPOCHS,
    composed,
    divided,
    fasttext,
    learnt_pieces,
    whole_words,
    with_words,
)
from scripts.reports import add_report_options, markdown_table, write_csv
from sentiment_transfer import SentimentClassifier, SkipGram
from sentiment_transfer.experiments.draws import draw_labelled
from sentiment_transfer.experiments.statistics import accuracy, macro_f1, paired_interval

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from scripts.accuracy.languages import Plan
    from scripts.accuracy.subword_arms import Prepare

KEPT = ["ko_movies", "id_smsa", "nl_bol", "fr_amazon"]
BUDGETS = (0, 8, 100)
DRAWS = 4
TESTED = 2_500
WORDS, CUTS = "whole words", "cuts around stems"
FEW_EPOCHS = f"whole words, {FASTTEXT_EPOCHS} epochs"
WAYS = ("neighbours", "regression", "prefix")
ORDER = [WORDS, *(f"{WORDS}, {way}" for way in WAYS), CUTS, f"{CUTS}, {WAYS[0]}", "pieces"]
ORDER += ["words and pieces", FEW_EPOCHS, "fastText, known words", "fastText"]
SHORT = {"ko_movies": ((1, 3), 2)}
"""Sizes of n-grams, and letters of a seed word that is cut around: syllables in Korean."""
LETTERS = ((3, 5), 5)
NOTE = """# Parts of words

Written by `scripts/accuracy/subwords.py`. Development texts: {seeds} seeds, each with another fifth
of the training texts to test on (at most {tested:,}), vectors pretrained on the others or a sample
of them (the number is behind the name), and {draws} balanced draws of labels. Figures are in %,
macro-F1 for Korean, else accuracy; behind them the mean difference from whole words of the same
seed, and its interval of 95 % (t, over seeds). Rare texts are those of whose whole words at most
half have a vector, without labels. Seconds are those of a processor for reading, learning pieces
and pretraining; composing and testing are left out.

"""
FOOT = """
- whole words: the language file with cuts behind stems at the beginning of a word only
- cuts around stems: a stem or seed word is divided from what stands around it, wherever it stands
- pieces: byte-pair encoding of 4,000 merges, in place of words, or of 8,000 merges behind them
- neighbours, regression, prefix: vectors of words that have none, from words with the same n-grams
- fastText: gensim's, with vectors of n-grams, to be compared with whole words of as many epochs
"""


class Measured(NamedTuple):
    """One model of an arm: how texts are prepared for it, and what it took."""

    model: SentimentClassifier
    prepare: Prepare
    seconds: float


def arms_of(
    name: str, plan: Plan, split: Split, seed: int, chosen: Sequence[str]
) -> Iterator[tuple[str, Measured]]:
    """Yield the arms of one seed, whole words first."""
    (sizes, letters), language = SHORT.get(name, LETTERS), whole_words(plan.language)
    drawn = [split.pool.texts[row] for _, rows in _draws(split.pool) for row in rows]
    texts = [*split.test.texts, *drawn]
    cut = divided(plan.language, letters)
    for title, code in ((WORDS, language), (CUTS, cut)):
        measured = _pretrained(code, split, seed, lambda text: text)
        yield title, measured
        for way in WAYS if code == language else WAYS[:1]:
            compose = composed(measured.model.vectors_, way, sizes)
            model = with_words(measured.model, compose, texts)
            yield f"{title}, {way}", measured._replace(model=model)
    for further, merges in ((False, 4_000), (True, 8_000)):
        title = "words and pieces" if further else "pieces"
        if title in chosen:
            start = time.process_time()
            prepare = learnt_pieces(language, split.unlabelled, merges, further=further)
            measured = _pretrained(language, split, seed, prepare, start)
            yield title, measured
    if "fastText" in chosen:
        plain = SkipGram(workers=1, seed=seed, epochs=FASTTEXT_EPOCHS)
        yield FEW_EPOCHS, _pretrained(language, split, seed, lambda text: text, skipgram=plain)
        start = time.process_time()
        vectors, compose = fasttext(language, split.unlabelled, sizes, seed)
        seconds = time.process_time() - start
        model = SentimentClassifier(language, vectors=vectors, seed=seed)
        model.pretrain(split.unlabelled, callback=None)
        made = with_words(model, compose, texts)
        yield "fastText, known words", Measured(model, lambda text: text, seconds)
        yield "fastText", Measured(made, lambda text: text, seconds)


def _pretrained(
    language: str,
    split: Split,
    seed: int,
    prepare: Prepare,
    start: float | None = None,
    skipgram: SkipGram | None = None,
) -> Measured:
    start = time.process_time() if start is None else start
    texts = [prepare(text) for text in split.unlabelled]
    skipgram = skipgram or SkipGram(workers=1, seed=seed)
    model = SentimentClassifier(language, skipgram=skipgram, seed=seed)
    model.pretrain(texts, callback=None)
    return Measured(model, prepare, time.process_time() - start)


def _draws(pool: Texts) -> Iterator[tuple[int, NDArray[np.intp]]]:
    for budget in BUDGETS:
        for draw in range(DRAWS if budget else 1):
            yield budget, draw_labelled(pool.labels.tolist(), budget, "balanced", seed=0, draw=draw)


def scores(
    measured: Measured, plan: Plan, split: Split, rare: NDArray[np.bool_]
) -> dict[str, float]:
    """Return the mean score of each budget, that of rare texts, coverage and number of vectors."""
    model, prepare = measured.model, measured.prepare
    score = macro_f1 if plan.measure == "macro-F1" else accuracy
    encoded = model.encode([prepare(text) for text in split.test.texts])
    found: dict[str, list[float]] = {}
    for budget, rows in _draws(split.pool):
        fitted = model
        if budget:
            texts = [prepare(split.pool.texts[row]) for row in rows]
            fitted = copy(model).fit_encoded(model.encode(texts), split.pool.labels[rows])
        answers = fitted.predict_encoded(encoded).astype(np.str_)
        found.setdefault(str(budget), []).append(100 * score(split.test.labels, answers))
        if not budget and rare.any():
            found["rare texts"] = [100 * score(split.test.labels[rare], answers[rare])]
    means = {name: float(np.mean(values)) for name, values in found.items()}
    vectors: Any = model.encoder_
    coverage = 100 * float(np.mean(encoded.coverage))
    return means | {"coverage": coverage, "vectors": len(vectors.vectors)}


def measure(name: str, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield a row for each seed and arm of a set."""
    plan = SETS[name]
    found = splits(plan, development=True, most=options.most, n=options.seeds)
    for seed, split in enumerate(found):
        split = split._replace(test=_some(split.test, seed))
        rare = np.zeros(0, np.bool_)
        for title, measured in arms_of(name, plan, split, seed, options.arms):
            if title == WORDS:
                rare = measured.model.coverage(split.test.texts) <= 0.5
            row = {"set": name, "seed": seed, "arm": title, "most": options.most}
            row["texts"] = len(split.unlabelled)
            row |= scores(measured, plan, split, rare)
            row |= {"seconds": measured.seconds, "share of rare texts": 100 * float(rare.mean())}
            print(row, flush=True)
            yield row


def _some(test: Texts, seed: int) -> Texts:
    """Return at most 2,500 texts, drawn by the seed."""
    n = len(test.texts)
    if n <= TESTED:
        return test
    rows = np.sort(np.random.default_rng(seed).choice(n, TESTED, replace=False))
    return Texts([test.texts[row] for row in rows], test.labels[rows])


def table(runs: pd.DataFrame) -> list[str]:
    """Return a table of means and differences."""
    columns = [*map(str, BUDGETS), "rare texts"]
    header = ["set", "arm", "no label", *(f"{n} labels" for n in BUDGETS[1:]), columns[-1]]
    header += ["coverage", "vectors", "seconds"]
    lines = []
    for (name, _), of_set in runs.groupby(["set", "most"], sort=False):
        base = of_set[of_set["arm"] == WORDS].set_index("seed")
        for arm, rows in of_set.groupby("arm", sort=False):
            own = rows.set_index("seed")
            cells = [_cell(own[c], base[c].loc[own.index], arm == WORDS) for c in columns]
            means = own[["coverage", "vectors", "seconds"]].mean()
            cells += [f"{means.iloc[0]:.0f}", f"{means.iloc[1]:,.0f}", f"{means.iloc[2]:.0f}"]
            lines.append([f"{name}, {int(own['texts'].max()):,}", arm, *cells])
    return markdown_table(header, lines, left=2)


def _cell(own: pd.Series, base: pd.Series, is_base: bool) -> str:
    if own.isna().all():
        return ""
    if is_base:
        return f"{own.mean():.1f}"
    gain, low, high = (100 * end for end in paired_interval(own / 100, base / 100))
    return f"{own.mean():.1f}, {gain:+.1f} ({low:+.1f} to {high:+.1f})"


def _rank(column: pd.Series) -> pd.Series:
    order = {"set": KEPT, "arm": ORDER}.get(str(column.name))
    return column if order is None else column.map(order.index)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", choices=KEPT, default=KEPT, metavar="SET")
    parser.add_argument("--most", type=int, default=10_000, help="texts to pretrain on at most")
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    slow = ["pieces", "words and pieces", "fastText"]
    parser.add_argument("--arms", nargs="*", choices=slow, default=slow, help="of the slow ones")
    add_report_options(parser)
    return parser.parse_args()


def main() -> None:
    options = _options()
    warnings.simplefilter("ignore")
    path = options.out / "languages-subwords.csv"
    earlier = pd.read_csv(path) if path.is_file() else pd.DataFrame({"set": [], "most": []})
    rows = [row for name in options.sets if not options.report for row in measure(name, options)]
    new = pd.DataFrame(rows, columns=[*rows[0]] if rows else earlier.columns)
    key = ["set", "most", "arm", "seed"]
    runs = pd.concat([earlier, new]).drop_duplicates(key, keep="last") if rows else earlier
    runs = runs.sort_values(["set", "most", "arm", "seed"], key=_rank)
    write_csv(runs.round(2), path)
    note = NOTE.format(seeds=options.seeds, tested=TESTED, draws=DRAWS)
    path.with_suffix(".md").write_text(note + "\n".join(table(runs)) + "\n" + FOOT, "utf-8")


if __name__ == "__main__":
    main()
