"""What a port of the tokenizer looks up: words of the language, characters, tags and references."""

from __future__ import annotations

import html
from html.entities import html5
from typing import TYPE_CHECKING, Any

from sentiment_transfer.text import markup
from sentiment_transfer.text.cuts import cut_pattern
from sentiment_transfer.text.normalise import QUICK, REPLACED
from sentiment_transfer.text.signs import emoji_of_signs
from sentiment_transfer.text.tokenizer import MAX_WORD

if TYPE_CHECKING:
    from sentiment_transfer.languages import Language
    from sentiment_transfer.text import Tokenizer

__all__ = ["text_tables"]


def text_tables(tokenizer: Tokenizer, *, expands_signs: bool) -> dict[str, Any]:
    """Return the tables of a tokenizer, as values for JSON.

    ``expands_signs`` is whether emoticons and hashtags are replaced, as for a grammar.
    """
    return {
        "stop_words": tokenizer.stop_words,
        "mark_negation": tokenizer.mark_negation,
        "expands_signs": expands_signs,
        "max_word": MAX_WORD,
        "language": _language(tokenizer.language_data),
        "signs": emoji_of_signs(),
        "replaced": REPLACED,
        "quick": sorted(QUICK),
        "markup": _markup(),
    }


def _language(known: Language) -> dict[str, Any]:
    words = ("stop_words", "clitics", "negator_endings", "intensifiers", "contrast", "cancels")
    lists = (*words, "after", "around")
    return {
        **{name: sorted(getattr(known, name)) for name in lists},
        "negators": dict(known.negators),
        "negator_suffix": known.negator_suffix,
        "negator_affixes": known.negator_affixes,
        "cuts": cut_pattern(known.cuts) if known.cuts else None,
        "marker": known.marker,
        "window": known.window,
        "window_back": known.window_back,
    }


def _markup() -> dict[str, Any]:
    """Return names of tags, and what character references stand for."""
    return {
        "blocks": sorted(markup.BLOCKS),
        "inline": sorted(markup.INLINE),
        "other": sorted(markup.OTHER),
        "entities": {name: text for name, text in html5.items() if name.endswith(";")},
        "invalid_codes": {str(code): html.unescape(f"&#{code};") for code in _INVALID_CODES},
        "cp1252": bytes(range(0x80, 0xA0)).decode("cp1252", "replace"),
    }


_INVALID_CODES = (0x00, 0x0D, *range(0x80, 0xA0))
"""Numbers that HTML reads as other characters than those of Unicode."""
