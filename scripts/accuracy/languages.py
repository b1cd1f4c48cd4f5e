"""Measure the languages of the package on reviews of their own: no label, 8 and 100 labels.

    python -m scripts.accuracy.languages                  writes results/languages.md and .csv
    python -m scripts.accuracy.languages --arms "shipped model"     those of one method again
    python -m scripts.accuracy.languages --development    no test text; prints, writes nothing

Vectors are pretrained on the unlabelled texts of each set: those of its training part without their
labels, and more texts where there are some. Labels are drawn from the training part; shipped models
and TF-IDF (`language_arms`) get the same draws. Sets without parts are split five times, 80 to 20,
by normalised text. With ``--development``, a fifth of the training part is tested on instead, and
shipped models, which know it, are left out.
"""

from __future__ import annotations

import argparse
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from scripts.accuracy.language_arms import ARMS, CHARACTERS, OWN, SHIPPED, WORDS, Split, Texts
from scripts.corpora import corpora_folder
from scripts.reports import add_report_options, markdown_table, write_csv
from sentiment_transfer.corpus import split_by_text
from sentiment_transfer.experiments.draws import draw_labelled
from sentiment_transfer.experiments.statistics import accuracy, macro_f1

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_transfer.experiments.draws import Sampling

    Labels = NDArray[np.str_]

NAMES = ("negative", "neutral", "positive")
SAMPLINGS: tuple[Sampling, ...] = ("balanced", "natural")
BUDGETS = (0, 8, 100)
BUDGETS_OF_THREE = (9, 99)
DRAWS = 20
SPLITS = 5
DEVELOPMENT_SEED = 100
NOTE = """# Languages

Written by `scripts/accuracy/languages.py`: vectors pretrained on the texts of each set without
their labels, then no label, 8 or 100 labels of the training part, {draws} random draws. Figures are
in %, mean ± standard deviation of the draws; test texts are seen by no stage. Balanced draws have
the same number of texts of each class, natural ones are random; the target stands beside the
balanced ones. Coverage is the share of the words of test texts that have a vector.

Rows with *shipped* vectors are of the model in the bank, as it is. **It learnt from the same
training parts, and their labels taught it about words**, so that its figures are for texts of a
kind that it knows, and *no label* means none of the user's. TF-IDF with logistic regression learns
from the drawn texts alone, by words and pairs of words of the package's tokenizer or by 2 to 5
neighbouring characters, `C` by cross-validation.

"""
FOOT = """
Sets without parts are split five times, 80 to 20 by normalised text, with four draws each; the
deviation without labels is that of the splits. Where a set has three classes, two classes are its
texts without the neutral ones; for three classes 9 and 99 labels are drawn, and a model without
labels does not name the neutral ones. German and Spanish have language files, but no figure: no
corpus was at hand.

Stop words are from stopwords-iso, seed words were written from knowledge of each language. Seeds
were checked on parts of the training texts: of Dutch and French, which have no parts, on other
splits of the same texts, so their figures may be a little high.
"""


@dataclass(frozen=True)
class Plan:
    """A set of texts: its language, classes, measure, and targets at 0, 8 and 100 labels."""

    corpus: str
    language: str
    classes: int = 2
    measure: str = "accuracy"
    targets: tuple[float, ...] = ()


SETS = {
    "nl_bol": Plan("nl_bol", "nl", targets=(84, 85, 91)),
    "fr_amazon": Plan("fr_amazon", "fr", targets=(68, 70, 76)),
    "id_smsa": Plan("id_smsa", "id", targets=(80, 80, 84)),
    "id_smsa, three classes": Plan("id_smsa", "id", classes=3, measure="macro-F1"),
    "ko_movies": Plan("ko_movies", "ko", measure="macro-F1", targets=(70, 71, 75)),
    "ja_hotel": Plan("ja_hotel", "ja", measure="macro-F1", targets=(75, 75, 80)),
    "ja_hotel, three classes": Plan("ja_hotel", "ja", classes=3, measure="macro-F1"),
}


def read_part(plan: Plan, part: str) -> Texts:
    """Read one file of a set; a repeated text counts once."""
    rows = pd.read_parquet(corpora_folder() / plan.corpus / f"{part}.parquet")
    rows = rows.drop_duplicates("text")
    if plan.corpus in ("id_smsa", "ja_hotel"):
        rows = rows if plan.classes == 3 else rows[rows["label"] != 1]
        return Texts(rows["text"].tolist(), np.array(NAMES)[rows["label"]])
    return Texts(rows["text"].tolist(), np.array(NAMES)[2 * rows["label"]])


def halves(texts: Texts, seed: int) -> tuple[Texts, Texts]:
    """Return four fifths and the rest: stratified, repeats together."""
    parts = split_by_text(texts.texts, texts.labels.tolist(), fractions=(0.8, 0.2), seed=seed)
    first, second = (Texts([texts.texts[i] for i in rows], texts.labels[rows]) for rows in parts)
    return first, second


def splits(
    plan: Plan, *, development: bool, most: int | None, n: int | None = None
) -> Iterator[Split]:
    """Yield the splits of a set, or ``n``; ``most`` limits the texts that are pretrained on."""
    folder = corpora_folder() / plan.corpus
    has_parts = (folder / "dev.parquet").is_file()
    more: list[str] = []
    if (folder / "unlabelled.parquet").is_file():
        more = pd.read_parquet(folder / "unlabelled.parquet")["text"].tolist()
    whole = read_part(plan, "train" if has_parts else "all")
    first = DEVELOPMENT_SEED if development else 0
    for seed in range(first, first + (n or (1 if has_parts else SPLITS))):
        if has_parts and not development:
            pool, test = whole, read_part(plan, "dev")
        else:
            pool, test = halves(whole, seed)
        yield _without_test(pool, more, test, most)


def _without_test(pool: Texts, more: Sequence[str], test: Texts, most: int | None) -> Split:
    """Leave test texts out of the others, by normalised text."""
    tested = set(map(_plain, test.texts))
    kept = [i for i, text in enumerate(pool.texts) if _plain(text) not in tested]
    pool = Texts([pool.texts[i] for i in kept], pool.labels[kept])
    unlabelled = [text for text in (*pool.texts, *more) if _plain(text) not in tested]
    if most is not None and len(unlabelled) > most:
        chosen = np.random.default_rng(0).choice(len(unlabelled), most, replace=False)
        unlabelled = [unlabelled[i] for i in sorted(chosen)]
    return Split(unlabelled, pool, test)


def _plain(text: str) -> str:
    return " ".join(text.lower().split())


def measure(name: str, plan: Plan, options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """Yield accuracy and macro-F1 of each draw of a set, for each method that it has."""
    found = list(splits(plan, development=options.development, most=options.most))
    for number, split in enumerate(found):
        drawn = list(draws(split.pool.labels, plan, number, len(found)))
        facts = {"set": name, "split": number, "tested": len(split.test.texts)}
        for method in options.arms:
            arm = ARMS[method](plan.language, split)
            if arm is None or (options.development and method == SHIPPED):
                continue
            for sampling, budget, draw, rows in drawn:
                if not budget and (plan.classes == 3 or arm.needs_labels):
                    continue
                answers = arm.predict(rows, draw)
                yield {
                    **facts,
                    "arm": method,
                    **arm.facts,
                    "sampling": sampling,
                    "labels": budget,
                    "draw": draw,
                    "accuracy": 100 * accuracy(split.test.labels, answers),
                    "macro-F1": 100 * macro_f1(split.test.labels, answers),
                }


def draws(
    labels: Labels, plan: Plan, split: int, n_splits: int
) -> Iterator[tuple[Sampling, int, int, NDArray[np.intp]]]:
    """Yield the draws of one split; all splits have as many together as a set with one."""
    for sampling in SAMPLINGS:
        for budget in BUDGETS if plan.classes == 2 else BUDGETS_OF_THREE:
            n = DRAWS // n_splits if budget else 1
            for draw in range(split * n, (split + 1) * n):
                rows = draw_labelled(labels.tolist(), budget, sampling, seed=0, draw=draw)
                yield sampling, budget, draw, rows


def table(runs: pd.DataFrame) -> list[str]:
    """Return a table of means and deviations: a row for own vectors and one for a shipped model.

    The row of own vectors has TF-IDF of the same draws.
    """
    header = ["set", "vectors", "texts", "tested", "coverage", "measure", "drawn"]
    header += [f"{n} labels" if n else "no label" for n in BUDGETS] + ["target"]
    header += [f"{method}, {n}" for n in BUDGETS[1:] for method in (WORDS, CHARACTERS)]
    lines = []
    for name, of_set in runs.groupby("set", sort=False):
        plan = SETS[str(name)]
        for measured in dict.fromkeys((plan.measure, "accuracy")):
            for sampling, drawn in of_set.groupby("sampling", sort=False):
                cells = {method: _cells(part[measured], part["labels"], plan)
                         for method, part in drawn.groupby("arm")}  # fmt: skip
                aimed = measured == plan.measure and sampling == SAMPLINGS[0]
                target = " / ".join(map(str, plan.targets)) if aimed else ""
                peers = [cells.get(m, [""] * 3)[i] for i in (1, 2) for m in (WORDS, CHARACTERS)]
                for method in (OWN, SHIPPED):
                    if method in cells:
                        of = drawn[drawn["arm"] == method]
                        about = [name, method.split()[0], _range(of["texts"]), _range(of["tested"])]
                        about += [f"{of['coverage'].mean():.0f}", measured, sampling]
                        also = [target, *peers] if method == OWN else [""] * 5
                        lines.append([*about, *cells[method], *also])
    return markdown_table(header, lines)


def _cells(figures: pd.Series, labels: pd.Series, plan: Plan) -> list[str]:
    """Return the cells of each number of labels."""
    budgets = BUDGETS if plan.classes == 2 else (0, *BUDGETS_OF_THREE)
    return [_cell(figures[labels == n]) for n in budgets]


def _range(column: pd.Series) -> str:
    least, largest = int(column.min()), int(column.max())
    return f"{least:,}" if least == largest else f"{least:,}-{largest:,}"


def _cell(figures: pd.Series) -> str:
    if not len(figures):
        return "-"
    spread = f" ± {figures.std():.1f}" if len(figures) > 1 else ""
    return f"{figures.mean():.1f}{spread}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", nargs="+", choices=SETS, default=[*SETS], metavar="SET")
    parser.add_argument("--arms", nargs="+", choices=ARMS, default=[*ARMS], metavar="ARM")
    parser.add_argument("--most", type=int, help="texts to pretrain on at most")
    parser.add_argument("--development", action="store_true", help="test on no test text")
    add_report_options(parser)
    return parser.parse_args()


def write(parts: list[pd.DataFrame], path: Path) -> None:
    """Enter new runs in the file of all runs, and write its page."""
    earlier = [pd.read_csv(path)] if path.is_file() else []
    runs = pd.concat([*earlier, *parts])
    runs = runs.drop_duplicates(["set", "arm", "split", "sampling", "labels", "draw"], keep="last")
    runs = runs.sort_values("arm", key=lambda s: s.map([*ARMS].index), kind="stable")
    runs = runs.sort_values("set", key=lambda s: s.map([*SETS].index), kind="stable")
    write_csv(runs.round(2), path)
    page = NOTE.format(draws=DRAWS) + "\n".join(table(runs)) + "\n" + FOOT
    path.with_suffix(".md").write_text(page, encoding="utf-8")


def main() -> None:
    options = _options()
    warnings.simplefilter("ignore")
    path = options.out / "languages.csv"
    if options.report:
        write([], path)
        return
    for name in options.sets:
        runs = pd.DataFrame(measure(name, SETS[name], options))
        if len(runs) and not options.development:
            write([runs], path)
        print("\n".join(table(runs)) if len(runs) else f"{name}: no method", flush=True)


if __name__ == "__main__":
    main()
