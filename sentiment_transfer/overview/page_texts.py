"""Phrases and texts on the page of an overview, and how text becomes safe to show."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from sentiment_transfer.overview.charts import percent

if TYPE_CHECKING:
    from sentiment_transfer.overview.overview import Overview, OverviewSide
    from sentiment_transfer.overview.phrases import Phrase
    from sentiment_transfer.overview.quotes import Quote

__all__ = ["n_texts", "phrases_section", "quotes_section", "safe", "visible"]

LEVELS = (0.15, 0.4, 0.7)
"""Weights from which a word is tinted a little, more, and strongly."""


def visible(value: object) -> str:
    """Return a value as text in which control characters are signs, as HTML allows none of them."""
    text = "".join(_sign(c) if c < " " and c not in "\t\n" else c for c in str(value))
    return text.replace("\x7f", "\u2421").encode("utf-8", "replace").decode("utf-8")


def _sign(control: str) -> str:
    return chr(0x2400 + ord(control))


def safe(value: object) -> str:
    """Return a value as HTML that shows it as text."""
    return escape(visible(value))


def n_texts(n: int) -> str:
    """Return a number of texts in words."""
    return "1 text" if n == 1 else f"{n:,} texts"


def phrases_section(overview: Overview) -> str:
    """Return the words and phrases for each side, with examples."""
    sides = [side for side in reversed(overview.sides) if side.phrases]
    if not sides:
        return (
            "<section><h2>What speaks for each side</h2><p>No word is frequent and clear enough in "
            "these texts.</p></section>"
        )
    two = len(overview.labels) == 2
    blocks = "".join(_phrases_of(side, overview, two) for side in sides)
    return (
        "<section><h2>What speaks for each side</h2>"
        '<p class="soft">Words and phrases that make the model judge these texts as it does, the '
        "clearest first, with the number of texts that hold them. Open one for examples.</p>"
        f'<div class="sides">{blocks}</div></section>'
    )


def _phrases_of(side: OverviewSide, overview: Overview, two: bool) -> str:
    label = safe(side.label)
    items = "".join(_phrase(one, label if two else "") for one in side.phrases)
    return (
        f'<div class="{_side_class(side, overview)}"><h3>For {label}</h3>'
        f'<ul class="phrases">{items}</ul></div>'
    )


def _side_class(side: OverviewSide, overview: Overview) -> str:
    return "for-side" if side.label == overview.labels[-1] else "against-side"


def _phrase(phrase: Phrase, label: str) -> str:
    judged = f", {percent(phrase.share)} {label}" if label else ""
    examples = "".join(_quote(one, found=True) for one in phrase.examples)
    return (
        f"<li><details><summary><span>{safe(phrase.text)}</span>"
        f"<small>{n_texts(phrase.n)}{judged}</small></summary>{examples}</details></li>"
    )


def quotes_section(overview: Overview) -> str:
    """Return the surest and the most doubtful texts; nothing if there are none."""
    blocks = [
        f'<div class="{_side_class(side, overview)}"><h3>Surely {safe(side.label)}</h3>'
        f"{''.join(_quote(one) for one in side.surest)}</div>"
        for side in reversed(overview.sides)
        if side.surest
    ]
    doubtful = ""
    if overview.doubtful:
        doubtful = (
            '<h3>Most doubtful</h3><p class="soft">The model cannot decide: read these '
            f'yourself.</p><div class="list">{"".join(map(_quote, overview.doubtful))}</div>'
        )
    if not blocks and not doubtful:
        return ""
    return (
        "<section><h2>Texts to read</h2>"
        '<p class="soft">Words are tinted by what they add: '
        f'<mark class="for w2">for {safe(overview.labels[-1])}</mark>, '
        '<mark class="against w2">against</mark>.</p>'
        f'<div class="sides">{"".join(blocks)}</div>{doubtful}</section>'
    )


def _quote(quote: Quote, *, found: bool = False) -> str:
    before, behind = ("… " if cut else "" for cut in quote.cut)
    marked = "".join(_part(text, weight, found) for text, weight in quote.parts).strip()
    known = "" if quote.coverage >= 0.8 else f", {percent(quote.coverage)} of the words known"
    return (
        f"<blockquote><p>{before}{marked}{behind and ' …'}</p><footer>text {quote.row + 1:,}: "
        f"{safe(quote.label)} ({percent(quote.probability)}){known}</footer></blockquote>"
    )


def _part(text: str, weight: float, found: bool) -> str:
    level = sum(abs(weight) >= least for least in LEVELS)
    if not level:
        return safe(text)
    if found:
        return f'<mark class="found">{safe(text)}</mark>'
    return f'<mark class="{"for" if weight > 0 else "against"} w{level}">{safe(text)}</mark>'
