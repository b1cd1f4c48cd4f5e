"""Table and plots of `strategies.compare`, from the runs it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from scripts.reports import (
    markdown_table,
    plot_summary,
    read_runs,
    summarise,
    with_earlier,
    write_csv,
)
from scripts.strategies.sets import DOMAINS, SEVERAL, STRATEGIES, title_of
from sentiment_transfer.experiments.statistics import paired_interval

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["runs_path", "write"]

NOTE = """# Transfer-learning strategies

Written by `scripts/strategies/compare.py`; all figures also in `strategies.csv`. Accuracy in % on
test texts that no stage has seen: mean ± standard deviation (worst; number of draws of labels). The
draws are the same for all arms of a set, slow arms get fewer of them; all labels are one draw.
Seconds are those of one fit with its predictions, at the most labels of the row, on one core; of
the shipped model and of the pretrained one, which were measured again on 2026-11-29, on a busy one.

The shipped model was taught by labels of the pools of all these sets but uci_yelp, never of a test
text: "no labels" means none of the draw. Sets that taught nothing are in [taught.md](taught.md).

The word vectors of imdb and of the amazon domains are pretrained on the unlabelled texts of the
set itself, those of the small sets (mr, uci) on the corpus named with each. Few labels are tested
on {sampled:,} test texts where there are more, all labels on all.
"""


def runs_path(folder: Path, name: str, *, full: bool) -> Path:
    """Path of the runs of a set; those with all labels, tested on all texts, have their own."""
    return folder / "strategies" / f"{name.replace('/', '.')}{'-all' if full else ''}.jsonl"


def write(folder: Path, out: Path, sets: Sequence[str], sampled: int) -> None:
    """Write ``strategies.csv``, ``strategies.md`` and a curve for each set.

    Rows of an earlier ``strategies.csv`` stay if their set, labels and arm were not run again.
    """
    runs = pd.concat([pd.DataFrame(), *(_runs_of(folder, name) for name in sets)])
    out.mkdir(parents=True, exist_ok=True)
    if runs.empty:
        print("there are no runs yet")
        return
    table = summarise(runs, ["set", "vectors", "budget", "arm", "n_test"])
    table = _in_order(with_earlier(table, out / "strategies.csv", ["set", "budget", "arm"]), sets)
    write_csv(table, out / "strategies.csv")
    now = [title_of(arm) for arm in STRATEGIES]
    titles = list(dict.fromkeys([*now, *table["arm"]]))  # with arms that are no more
    lines = [NOTE.format(sampled=sampled)]
    for name in dict.fromkeys(table["set"]):
        own = table[table["set"] == name]
        lines += [f"## {name}", "", _facts(own), "", *_grid(own, titles), ""]
        plot_summary(own, titles, out / f"strategies-{name.replace('/', '-')}.svg")
    lines += _domain_lines(table)
    (out / "strategies.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _in_order(table: pd.DataFrame, sets: Sequence[str]) -> pd.DataFrame:
    """Sort by set, arm and number of labels."""
    names = [*sets, *(title_of(arm) for arm in STRATEGIES)]
    place = {name: i for i, name in enumerate(names)}
    return table.sort_values(
        ["set", "arm", "budget"],
        key=lambda column: column if column.name == "budget" else column.map(place),
    )


def _runs_of(folder: Path, name: str) -> pd.DataFrame:
    """Runs of a set."""
    paths = [runs_path(folder, name, full=full) for full in (False, True)]
    return pd.concat([read_runs(path, set=name) for path in paths])


def _facts(own: pd.DataFrame) -> str:
    tested = ", ".join(f"{n:,}" for n in sorted(own["n_test"].unique()))
    return f"{tested} test texts, vectors of {', '.join(dict.fromkeys(own['vectors']))}."


def _grid(own: pd.DataFrame, titles: list[str]) -> list[str]:
    budgets = sorted(own["budget"].unique())
    rows = []
    for title in titles:
        mine = own[own["arm"] == title].set_index("budget")
        if len(mine):
            cells = [_cell(mine.loc[budget]) if budget in mine.index else "" for budget in budgets]
            rows.append([title, *cells, f"{mine.loc[mine.index.max(), 'seconds']:.2g}"])
    return markdown_table(["arm", *(f"{budget:,} labels" for budget in budgets), "seconds"], rows)


def _cell(row: pd.Series) -> str:
    if row["draws"] == 1:
        return f"{row['mean']:.1f} (1)"
    return f"{row['mean']:.1f} ± {row['sd']:.1f} ({row['worst']:.1f}; {row['draws']})"


def _domain_lines(table: pd.DataFrame) -> list[str]:
    """Gain of one network for all domains over a network for each, paired by domain."""
    alone = title_of("hidden-layer")
    chosen = table[table["set"].isin(DOMAINS) & table["arm"].isin([alone, *SEVERAL.values()])]
    # draws of one number share no labels between domains, so the domains are what varies
    means = chosen.pivot_table(index=["budget", "set"], columns="arm", values="mean")
    several = [title for title in SEVERAL.values() if title in means]
    if alone not in means or not several:
        return []
    lines = ["## All eight domains at once, against a network for each", ""]
    lines += [f"Gain over {alone}, in points, with its 95 % interval over the domains.", ""]
    rows = []
    for budget, group in means.dropna().groupby("budget"):
        cells = []
        for title in several:
            gain, low, high = paired_interval(group[title], group[alone])
            cells.append(f"{group[title].mean():.1f}: {gain:+.1f} [{low:+.1f}, {high:+.1f}]")
        rows.append([f"{budget:,}", f"{group[alone].mean():.1f}", *cells])
    return [*lines, *markdown_table(["labels a domain", alone, *several], rows), ""]
