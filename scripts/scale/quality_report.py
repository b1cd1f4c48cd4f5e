"""The page on quality as shares grow, from the runs of `scripts.scale.quality`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.reports import markdown_table
from scripts.scale.merging import RULES, TRIED

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

__all__ = ["compared", "write_report"]

KEYS = ["set", "half", "rule", "rounds", "shares"]
MEASURES = {"few": "100 labels", "all": "all labels", "loss": "loss"}
FORMER, CHOSEN = "by frequency", "by frequency, rate by root"
NOTE = """# Quality as shares grow

Written by `python -m scripts.scale.quality --report`; all figures: `scale-quality.csv`.

**The package's rule**: the learning rate inside the R shares is raised by f = min(4, √R), and the
changes of a word are weighted from 1/f for rare words to 1/R for frequent ones. With several
workers an epoch has at least 20 rounds. 8 shares then lose at most 0.3 points on test texts, and 16
at most 0.6, in the mean over the seeds below. With 5 rounds, 8 shares lose 0.3 points on imdb, and
0.7 on amazon, which has fewer tokens (development texts, one seed).

**The former rule**, by frequency without the raised rate, needed more rounds (about 0.3 points or
less behind one share on development texts): 5 per epoch for 2 shares on imdb; 20 for 8 shares on
imdb, 50 on amazon; more than 50 for 16 shares, if only just on imdb.

**Limits**: 5 epochs, two sets; some arms have fewer than 5 seeds. The raised rate by itself is no
gain: one share at twice the rate had 76.6 % in place of 76.8 with 100 labels on amazon (development
texts, one seed, not in the table). More than 16 shares were tried on amazon only, for stability.

## What was measured

Skip-gram of 100 dimensions, 5 epochs, on the texts of a set without its test texts: imdb with
74,607 texts and 9.9 million tokens without stop words, 51,462 words; amazon with 28,449 texts, 1.7
million tokens, 20,404 words. A share trains a replica of the weights on its part of a round; after
each round the replicas are merged. Texts are averages of the vectors of their distinct words,
centred; logistic regression (C = 10) learns from 100 labels (mean of 20 draws) and from all. A seed
stands for the pretraining and the draws together; every arm has the same seeds and draws. Figures
are differences to one share in points, mean ± standard deviation over the seeds; one share itself
in %. The loss is that of the merged weights per pair on 2,000 tested texts.

Rules, with R shares, the summed changes of a word weighted by:

- by frequency: the former rule, 1 for rare words to 1/R for frequent ones;
- by frequency, rate by root: the package's, the learning rate inside the shares times
  f = min(4, √R), weights from 1/f to 1/R (`merge_scale` in `pretraining/rounds.py`);
- sum over root: 1/√R; sum: 1; mean: 1/R;
- mean, rate by shares: 1/R, the learning rate inside the shares times R.

The kernel limits steps at rates above 0.067 for full windows. `SkipGram` trains at most one share
per 50,000 tokens.
"""

CHOICE = """## How the rule was chosen

On development texts: half of the labelled texts are tested, with labels from the other half. {arms}
arms in {runs} runs, of which {lost} diverged. Differences to one share at 20 rounds, as above;
"diverged": in at least one run. The test texts were read after the choice.

"rate f, settled s" is the family the chosen rule is of: the rate times min(f, R), and s
occurrences after which a word's vectors count as settled; "now": by the rate of each round, not of
the first. The chosen rule is "rate root, settled 60" up to 16 shares.
"""


def compared(runs: pd.DataFrame) -> pd.DataFrame:
    """Differences to one share of the same set, half and seed: a row for each arm.

    Columns ``few``, ``all`` (points), ``loss`` hold the mean difference over seeds, with ``_sd``
    its deviation (NaN for one seed) and with ``_one`` the mean of one share; ``seeds`` and
    ``diverged`` count runs. Diverged runs make the means NaN.
    """
    one = runs[runs["shares"] == 1].set_index(["set", "half", "seed"])[[*MEASURES]]
    paired = runs.join(one.add_suffix("_one"), on=["set", "half", "seed"])
    for measure in MEASURES:
        paired[measure] -= paired[f"{measure}_one"]
    groups = paired.groupby(KEYS, sort=False)
    table = groups.size().rename("seeds").to_frame()
    table["diverged"] = groups["few"].apply(lambda column: int(column.isna().sum()))
    for measure in MEASURES:
        values = groups[measure]
        table[measure] = values.apply(lambda column: column.mean(skipna=False))
        table[f"{measure}_sd"] = values.apply(lambda column: column.std(ddof=1, skipna=False))
        table[f"{measure}_one"] = groups[f"{measure}_one"].mean()
    return table.reset_index()


def write_report(runs: pd.DataFrame, out: Path) -> None:
    """Write the page, the table and the picture."""
    table = compared(runs)
    table.round(3).to_csv(out / "scale-quality.csv", index=False, lineterminator="\n")
    tested, chosen = (table[table["half"] == half] for half in ("test", "development"))
    lines = [NOTE]
    lines += ["## Test texts", "", "![](scale-quality.svg)", ""]
    lines += [*_tables(tested, [*RULES]), "## Rounds per epoch, development texts", ""]
    for rule in (FORMER, CHOSEN):
        lines += [f"### {rule[0].upper()}{rule[1:]}", "", *_rounds_table(chosen, rule), ""]
    many = runs[runs["half"] == "development"]
    lines += [
        CHOICE.format(arms=len(chosen), runs=len(many), lost=int(many["few"].isna().sum())),
        *_tables(chosen[chosen["rounds"] == 20], [*RULES, *TRIED]),
    ]
    (out / "scale-quality.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    _draw(tested[tested["rounds"] == 20], out / "scale-quality.svg")


def _tables(table: pd.DataFrame, rules: Sequence[str]) -> list[str]:
    """One table a set: rules and rounds by shares."""
    lines = []
    for name, rows in table.groupby("set", sort=False):
        one = rows.iloc[0]
        figures = ", ".join(f"{one[f'{m}_one']:.2f} {title}" for m, title in MEASURES.items())
        lines += [f"### {name}", "", f"One share: {figures}.", ""]
        header = ["rule", "rounds", "shares", "seeds", *MEASURES.values()]
        order = sorted(
            rows[rows["shares"] > 1].to_dict("records"),
            key=lambda row: (rules.index(row["rule"]), row["rounds"], row["shares"]),
        )
        body = [
            [row["rule"], row["rounds"], row["shares"], row["seeds"], *map(str, _cells(row))]
            for row in order
        ]
        lines += [*markdown_table(header, body), ""]
    return lines


def _cells(row: dict[str, float]) -> list[str]:
    if row["diverged"]:
        return ["diverged"] * len(MEASURES)
    cells = []
    for measure in MEASURES:
        mean, sd, decimals = row[measure], row[f"{measure}_sd"], 3 if measure == "loss" else 2
        spread = "" if np.isnan(sd) else f" ± {sd:.{decimals}f}"
        cells.append(f"{mean:+.{decimals}f}{spread}")
    return cells


def _rounds_table(table: pd.DataFrame, rule: str) -> list[str]:
    """Rounds by shares: 100 labels / all labels."""
    rows = table[(table["rule"] == rule) & (table["shares"] > 1)]
    columns = [(s, n) for s in rows["set"].unique() for n in sorted(rows["shares"].unique())]
    found = {(r["set"], r["rounds"], r["shares"]): r for r in rows.to_dict("records")}

    def cell(name: str, n: int, shares: int) -> str:
        row = found.get((name, n, shares))
        if row is None:
            return ""
        return "diverged" if row["diverged"] else f"{row['few']:+.1f} / {row['all']:+.1f}"

    body = [
        [n, *(cell(name, n, shares) for name, shares in columns)]
        for n in sorted(rows["rounds"].unique(), reverse=True)
    ]
    return markdown_table(["rounds", *(f"{s}, {n} shares" for s, n in columns)], body)


def _draw(table: pd.DataFrame, path: Path) -> None:
    """Draw differences to one share by shares, a panel for each set and number of labels."""
    from matplotlib.figure import Figure

    from sentiment_transfer.base.figures import save_figure

    names = list(table["set"].unique())
    figure = Figure(figsize=(5, 2.6 * len(names) + 1.2), layout="constrained")
    panels = figure.subplots(len(names), 2, sharex=True, sharey="row", squeeze=False)
    rules = [rule for rule in RULES if rule in set(table["rule"])]
    for name, row in zip(names, panels, strict=True):
        row[0].set_ylabel("points to one share")
        for measure, axes in zip(("few", "all"), row, strict=True):
            axes.set_title(f"{name}, {MEASURES[measure]}", fontsize=10)
            for i, rule in enumerate(rules):
                mine = (table["set"] == name) & (table["rule"] == rule) & (table["shares"] > 1)
                part = table[mine].sort_values("shares").dropna(subset=[measure])
                _curve(axes, i, rule, part["shares"], part[measure], part[f"{measure}_sd"])
    for axes in panels.flat:
        axes.axhline(0, color="grey", linewidth=0.8)
        axes.grid(axis="y", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_xticks(range(1, 5), ["2", "4", "8", "16"])
    for axes in panels[-1]:
        axes.set_xlabel("shares")
    handles = panels[-1][0].get_legend_handles_labels()
    figure.legend(*handles, loc="outside lower center", frameon=False, fontsize=9, ncols=1)
    save_figure(figure, path)


def _curve(
    axes: Any,  # noqa: ANN401  (matplotlib is imported where it is used)
    i: int,
    rule: str,
    shares: pd.Series,
    means: pd.Series,
    deviations: pd.Series,
) -> None:
    """Draw one rule, slightly aside so that bars do not overlap."""
    from sentiment_transfer.base.figures import COLOURS
    from sentiment_transfer.experiments.report import MARKERS

    axes.errorbar(
        np.log2(shares) + 0.05 * (i - 1),
        means,
        yerr=deviations.fillna(0),
        label=rule,
        color=COLOURS[i % len(COLOURS)],
        marker=MARKERS[i],
        markersize=5,
        elinewidth=1.2,
    )
