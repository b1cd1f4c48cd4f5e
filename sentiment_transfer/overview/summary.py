"""An overview as some lines of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_transfer.base.tables import format_table

if TYPE_CHECKING:
    from sentiment_transfer.overview.groups import Trend
    from sentiment_transfer.overview.overview import Groups, Overview

__all__ = ["summary_of", "trend_in_words"]

PHRASES = 6


def summary_of(overview: Overview) -> str:
    """Return the share, what was left out, the groups, and the first phrases of each side."""
    lines = [_headline(overview)]
    left_out = {
        "blank": overview.n_blank,
        "without a known word": overview.n_unknown,
        "repeated": overview.n_repeated,
    }
    lines += [f"texts {name}: {n:,}" for name, n in left_out.items() if n]
    if overview.groups is not None:
        lines += ["", _table(overview.groups)]
        if overview.groups.trend is not None:
            lines.append(trend_in_words(overview.groups.trend))
    for side in reversed(overview.sides):
        if side.phrases:
            listed = ", ".join(f"{one.text} ({one.n:,})" for one in side.phrases[:PHRASES])
            lines.append(f"for {side.label}: {listed}")
    return "\n".join(lines)


def _headline(overview: Overview) -> str:
    share = overview.share
    if share is None:
        counts = ", ".join(f"{n:,} {name}" for name, n in overview.counts.items())
        return f"{sum(overview.counts.values()):,} texts with a known word: {counts}"
    texts = "1 text" if share.n == 1 else f"{share.n:,} texts"
    ends = f"{100 * share.low:.0f} to {100 * share.high:.0f} %"
    return f"{100 * share.share:.0f} % of {texts} are {share.label} (95 %: {ends})"


def trend_in_words(trend: Trend) -> str:
    """Return a sentence on the change from the first to the second half of the texts."""
    change = {
        "": "No clear change over time",
        "above": "The share is higher later",
        "below": "The share is lower later",
    }[trend.difference]
    return (
        f"{change}: {100 * trend.before:.0f} % up to {trend.until}, "
        f"{100 * trend.after:.0f} % from {trend.since} on."
    )


def _table(groups: Groups) -> str:
    shares = any(one.share is not None for one in groups.groups)
    labels = [] if shares else [*groups.groups[0].counts]
    rows = []
    for one in groups.groups:
        row = [one.name, f"{one.n:,}", *(f"{one.counts[name]:,}" for name in labels)]
        if shares and one.share is not None and one.low is not None and one.high is not None:
            ends = f"{100 * one.low:.0f} to {100 * one.high:.0f} %"
            row += [
                f"{100 * one.share:.0f} %",
                ends,
                one.difference and f"{one.difference} the rest",
            ]
        elif shares:
            row += ["", "too few", ""]
        rows.append(row)
    columns = ["share", "95 %", ""] if shares else labels
    return format_table([groups.column, "texts", *columns], rows)
