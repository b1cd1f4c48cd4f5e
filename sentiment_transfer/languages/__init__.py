"""Word lists of each language as one JSON file, and their loader."""

from sentiment_transfer.languages.language import Language, available_languages, load_language

__all__ = ["Language", "available_languages", "load_language"]
