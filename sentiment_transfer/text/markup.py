r"""Texts without markup, character codes, links and empty lines, as `Tokenizer.prepare` needs them.

The steps run one after the other, each on what the step before left:

1. Character references (``&#39;``, ``&rsquo;``, also ``&amp;#39;`` and ``#39;``) and escapes
   (``\'``, ``\u2019``, ``\xe2\x80\x99``, ``\n``, ``%27``) become their characters, and so do
   characters of UTF-8 that were read in another encoding.
2. HTML and XML tags, comments, scripts and style sheets are removed. A tag of a block ends a
   clause, an inline tag leaves nothing, and any other leaves a space.
3. Tags in square brackets (``[b]``), as forums use them, are removed in the same way. Of a link in
   Markdown its words stay.
4. Links, names of sites (``example.com``) and e-mail addresses become white space.
5. An empty line ends a clause. A single line end is white space like any other.

``<``, ``&`` and ``[`` in running text (``<3``, ``AT&T``) stay. ``<br>`` and ``<br />`` stay too:
the tokenizer has a piece for them. All patterns take time linear in the text.
"""

from __future__ import annotations

import html
import re
from functools import cached_property, lru_cache
from html.entities import html5
from typing import TYPE_CHECKING, Any, NamedTuple

import regex

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BLOCKS", "INLINE", "OTHER", "plain", "plain_spans"]

CLAUSE_END = " . "

BLOCKS = frozenset(
    """address article aside blockquote body br caption center dd details dialog dir div dl dt
    fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html
    iframe legend li list main menu nav noscript ol optgroup option p pre quote section select
    summary table tbody td tfoot th thead title tr ul *""".split()  # noqa: SIM905
)
INLINE = frozenset(
    """a abbr acronym b bdi bdo big cite code color data del dfn em font i ins kbd mark q s samp
    size small span spoiler strike strong sub sup time tt u url var wbr""".split()  # noqa: SIM905
)

OTHER = frozenset(
    """applet area audio base basefont bgsound button canvas col colgroup embed img input label link
    map marquee math meta meter nobr noframes object output param path picture progress ruby rb rp
    rt rtc script slot source style svg template textarea track video wbr xml""".split()  # noqa: SIM905
)
_ELEMENTS = BLOCKS | INLINE | OTHER

_FLAGS = regex.VERSION1 | regex.IGNORECASE | regex.ASCII


class _Pattern:
    """A pattern that is compiled when it is first needed; to compile all of them takes 50 ms."""

    def __init__(self, source: str, flags: int) -> None:
        self._source, self._flags = source, flags

    @cached_property
    def compiled(self) -> regex.Pattern[str]:
        return regex.compile(self._source, self._flags)


_CODE = _Pattern(
    r"&(?:amp;)*(?P<name>#[0-9]{1,10};?|#x[0-9a-f]{1,8}(?:;|(?![0-9a-f]))|(?:nbsp|quot|amp|apos|[lr]squo);?"
    r"|[lg]t(?![a-z;])|[a-z][a-z0-9]{1,31};)"
    r"|(?<!\\)\\++(?P<escaped>(?-i:u)d[89ab][0-9a-f]{2}\\++(?-i:u)d[c-f][0-9a-f]{2}"
    r"|(?-i:u)[0-9a-f]{4}|(?-i:U)000[0-9a-f]{5}|(?-i:x)[0-9a-f]{2}(?:\\(?-i:x)[0-9a-f]{2})*+"
    r"|(?-i:[rtn](?![a-z]))|['\"])"
    r"|(?<=\A|[.!?,;)\"'\s]|(?-i:\\[nrt]))\\++(?P<escaped>(?-i:n)(?!ot?\b))"
    r"|(?P<apostrophe>#0?39;|#8217;|%27|%E2%80%99)"
    r"|%20",
    _FLAGS,
)
"""A character written as a code; ``%20`` is a space."""

_FOLLOWING = "[\x80-\xbf" + bytes(range(0x80, 0xA0)).decode("cp1252", "ignore") + "]"
_FIRST = rf"[\xc2\xc3]{_FOLLOWING}|[\xe2-\xe9\xef]{_FOLLOWING}{{2}}|\xf0{_FOLLOWING}{{3}}"
_MISREAD = _Pattern(
    rf"(?P<utf8>(?:{_FIRST})(?:{_FIRST}|[\xc5\xc6\xcb]{_FOLLOWING})++"
    rf"|[\xc2\xc3]{_FOLLOWING}|[\xe2\xef]{_FOLLOWING}{{2}}|\xf0{_FOLLOWING}{{3}})"
    r"|(?P<apostrophe>\u2030\u00db\u00aa|(?<=[nN])[\u00c6\u00d5](?=[tT]\b))"
    r"|(?P<quote>\u00e2\u20ac\ufffd?)"
    r"|(?<![A-Z])\u00c2(?!\w)",
    regex.VERSION1 | regex.ASCII,
)
"""UTF-8 that was read as cp1252 or Latin-1, and an apostrophe in cp437 or Mac Roman.

One character is read as UTF-8 where it begins with a letter that ends few words. Others, as in
Chinese, need two in a row, as ``caf\u00e9\u2026\u201d`` has the bytes of one.
"""

_IN_MISREAD = (
    "\u00c2\u00c3\u00c6\u00d5\u00e2\u00e3\u00e4\u00e5\u00e6\u00e7\u00e8\u00e9\u00ef\u00f0\u2030"
)
_REFERENCE = re.compile("&[#A-Za-z]")
_PERCENT = re.compile("%[2Ee]")

# the first attribute has a value that touches its sign, or is one of those that need none:
# <not good>, <i love it> and <y = not good> are text
_TAG = _Pattern(
    r"(?!<br[ /]*>)<(?:"
    r"!--(?:(?!-->|<!--).)*+-->"
    r"|!\[CDATA\["
    r"|(?P<raw>script|style)\b[^<>]*>(?:(?!</?(?P=raw)).)*+</(?P=raw)\s*>"
    r"|/?(?!(?:not?|never|none|nor)\b)(?P<name>[a-z][\w:.-]*+)"
    r"(?:\s*(?:/>|(?P<bare>)>)|(?=\s[\s/]*+(?:[\w:.@-]++\s?=\s?[^\s=<>]"
    r"|(?:nowrap|noshade|disabled|checked|selected|hidden|controls|itemscope|autoplay)\b))"
    r"(?:(?:[^<>'\"]|\"[^<\"]*\"|'[^<']*'|['\"])*+>|[^<>]*>))"
    r"|[!?](?:doctype|xml)[^<>]*>"
    r")|\]\]>",
    _FLAGS | regex.DOTALL,
)

_NOT_BREAK = re.compile("<(?!br />)")
_CLOSING_TAG = re.compile(r"</([a-z][\w:.-]*)", re.IGNORECASE | re.ASCII)

# [b], and the two ends of [words](https://example.com)
_BRACKET_TAG = _Pattern(
    r"\[/?(?P<name>b|i|u|s|h[1-6]|\*|strike|url|img|code|color|size|spoiler|quote|list|p)"
    r"(?:=[^\[\]\n]*+)?\]"
    r"|\[(?=[^\[\]\n]{1,200}\]\((?:https?:|www\.|/))"
    r"|\]\((?:https?:|www\.|/)[^()\s]*+\)",
    _FLAGS,
)

# words typed behind a link without a space are none of it: http://a.b/c...not good, (a.com/b)not
_LINK = _Pattern(
    r"(?:https?://|ftp://|file://|(?-i:[wW]ww|WWW)(?<![a-z0-9]www)\.(?=[a-z0-9]))"
    r"(?:(?!\.\.|[,;)!][a-z])[!-~\p{Latin}--[<>\"\[\]]])*(?<![.,;:!?)'])",
    _FLAGS,
)
# "bad.Com" is a full stop without a space
_SITE = _Pattern(
    r"(?<![a-z0-9@.-])(?:[a-z0-9-]++\.)+"
    r"(?-i:(?:com|org|net|edu|gov)(?:\.[a-z]{2})?|(?:COM|ORG|NET|EDU|GOV)(?:\.[A-Z]{2})?)(?![a-z0-9@-])"
    r"(?:/(?:(?!\.\.|[,;)!][a-z])[!#-;=?-Z^-~])*(?<![.,;:!?)']))?",
    _FLAGS,
)
_SITE_ENDING = re.compile(r"\.(?:com|org|net|edu|gov)(?![a-z])", re.IGNORECASE)
_ADDRESS = _Pattern(
    r"(?<![a-z0-9._%+-])[a-z0-9._%+-]{1,64}@[a-z0-9-]++\.[a-z0-9-]++"
    r"(?-i:\.[a-z0-9-]++(?![A-Z]))*+",
    _FLAGS,
)

_EMPTY_LINE = _Pattern(r"(?>\r\n?|\n)(?:[^\S\r\n]*+[\r\n])++", regex.VERSION1)


def _character(match: regex.Match[str]) -> str:
    """Return the character that a code stands for; a space if there is none of its number."""
    if match["name"]:
        return _referred(match)
    if match["escaped"]:
        return _escaped(match["escaped"])
    return "'" if match["apostrophe"] else " "


def _referred(match: regex.Match[str]) -> str:
    """Return what a character reference stands for, or itself if HTML has no such name."""
    name = f"{match['name'].removesuffix(';')};"
    if name[0] == "#":
        return html.unescape(f"&{name}").strip("\ufffd") or " "
    return html5.get(name) or html5.get(name.lower()) or match[0]


def _escaped(code: str) -> str:
    r"""Return what is escaped: ``code`` is ``n``, ``'``, ``ud83d\ude00`` or ``xe2\x80\x99``."""
    if code[0] == "U":
        return chr(int(code[1:], 16))
    if code[0] == "u":
        units = bytes.fromhex(regex.sub(r"\\*u", "", code))
        return units.decode("utf-16-be", "surrogatepass")
    if code[0] == "x":
        values = bytes.fromhex(regex.sub(r"\\?x", "", code))
        try:
            return values.decode()
        except UnicodeDecodeError:
            return values.decode("cp1252", "replace")
    return {"n": "\n", "r": "\r", "t": "\t"}.get(code, code)


def _mended(match: regex.Match[str]) -> str:
    """Return what was misread, also more than once; the text itself if it is no UTF-8."""
    if match["utf8"] is None:
        return "'" if match["apostrophe"] else "\u201d" if match["quote"] else ""
    read = [c.encode("latin-1" if c < "\u0100" else "cp1252") for c in match["utf8"]]
    try:
        return _MISREAD.compiled.sub(_mended, b"".join(read).decode())
    except UnicodeDecodeError:
        return match[0]


@lru_cache(maxsize=1)
def _closed(text: str) -> frozenset[str]:
    """Return the names of a text's closing tags, once for all tags of the text."""
    return frozenset(_CLOSING_TAG.findall(text.lower()))


def _tag_or_word(match: regex.Match[str]) -> str:
    """Return what a tag leaves, and all of a word in angle brackets that is no tag (``<hate>``)."""
    if match["bare"] is not None:
        name = match["name"].lower()
        if match[0][1] != "/" and name not in _ELEMENTS and name not in _closed(match.string):
            return match[0]
    return _end_of_tag(match)


def _end_of_tag(match: regex.Match[str]) -> str:
    """Return what a tag leaves: the end of a clause, nothing or a space."""
    name = (match["name"] or "").lower()
    if name in BLOCKS:
        return CLAUSE_END
    return "" if name in INLINE or not name else " "


class _Step(NamedTuple):
    """A substitution, and a quick test that every text passes that it changes."""

    concerns: Callable[[str], bool]
    pattern: _Pattern
    replace: Callable[[Any], str]


def _has_code(text: str) -> bool:
    return (
        ("&" in text and _REFERENCE.search(text) is not None)
        or "\\" in text
        or ("#" in text and ";" in text)
        or ("%" in text and _PERCENT.search(text) is not None)
    )


def _has_misread(text: str) -> bool:
    return not text.isascii() and any([part in text for part in _IN_MISREAD])  # noqa: C419  (quicker)


def _has_tag(text: str) -> bool:
    return "<" in text and _NOT_BREAK.search(text) is not None


def _has_link(text: str) -> bool:
    return "ww." in text or "WW." in text or (":" in text and "://" in text)


_STEPS = (
    _Step(_has_code, _CODE, _character),
    _Step(_has_misread, _MISREAD, _mended),
    _Step(_has_tag, _TAG, _tag_or_word),
    _Step(lambda text: "[" in text and ("[/" in text or "](" in text), _BRACKET_TAG, _end_of_tag),
    _Step(_has_link, _LINK, lambda _: " "),
    _Step(lambda text: _SITE_ENDING.search(text) is not None, _SITE, lambda _: " "),
    _Step(lambda text: "@" in text, _ADDRESS, lambda _: " "),
    _Step(lambda text: "\n" in text or "\r" in text, _EMPTY_LINE, lambda _: CLAUSE_END),
)


def plain(text: str) -> str:
    r"""Return a text without markup, character codes, links and empty lines.

    >>> plain("It&#39;s <em>not</em> good,\nsee www.x.com <3")
    "It's not good,\nsee   <3"
    """
    for step in _STEPS:
        if step.concerns(text):
            text = step.pattern.compiled.sub(step.replace, text)
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
            for match in step.pattern.compiled.finditer(text):
                start, end = match.span()
                changed += spans[last:start]
                left = step.replace(match)
                whole = [(spans[start][0], spans[end - 1][1])] * len(left)
                changed += spans[start:end] if left == match[0] else whole
                last = end
            spans = changed + spans[last:]
            text = step.pattern.compiled.sub(step.replace, text)
    return spans
