"""Write the page of `accuracy.prevalence` from its runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from scripts.reports import markdown_table
from sentiment_transfer.polarity.prevalence import estimate_share

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)
QUANTILE = "its share, as a quantile"
ARMS = ("not adapted", "2-means", "half way", "the rule", QUANTILE, "share known")
KINDS = {
    "shipped": "the shipped vectors",
    "other": "vectors of another domain",
    "own": "own vectors",
}
AS_THEY_ARE, TO_FIT, TO_ADAPT = "share unknown", "known to fit", "known to adapt and fit"
WAYS = (AS_THEY_ARE, TO_FIT, TO_ADAPT)
NOTE = """# The cut between the polarities, and the share of positive texts

Written by `scripts/accuracy/prevalence.py`; development texts only. The pools of 18 sets are
sampled at five shares of positive texts, with 100 to 3,000 texts a sample; the model is adapted to
each sample, and judges it. Accuracy in %, mean over samples, then over sets.

- not adapted: the cut of the texts of pretraining;
- 2-means: the cut of this package until 2026-11-29;
- half way: the mean of the shares of these two, as a quantile of the scores;
- the rule: that of the package (`polarity/cut.py`);
- its share, as a quantile: the same share, at which the scores themselves are cut;
- share known: the share of the sample is given.

"Gains of 2-means kept" is the sum of changes where 2-means gains on not adapting.

Vectors of another domain are learnt from 3,000 film reviews, or 3,000 hotel reviews in Chinese, own
ones from 3,000 texts of the pool of each of six sets.

The constants were chosen on the same samples (about 60 rules were tried, see the log), so these
figures flatter them.
"""
ESTIMATES = """`estimate_prevalence` without labels: mean error and mean width of the 95 % interval
in points, and the share of intervals that cover the true share."""
LABELS = """The shipped model, adapted to 200 texts at each of the five shares, which it judges
after labels of which 50 or 75 % are positive; two draws on each of six sets. Accuracy in % with the
share unknown, given to `fit` alone (labels are weighted), and given to both `adapt` and `fit`; then
the share that `estimate_prevalence` finds if it is unknown."""


def read_runs(folder: Path, kind: str) -> pd.DataFrame:
    """Return the runs of a kind of vectors, or those with labels."""
    import pandas as pd

    paths = sorted((folder / "prevalence").glob(f"{kind}-*.jsonl"))
    lines = [line for path in paths for line in path.read_text(encoding="utf-8").splitlines()]
    return pd.DataFrame([json.loads(line) for line in lines])


def by_share(cells: pd.DataFrame, arms: Sequence[str]) -> list[str]:
    """Return the table of mean accuracies, a row for each arm and a column for each share."""
    means = cells.groupby("share")[[*arms]].mean()
    header = ["cut", "mean", *(f"{100 * share:.0f} %" for share in SHARES)]
    rows = [
        [arm, *(f"{figure:.1f}" for figure in (cells[arm].mean(), *means[arm]))] for arm in arms
    ]
    return markdown_table(header, rows)


def against_not_adapting(cells: pd.DataFrame) -> list[str]:
    """Return the table of losses to not adapting, by set and share, and of gains kept."""
    rows, before = [], cells["not adapted"]
    gained = cells["2-means"] > before
    gains = (cells["2-means"] - before)[gained].sum()
    for arm in ("2-means", "half way", "the rule", QUANTILE):
        change = cells[arm] - before
        place = cells.loc[change.idxmin()]
        where = f"{change.min():.1f} ({place['set']}, {100 * place['share']:.0f} %)"
        kept = 100 * change[gained].sum() / gains
        rows.append([arm, where, f"{100 * (change < -1).mean():.1f}", f"{kept:.0f}"])
    header = ["cut", "worst set and share", "below -1, %", "gains of 2-means kept, %"]
    return markdown_table(header, rows)


def estimates_of(runs: pd.DataFrame) -> pd.DataFrame:
    """Add the share estimated by the model that is adapted, and by the one that is not."""
    for way, arm in (("adapted", "the rule"), ("not adapted", "not adapted")):
        if f"n {arm}" not in runs:
            continue
        found = [
            estimate_share(
                np.arange(row["known"]) < row[f"n {arm}"],
                np.repeat([1.0, -1.0], [int(row["n+"]), int(row["n-"])]),
            )
            for _, row in runs.iterrows()
        ]
        ends = np.array([estimate.interval for estimate in found])
        runs[f"found {way}"] = [estimate.share for estimate in found]
        runs[f"low {way}"], runs[f"high {way}"] = ends.T
    return runs


def quality(runs: pd.DataFrame, way: str = "") -> list[str]:
    """Return mean error, width and coverage of estimates, in points and %."""
    space = f" {way}" if way else ""
    low, high, share = runs[f"low{space}"], runs[f"high{space}"], runs["share"]
    error = (runs[f"found{space}"] - share).abs()
    covered = (low <= share) & (share <= high)
    return [f"{100 * figure.mean():.1f}" for figure in (error, high - low, covered)]


def shares_table(folder: Path) -> list[str]:
    """Return the table of the quality of estimated shares without labels."""
    rows = []
    for kind, title in KINDS.items():
        runs = estimates_of(read_runs(folder, kind))
        for way in ("not adapted", "adapted"):
            if f"found {way}" in runs:
                for n, part in runs.groupby("n"):
                    rows.append([title, way, f"{n:,}", *quality(part, way)])
    header = ["vectors", "model", "texts", "mean error", "mean width", "covered, %"]
    return markdown_table(header, rows, left=2)


def labels_tables(folder: Path) -> list[str]:
    """Return the tables of accuracy and estimates with labels of another share."""
    runs = read_runs(folder, "labels")
    accuracy = [
        [f"{100 * key[0]:.0f} %", key[1], *(f"{part[way].mean():.1f}" for way in WAYS)]
        for key, part in runs.groupby(["of labels", "labels"])
    ]
    estimates = [
        [f"{100 * key[0]:.0f} %", key[1], *quality(part)]
        for key, part in runs.groupby(["of labels", "labels"])
    ]
    first = ["of the labels", "labels"]
    return [
        *markdown_table([*first, *WAYS], accuracy, left=1),
        "",
        *markdown_table([*first, "mean error", "mean width", "covered, %"], estimates),
    ]


def report(folder: Path, out: Path) -> None:
    """Write the page."""
    lines = [NOTE]
    for kind, title in KINDS.items():
        runs = read_runs(folder, kind)
        arms = [arm for arm in ARMS if arm in runs]
        cells = runs.groupby(["set", "share"])[arms].mean().reset_index()
        n_sets = cells["set"].nunique()
        lines += [f"## {title.capitalize()}: {len(runs)} samples of {n_sets} sets", ""]
        lines += [*by_share(cells, arms), ""]
        if "not adapted" in arms:
            lines += ["Change by adapting, by set and share:", "", *against_not_adapting(cells), ""]
    lines += ["## The estimated share, without labels", "", ESTIMATES, "", *shares_table(folder)]
    lines += ["", "## Labels of another share than the texts", "", LABELS, ""]
    lines += labels_tables(folder)
    (out / "prevalence.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
