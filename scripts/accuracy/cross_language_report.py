"""The page and the table of `scripts.accuracy.cross_language`, from its runs."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import pandas as pd

from scripts.reports import markdown_table, write_csv
from sentiment_transfer.experiments.statistics import paired_interval

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    Arm = tuple[str, int]
    """Its name and the number of polar pairs a side, 0 if none are used."""

KEYS = ["set", "size", "texts", "repeat"]
SET = ["set", "size"]
BUDGETS = {0: "no label", 8: "8 labels", 100: "100 labels"}
OWN: Arm = ("own seeds", 0)
CONTROL = "pairs as seeds"
SPELLED: Arm = ("no polar pair: spelled the same as seeds", 0)
COMBINED = ("own + directions", "own + labels", "own + prior")
NOTE = """# Polarity of English words in other languages

Written by `scripts/accuracy/cross_language.py`: word vectors of a language are turned into the
space of `reviews-en` by a dictionary, and the polarity of English is carried over. Accuracy in %
(macro-F1 of `ko_movies` and `ja_hotel`), on the test texts of [languages.md](languages.md), with
vectors learnt from all texts of a set or from a sample of them. Repeats are other splits, or other
samples and seeds; where all texts are taken, other seeds. Labels are drawn balanced, four draws a
repeat. Intervals are 95 % t intervals over repeats, not over test texts.

The result is negative. English polarity that 10, 20 or 60 translated seed words a side carry over
is worth less than the same words as plain seeds in most sets; added to a language's own seeds, it
gains nothing. Vectors of so few texts do not find translations, not even where the other language
is English as well ("English reviews" under "Why"); those of all Korean texts find few either.
Shuffled translations of the right polarity do as well as right ones: the rotation carries little
but the polarity of the given pairs, which seeds use directly. Where no polar word of the language
is known, nouns and equal spelling carry polarity over to Dutch and Indonesian, but 10 seed words a
side give more.

The dictionary is `scripts/accuracy/cross_language_pairs.tsv`: the language's own seed words by
meaning (French 63 positive and 58 negative pairs, Dutch 56 and 47, Indonesian 55 and 53, Korean 54
and 52, Japanese 55 and 53), and 40 to 49 nouns. "10", "20" and "60" are the first polar pairs a
side. The rotation is orthogonal Procrustes; unless it says "pairs only", it is learnt from polar
pairs, nouns, and words and numbers spelled the same, then three times with words that are each
other's nearest neighbours by CSLS as well.

| arm | polarity of the language's words |
| --- | --- |
| own seeds | the package, with all seed words of the language's file |
| pairs as seeds | the package with the words of the pairs as its only seed words: no English |
| directions, pairs only | both directions of `reviews-en`, turned by polar pairs alone |
| directions, pairs shuffled | the same with translations shuffled within their polarity |
| directions | both directions, turned by the whole dictionary and refinement |
| labels | a logistic regression on 6,000 labelled English reviews, turned like these |
| neighbours | the words with most polar English neighbours (ten, CSLS) become seeds as well |
| pairs + directions | the directions of the pairs as seeds and those of English, z-scores added |
| pairs + prior | the pairs as seeds, and the turned English classifier as prior of theirs |
| anchored | skip-gram started from the English vectors, dictionary words read as English ones |
| joint | one skip-gram with 2,000 English texts, half the dictionary's words swapped |
| joint, pairs as seeds | the vectors of joint with the pairs as seeds |
| own + ... | own seeds with the directions, labels or prior of English, by all pairs |
| no polar pair | nouns and equal spelling alone; no seed word |
| spelled the same as seeds | words spelled as polar English ones (1 sd) as seeds: no alignment |

The balance of the known seed words of an arm counts in its score as in the package.
"""
FIGURES = "Means over repeats. Figures with 8 and 100 labels: `languages-transfer.csv`."
AGAINST = """Points gained over the words of the same pairs used as seed words, without English."""
ALL_SETS = """Means over the sets and sizes above, the least and the largest of them; in brackets
how many gain and how many lose. Of joint and anchored, sets of up to 1,000 texts."""
BESIDE = "Points gained by English polarity as a part of the score, over own seeds alone."
BEHIND = "Points gained over own seeds."
NONE = """Points gained over words that are spelled as polar English ones and used as seeds. Sets
without such words on both sides are left out."""
WHY = """Words whose translations the rotation was not learnt from, in %. "Found": the translation
is among the ten nearest of 10,000 English words, by CSLS; by chance 0.1. "Order": the probability
that a positive word has a higher score than a negative one, along the direction of the given pairs
in the language's own space ("given"), or along the turned English directions ("carried"); by chance
50. "English reviews" are vectors of that many English texts, taken for another language's, with the
English words as their own translations and nothing spelled the same."""


def read_runs(folder: Path) -> pd.DataFrame:
    """Read the runs of all cases, and how well unseen words are placed."""
    lines = [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    runs = pd.DataFrame(lines)
    runs["size"] = runs["size"].astype(str)
    return runs.sort_values(["set", "texts"], kind="stable")


def by_repeat(runs: pd.DataFrame, labels: int) -> pd.DataFrame:
    """Return the mean figure over the draws of a repeat: a column for each arm and its pairs."""
    chosen = runs[runs["labels"] == labels]
    table = chosen.pivot_table(index=KEYS, columns=["arm", "pairs"], values="figure", sort=False)
    table.columns = pd.Index([(str(arm), int(n)) for arm, n in table.columns], tupleize_cols=False)
    return table


def gain(figures: pd.DataFrame, arm: Arm, against: Arm) -> str:
    """Return the mean of paired differences in points, with its interval; "-" if not measured."""
    both = pd.DataFrame({"arm": figures[arm], "against": figures[against]}).dropna() / 100
    if both.empty:
        return "-"
    mean, low, high = (100 * x for x in paired_interval(both["arm"], both["against"]))
    return f"{mean:+.1f}" if math.isnan(low) else f"{mean:+.1f} ± {(high - low) / 2:.1f}"


def summary(runs: pd.DataFrame) -> pd.DataFrame:
    """Return the mean and the deviation over repeats of each arm, for the CSV."""
    repeats = runs.groupby([*KEYS, "labels", "arm", "pairs"], sort=False)["figure"].mean()
    groups = repeats.groupby([*SET, "labels", "arm", "pairs"], sort=False)
    table = groups.agg(repeats="size", mean="mean", sd="std").reset_index()
    return table.astype({"labels": int, "pairs": int})


def in_order(arms: Sequence[Arm]) -> list[Arm]:
    """Return arms without pairs first, then the others by their number of pairs."""
    return sorted(arms, key=lambda arm: arm[1])


def figures_table(runs: pd.DataFrame) -> list[str]:
    """Return a table of means without a label: a row for each arm, a column for each set."""
    figures = by_repeat(runs, 0)
    means = figures.groupby(level=SET, sort=False).mean()
    repeats = figures.groupby(level=SET, sort=False).size().tolist()
    rows = [["repeats", "", *repeats]]
    rows += [[*_named(arm), *map(_number, means[arm])] for arm in in_order([*means.columns])]
    return markdown_table(["arm", "pairs", *map(_titled, means.index)], rows)


def gains_table(runs: pd.DataFrame, pairs: Sequence[tuple[Arm, Arm]], labels: int) -> list[str]:
    """Return a table of gains: a row for each arm and what it is against, a column for each set."""
    groups = by_repeat(runs, labels).groupby(level=SET, sort=False)
    header = ["arm", "pairs", *(_titled(key) for key, _ in groups)]
    rows = [[*_named(arm), *(gain(part, arm, base) for _, part in groups)] for arm, base in pairs]
    return markdown_table(header, rows)


def pooled_table(runs: pd.DataFrame, pairs: Sequence[tuple[Arm, Arm]]) -> list[str]:
    """Return a table of gains over all sets: a row for each arm, a column for each budget."""
    means = [by_repeat(runs, labels).groupby(level=SET, sort=False) for labels in BUDGETS]
    rows = []
    for arm, base in pairs:
        cells = []
        for groups in means:
            gains = groups.apply(lambda part: (part[arm] - part[base]).mean()).dropna()  # noqa: B023
            spread = f"{gains.min():+.1f} to {gains.max():+.1f}"
            cells.append(f"{gains.mean():+.1f}, {spread} ({sum(gains > 0)}/{sum(gains < 0)})")
        rows.append([*_named(arm), *cells])
    return markdown_table(["arm", "pairs", *BUDGETS.values()], rows)


def diagnosis_table(runs: pd.DataFrame) -> list[str]:
    """Return the table of unseen words, means over repeats."""
    columns = ["asked", "found, pairs only", "found, all", "nouns found"]
    columns += ["order, given", "order, carried"]
    asked = runs[runs["asked"].notna()]
    groups = asked.groupby([*SET, "pairs"], sort=False)[columns].mean()
    rows = [
        [_titled(key[:2]), int(key[2]), *(_number(x, 0) for x in values)]
        for key, values in zip(groups.index, groups.to_numpy(), strict=True)
    ]
    return markdown_table(["set", "pairs", *columns], rows)


def _number(value: float, decimals: int = 1) -> str:
    return "-" if math.isnan(value) else f"{value:.{decimals}f}"


def _named(arm: Arm) -> tuple[str, object]:
    return arm[0], arm[1] or ""


def _titled(key: Sequence[str]) -> str:
    name, size = key
    return name if size == "all" else f"{name}, {int(size):,} texts"


def write_report(folder: Path, out: Path) -> None:
    """Write the page and the table of all figures."""
    whole = read_runs(folder)
    runs = whole[whole["arm"].notna()]
    write_csv(summary(runs), out / "languages-transfer.csv")
    arms = in_order([*by_repeat(runs, 0).columns])
    few = [(arm, (CONTROL, arm[1])) for arm in arms if arm[1] and arm[0] != CONTROL]
    own = [((name, 0), OWN) for name in COMBINED]
    behind = [(arm, OWN) for arm in arms if arm[0] in (CONTROL, "directions", "labels")]
    none = [(arm, SPELLED) for arm in arms if arm[0].startswith("no polar") and arm != SPELLED]
    sections: list[tuple[str, str, list[str]]] = [
        ("Without a label", FIGURES, figures_table(runs)),
        ("Against the same pairs as seeds, no label", AGAINST, gains_table(runs, few, 0)),
        ("Against the same pairs as seeds, all sets", ALL_SETS, pooled_table(runs, few)),
        ("Against own seeds, no label", BEHIND, gains_table(runs, behind, 0)),
        *(
            (f"Beside own seeds, {name}", BESIDE, gains_table(runs, own, labels))
            for labels, name in BUDGETS.items()
        ),
        ("Without polar pairs, no label", NONE, gains_table(runs, none, 0)),
        ("Why", WHY, diagnosis_table(whole)),
    ]
    text = NOTE
    for title, about, table in sections:
        text += "\n".join(["", f"## {title}", "", about, "", *table, ""])
    (out / "languages-transfer.md").write_text(text, encoding="utf-8")
