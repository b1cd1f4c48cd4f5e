r"""Texts without markup, character codes, links and empty lines, as `Tokenizer.prepare` needs them.

The steps run one after the other, each on what the step before left:

1. Character references (``&#39;``, ``&rsquo;``, also ``&amp;#39;``) and escapes (``\'``,
   ``\u2019``, ``\n``) become their characters; so does an apostrophe of UTF-8 read as cp1252.
2. HTML tags, comments, scripts and style sheets are removed. A tag of a block ends a clause.
3. Tags in square brackets (``[b]``), as forums use them, are removed in the same way.
4. Links and e-mail addresses become white space.
5. An empty line ends a clause. A single line end is white space like any other.

``<``, ``&`` and ``[`` in running text (``<3``, ``AT&T``) stay. ``<br>`` and ``<br />`` stay too:
the tokenizer has a piece for them. All patterns take time linear in the text.
"""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, NamedTuple

import regex

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["is_plain", "plain", "plain_spans"]

CLAUSE_END = " . "

_BLOCKS = frozenset(
    """address article aside blockquote body br caption center dd details dialog dir div dl dt
    fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html
    iframe legend li list main menu nav noscript ol optgroup option p pre quote section select
    summary table tbody td tfoot th thead title tr ul *""".split()  # noqa: SIM905
)

_FLAGS = regex.VERSION1 | regex.IGNORECASE | regex.ASCII

_CODE = regex.compile(
    r"&(?:amp;)*(?P<name>#[0-9]{1,7};?|#x[0-9a-f]{1,6};|nbsp;?"
    r"|[a-z][a-z0-9]{1,31};)"
    r"|\\++(?P<escaped>u[0-9a-f]{4}|[nrt](?![a-z]{0,2}\\)|['\"])"
    r"|(?P<misread>\u00e2[\u20ac\x80][\u02dc\u2122\x98\x99])",
    _FLAGS,
)

# an attribute has a value, or is one of those that need none: <not good> and <i love it> are text
_TAG = regex.compile(
    r"(?!<br[ /]*>)<(?:"
    r"!--(?:(?!-->|<!--).)*+-->"
    r"|(?P<raw>script|style)\b[^<>]*>(?:(?!</?(?P=raw)).)*+</(?P=raw)\s*>"
    r"|/?(?P<name>[a-z][a-z0-9:-]*+)"
    r"(?:\s*/?>|(?=\s[^<>]*=|\s+(?:nowrap|noshade|disabled|checked|selected|hidden|controls)\b)"
    r"(?:(?:[^<>'\"]|\"[^<\"]*\"|'[^<']*'|['\"])*+>|[^<>]*>))"
    r"|[!?](?:doctype|xml|\[)[^<>]*>"
    r")",
    _FLAGS | regex.DOTALL,
)

_BRACKET_TAG = regex.compile(
    r"\[/?(?P<name>b|i|u|s|h[1-6]|\*|strike|url|img|code|color|size|spoiler|quote|list|p)"
    r"(?:=[^\[\]\n]*+)?\]",
    _FLAGS,
)

_LINK = regex.compile(
    r"(?:https?://|ftp://|www(?<![a-z0-9]www)\.(?=[a-z0-9]))"
    r"(?:[!-~\p{Latin}--[<>\"\[\]]])*(?<![.,;:!?)'])",
    _FLAGS,
)
_ADDRESS = regex.compile(
    r"(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}@[a-z0-9-]++(?:\.[a-z0-9-]+)+", _FLAGS
)

_EMPTY_LINE = regex.compile(r"(?>\r\n?|\n)(?:[^\S\r\n]*+[\r\n])++", regex.VERSION1)


def _character(match: regex.Match[str]) -> str:
    """Return the character that a character reference or an escape stands for."""
    if match["misread"]:
        return "'"
    escaped, name = match["escaped"], match["name"]
    if escaped:
        if len(escaped) > 1:
            return chr(int(escaped[1:], 16))
        return escaped if escaped in "'\"" else "\n"
    reference = f"&{name.removesuffix(';')};"
    found = html.unescape(reference)
    if found == reference:
        found = html.unescape(reference.lower())
    return match[0] if found == reference.lower() else found.replace("\0", "\ufffd")


def _end_of_tag(match: regex.Match[str]) -> str:
    """Return what a tag leaves: the end of a clause if it is a block's, else nothing."""
    name = (match["name"] or "").lower()
    return CLAUSE_END if name in _BLOCKS else ""


class _Step(NamedTuple):
    """A substitution, and a quick test that every text passes that it changes."""

    concerns: Callable[[str], bool]
    pattern: regex.Pattern[str]
    replace: Callable[[regex.Match[str]], str]


def _has_tag(text: str) -> bool:
    return "<" in text and text.count("<") != text.count("<br />")


def _has_code(text: str) -> bool:
    return (
        ("&" in text and (";" in text or "&#" in text or "&nbsp" in text))
        or "\\" in text
        or (not text.isascii() and ("\u00e2\u20ac" in text or "\u00e2\x80" in text))
    )


def _has_link(text: str) -> bool:
    return "ww." in text or (":" in text and "://" in text)


_STEPS = (
    _Step(_has_code, _CODE, _character),
    _Step(_has_tag, _TAG, _end_of_tag),
    _Step(lambda text: "[" in text and "[/" in text, _BRACKET_TAG, _end_of_tag),
    _Step(_has_link, _LINK, lambda _: " "),
    _Step(lambda text: "@" in text, _ADDRESS, lambda _: " "),
    _Step(lambda text: "\n" in text or "\r" in text, _EMPTY_LINE, lambda _: CLAUSE_END),
)


def is_plain(text: str) -> bool:
    """Return whether a text is ASCII in which neither `plain` nor `normalise` changes a word.

    False is also the answer for some texts in which they change nothing. Quick: nearly all texts
    are plain, and a compiled reader asks this of every one.
    """
    return (
        text.isascii() and "`" not in text and not any([step.concerns(text) for step in _STEPS])  # noqa: C419  (a list is quicker)
    )


def plain(text: str) -> str:
    r"""Return a text without markup, character codes, links and empty lines.

    >>> plain("It&#39;s <em>not</em> good,\nsee www.x.com <3")
    "It's not good,\nsee   <3"
    """
    for step in _STEPS:
        if step.concerns(text):
            text = step.pattern.sub(step.replace, text)
    return text


def plain_spans(text: str) -> list[tuple[int, int]]:
    """Return where each character of ``plain(text)`` comes from, as ``text[start:end]``.

    >>> plain_spans("a<b>&lt;")
    [(0, 1), (4, 8)]
    """
    spans = [(i, i + 1) for i in range(len(text))]
    for step in _STEPS:
        if step.concerns(text):
            changed: list[tuple[int, int]] = []
            last = 0
            for match in step.pattern.finditer(text):
                start, end = match.span()
                changed += spans[last:start]
                changed += [(spans[start][0], spans[end - 1][1])] * len(step.replace(match))
                last = end
            spans = changed + spans[last:]
            text = step.pattern.sub(step.replace, text)
    return spans
