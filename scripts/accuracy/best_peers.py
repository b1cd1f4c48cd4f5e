"""The model beside the best peer of each set and number of labels, from ``accuracy.csv``."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from scripts.reports import markdown_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

__all__ = ["OURS", "PEERS", "Cell", "best_peer_lines", "cells"]

OURS = "pretrained model"
PEERS = {
    "TF-IDF + logistic regression": "TF-IDF",
    "NB-SVM": "NB-SVM",
    "VADER": "VADER",
    "VADER, cut learnt": "VADER, cut learnt",
    "fastText": "fastText",
    "GloVe + logistic regression": "GloVe",
    "WordLlama + logistic regression": "WordLlama",
    "MiniLM + logistic regression": "MiniLM",
    "e5-small (4-bit) + logistic regression": "e5-small (4-bit)",
    "mpnet + logistic regression": "mpnet",
    "SetFit (MiniLM)": "SetFit",
}
"""Other people's methods by title, with the name in the table; ablations of ours are none."""
SAMPLED = r"\*"
"""Marks a peer that is tested on fewer texts; escaped, because bold figures end in stars."""
STRONGEST = ("e5-small (4-bit) + logistic regression", "mpnet + logistic regression")
"""Peers that win most where they are measured, so that it is said where they are not."""
BUDGETS = (0, 8, 32, 100)


class Cell(NamedTuple):
    """The rows of the model and of its best peer for a set and a number of labels, if any."""

    set: str
    budget: int
    ours: pd.Series | None
    peer: pd.Series | None

    @property
    def ahead(self) -> float:
        """Points that the model is ahead of the peer; 0 where one of them was not measured."""
        if self.ours is None or self.peer is None:
            return 0.0
        return float(self.ours["mean"] - self.peer["mean"])


def cells(table: pd.DataFrame, sets: Sequence[str]) -> Iterator[Cell]:
    """Yield the cells of all sets, of which the balanced draws are read."""
    table = table[table["prevalence"] == "balanced"]
    for name in sets:
        for budget in BUDGETS:
            cell = table[(table["set"] == name) & (table["budget"] == budget)]
            yield Cell(name, budget, _row(cell, [OURS]), _row(cell, list(PEERS)))


def best_peer_lines(table: pd.DataFrame, sets: Sequence[str]) -> list[str]:
    """Write a table of the sets, and list the cells in which a peer is better than the model.

    Parameters
    ----------
    table
        A summary as ``accuracy.csv`` has it: set, prevalence, budget, arm, n_test, mean, ….
        Balanced draws are read.
    sets
        The sets in order. A cell is empty where nothing was measured.
    """
    rows: dict[str, list[str]] = {name: [name] for name in sets}
    lost, n_cells = [], 0
    for name, budget, ours, peer in cells(table, sets):
        behind = ours is not None and peer is not None and peer["mean"] > ours["mean"]
        n_cells += ours is not None and peer is not None
        if behind and ours is not None and peer is not None:
            lost.append(_lost(name, budget, ours, peer))
        rows[name] += [_ours(ours, bold=not behind), _peer(peer, ours, bold=behind)]
    lines = [*markdown_table(list(_header()), list(rows.values())), "", *_losses(lost, n_cells), ""]
    return [*lines, *_gaps(table[table["prevalence"] == "balanced"], sets)]


def _header() -> Iterator[str]:
    yield "set"
    for budget in BUDGETS:
        yield f"{budget} labels: this package" if budget else "no label: this package"
        yield "best peer"


def _row(cell: pd.DataFrame, titles: Sequence[str]) -> pd.Series | None:
    """Return the row of the arm with the highest mean among the titles; None without one."""
    found = cell[cell["arm"].isin(titles)]
    return None if found.empty else found.loc[found["mean"].idxmax()]


def _ours(ours: pd.Series | None, *, bold: bool) -> str:
    return "" if ours is None else _figure(ours["mean"], bold=bold)


def _peer(peer: pd.Series | None, ours: pd.Series | None, *, bold: bool) -> str:
    if peer is None:
        return ""
    sampled = ours is not None and peer["n_test"] < ours["n_test"]
    return f"{PEERS[peer['arm']]} {_figure(peer['mean'], bold=bold)}{SAMPLED if sampled else ''}"


def _figure(mean: float, *, bold: bool) -> str:
    return f"**{mean:.1f}**" if bold else f"{mean:.1f}"


def _lost(name: str, budget: int, ours: pd.Series, peer: pd.Series) -> str:
    tested = f"{peer['n_test']:,} test texts, {peer['draws']} {_plural('draw', peer['draws'])}"
    return (
        f"- {name}, {budget or 'no'} labels: {PEERS[peer['arm']]} {peer['mean']:.2f} ({tested}), "
        f"this package {ours['mean']:.2f} ({ours['n_test']:,}, {ours['draws']})"
    )


def _losses(lost: Sequence[str], n_cells: int) -> list[str]:
    if not lost:
        return [f"No peer is better than this package in any of {n_cells} cells."]
    return [f"A peer is better than this package in {len(lost)} of {n_cells} cells:", "", *lost]


def _gaps(table: pd.DataFrame, sets: Sequence[str]) -> Iterator[str]:
    for title in STRONGEST:
        measured = set(table[table["arm"] == title]["set"])
        missing = [name for name in sets if name not in measured]
        if missing:
            yield f"{PEERS[title]} is not measured on {', '.join(missing)}."


def _plural(noun: str, n: int) -> str:
    return noun if n == 1 else f"{noun}s"
