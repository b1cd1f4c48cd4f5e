"""Languages as data. Adding a language is adding ``<code>.json`` beside this module.

The file holds stop words, negators and how far they reach, words that fortify, words of contrast,
polarity seed words, and usual names of the two labels. Nothing else in the package knows a word.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from sentiment_transfer.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Language", "available_languages", "load_language"]


@dataclass(frozen=True)
class Language:
    """Knowledge of one language.

    Attributes
    ----------
    code, name, version
        ``"en"``, ``"English"``, and a number that rises whenever tokens would change.
    segmenter
        Name of the word segmenter for scripts without spaces (``"jieba"``), or None.
    stop_words
        Words that go. Holds no negator, intensifier or word of contrast.
    clitics
        Endings cut after an apostrophe: ``movie's`` becomes ``movie``.
    negators
        Each negator and the token it becomes (``cannot`` becomes ``not``).
    negator_suffix
        Ending that makes any word the negator ``not`` (``n't``), or None.
    marker
        What is put before a negated word: ``not good`` gives ``not``, ``not_good``.
    window
        How many words after a negator may be passed in search of the word it negates.
    intensifiers
        Words a negation passes over: in ``not very good`` it is ``good`` that is negated.
    contrast
        Words that end the reach of a negator.
    cancels
        Words that undo a negator right before them (``not only``).
    positive_seeds, negative_seeds
        Words of known polarity, as tokens.
    positive_labels, negative_labels
        Usual names of the two labels, lower case.
    """

    code: str
    name: str
    version: int
    segmenter: str | None
    stop_words: frozenset[str]
    clitics: frozenset[str]
    negators: Mapping[str, str]
    negator_suffix: str | None
    marker: str
    window: int
    intensifiers: frozenset[str]
    contrast: frozenset[str]
    cancels: frozenset[str]
    positive_seeds: tuple[str, ...]
    negative_seeds: tuple[str, ...]
    positive_labels: frozenset[str]
    negative_labels: frozenset[str]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Language:
        """Read what a language file holds; raises ``KeyError`` for a part that is missing."""
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
            marker=scope["marker"],
            window=scope["window"],
            intensifiers=frozenset(scope["intensifiers"]),
            contrast=frozenset(scope["contrast"]),
            cancels=frozenset(scope["cancels"]),
            positive_seeds=tuple(data["seeds"]["positive"]),
            negative_seeds=tuple(data["seeds"]["negative"]),
            positive_labels=frozenset(data["label_names"]["positive"]),
            negative_labels=frozenset(data["label_names"]["negative"]),
        )


def available_languages() -> tuple[str, ...]:
    """Codes of the languages that ship with the package, sorted."""
    names = (entry.name for entry in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


@cache
def load_language(code: str) -> Language:
    """Load a language by its code; an unknown code raises ``SettingError`` naming the known."""
    if code not in available_languages():
        known = ", ".join(available_languages())
        raise SettingError(f"there is no language {code!r}; there are: {known}")
    text = (files(__package__) / f"{code}.json").read_text(encoding="utf-8")
    return Language.from_dict(json.loads(text))
