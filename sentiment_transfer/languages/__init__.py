"""Word lists and grammar of each language as one JSON file, and their loader."""

from sentiment_transfer.languages.language import (
    Language,
    available_languages,
    load_language,
    load_signs,
)

__all__ = ["Language", "available_languages", "load_language", "load_signs"]
