"""The page of benchmarks has the figures of its files, and published ones that can be checked."""

from __future__ import annotations

import csv
import re
import shutil
import statistics
import subprocess
from dataclasses import fields
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from scripts.accuracy.benchmarks import FILES, PAGE, _language_lines, page
from scripts.accuracy.best_peers import OURS, PEERS
from scripts.accuracy.provenance import Change, history, last_change
from scripts.accuracy.published import (
    PUBLISHED,
    UNITS,
    Figure,
    Method,
    Published,
    Source,
    published_lines,
)
from scripts.reports import RESULTS

if TYPE_CHECKING:
    from pathlib import Path

TEXT = PAGE.read_text(encoding="utf-8")
PUBLISHED_NOW = Published.load()
PAIRS = list(PUBLISHED_NOW.figures())
CHANGED = re.compile(r"^\| `(\S+\.csv)` \| `([0-9a-f]{10})` \| (\d{4}-\d\d-\d\d) \|$", re.MULTILINE)
BUDGETS = ("0", "8", "32", "100", "500", "24877")
GIT = shutil.which("git")


def rows_of(name: str) -> list[dict[str, str]]:
    with (RESULTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its header."""
    below = TEXT.split(f"\n{heading}\n", 1)[1]
    lines = re.search(r"(?:^\|.*\n)+", below, re.MULTILINE)
    assert lines
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines[0].splitlines()]
    return cells[2:]


def changes_on_the_page() -> dict[str, Change]:
    return {name: Change(commit, date) for name, commit, date in CHANGED.findall(TEXT)}


def test_the_page_is_what_the_command_writes_and_is_so_again() -> None:
    changes = changes_on_the_page()
    assert tuple(changes) == FILES
    assert page(RESULTS, changes, PUBLISHED_NOW) == TEXT
    assert page(RESULTS, changes, PUBLISHED_NOW) == TEXT


def test_the_commits_are_those_that_last_changed_the_files() -> None:
    try:
        found = history(RESULTS, FILES)
    except FileNotFoundError as error:
        pytest.skip(f"the history is unknown: {error}")
    assert changes_on_the_page() == found, "write it again: python -m scripts.accuracy.benchmarks"


def shown(row: dict[str, str]) -> str:
    mean = f"{float(row['mean']):.1f}"
    if row["draws"] == "1":
        return mean
    return f"{mean} ± {float(row['sd']):.1f} ({float(row['worst']):.1f}; {row['draws']})"


def accuracy_cells(name: str, arm: str) -> list[str]:
    """What the page has to show of an arm, by budget."""
    found = dict.fromkeys(BUDGETS, "")
    for row in rows_of("accuracy.csv"):
        balanced = row["prevalence"] == "balanced" or row["budget"] == "24877"
        if (row["set"], row["arm"]) == (name, arm) and row["budget"] in BUDGETS and balanced:
            assert not found[row["budget"]]
            found[row["budget"]] = shown(row)
    return list(found.values())


SETS = list(dict.fromkeys(row["set"] for row in rows_of("accuracy.csv")))


def test_every_set_of_the_file_is_on_the_page_with_our_figures() -> None:
    rows = table("## Measured here: this package")
    assert [row[0] for row in rows] == SETS
    for row in rows:
        assert row[2:] == accuracy_cells(row[0], OURS)


def leads() -> dict[tuple[str, str, str], float]:
    """Points that we are ahead of the best peer, by set, number of labels and that peer."""
    found = {}
    balanced = [row for row in rows_of("accuracy.csv") if row["prevalence"] == "balanced"]
    for name in SETS:
        for budget in ("0", "8", "32", "100"):
            cell = [row for row in balanced if (row["set"], row["budget"]) == (name, budget)]
            means = {row["arm"]: float(row["mean"]) for row in cell}
            peers = {arm: mean for arm, mean in means.items() if arm in PEERS}
            if peers and OURS in means:
                best = max(peers, key=lambda arm: peers[arm])
                found[name, budget, PEERS[best]] = means[OURS] - peers[best]
    return found


def test_the_page_begins_with_its_wins_and_losses_in_five_lines() -> None:
    short = TEXT.split("## In short\n", 1)[1].split("\n## ", 1)[0]
    first, lost, won, published, costs = " ".join(short.split()).removeprefix("- ").split(" - ")
    cells = leads()
    behind = {cell: -lead for cell, lead in cells.items() if lead < 0}
    many = sum(labels == "100" for _, labels, _ in behind)
    assert f"better in {len(behind)} of {len(cells)} cells" in lost
    assert f"{many} of them with 100 labels" in lost
    for text, gaps in ((lost, behind), (won, cells)):
        name, labels, peer = widest = max(gaps, key=lambda cell: gaps[cell])
        said = f"{gaps[widest]:.1f} points, on {name} with {'no' if labels == '0' else labels}"
        assert f"{said} label{'s' * (labels != '0')}, against {peer}" in text
    above = [
        figure.percent - mean_of_ours(figure.set, figure.measure, figure.ours)
        for _, figure in PAIRS
    ]
    assert published.startswith(f"{sum(gap > 0 for gap in above)} of {len(above)} published")
    assert f"by up to {max(above):.1f} points" in published
    ours = [
        float(row["mean"])
        for row in rows_of("accuracy.csv")
        if (row["arm"], row["budget"], row["prevalence"]) == (OURS, "0", "balanced")
    ]
    assert f"{min(ours):.1f} % (" in first
    assert f"to {max(ours):.1f} % (" in first
    (own,) = (row["long"] for row in rows_of("costs.csv") if row["arm"] == OURS)
    assert costs.startswith(f"1,000 reviews are labelled in {float(own):.2f} s, against ")


@pytest.mark.parametrize("name", SETS)
def test_every_method_of_a_set_has_its_figures_and_its_number_of_test_texts(name: str) -> None:
    rows = table(f"### {name}: all methods")
    measured = [row for row in rows_of("accuracy.csv") if row["set"] == name]
    arms = [arm for arm in (OURS, *PEERS) if arm in {row["arm"] for row in measured}]
    assert len(rows) == len(arms) >= 4
    for arm, row in zip(arms, rows, strict=True):
        assert row[0] in (arm, "**this package**")
        assert {row[1]} == {f"{int(one['n_test']):,}" for one in measured if one["arm"] == arm}
        assert [cell for cell in row[2:] if cell] == [c for c in accuracy_cells(name, arm) if c]


def test_every_language_has_the_figures_of_its_draws() -> None:
    rows = table("## Measured here: other languages")
    runs = [run for run in rows_of("languages.csv") if run["sampling"] == "balanced"]
    runs = [run for run in runs if run["arm"] == "own vectors"]
    assert {row[0] for row in rows} == {run["set"] for run in runs}
    for name, tested, measure, *cells in rows:
        own = [run for run in runs if run["set"] == name]
        assert {float(run["tested"]) for run in own} == {float(tested.replace(",", ""))}
        for cell, budgets in zip(cells, ((0,), (8, 9), (99, 100)), strict=True):
            values = [float(run[measure]) for run in own if float(run["labels"]) in budgets]
            spread = ""
            if len(values) > 1:
                spread = f" ± {statistics.stdev(values):.1f} ({min(values):.1f}; {len(values)})"
            assert cell == (f"{statistics.fmean(values):.1f}{spread}" if values else "-")


@pytest.mark.parametrize(
    ("measured", "cells"), [((0, 100), ["60.0", "-", "70.0"]), ((32, 99), ["-", "-", "70.0"])]
)
def test_a_figure_of_a_language_stands_under_its_number_of_labels(
    measured: tuple[int, int], cells: list[str]
) -> None:
    run = {"set": "made", "sampling": "balanced", "tested": 500, "macro-F1": 50.0}
    figures = zip(measured, (60.0, 70.0), strict=True)
    runs = pd.DataFrame([{**run, "labels": n, "accuracy": mean} for n, mean in figures])
    row = _language_lines(runs)[2]
    assert row == f"| made | 500 | accuracy | {' | '.join(cells)} |"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_form_of_phrases_has_the_figures_of_the_test_half(language: str) -> None:
    test = [row for row in rows_of("phrases.csv") if row["half"] == "test"]
    test = [row for row in test if row["language"] == language]
    arms = list(dict.fromkeys(row["arm"] for row in test))
    rows = table(f"### Phrases, `{language}`")
    assert len(rows) * len(arms) == len(test)
    for form, n, ours, sure, *others in rows:
        first, *rest = (row for row in test if row["form"] == form)
        assert n == str(int(first["negative"]) + int(first["positive"]))
        assert ours == f"{first['accuracy']} [{first['low']}, {first['high']}]"
        wrong = first["sure_when_wrong"]
        assert sure == (f"{float(wrong):.3f}" if wrong else "")
        assert others == [row["accuracy"] for row in rest]


def test_costs_and_speed_are_those_of_their_files() -> None:
    below = "## Measured here: the best peer of each cell"
    tables = re.findall(r"(?:^\|.*\n)+", TEXT.split(below)[1], re.MULTILINE)
    costs, speed = ([line.split(" | ") for line in part.splitlines()[2:]] for part in tables[1:3])
    for row, cost in zip(costs, rows_of("costs.csv"), strict=True):
        assert row[0].replace("**this package**", OURS) == f"| {cost['arm']}"
        given = [cost[name] for name in ("mb", "parameters", "fit", "short", "long", "n_long")]
        for cell, value in zip(row[1:], given, strict=False):
            got = cell.strip().replace(",", "")
            assert bool(got) == bool(value)
            assert not value or float(got) == pytest.approx(float(value), abs=0.5, rel=0)
            assert not value or float(value) >= 10 or abs(float(got) - float(value)) <= 0.0501
    measured = [row for row in rows_of("speed.csv") if row["group"] == "texts to labels"]
    for line, row in zip(speed, measured, strict=True):
        wanted = [row[name] for name in ("what", "median", "least", "most", "unit", "repeats")]
        assert [cell.strip("| ") for cell in line] == wanted


@pytest.mark.parametrize(("method", "figure"), PAIRS, ids=[f"{m.name}, {f.set}" for m, f in PAIRS])
def test_a_published_figure_can_be_checked_at_its_source(method: Method, figure: Figure) -> None:
    source = PUBLISHED_NOW.sources[method.source]
    texts = [getattr(one, field.name) for one in (source, method, figure) for field in fields(one)]
    assert all(text.strip() for text in texts if isinstance(text, str))
    assert source.url.startswith("https://")
    assert figure.printed in figure.quote
    assert len(figure.quote.split()) <= 20
    assert figure.unit in UNITS
    assert figure.measure in ("accuracy", "balanced accuracy", "macro-F1")
    assert 40 < figure.percent < 100


def test_there_are_enough_published_figures_and_no_source_is_unused() -> None:
    assert len(PAIRS) >= 8
    assert {method.source for method in PUBLISHED_NOW.methods} == {*PUBLISHED_NOW.sources}
    assert len({method.name for method in PUBLISHED_NOW.methods}) == len(PUBLISHED_NOW.methods)


def mean_of_ours(name: str, measure: str, labels: int) -> float:
    """From the files, by the standard library alone."""
    if name in SETS:
        (mean,) = (
            float(row["mean"])
            for row in rows_of("accuracy.csv")
            if (row["set"], row["arm"], row["budget"]) == (name, OURS, str(labels))
            and (row["prevalence"] == "balanced" or labels > 500)
        )
        return mean
    runs = [run for run in rows_of("languages.csv") if run["sampling"] == "balanced"]
    runs = [run for run in runs if run["arm"] == "own vectors"]
    runs = [run for run in runs if run["set"] == name and float(run["labels"]) == labels]
    return statistics.fmean(float(run[measure]) for run in runs)


@pytest.mark.parametrize("name", dict.fromkeys(figure.set for _, figure in PAIRS))
def test_every_published_figure_stands_against_ours_of_the_same_set_and_measure(name: str) -> None:
    chosen = [figure for _, figure in PAIRS if figure.set == name]
    for figure, row in zip(chosen, table(f"### {name}"), strict=True):
        ours = mean_of_ours(name, figure.measure, figure.ours)
        assert row[2] == str(figure)
        assert row[3] == f"{ours:.1f} ({figure.ours:,})"
        assert row[4] == f"{ours - figure.percent:+.1f}"


def made(**changed: str) -> Published:
    about = {
        "set": "mr", "printed": "4.20", "unit": "percent wrong", "measure": "accuracy", "ours": 8,
        "tested": "t", "place": "p", "quote": "an error of 4.20", "spread": "s",
    }  # fmt: skip
    strong = Figure(**about | changed)  # type: ignore[arg-type]
    weak = Figure(**about | {"printed": "0.5", "unit": "share right", "quote": "got 0.5"})  # type: ignore[arg-type]
    methods = (
        Method("strong", "a", "20 (a script)", "none", "none", "a giant", "a farm", (strong,)),
        Method("weak", "a", "none", "two", "none", "nothing", "a `chip`", (weak,)),
    )
    sources = {"a": Source("A", "2020", "T", "https://example.org")}
    return Published(PUBLISHED_NOW.read, (), sources, methods)


def test_a_figure_above_ours_is_listed_with_what_it_started_from() -> None:
    lines = list(published_lines(made(), lambda name, measure, labels: 80.0))
    assert lines[0] == "1 of the 2 published figures are above ours, largest gap first:"
    listed = " ".join(" ".join(lines[2 : lines.index("### mr")]).split())
    assert listed.startswith("- mr: strong, by 15.8 points.")  # 100 - 4.20 - 80
    assert listed.endswith("Labels: 20 (a script); starts from: a giant; hardware: a farm")
    assert "| strong | 20 | 95.8 | 80.0 (8) | -15.8 | 1 |" in lines
    assert "| weak | none | 50.0 | 80.0 (8) | +30.0 | 2 |" in lines


def test_a_quote_with_code_in_it_stays_as_it_stands() -> None:
    lines = "\n".join(published_lines(made(quote="`m` |\t4.20"), lambda *_: 80.0))
    assert "`` `m` | 4.20 ``" in lines


@pytest.mark.parametrize("change", [("hardware = ", "hardwear = "), ('quote = "', 'q = "')])
def test_a_misspelt_field_is_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    text = PUBLISHED.read_text(encoding="utf-8").replace(*change, 1)
    (tmp_path / "published.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TypeError):
        Published.load(tmp_path / "published.toml")


def git(folder: Path, *arguments: str) -> None:
    assert GIT
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    command = [GIT, *who, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603


@pytest.mark.skipif(GIT is None, reason="git is not installed")
def test_a_change_is_known_only_where_the_history_has_the_file_as_it_is(tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    assert last_change(whole / "a.csv") is None  # no repository
    git(whole, "init", "-q")
    (whole / "a.csv").write_text("1\n")
    assert last_change(whole / "a.csv") is None  # not committed
    git(whole, "add", "a.csv")
    git(whole, "commit", "-qm", "first")
    first = last_change(whole / "a.csv")
    assert first
    assert re.fullmatch(r"[0-9a-f]{10}", first.commit)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", first.date)
    git(whole, "commit", "-q", "--allow-empty", "-m", "second")
    assert last_change(whole / "a.csv") == first
    git(tmp_path, "clone", "-q", "--depth", "1", whole.as_uri(), "shallow")
    assert last_change(tmp_path / "shallow" / "a.csv") is None
    (whole / "a.csv").write_text("2\n")
    assert last_change(whole / "a.csv") is None  # edited
    with pytest.raises(FileNotFoundError, match=r"no commit has a\.csv, b\.csv as it is"):
        history(whole, ["a.csv", "b.csv"])
