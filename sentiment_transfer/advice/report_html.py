"""A report as one HTML page that needs no network.

It follows the colour scheme of the reader. Tables scroll sideways where a phone is too narrow, and
pictures keep a white ground.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.figure import Figure

    from sentiment_transfer.advice.verdict import Verdict

__all__ = ["Section", "Table", "report_html", "svg_of", "table_html"]

STYLE = """
:root{color-scheme:light dark;--line:rgba(128,128,128,.35);--mark:#0072B2}
@media(prefers-color-scheme:dark){:root{--mark:#56B4E9}}
body{font:17px/1.55 system-ui,sans-serif;max-width:44rem;margin:1.5rem auto;padding:0 1rem;
 overflow-wrap:anywhere}
h1{font-size:1.5rem;line-height:1.25;margin:.2em 0}
h2{font-size:1.1rem;margin:0}
section{border-top:1px solid var(--line);padding:1.1rem 0}
.found{font-size:1.15rem;font-weight:600;margin:.3em 0}
.found::first-letter{text-transform:uppercase}
dl{margin:.4em 0;display:grid;grid-template-columns:max-content 1fr;gap:.2em .8em}
dt{opacity:.7}
dd{margin:0}
.next dd,.next{color:var(--mark)}
nav ol{padding-left:1.3em;margin:.6em 0}
nav a{color:inherit}
nav small,.missing{opacity:.75}
.wide{overflow-x:auto;margin:.7em 0;background:linear-gradient(to right,Canvas 30%,transparent)
 0 0/3rem 100% no-repeat local,linear-gradient(to left,Canvas 30%,transparent)
 100% 0/3rem 100% no-repeat local,linear-gradient(to right,var(--line),transparent)
 0 0/1rem 100% no-repeat scroll,linear-gradient(to left,var(--line),transparent)
 100% 0/1rem 100% no-repeat scroll}
table{border-collapse:collapse;font-size:.9rem}
th,td{text-align:right;padding:.15em .9em .15em 0;border-top:1px solid var(--line);
 font-variant-numeric:tabular-nums;vertical-align:top;white-space:nowrap}
th{font-weight:600;border-top:0}
th:first-child,td:first-child,.left,.text{text-align:left}
td.text{white-space:normal;min-width:16rem}
code{font-size:.95em}
figure{margin:.8em 0;background:#fff;border-radius:.4em;padding:.3em}
figure svg{display:block;width:100%;height:auto;max-width:38rem;margin:auto}
summary{cursor:pointer}
"""


@dataclass(frozen=True)
class Table:
    """Cells under a header; numbers are aligned right.

    Attributes
    ----------
    header, rows
        Of text.
    left, texts
        Numbers of the columns that are aligned left, as the first is, and of those among them that
        hold long texts.
    """

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    left: tuple[int, ...] = ()
    texts: tuple[int, ...] = ()


@dataclass(frozen=True)
class Section:
    """An answer of a report.

    Attributes
    ----------
    question
        What is answered, a heading.
    verdict
        The answer; None if the data do not allow it.
    missing
        What the data would have to hold, without a verdict.
    table
        More figures.
    picture
        An SVG element.
    """

    question: str
    verdict: Verdict | None = None
    missing: str = ""
    table: Table | None = None
    picture: str = ""


def report_html(title: str, facts: str, sections: Sequence[Section]) -> str:
    """Return a whole page: title, what was read, the answers as a list, then each section."""
    links = "".join(
        f'<li><a href="#s{i}">{escape(each.question)}</a> '
        f"<small>{escape(_short(each))}</small></li>"
        for i, each in enumerate(sections)
    )
    body = "\n".join(_section(i, each) for i, each in enumerate(sections))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n<p>{escape(facts)}</p>\n<nav><ol>{links}</ol></nav>\n"
        f"{body}\n</body></html>\n"
    )


def svg_of(figure: Figure) -> str:
    """Return a figure as an SVG element for a page, the same bytes for the same figure."""
    import matplotlib as mpl

    buffer = BytesIO()
    with mpl.rc_context({"svg.hashsalt": "sentiment_transfer", "svg.fonttype": "none"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    text = buffer.getvalue().decode("utf-8")
    return text[text.index("<svg") :]


def _short(section: Section) -> str:
    return section.verdict.found if section.verdict else "not answered"


def _section(i: int, section: Section) -> str:
    parts = [f"<h2>{escape(section.question)}</h2>"]
    if section.verdict is None:
        parts.append(f'<p class="missing">{_prose(section.missing)}</p>')
    else:
        found = section.verdict
        parts.append(
            f'<p class="found">{_prose(found.found)}</p><dl><dt>evidence</dt>'
            f"<dd>{_prose(found.evidence)}</dd><dt>next</dt>"
            f'<dd class="next">{_prose(found.next_step)}</dd></dl>'
        )
    if section.picture:
        parts.append(f"<figure>{section.picture}</figure>")
    if section.table is not None and section.table.rows:
        parts.append(table_html(section.table))
    return f'<section id="s{i}">{"".join(parts)}</section>'


def _prose(text: str) -> str:
    """Escape text; what stands between backticks is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def _class(column: int, table: Table) -> str:
    name = "text" if column in table.texts else "left" if column in table.left else ""
    return f" class={name}" if name else ""


def table_html(table: Table) -> str:
    """Return a table that scrolls sideways where the page is too narrow."""

    def row(cells: Sequence[str], tag: str) -> str:
        inner = "".join(
            f"<{tag}{_class(i, table)}>{escape(cell)}</{tag}>" for i, cell in enumerate(cells)
        )
        return f"<tr>{inner}</tr>"

    body = "".join(row(cells, "td") for cells in table.rows)
    return f'<div class="wide"><table>{row(table.header, "th")}{body}</table></div>'
