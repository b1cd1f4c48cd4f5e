"""Languages as data. To add a language, add ``<code>.json`` to the folder of this module.

The file holds stop words, negators and their scope, intensifiers, words of contrast, polarity seed
words, usual names of labels, and the grammar (`grammar`). ``shared/signs.json`` holds the emoji and
emoticons of all languages. The rest of the package contains no words of a language.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sentiment_transfer.languages.grammar import GrammarRules

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Language", "load_signs"]


@dataclass(frozen=True)
class Language:
    """Word lists and rules of one language.

    Attributes
    ----------
    code, name, version
        ``"en"``, ``"English"``, and a number that is increased whenever tokens would change.
    segmenter
        Name of the word segmenter for scripts without spaces (``"jieba"``), or None.
    stop_words, clitics
        Words to drop, none of them a negator, intensifier or word of contrast; and endings cut
        after an apostrophe: ``movie's`` becomes ``movie``.
    negators, negator_suffix
        Each negator and the token it becomes (``cannot`` becomes ``not``); and an ending that makes
        any word the negator ``not`` (``n't``), or None.
    negator_endings
        Words that make a negator of the word before: ``didn t`` and ``did nt`` are ``didnt``.
    negator_affixes
        Beginnings (``"않-"``) and endings (``"-siz"``) that make a word a negator if no list has
        the word, the longest first, each with its token; None for those that make it a plain word.
    cuts
        Where words are cut: ``"지|않"`` between these letters, ``"^l'|"`` behind this beginning,
        ``"|재밌|"`` on both sides of these letters (`text.cuts`).
    marker, window
        Prefix of a negated word: ``not good`` gives ``not``, ``not_good``; and the largest
        distance, in words, from a negator to the word it negates.
    after, around, window_back
        Tokens of negators that stand after the word they negate; of those that do where no plain
        word follows them; and the largest distance of that word, in words (`text.negation`).
    intensifiers, contrast, cancels
        Words that negation skips (in ``not very good``, ``good`` is negated), that end the reach of
        a negator, and that cancel a negator directly before them (``not only``).
    positive_seeds, negative_seeds
        Words of known polarity, as tokens.
    positive_labels, negative_labels
        Usual names of the two labels, lower case.
    ordered_labels
        Lists of usual names of three or more labels, from the most negative to the most positive.
    star_words
        What follows the number of a label such as ``4 stars``.
    grammar
        Patterns of words that mean something else than their words.

    Examples
    --------
    >>> english = load_language("en")
    >>> english.negators["cannot"], english.marker, english.window
    ('not', 'not_', 4)
    >>> "very" in english.intensifiers, "but" in english.contrast
    (True, True)
    """

    code: str
    name: str
    version: int
    segmenter: str | None
    stop_words: frozenset[str]
    clitics: frozenset[str]
    negators: Mapping[str, str]
    negator_suffix: str | None
    negator_endings: frozenset[str]
    negator_affixes: tuple[tuple[str, str | None], ...]
    cuts: tuple[str, ...]
    marker: str
    window: int
    after: frozenset[str]
    around: frozenset[str]
    window_back: int
    intensifiers: frozenset[str]
    contrast: frozenset[str]
    cancels: frozenset[str]
    positive_seeds: tuple[str, ...]
    negative_seeds: tuple[str, ...]
    positive_labels: frozenset[str]
    negative_labels: frozenset[str]
    ordered_labels: tuple[tuple[str, ...], ...]
    star_words: tuple[str, ...]
    grammar: GrammarRules

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Language:
        """Build from the content of a language file.

        Parameters
        ----------
        data
            The content, checked before.

        Returns
        -------
        Language
            Its word lists as sets and tuples.

        Raises
        ------
        KeyError
            A part is missing.
        """
        scope = data["scope"]
        return cls(
            code=data["language"],
            name=data["name"],
            version=data["version"],
            segmenter=data["segmenter"],
            stop_words=frozenset(data["stop_words"]),
            clitics=frozenset(data["clitics"]),
            negators=data["negators"],
            negator_suffix=data["negator_suffix"],
            negator_endings=frozenset(data["negator_endings"]),
            negator_affixes=_longest_first(data.get("negator_affixes", {})),
            cuts=tuple(data.get("cuts", ())),
            marker=scope["marker"],
            window=scope["window"],
            after=frozenset(scope.get("after", ())),
            around=frozenset(scope.get("around", ())),
            window_back=scope.get("window_back", scope["window"]),
            intensifiers=frozenset(scope["intensifiers"]),
            contrast=frozenset(scope["contrast"]),
            cancels=frozenset(scope["cancels"]),
            positive_seeds=tuple(data["seeds"]["positive"]),
            negative_seeds=tuple(data["seeds"]["negative"]),
            positive_labels=frozenset(data["label_names"]["positive"]),
            negative_labels=frozenset(data["label_names"]["negative"]),
            ordered_labels=tuple(map(tuple, data["label_names"]["ordered"])),
            star_words=tuple(data["label_names"]["stars"]),
            grammar=GrammarRules.from_dict(data["grammar"], load_signs()),
        )

    def negator_by_affix(self, word: str) -> str | None:
        """Return the token of the negator that a beginning or ending makes of a word, or None.

        Parameters
        ----------
        word
            A word that is in no list.
        """
        for affix, token in self.negator_affixes:
            found = word.startswith(affix[:-1]) if affix[-1] == "-" else word.endswith(affix[1:])
            if found:
                return token
        return None


def _longest_first(affixes: Mapping[str, str | None]) -> tuple[tuple[str, str | None], ...]:
    return tuple(sorted(affixes.items(), key=lambda item: (-len(item[0]), item[0])))


@cache
def load_signs() -> dict[str, list[str]]:
    """Load the emoji of joy and of sorrow, and the emoticons that stand for them.

    The parts are ``joy`` and ``sorrow``, emoji, and ``joy_signs`` and ``sorrow_signs``, emoticons.

    Returns
    -------
    dict of list of str
        The same lists at every call; not to be changed.

    Examples
    --------
    >>> signs = load_signs()
    >>> "🙂" in signs["joy"], ":-D" in signs["joy_signs"]
    (True, True)
    """
    text = (files(__package__) / "shared" / "signs.json").read_text(encoding="utf-8")
    signs: dict[str, list[str]] = json.loads(text)
    return signs
