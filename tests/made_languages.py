"""Language files made for tests: a small one, with parts that the shipped ones do not use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["made_language", "write_language"]


def made_language(**parts: Any) -> dict[str, Any]:  # noqa: ANN401  (JSON)
    """Content of a language file with negators on all sides of a word.

    ``no`` stands before the word, ``ne`` after it, ``non`` on the side where one is.
    """
    return {
        "language": "qx",
        "name": "Example",
        "version": 3,
        "stop_words": ["the", "a", "is", "l"],
        "negators": {"no": "no", "ne": "ne", "non": "non"},
        "negator_affixes": {"an-": "ne", "-siz": "no", "anti-": None},
        "cuts": ["ji|an", "^l'|", "|zut|", "|zutter|"],
        "scope": {
            "marker": "no_",
            "window": 3,
            "intensifiers": ["very"],
            "contrast": ["but"],
            "cancels": ["only"],
            "after": ["ne"],
            "around": ["non"],
            "window_back": 2,
        },
        "seeds": {
            "positive": ["good", "great", "fine", "nice", "lovely", "superb", "enjoyed", "no_bad"],
            "negative": ["bad", "awful", "dull", "poor", "nasty", "horrid", "boring", "no_good"],
        },
    } | parts


def write_language(path: Path, **parts: Any) -> Path:  # noqa: ANN401  (JSON)
    """Write `made_language` to a file."""
    path.write_text(json.dumps(made_language(**parts), ensure_ascii=False), encoding="utf-8")
    return path
