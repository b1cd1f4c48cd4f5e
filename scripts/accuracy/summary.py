"""The page of benchmarks in five lines, from the same data as its tables."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from scripts.accuracy.best_peers import OURS, PEERS, cells
from scripts.accuracy.published import gaps

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from scripts.accuracy.best_peers import Cell
    from scripts.accuracy.published import Ours, Published

__all__ = ["summary_lines"]

WIDTH = 100
MANY = 100
"""Labels of the cells that most peers win."""


def summary_lines(
    accuracy: pd.DataFrame,
    sets: Sequence[str],
    costs: pd.DataFrame,
    published: Published,
    ours: Ours,
) -> Iterator[str]:
    """Write what the page shows: wins and losses, the widest of each, and costs.

    Parameters
    ----------
    accuracy, sets
        As for `best_peer_lines`.
    costs
        Seconds for 1,000 reviews (``long``) by method (``arm``).
    published, ours
        As for `published_lines`.
    """
    for text in (
        _without_labels(accuracy, sets),
        *_peers([cell for cell in cells(accuracy, sets) if cell.peer is not None]),
        _published(published, ours),
        _costs(costs),
    ):
        yield from textwrap.wrap(f"- {text}", WIDTH, subsequent_indent="  ")


def _without_labels(accuracy: pd.DataFrame, sets: Sequence[str]) -> str:
    found = accuracy[(accuracy["arm"] == OURS) & (accuracy["budget"] == 0)]
    ranked = found.sort_values("mean")
    (least, most), n = (ranked.iloc[0], ranked.iloc[-1]), found["set"].nunique()
    return (
        f"Without a label, this package has {least['mean']:.1f} % ({least['set']}) to "
        f"{most['mean']:.1f} % ({most['set']}) on {n} of the {len(sets)} English and Chinese sets."
    )


def _peers(measured: Sequence[Cell]) -> Iterator[str]:
    """Yield how often a peer is better, with the widest gap, and where we are furthest ahead."""
    lost = [cell for cell in measured if cell.ahead < 0]
    many = sum(cell.budget == MANY for cell in lost)
    yield (
        f"The best peer measured here is better in {len(lost)} of {len(measured)} cells (a set and "
        f"a number of labels), {many} of them with {MANY} labels; the widest gap is "
        f"{_gap(min(measured, key=lambda cell: cell.ahead))}."
    )
    widest = max(measured, key=lambda cell: cell.ahead)
    yield f"This package is at least as good in the others, by up to {_gap(widest)}."


def _gap(cell: Cell) -> str:
    assert cell.peer is not None  # noqa: S101  (only measured cells are compared)
    labels = f"{cell.budget} labels" if cell.budget else "no label"
    peer = PEERS[cell.peer["arm"]]
    return f"{abs(cell.ahead):.1f} points, on {cell.set} with {labels}, against {peer}"


def _published(published: Published, ours: Ours) -> str:
    found = sorted(gaps(list(published.figures()), ours), key=lambda row: -row[0])
    above, (gap, method, figure) = sum(row[0] > 0 for row in found), found[0]
    return (
        f"{above} of {len(found)} published figures are above ours, by up to {gap:.1f} points "
        f"({method.name}, on {figure.set}); below is what each of them was given."
    )


def _costs(costs: pd.DataFrame) -> str:
    seconds = costs.set_index("arm")["long"]
    slow = seconds[seconds.index.isin(PEERS)].nlargest(2)
    peers = " and ".join(f"{value:,.0f} s for {PEERS[arm]}" for arm, value in slow.items())
    return (
        f"1,000 reviews are labelled in {seconds[OURS]:.2f} s, against {peers}, on one thread of a "
        "CPU."
    )
