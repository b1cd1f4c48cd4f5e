"""An overview as one page of HTML that needs no network and no script.

Its policy allows the style of the page itself, by its hash, and nothing else: texts are shown as
text only. It follows the colour scheme of the reader. Blue is for the positive side, orange and a
dotted line for the other, as in `model.explanation_html`.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from sentiment_transfer.advice.report_html import Table, table_html
from sentiment_transfer.overview.charts import percent, share_bar, stacked_bar, timeline
from sentiment_transfer.overview.groups import MIN_TEXTS
from sentiment_transfer.overview.page_texts import (
    n_texts,
    phrases_section,
    quotes_section,
    safe,
    visible,
)
from sentiment_transfer.overview.summary import trend_in_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_transfer.overview.groups import Group
    from sentiment_transfer.overview.overview import Groups, Overview, Share

__all__ = ["overview_page"]

MEAN_ERROR, USUAL_ERROR, COVERED = 7, 14, 99
"""Points that the shares of groups were wrong by on average, and at most in nine of ten cases, and
the share of them that their interval covered, in % (``scripts/results/overview.md``)."""


def overview_page(overview: Overview, title: str, about: Sequence[str] = ()) -> str:
    """Return the page of an overview.

    Parameters
    ----------
    overview
        What `describe_opinions` found.
    title
        What the texts are, such as the name of their file.
    about
        Sentences on how it was made, such as the model.

    Returns
    -------
    str
        HTML that needs no other file.

    Examples
    --------
    >>> from sentiment_transfer import load
    >>> found = describe_opinions(load("reviews-en"), ["I loved it.", "A dull plot."])
    >>> page = overview_page(found, "reviews.txt")
    >>> page[:15], "reviews.txt" in page
    ('<!doctype html>', True)
    """
    style = _style()
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    body = "\n".join(
        filter(
            None,
            [
                _head(overview, title),
                _groups(overview),
                phrases_section(overview),
                quotes_section(overview),
                _about(overview, about),
            ],
        )
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        f'<meta name="color-scheme" content="light dark">\n<title>{safe(title)}</title>\n'
        f"<style>{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


@cache
def _style() -> str:
    return (files(__package__) / "page.css").read_text(encoding="utf-8")


def _head(overview: Overview, title: str) -> str:
    share = overview.share
    return (
        f"<header><h1>{safe(title)}</h1>"
        f"{_counted(overview) if share is None else _headline(share)}"
        f"{_facts(overview)}{''.join(_note(note) for note in overview.notes)}</header>"
    )


def _headline(share: Share) -> str:
    texts = "1 text" if share.n == 1 else f"{share.n:,} texts"
    ends = f"{100 * share.low:.0f} to {percent(share.high)}"
    read = f"{percent(share.share)}, 95 % interval from {ends}"
    return (
        f'<p class="headline"><b>{percent(share.share)}</b> of {texts} are {safe(share.label)}</p>'
        f"{share_bar(share.share, share.low, share.high, read)}"
        f'<p class="scale"><span>0</span><span>50\u00a0%</span><span>100\u00a0%</span></p>'
        f'<p class="soft">An estimate: 95\u00a0% interval {ends}.</p>'
    )


def _counted(overview: Overview) -> str:
    """Say how many texts the model gives each label, where no share is estimated."""
    total = max(1, sum(overview.counts.values()))
    most = max(overview.counts, key=lambda name: overview.counts[name])
    listed = ", ".join(
        f"{safe(name)}: {percent(count / total)} ({count:,})"
        for name, count in overview.counts.items()
    )
    return (
        f'<p class="headline">Of {total:,} texts most are <b>{safe(most)}</b>: '
        f"{percent(overview.counts[most] / total)}</p>"
        f"{stacked_bar([*overview.counts.values()], 'shares of the labels')}"
        f"<p>{listed}</p>"
        '<p class="soft">These are counts of predictions, with the errors of the model in them; an '
        "interval is estimated for two labels, a negative and a positive one.</p>"
    )


def _facts(overview: Overview) -> str:
    facts = {
        "texts": overview.n_texts,
        "blank": overview.n_blank,
        "without a known word": overview.n_unknown,
        "repeated": overview.n_repeated,
    }
    shown = {name: n for name, n in facts.items() if n}
    if len(shown) == 1:  # the headline has the number of texts
        return ""
    items = "".join(f"<div><dt>{name}</dt><dd>{n:,}</dd></div>" for name, n in shown.items())
    return f'<dl class="facts">{items}</dl>'


def _note(note: str) -> str:
    return f'<p class="note">{safe(note[:1].upper() + note[1:])}.</p>'


# ---- groups


def _groups(overview: Overview) -> str:
    groups = overview.groups
    if groups is None:
        return ""
    label = "" if overview.share is None else safe(overview.share.label)
    if groups.kind == "time":
        title, drawn = f"By {groups.unit}", _over_time(groups, label)
    else:
        title = f"By {safe(groups.column)}"
        drawn = f'<ul class="groups">{"".join(_row(one, label) for one in groups.groups)}</ul>'
    if not label:
        drawn = _figures(groups)
    return f"<section><h2>{title}</h2>{_summary(groups, label)}{drawn}</section>"


def _summary(groups: Groups, label: str) -> str:
    """Say which groups are the highest and the lowest, and which differ clearly."""
    known = [one for one in groups.groups if one.share is not None]
    if not known:
        few = f"no group has {MIN_TEXTS} texts with a known word" if label else "predicted labels"
        return f'<p class="soft">{few[:1].upper() + few[1:]}.</p>'
    said = [] if groups.trend is None else [trend_in_words(groups.trend)]
    clear = [one for one in known if one.difference]
    found = "; ".join(
        f"{one.name} is {one.difference} the rest ({percent(one.share or 0)})" for one in clear[:4]
    )
    more = f"; {len(clear) - 4} more differ" if len(clear) > 4 else ""
    rest = f"Clear differences: {found}{more}." if clear else "No group differs clearly."
    return "".join(f"<p>{safe(each)}</p>" for each in [*said, rest])


def _over_time(groups: Groups, label: str) -> str:
    periods = [one for one in groups.groups if one.start]
    known = [one for one in periods if one.share is not None]
    if not known:
        return _figures(groups)
    first, last = known[0], known[-1]
    read = (
        f"share of {label} texts by {groups.unit}, from {percent(first.share or 0)} "
        f"({first.name}) to {percent(last.share or 0)} ({last.name}); the figures follow"
    )
    most = max(one.n for one in periods)
    week = ", named by its Monday" if groups.unit == "week" else ""
    return (
        f"<figure>{timeline(periods, read)}<figcaption>Share of {label} texts by "
        f"{safe(groups.column)}; the band is the 95\u00a0% interval of each {groups.unit}{week}, "
        f"grey bars are numbers of texts, at most {most:,}.</figcaption></figure>"
        f"<details><summary>Figures</summary>{_figures(groups)}</details>"
    )


def _row(group: Group, label: str) -> str:
    name = f"<div>{safe(group.name)}<small>{n_texts(group.n)}{_difference(group)}</small></div>"
    if group.share is None or group.low is None or group.high is None:
        return f"<li>{name}<small>too few to estimate a share</small></li>"
    ends = f"{100 * group.low:.0f} to {percent(group.high)}"
    read = f"{percent(group.share)} {label}, 95 % interval from {ends}"
    return (
        f"<li>{name}{share_bar(group.share, group.low, group.high, read)}"
        f'<div class="share">{percent(group.share)}</div></li>'
    )


def _difference(group: Group) -> str:
    if not group.difference:
        return ""
    sign = "▲" if group.difference == "above" else "▼"
    return f' <span class="difference">{sign}\u00a0{group.difference} the rest</span>'


def _figures(groups: Groups) -> str:
    header = [groups.column, "texts"]
    labels = [*groups.groups[0].counts]
    shares = any(one.share is not None for one in groups.groups)
    header += ["share", "95 % interval", ""] if shares else labels
    rows = []
    for one in groups.groups:
        cells = [visible(one.name), f"{one.n:,}"]
        if not shares:
            cells += [f"{one.counts[name]:,}" for name in labels]
        elif one.share is None or one.low is None or one.high is None:
            cells += ["", "too few", ""]
        else:
            ends = f"{100 * one.low:.0f} to {percent(one.high)}"
            cells += [percent(one.share), ends, one.difference]
        rows.append(cells)
    return table_html(Table([visible(name) for name in header], rows))


def _about(overview: Overview, about: Sequence[str]) -> str:
    said = [*about]
    if overview.share is not None:
        said.append(
            "The shares are estimates by a model, corrected for its usual errors. In tests with "
            f"groups of 25 to 500 texts they were wrong by {MEAN_ERROR} points on average, and by "
            f"less than {USUAL_ERROR} in nine of ten groups. The 95\u00a0% intervals are wider and "
            f"held {COVERED}\u00a0% of the true shares, because other texts may be harder."
        )
    if overview.groups is not None and overview.share is not None:
        said.append(
            "A group is marked as above or below the rest if that is clear beyond the errors that "
            f"the model makes on all texts alike. Groups of fewer than {MIN_TEXTS} texts with a "
            "known word have no share."
        )
    if overview.groups is None:
        said.append(f"Not grouped: {overview.groups_missing}.")
    said.append(
        "Phrases and texts to read are of different texts: repeated ones count once. Irony is "
        "misread. A text without a known word counts in no share."
    )
    return (
        '<section class="soft"><h3>How to read this</h3>'
        f"{''.join(f'<p>{safe(each)}</p>' for each in said)}</section>"
    )
