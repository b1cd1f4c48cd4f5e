"""What a language file may hold: types, ranges and sizes, checked before anything is built of it.

A file may come from anywhere, also within a model file. It holds words and patterns of words, no
program, and sizes are limited so that reading one is cheap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_BYTES", "SEGMENTERS", "LanguageFile", "in_words", "wrong_segmenter"]

MAX_BYTES = 2 << 20
"""Size of a language file; the shipped ones have 30 kB."""
MAX_CELLS = 20_000_000
"""Most distinct words of a grammar times its classes and elements, which bounds its tables."""
SEGMENTERS = ("jieba", "fugashi")
"""Names of the word segmenters, of Chinese and of Japanese (`text.plugins`)."""

Word = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Words = Annotated[list[Word], msgspec.Meta(max_length=20_000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
Distance = Annotated[int, msgspec.Meta(ge=1, le=50)]
Version = Annotated[int, msgspec.Meta(ge=1, le=2**31)]
_LETTERS = r"[^\W_]"
_END = r"(?!\n)$"  # a $ alone matches before a line break at the end, too
_CUT = rf"^(\^?({_LETTERS}|')+\|({_LETTERS}|')*|\|({_LETTERS})+\|){_END}"
_AFFIX = rf"^(-[^-\s]+|[^-\s]+-){_END}"
_CODE, _MARKER = rf"^[a-z]{{2,3}}(-[A-Za-z0-9]+)*{_END}", rf"^\S+_{_END}"
_IN_WORDS = {
    _CUT: "letters with a | where they are cut, such as 지|않, |재밌| for both sides of a stem, or "
    "^l'| for the beginning of a word",
    _AFFIX: "an ending such as -siz, or a beginning such as 않-",
    _CODE: "a code of two or three small letters, such as nl or pt-BR",
    _MARKER: "the beginning of negated words, which ends with _, such as not_",
}
"""What a text must be, by the pattern that it must match."""
Cut = Annotated[str, msgspec.Meta(max_length=60, pattern=_CUT)]
Affix = Annotated[str, msgspec.Meta(min_length=2, max_length=60, pattern=_AFFIX)]


class _Part(msgspec.Struct, forbid_unknown_fields=True):
    pass


class Scope(_Part):
    """Prefix of negated words, and what negators reach."""

    marker: Annotated[str, msgspec.Meta(min_length=2, max_length=20, pattern=_MARKER)]
    window: Distance
    intensifiers: Words = []
    contrast: Words = []
    cancels: Words = []
    after: Words = []
    around: Words = []
    window_back: Distance | msgspec.UnsetType = msgspec.UNSET


class Seeds(_Part):
    """Words of known polarity."""

    positive: Words
    negative: Words


class LabelNames(_Part):
    """Usual names of labels."""

    positive: Words = msgspec.field(default_factory=lambda: ["positive", "pos", "1"])
    negative: Words = msgspec.field(default_factory=lambda: ["negative", "neg", "0"])
    ordered: Annotated[list[Words], msgspec.Meta(max_length=100)] = msgspec.field(
        default_factory=lambda: [["negative", "neutral", "positive"], ["neg", "neu", "pos"]]
    )
    stars: Words = []


class PatternEntry(_Part):
    """An entry of the grammar; see `languages.grammar`."""

    match: Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
    means: Name | msgspec.UnsetType = msgspec.UNSET
    mutes: Name | msgspec.UnsetType = msgspec.UNSET
    before: Annotated[float, msgspec.Meta(gt=0, le=1)] | msgspec.UnsetType = msgspec.UNSET


class GrammarEntry(_Part):
    """The grammar; without one, no pattern changes a token."""

    version: Version = 1
    values: dict[Name, Words] = {}
    classes: dict[Name, Words] = {}
    unions: dict[Name, Words] = {}
    patterns: Annotated[list[PatternEntry], msgspec.Meta(max_length=2_000)] = []

    def __post_init__(self) -> None:
        listed = [word for words in self.classes.values() for word in words]
        listed += [
            word for entry in self.patterns for word in entry.match.replace("/", " ").split()
        ]
        n_columns = len(self.classes) + len(self.unions)
        n_columns += sum(len(entry.match.split()) for entry in self.patterns)
        if len(set(listed)) * n_columns > MAX_CELLS:
            raise ValueError(
                f"{len(set(listed)):,} words in {n_columns:,} classes and elements of patterns are "
                "too many; leave some out"
            )


def wrong_segmenter(name: str | None) -> str | None:
    """Return why a name of a segmenter is refused; None if it is not."""
    if name is None or name in SEGMENTERS:
        return None
    return f"must be null or one of {', '.join(map(repr, SEGMENTERS))}, not {name!r}"


class LanguageFile(_Part, kw_only=True):
    """The whole file. Parts with a default may be left out."""

    language: Annotated[str, msgspec.Meta(max_length=20, pattern=_CODE)]
    name: Name
    version: Version
    sources: dict[Name, Annotated[str, msgspec.Meta(max_length=2_000)]] = {}
    segmenter: str | None = None
    stop_words: Words
    clitics: Words = []
    negators: dict[Word, Word]
    negator_suffix: Word | None = None
    negator_endings: Words = []
    negator_affixes: dict[Affix, Word | None] | msgspec.UnsetType = msgspec.UNSET
    cuts: Annotated[list[Cut], msgspec.Meta(max_length=500)] | msgspec.UnsetType = msgspec.UNSET
    scope: Scope
    seeds: Seeds
    label_names: LabelNames = msgspec.field(default_factory=LabelNames)
    grammar: GrammarEntry = msgspec.field(default_factory=GrammarEntry)

    def __post_init__(self) -> None:
        if reason := wrong_segmenter(self.segmenter):
            raise ValueError(f"segmenter {reason}")

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> LanguageFile:
        """Convert the content of a file; raises ``SettingError`` with the place and the rule."""
        try:
            return msgspec.convert(data, cls)
        except msgspec.ValidationError as error:
            reason, _, place = str(error).partition(" - at `")
            # of the name of an entry the place is: `key` in `$.negator_affixes`
            where = place.partition("$")[2].rstrip("`").lstrip(".") or "the file"
            raise SettingError(f"{where}: {in_words(reason)}") from error

    def as_dict(self) -> dict[str, Any]:
        """Return the content with all parts that have a default."""
        content: dict[str, Any] = msgspec.to_builtins(self)
        return content


def in_words(reason: str) -> str:
    """Return the reason of a `msgspec.ValidationError`, with what a pattern asks for in words.

    Examples
    --------
    >>> in_words(f"Expected `str` matching regex {_MARKER!r}")
    'must be the beginning of negated words, which ends with _, such as not_'
    """
    for pattern, words in _IN_WORDS.items():
        if reason == f"Expected `str` matching regex {pattern!r}":
            return f"must be {words}"
    return reason[:1].lower() + reason[1:]
