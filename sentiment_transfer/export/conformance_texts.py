"""Texts that a port of the tokenizer has to read like the package: made by rules, from words.

All are made of the words of a language's file and of a vocabulary, so that each language and each
model has its own. Characters are those of Unicode 14, on whose properties Python 3.11 and later,
the package regex and Node agree; there are no lone surrogates, which not all readers of JSON take.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from sentiment_transfer.languages import load_signs
from sentiment_transfer.languages.grammar import ANY
from sentiment_transfer.text.signs import emoji_of_signs

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sentiment_transfer.languages import Language
    from sentiment_transfer.languages.grammar import Element

__all__ = ["KINDS", "conformance_texts"]

MOST_WORDS = 2_000
"""Frequent words of a vocabulary that sentences are made of."""
LONG = 2_000
"""Words of a long text."""

_MARKS = "\u0300\u0301\u0308\u030c\u0327\u0331\u20dd"
_INVISIBLE = "\u00ad\u200d\u200e\ufeff\u2060\ufe0f"
_SPACES = " \t\n\r\u00a0\u2003\u3000\u200b\u2028\x85"
_APOSTROPHES = "'\u2019\u2018\u02bc\u00b4`\u2032\uff07"
_CASES = "İstanbul ΣΟΦΟΣ STRASSE straße ﬁne Å J\u030c ½ Ⅷ ŉot ẚ ﷺ Ǆ ŒUVRE ÞAÐ"
# fmt: off
_SCRIPTS = (
    "что хорошо плохо", "πολύ καλό", "שלום טוב", "\u202eمرحبا\u202c", "ไทย ดีมาก", "한국어 좋다",
    "很好 不错", "とても良い", "हिन्दी अच्छा", "ქართული", "ﾊﾝｶｸ", "𝒢𝓇𝑒𝒶𝓉", "①②③", "Ⓖⓞⓞⓓ",
)
_TAGS = (
    "<b>{}</b>", "<p>{}</p>", "{}<br />", '<a href="http://a.b/c">{}</a>', "<!-- {} -->",
    "<script>{}</script>", "<i class='x>y'>{}</i>", "[b]{}[/b]", "[url=http://a.b]{}[/url]",
    "[{}](http://a.com/b)", "<3 {} </3", "<{}>", "&lt;{}&gt;", "<![CDATA[ {} ]]>", "< {} <",
)
_CODES = (
    "&amp;", "&#39;", "&rsquo;", "&quot;", "&nbsp;", "&eacute;", "&#xD800;", "&#x1F600;", "&#0;",
    "&#128;", "&#99999999;", "&bogus;", "&copy", "&amp;#39;", "\\u2019", "\\n", "\\xc3\\xa9",
    "\\ud83d\\ude00", "%27", "%20", "%E2%80%99", "\\'", "#39;",
)
_PLACES = (
    "http://a.b/c...", "www.bad.com,", "WWW.X.ORG/a)b", "ftp://q", "me@x.co.uk", "example.com",
    "@someone", "/u/name", "a/b", "10/10", "3.5", "€5", "1,000", "C++",
)
_PUNCTUATION = (
    "!", "?", "!!!", "?!", "...", "…", ",", ";", ":", " - ", "。", "、", "(", ")", "[", "]", "“",
    "”", "«", "»", "‼", "⁉", "¿", "/", "*", "\u2029", "\n\n", "\r\n\r\n",
)
_CONTRACTIONS = (
    "don't", "didn't's", "dont't", "did'nt", "won't", "rock'n'roll", "'tis", "it's", "I'm",
)
_OTHER_EMOJI = (
    "👍🏽", "👨‍👩‍👧", "❤️", "☹️", "🇫🇷", "1️⃣", "★★", "☺︎", "©", "™", "♪", "✓", "🫠", "🐶", "⌚",
)
# fmt: on
_ACCENTED = ("café", "naïve", "Åland", "ő", "Việt", "ñandú", "한국", "ｶﾞ")
_MISREAD = ("don’t", "“café”", "£5", "naïve…", "não", "😀", "–")
_LETTERS = "bcdfghjklmnpqrstvwxz"


@dataclass(frozen=True)
class Source:
    """Words of a language and of a vocabulary, chosen at random and joined as it joins them."""

    language: Language
    words: Sequence[str]
    rng: np.random.Generator

    def one(self, items: Sequence[str]) -> str:
        """Choose one of several."""
        return items[int(self.rng.integers(len(items)))]

    def number(self, least: int, most: int) -> int:
        """Choose an integer."""
        return int(self.rng.integers(least, most + 1))

    @cached_property
    def lists(self) -> dict[str, list[str]]:
        """The words of the language that have a role; none of them is empty."""
        known = self.language
        made = [affix.strip("-") for affix, _ in known.negator_affixes]
        made += [cut.strip("^").replace("|", "x" if cut[0] == "|" else "") for cut in known.cuts]
        seeds = [w for w in (*known.positive_seeds, *known.negative_seeds) if "_" not in w]
        lists = {
            "polar": seeds,
            "stop": sorted(known.stop_words),
            "negator": [*sorted(known.negators), *made],
            "intensifier": sorted(known.intensifiers),
            "contrast": sorted(known.contrast),
            "cancel": sorted(known.cancels),
            "ending": sorted(known.negator_endings | known.clitics),
        }
        return {name: words or seeds for name, words in lists.items()}

    @property
    def reaches_back(self) -> bool:
        """Whether a negator may stand behind the word it negates."""
        return bool(self.language.after or self.language.around)

    def word(self, role: str = "") -> str:
        """Choose a word of a role, or of any."""
        if role:
            return self.one(self.lists[role])
        part = self.number(0, 3)
        return self.one(self.words if part < 2 else self.lists["polar" if part == 2 else "stop"])

    def join(self, *words: str) -> str:
        """Join words as the language does: Chinese has no spaces."""
        return ("" if self.language.segmenter else " ").join(filter(None, words))

    def phrase(self, least: int = 1, most: int = 6) -> str:
        """Choose some words."""
        return self.join(*(self.word() for _ in range(self.number(least, most))))


def _plain(source: Source) -> str:
    ends = [source.one(_PUNCTUATION) for _ in range(source.number(1, 3))]
    return " ".join(source.phrase(2, 8) + end for end in ends)


def _negation(source: Source) -> str:
    between = [source.word(source.one(["stop", "intensifier", "cancel"])) for _ in range(3)]
    parts = [source.word("negator"), *between[: source.number(0, 3)], source.word()]
    if source.reaches_back and source.number(0, 1):
        parts.reverse()
    begin, word = source.join(*parts), source.word("contrast")
    return source.join(source.phrase(), begin, source.one(["", ",", ".", word]), source.phrase())


def _contraction(source: Source) -> str:
    stem, ending = source.one([source.word(), source.word("negator")]), source.word("ending")
    mark = source.one(
        [*_APOSTROPHES, "''", "\ufffd", " ? ", "?", ";", ",", " ", "", "\\'", "&#39;"]
    )
    word = source.one([stem + mark + ending, *(_with_mark(w, mark) for w in _CONTRACTIONS)])
    return source.join(source.phrase(0, 3), f" {word} ", source.word("polar"))


def _with_mark(word: str, mark: str) -> str:
    return word.replace("'", mark)


def _emoji(source: Source) -> str:
    signs = load_signs()
    emoji = source.one([*signs["joy"], *signs["sorrow"], *_OTHER_EMOJI])
    spaced = source.one(["", " "])
    times = emoji * source.number(1, 3)
    return source.phrase() + spaced + times + spaced + source.phrase(0, 3)


def _emoticon(source: Source) -> str:
    sign = source.one([sign for sign, _ in emoji_of_signs()])
    sign = source.one([sign, ":-)", ":(", ";)", "=)", sign + sign[-1]])
    return source.one([" ", "", "."]).join([source.phrase(), sign, source.phrase(0, 3)])


def _hashtag(source: Source) -> str:
    words = [source.word() for _ in range(3)]
    styles = [w.title() for w in words], words, [w.upper() for w in words]
    style = styles[source.number(0, 2)]
    return f"{source.phrase()} #{source.one(['', '_']).join(style)}{source.number(0, 99)}"


def _elongation(source: Source) -> str:
    word = source.one([source.word("polar"), source.word("negator"), source.word("intensifier")])
    at = source.number(0, len(word) - 1)
    longer = word[:at] + word[at] * source.number(2, 6) + word[at + 1 :]
    return source.join(source.phrase(0, 3), source.one([longer, longer.upper()]), source.word())


def _case(source: Source) -> str:
    change = (str.upper, str.title, str.swapcase, str.capitalize)[source.number(0, 3)]
    return source.join(change(source.phrase()), f" {source.one(_CASES.split())} ", source.phrase())


def _wide(source: Source) -> str:
    text = source.join(source.word("negator"), source.phrase(), source.word("polar")) + "!"
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
    return source.one([wide, wide.upper(), wide.replace(" ", "\u3000")])


def _marks(source: Source) -> str:
    word = unicodedata.normalize("NFD", source.one([*_ACCENTED, source.word("polar")]))
    at, mark = source.number(0, len(word)), source.one(_MARKS)
    marked = word[:at] + mark * (1, 2, 31, 40)[source.number(0, 3)] + word[at:]
    return source.join(source.phrase(0, 3), f" {marked} ", source.word("polar"))


def _invisible(source: Source) -> str:
    word, sign = source.word(), source.one(_INVISIBLE + _SPACES)
    at = source.number(0, len(word))
    return sign.join([source.phrase(0, 3), word[:at], word[at:], source.word("polar")])


def _empty(source: Source) -> str:
    signs = [*_SPACES, *_INVISIBLE, *_PUNCTUATION, *_MARKS, "\0", "\x07", "\ufffd", "<b></b>", "'"]
    return "".join(source.one(signs) for _ in range(source.number(0, 6)))


def _unknown(source: Source) -> str:
    words = ["".join(source.one(_LETTERS) for _ in range(source.number(9, 60))) for _ in range(3)]
    return " ".join(words[: source.number(1, 3)])


def _scripts(source: Source) -> str:
    return source.one([" ", ""]).join([source.one(_SCRIPTS), source.phrase(), source.one(_SCRIPTS)])


def _markup(source: Source) -> str:
    text = source.one(_TAGS).format(source.phrase())
    return source.join(source.phrase(0, 3), text, source.word("negator"), source.word("polar"))


def _code(source: Source) -> str:
    parts = source.phrase(), source.one(_CODES), source.phrase(0, 2), source.one(_PLACES)
    return source.one([" ", ""]).join([*parts, source.word("polar")])


def _wrong_encoding(source: Source) -> str:
    text = source.join(source.phrase(), source.one(_MISREAD), source.word("polar"))
    return text.encode().decode(source.one(["latin-1", "cp1252"]), "replace")


def _pattern(source: Source) -> str:
    patterns = source.language.grammar.patterns
    if not patterns:
        return source.phrase()
    pattern = patterns[source.number(0, len(patterns) - 1)]
    words = [word for element in pattern.elements for word in _matching(source, element)]
    before = "" if pattern.begins_clause else source.phrase(0, 3)
    return source.join(before, *words, source.phrase(0, 3))


def _matching(source: Source, element: Element) -> list[str]:
    """Choose words that an element of a pattern matches."""
    if element.words is None:
        return [source.word() for _ in range(source.number(0, element.most))]
    name = element.words.strip("<>")
    among = sorted(source.language.grammar.classes.get(name, element.words.split("/")))
    if element.words == ANY or element.unknown:
        among = [source.word(), "zzzq"]
    return [source.one(among) for _ in range(source.number(element.least, min(element.most, 2)))]


def _long(source: Source) -> str:
    part = source.one([source.one("aé哈!.'<😀\u0301"), f"{source.phrase()}. "])
    return source.one([part * LONG, source.phrase(LONG, LONG)])


KINDS: dict[str, tuple[Callable[[Source], str], int]] = {
    "plain": (_plain, 80),
    "negation": (_negation, 140),
    "contraction": (_contraction, 100),
    "grammar": (_pattern, 200),
    "emoji": (_emoji, 70),
    "emoticon": (_emoticon, 90),
    "hashtag": (_hashtag, 30),
    "elongation": (_elongation, 80),
    "case": (_case, 50),
    "wide": (_wide, 50),
    "marks": (_marks, 60),
    "invisible": (_invisible, 50),
    "empty": (_empty, 30),
    "unknown": (_unknown, 20),
    "scripts": (_scripts, 60),
    "markup": (_markup, 90),
    "code": (_code, 90),
    "wrong encoding": (_wrong_encoding, 50),
    "long": (_long, 6),
}
"""What makes a text of each kind, and how many texts there are of it."""


def conformance_texts(
    language: Language, vocabulary: Sequence[str], seed: int = 0
) -> list[tuple[str, str]]:
    """Return texts with their kinds; the first is empty. The same arguments give the same texts."""
    words = [word for word in vocabulary if _is_plain(word, language.marker)][:MOST_WORDS]
    seeds = [w for w in (*language.positive_seeds, *language.negative_seeds) if "_" not in w]
    source = Source(language, words or seeds, np.random.default_rng(seed))
    made = [(kind, make(source)) for kind, (make, n) in KINDS.items() for _ in range(n)]
    return [("empty", ""), *made]


def _is_plain(word: str, marker: str) -> bool:
    """Whether a word is of letters that have been in Unicode for long, and is not negated."""
    old = all(unicodedata.ucd_3_2_0.category(c) != "Cn" for c in word)
    return old and word.isalpha() and not word.startswith(marker)
