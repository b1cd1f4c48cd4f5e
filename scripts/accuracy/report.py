"""Tables and curves of `accuracy.measure`, from the runs it keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import pandas as pd

from scripts.accuracy.best_peers import OURS, PEERS, best_peer_lines
from scripts.reports import (
    markdown_table,
    plot_summary,
    read_runs,
    summarise,
    with_earlier,
    write_csv,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["SPEEDS", "Speed", "runs_path", "write"]

KEYS = ["set", "vectors", "prevalence", "budget", "arm", "n_test"]
SAME = ["set", "prevalence", "budget", "arm"]
Speed = Literal["fast", "slow", "slowest"]
SPEEDS: dict[Speed, str] = {"fast": "", "slow": "-sampled", "slowest": "-few"}
"""Ends of the names of the files of runs; the slow arms are tested on samples of the test texts."""
CURVES = ("imdb", "mr", "amazon/books", "zh_waimai", "movies72")
ABLATIONS = ("not adapted to the pool", "adapted to the pool", "no seed words", "prevalence known")
"""Left out of the tables over all sets."""
MARKS = "*†"
"""Mark arms that are tested on a sample of the test texts, and on a smaller one."""
TIMED = 1_000
FALL = 0.7
"""More labels may cost so much."""
UNDER_THE_MEAN = {"balanced": 3.0, "natural": 8.0}
"""The worst draw of 8 labels may be so far under the mean."""


NOTE = """# Accuracy

Written by `scripts/accuracy/measure.py`; all figures also in `accuracy.csv`. Accuracy in % on test
texts that no stage has seen: mean ± standard deviation (worst) of 20 draws of labels, at 500
labels of 8; a budget of 0 and all labels are one run. All arms of a set learn from the same draws.
`balanced` draws have as many labels of each class, `natural` ones as they come.

The slow arms (VADER, fastText, GloVe, WordLlama, MiniLM) are tested on 5,000 of the test texts
where there are more, the slowest (e5-small, mpnet, SetFit) on 1,000, on imdb 500; they have the
first 2 to 5 of the 20 draws. `accuracy.csv` has the numbers of draws and of test texts of every
figure.

The sets of `amazon` have 400 test texts each: a figure there is known to about ± 1.9 points (one
standard error), that of a `uci` set (500) to ± 1.6, of imdb (25,000) to ± 0.2, one of 1,000 texts
to ± 1.2. The intervals of the draws do not contain this; arms that are tested on the same texts
share it, so that differences between them are better known.

The model: vectors pretrained on the corpus named with each set (pools and unlabelled texts, never
a test text), then adapted to the unlabelled texts of the set's own pool, on mr and zh_waimai not
adapted. Both were chosen on pools (`accuracy-development.csv`). VADER, fastText, WordLlama,
MiniLM, e5-small, mpnet, SetFit: see `scripts/accuracy/peers.py` and `encoders.py` for their
settings. e5-small is multilingual-e5-small with weights of 4 bits, the only form of it that a
package carries.
"""
BEST = """Mean accuracy in % with balanced draws, and the peer with the highest mean. The best of
many is chosen by the test texts themselves, which flatters it. Other settings of this package are
no peers. Bold is the better of the two; * marks a peer that is tested on a sample of the test
texts, so that a difference of a point or two may be the sample's. Not every peer is measured in
every cell: see the tables of the sets.
"""
COSTS = """Measured by `scripts/accuracy/costs.py` in one process with one thread on a busy
machine: megabytes of weights on disk before the first label, millions of parameters, and seconds
of CPU. *Fit* is 100 labelled sentences of mr, reading them included and loading excluded; the
others predict 1,000 sentences of mr and 1,000 reviews of imdb, scaled up from fewer where a number
of texts stands in brackets. SetFit predicts with MiniLM's network. Here the model is the shipped
`reviews-en`. Beside them stands the mean accuracy with 100 labels, from the tables below.
"""
COST_COLUMNS = {"mb": 1, "parameters": 1, "fit": 2, "short": 2, "long": 2}
"""Columns of the costs, with their decimals below 10."""


def runs_path(folder: Path, name: str, prevalence: str, speed: Speed) -> Path:
    """Path of the runs of a set; arms that are tested on the same sample share a file."""
    return folder / "runs" / f"{name.replace('/', '.')}-{prevalence}{SPEEDS[speed]}.jsonl"


def write(
    folder: Path, out: Path, floors: Mapping[str, Mapping[int, float]], titles: list[str]
) -> None:
    """Write ``accuracy.csv``, ``accuracy.md`` and the curves of some sets.

    Rows of an earlier ``accuracy.csv`` stay if their set, draws, labels and arm were not run
    again.

    Parameters
    ----------
    folder
        Where the runs are.
    out
        Where the tables go.
    floors
        The sets in order, with the mean accuracy in % that each must reach by number of labels.
    titles
        The arms in order.
    """
    runs = pd.concat([pd.DataFrame(), *_all_runs(folder, floors)], ignore_index=True)
    out.mkdir(parents=True, exist_ok=True)
    if runs.empty:
        print("there are no runs yet")
        return
    table = with_earlier(_summarise(runs), out / "accuracy.csv", SAME)
    table = _in_order(table, list(floors), titles)
    write_csv(table, out / "accuracy.csv")
    costs = pd.read_csv(out / "costs.csv") if (out / "costs.csv").is_file() else None
    (out / "accuracy.md").write_text(_markdown(table, floors, titles, costs), encoding="utf-8")
    first = [OURS, *PEERS]  # a picture has colours for some arms only
    drawn = [*first, *(title for title in titles if title not in first)]
    for name in CURVES:
        chosen = table[(table["set"] == name) & (table["prevalence"] == "balanced")]
        if len(chosen):
            plot_summary(chosen, drawn, out / f"accuracy-{name.replace('/', '-')}.svg")


def _all_runs(folder: Path, sets: Mapping[str, object]) -> Iterator[pd.DataFrame]:
    for name in sets:
        for prevalence in UNDER_THE_MEAN:
            for speed in SPEEDS:
                path = runs_path(folder, name, prevalence, speed)
                yield read_runs(path, set=name, prevalence=prevalence)


def _summarise(runs: pd.DataFrame) -> pd.DataFrame:
    """One row for each set, prevalence, number of labels and arm, in %."""
    return summarise(runs, KEYS)


def _in_order(table: pd.DataFrame, sets: list[str], titles: list[str]) -> pd.DataFrame:
    table["set"] = pd.Categorical(table["set"], sets)
    table["arm"] = pd.Categorical(table["arm"], titles)
    return table.sort_values(["set", "prevalence", "budget", "arm"]).astype(
        {"set": str, "arm": str}
    )


def _markdown(
    table: pd.DataFrame,
    floors: Mapping[str, Mapping[int, float]],
    titles: list[str],
    costs: pd.DataFrame | None,
) -> str:
    sets = [name for name in floors if name in set(table["set"])]
    lines = [NOTE, "## Best peers", "", BEST, *best_peer_lines(table, sets)]
    if costs is not None:
        lines += ["", "## Size and seconds", "", COSTS, *_cost_lines(costs, table)]
    lines += ["", "## Floors", "", *_floor_lines(table, floors)]
    lines += ["", "## Steadiness", "", *_steadiness_lines(table, sets)]
    for budget in (0, 8, 100):
        lines += ["", f"## All sets: {_labels(budget)}, balanced draws", ""]
        chosen = table[(table["prevalence"] == "balanced") & (table["budget"] == budget)]
        arms = [t for t in titles if t in set(chosen["arm"]) and t not in ABLATIONS]
        rows = [
            [name, *(_mean(chosen[(chosen["set"] == name) & (chosen["arm"] == a)]) for a in arms)]
            for name in sets
        ]
        lines += markdown_table(["set", *arms], rows)
    for name in sets:
        lines += _set_lines(table[table["set"] == name], name, titles)
    return "\n".join(lines) + "\n"


def _cost_lines(costs: pd.DataFrame, table: pd.DataFrame) -> list[str]:
    known = table[(table["prevalence"] == "balanced") & (table["budget"] == 100)]
    rows = []
    for cost in costs.itertuples():
        cells = [_figure(getattr(cost, name), digits) for name, digits in COST_COLUMNS.items()]
        if cost.n_long < TIMED:
            cells[-1] += f" ({cost.n_long:.0f})"
        own = known[known["arm"] == cost.arm]
        rows.append([cost.arm, *cells, *(_mean(own[own["set"] == s]) for s in ("mr", "imdb"))])
    seconds = ["fit, s", "1,000 sentences, s", "1,000 reviews, s"]
    header = ["arm", "MB", "million parameters", *seconds, "mr, 100 labels", "imdb, 100 labels"]
    return markdown_table(header, rows)


def _figure(value: float, decimals: int) -> str:
    """Return a figure with decimals below 10 and with none above; empty for NaN."""
    return "" if pd.isna(value) else f"{value:,.{decimals if value < 10 else 0}f}"


def _floor_lines(table: pd.DataFrame, floors: Mapping[str, Mapping[int, float]]) -> list[str]:
    rows = []
    ours = table[table["arm"] == OURS]
    for name, least in floors.items():
        for budget, floor in least.items():
            found = ours[(ours["set"] == name) & (ours["budget"] == budget)]
            found = found.sort_values("prevalence").head(1)  # balanced, where both were drawn
            if len(found):
                verdict = "met" if found["mean"].item() >= floor else "missed"
                rows.append([name, f"{budget:,}", _cell(found), f"{floor:.1f}", verdict])
    return markdown_table(["set", "labels", "mean ± sd (worst)", "floor", ""], rows)


def _steadiness_lines(table: pd.DataFrame, sets: list[str]) -> list[str]:
    """How far the worst draw of 8 labels falls, and what more labels cost at most."""
    ours = table[table["arm"] == OURS]
    rows = []
    for name in sets:
        for prevalence, allowed in UNDER_THE_MEAN.items():
            chosen = ours[(ours["set"] == name) & (ours["prevalence"] == prevalence)]
            few = chosen[(chosen["budget"] == 8) & (chosen["draws"] > 1)]
            gap = (few["mean"] - few["worst"]).item() if len(few) else None
            means = chosen.sort_values("budget")["mean"]
            fall = float((means.cummax() - means).max()) if len(means) > 1 else None
            rows.append([name, prevalence, *_verdict(gap, allowed), *_verdict(fall, FALL)])
    return markdown_table(
        ["set", "draws", "worst of 8 labels under the mean", "", "most lost by more labels", ""],
        [row for row in rows if row[2] or row[4]],
    )


def _verdict(value: float | None, allowed: float) -> tuple[str, str]:
    if value is None:
        return "", ""
    return f"{value:.2f}", f"{'met' if value <= allowed else 'missed'} ({allowed:g})"


def _set_lines(table: pd.DataFrame, name: str, titles: list[str]) -> list[str]:
    facts = f"{table['n_test'].max():,} test texts, vectors of {', '.join(set(table['vectors']))}"
    samples = sorted(set(table["n_test"]), reverse=True)[1:]
    for mark, n in zip(MARKS, samples, strict=False):
        facts += f"; arms with {mark} see {n:,} of the test texts"
    lines = ["", f"## {name}", "", f"{facts}."]
    for prevalence in UNDER_THE_MEAN:
        chosen = table[table["prevalence"] == prevalence]
        budgets = sorted(chosen["budget"].unique())
        rows = []
        for title in titles:
            own = chosen[chosen["arm"] == title]
            if len(own):
                larger = sum(n > own["n_test"].max() for n in set(table["n_test"]))
                mark = f" {MARKS}"[larger].strip()
                cells = [_cell(own[own["budget"] == budget]) for budget in budgets]
                rows.append([title + mark, *cells])
        if rows:
            header = [f"{prevalence} draws", *map(_labels, budgets)]
            lines += ["", *markdown_table(header, rows)]
    return lines


def _labels(budget: int) -> str:
    return "no label" if budget == 0 else f"{budget:,} labels"


def _mean(found: pd.DataFrame) -> str:
    return f"{found['mean'].item():.1f}" if len(found) else ""


def _cell(found: pd.DataFrame) -> str:
    if found.empty:
        return ""
    mean = f"{found['mean'].item():.1f}"
    if found["draws"].item() == 1:
        return mean
    draws = "" if found["draws"].item() == 20 else f" of {found['draws'].item()}"
    return f"{mean} ± {found['sd'].item():.1f} ({found['worst'].item():.1f}{draws})"
