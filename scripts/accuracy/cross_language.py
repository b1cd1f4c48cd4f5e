"""Measure whether the polarity of English words helps a language with few texts of its own.

    python -m scripts.accuracy.cross_language                 all sets; resumes from the cache
    python -m scripts.accuracy.cross_language --report        the page from the runs there are

Texts, splits and measures are those of `scripts.accuracy.languages`; sizes are random samples of
the texts that are pretrained on. The page is results/languages-transfer.md.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from scripts.accuracy import cross_language_arms as arms
from scripts.accuracy import cross_language_map as mapping
from scripts.accuracy.cross_language_diagnosis import diagnose, english_as_foreign
from scripts.accuracy.cross_language_joint import anchored, beside_english
from scripts.accuracy.cross_language_report import write_report
from scripts.accuracy.languages import SETS, Split, Texts, splits
from scripts.corpora import read_set
from scripts.reports import add_report_options
from sentiment_transfer import SkipGram, WordVectors
from sentiment_transfer.corpus.sampling import Reservoir
from sentiment_transfer.encoding import PretrainingTexts
from sentiment_transfer.experiments.draws import draw_labelled
from sentiment_transfer.experiments.statistics import accuracy, macro_f1
from sentiment_transfer.polarity import PolarityClassifier
from sentiment_transfer.polarity.encoder import SAMPLE_TEXTS
from sentiment_transfer.text import Tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from scripts.accuracy.cross_language_arms import English, Fitted
    from scripts.accuracy.cross_language_map import Pair

SIZES: tuple[tuple[str, int | None, int], ...] = (
    ("fr_amazon", None, 5),
    ("nl_bol", None, 5),
    ("id_smsa", 400, 5),
    ("ja_hotel", None, 3),
    ("ko_movies", 400, 3),
    ("id_smsa", 1_600, 3),
    ("ko_movies", 1_600, 3),
    ("id_smsa", None, 3),
    ("ko_movies", 10_000, 3),
    ("ko_movies", None, 1),
)
"""Sets, numbers of texts (None for all), and repeats."""
JOINT_TEXTS = 1_000
"""Pretraining with English is measured up to this number of texts, in the first repeat only, as is
how unseen words are placed."""
FOREIGN_SIZES = (400, 1_600, 5_000)
"""Numbers of English texts whose vectors are taken for another language's."""
PAIRS = (10, 20, 60)
LABELS = {0: 1, 8: 4, 100: 4}
"""Draws of each number of labels in each repeat."""


class Case(NamedTuple):
    """A sample of a set: vectors learnt from it, labels to draw from it, and texts to test on."""

    facts: dict[str, Any]
    language: str
    vectors: WordVectors
    read: PretrainingTexts
    pool: Texts
    test: Texts


def read_case(name: str, size: int | None, repeat: int, folder: Path) -> Case:
    """Return a repeat: another split, or another sample, and another seed of the skip-gram."""
    found = list(splits(SETS[name], development=False, most=None))
    split = sampled(found[repeat % len(found)], size, repeat)
    path = folder / f"{name}-{size or 'all'}-{repeat}.safetensors"
    vectors = learnt(split.unlabelled, SETS[name].language, repeat, path)
    sample = Reservoir(SAMPLE_TEXTS, 0)
    ids = vectors.encode(list(sample.through(split.unlabelled)))
    facts = {"set": name, "size": size or "all", "repeat": repeat}
    facts |= {"texts": len(split.unlabelled), "measure": SETS[name].measure}
    read = PretrainingTexts(ids, sample.texts)
    return Case(facts, SETS[name].language, vectors, read, split.pool, split.test)


def sampled(split: Split, size: int | None, repeat: int) -> Split:
    """Return a split with ``size`` texts of the pool in place of all texts."""
    if size is None:
        return split
    rows = np.random.default_rng([size, repeat]).permutation(len(split.pool.texts))[:size]
    pool = Texts([split.pool.texts[i] for i in rows], split.pool.labels[rows])
    return Split(pool.texts, pool, split.test)


def learnt(texts: list[str], language: str, seed: int, path: Path) -> WordVectors:
    """Learn vectors as the package does, or read those of an earlier run."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        SkipGram(tokenizer=language, seed=seed).fit(texts, callback=None).vectors_.save(path)
    return WordVectors.load(path)


def measure(case: Case, english: English, folder: Path) -> Iterator[dict[str, Any]]:
    """Yield the figures of each arm and draw, and how well translations are found."""
    pairs = mapping.read_pairs(case.language)
    own = arms.with_seeds(case.vectors, case.read, Tokenizer(case.language))
    wide = arms.turn_of(case.vectors, english, pairs, refined=True)
    yield from _runs(case, own, "own seeds", 0)
    yield from _runs(case, arms.joined(own, english.polarity @ wide.T), "own + directions", 0)
    yield from _runs(case, arms.joined(own, english.labels @ wide.T), "own + labels", 0)
    yield from _runs(case, arms.as_prior(own, english.polarity @ wide.T), "own + prior", 0)
    for n in PAIRS:
        few = mapping.first_pairs(pairs, n)
        tokenizer = arms.tokenizer_with_seeds(case.language, few, folder)
        for name, fitted in arms_of(case, english, few, pairs, tokenizer):
            yield from _runs(case, fitted, name, n)
        if not case.facts["repeat"]:
            yield case.facts | {"pairs": n} | diagnose(case.vectors, english, few, pairs)
    if not case.facts["repeat"]:
        yield case.facts | {"pairs": 0} | diagnose(case.vectors, english, [], pairs)
    for name, fitted in arms_without_polar_pairs(case, english, pairs, folder):
        yield from _runs(case, fitted, f"no polar pair: {name}", 0)


def arms_without_polar_pairs(
    case: Case, english: English, pairs: list[Pair], folder: Path
) -> Iterator[tuple[str, Fitted]]:
    """Yield the ways to use nouns and words spelled the same, the one without alignment last."""
    nouns = [pair for pair in pairs if not pair.sign]
    tokenizer = arms.tokenizer_with_seeds(case.language, mapping.first_pairs(pairs, 60), folder)
    plain = arms.with_seeds(case.vectors, case.read, tokenizer, add=False)
    wide = arms.turn_of(case.vectors, english, nouns, refined=True)
    yield "directions", arms.along(plain, english.polarity @ wide.T, seeds=False)
    scores = arms.neighbour_scores(case.vectors, english, wide)
    yield "neighbours", arms.with_neighbours(plain, scores, seeds=False)
    spelled = arms.with_spelled_the_same(plain, case.vectors, english)
    if spelled is not None:
        yield "spelled the same as seeds", spelled


def arms_of(
    case: Case, english: English, few: list[Pair], pairs: list[Pair], tokenizer: Tokenizer
) -> Iterator[tuple[str, Fitted]]:
    """Yield the ways to use a few pairs of translations, the one without alignment first."""
    fitted = arms.with_seeds(case.vectors, case.read, tokenizer)
    nouns = [pair for pair in pairs if not pair.sign]
    alone = arms.turn_of(case.vectors, english, few)
    wide = arms.turn_of(case.vectors, english, few + nouns, refined=True)
    yield "pairs as seeds", fitted
    yield "directions, pairs only", arms.along(fitted, english.polarity @ alone.T)
    mixed = arms.turn_of(case.vectors, english, mapping.shuffled(few))
    yield "directions, pairs shuffled", arms.along(fitted, english.polarity @ mixed.T)
    yield "directions", arms.along(fitted, english.polarity @ wide.T)
    yield "labels", arms.along(fitted, english.labels @ wide.T)
    yield (
        "neighbours",
        arms.with_neighbours(fitted, arms.neighbour_scores(case.vectors, english, wide)),
    )
    yield "pairs + directions", arms.joined(fitted, english.polarity @ wide.T)
    yield "pairs + prior", arms.as_prior(fitted, english.polarity @ wide.T)
    repeat, middle = case.facts["repeat"], len(few) == 2 * PAIRS[1]
    if case.facts["texts"] > JOINT_TEXTS or repeat or middle:
        return
    rows = mapping.dictionary(few + nouns, case.vectors, english.vectors)
    ids = case.read.ids
    vectors = anchored(case.vectors, ids, english, rows, repeat)
    again = arms.with_seeds(vectors, case.read, tokenizer)
    yield "anchored", arms.along(again, english.polarity)
    if len(few) > 2 * PAIRS[1]:
        vectors, directions = beside_english(case.vectors, ids, english, rows, repeat)
        again = arms.with_seeds(vectors, case.read, tokenizer)
        yield "joint", arms.along(again, directions)
        yield "joint, pairs as seeds", again


def _runs(case: Case, fitted: Fitted, arm: str, pairs: int) -> Iterator[dict[str, Any]]:
    """Yield the figure of each draw of one arm."""
    labels, drawn = case.pool.labels, drawn_rows(case)
    used = np.unique(np.concatenate([rows for *_, rows in drawn]))
    features = fitted.features("pool", [case.pool.texts[i] for i in used])
    tested = fitted.features("test", case.test.texts)
    measured = {"accuracy": accuracy, "macro-F1": macro_f1}[case.facts["measure"]]
    for budget, draw, rows in drawn:
        head = PolarityClassifier(ordered=["negative", "positive"])
        head.fit(features[np.searchsorted(used, rows)], labels[rows])
        figure = 100 * measured(case.test.labels, head.predict(tested).astype(np.str_))
        run = {"arm": arm, "pairs": pairs, "labels": budget, "draw": draw, "figure": figure}
        yield case.facts | run


def drawn_rows(case: Case) -> list[tuple[int, int, NDArray[np.intp]]]:
    """Return the labelled texts of each number of labels and draw; no two repeats share a draw."""
    labels, repeat = case.pool.labels.tolist(), case.facts["repeat"]
    return [
        (budget, draw, draw_labelled(labels, budget, "balanced", seed=0, draw=repeat * n + draw))
        for budget, n in LABELS.items()
        for draw in range(n)
    ]


def measure_english(english: English, folder: Path) -> None:
    """Measure how well unseen words are placed if the language is English as well."""
    pool = read_set("amazon").pool
    for size in FOREIGN_SIZES:
        path = folder / f"english-{size}-0.jsonl"
        if not path.is_file():
            rows = np.random.default_rng(size).permutation(len(pool))[-size:]
            texts = [pool.texts[i] for i in rows]
            vectors = learnt(texts, "en", 1, path.with_suffix(".safetensors"))
            facts = {
                "set": "English reviews",
                "size": size,
                "texts": size,
                "repeat": 0,
                "pairs": 60,
            }
            answers = english_as_foreign(vectors, english)
            path.write_text(json.dumps(facts | answers) + "\n", encoding="utf-8")
            print(path.stem, answers, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    names = [*dict.fromkeys(name for name, *_ in SIZES)]
    parser.add_argument("--sets", nargs="+", choices=names, default=names, metavar="SET")
    add_report_options(parser)
    options = parser.parse_args()
    folder = options.cache / "cross-language"
    if not options.report:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of little text, and of seeds that labels contradict
            measure_all(options.sets, folder)
    write_report(folder, options.out)


def measure_all(names: list[str], folder: Path) -> None:
    """Measure the cases that are missing, one file of runs for each; most repeats first."""
    english = arms.read_english()
    measure_english(english, folder)
    todo = [(repeat, *entry) for entry in SIZES for repeat in range(entry[2])]
    for repeat, name, size, _ in sorted(todo, key=lambda case: (-case[3], case[0])):
        path = folder / f"{name}-{size or 'all'}-{repeat}.jsonl"
        if name in names and not path.is_file():
            started = time.perf_counter()
            case = read_case(name, size, repeat, folder)
            lines = [json.dumps(run) for run in measure(case, english, folder)]
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")
            print(path.stem, f"{time.perf_counter() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
