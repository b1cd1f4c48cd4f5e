"""Contents of language files: the bare one that reading begins with, and the drafted one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentiment_transfer.languages.schema import LanguageFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["bare_language", "drafted_language"]

WINDOW, WINDOW_BACK = 4, 2
"""Reach of negators, ahead and back, in words."""
POSITIVE_LABELS = ["positive", "pos", "1", "+", "+1", "true"]
NEGATIVE_LABELS = ["negative", "neg", "0", "-", "-1", "false"]


def bare_language(code: str, name: str, segmenter: str | None) -> dict[str, Any]:
    """Return the content of a language file that drops and marks nothing.

    Raises ``SettingError`` for a code, a name or a segmenter that is not allowed.
    """
    content = {
        "language": code,
        "name": name,
        "version": 1,
        "segmenter": segmenter,
        "stop_words": [],
        "negators": {},
        "scope": {"marker": "not_", "window": WINDOW},
        "seeds": {"positive": [], "negative": []},
    }
    LanguageFile.from_dict(content)
    return content


def drafted_language(
    bare: Mapping[str, Any],
    *,
    sources: Mapping[str, str],
    stop_words: Sequence[str],
    negators: Mapping[str, tuple[bool, bool]],
    seeds: tuple[Sequence[str], Sequence[str]],
) -> dict[str, Any]:
    """Return the content of a drafted file, with all parts that you may fill in.

    ``negators`` has, for each word, whether the words it turns follow it, and whether they
    precede it.
    """
    marker = next(iter(negators), "not") + "_"
    after = [word for word, (follows, precedes) in negators.items() if not follows]
    around = [word for word, (follows, precedes) in negators.items() if follows and precedes]
    back = {"after": after, "around": around, "window_back": WINDOW_BACK}
    positive, negative = map(list, seeds)
    return {
        **{name: bare[name] for name in ("language", "name", "version")},
        "sources": dict(sources),
        "segmenter": bare["segmenter"],
        "stop_words": list(stop_words),
        "clitics": [],
        "negators": {word: word for word in negators},
        "negator_suffix": None,
        "negator_affixes": {},
        "cuts": [],
        "scope": {
            "marker": marker if len(marker) <= 20 else "not_",
            "window": WINDOW,
            "intensifiers": [],
            "contrast": [],
            "cancels": [],
            **(back if after or around else {}),
        },
        "seeds": {"positive": positive, "negative": negative},
        "label_names": {
            "positive": POSITIVE_LABELS,
            "negative": NEGATIVE_LABELS,
            "ordered": [["negative", "neutral", "positive"], ["neg", "neu", "pos"]],
            "stars": [],
        },
        "grammar": {
            "version": 1,
            "values": {"great": positive[:3], "awful": negative[:3]},
            "classes": {},
            "unions": {},
            "patterns": [
                {"match": "~<joy>", "means": "great"},
                {"match": "~<sorrow>", "means": "awful"},
            ],
        },
    }
