"""Word lists and grammar of each language as one JSON file, and their loader."""

from sentiment_transfer.languages.files import (
    available_languages,
    language_content,
    language_reference,
    load_language,
    register_language,
)
from sentiment_transfer.languages.language import Language, load_signs

__all__ = [
    "Language",
    "available_languages",
    "language_content",
    "language_reference",
    "load_language",
    "load_signs",
    "register_language",
]
