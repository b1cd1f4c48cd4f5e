"""Charts of shares as SVG elements that fit any width and take the colours of the page."""

from __future__ import annotations

from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentiment_transfer.overview.groups import Group

__all__ = ["percent", "share_bar", "stacked_bar", "timeline"]

HEIGHT, PLOT = 232, 200
"""Pixels of a timeline, and of its plot above the names of the periods."""
VOLUME = 0.2
"""Part of the plot that the largest number of texts takes."""
MOST_NAMES = 8
"""Periods that are named below a wide timeline; every second one of them on a phone."""
Ends = tuple[float, float, float]


def percent(share: float) -> str:
    """Return ``62 %``, with a space that does not break."""
    return f"{100 * share:.0f}\u00a0%"


def share_bar(share: float, low: float, high: float, text: str) -> str:
    """Return a bar from 0 to 100 %: a point with its interval; ``text`` is read aloud."""
    return (
        f'<svg class="bar" role="img" aria-label="{escape(text)}" width="100%" height="20">'
        '<rect class="ground" width="100%" height="6" y="7" rx="3"/>'
        '<line class="half" x1="50%" x2="50%" y1="3" y2="17"/>'
        f'<rect class="interval" x="{100 * low:.1f}%" width="{100 * (high - low):.1f}%" '
        'y="7" height="6" rx="3"/>'
        f'<circle class="point" cx="{100 * share:.1f}%" cy="10" r="6"/></svg>'
    )


def stacked_bar(counts: Sequence[int], text: str) -> str:
    """Return a bar whose parts are in proportion to counts, the first one most negative."""
    total, start, parts = max(1, sum(counts)), 0.0, []
    for i, count in enumerate(counts):
        width = 100 * count / total
        place = i / max(1, len(counts) - 1)
        side = "against" if place < 0.5 else "middle" if place == 0.5 else "for"
        parts.append(
            f'<rect class="{side}" x="{start:.1f}%" width="{width:.1f}%" height="20" '
            f'fill-opacity="{0.35 + 0.65 * abs(2 * place - 1):.2f}"/>'
        )
        start += width
    return (
        f'<svg class="bar" role="img" aria-label="{escape(text)}" width="100%" height="20">'
        f"{''.join(parts)}</svg>"
    )


def timeline(groups: Sequence[Group], text: str) -> str:
    """Return shares over time: a line with the interval as a band, and the numbers of texts."""
    n = len(groups)
    most = max((group.n for group in groups), default=1) or 1
    lines, axis = "".join(_grid()), "".join(_axis())
    bars = "".join(
        f'<rect class="volume" x="{1000 * (i + 0.15) / n:.1f}" width="{700 / n:.1f}" '
        f'y="{100 - 100 * VOLUME * group.n / most:.1f}" '
        f'height="{100 * VOLUME * group.n / most:.1f}"/>'
        for i, group in enumerate(groups)
    )
    runs = "".join(map(_run, _runs(groups)))
    points = "".join(_point(i, n, group) for i, group in enumerate(groups))
    return (
        f'<svg class="timeline" role="img" aria-label="{escape(text)}" width="100%" '
        f'height="{HEIGHT}">{lines}<svg width="100%" height="{PLOT}" viewBox="0 0 1000 100" '
        f'preserveAspectRatio="none">{bars}{runs}</svg>{axis}{points}{_names(groups)}</svg>'
    )


def _grid() -> Iterator[str]:
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = PLOT * (1 - share)
        yield f'<line class="grid" x1="0" x2="100%" y1="{y:.0f}" y2="{y:.0f}"/>'


def _axis() -> Iterator[str]:
    for share in (0.25, 0.5, 0.75, 1):
        yield f'<text class="axis" x="0" y="{PLOT * (1 - share) + 13:.0f}">{percent(share)}</text>'


def _runs(groups: Sequence[Group]) -> Iterator[list[tuple[float, Ends]]]:
    """Yield places from 0 to 1000 and shares of periods that follow each other without a gap."""
    n = len(groups)
    places = enumerate(groups)
    for known, run in groupby(places, key=lambda one: one[1].share is not None):
        if known:
            yield [
                (1000 * (i + 0.5) / n, (group.share, group.low, group.high))
                for i, group in run
                if group.share is not None and group.low is not None and group.high is not None
            ]


def _run(run: list[tuple[float, Ends]]) -> str:
    upper = [f"{x:.1f},{100 - 100 * high:.1f}" for x, (_, _, high) in run]
    lower = [f"{x:.1f},{100 - 100 * low:.1f}" for x, (_, low, _) in run]
    line = [f"{x:.1f},{100 - 100 * share:.1f}" for x, (share, _, _) in run]
    if len(run) == 1:  # a band of one period is a bar
        x = run[0][0]
        corners = [f"{x + side:.1f},{y.partition(',')[2]}" for side, y in
                   ((-6, upper[0]), (6, upper[0]), (6, lower[0]), (-6, lower[0]))]  # fmt: skip
        return f'<polygon class="band" points="{" ".join(corners)}"/>'
    return (
        f'<polygon class="band" points="{" ".join([*upper, *reversed(lower)])}"/>'
        f'<polyline class="line" points="{" ".join(line)}"/>'
    )


def _point(i: int, n: int, group: Group) -> str:
    if group.share is None:
        return ""
    return (
        f'<circle class="point" cx="{100 * (i + 0.5) / n:.2f}%" '
        f'cy="{PLOT * (1 - group.share):.1f}" r="4.5"><title>{escape(group.name)}: '
        f"{percent(group.share)} of {group.n:,}</title></circle>"
    )


def _names(groups: Sequence[Group]) -> str:
    n = len(groups)
    step = -(-n // MOST_NAMES)
    names = []
    for i in range(0, n, step):
        x, anchor = 100 * (i + 0.5) / n, "middle"
        if n > 3 and x < 8:
            x, anchor = 0, "start"
        elif n > 3 and x > 92:
            x, anchor = 100, "end"
        narrow = " wide-only" if n > 3 and (i // step) % 2 else ""
        names.append(
            f'<text class="name{narrow}" x="{x:.2f}%" y="{HEIGHT - 12}" '
            f'text-anchor="{anchor}">{escape(groups[i].name)}</text>'
        )
    return "".join(names)
