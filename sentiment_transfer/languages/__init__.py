"""What the package knows of a language, as data: one JSON file each, and their loader."""

from sentiment_transfer.languages.language import Language, available_languages, load_language

__all__ = ["Language", "available_languages", "load_language"]
