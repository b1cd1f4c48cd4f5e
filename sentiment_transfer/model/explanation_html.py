"""Explanations as self-contained HTML.

Blue marks words for the label, orange words against it, colours that colour-blind readers can
distinguish (Okabe & Ito 2008); a solid or dotted underline shows the same without colour. A table
repeats the figures of the tooltips, as phones show none. The colour scheme is the reader's.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentiment_transfer.model.explanation import Explanation

__all__ = ["UNKNOWN", "explanation_html", "page_of"]

TOP = 8
UNKNOWN = "no word of it is known: the answer is the share of each label in training"
_STYLE = """
.st-explained{color-scheme:light dark;font:16px/1.9 system-ui,sans-serif;max-width:42rem;
 overflow-wrap:anywhere}
.st-explained p{margin:.4em 0}
.st-explained .st-text{white-space:pre-wrap}
.st-explained mark{background:rgba(var(--hue),var(--w));color:inherit;border-radius:.2em;
 padding:.1em .2em;border-bottom:.15em solid rgba(var(--hue),calc(.1 + 1.8*var(--w)))}
.st-explained .st-for{--hue:0,114,178}
.st-explained .st-against{--hue:213,94,0;border-bottom-style:dotted}
.st-explained table{border-collapse:collapse;font-size:.9em;line-height:1.5}
.st-explained td{padding:.05em .8em .05em 0;text-align:left;border:0}
.st-explained td+td{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.st-explained small{opacity:.8}
"""


def explanation_html(explanation: Explanation) -> str:
    """Return one ``<div>``: the answer, the marked text, and the strongest words."""
    return (
        f'<div class="st-explained"><style>{_STYLE}</style>{_answer(explanation)}'
        f'<p class="st-text">{_marked(explanation)}</p>'
        f"<p><small>{_key(explanation)}</small></p>{_table(explanation)}</div>"
    )


def page_of(explanations: Iterable[Explanation], title: str = "Explanations") -> str:
    """Return a whole page of explanations."""
    blocks = "\n<hr>\n".join(map(explanation_html, explanations))
    return (
        '<!doctype html>\n<html><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><title>{html.escape(title)}</title>'
        "<style>body{margin:1rem auto;padding:0 1rem;max-width:42rem}</style></head>\n"
        f"<body>\n{blocks}\n</body></html>\n"
    )


def _answer(explanation: Explanation) -> str:
    label = html.escape(str(explanation.label))
    return (
        f"<p><strong>{label}</strong> {100 * explanation.probability:.1f} % "
        f"<small>log odds {_signed(explanation.log_odds)}</small></p>"
    )


def _marked(explanation: Explanation) -> str:
    """Mark the pieces; the strongest gets half opacity, so that it stays easy to read."""
    strongest = max((abs(share) for _, share in explanation.pieces), default=0.0) or 1.0
    marks = []
    for gap, (piece, share) in zip(explanation.gaps, explanation.pieces, strict=False):
        word, width = html.escape(piece), 0.5 * abs(share) / strongest
        if width >= 0.005:
            side = "for" if share > 0 else "against"
            word = (
                f'<mark class="st-{side}" style="--w:{width:.2f}" title="{_signed(share)}">'
                f"{word}</mark>"
            )
        marks.append(html.escape(gap) + word)
    return "".join([*marks, html.escape(explanation.gaps[-1])])


def _key(explanation: Explanation) -> str:
    if explanation.no_known_word:
        return UNKNOWN
    label = html.escape(str(explanation.label))
    rest = explanation.bias + explanation.sentence
    sentence = f"sentence encoder {_signed(explanation.sentence)}, " if explanation.sentence else ""
    return (
        f'<mark class="st-for" style="--w:.3">for {label}</mark> '
        f'<mark class="st-against" style="--w:.3">against</mark> '
        f"words {_signed(explanation.log_odds - rest)}, {sentence}"
        f"without any {_signed(explanation.bias)}"
    )


def _table(explanation: Explanation) -> str:
    rows = [
        f"<tr><td>{html.escape(piece)}</td><td>{_signed(share)}</td></tr>"
        for piece, share in explanation.top(TOP)
        if abs(share) >= 0.005
    ]
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _signed(figure: float) -> str:
    """``+0.41`` or, with a true minus, ``−0.41``."""
    return f"{figure:+.2f}".replace("-", "−")
