"""Tables in HTML that notebooks show of estimators.

Colours are those of the page, so the table is readable on a light and on a dark one.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["html_box", "html_table"]

_STYLE = """
.st-model{color-scheme:light dark;overflow-wrap:anywhere;max-width:42rem}
.st-model table{border-collapse:collapse;margin:.3em 0}
.st-model th,.st-model td{background:none;color:inherit;text-align:left;vertical-align:top;
 font-weight:normal;border:0;border-top:1px solid rgba(128,128,128,.4);padding:.15em 1em .15em 0}
.st-model td.st-number{text-align:right;font-variant-numeric:tabular-nums}
.st-model summary{cursor:pointer}
"""


def html_box(name: str, body: str) -> str:
    """Return a ``<div>`` with its own style, a name in bold, and a body that is HTML."""
    title = f"<strong>{html.escape(name)}</strong>"
    return f'<div class="st-model"><style>{_STYLE}</style>{title}{body}</div>'


def html_table(rows: Iterable[tuple[str, str]]) -> str:
    """Return a table of names and values, which are escaped; of no rows an empty one.

    Examples
    --------
    >>> html_table([("a", "<b>")])
    '<table><tr><th>a</th><td>&lt;b&gt;</td></tr></table>'
    """
    pairs = ((html.escape(name), html.escape(value)) for name, value in rows)
    return f"<table>{''.join(f'<tr><th>{a}</th><td>{b}</td></tr>' for a, b in pairs)}</table>"
