"""What every report needs: where it goes, tables in Markdown, and the runs that it is made from.

The scripts that compare arms keep their runs in files of JSON lines, as `compare` writes them: the
first line describes the comparison, each other line one run. Next to ``NAME.jsonl``, ``NAME.json``
has the facts that all runs share. Pandas is imported where it is used, because the
scripts that measure memory import this module too.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable, Mapping, Sequence

    import pandas as pd

__all__ = [
    "CACHE",
    "RESULTS",
    "ROOT",
    "SAMPLED",
    "add_report_options",
    "finished",
    "markdown_table",
    "plot_summary",
    "read_runs",
    "start_runs",
    "summarise",
    "with_earlier",
    "write_csv",
]

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "scripts" / "results"
CACHE = Path(tempfile.gettempdir()) / "sentiment_transfer-accuracy"
"""Where vectors, runs and features are kept by default, so that a stopped run can continue."""
SAMPLED = 5_000
"""Number of test texts that slow measurements use of a larger set."""
MOST_DRAWN = 13
"""Number of arms that a picture has colours for."""


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of scripts that keep runs and write a report."""
    parser.add_argument("--report", action="store_true", help="measure nothing, only write tables")
    parser.add_argument("--cache", type=Path, default=CACHE, help="folder of vectors and runs")
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of tables and plots")


def markdown_table(
    header: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1
) -> list[str]:
    """Lines of a table; the ``left`` first columns hold text, the others align to the right.

    It raises ``ValueError`` for a row that is not as wide as the header.
    """
    rows = list(rows)
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"{len(row)} cells for {len(header)} columns: {row}")
    rule = ["---"] * left + ["---:"] * (len(header) - left)
    return [f"| {' | '.join(map(str, row))} |" for row in (header, rule, *rows)]


def start_runs(path: Path, facts: Mapping[str, object]) -> None:
    """Make the folder of runs and write the facts that all of them share."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".json").write_text(json.dumps(facts), encoding="utf-8")


def read_runs(path: Path, **columns: object) -> pd.DataFrame:
    """Read runs, their facts and more columns; an incomplete last line is left out.

    Returns a table without rows where there are no runs.
    """
    import pandas as pd

    rows = []
    for line in path.read_text(encoding="utf-8").splitlines()[1:] if path.is_file() else []:
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue
    if not rows:
        return pd.DataFrame()
    facts: dict[str, Any] = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    return pd.DataFrame(rows).assign(**columns, **facts)


def finished(path: Path, budget: int, draws: int) -> set[str]:
    """Titles of the arms that have all draws of a budget."""
    runs = read_runs(path)
    if runs.empty:
        return set()
    runs = runs[(runs["budget"] == budget) & (runs["draw"] < draws)]
    counts = runs.groupby("arm")["draw"].nunique()
    return set(counts[counts >= draws].index)


def summarise(runs: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """One row a group: draws, accuracy (mean, deviation, worst) and macro-F1 in %, seconds."""
    import pandas as pd

    groups = runs.groupby(keys, sort=False)
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


def with_earlier(table: pd.DataFrame, path: Path, keys: list[str]) -> pd.DataFrame:
    """Add the rows of an earlier summary whose keys these do not have."""
    import pandas as pd

    if not path.exists():
        return table
    earlier = pd.read_csv(path)
    new = pd.MultiIndex.from_frame(earlier[keys]).isin(pd.MultiIndex.from_frame(table[keys]))
    return pd.concat([table, earlier[~new]], ignore_index=True)


def plot_summary(table: pd.DataFrame, titles: list[str], path: Path) -> None:
    """Draw the accuracies of one set against the number of labels, arms in the order of titles."""
    from sentiment_transfer.experiments.report import plot_means

    names = [title for title in titles if title in set(table["arm"])][:MOST_DRAWN]
    drawn = table[table["arm"].isin(names)]
    parts = drawn.assign(mean=drawn["mean"] / 100, std=drawn["sd"] / 100)
    plot_means(parts, names, int(drawn["draws"].max()), int(drawn["n_test"].max()), path)


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a summary: percentages with two decimals, seconds with four."""
    decimals = {"mean": 2, "sd": 2, "worst": 2, "macro_f1": 2, "seconds": 4}
    table.round(decimals).to_csv(path, index=False, lineterminator="\n")
