"""Patterns of words that mean something else than their words: the grammar of a language file.

``{"match": "not <adv>* <fault>", "means": "decent"}`` reads *not*, up to four words of the class
``adv``, and one of the class ``fault`` as the word *decent*. The elements of a pattern are

- ``good/great``: one of these words; ``<fault>``: a word of a class; ``<any>``: any word;
- ``x?``: at most once; ``x*``: at most four times; ``..`` and ``...``: at most three and seven
  words before the next element matches, which keep their meaning;
- ``(x)``: a word that keeps its meaning; ``~x``: a word that has no vector;
- ``^`` first: the pattern begins a clause.

``means`` names a value, a list of words of which the first with a vector stands for the pattern;
without it the matched words have no effect. ``mutes`` names a class whose words, or ``<any>``,
have no effect from there to the end of the clause. ``before`` is the weight of the words before,
back to the beginning of the sentence. The first pattern that matches applies, and a word belongs
to one match.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sentiment_transfer.errors import SettingError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ANY", "LONGEST", "Element", "GrammarRules", "Pattern"]

ANY = "<any>"
_GAPS = {"..": 3, "...": 7}
_MOST = 4
LONGEST = 64
"""Most pieces that a pattern can match; compiled code has room for no more."""
_ELEMENT = re.compile(
    r"(?P<kept>\()?(?P<new>~)?(?P<words>[^\s()?*~^]+?)(?(kept)\))(?P<times>[?*])?"
)
_PARTS = frozenset({"match", "means", "mutes", "before"})


@dataclass(frozen=True)
class Element:
    """One element of a pattern.

    Attributes
    ----------
    words
        Words or the name of a class, ``"<fault>"``; None for a gap.
    least, most
        How often it may occur; for a gap, how many words.
    kept
        Whether the matched word keeps its meaning.
    unknown
        Whether it matches a word without a vector only.
    """

    words: str | None
    least: int = 1
    most: int = 1
    kept: bool = False
    unknown: bool = False

    @classmethod
    def parse(cls, text: str) -> Element:
        """Read ``"good/great?"``; raises ``SettingError`` for what is no element."""
        if text in _GAPS:
            return cls(None, 0, _GAPS[text])
        found = _ELEMENT.fullmatch(text)
        if found is None:
            raise SettingError(f"{text!r} is no element of a pattern")
        least, most = {"?": (0, 1), "*": (0, _MOST), None: (1, 1)}[found["times"]]
        return cls(found["words"], least, most, found["kept"] is not None, found["new"] is not None)


@dataclass(frozen=True)
class Pattern:
    """Words to match, and what they mean; see the module.

    Attributes
    ----------
    elements
        The first is a word or a class that must occur.
    means
        Name of a value, or None.
    mutes
        Name of a class, or None.
    before
        Weight of the words before, or None.
    begins_clause
        Whether it matches only at the beginning of a clause.
    """

    elements: tuple[Element, ...]
    means: str | None
    mutes: str | None
    before: float | None
    begins_clause: bool

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Pattern:
        """Build from an entry of a language file; raises ``SettingError`` for a wrong one."""
        if not data.keys() <= _PARTS or "match" not in data:
            raise SettingError(f"the pattern {dict(data)} has parts other than {sorted(_PARTS)}")
        texts = str(data["match"]).split()
        anchored = texts[:1] == ["^"]
        elements = tuple(map(Element.parse, texts[anchored:]))
        if not elements or elements[0].words is None or elements[0].least < 1:
            raise SettingError(
                f"the pattern {data['match']!r} must begin with a word that is there"
            )
        if elements[-1].words is None:
            raise SettingError(f"the pattern {data['match']!r} must not end with a gap")
        if sum(element.most for element in elements if element.words is not None) > LONGEST:
            raise SettingError(
                f"the pattern {shown(data['match'])} can match more than {LONGEST} words; make it "
                "shorter"
            )
        before = data.get("before")
        if before is not None and not 0 < before <= 1:
            raise SettingError(f"before={before!r} of {data['match']!r} must be above 0, at most 1")
        return cls(elements, data.get("means"), data.get("mutes"), before, anchored)


@dataclass(frozen=True)
class GrammarRules:
    """The grammar of a language.

    Attributes
    ----------
    version
        Increased whenever answers would change.
    values
        Words that stand for the meaning of a pattern, by name, the first with a vector is used.
    classes
        Words by the name of their class.
    patterns
        The patterns, by priority.
    """

    version: int
    values: Mapping[str, tuple[str, ...]]
    classes: Mapping[str, frozenset[str]]
    patterns: tuple[Pattern, ...]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], signs: Mapping[str, Any]) -> GrammarRules:
        """Build from a language file and the classes of emoji that all languages share.

        Raises ``KeyError`` for a missing part, and ``SettingError`` for a pattern that is wrong or
        names a class or a value that is not there.
        """
        classes = {name: frozenset(words) for name, words in data["classes"].items()}
        classes |= {name: frozenset(signs[name]) for name in ("joy", "sorrow")}
        for name, parts in data["unions"].items():
            classes[name] = frozenset().union(*(classes[part] for part in parts))
        values = {name: tuple(words) for name, words in data["values"].items()}
        patterns = tuple(map(Pattern.from_dict, data["patterns"]))
        for pattern in patterns:
            named = [e.words for e in pattern.elements if e.words and e.words[0] == "<"]
            named += [pattern.mutes] if pattern.mutes else []
            for name in named:
                if name != ANY and (name[1:-1] not in classes or name != f"<{name[1:-1]}>"):
                    raise SettingError(f"a pattern names the class {name!r}, which is not there")
            if pattern.means is not None and pattern.means not in values:
                raise SettingError(f"a pattern means {pattern.means!r}, which is no value")
        return cls(data["version"], values, classes, patterns)
