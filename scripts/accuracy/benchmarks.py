"""Write ``docs/benchmarks.md`` from ``scripts/results``, with figures that others published.

    python -m scripts.accuracy.benchmarks     reads files of the repository and its history alone

Each file of results is given with the commit that last changed it, so commit the files of a new
measurement first, then write the page. The same files and history give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from scripts.accuracy.best_peers import OURS, PEERS, best_peer_lines
from scripts.accuracy.language_arms import OWN
from scripts.accuracy.provenance import history
from scripts.accuracy.published import Published, published_lines
from scripts.accuracy.summary import summary_lines
from scripts.reports import RESULTS, ROOT, markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from scripts.accuracy.provenance import Change
    from scripts.accuracy.published import Ours

__all__ = ["FILES", "PAGE", "ours_from", "page"]

PAGE = ROOT / "docs" / "benchmarks.md"
FILES = ("accuracy.csv", "languages.csv", "phrases.csv", "costs.csv", "speed.csv")
BUDGETS = (0, 8, 32, 100, 500)
LANGUAGE_BUDGETS = {"no label": (0,), "8 or 9 labels": (8, 9), "100 or 99 labels": (100, 99)}
WIDTH = 100
"""Of lines of prose."""
DECIMALS = {"mb": 1, "parameters": 1, "fit": 2, "short": 2, "long": 2}
"""Columns of the costs, with their decimals below 10."""

INTRO = """# Benchmarks

`python -m scripts.accuracy.benchmarks` writes this page from the files in `scripts/results/`; a
test compares both. Other methods have figures of two kinds: *measured here*, on the same texts and
the same draws of labels, and *published*, read where their authors give them.

## In short
"""
HOW_TO_READ = """
## How to read this

- Figures are accuracy in % on test texts that no stage has seen, unless another measure is named.
  `87.6 ± 0.2 (86.9; 20)` is the mean ± standard deviation, the worst draw, and the number of draws
  of labels. A single figure is one run.
- Draws are balanced: they have the same number of labels of each class. All labels are used as they
  come. Draws in natural shares are in `accuracy.csv` and `languages.csv`.
- The deviation is that of the draws. It does not contain the chance of the test texts, of which one
  standard error is 0.2 points for 25,000 texts, 0.6 for 5,000, 1.6 for 500 and 1.9 for 400.
- This package was given the seed words of the language, which ship with it, and unlabelled texts of
  the same kind, the pool of the set included. *No label* means no label of any text. The shipped
  models are different: labels of the pools of some of these sets taught them.
- Peers measured here get no unlabelled texts. TF-IDF, NB-SVM and fastText start from nothing, VADER
  from a word list, the others from networks that were trained elsewhere, on far more text. Slow
  peers are tested on a sample of the test texts, with fewer draws.
- Published figures come with other splits, other preparation, and often with labels of other sets.
  A difference of a few points to them is no evidence. The notes say what each method was given.
  Balanced accuracy is the mean of the classes' shares; on imdb and mr, whose classes have the same
  number of texts, it is comparable with accuracy.
- Settings of this package were chosen with the labels of pools, not of test texts. Seed words of
  Dutch and French were checked on other splits of the same texts, so these figures may be a little
  high.
- The best peer of a cell is chosen by the test texts, which flatters it.
- `clothing` has five stars in very unequal shares. Its balanced draws say little about its natural
  shares, so accuracy can fall with more labels.
"""
PEERS_TEXT = """## Measured here: the best peer of each cell

Bold is the better of the two; \\* marks a peer that is tested on a sample of the test texts.
"""
COSTS = """
Costs are from `costs.csv`: one process, one thread, a busy machine. *Fit* is 100 labelled
sentences. The methods then predict 1,000 sentences and 1,000 reviews; the seconds are scaled up
where fewer reviews were timed. *Times ours* compares the seconds for reviews. This package is the
shipped model `reviews-en` here.
"""
LANGUAGES = """## Measured here: other languages

Vectors are pretrained on the texts of each set, without their labels. Sets that have no parts are
split five times; their deviation without a label is that of the splits. Three classes get 9 and 99
labels.
"""
PHRASES = """## Measured here: short phrases

The share of the written test sentences that is labelled right, in %, with its 95 % interval, by the
form of words that decides the label. This package is a shipped model, which has no label of these
sentences; MiniLM learns from some 1,500 other labelled ones. *Sure when wrong* is the mean
probability of this package's wrong answers, at best 0.5.
"""
PUBLISHED_TEXT = """## Published figures

These figures were read on {read} in the paper, or in a repository or model card of its authors.
*Labels* are those of the set itself. *This package* has its own number of labels in brackets, and
*difference* is its figure less the published one. Many of these methods used all labels of a set;
ours then has the most labels that it was measured with, 500 or 100 on all sets but imdb. The notes
have the source, the passage, what the method was given, and how its test texts differ from ours.
"""
LEFT_OUT = """### Left out

The figures of these methods could not be read in the paper or from its authors, so they are not
here:
"""


def page(folder: Path, changes: Mapping[str, Change], published: Published) -> str:
    """Return the page.

    Parameters
    ----------
    folder
        Where the files of results are.
    changes
        The last change of each.
    published
        Figures of others.
    """
    tables = {name: pd.read_csv(folder / name) for name in FILES}
    accuracy = _shown(tables["accuracy.csv"])
    languages = tables["languages.csv"]
    languages = languages[languages["arm"] == OWN]  # without shipped models and TF-IDF
    sets = list(dict.fromkeys(accuracy["set"]))
    machine = json.loads((folder / "speed.json").read_text(encoding="utf-8"))
    ours = ours_from(accuracy, languages)
    lines = [INTRO, *summary_lines(accuracy, sets, tables["costs.csv"], published, ours)]
    lines += [HOW_TO_READ, *_provenance_lines(changes, machine["prediction"]["machine"])]
    lines += ["", "## Measured here: this package", "", *_own_lines(accuracy, sets)]
    lines += ["", PEERS_TEXT, *best_peer_lines(accuracy, sets)]
    lines += [COSTS, *_cost_lines(tables["costs.csv"]), "", *_speed_lines(tables["speed.csv"])]
    lines += ["", "## Measured here: every set"]
    for name in sets:
        lines += _set_lines(accuracy[accuracy["set"] == name], name)
    lines += ["", LANGUAGES, *_language_lines(languages)]
    lines += ["", PHRASES, *_phrase_lines(tables["phrases.csv"])]
    lines.append(PUBLISHED_TEXT.format(read=published.read))
    lines += published_lines(published, ours)
    lines += [LEFT_OUT, *(f"- {name}" for name in published.left_out)]
    return "\n".join(lines) + "\n"


def ours_from(accuracy: pd.DataFrame, languages: pd.DataFrame) -> Ours:
    """Return what looks up figures of this package: balanced draws, or all labels.

    It raises ``KeyError`` where nothing was measured.
    """

    def ours(name: str, measure: str, labels: int) -> float:
        own = accuracy[(accuracy["set"] == name) & (accuracy["arm"] == OURS)]
        if len(own):
            found = own[own["budget"] == labels]
            column = "macro_f1" if measure == "macro-F1" else "mean"
        else:
            balanced = languages[languages["sampling"] == "balanced"]
            found = balanced[(balanced["set"] == name) & (balanced["labels"] == labels)]
            column = "macro-F1" if measure == "macro-F1" else "accuracy"
        if found.empty:
            raise KeyError((name, measure, labels))
        return float(found[column].mean())

    return ours


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    """Balanced draws of this package and its peers, and all labels, which are in natural shares."""
    kept = (table["prevalence"] == "balanced") | (table["budget"] > max(BUDGETS))
    arms = table["arm"].isin([OURS, *PEERS])
    return table[kept & arms].assign(prevalence="balanced")


def _provenance_lines(changes: Mapping[str, Change], machine: Mapping[str, str]) -> Iterator[str]:
    yield from ("## When and where it was measured", "")
    header = ["file in `scripts/results/`", "last changed by commit", "on"]
    rows = [[f"`{name}`", f"`{change.commit}`", change.date] for name, change in changes.items()]
    yield from markdown_table(header, rows, left=3)
    yield ""
    known = [machine[fact] for fact in ("processor", "system", "packages")]
    facts = f"Speed was measured on {machine['date']}: {'; '.join(known)}; load of the machine: "
    facts += f"{machine['load of the machine']}. The other files do not record their machine. "
    facts += "Accuracy does not depend on it beyond rounding; seconds do."
    yield from textwrap.wrap(facts, WIDTH)


def _own_lines(accuracy: pd.DataFrame, sets: list[str]) -> list[str]:
    rows = []
    for name in sets:
        own = accuracy[(accuracy["arm"] == OURS) & (accuracy["set"] == name)]
        cells = [_cell(own[own["budget"] == budget]) for budget in BUDGETS]
        cells.append(_cell(own[own["budget"] > max(BUDGETS)]))
        rows.append([name, f"{own['n_test'].max():,}", *cells])
    return markdown_table(["set", "test texts", *map(_labels, BUDGETS), "all labels"], rows)


def _set_lines(table: pd.DataFrame, name: str) -> Iterator[str]:
    yield from ("", f"### {name}: all methods", "")
    budgets = sorted(set(table["budget"]) & {*BUDGETS, table["budget"].max()})
    rows = []
    for arm in [arm for arm in (OURS, *PEERS) if arm in set(table["arm"])]:
        own = table[table["arm"] == arm]
        cells = [_cell(own[own["budget"] == budget]) for budget in budgets]
        rows.append([_title(arm), f"{own['n_test'].max():,}", *cells])
    yield from markdown_table(["method", "test texts", *map(_labels, budgets)], rows)


def _cost_lines(costs: pd.DataFrame) -> list[str]:
    rows = []
    ours = costs[costs["arm"] == OURS].iloc[0]
    for cost in costs.to_dict("records"):
        cells = [_plain(cost[name], digits) for name, digits in DECIMALS.items()]
        cells += [_plain(cost["n_long"], 0), _plain(cost["long"] / ours["long"], 1)]
        rows.append([_title(cost["arm"]), *cells])
    header = ["method", "MB", "million parameters", "fit, s", "1,000 sentences, s"]
    return markdown_table([*header, "1,000 reviews, s", "reviews timed", "times ours"], rows)


def _speed_lines(speed: pd.DataFrame) -> Iterator[str]:
    yield "Speed is from `speed.csv`: from texts to labels, sentences of 18 words, one thread; the"
    yield from ("median of the runs, the least and the most.", "")
    chosen = speed[(speed["section"] == "prediction") & (speed["group"] == "texts to labels")]
    columns = ["what", "median", "least", "most", "unit", "repeats"]
    yield from markdown_table(columns, chosen[columns].astype(str).to_numpy().tolist())


def _language_lines(runs: pd.DataFrame) -> list[str]:
    balanced = runs[runs["sampling"] == "balanced"]
    rows = []
    for name, own in balanced.groupby("set", sort=False):
        parts = [own[own["labels"].isin(labels)] for labels in LANGUAGE_BUDGETS.values()]
        for measure in ("accuracy", "macro-F1"):
            cells = [_runs(part[measure]) if len(part) else "-" for part in parts]
            rows.append([name, f"{own['tested'].max():,.0f}", measure, *cells])
    return markdown_table(["set", "test texts", "measure", *LANGUAGE_BUDGETS], rows)


def _phrase_lines(phrases: pd.DataFrame) -> Iterator[str]:
    test = phrases[phrases["half"] == "test"]
    for language, of_language in test.groupby("language", sort=False):
        yield from (f"### Phrases, `{language}`", "")
        arms, rows = list(dict.fromkeys(of_language["arm"])), []
        for form, of_form in of_language.groupby("form", sort=False):
            first, *others = of_form.to_dict("records")
            own = f"{first['accuracy']} [{first['low']}, {first['high']}]"
            wrong = first["sure_when_wrong"]
            sure = "" if pd.isna(wrong) else f"{wrong:.3f}"
            n = first["negative"] + first["positive"]
            rows.append([form, n, own, sure, *(other["accuracy"] for other in others)])
        header = ["form", "sentences", "this package", "sure when wrong", *arms[1:]]
        yield from (*markdown_table(header, rows), "")


def _title(arm: str) -> str:
    return arm.replace(OURS, "**this package**")


def _labels(budget: int) -> str:
    return f"{budget:,} labels" if budget else "no label"


def _cell(found: pd.DataFrame) -> str:
    if found.empty:
        return ""
    (row,) = found.to_dict("records")
    if row["draws"] == 1:
        return f"{row['mean']:.1f}"
    return f"{row['mean']:.1f} ± {row['sd']:.1f} ({row['worst']:.1f}; {row['draws']})"


def _runs(figures: pd.Series) -> str:
    if len(figures) == 1:
        return f"{figures.iloc[0]:.1f}"
    return f"{figures.mean():.1f} ± {figures.std():.1f} ({figures.min():.1f}; {len(figures)})"


def _plain(value: float, decimals: int) -> str:
    """Return a figure with decimals below 10 and with none above; empty for NaN."""
    return "" if pd.isna(value) else f"{value:,.{decimals if value < 10 else 0}f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the results")
    parser.add_argument("--out", type=Path, default=PAGE, help="the page")
    options = parser.parse_args()
    text = page(options.results, history(options.results, FILES), Published.load())
    options.out.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
