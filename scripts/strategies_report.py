"""Table and plots of `compare_strategies.py`, from the runs it keeps."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pandas as pd
from strategy_sets import DOMAINS, SEVERAL, title_of

from sentiment_transfer.experiments import Comparison
from sentiment_transfer.experiments.statistics import paired_interval

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

__all__ = ["finished", "runs_path", "write"]

NOTE = """# Transfer-learning strategies

Written by `scripts/compare_strategies.py`; all figures also in `strategies.csv`. Accuracy in % on
test texts that no stage has seen: mean ± standard deviation (worst; number of draws of labels). The
draws are the same for all arms of a set, slow arms get fewer of them; all labels are one draw.
Seconds are those of one fit with its predictions, at the most labels of the row, on one core.

The word vectors of imdb and of the amazon domains are pretrained on the unlabelled texts of the
set itself, those of the small sets (mr, uci) on the corpus named with each. Few labels are tested
on {sampled:,} test texts where there are more, all labels on all.
"""


def runs_path(folder: Path, name: str, *, full: bool) -> Path:
    """Where the runs of a set are kept; all labels are tested on all texts, and kept apart."""
    return folder / "strategies" / f"{name.replace('/', '.')}{'-all' if full else ''}.jsonl"


def _read_runs(path: Path) -> pd.DataFrame:
    """Read runs; a line that a kill cut off is left out."""
    lines = path.read_text(encoding="utf-8").split("\n")[1:-1] if path.is_file() else []
    return pd.read_json(io.StringIO("\n".join(lines)), lines=True)


def finished(path: Path, title: str, budget: int, draws: int) -> bool:
    """Whether an arm has all its draws of a budget."""
    runs = _read_runs(path)
    if runs.empty:
        return False
    own = runs[(runs["arm"] == title) & (runs["budget"] == budget) & (runs["draw"] < draws)]
    return own["draw"].nunique() >= draws


def write(folder: Path, out: Path, sets: Sequence[str], arms: Sequence[str], sampled: int) -> None:
    """Write ``strategies.csv``, ``strategies.md`` and a curve for each set."""
    titles = [title_of(arm) for arm in arms]
    runs = pd.concat([pd.DataFrame(), *(_runs_of(folder, name, titles) for name in sets)])
    out.mkdir(parents=True, exist_ok=True)
    if runs.empty:
        print("there are no runs yet")
        return
    table = _summarise(runs)
    csv = table.round({"mean": 2, "sd": 2, "worst": 2, "macro_f1": 2, "seconds": 3})
    csv.to_csv(out / "strategies.csv", index=False, lineterminator="\n")
    lines = [NOTE.format(sampled=sampled)]
    for name in dict.fromkeys(table["set"]):
        own = table[table["set"] == name]
        lines += [f"## {name}", "", _facts(own), "", *_grid(own, titles), ""]
        drawn = runs[runs["set"] == name]
        picture = out / f"strategies-{name.replace('/', '-')}.svg"
        Comparison(drawn, drawn["arm"].iloc[0], int(own["n_test"].min())).plot(picture)
    lines += _domain_lines(runs)
    (out / "strategies.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _runs_of(folder: Path, name: str, titles: list[str]) -> pd.DataFrame:
    """Runs of a set, arms in order."""
    parts = [pd.DataFrame()]
    for full in (False, True):
        path = runs_path(folder, name, full=full)
        runs = _read_runs(path)
        if not runs.empty:
            facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
            parts.append(runs.assign(set=name, **facts))
    joined = pd.concat(parts)
    if joined.empty:
        return joined
    joined = joined[joined["arm"].isin(titles)]
    return joined.sort_values("arm", key=lambda arm: arm.map(titles.index), kind="stable")


def _summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row for each set, number of labels and arm, in %."""
    groups = runs.groupby(["set", "vectors", "budget", "arm", "n_test"], sort=False)
    return pd.DataFrame(
        {
            "draws": groups.size(),
            "mean": 100 * groups["accuracy"].mean(),
            "sd": 100 * groups["accuracy"].std(ddof=1),
            "worst": 100 * groups["accuracy"].min(),
            "macro_f1": 100 * groups["macro_f1"].mean(),
            "seconds": groups["seconds"].mean(),
        }
    ).reset_index()


def _facts(own: pd.DataFrame) -> str:
    tested = ", ".join(f"{n:,}" for n in sorted(own["n_test"].unique()))
    return f"{tested} test texts, vectors of {', '.join(dict.fromkeys(own['vectors']))}."


def _grid(own: pd.DataFrame, titles: list[str]) -> list[str]:
    budgets = sorted(own["budget"].unique())
    rows = [["arm", *(f"{budget:,} labels" for budget in budgets), "seconds"]]
    rows.append(["---"] + ["---:"] * (len(budgets) + 1))
    for title in titles:
        mine = own[own["arm"] == title].set_index("budget")
        if len(mine):
            cells = [_cell(mine.loc[budget]) if budget in mine.index else "" for budget in budgets]
            rows.append([title, *cells, f"{mine.loc[mine.index.max(), 'seconds']:.2g}"])
    return [f"| {' | '.join(row)} |" for row in rows]


def _cell(row: pd.Series) -> str:
    if row["draws"] == 1:
        return f"{row['mean']:.1f} (1)"
    return f"{row['mean']:.1f} ± {row['sd']:.1f} ({row['worst']:.1f}; {row['draws']})"


def _domain_lines(runs: pd.DataFrame) -> list[str]:
    """Tell what learning from all domains gains over a network for each, domain by domain."""
    alone = title_of("hidden-layer")
    chosen = runs[runs["set"].isin(DOMAINS) & runs["arm"].isin([alone, *SEVERAL.values()])]
    # draws of one number share no labels between domains, so the domains are what varies
    means = 100 * chosen.pivot_table(index=["budget", "set"], columns="arm", values="accuracy")
    several = [title for title in SEVERAL.values() if title in means]
    if alone not in means or not several:
        return []
    lines = ["## All eight domains at once, against a network for each", ""]
    lines += [f"Gain over {alone}, in points, with its 95 % interval over the domains.", ""]
    lines += [f"| labels a domain | {alone} | {' | '.join(several)} |"]
    lines += [f"|{'---:|' * (len(several) + 2)}"]
    for budget, group in means.dropna().groupby("budget"):
        cells = []
        for title in several:
            gain, low, high = paired_interval(group[title], group[alone])
            cells.append(f"{group[title].mean():.1f}: {gain:+.1f} [{low:+.1f}, {high:+.1f}]")
        lines.append(f"| {budget:,} | {group[alone].mean():.1f} | {' | '.join(cells)} |")
    return [*lines, ""]
