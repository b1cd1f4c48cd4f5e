"""The page results/studio-estimate.md, from what `scripts.studio.estimate` noted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from scripts.reports import markdown_table
from scripts.studio.labelling import (
    CHOOSING,
    DOUBTED_AT,
    FORECAST_AT,
    REPORTING,
    SHOWN_AT,
    TIMES,
)
from sentiment_transfer.studio.view import ASK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    Record = dict[str, Any]

__all__ = ["page"]

ASKS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3)
BY_SET = (20, 64, 200)
HALVES = (("choosing", CHOOSING), ("reporting", REPORTING))

TITLE = """# What the studio says while texts are labelled

Written by `scripts/studio/estimate.py`, which labels as the studio asks: first 64 texts that
measure, then texts that teach; {draws} draws of each of {sets} sets, whose labels answer. A
project has 2,000 texts of a set, 1,000 of imdb and of the sets that have no more. The models are
the shipped ones without what labels of other texts taught, because these are labels of the same
sets. Nothing but the threshold of the question below was chosen, on {choosing}.

"""
ACCURACY = """## The accuracy and its interval

At each number of labels the page shows the accuracy of the model that is fitted to all of them,
from labels that measure, each judged by a model without it. **Coverage**: how often its 95 %
interval holds the accuracy on all texts of the project (those with a label are judged by models
without it). **Error**: mean of the estimate minus this accuracy, in points; **off**: mean without
sign; **width** of the interval. From 64 labels on no label measures any more: the model changes,
the measuring set does not.

"""
OTHERS = """
Texts that teach are the hardest, so the accuracy on those that are **left** without a label is
higher than that on all, after 36 and 136 of them by {at_100:.1f} and {at_200:.1f} points: for
these the estimate is too low, and its interval holds {covered_100:.0f} and {covered_200:.0f} %.
What the page shows is of new texts of the same kind, not of those left in the project. The answers
here are the labels of the sets: a person who follows the guess on the screen, which can be hidden,
makes the accuracy too high.

Coverage by set, in %:

"""
ASKING = """
## Asking about a label

With a tenth of the labels flipped at random. **Wrong** and **right**: shares, in %, of the
flipped and of the other labels whose probability by the rest is below a threshold, under which
the page asks about them at once, if the model without the label expects another one as well (so
both shares are upper bounds); **none wrong**: the same of right labels if all are. Up to 64
labels they are those that measure, then those that teach: of such texts the model is unsure, so
it does not doubt any answer. The page asks below {ask}, the highest of six thresholds at which it
asks about no more than 3 % of right labels of the choosing half, whatever their number.

"""
LISTED = """
**The five most doubtful labels**: how many of those that are listed are wrong, in %.

"""
FORECAST = """
## The learning curve

The forecast of the accuracy with twice and four times the labels, and what was reached with them.
**Band**: how often the band, made to hold 80 %, holds it; **width** of the band; **error**: mean
without sign of the forecast, in points; for comparison that of no change, the estimate on the
page; **gain**: mean of what was reached beyond the accuracy there was.

"""


def page(records: Sequence[Record]) -> str:
    """Return the page."""
    shown, doubts, forecasts = (_of(records, kind) for kind in ("Shown", "Doubts", "Forecasts"))
    first = TITLE.format(
        draws=len({record["seed"] for record in shown}),
        sets=len({record["set"] for record in shown}),
        choosing=", ".join(CHOOSING),
    )
    parts = [first, ACCURACY, _accuracy(shown), _others(shown), _by_set(shown)]
    parts += [ASKING.format(ask=ASK), _asking(doubts), LISTED, _listed(doubts)]
    return "".join([*parts, FORECAST, _forecasts(forecasts, shown)])


def _of(records: Iterable[Record], kind: str) -> list[Record]:
    return [record for record in records if record["kind"] == kind]


def _table(header: Sequence[str], rows: Iterable[Sequence[object]], left: int = 1) -> str:
    return "\n".join([*markdown_table(header, rows, left), ""])


def _percent(holds: Callable[[Record], bool], of: Sequence[Record]) -> float:
    return 100 * float(np.mean([holds(record) for record in of]))


def _mean(value: Callable[[Record], float], of: Sequence[Record]) -> float:
    return 100 * float(np.mean([value(record) for record in of]))


def _holds(record: Record, truth: str = "everywhere") -> bool:
    return bool(record["low"] <= record[truth] <= record["high"])


def _error(record: Record) -> float:
    return float(record["estimate"] - record["everywhere"])


def _accuracy(shown: Sequence[Record]) -> str:
    rows = []
    for n in SHOWN_AT:
        of = [record for record in shown if record["n"] == n]
        figures = [
            _percent(_holds, of),
            _mean(_error, of),
            _mean(lambda r: abs(_error(r)), of),
            _mean(lambda r: float(r["high"] - r["low"]), of),
        ]
        rows.append([min(n, 64), n, *(f"{figure:.1f}" for figure in figures)])
    header = ["labels that measure", "all labels", "coverage", "error", "off", "width"]
    return _table(header, rows, left=0)


def _others(shown: Sequence[Record]) -> str:
    figures = {}
    for n in (100, 200):
        of = [record for record in shown if record["n"] == n]
        figures[f"at_{n}"] = _mean(lambda r: float(r["others"] - r["everywhere"]), of)
        figures[f"covered_{n}"] = _percent(lambda r: _holds(r, "others"), of)
    return OTHERS.format(**figures)


def _by_set(shown: Sequence[Record]) -> str:
    rows = []
    for name in (*CHOOSING, *REPORTING):
        of = [[r for r in shown if r["n"] == n and r["set"] == name] for n in BY_SET]
        rows.append([name, *(f"{_percent(_holds, each):.0f}" for each in of)])
    return _table(["set", *(f"{n} labels" for n in BY_SET)], rows)


def _probabilities(records: Sequence[Record], name: str) -> Any:  # noqa: ANN401  (an array)
    return np.concatenate([np.array(record[name], float) for record in records])


def _asking(doubts: Sequence[Record]) -> str:
    rows = []
    for half, names in HALVES:
        for ask in ASKS:
            cells: list[str] = []
            for n in DOUBTED_AT:
                of = [r for r in doubts if r["n"] == n and r["set"] in names]
                flipped = [r for r in of if r["flipped"]]
                clean = [r for r in of if not r["flipped"]]
                wrong = np.mean(_probabilities(flipped, "wrong") < ask)
                right = np.mean(_probabilities(flipped, "right") < ask)
                alone = np.mean(_probabilities(clean, "right") < ask)
                cells.append(f"{100 * wrong:.0f} / {100 * right:.1f} / {100 * alone:.1f}")
            rows.append([half, f"**{ask}**" if ask == ASK else str(ask), *cells])
    header = ["half", "threshold", *(f"{n} labels: wrong / right / none wrong" for n in DOUBTED_AT)]
    return _table(header, rows, left=2)


def _listed(doubts: Sequence[Record]) -> str:
    rows = []
    for half, names in HALVES:
        cells = []
        for n in DOUBTED_AT:
            of = [r for r in doubts if r["n"] == n and r["flipped"] and r["set"] in names]
            listed = sum(record["n_listed"] for record in of)
            cells.append(f"{100 * sum(r['n_listed_wrong'] for r in of) / max(1, listed):.0f}")
        rows.append([half, *cells])
    return _table(["half", *(f"{n} labels" for n in DOUBTED_AT)], rows)


def _forecasts(forecasts: Sequence[Record], shown: Sequence[Record]) -> str:
    now = {(r["set"], r["seed"], r["n"]): r["everywhere"] for r in shown}
    rows = []
    for n in FORECAST_AT:
        for times in TIMES:
            of = [r for r in forecasts if r["n"] == n and r["times"] == times]
            known = [r for r in of if (r["set"], r["seed"], n) in now]
            figures = [
                _percent(lambda r: _holds(r, "reached"), of),
                _mean(lambda r: float(r["high"] - r["low"]), of),
                _mean(lambda r: abs(float(r["expected"] - r["reached"])), of),
                _mean(lambda r: abs(float(r["unchanged"] - r["reached"])), of),
            ]
            cells = [f"{figure:.1f}" for figure in figures]
            gain = "–"
            if known:
                gain = f"{_mean(lambda r: r['reached'] - now[r['set'], r['seed'], n], known):.1f}"  # noqa: B023
            rows.append([n, n * times, *cells, gain])
    header = ["labels", "with", "band", "width", "error", "error of no change", "gain"]
    return _table(header, rows, left=0)
